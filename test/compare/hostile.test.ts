/** What captures at several points hold that were made to take time, memory, or to have something false said. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { after, test } from 'node:test';
import { compareCaptures } from '../../src/compare.js';
import { createConnectionsOfPath } from '../../src/compare/kept-connections.js';
import { join, type Point } from '../../src/compare/join.js';
import { sourceOf, type Trace, type TracedPacket } from '../../src/compare/trace.js';
import { viewOf, type View } from '../../src/compare/view.js';
import type { Connection, Side } from '../../src/connection/connection.js';
import { ACK, PSH, SYN } from '../../src/packet/packet.js';
import { hashOf } from '../../src/compare/trace.js';
import { at, connection } from '../support/connections.js';
import { pcapFile } from '../support/captures.js';
import { conversation, frameBytes } from '../support/conversation.js';
import { said } from '../support/notices.js';
import { clientHello, handshake } from '../support/tls.js';

const folder = mkdtempSync(joinPath(tmpdir(), 'hostile-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const NOTHING = new Uint8Array(0);

/** A packet of one side, half a second after the capture begins. */
function packetOf(of: Connection, from: Side, fields: Partial<TracedPacket>): TracedPacket {
  const bytes = fields.bytes ?? NOTHING;
  return {
    frame: 4,
    at: at(0.5),
    time: at(0.5).seconds * 1e6 + 500_000,
    source: sourceOf(of[from]),
    ttl: 64,
    ipId: 0,
    sequence: 1000,
    acknowledgment: 5000,
    flags: ACK | PSH,
    timestamp: null,
    mss: null,
    length: bytes.length,
    isWhole: true,
    hash: hashOf(bytes, 0, bytes.length),
    ...fields,
    bytes,
  };
}

const traceOf = (packets: readonly TracedPacket[]): Trace => ({ packets, isWhole: true });

function pointOf(place: number, views: readonly View[]): Point {
  const captured = { capture: place, captures: 1, first: at(0), last: at(60) };
  return { ...captured, views, datagrams: new Map(), isWhole: true, hasUnreadEap: false };
}

/** A ClientHello.random of its own. */
const random = (number: number): string => number.toString(16).padStart(64, '0');

/** A failure from a port of its own, as a point shows it. */
function failure(place: number, number: number, packets: (of: Connection) => readonly TracedPacket[]): View {
  const of = connection({
    id: String(number),
    client: { address: '192.0.2.10', port: 1024 + number },
    phase: 'client-hello',
    clientHello: { random: random(place * 1e6 + number) },
    outcome: 'failed',
  });
  return viewOf(place, of, traceOf(packets(of)), { outcome: 'failed', diagnosis: null });
}

/** Two points that show the same SYN, so that both clocks and ports are known, and so many failures each that the other lacks. */
function joinLonely(count: number) {
  const views = [0, 1].map((place) => {
    const both = viewOf(
      place,
      connection({ id: '0', clientHello: { random: random(7) } }),
      traceOf([
        packetOf(connection(), 'client', { flags: SYN, ipId: 9, sequence: 7 }),
        packetOf(connection(), 'server', { flags: SYN | ACK, ipId: 10, sequence: 8 }),
      ]),
      { outcome: 'established', diagnosis: null },
    );
    const lonely = Array.from({ length: count }, (_, index) =>
      failure(place, index + 1, (of) => [packetOf(of, 'client', { flags: SYN, sequence: place * 1e6 + index * 100 })]),
    );
    return [both, ...lonely];
  });
  const { connections, unsearched } = join(views.map((each, place) => pointOf(place, each)));
  const differences = [...connections].flatMap(({ connection: { path } }) => path?.differences ?? []);
  return { unsearched, absent: differences.filter(({ kind }) => kind === 'absent').length };
}

test('a connection that the second point lacks is absent there; where too many are alike to look for a proxy, it is not said', () => {
  assert.deepEqual(joinLonely(20), { unsearched: [], absent: 20 });
  assert.deepEqual(joinLonely(1500), { unsearched: [0], absent: 0 });
});

test('connections with the same sequence numbers are told by their ClientHellos; without one, the first is taken for the first', () => {
  const start = (of: Connection): TracedPacket[] => [
    packetOf(of, 'client', { flags: SYN, sequence: 1 }),
    packetOf(of, 'server', { flags: SYN | ACK, sequence: 2 }),
  ];
  const seen = (place: number, number: number, hello: string | null): View => {
    const of = connection({
      id: String(number),
      client: { address: '192.0.2.10', port: 1024 + number },
      ...(hello === null ? { clientHello: null, phase: 'tcp-connect' as const } : { clientHello: { random: hello } }),
    });
    return viewOf(place, of, traceOf(start(of)), { outcome: of.outcome, diagnosis: null });
  };
  const views = [
    [seen(0, 1, random(1)), seen(0, 2, random(2)), seen(0, 3, random(3)), seen(0, 4, random(4))],
    // The third is another connection; the fourth has lost its hello.
    [seen(1, 12, random(2)), seen(1, 11, random(1)), seen(1, 19, random(9)), seen(1, 10, null)],
  ];
  const { connections } = join(views.map((each, place) => pointOf(place, each)));
  const pairs = [...connections].map(({ views: both }) => both.map((view) => view.connection.id).join());
  assert.deepEqual(pairs.sort(), ['1,11', '19', '2,12', '3,10', '4']);
});

