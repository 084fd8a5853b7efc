/** `tls-postmortem compare`, by the whole program: a second point is made of the capture of a first one. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { compareCaptures } from '../../src/compare.js';
import type { JsonConnection, JsonReport } from '../../src/report/json/contract.js';
import { eapolFrame, failure, IDENTITY, lockStep, radiusFrames, request, response, text } from '../support/eap.js';
import {
  altered,
  fileOf,
  hops,
  isFromClient,
  packetsOf,
  payloadOf,
  renumbered,
  resetAfter,
  toServer,
  translated,
  type PointPacket,
} from '../support/points.js';
import { concat, pcapFile } from '../support/captures.js';
import { crypto, initial } from '../support/quic.js';
import { clientHello, clientHelloBody, extension, message, record } from '../support/tls.js';
import { PROGRAM } from '../support/program.js';
import { assertValidLine, assertValidReport, ROOT } from '../support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-test-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** The way from one point to the other, and how far the second clock is ahead, in microseconds. */
const DELAY = 200;
const AHEAD = -812_000;

const sampleOf = (name: string): readonly PointPacket[] => packetsOf(join(ROOT, 'samples', name)).packets;

/** What a point on the other side of a router shows, by its own clock. */
function atServer(packets: readonly PointPacket[]): PointPacket[] {
  return packets.map((packet) => {
    const there = hops(packet, isFromClient(packet) ? 1 : -1);
    return { ...there, time: packet.time + AHEAD + (isFromClient(packet) ? DELAY : -DELAY) };
  });
}

let files = 0;
function file(packets: readonly PointPacket[]): string {
  const path = join(folder, `${++files}.pcap`);
  writeFileSync(path, fileOf(packets, 1));
  return path;
}

/** A capture of so many bytes of each packet, as `tcpdump -s` takes it. */
function cutFile(packets: readonly PointPacket[], most: number): string {
  const path = join(folder, `${++files}.pcap`);
  const records = packets.map(({ time, data }) => ({
    seconds: Math.floor(time / 1e6),
    fraction: time % 1e6,
    data: data.subarray(0, most),
    originalLength: data.length,
  }));
  writeFileSync(path, pcapFile(records, { linkType: 1 }));
  return path;
}

