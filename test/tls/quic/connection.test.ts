import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NO_SECRETS } from '../../../src/tls/decrypt/secrets.js';
import { BOUNDS } from '../../../src/bounds.js';
import { canBeginQuic } from '../../../src/tls/quic/first-packet.js';
import { QuicConnection } from '../../../src/tls/quic/connection.js';
import { createQuicProtocol } from '../../../src/tls/quic/protocol.js';
import { createSharedContent } from '../../../src/tls/wire/messages/shared.js';
import type { Datagram, Direction } from '../../../src/transport/flow.js';
import { concat } from '../../support/captures.js';
import {
  ack,
  connectionClose,
  crypto,
  initial,
  protectedPacket,
  retry,
  shortPacket,
  V2,
  versionNegotiation,
  type InitialOptions,
} from '../../support/quic.js';
import { clientHelloBody, extension, message, serverHelloBody } from '../../support/tls.js';

const CLIENT_ID = [0xc1, 0xc2, 0xc3, 0xc4];
const SERVER_ID = [0x51, 0x52, 0x53, 0x54, 0x55];
const FIRST_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const RETRY_ID = [0x71, 0x72, 0x73, 0x74, 0x75, 0x76];

const hello = message(1, clientHelloBody({ extensions: [extension(21, new Uint8Array(60))] }));
const answer = message(2, serverHelloBody());

type Overrides = Partial<InitialOptions>;

const fromClient = (frames: Uint8Array, number: number, overrides: Overrides = {}): Uint8Array =>
  initial(frames, {
    secretId: FIRST_ID,
    destinationId: FIRST_ID,
    sourceId: CLIENT_ID,
    from: 'client',
    number,
    least: 1200,
    ...overrides,
  });

const fromServer = (frames: Uint8Array, number: number, overrides: Overrides = {}): Uint8Array =>
  initial(frames, {
    secretId: FIRST_ID,
    destinationId: CLIENT_ID,
    sourceId: SERVER_ID,
    from: 'server',
    number,
    ...overrides,
  });

const datagram = (bytes: Uint8Array, missing = 0): Datagram => ({
  bytes,
  offset: 0,
  end: bytes.length,
  missing,
  sourcePort: 50_000,
  destinationPort: 443,
});

/** Feeds datagrams, one a frame; `taken` says which of them are the connection's. */
function connect(...datagrams: readonly (readonly [Direction, Uint8Array])[]) {
  const context = { failures: 0, secrets: NO_SECRETS, shared: createSharedContent() };
  const connection = new QuicConnection(context);
  const taken = datagrams.map(([direction, bytes], index) =>
    connection.datagram(direction, datagram(bytes), { number: index + 1, seconds: index, nanoseconds: 0, digits: 6 }),
  );
  connection.end();
  const events = connection.transcript.events.map((event) =>
    event.kind === 'message'
      ? `${event.direction === connection.client ? 'client' : 'server'} ${event.type} in ${event.frame}`
      : `${event.kind} in ${event.frame}`,
  );
  return { connection, context, taken, events };
}

const places = (list: readonly { readonly frame: number }[]): number[] => list.map(({ frame }) => frame);

