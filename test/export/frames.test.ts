import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { analyze } from '../../src/analyze.js';
import { openCapture } from '../../src/capture/open.js';
import { formatTimestamp } from '../../src/capture/timestamp.js';
import { createFrameExport } from '../../src/export/frames.js';
import { fileOf, hops, packetsOf, translated, type PointPacket } from '../support/points.js';
import { ROOT } from '../support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-frames-'));
after(() => {
  rmSync(folder, { recursive: true });
});

type Outcome = 'established' | 'failed' | 'incomplete' | 'not-tls';

/** The connections, exported: the failed ones if nothing else is said. */
async function exportOf(
  paths: readonly string[],
  isWanted: (outcome: Outcome) => boolean = (outcome) => outcome === 'failed',
): Promise<Buffer> {
  const { connections, captures } = await analyze(paths);
  const frames = createFrameExport();
  for (const each of connections) if (isWanted(each.connection.outcome)) frames.add(each);
  const pieces: Uint8Array[] = [];
  const read = captures.map(({ path }) => path);
  for await (const piece of frames.write(
    read,
    read.map((path) => basename(path)),
  ))
    pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The failed connections of samples, exported; gives the file. */
async function exported(...samples: string[]): Promise<string> {
  const file = join(folder, `${samples.join('-')}.pcapng`);
  writeFileSync(file, await exportOf(samples.map((sample) => join(ROOT, 'samples', sample))));
  return file;
}

/** What a capture holds, frame by frame. */
async function framesOf(path: string): Promise<{ time: string; bytes: string }[]> {
  const capture = await openCapture(path);
  const frames: { time: string; bytes: string }[] = [];
  do {
    while (capture.next()) {
      const { bytes, start, end } = capture.frame;
      const time = formatTimestamp({ ...capture.frame, digits: 9 });
      frames.push({ time, bytes: Buffer.from(bytes.subarray(start, end)).toString('hex') });
    }
  } while (await capture.fill());
  assert.deepEqual(capture.summary().warnings, []);
  return frames;
}

test('the frames of the connections, as they were captured, and no others', async () => {
  const all = await framesOf(join(ROOT, 'samples', 'incident.pcap'));
  const some = await framesOf(await exported('incident.pcap'));
  assert.ok(some.length > 100 && some.length < all.length / 2, String(some.length));
  const known = new Set(all.map(({ time, bytes }) => `${time} ${bytes}`));
  for (const { time, bytes } of some) assert.ok(known.has(`${time} ${bytes}`));
});

test('of a recording in pieces, one of them compressed, one a pcapng: the same frames', async () => {
  const whole = readFileSync(join(ROOT, 'samples', 'incident.pcap'));
  const [header, records] = [whole.subarray(0, 24), recordsOf(whole)];
  const [one, two] = [Math.floor(records.length / 3), Math.floor((2 * records.length) / 3)];
  const pieces = [records.slice(0, one), records.slice(one, two), records.slice(two)];
  const paths = ['one.pcap.gz', 'two.pcap', 'three.pcapng'].map((name) => join(folder, name));
  for (const [index, piece] of pieces.entries()) {
    const bytes = Buffer.concat([header, ...piece]);
    writeFileSync(paths[index] ?? '', index === 0 ? gzipSync(bytes) : bytes);
  }
  const asPcapng = await exportOf([paths[2] ?? ''], () => true);
  writeFileSync(paths[2] ?? '', asPcapng);
  const file = join(folder, 'pieces.pcapng');
  writeFileSync(file, await exportOf(paths));
  assert.deepEqual(await framesOf(file), await framesOf(await exported('incident.pcap')));
});

/** The records of a little-endian pcap file. */
function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 24; at < file.length;) {
    const end = at + 16 + file.readUInt32LE(at + 8);
    records.push(file.subarray(at, end));
    at = end;
  }
  return records;
}

test('analysed again it gives the same causes', async () => {
  const causes = async (path: string): Promise<unknown> =>
    (await analyze([path])).diagnoses.map(({ rule, count }) => [rule.id, count]);
  assert.deepEqual(await causes(await exported('incident.pcap')), await causes(join(ROOT, 'samples', 'incident.pcap')));
});