function run(...args: readonly string[]): { code: number | null; out: string; err: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/COLOR|NODE_/.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'compare', ...args], {
    env,
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

/** The JSON report of two points, which is valid. */
function compared(
  client: readonly PointPacket[],
  server: readonly PointPacket[],
): { code: number | null; report: JsonReport } {
  const { code, out, err } = run('--format', 'json', file(client), file(server));
  assert.notEqual(out, '', err);
  const report = JSON.parse(out) as JsonReport;
  assertValidReport(report);
  return { code, report };
}

/** The one clock, or the one difference, of which a test speaks. */
function one<T>(values: readonly T[] | undefined): T {
  const [value] = values ?? [];
  assert.ok(value);
  return value;
}

function first({ connections: [connection] }: JsonReport): JsonConnection {
  assert.ok(connection);
  return connection;
}

const certaintyOf = ({ findings }: JsonConnection): string | undefined =>
  findings.find(({ role }) => role === 'cause')?.certainty;
const kindsOf = ({ path }: JsonConnection): string[] => (path?.differences ?? []).map(({ kind }) => kind);

const healthy = sampleOf('certificate-expired-curl.pcap');
const reset = sampleOf('connection-reset.pcap');

/** The packets without payload that open a connection, and the first with it, which is its ClientHello. */
function opening(packets: readonly PointPacket[]): {
  readonly before: readonly PointPacket[];
  readonly hello: PointPacket;
} {
  const index = packets.findIndex((packet) => payloadOf(packet).length > 0);
  const hello = packets[index];
  assert.ok(hello);
  return { before: packets.slice(0, index), hello };
}

const later = (packet: PointPacket, seconds: number): PointPacket => ({ ...packet, time: packet.time + seconds * 1e6 });

/** Another connection, which works, and begins so many seconds after a packet. */
function others({ time }: PointPacket, seconds: number): readonly PointPacket[] {
  const packets = sampleOf('tls12-success.pcap');
  const shift = Math.floor((time - (packets[0]?.time ?? 0)) / 1e6 + seconds);
  return packets.map((packet) => {
    const moved = later(packet, shift);
    // Each from a port of its own.
    return translated(moved, [192, 0, 2, 10], 50_000 + seconds);
  });
}

/** A ClientHello that is sent again and again, and never comes to the second point. */
const lostHello = (() => {
  const { before, hello } = opening(healthy);
  const client = [...before, ...[0, 1, 3, 7].map((seconds) => later(hello, seconds)), ...others(hello, 20)];
  return { client, server: atServer([...before, ...others(hello, 20)]) };
})();

describe('two points of one path', () => {
  test('behind NAT, by another clock: the same connection, the offset, and the same diagnosis', () => {
    const server = atServer(healthy).map((packet) => translated(packet, [203, 0, 113, 9], 61_000));
    const { code, report } = compared(healthy, server);
    assert.equal(code, 1);
    assert.equal(report.connections.length, 1);
    const connection = first(report);
    assert.equal(connection.diagnosis, 'certificate-expired');
    assert.deepEqual(kindsOf(connection), ['address-translated']);
    assert.deepEqual(connection.path?.points.map(({ seen }) => seen?.client.address).slice(1), ['203.0.113.9']);
    const clock = one(report.path?.clocks);
    assert.equal(clock.basis, 'both-ways');
    assert.ok(Math.abs((clock.aheadMs ?? 0) - AHEAD / 1000) < 0.1, String(clock.aheadMs));
    assert.ok(Math.abs((clock.errorMs ?? 0) - DELAY / 1000) < 0.1, String(clock.errorMs));
  });

  test('sequence numbers that a firewall made anew', () => {
    const { report } = compared(
      healthy,
      atServer(healthy).map((packet) => renumbered(packet, 0x1234_5678)),
    );
    assert.equal(report.connections.length, 1);
    assert.deepEqual(kindsOf(first(report)), ['sequence-rewritten']);
    assert.equal(report.path?.matched, 1);
  });

  test('a SYN that never arrives, and a capture with nothing in it as the witness', () => {
    const [syn] = healthy;
    assert.ok(syn);
    const { code, report } = compared([syn, later(syn, 1), later(syn, 3), later(syn, 7)], []);
    assert.equal(code, 1);
    const connection = first(report);
    // Nothing shows that the capture ran at that time.
    assert.equal(connection.diagnosis, 'tcp-connection-timeout');
    assert.match(JSON.stringify(report), /Point 1 shows the SYN, point 2 nothing of the connection/);
    assert.deepEqual(kindsOf(connection), ['absent']);
    assert.equal(connection.differential?.find(({ rule }) => rule === 'lost-between')?.state, 'supported');
    assert.equal(report.path?.clocks[0]?.basis, 'none');
  });

  test('a SYN that never arrives, while another connection goes through', () => {
    const [syn] = healthy;
    assert.ok(syn);
    const client = [...[0, 1, 3, 7].map((seconds) => later(syn, seconds)), ...others(syn, 0), ...others(syn, 20)];
    const { report } = compared(client, atServer([...others(syn, 0), ...others(syn, 20)]));
    const connection = report.connections.find(({ outcome }) => outcome === 'failed');
    assert.ok(connection);
    assert.equal(connection.diagnosis, 'lost-between');
    assert.equal(certaintyOf(connection), 'certain');
  });

  test('a SYN to another server is no proof: the capture may be of one server alone, and of one of several behind an address', () => {
    const [syn] = healthy;
    assert.ok(syn);
    const elsewhere = [0, 1, 3, 7].map((seconds) => toServer(later(syn, seconds), [203, 0, 113, 80]));
    const works = others(syn, 20);
    const client = [...elsewhere, ...works];
    const { report } = compared(client, atServer(works));
    const failed = one(report.connections.filter(({ outcome }) => outcome === 'failed'));
    const isProven = ({ path }: JsonConnection): unknown[] =>
      (path?.differences ?? []).flatMap((each) => (each.kind === 'absent' ? [each.isProven] : []));
    assert.deepEqual([failed.diagnosis, isProven(failed)], ['tcp-connection-timeout', [false]]);
    // What shares connections out sends each of them to an address of its own.
    const behind = compared([0, 1, 3, 7].map((seconds) => later(syn, seconds)).concat(works), [
      ...atServer(works).map((packet) => toServer(packet, [10, 0, 0, 5])),
    ]).report;
    assert.equal(behind.path?.matched, 1);
    const lost = one(behind.connections.filter(({ outcome }) => outcome === 'failed'));
    assert.deepEqual([lost.diagnosis, isProven(lost)], ['tcp-connection-timeout', [false]]);
  });

  test('a ClientHello that never arrives, sent again and again, while another connection goes through', () => {
    const { report } = compared(lostHello.client, lostHello.server);
    const connection = report.connections.find(({ outcome }) => outcome === 'failed');
    assert.ok(connection);
    assert.equal(connection.diagnosis, 'lost-between');
    assert.equal(certaintyOf(connection), 'certain');
    assert.equal(report.summary.failed, 1);
    const lost = one(connection.path?.differences);
    assert.equal(lost.kind, 'lost');
    assert.equal(lost.from, 'client');
    assert.equal(lost.message, 'client_hello');
    assert.equal(lost.packets, 4);
    assert.ok(lost.isProven);
  });

  test('large packets that get lost are too large for the path only if that happens again', () => {
    const worked = sampleOf('tls12-success.pcap');
    const { before, hello } = opening(worked);
    const ofServer = worked.filter((packet) => !isFromClient(packet) && payloadOf(packet).length > 0);
    const large = ofServer[0];
    const small = ofServer.find((packet) => payloadOf(packet).length < 300);
    assert.ok(large !== undefined && small !== undefined);
    const bySize = (apart: number): unknown => {
      const end = later(small, 2);
      const sent = [...before, hello, large, later(large, apart), end];
      const lost = one(first(compared([...before, hello, end], atServer(sent)).report).path?.differences);
      return lost.kind === 'lost' && lost.bySize;
    };
    const sizes = { lost: payloadOf(large).length, arrived: payloadOf(small).length };
    assert.deepEqual([bySize(1), bySize(0.001)], [sizes, null]);
  });

  test('a reset that neither side sent', () => {
    const { before, hello } = opening(reset);
    const acknowledged = before.findLast((packet) => !isFromClient(packet));
    assert.ok(acknowledged);
    const toClient = { ...resetAfter(acknowledged, 0, 61), time: hello.time + 2000 };
    const [toServer] = atServer([resetAfter(hello, 0, 60)]);
    const stray = later(hello, 0.5);
    const client = [...before, hello, toClient, stray];
    const server = [...atServer(before), toServer as PointPacket, ...atServer([stray])];
    const { report } = compared(client, server);
    const connection = first(report);
    assert.equal(connection.diagnosis, 'middlebox-reset');
    assert.equal(certaintyOf(connection), 'certain');
    assert.match(connection.observed?.text ?? '', /^A reset arrived in the name of the server/);
  });

  test('a reset at the end, where the capture of the server may have been over, may be its own', () => {
    const { before, hello } = opening(reset);
    const acknowledged = before.findLast((packet) => !isFromClient(packet));
    assert.ok(acknowledged);
    const ttl = acknowledged.data[22] ?? 0;
    const toClient = { ...resetAfter(acknowledged, 0, ttl), time: hello.time + 2000 };
    const { report } = compared([...before, hello, toClient], atServer([...before, hello]));
    const connection = first(report);
    assert.equal(connection.diagnosis, 'connection-reset');
    assert.equal(certaintyOf(connection), 'possible');
    const other = connection.differential?.find(({ rule }) => rule === 'middlebox-reset');
    assert.equal(other?.state, 'open');
  });

  test('a reset that the server did send is not laid to a device on the path', () => {
    const { report } = compared(reset, atServer(reset));
    const connection = first(report);
    assert.equal(connection.diagnosis, 'connection-reset');
    assert.deepEqual(kindsOf(connection), []);
    const other = connection.differential?.find(({ rule }) => rule === 'middlebox-reset');
    assert.equal(other?.state, 'excluded');
  });

  test('a byte that was changed on the path', () => {
    const packets = sampleOf('decryption-failed.pcap');
    const data = packets.filter((packet) => isFromClient(packet) && payloadOf(packet).length > 0);
    const finished = data[1];
    assert.ok(finished);
    const server = atServer(packets.map((packet) => (packet === finished ? altered(packet, 20) : packet)));
    const { report } = compared(packets, server);
    const connection = first(report);
    assert.equal(connection.diagnosis, 'altered-on-the-way');
    assert.equal(certaintyOf(connection), 'certain');
    const difference = one(connection.path?.differences);
    assert.equal(difference.kind, 'altered');
    assert.equal(difference.offset, 20);
    assert.equal(difference.bytes, 1);
  });

  test('a certificate that was altered on the path is not blamed on who issued it', () => {
    const packets = sampleOf('certificate-signature-invalid.pcap');
    const certificate = packets.find((packet) => !isFromClient(packet) && payloadOf(packet).length > 500);
    assert.ok(certificate);
    const server = atServer(packets.map((packet) => (packet === certificate ? altered(packet, 300) : packet)));
    const connection = first(compared(packets, server).report);
    assert.equal(connection.diagnosis, 'altered-on-the-way');
    assert.equal(certaintyOf(connection), 'certain');
    const other = connection.differential?.find(({ rule }) => rule === 'certificate-signature-invalid');
    assert.equal(other?.state, 'excluded');
  });

  test('packets one way alone give a bound', () => {
    const [syn] = healthy;
    assert.ok(syn);
    const { report } = compared([syn, later(syn, 1)], atServer([syn, later(syn, 1)]));
    const clock = one(report.path?.clocks);
    assert.equal(clock.basis, 'one-way');
    assert.equal(clock.aheadMs, null);
    assert.ok(Math.abs((clock.atMostMs ?? 0) - (AHEAD + DELAY) / 1000) < 0.01);
    assert.equal(first(report).diagnosis, 'tcp-connection-timeout');
  });

  test('datagrams that get lost every time', () => {
    const packets = sampleOf('dtls12-success.pcap');
    const { linkType } = packetsOf(join(ROOT, 'samples', 'dtls12-success.pcap'));
    assert.equal(linkType, 1);
    const portOf = ({ data }: PointPacket): number => ((data[34] as number) << 8) | (data[35] as number);
    const client = portOf(packets[0] as PointPacket);
    const isClients = (packet: PointPacket): boolean => portOf(packet) === client;
    const asked = packets.filter(isClients).slice(0, 2);
    const answers = packets.filter((packet) => !isClients(packet)).slice(0, 3);
    const hello = asked[1] as PointPacket;
    const again = [1, 3, 7].map((seconds) => later(hello, seconds));
    const path = [
      file([...asked, ...answers.slice(0, 1), ...again]),
      file([
        ...asked,
        ...answers,
        ...again,
        ...[1, 3, 7].flatMap((seconds) => answers.slice(1).map((one) => later(one, seconds))),
      ]),
    ];
    const { out } = run('--format', 'json', ...path);
    const report = JSON.parse(out) as JsonReport;
    assertValidReport(report);
    const connection = first(report);
    assert.equal(connection.protocol, 'dtls');
    assert.equal(connection.diagnosis, 'lost-between');
    assert.equal(connection.path?.differences[0]?.from, 'server');
  });
});

describe('a point that shows a part of a connection', () => {
  const server = atServer(healthy);
  const fromClient = (packet: PointPacket): boolean => isFromClient(packet);
  const fromServer = (packet: PointPacket): boolean => !isFromClient(packet);
  const parts: readonly (readonly [string, readonly PointPacket[], readonly PointPacket[]])[] = [
    ['begins late', healthy, server.slice(4)],
    ['begins late, at the client', healthy.slice(4), server],
    ['ends early', healthy, server.slice(0, -3)],
    ['ends before the handshake does', healthy, server.slice(0, 5)],
    ['ends early, at the client', healthy.slice(0, -3), server],
    ['lacks what the server sends', healthy, server.filter(fromClient)],
    ['lacks what the client sends', healthy, server.filter(fromServer)],
    ['lacks what the server sends, at the client', healthy.filter(fromClient), server],
    ['lacks what the client sends, at the client', healthy.filter(fromServer), server],
  ];
  for (const [name, client, there] of parts) {
    test(`${name}: it is the same connection, and what is not captured is not lost`, () => {
      const { report } = compared(client, there);
      assert.equal(report.path?.matched, 1);
      assert.equal(report.connections.length, 1);
      assert.deepEqual(kindsOf(first(report)), []);
      assert.ok(!['lost-between', 'middlebox-reset', 'altered-on-the-way'].includes(first(report).diagnosis ?? ''));
      const { basis, aheadMs } = one(report.path.clocks);
      if (basis === 'both-ways') assert.ok(Math.abs((aheadMs ?? 0) - AHEAD / 1000) < 1, String(aheadMs));
      else assert.match(name, /lacks/);
    });
  }

  test('begins late, behind a firewall that makes sequence numbers anew', () => {
    const { report } = compared(
      healthy,
      server.slice(4).map((packet) => renumbered(packet, 12_345_678)),
    );
    assert.equal(report.path?.matched, 1);
    assert.deepEqual(kindsOf(first(report)), []);
    assert.equal(one(report.path.clocks).basis, 'both-ways');
  });

  test('cuts datagrams short: these are the same datagrams', () => {
    const { packets } = packetsOf(join(ROOT, 'samples', 'dtls12-success.pcap'));
    const whole = file(packets);
    const cut = cutFile(packets, 96);
    const report = JSON.parse(run('--format', 'json', whole, cut).out) as JsonReport;
    assert.equal(first(report).outcome, 'established');
    assert.deepEqual(kindsOf(first(report)), []);
  });

  describe('cuts packets short: what the points prove together is a failure all the same', () => {
    const { before, hello } = opening(reset);
    const acknowledged = before.findLast((packet) => !isFromClient(packet));
    const worked = opening(sampleOf('tls12-success.pcap'));
    const flight = sampleOf('tls12-success.pcap').find(
      (packet) => !isFromClient(packet) && payloadOf(packet).length > 0,
    );
    assert.ok(acknowledged !== undefined && flight !== undefined);
    const [toServer] = atServer([resetAfter(hello, 0, 60)]);
    const stray = later(hello, 0.5);
    const opened = [...worked.before, worked.hello];
    const again = [0, 1, 3, 7].map((seconds) => later(flight, seconds));
    const works = others(hello, 20);
    const cases: readonly (readonly [string, string, readonly PointPacket[], readonly PointPacket[]])[] = [
      ['a ClientHello that never arrives', 'lost-between', lostHello.client, lostHello.server],
      [
        'a flight of the server that never arrives, although the client sends its own again',
        'lost-between',
        [...opened, later(worked.hello, 1), ...works],
        atServer([...opened, ...again, later(worked.hello, 1), ...works]),
      ],
      [
        'resets that neither side sent',
        'middlebox-reset',
        [...before, hello, { ...resetAfter(acknowledged, 0, 61), time: hello.time + 2000 }, stray],
        [...atServer(before), toServer as PointPacket, ...atServer([stray])],
      ],
    ];
    for (const [name, diagnosis, client, there] of cases) {
      test(name, () => {
        for (const paths of [
          [cutFile(client, 120), file(there)],
          [file(client), cutFile(there, 120)],
          [cutFile(client, 120), cutFile(there, 120)],
        ]) {
          const written = JSON.parse(run('--format', 'json', ...paths).out) as JsonReport;
          assertValidReport(written);
          const failed = one(written.connections.filter(({ outcome }) => outcome === 'failed'));
          assert.deepEqual([failed.diagnosis, certaintyOf(failed)], [diagnosis, 'certain']);
        }
      });
    }

    test('a connection that works does not fail for it, nor one whose data is lost later', () => {
      const packets = sampleOf('tls12-success.pcap');
      const data = packets.findLast((packet) => isFromClient(packet) && payloadOf(packet).length > 0);
      assert.ok(data);
      const until = packets.filter(({ time }) => time < data.time);
      const sent = [...until, ...[0, 1, 3, 7].map((seconds) => later(data, seconds)), ...others(data, 20)];
      const there = atServer([...until, ...others(data, 20)]);
      for (const [client, server] of [
        [packets, atServer(packets)],
        [sent, there],
      ] as const) {
        for (const most of [68, 90, 120, 300]) {
          const { code } = run(cutFile(client, most), cutFile(server, most));
          assert.equal(code, 0, String(most));
        }
      }
    });
  });

  test('cuts datagrams short that were altered on the way: these are the same, not lost', () => {
    const { packets } = packetsOf(join(ROOT, 'samples', 'quic-version-mismatch.pcap'));
    const changed = packets.map(({ time, data }) => {
      const other = Uint8Array.from(data);
      other[60] = (other[60] ?? 0) ^ 0xff;
      return { time, data: other };
    });
    const written = JSON.parse(run('--format', 'json', file(packets), cutFile(changed, 200)).out) as JsonReport;
    for (const connection of written.connections) assert.ok(!kindsOf(connection).includes('absent'));
  });

  test('has EAP of which a capture that is cut short shows no message: nothing says that it did not come', () => {
    const talk = [request(1, IDENTITY), response(1, IDENTITY, text('anonymous'))];
    const flight = lockStep([record(22, clientHello()), record(22, new Uint8Array(900))], 1000);
    const from = (frames: readonly Uint8Array[]): PointPacket[] =>
      frames.map((data, index) => ({ time: 1_772_445_600e6 + index * 10_000, data }));
    const client = file(from([...talk, ...flight].map((eap) => eapolFrame(eap))));
    const server = cutFile(from(radiusFrames([...talk, ...flight])), 60);
    const written = JSON.parse(run('--format', 'json', client, server).out) as JsonReport;
    assert.deepEqual(kindsOf(first(written)), []);
  });

  test('has datagrams that are cut too short to be read: these may be the connection', () => {
    const { packets } = packetsOf(join(ROOT, 'samples', 'quic-version-mismatch.pcap'));
    const cut = cutFile(packets, 96);
    const report = JSON.parse(run('--format', 'json', file(packets), cut).out) as JsonReport;
    for (const connection of report.connections) {
      assert.ok(!kindsOf(connection).includes('absent'));
      assert.notEqual(connection.diagnosis, 'lost-between');
    }
  });

  test('has datagrams that nobody can read, of something else: the connection is lost all the same', () => {
    const others = sampleOf('quic-success-quic-go.pcap');
    const [head] = sampleOf('quic-version-mismatch.pcap');
    assert.ok(head);
    const { time: start } = others[0] as PointPacket;
    const id = [1, 2, 3, 4, 5, 6, 7, 8];
    const hello = message(1, clientHelloBody({ suites: [0x1301], extensions: [extension(43, [2, 3, 4])] }));
    const sent = [0.1, 1.1, 3.1].map((seconds, number) => {
      const options = { secretId: id, destinationId: id, sourceId: [9], from: 'client', number, least: 1252 } as const;
      const payload = initial(crypto(0, hello), options);
      return { time: start + seconds * 1e6, data: concat(head.data.subarray(0, 42), payload) };
    });
    const running = later(translated(others.at(-1) as PointPacket, [192, 0, 2, 77], 61_234), 40);
    const near = file([...others, ...sent, running]);
    const arrived = (change: (data: Uint8Array) => Uint8Array) =>
      sent.map(({ time, data }) => ({ time: time + DELAY, data: change(data), originalLength: data.length }));
    const cases = [
      ['something else', [running], true],
      ['cut short', arrived((data) => data.subarray(0, 60)), false],
      ['altered in its first byte', arrived((data) => data.with(42, 0x11)), false],
    ] as const;
    for (const [name, unread, isLost] of cases) {
      const far = join(folder, `${++files}.pcap`);
      const records = [...others, ...unread, later(running, 1)]
        .sort((a, b) => a.time - b.time)
        .map(({ time, ...rest }) => ({ seconds: Math.floor(time / 1e6), fraction: time % 1e6, ...rest }));
      writeFileSync(far, pcapFile(records, { linkType: 1 }));
      const report = JSON.parse(run('--format', 'json', near, far).out) as JsonReport;
      const failed = one(report.connections.filter(({ outcome }) => outcome === 'failed'));
      assert.equal(kindsOf(failed).includes('absent'), isLost, name);
      assert.equal(failed.diagnosis === 'lost-between', isLost, name);
    }
  });

  test('a reset between the second and the third of three points', () => {
    const { before, hello } = opening(reset);
    const acknowledged = before.findLast((packet) => !isFromClient(packet));
    assert.ok(acknowledged);
    const toClient = { ...resetAfter(acknowledged, 0, 61), time: hello.time + 2000 };
    const client = [...before, hello, toClient];
    const [toServer] = atServer([resetAfter(hello, 0, 60)]);
    const points = [client, client, [...atServer(before), toServer as PointPacket]];
    const report = JSON.parse(run('--format', 'json', ...points.map(file)).out) as JsonReport;
    const connection = first(report);
    assert.equal(connection.diagnosis, 'middlebox-reset');
    assert.equal(certaintyOf(connection), 'certain');
    assert.deepEqual(connection.path?.differences.find(({ kind }) => kind === 'inserted')?.between, [1, 2]);
  });
});

test('a ClientHello of DTLS that came again before the server answered says nothing of where the capture stops', () => {
  const { packets } = packetsOf(join(ROOT, 'samples', 'dtls12-success.pcap'));
  const [hello, ...rest] = packets;
  assert.ok(hello);
  const again = [7, 5, 2].map((seconds) => later(hello, -seconds));
  const { stdout } = spawnSync(
    process.execPath,
    [PROGRAM, '-f', 'json', file([...again, hello, ...rest.slice(0, 4)])],
    {
      encoding: 'utf8',
    },
  );
  assert.equal(first(JSON.parse(stdout) as JsonReport).outcome, 'incomplete');
});

describe('captures of several points that are given to the report of one', () => {
  const report = (...paths: readonly string[]): JsonReport => {
    const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '--format', 'json', ...paths], {
      encoding: 'utf8',
    });
    assert.notEqual(stdout, '', stderr);
    const written = JSON.parse(stdout) as JsonReport;
    assertValidReport(written);
    return written;
  };

  test('are compared, in the order of the path, whatever the order in which they are given', () => {
    const [client, server] = [file(lostHello.client), file(lostHello.server)];
    for (const paths of [
      [client, server],
      [server, client],
    ]) {
      const written = report(...paths);
      assert.deepEqual(
        written.captures.map(({ path }) => path),
        [client, server].map((path) => basename(path)),
      );
      assert.equal(written.path?.matched, 2);
      const failed = written.connections.find(({ outcome }) => outcome === 'failed');
      assert.equal(failed?.diagnosis, 'lost-between');
    }
    const { code, err } = run('--quiet', server, client);
    assert.equal(code, 1);
    assert.match(err, /TTLs show that the first is the nearest to the clients/);
  });

  test('EAP over IEEE 802.1X at one point, over RADIUS at the other', () => {
    const hello = record(22, clientHello());
    const talk = [
      request(1, IDENTITY),
      response(1, IDENTITY, text('anonymous')),
      ...lockStep([hello, record(21, new Uint8Array([2, 40]))], 1000),
      failure(4),
    ];
    const from = (frames: readonly Uint8Array[], delay: number): PointPacket[] =>
      frames.map((data, index) => ({ time: 1_772_445_600e6 + index * 10_000 + delay, data }));
    const client = file(
      from(
        talk.map((eap) => eapolFrame(eap)),
        0,
      ),
    );
    // The request for the identity is the authenticator's own.
    const server = file(from(radiusFrames(talk), 10_100));
    for (const paths of [
      [client, server],
      [server, client],
    ]) {
      const written = report(...paths);
      assert.deepEqual(
        written.captures.map(({ path }) => path),
        [client, server].map((path) => basename(path)),
      );
      assert.deepEqual([written.path?.matched, written.connections.length], [1, 1]);
    }
  });

  test('pieces of one recording are none, nor is the same capture twice', () => {
    const pieces = [file(healthy.slice(0, 5)), file(healthy.slice(5))];
    assert.equal(report(...pieces).path, undefined);
    assert.equal(report(...pieces).connections.length, 1);
    const whole = file(healthy);
    assert.equal(report(whole, whole).path, undefined);
  });

  test('the frames of all points can be exported', () => {
    const exported = join(folder, 'exported.pcapng');
    const { code, err } = run('--quiet', '--export-frames', exported, file(lostHello.client), file(lostHello.server));
    assert.equal(code, 1, err);
    assert.ok(readFileSync(exported).length > 500);
  });
});

