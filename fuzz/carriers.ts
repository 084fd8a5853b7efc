/**
 * Structured mutations of what carries TLS besides TCP: flights in CRYPTO frames of QUIC's Initial packets, in fragments of DTLS,
 * in packets of EAP, each cut anew, overlapping, out of order, repeated, with fields that lie; protected as it should be, so
 * that the change gets behind the decryption.
 */
import type { Random } from '../bench/random.js';
import { be16, concat, ethernet, ipv4, pcapFile } from '../test/support/captures.js';
import { EAP_TLS, eapolFrame, failure, lockStep, PEAP, radiusFrames, success, TEAP } from '../test/support/eap.js';
import {
  ack,
  connectionClose,
  crypto,
  initial,
  protectedPacket,
  retry,
  shortPacket,
  V1,
  V2,
  versionNegotiation,
} from '../test/support/quic.js';
import type { Content } from './handshakes.js';
import { below } from './mutate.js';

const HANDSHAKE = 22;

/** A UDP payload, and who sends it. */
interface Datagram {
  readonly from: Content['from'];
  readonly payload: Uint8Array;
}

/** A piece of a stream or message, and where it belongs. */
interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const rarely = (random: Random): boolean => below(random, 12) === 0;

/** The bytes in pieces: in order or not, some of them repeated, overlapping or gone. */
function pieces(bytes: Uint8Array, random: Random, most: number): Piece[] {
  const cut: Piece[] = [];
  for (let at = 0; at < bytes.length && cut.length < 200;) {
    const length = 1 + below(random, most);
    const back = rarely(random) ? below(random, at + 1) : 0;
    cut.push({ offset: at - back, bytes: bytes.subarray(at - back, at + length) });
    at += length;
  }
  for (let times = below(random, 3); times > 0 && cut.length > 0; times--) {
    const [piece] = cut.splice(below(random, cut.length), 1);
    if (piece === undefined || rarely(random)) continue;
    cut.splice(below(random, cut.length + 1), 0, piece);
    if (rarely(random)) cut.push(piece);
  }
  return cut;
}

/** A field that now and then is another number. */
const lying = (value: number, bound: number, random: Random): number =>
  below(random, 60) === 0 ? below(random, bound) : value;

function quicDatagrams(flights: readonly Content[], random: Random): Datagram[] {
  const version = below(random, 4) === 0 ? V2 : V1;
  const ids = { client: [0xc1, 0xc2, 0xc3], server: [0x51, 0x52, 0x53, 0x54], first: [1, 2, 3, 4, 5, 6, 7, 8] };
  const numbers = { client: below(random, 3) === 0 ? 0x7ffffff0 : 0, server: 0 };
  const offsets = { client: 0, server: 0 };
  const datagrams: Datagram[] = [];
  for (const { from, type, bytes } of flights) {
    const isClient = from === 'client';
    const peer = isClient ? ids.server : ids.client;
    if (type !== HANDSHAKE) {
      datagrams.push({
        from,
        payload:
          below(random, 2) === 0
            ? shortPacket(peer)
            : protectedPacket('handshake', peer, isClient ? ids.client : ids.server),
      });
      continue;
    }
    const cut = pieces(bytes, random, 1 + below(random, 1200));
    const start = offsets[from];
    offsets[from] += bytes.length;
    for (let at = 0; at < cut.length;) {
      const count = 1 + below(random, 8);
      const frames = cut
        .slice(at, at + count)
        .map((piece) => crypto(lying(start + piece.offset, 2 ** 30, random), piece.bytes));
      at += count;
      if (!isClient) frames.push(ack(0, lying(numbers.client, 2 ** 30, random)));
      if (rarely(random)) frames.splice(below(random, frames.length), 0, oddFrame(random));
      const packet = initial(concat(...frames), {
        version,
        secretId: ids.first,
        destinationId: isClient ? ids.first : ids.client,
        sourceId: isClient ? ids.client : ids.server,
        from,
        number: numbers[from]++,
        numberLength: 1 + below(random, 4),
        least: isClient ? 1200 : 0,
      });
      if (rarely(random)) packet[below(random, packet.length)] = below(random, 256);
      const behind = rarely(random) ? protectedPacket('handshake', peer, isClient ? ids.client : ids.server) : [];
      datagrams.push({ from, payload: concat(packet, behind) });
    }
    if (rarely(random))
      datagrams.push({ from: 'server', payload: retry(ids.first, ids.client, [9, 9, 9, 9], [7], version) });
    if (rarely(random))
      datagrams.push({
        from: 'server',
        payload: versionNegotiation(ids.client, ids.first, [version.code, 0x0a0a0a0a]),
      });
  }
  return datagrams;
}

function oddFrame(random: Random): Uint8Array {
  switch (below(random, 4)) {
    case 0:
      return connectionClose(below(random, 0x200), 'reason'.repeat(below(random, 50)), below(random, 64));
    case 1:
      return ack(0, below(random, 2 ** 30));
    default:
      return Uint8Array.from({ length: 1 + below(random, 12) }, () => below(random, 256));
  }
}