describe('whatever carries the handshake, all its frames are written', () => {
  const causes = async (path: string): Promise<unknown> => {
    const { diagnoses, captures, connections } = await analyze([path]);
    const packets = connections.map(({ connection }) => [connection.firstFrame, connection.lastFrame]);
    return [diagnoses.map(({ rule, count, certainty }) => [rule.id, count, certainty]), captures[0]?.packets, packets];
  };
  for (const sample of [
    'dtls-certificate-expired-wolfssl.pcap',
    'quic-alpn-mismatch.pcap',
    'udp-port-unreachable.pcap',
    'eap-server-expired.pcap',
    'eap-method-mismatch.pcap',
  ]) {
    test(sample, async () => {
      assert.deepEqual(await causes(await exported(sample)), await causes(join(ROOT, 'samples', sample)));
    });
  }
});

/** Where the IPv4 header of a packet over Ethernet is; it has no options. */
const IP = 14;
const IP_END = IP + 20;

/** The packet in IP fragments of at most `size` bytes of payload, a multiple of eight. */
function fragmentsOf({ time, data }: PointPacket, size: number): PointPacket[] {
  const fragments: PointPacket[] = [];
  for (let from = 0; from < data.length - IP_END; from += size) {
    const payload = data.subarray(IP_END + from, IP_END + from + size);
    const isLast = IP_END + from + size >= data.length;
    const fragment = Buffer.concat([data.subarray(0, IP_END), payload]);
    fragment.writeUInt16BE(20 + payload.length, IP + 2);
    fragment.writeUInt16BE((isLast ? 0 : 0x2000) | (from / 8), IP + 6);
    fragments.push({ time, data: fragment });
  }
  return fragments;
}

const isLaterFragment = (data: Uint8Array): boolean => (Buffer.from(data).readUInt16BE(IP + 6) & 0x1fff) !== 0;

test('IP fragments are, and those of the same hosts that come much later are not', async () => {
  const { linkType, packets } = packetsOf(join(ROOT, 'samples', 'dtls-certificate-expired-wolfssl.pcap'));
  const pieces = packets.flatMap((packet) => fragmentsOf(packet, 400));
  const late = pieces
    .filter(({ data }) => isLaterFragment(data))
    .map((packet) => ({ ...packet, time: packet.time + 60e6 }));
  assert.ok(late.length > 1, String(late.length));
  const file = join(folder, 'fragments.pcap');
  writeFileSync(file, fileOf([...pieces, ...late], linkType));
  const again = join(folder, 'fragments.pcapng');
  writeFileSync(again, await exportOf([file]));
  const all = await framesOf(file);
  assert.deepEqual(
    (await framesOf(again)).map(({ bytes }) => bytes),
    all.slice(0, pieces.length).map(({ bytes }) => bytes),
  );
});

describe('both points of a path', () => {
  test('are written, with the addresses that each has', async () => {
    const { linkType, packets } = packetsOf(join(ROOT, 'samples', 'certificate-expired-curl.pcap'));
    const [near, far] = [join(folder, 'near.pcap'), join(folder, 'far.pcap')];
    writeFileSync(near, fileOf(packets, linkType));
    const translate = (packet: PointPacket): PointPacket => hops(translated(packet, [203, 0, 113, 9], 40_000), 3);
    writeFileSync(
      far,
      fileOf(
        packets.map(translate).map((packet) => ({ ...packet, time: packet.time + 9e6 })),
        linkType,
      ),
    );
    const both = join(folder, 'both.pcapng');
    writeFileSync(both, await exportOf([near, far]));
    assert.equal((await framesOf(both)).length, 2 * packets.length);
  });
});

describe('tshark', { skip: spawnSync('tshark', ['--version']).status !== 0 && 'tshark is not installed' }, () => {
  const comments = (file: string): string[][] =>
    execFileSync(
      'tshark',
      ['-r', file, '-Y', 'frame.comment', '-T', 'fields', '-e', 'frame.number', '-e', 'frame.comment'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'));

  test('reads it, with comments on the frames that prove the cause', async () => {
    const told = comments(await exported('certificate-expired-curl.pcap'));
    assert.match(
      told[0]?.[1] ?? '',
      /connection 1, frame 1 of certificate-expired-curl\.pcap: it begins here\. .*certificate-expired/,
    );
    assert.match(told.at(-1)?.[1] ?? '', /frame 10 of .*: from the client: fatal alert certificate_expired \(45\)/);
    assert.equal(told.length, 3);
  });

  test('reads one of several captures with different link types', async () => {
    const file = await exported('certificate-expired-curl.pcap', 'protocol-version-close-notify.pcap');
    const types = execFileSync('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.encap_type'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    assert.equal(new Set(types.trim().split('\n')).size, 2);
    assert.match(JSON.stringify(comments(file)), /protocol-version-close-notify\.pcap/);
  });
});