describe('the reports of compare', () => {
  const points = [file(lostHello.client), file(lostHello.server)];

  test('text: the points, the clocks, what differs, and a column of the ladder for each point', () => {
    const { out } = run('--width', '200', ...points);
    assert.match(out, /^Point\s1, .+\.pcap: 2 connections$/m);
    assert.match(out, /^The clock of point\s2 is 8\d\d\.\d{3}\sms behind that of point\s1, give or take/m);
    assert.match(out, /Differ .*lost between points 1 and 2, the first with ClientHello/);
    assert.match(out, /^ +At 1 +At 2 +Since/m);
    assert.match(out, /1:4\s+—\s.*ClientHello/);
  });

  test('a packet that several points show is drawn once, whichever of them its evidence is from', () => {
    const [syn] = healthy;
    assert.ok(syn);
    const around = [...others(syn, -20), ...others(syn, 20)];
    const near = [...[0, 1, 3, 7].map((seconds) => later(syn, seconds)), ...around];
    const middle = atServer(near).map((packet) => ({ ...packet, time: packet.time - AHEAD }));
    const { out } = run('--width', '200', file(near), file(middle), file(atServer(around)));
    assert.match(out, / 1:\d+ +2:\d+ +— .*├─ SYN ─/);
    assert.doesNotMatch(out, /├─.*never seen at point/);
  });

  test('Markdown, HTML and NDJSON say it too', () => {
    assert.match(run('--format', 'markdown', ...points).out, /lost between points 1 and 2/);
    const { out: page } = run('--format', 'html', ...points);
    assert.match(page, /lost between points 1 and 2/);
    assert.match(page, /<th scope="col">Point 1<\/th>\s*<th scope="col">Point 2<\/th>/);
    assert.match(page, /<td class="number frame">1:4<\/td>\s*<td class="number frame">—<\/td>/);
    const lines = run('--format', 'ndjson', ...points)
      .out.trim()
      .split('\n');
    for (const line of lines) assertValidLine(JSON.parse(line));
    assert.match(lines.at(-1) ?? '', /"basis":"both-ways"/);
  });

  test('a single capture, and one that is none, are errors', () => {
    const one = run(points[0] as string);
    assert.equal(one.code, 2);
    assert.match(one.err, /compare takes a capture of each of two or more points/);
    const none = run(points[0] as string, join(ROOT, 'package.json'));
    assert.equal(none.code, 2);
    assert.equal(none.err.trim().split('\n').length, 1);
    assert.match(run('--help').out, /compare \[options\] <client-side> <server-side\.\.\.>/);
  });

  test('the same capture twice differs in nothing, and the exit code is that of the report', () => {
    const sample = join(ROOT, 'samples', 'tls13-success.pcap');
    const { code, out } = run('--format', 'json', sample, sample);
    assert.equal(code, 0);
    const report = JSON.parse(out) as JsonReport;
    assert.equal(report.path?.matched, 1);
    assert.equal(report.path.clocks[0]?.aheadMs, 0);
    assert.deepEqual(kindsOf(first(report)), []);
  });
});

test('a second point with whatever bytes is compared', async () => {
  const packets = [...sampleOf('connection-reset.pcap'), ...sampleOf('certificate-expired-curl.pcap')];
  const client = file(packets);
  const server = join(folder, 'changed.pcap');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(255)), { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      async (changes, dropped) => {
        const others = atServer(packets).map((packet) => ({ ...packet, data: Uint8Array.from(packet.data) }));
        for (const [which, where, value] of changes) {
          const { data } = others[which % others.length] as PointPacket;
          data[where % data.length] = value;
        }
        const left = others.filter((_, index) => !dropped.some((one) => one % others.length === index));
        writeFileSync(server, fileOf(left, 1));
        const results = await compareCaptures([client, server]);
        for (const { connection } of results.connections) assert.ok(connection.path !== undefined);
      },
    ),
    { numRuns: 60 },
  );
});
