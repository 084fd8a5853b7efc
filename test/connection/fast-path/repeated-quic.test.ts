import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRepeatedConnections } from '../../../src/connection/fast-path/repeated.js';
import { buildConnection } from '../../../src/connection/build.js';
import type { Connection, Side } from '../../../src/connection/connection.js';
import { endedUdp } from '../../../src/connection/ended-udp.js';
import { createContext } from '../../../src/diagnose/capture-context.js';
import { isBeyondDoubt } from '../../../src/diagnose/healthy.js';
import { isPlain } from '../../../src/diagnose/risks.js';
import { isSlow } from '../../../src/diagnose/rules/slow-handshake.js';
import { createDatagramProtocols, type DatagramSession } from '../../../src/tls/datagrams.js';
import { NO_SECRETS } from '../../../src/tls/decrypt/secrets.js';
import type { QuicConnection } from '../../../src/tls/quic/connection.js';
import type { UdpAssociation } from '../../../src/transport/udp/association.js';
import { createUdpTracker } from '../../../src/transport/udp/tracker.js';
import { createTrustAnchors } from '../../../src/x509/anchors.js';
import { createX509Reader } from '../../../src/x509/reader.js';
import { NO_ROOTS } from '../../../src/x509/roots.js';
import { be16, concat } from '../../support/captures.js';
import { frameAt, packetOf, type TestDatagram } from '../../support/datagrams.js';
import { ack, crypto, initial, protectedPacket, shortPacket } from '../../support/quic.js';
import { clientHelloBody, extension, message, serverHelloBody, vector16, vector8 } from '../../support/tls.js';

const CLIENT_ID = [0xc1, 0xc2, 0xc3, 0xc4];
const SERVER_ID = [0x51, 0x52, 0x53, 0x54, 0x55];

/** What a connection says. */
interface Said {
  readonly random: number;
  readonly name: string;
  readonly groups: readonly number[];
  readonly suite: number;
  readonly chosen: number;
  readonly parameter: number;
}

const share = (group: number, key: number): Uint8Array => concat(be16(group), vector16(new Uint8Array(32).fill(key)));

/** The datagrams of connection number `index`, which works. */
function conversation(
  { random, name, groups, suite, chosen, parameter }: Said,
  index: number,
): Omit<TestDatagram, 'clientPort'>[] {
  const id = [1, 2, 3, 4, 5, 6, index >> 8, index & 0xff];
  const hello = message(
    1,
    clientHelloBody({
      random: new Uint8Array(32).fill(random),
      suites: [0x1301, 0x1302],
      extensions: [
        extension(0, vector16([0], vector16(Buffer.from(name)))),
        extension(16, vector16(vector8(Buffer.from('h3')))),
        extension(43, [2, 3, 4]),
        extension(51, vector16(...groups.map((group) => share(group, random)))),
        extension(57, [parameter, 1, random & 0x3f, 0x0f, 4, ...CLIENT_ID]),
      ],
    }),
  );
  const answer = message(
    2,
    serverHelloBody({
      random: new Uint8Array(32).fill(random + 1),
      suites: [suite],
      extensions: [extension(43, [3, 4]), extension(51, share(chosen, random))],
    }),
  );
  const common = { secretId: id, number: 0 } as const;
  const sent = (from: Side, time: number, ...data: Uint8Array[]) => ({ from, time, data: concat(...data) });
  const flight = protectedPacket('handshake', CLIENT_ID, SERVER_ID, 900);
  return [
    sent(
      'client',
      0,
      initial(crypto(0, hello), { ...common, from: 'client', destinationId: id, sourceId: CLIENT_ID, least: 1200 }),
    ),
    sent(
      'server',
      0.02,
      initial(concat(ack(0, 0), crypto(0, answer)), {
        ...common,
        from: 'server',
        destinationId: CLIENT_ID,
        sourceId: SERVER_ID,
      }),
      flight,
    ),
    sent('client', 0.03, protectedPacket('handshake', SERVER_ID, CLIENT_ID), shortPacket(SERVER_ID)),
    ...[0.05, 0.06, 0.07, 0.08].map((time) => sent('server', time, shortPacket(CLIENT_ID, 100 * random))),
    sent('client', 0.09, shortPacket(SERVER_ID)),
  ];
}

interface Told {
  readonly connection: Connection;
  readonly isAlike: boolean;
}

const READER = createX509Reader();

/** What is told of datagrams in this order; `isWanted` is whether connections may be told as like one before. */
function read(datagrams: readonly TestDatagram[], isWanted: boolean): Map<string, Told> {
  const told = new Map<string, Told>();
  const context = createContext(createTrustAnchors(READER.certificate, { extra: [], roots: () => NO_ROOTS }));
  const alike = createRepeatedConnections({
    isWanted: () => isWanted,
    isPlain: (connection) => isPlain(connection, context),
    isSlow,
    generation: () => 0,
    secrets: NO_SECRETS,
    captureOf: () => 0,
    take: (connection) => told.set(connection.id, { connection, isAlike: true }),
  });
  const tracker = createUdpTracker(createDatagramProtocols(NO_SECRETS), (association, now) => {
    const kind = isQuic(association) ? alike.quic(association, now) : null;
    if (kind === 'handed on') return;
    const ended = endedUdp(association, now, kind);
    if (ended === null) return;
    const connection = buildConnection(ended, 0, READER);
    told.set(connection.id, { connection, isAlike: false });
    if (kind !== null) alike.learn(kind, connection);
  });
  for (const [index, datagram] of datagrams.entries()) {
    tracker.datagram(packetOf(datagram), frameAt(index + 1, datagram.time));
  }
  while (tracker.finishSome(100));
  return told;
}