describe('a QUIC connection', () => {
  test('hellos, handshake packets and 1-RTT packets of both sides, in coalesced datagrams', () => {
    const { connection, taken, events } = connect(
      [1, fromClient(crypto(0, hello), 0)],
      [
        0,
        concat(fromServer(concat(ack(0, 0), crypto(0, answer)), 0), protectedPacket('handshake', CLIENT_ID, SERVER_ID)),
      ],
      [
        1,
        concat(
          fromClient(ack(0, 0), 1, { destinationId: SERVER_ID, least: 0 }),
          protectedPacket('handshake', SERVER_ID, CLIENT_ID),
          shortPacket(SERVER_ID),
        ),
      ],
      [0, shortPacket(CLIENT_ID)],
    );
    assert.deepEqual(taken, [true, true, true, true]);
    assert.deepEqual(events, ['client 1 in 1', 'server 2 in 2']);
    assert.equal(connection.client, 1);
    assert.deepEqual(connection.offeredVersions, [1]);
    assert.equal(connection.version, 1);
    assert.equal(connection.isAcknowledged(1), true);
    assert.deepEqual(connection.ends[1].packets, { initial: 2, '0rtt': 0, handshake: 1, '1rtt': 1, short: 0 });
    assert.deepEqual(connection.ends[0].packets, { initial: 1, '0rtt': 0, handshake: 1, '1rtt': 1, short: 0 });
    assert.equal(connection.ends[1].longestDatagram, 1200);
    assert.deepEqual(connection.problems, []);
  });

  test('a ClientHello in several packets that overtake each other', () => {
    const { events, connection } = connect(
      [0, fromClient(concat(crypto(40, hello.subarray(40, 60)), [1], crypto(90, hello.subarray(90))), 1)],
      [0, fromClient(concat(crypto(0, hello.subarray(0, 50))), 0)],
      [1, fromServer(ack(0, 1), 0)],
      [0, fromClient(crypto(55, hello.subarray(55, 95)), 2)],
      [0, fromClient(crypto(55, hello.subarray(55, 95)), 3)],
    );
    assert.deepEqual(events, ['client 1 in 4']);
    assert.equal(connection.isAcknowledged(0), false);
  });

  test('of a ClientHello whose second packet is not there, the first part is read', () => {
    const { connection, events } = connect([0, fromClient(crypto(0, hello.subarray(0, 50)), 0)]);
    assert.deepEqual(events, []);
    assert.equal(connection.partialHello?.frame, 1);
  });

  test("of a ServerHello whose short end overtakes its beginning, both are read, whatever the client's 1-RTT packet sets free", () => {
    const cut = answer.length - 8;
    const { events, connection } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(crypto(cut, answer.subarray(cut)), 1)],
      [1, fromServer(concat(ack(0, 0), crypto(0, answer.subarray(0, cut))), 0)],
      [0, shortPacket(SERVER_ID)],
      [1, fromServer(crypto(0, answer), 2)],
    );
    assert.deepEqual(events, ['client 1 in 1', 'server 2 in 2']);
    assert.deepEqual(connection.ends[1].packets, { initial: 3, '0rtt': 0, handshake: 0, '1rtt': 0, short: 0 });
  });

  test('Retry: the client begins again with its token, and the keys of the new ID', () => {
    const again: Overrides = { secretId: RETRY_ID, destinationId: RETRY_ID, token: [7, 7] };
    const { connection, events, taken } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7, 7])],
      [0, fromClient(crypto(0, hello), 1, again)],
      [1, fromServer(crypto(0, answer), 0, { secretId: RETRY_ID })],
    );
    assert.deepEqual(taken, [true, true, true, true]);
    assert.deepEqual(connection.retries, [
      { frame: 2, at: { seconds: 1, nanoseconds: 0, digits: 6 }, isAgain: false, isIntact: true },
    ]);
    assert.deepEqual(events, ['client 1 in 1', 'server 2 in 4']);
    assert.equal(connection.firstToken?.frame, 3);
  });

  test('a Retry that was altered is seen to be', () => {
    const altered = retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7, 7]);
    altered[altered.length - 1] = (altered.at(-1) as number) ^ 1;
    const { connection } = connect([0, fromClient(crypto(0, hello), 0)], [1, altered]);
    assert.equal(connection.retries[0]?.isIntact, false);
  });

  test('the Retry is not in the capture', () => {
    const { events, taken } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [0, fromClient(crypto(0, hello), 1, { secretId: RETRY_ID, destinationId: RETRY_ID, token: [7] })],
      [1, fromServer(crypto(0, answer), 0, { secretId: RETRY_ID })],
    );
    assert.deepEqual(taken, [true, true, true]);
    assert.equal(events.at(-1), 'server 2 in 3');
  });

  test('Version Negotiation: what follows with another version is the same attempt', () => {
    const other = [9, 9, 9, 9, 9, 9, 9, 9];
    const { connection, taken, events } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, versionNegotiation(CLIENT_ID, FIRST_ID, [0x1a2a3a4a, V2.code])],
      [0, fromClient(crypto(0, hello), 0, { version: V2, secretId: other, destinationId: other, sourceId: [8] })],
      [1, fromServer(crypto(0, answer), 0, { version: V2, secretId: other, destinationId: [8] })],
    );
    assert.deepEqual(taken, [true, true, true, true]);
    assert.deepEqual(connection.versionNegotiations[0]?.versions, [0x1a2a3a4a, V2.code]);
    assert.deepEqual(connection.offeredVersions, [1, V2.code]);
    assert.equal(connection.version, V2.code);
    assert.deepEqual(events, ['client 1 in 1', 'client 1 in 3', 'server 2 in 4']);
  });

  test('a version that is reserved, so that it cannot be opened, is proven by the answer', () => {
    const packet = fromClient(crypto(0, hello), 0);
    packet.set([0x1a, 0x2a, 0x3a, 0x4a], 1);
    assert.equal(canBeginQuic(datagram(packet)), true);
    const alone = connect([0, packet]);
    assert.deepEqual(alone.taken, [true]);
    assert.equal(alone.connection.isProven, false);
    const { connection, taken } = connect([0, packet], [1, versionNegotiation(CLIENT_ID, FIRST_ID, [1])]);
    assert.deepEqual(taken, [true, true]);
    assert.equal(connection.isProven, true);
    assert.deepEqual(connection.offeredVersions, [0x1a2a3a4a]);
  });

  test('a Version Negotiation for other IDs is none of it', () => {
    const { taken } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, versionNegotiation(CLIENT_ID, RETRY_ID, [1])],
      [1, versionNegotiation(RETRY_ID, FIRST_ID, [1])],
      [0, versionNegotiation(CLIENT_ID, FIRST_ID, [1])],
    );
    assert.deepEqual(taken, [true, false, false, false]);
  });

  test('compatible negotiation: the server answers with another version, and the keys of the same ID (RFC 9368)', () => {
    const { connection, events } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(crypto(0, answer), 0, { version: V2 })],
      [0, fromClient(ack(0, 0), 1, { version: V2, destinationId: SERVER_ID })],
    );
    assert.deepEqual(events, ['client 1 in 1', 'server 2 in 2']);
    assert.deepEqual(connection.offeredVersions, [1, V2.code]);
    assert.equal(connection.version, V2.code);
  });

  test('CONNECTION_CLOSE: once, however often it is sent; an alert of TLS is one', () => {
    const close = connectionClose(0x178, 'no application protocol\u202e', 6);
    const { connection, events } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(close, 0)],
      [1, fromServer(close, 1)],
      [0, fromClient(connectionClose(0), 1)],
    );
    assert.deepEqual(
      connection.closes.map(({ frame, direction, code, frameType, application }) => [
        frame,
        direction,
        code,
        frameType,
        application,
      ]),
      [
        [2, 1, 0x178, 6, false],
        [4, 0, 0, 0, false],
      ],
    );
    assert.deepEqual(events, ['client 1 in 1', 'alert in 2']);
  });

  test('0-RTT packets, before and behind the Initial', () => {
    const { connection } = connect(
      [0, concat(fromClient(crypto(0, hello), 0, { least: 900 }), protectedPacket('0rtt', FIRST_ID, CLIENT_ID, 300))],
      [0, protectedPacket('0rtt', FIRST_ID, CLIENT_ID, 800)],
    );
    assert.equal(connection.ends[0].packets['0rtt'], 2);
    assert.deepEqual(places(connection.ends[0].protectedPackets), [1, 2]);
  });

  test('of many packets that cannot be read, the first ones and the last one are kept', () => {
    const many = Array.from(
      { length: BOUNDS.encryptedRecords.value },
      () => [0, protectedPacket('handshake', SERVER_ID, CLIENT_ID)] as const,
    );
    const { connection } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(crypto(0, answer), 0)],
      ...many.slice(1),
      [0, shortPacket(SERVER_ID)],
      ...many,
    );
    const [client] = connection.ends;
    const last = 2 + 2 * many.length;
    assert.equal(client.packets.handshake, 2 * many.length - 1);
    assert.deepEqual(places(client.protectedPackets), [
      ...many.slice(2).map((_, index) => 3 + index),
      2 + many.length,
      last,
    ]);
    assert.equal(client.firstProtected('1rtt')?.frame, 2 + many.length);
    assert.equal(client.datagramsBehind(2 + many.length, 'handshake'), 1);
  });

  test('packets with the keys of the application that the server sends before it can have the Finished (0.5-RTT) are counted', () => {
    const { connection } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, concat(fromServer(crypto(0, answer), 0), shortPacket(CLIENT_ID))],
      [0, protectedPacket('handshake', SERVER_ID, CLIENT_ID)],
      [1, shortPacket(CLIENT_ID)],
      [0, protectedPacket('handshake', SERVER_ID, CLIENT_ID)],
      [1, shortPacket(CLIENT_ID)],
      [0, shortPacket(SERVER_ID)],
      [1, shortPacket(CLIENT_ID)],
      [0, protectedPacket('handshake', SERVER_ID, CLIENT_ID)],
    );
    assert.equal(connection.halfRtt, 2);
    assert.equal(connection.ends[1].packets['1rtt'], 4);
  });

  test('an Initial that was altered on its way does not open, and shows what it was', () => {
    const altered = fromClient(crypto(0, hello), 0);
    altered[1100] = (altered[1100] as number) ^ 1;
    const { connection, context, events } = connect([0, altered], [0, altered]);
    assert.equal(connection.altered?.frame, 1);
    assert.equal(context.failures, 2);
    assert.deepEqual(events, ['client 1 in 1']);
  });

  test('once too many keys have not fitted, none is tried any more: what is addressed to it is counted', () => {
    const stranger = fromServer(crypto(0, answer), 1, { destinationId: [7, 7, 7, 7] });
    stranger[40] = (stranger[40] as number) ^ 1;
    const datagrams = Array.from({ length: BOUNDS.quicFailures.value }, () => [1, stranger] as const);
    const { connection, context, taken, events } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      ...datagrams,
      [1, stranger],
      [1, fromServer(crypto(0, answer), 0)],
    );
    assert.equal(context.failures, BOUNDS.quicFailures.value);
    assert.deepEqual([taken[0], taken[1], taken.at(-2), taken.at(-1)], [true, false, false, true]);
    assert.equal(connection.ends[1].packets.initial, 1);
    assert.equal(events.length, 1);
  });

  test('the connections of a capture share that number: after it none is begun', () => {
    const quic = createQuicProtocol(NO_SECRETS, createSharedContent());
    const altered = fromClient(crypto(0, hello), 0);
    altered[1100] = (altered[1100] as number) ^ 1;
    for (let failures = 0; failures < BOUNDS.quicFailures.value; failures++) {
      assert.equal(quic.recognise(datagram(altered)), true);
      quic.open().datagram(0, datagram(altered), { number: failures, seconds: 0, nanoseconds: 0, digits: 6 });
    }
    assert.equal(quic.recognise(datagram(fromClient(crypto(0, hello), 0))), false);
    assert.equal(createQuicProtocol(NO_SECRETS, createSharedContent()).recognise(datagram(altered)), true);
  });

  test('another connection on the same ports is another', () => {
    const { taken } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(crypto(0, answer), 0)],
      [
        0,
        fromClient(crypto(0, hello), 0, {
          secretId: [8, 8, 8, 8, 8, 8, 8, 8],
          destinationId: [8, 8, 8, 8, 8, 8, 8, 8],
        }),
      ],
    );
    assert.deepEqual(taken, [true, true, false]);
  });

  test('other protocols on the same ports are none of it', () => {
    const stun = concat([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42], new Uint8Array(12));
    const dtls = concat([22, 0xfe, 0xfd], new Uint8Array(50));
    const rtp = concat([0x80, 96], new Uint8Array(50));
    const { taken } = connect([0, fromClient(crypto(0, hello), 0)], [1, stun], [1, dtls], [1, rtp]);
    assert.deepEqual(taken, [true, false, false, false]);
  });

  test('packets with a connection ID that nobody has shown are its own, and prove nothing', () => {
    const { connection, taken } = connect(
      [0, fromClient(crypto(0, hello), 0)],
      [1, fromServer(crypto(0, answer), 0)],
      [1, shortPacket([9, 9, 9, 9])],
    );
    assert.deepEqual(taken, [true, true, true]);
    assert.equal(connection.ends[1].packets['1rtt'], 0);
    assert.equal(connection.ends[1].packets.short, 1);
  });

  test('Initial packets beyond the bound are counted, and not opened', () => {
    const first = fromClient(crypto(0, hello), 0);
    const { connection } = connect(
      ...Array.from({ length: BOUNDS.quicInitials.value }, (): readonly [Direction, Uint8Array] => [0, first]),
      [0, fromClient(connectionClose(2), 1)],
    );
    assert.deepEqual(connection.closes, []);
    assert.equal(connection.ends[0].packets.initial, BOUNDS.quicInitials.value + 1);
  });
});

