import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import { createHeldConnections } from '../src/connection/weight.js';
import { createChronology } from '../src/diagnose/evidence/chronology.js';
import { createRaces } from '../src/diagnose/evidence/races.js';
import { createScans } from '../src/diagnose/evidence/scans.js';
import { createServerHistory } from '../src/diagnose/evidence/server-history.js';
import { createFragments } from '../src/packet/fragments.js';
import { newPacket } from '../src/packet/packet.js';
import { createMemoryBudget } from '../src/memory.js';
import { alert, at, connection, tcpFacts } from './support/connections.js';
import { be16, concat, ethernet, ipv4, pcapFile, type Packet } from './support/captures.js';
import { conversation, frameBytes } from './support/conversation.js';
import { dtlsRecord, fragment } from './support/datagrams.js';
import { alert as alertRecord, clientHello, extension, handshake, serverHello } from './support/tls.js';
import { said } from './support/notices.js';
import type { HeldPhrase } from '../src/notices.js';

const folder = await mkdtemp(join(tmpdir(), 'memory-'));
after(() => rm(folder, { recursive: true }));

/** A UDP datagram to port 4433. */
const udp = (payload: Uint8Array, port: number): Uint8Array =>
  concat(be16(port), be16(4433), be16(8 + payload.length), be16(0), payload);

const holder = (what: HeldPhrase, sizes: number[]) => ({
  what,
  bytes: () => sizes.reduce((sum, size) => sum + size, 0),
  giveUp: () => (sizes.shift() === undefined ? 0 : 1),
});

test('what is worth least goes first, and only what must', () => {
  const [cheap, dear] = [
    [10, 10, 10],
    [40, 40],
  ];
  const budget = createMemoryBudget(96, [holder('lookups', cheap), holder('openConnections', dear)]);
  budget.relieve();
  assert.deepEqual(
    [cheap, dear, budget.givenUp()],
    [
      [],
      [40],
      [
        ['lookups', 3],
        ['openConnections', 1],
      ],
    ],
  );
  budget.relieve();
  assert.deepEqual(dear, [40]);
});

test('what is made again when it is needed is not told of', () => {
  const cache = { ...holder('lookups', [50, 50]), what: null };
  const budget = createMemoryBudget(72, [cache]);
  budget.relieve();
  assert.deepEqual([cache.bytes(), budget.givenUp()], [50, []]);
});

test('the timelines of failures count what they hold, long names too, and are given up whole: nothing is said of them then', () => {
  const chronology = createChronology();
  const failure = (second: number, serverName: string) =>
    connection({ id: String(second), startedAt: at(second), alerts: [alert()], clientHello: { serverName } });
  const fail = (second: number, serverName: string): void => {
    const one = failure(second, serverName);
    chronology.ended(one);
    chronology.judged(one, 'cause', 'cause');
  };
  fail(1, 'short.example');
  const before = chronology.holder.bytes();
  fail(2, 'x'.repeat(50_000));
  assert.ok(chronology.holder.bytes() > before + 100_000);
  assert.notEqual(chronology.of('cause').timeline, null);
  assert.equal(chronology.holder.giveUp(), 4);
  fail(3, 'short.example');
  assert.deepEqual(
    [chronology.holder.bytes(), chronology.holder.giveUp(), chronology.of('cause')],
    [0, 0, { timeline: null, retries: null }],
  );
});

test('what clients tried in vain is bounded by its memory; of one that is given up it is not known whether it searched', () => {
  const scans = createScans();
  const tried = (port: number, host: number) =>
    connection({
      outcome: 'failed',
      phase: 'tcp-connect',
      clientHello: null,
      serverHello: null,
      server: { address: `198.51.100.${host}`, port },
      transport: tcpFacts({ synAck: null, client: { bytes: 0 }, server: { bytes: 0 } }),
    });
  for (let port = 1; port <= 200; port++) for (let host = 1; host <= 70; host++) scans.add(tried(1000 + port, host));
  const most = scans.holder.bytes();
  assert.ok(most > 20_000 && most < 200_000, String(most));
  assert.ok(scans.isNoFailure(tried(443, 1)));
  assert.equal(scans.holder.giveUp(), 1);
  assert.deepEqual([scans.holder.bytes(), scans.holder.giveUp()], [0, 0]);
  // At a port of TLS, nothing says that it was a search; where nothing tells of TLS, nothing says that it was none.
  assert.deepEqual([scans.isNoFailure(tried(443, 1)), scans.isNoFailure(tried(1001, 1))], [false, true]);
});

test('connections that are held as evidence count, and no more once they are given up', () => {
  const held = createHeldConnections();
  const races = createRaces(held);
  const history = createServerHistory(held);
  const established = connection({ id: '1', outcome: 'established' });
  races.add(established);
  history.add(established);
  assert.ok(held.bytes() > 0);
  for (const each of [races.holder, ...history.holders]) while (each.giveUp() > 0);
  assert.equal(held.bytes(), 0);
});