const isQuic = (association: UdpAssociation<DatagramSession>): association is UdpAssociation<QuicConnection> =>
  association.reader.protocol === 'quic';

/** What reports of sums, and the evidence for others, may ask of a connection that worked. */
function asked(connection: Connection): unknown {
  const { repeats: like = connection, ...own } = connection;
  const { transcript, messages, transport, quic, ...others } = own;
  return {
    ...others,
    messages: messages.map(({ type, from }) => `${from} ${type}`),
    hasBytes: [transport.client.bytes > 0, transport.server.bytes > 0],
    version: [quic?.version, quic?.offeredVersions, quic?.transportParameters],
    events: [quic?.closes, quic?.retries, quic?.versionNegotiations, quic?.altered, quic?.token],
    isBeyondDoubt: isBeyondDoubt(like),
    length: transcript.length,
  };
}

const said: fc.Arbitrary<Said> = fc.record({
  random: fc.integer({ min: 1, max: 9 }),
  name: fc.constantFrom('a.example', 'b.example'),
  groups: fc.constantFrom([29], [29, 23]),
  suite: fc.constantFrom(0x1301, 0x1302),
  chosen: fc.constantFrom(29, 23),
  parameter: fc.constantFrom(1, 3),
});

const change = fc.record({
  what: fc.constantFrom(
    'nothing',
    'nothing',
    'nothing',
    'lose',
    'again',
    'swap',
    'cut',
    'missing',
    'flight again',
    'late',
  ),
  place: fc.double({ min: 0, max: 0.999, noNaN: true }),
});

function changed(
  datagrams: readonly Omit<TestDatagram, 'clientPort'>[],
  { what, place }: { readonly what: string; readonly place: number },
): readonly Omit<TestDatagram, 'clientPort'>[] {
  const index = Math.floor(place * datagrams.length);
  const [before, one, behind] = [
    datagrams.slice(0, index),
    datagrams.slice(index, index + 1),
    datagrams.slice(index + 1),
  ];
  switch (what) {
    case 'lose':
      return [...before, ...behind];
    case 'again':
      return [...before, ...one, ...one, ...behind];
    case 'swap':
      return [...before, ...behind.slice(0, 1), ...one, ...behind.slice(1)];
    case 'cut':
      return before;
    case 'missing':
      return [...before, ...one.map((each) => ({ ...each, missing: 7 })), ...behind];
    case 'flight again': {
      const data = protectedPacket('handshake', CLIENT_ID, SERVER_ID, 900);
      return [...datagrams, ...[1, 3, 6].map((time) => ({ from: 'server' as const, time, data }))];
    }
    case 'late':
      return datagrams.map((each) => ({ ...each, time: (each.time ?? 0) * 60 }));
    default:
      return datagrams;
  }
}

/** Each connection of a client's port of its own, ten seconds behind the one before. */
const recorded = (connections: readonly { readonly said: Said; readonly change: { what: string; place: number } }[]) =>
  connections.flatMap(({ said: what, change: how }, index) =>
    changed(conversation(what, index), how).map((datagram): TestDatagram => ({
      ...datagram,
      time: 1000 + index * 10 + (datagram.time ?? 0),
      clientPort: 50_000 + index,
    })),
  );

test('what is told of a QUIC connection that is like one before is what reading it tells', () => {
  let alike = 0;
  const one = fc.record({ random: fc.integer({ min: 1, max: 9 }), other: fc.option(said, { freq: 1 }), change });
  fc.assert(
    fc.property(said, fc.array(one, { minLength: 4, maxLength: 8 }), (first, all) => {
      const connections = all.map(({ random, other, change: how }) => ({
        said: { ...(other ?? first), random },
        change: how,
      }));
      const datagrams = recorded(connections);
      const whole = read(datagrams, false);
      const told = read(datagrams, true);
      assert.deepEqual([...told.keys()].sort(), [...whole.keys()].sort());
      for (const [id, { connection, isAlike }] of told) {
        if (isAlike) alike++;
        assert.deepEqual(asked(connection), asked((whole.get(id) as Told).connection));
      }
    }),
  );
  assert.ok(alike > 20, String(alike));
});

test('QUIC connections that differ in keys alone are like the first of them', () => {
  const same = { name: 'a.example', groups: [29], suite: 0x1301, chosen: 29, parameter: 1 };
  const nothing = { what: 'nothing', place: 0 };
  const told = read(recorded([1, 2, 3].map((random) => ({ said: { ...same, random }, change: nothing }))), true);
  assert.deepEqual(
    [...told.values()].map(({ isAlike }) => isAlike),
    [false, true, true],
  );
});