describe('what begins a connection', () => {
  const first = fromClient(crypto(0, hello), 0);

  test('an Initial packet of a version that is known, to an ID of eight bytes or more', () => {
    assert.equal(canBeginQuic(datagram(first)), true);
    assert.equal(canBeginQuic(datagram(fromClient(crypto(0, hello), 0, { destinationId: SERVER_ID }))), false);
    assert.equal(canBeginQuic(datagram(protectedPacket('handshake', FIRST_ID, CLIENT_ID))), false);
    assert.equal(canBeginQuic(datagram(shortPacket(FIRST_ID))), false);
    assert.equal(canBeginQuic(datagram(first.subarray(0, 600))), false);
  });

  test('one that does not open is none', () => {
    const other = fromClient(crypto(0, hello), 0, { secretId: SERVER_ID });
    const { taken, context } = connect([0, other]);
    assert.deepEqual(taken, [false]);
    assert.equal(context.failures, 1);
  });
});

describe('any bytes', () => {
  const good: readonly (readonly [Direction, Uint8Array])[] = [
    [0, fromClient(crypto(0, hello), 0)],
    [1, retry(FIRST_ID, CLIENT_ID, RETRY_ID, [7])],
    [0, fromClient(crypto(0, hello), 1, { secretId: RETRY_ID, destinationId: RETRY_ID, token: [7] })],
    [
      1,
      concat(
        fromServer(concat(ack(0, 1), crypto(0, answer)), 0, { secretId: RETRY_ID }),
        protectedPacket('handshake', CLIENT_ID, SERVER_ID),
      ),
    ],
    [0, shortPacket(SERVER_ID)],
  ];

  test('leave it whole, in any order, cut anywhere, altered anywhere', () => {
    const step = fc.record({
      which: fc.nat(good.length - 1),
      cut: fc.nat(1200),
      at: fc.nat(1200),
      byte: fc.nat(255),
      flip: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const { connection } = connect(
          ...steps.map(({ which, cut, at, byte, flip }): readonly [Direction, Uint8Array] => {
            const [direction, bytes] = good[which] as readonly [Direction, Uint8Array];
            const copy = bytes.slice(0, cut % 3 === 0 ? cut : bytes.length);
            if (byte % 2 === 0 && at < copy.length) copy[at] = byte;
            return [flip ? (direction === 0 ? 1 : 0) : direction, copy];
          }),
        );
        assert.ok(connection.closes.length <= BOUNDS.quicEvents.value);
        assert.ok(connection.heldBytes <= 2 * (2 * BOUNDS.cryptoBytes.value + BOUNDS.handshakeLength.value));
      }),
    );
  });

  test('begin nothing by chance', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (bytes) => {
        const { connection } = connect([0, concat([0xc3, 0, 0, 0, 1, 8], bytes)]);
        assert.equal(connection.isProven, false);
      }),
    );
  });
});