test('packets of which fragments wait are given up by memory, and what there is of them is decoded', () => {
  const fragments = createFragments();
  const packet = newPacket();
  for (let id = 0; id < 3; id++) {
    packet.bytes = new Uint8Array(1000);
    Object.assign(packet, { offset: 0, end: 1000, missing: 0, ipVersion: 4 });
    Object.assign(packet.fragment, { id, next: 17, offset: 0, isLast: false });
    fragments.add(packet, { number: id + 1, seconds: 1, nanoseconds: 0, digits: 6 });
  }
  assert.ok(fragments.holder.bytes() > 3000);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => fragments.holder.giveUp()),
    [1, 1, 1, 0],
  );
  assert.deepEqual(
    [fragments.holder.bytes(), fragments.incomplete(), fragments.takeGivenUp(packet)?.number],
    [0, 3, 1],
  );
});

test('connections beyond the budget are given up, which the report says; with more memory they are not', async () => {
  const talks = Array.from({ length: 3000 }, (_, index) => {
    const talk = conversation({ clientPort: 10_000 + index, time: 1000 + index / 100 });
    talk.open();
    talk.say('client', handshake(clientHello()));
    talk.say('server', handshake(serverHello()));
    return talk;
  });
  const packets = talks
    .flatMap(({ segments }) => segments)
    .map((segment) => ({
      data: frameBytes(segment),
      seconds: Math.floor(segment.time),
      fraction: Math.round((segment.time % 1) * 1e6),
    }));
  const path = join(folder, 'open.pcap');
  await writeFile(path, pcapFile(packets));
  const warningsOf = async (memory: number): Promise<readonly string[]> => {
    const { captures, summary } = await analyze([path], { memory });
    assert.equal(summary.connections, talks.length);
    return captures[0]?.warnings.filter(({ code }) => code === 'memory-limit').map(said) ?? [];
  };
  const [message] = await warningsOf(4 << 20);
  assert.match(
    message ?? '',
    /^the memory limit was reached, and .*\d+ open connections.* were given up; --memory raises it$/,
  );
  assert.deepEqual(await warningsOf(256 << 20), []);
});

test('before what is still open is cut, failures are judged that waited for neighbours', async () => {
  const waiting = conversation({ clientPort: 9999, time: 1000 });
  waiting.open();
  waiting.say('client', handshake(clientHello()));
  const failures = Array.from({ length: 600 }, (_, index) => {
    const talk = conversation({ clientPort: 10_000 + index, time: 1001 + index / 100 });
    talk.open();
    talk.say('client', handshake(clientHello({ extensions: [extension(0xfa7e, new Uint8Array(1400))] })));
    talk.say('server', alertRecord(2, 40));
    talk.fin('server');
    talk.fin('client');
    talk.ack('server');
    return talk;
  });
  const end = waiting.segments.length;
  waiting.pass(100);
  waiting.say('server', handshake(serverHello()));
  const segments = [
    waiting.segments.slice(0, end),
    failures.flatMap((one) => one.segments),
    waiting.segments.slice(end),
  ].flat();
  const path = join(folder, 'failures.pcap');
  await writeFile(
    path,
    pcapFile(
      segments.map((segment) => ({
        data: frameBytes(segment),
        seconds: Math.floor(segment.time),
        fraction: Math.round((segment.time % 1) * 1e6),
      })),
    ),
  );
  const { captures, connections } = await analyze([path], { memory: 1 << 20 });
  const message = said(captures[0]?.warnings.find(({ code }) => code === 'memory-limit'));
  assert.match(message, /\d+ failures that waited to be judged/);
  assert.doesNotMatch(message, /open connections/);
  assert.notEqual(connections.find(({ connection: { client } }) => client.port === 9999)?.connection.serverHello, null);
});

test('associations over UDP, with the fragments that they hold, draw on the same budget', async () => {
  const fragmentOf = (index: number): Packet => ({
    data: ethernet(
      0x0800,
      ipv4(udp(dtlsRecord(22, fragment(1, 0, new Uint8Array(4000), 0, 1200)), 10_000 + index), { protocol: 17 }),
    ),
    seconds: 1000,
    fraction: index,
  });
  const path = join(folder, 'dtls.pcap');
  await writeFile(path, pcapFile(Array.from({ length: 6000 }, (_, index) => fragmentOf(index))));
  const lacking = async (memory: number): Promise<string> => {
    const { captures, summary } = await analyze([path], { memory });
    assert.equal(summary.connections, 6000);
    return said(captures[0]?.warnings.find(({ code }) => code === 'memory-limit'));
  };
  assert.match(await lacking(16 << 20), /\d+ open associations over UDP/);
  assert.equal(await lacking(256 << 20), '');
});