function dtlsDatagrams(flights: readonly Content[], random: Random): Datagram[] {
  const datagrams: Datagram[] = [];
  const sequences = { client: 0, server: 0 };
  const messages = { client: 0, server: 0 };
  const record = (from: Content['from'], type: number, epoch: number, body: Uint8Array): Uint8Array =>
    concat(
      [type, 0xfe, 0xfd],
      be16(epoch),
      [0, 0, 0, 0],
      be16(lying(sequences[from]++, 0x10000, random)),
      be16(lying(body.length, 0x10000, random)),
      body,
    );
  const u24 = (value: number): number[] => [(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff];
  for (const { from, type, bytes } of flights) {
    if (type !== HANDSHAKE) {
      datagrams.push({ from, payload: record(from, type, type === 20 ? 0 : 1, bytes.subarray(0, 1200)) });
      continue;
    }
    const cut: Uint8Array[] = [];
    for (let at = 0; at + 4 <= bytes.length && cut.length < 300;) {
      const length = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
      const body = bytes.subarray(at + 4, at + 4 + length);
      const number = messages[from]++;
      // Cut once, and, where it is sent again, anew.
      for (let times = rarely(random) ? 2 : 1; times > 0; times--) {
        const all = body.length === 0 ? [{ offset: 0, bytes: body }] : pieces(body, random, 1 + below(random, 1200));
        for (const piece of all) {
          const head = [
            bytes[at] ?? 0,
            ...u24(lying(body.length, 2 ** 24, random)),
            ...be16(lying(number, 0x10000, random)),
          ];
          const place = [
            ...u24(lying(piece.offset, 2 ** 24, random)),
            ...u24(lying(piece.bytes.length, 2 ** 24, random)),
          ];
          cut.push(record(from, HANDSHAKE, 0, concat(head, place, piece.bytes)));
        }
      }
      at += 4 + length;
    }
    for (let at = 0; at < cut.length;) {
      const count = 1 + below(random, 4);
      datagrams.push({ from, payload: concat(...cut.slice(at, at + count)) });
      at += count;
    }
  }
  return datagrams;
}

/** Packets of EAP, in RADIUS or over Ethernet: records in turns, whatever their types. */
function eapFrames(flights: readonly Content[], random: Random): Uint8Array[] {
  const turns: Uint8Array[] = [];
  let last: Content['from'] = 'server';
  for (const { from, type, version, bytes } of flights) {
    const written = concat([type], be16(version), be16(bytes.length), bytes).subarray(0, 20_000);
    if (from === last && turns.length > 0) turns[turns.length - 1] = concat(turns.at(-1) ?? [], written);
    else turns.push(written);
    last = from;
  }
  const method = [EAP_TLS, EAP_TLS, PEAP, TEAP][below(random, 4)] ?? EAP_TLS;
  const packets: Uint8Array[] = lockStep(turns, 100 + below(random, 1300), below(random, 256), method);
  packets.push(below(random, 2) === 0 ? success(9) : failure(9));
  for (let times = below(random, 4); times > 0; times--) {
    const at = below(random, packets.length);
    const packet = packets[at]?.slice();
    if (packet === undefined) continue;
    // Code, identifier, length, type, flags and the length of the message come first.
    if (below(random, 3) > 0) packet[below(random, Math.min(10, packet.length))] = below(random, 256);
    packets.splice(at, below(random, 2), packet);
  }
  return below(random, 2) === 0 ? radiusFrames(packets) : packets.map((packet) => eapolFrame(packet));
}

/** A capture of the flights, carried by anything but TCP. */
export function carried(flights: readonly Content[], random: Random): Uint8Array {
  const kind = below(random, 3);
  const frames =
    kind === 0
      ? eapFrames(flights, random)
      : (kind === 1 ? quicDatagrams(flights, random) : dtlsDatagrams(flights, random)).map(udpFrame);
  if (frames.length > 1 && rarely(random)) frames.splice(below(random, frames.length), 1);
  return pcapFile(frames.map((data, index) => ({ data, seconds: 1_700_000_000 + (index >> 3), fraction: index & 7 })));
}

function udpFrame({ from, payload }: Datagram): Uint8Array {
  const [source, destination] = from === 'client' ? [50_000, 443] : [443, 50_000];
  const udp = concat(be16(source), be16(destination), be16((8 + payload.length) & 0xffff), [0, 0], payload);
  const ends = [
    [192, 0, 2, 10],
    [198, 51, 100, 20],
  ];
  const [client, server] = ends as [number[], number[]];
  const [sender, receiver] = from === 'client' ? [client, server] : [server, client];
  return ethernet(0x0800, ipv4(udp, { protocol: 17, source: sender, destination: receiver }));
}
