/** The captures that are mutated: the samples as they are, and the same and more in every format and link type. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { chunkSource } from '../src/capture/source.js';
import { readCapture } from '../src/capture/open.js';
import { frames as frameCases } from '../test/packet/frames.js';
import { be16, concat, pcapFile, pcapHeader, pcapngBlocks, type Packet } from '../test/support/captures.js';
import { bytesOf, conversation, frameBytes } from '../test/support/conversation.js';
import { QUIC_SCENES, quicCapture, type QuicScene } from '../test/support/quic-captures.js';

/** Captures larger than this, in bytes, are left out: many small inputs find more than few large ones. */
const LARGEST = 65_536;

/** A capture, and the handshake flights in it that are to be mutated by their structure. */
export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** All seeds: those of `directories`, and those made of them. */
export async function seedsOf(directories: readonly string[]): Promise<readonly Seed[]> {
  const recorded = directories.flatMap((directory) =>
    readdirSync(directory)
      .filter((name) => /\.(pcap|pcapng|cap)$/.test(name))
      .map((name) => ({ name, bytes: readFileSync(join(directory, name)) }))
      .filter(({ bytes }) => bytes.length <= LARGEST),
  );
  const seeds: Seed[] = [...recorded];
  // Some of them in every format, and in fragments.
  for (const { name, bytes } of recorded.filter((_, index) => index % 4 === 0)) {
    const packets = await packetsOf(bytes);
    if (packets === null) continue;
    for (const [format, written] of inEveryFormat(packets))
      seeds.push({ name: `${name} as ${format}`, bytes: written });
    seeds.push({ name: `${name} in fragments`, bytes: pcapFile(packets.flatMap(fragmented)) });
  }
  const linkTypes = new Map<number, Packet[]>();
  for (const [, linkType, data] of frameCases) {
    const packets = linkTypes.get(linkType) ?? [];
    packets.push({ data, seconds: 1_700_000_000 + packets.length });
    linkTypes.set(linkType, packets);
  }
  for (const [linkType, packets] of linkTypes) {
    seeds.push({ name: `link type ${linkType}`, bytes: pcapFile(packets, { linkType }) });
  }
  for (const [name, said] of Object.entries(PREAMBLES)) seeds.push({ name, bytes: spoken(said) });
  for (const scene of Object.keys(QUIC_SCENES) as QuicScene[]) {
    seeds.push({ name: `QUIC: ${scene}`, bytes: quicCapture(scene) });
  }
  return seeds;
}

/** The frames of an Ethernet capture; null if it is another, or none. */
async function packetsOf(bytes: Uint8Array): Promise<Packet[] | null> {
  const capture = await readCapture('seed', chunkSource([bytes]));
  const packets: Packet[] = [];
  do {
    while (capture.next()) {
      const { bytes: window, start, end, seconds, nanoseconds, originalLength, linkType } = capture.frame;
      if (linkType !== 1) return null;
      packets.push({
        data: window.slice(start, end),
        seconds,
        fraction: Math.floor(nanoseconds / 1000),
        originalLength,
      });
    }
  } while (await capture.fill());
  return packets;
}

function inEveryFormat(packets: readonly Packet[]): (readonly [string, Uint8Array])[] {
  const blocks = (bigEndian: boolean): Uint8Array => {
    const { block, option, sectionHeader, interfaceDescription, enhancedPacket, obsoletePacket, simplePacket } =
      pcapngBlocks(bigEndian);
    return concat(
      sectionHeader(),
      interfaceDescription({ tsresol: 9 }),
      interfaceDescription({ snapLength: 100 }),
      // Names, interface statistics, decryption secrets.
      block(4, be16(1), be16(9), [192, 0, 2, 1], bytesOf('name\0'), be16(0), be16(0)),
      block(5, new Uint8Array(12), option(5, [0, 0, 0, 0, 0, 0, 0, 7]), option(0, [])),
      block(10, bytesOf('KLST'), [4, 0, 0, 0], bytesOf('C R ')),
      ...packets.map(({ data, seconds = 0 }, index) => {
        if (index % 7 === 5) return obsoletePacket(data, BigInt(seconds) * 1_000_000_000n);
        if (index % 7 === 6) return simplePacket(data);
        return enhancedPacket(data, BigInt(seconds) * 1_000_000_000n + BigInt(index), index % 2);
      }),
    );
  };
  return [
    ['big-endian pcap', pcapFile(packets, { bigEndian: true })],
    ['pcap of nanoseconds', pcapFile(packets, { nanoseconds: true })],
    ['modified pcap', modifiedPcap(packets)],
    ['pcapng', blocks(false)],
    ['big-endian pcapng', blocks(true)],
  ];
}