test('bytes are compared wherever they stand in the stream, the first copy of each', () => {
  const text = (value: string): Uint8Array => Buffer.from(value);
  const points = [0, 1].map((place) => {
    const one = failure(place, 1, (of) => [
      packetOf(of, 'client', { frame: 1, flags: SYN, sequence: 999, ipId: 1 }),
      packetOf(of, 'client', { frame: 2, sequence: 1000, ipId: 2, bytes: text('abcd') }),
      // Sent again, with what follows: of the bytes that were there before, the first copy counts.
      packetOf(of, 'client', { frame: 3, sequence: 1002, ipId: 3, bytes: text(place === 0 ? 'cdef' : 'XXef') }),
      packetOf(of, 'client', { frame: 4, sequence: 101_000, ipId: 4, bytes: text(place === 0 ? 'far' : 'fur') }),
      // Further on than is compared.
      packetOf(of, 'client', { frame: 5, sequence: 901_000, ipId: 5, bytes: text(place === 0 ? 'y' : 'z') }),
    ]);
    const same = { ...one.connection, clientHello: connection({ clientHello: { random: random(1) } }).clientHello };
    return pointOf(place, [{ ...one, connection: same }]);
  });
  const [joined] = join(points).connections;
  const altered = (joined?.connection.path?.differences ?? []).flatMap((one) => (one.kind === 'altered' ? [one] : []));
  assert.deepEqual(
    altered.map(({ at: { frame }, offset, sent, received }) => [frame, offset, sent, received]),
    [[4, 1, '61', '75']],
  );
});

test('under pressure, the last of the point that holds most goes first, others before failures, and some always stay', () => {
  const held = createConnectionsOfPath(100_000);
  const [first, second] = [held.nextPoint(), held.nextPoint()];
  const add = (to: typeof first, count: number, outcome: 'failed' | 'established'): void => {
    for (let index = 1; index <= count; index++) {
      const of = connection({ id: String(index), outcome, firstFrame: index });
      to.hold(of, traceOf([packetOf(of, 'client', {})]));
    }
  };
  add(first, 100, 'established');
  add(first, 10, 'failed');
  add(second, 60, 'established');
  assert.equal(held.others.giveUp(), 32);
  assert.deepEqual([first.isWhole(), second.isWhole()], [false, true]);
  while (held.others.giveUp() > 0);
  while (held.failed.giveUp() > 0);
  // What comes later at this point has no counterpart.
  add(first, 1, 'established');
  assert.deepEqual([first.dropped(), first.isWhole(), second.isWhole()], [1, false, false]);
  const rest = first.takeAll();
  const numbers = rest
    .filter(({ connection: { outcome } }) => outcome !== 'failed')
    .map(({ connection: { id } }) => id);
  assert.ok(numbers.length > 0 && numbers.length < 60, String(numbers.length));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => String(index + 1)),
  );
  for (const each of [...rest, ...second.takeAll()]) held.release(each);
  assert.equal(held.bytes(), 0);
});

test('beyond the first 1,024, each connection that is held takes twelve frames of its point: a flood of the shortest is not held whole', () => {
  const held = createConnectionsOfPath(1 << 30);
  for (const [frames, kept] of [
    [2, 1524],
    [8, 3000],
  ] as const) {
    // Frames are numbered on after those of the points before.
    const point = held.nextPoint(1_000_000);
    for (let index = 1; index <= 3000; index++) {
      const last = 1_000_000 + index * frames;
      const of = connection({ id: String(index), outcome: 'failed', firstFrame: last - 1, lastFrame: last });
      point.hold(of, traceOf([]));
    }
    assert.deepEqual([point.dropped(), point.isWhole(), point.takeAll().length], [3000 - kept, kept === 3000, kept]);
  }
});

test('points share one budget of memory: what it cannot hold is not compared, which the report says, and nothing is called absent', async () => {
  const paths = [0, 1].map((place) => {
    const talks = Array.from({ length: 1500 }, (_, index) => {
      const talk = conversation({ clientPort: 10_000 + index, time: 1000 + index / 100 });
      talk.open();
      talk.say('client', handshake(clientHello()));
      return talk;
    });
    const packets = talks
      .flatMap(({ segments }) => segments)
      .map((segment) => ({
        data: frameBytes(segment),
        seconds: Math.floor(segment.time),
        fraction: Math.round((segment.time % 1) * 1e6),
      }));
    const path = joinPath(folder, `${place}.pcap`);
    writeFileSync(path, pcapFile(packets, { linkType: 1 }));
    return path;
  });
  const all = await compareCaptures(paths);
  assert.deepEqual([all.summary.connections, all.path?.matched], [1500, 1500]);
  const { captures, connections, path, summary } = await compareCaptures(paths, { memory: 8 << 20 });
  assert.ok(summary.connections > 50 && summary.connections < 1500, String(summary.connections));
  const differences = connections.flatMap((each) => each.connection.path?.differences ?? []);
  assert.ok((path?.matched ?? 0) > 50);
  assert.deepEqual(
    differences.filter(({ kind }) => kind === 'absent'),
    [],
  );
  const warnings = captures.flatMap((capture) => capture.warnings).filter(({ code }) => code === 'memory-limit');
  assert.ok(warnings.some((warning) => said(warning).includes('connections that were to be compared')));
});