/** Alexey Kuznetzov's pcap, with eight more bytes in each record's header. */
function modifiedPcap(packets: readonly Packet[]): Uint8Array {
  const header = pcapHeader().slice();
  header.set([0x34, 0xcd, 0xb2, 0xa1]);
  return concat(
    header,
    ...packets.map((packet) => {
      const record = pcapFile([packet]).subarray(24);
      return concat(record.subarray(0, 16), new Uint8Array(8), record.subarray(16));
    }),
  );
}

/** A packet in IPv4 fragments, the second before the first; other packets as they are. */
function fragmented(packet: Packet): Packet[] {
  const { data } = packet;
  const payload = data.subarray(34);
  if (data[12] !== 8 || data[14] !== 0x45 || payload.length < 64) return [packet];
  const fragment = (start: number, end: number): Packet => {
    const header = data.slice(0, 34);
    const isLast = end >= payload.length;
    header.set(be16(20 + Math.min(end, payload.length) - start), 16);
    header.set(be16((start >> 3) | (isLast ? 0 : 0x2000)), 20);
    return { ...packet, data: concat(header, payload.subarray(start, end)) };
  };
  const half = (payload.length >> 4) << 3;
  return [fragment(half, payload.length), fragment(0, half)];
}

/** What is said before TLS: lines of the client and of the server (`C: …`, `S: …`), or hexadecimal bytes (`C= …`). */
const PREAMBLES: Readonly<Record<string, readonly string[]>> = {
  smtp: ['S: 220 mx', 'C: EHLO me', 'S: 250-mx\r\n250 STARTTLS', 'C: STARTTLS', 'S: 220 go ahead'],
  imap: ['S: * OK ready', 'C: a1 STARTTLS', 'S: a1 OK begin'],
  pop3: ['S: +OK hi', 'C: STLS', 'S: +OK begin'],
  ftp: ['S: 220 ftp', 'C: AUTH TLS', 'S: 234 proceed'],
  nntp: ['S: 200 news', 'C: STARTTLS', 'S: 382 go'],
  irc: ['C: STARTTLS', 'S: :irc 670 me :go'],
  sieve: ['S: "STARTTLS"\r\nOK', 'C: STARTTLS', 'S: OK "begin"'],
  xmpp: ["C: <stream:stream to='x'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", 'S: <proceed/>'],
  ldap: ['C= 301d02010177188016312e332e362e312e342e312e313436362e3230303337', 'S= 300c02010178070a010004000400'],
  postgres: ['C= 0000000804d2162f', 'S= 53'],
  mysql: ['S= 0a0000000a382e3000010000000000', 'C= 2000000185ae7f0000000001210000000000000000'],
  rdp: ['C= 030000130ee000000000000100080003000000', 'S= 030000130ed000001234000200080001000000'],
  mssql: ['C= 1201001500000100000006010006000108ff00', 'S= 0401001500000100000006010006000108ff00'],
  openvpn: [
    'C= 000e3801020304050607080000000000',
    'S= 001a4011121314151617180100000000010203040506070800000000',
    'C= 00422001020304050607080000000001',
  ],
  connect: ['C: CONNECT shop.example:443 HTTP/1.1\r\n', 'S: HTTP/1.1 200 OK\r\n'],
  socks5: ['C= 050100', 'S= 0500', 'C= 050100030c73686f702e6578616d706c6501bb', 'S= 05000001000000000000'],
  socks4: ['C= 040101bb0000000100736f636b732e6578616d706c6500', 'S= 005a000000000000'],
  proxy: ['C: PROXY TCP4 192.0.2.1 198.51.100.2 40000 443'],
  proxy2: ['C= 0d0a0d0a000d0a515549540a2111000cc0000201c63364029c4001bb'],
};

const HELLO = Buffer.from('160301002f0100002b0303' + '11'.repeat(32) + '000004130100ff0100', 'hex');

function spoken(said: readonly string[]): Uint8Array {
  const talk = conversation();
  talk.open();
  for (const line of said) {
    const from = line.startsWith('C') ? 'client' : 'server';
    const text = line.slice(3);
    talk.say(from, line[1] === '=' ? Buffer.from(text, 'hex') : `${text}\r\n`);
  }
  talk.say('client', HELLO);
  talk.say('server', Buffer.from('15030100020228', 'hex'));
  talk.fin('server');
  return pcapFile(
    talk.segments.map((segment) => ({
      data: frameBytes(segment),
      seconds: Math.floor(segment.time),
      fraction: Math.round((segment.time % 1) * 1e6),
    })),
  );
}
