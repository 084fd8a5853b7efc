import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { createSecrets, type Secrets } from '../../../src/tls/decrypt/secrets.js';
import { concat } from '../../support/captures.js';
import { connectionsOfDatagrams, type TestDatagram } from '../../support/datagrams.js';
import {
  ack,
  connectionClose,
  crypto,
  dataPacket,
  handshakePacket,
  initial,
  varint,
  type SealOptions,
} from '../../support/quic.js';
import { clientHelloBody, extension, message, RANDOM, serverHelloBody } from '../../support/tls.js';

const CLIENT_ID = [0xc1, 0xc2, 0xc3, 0xc4];
const SERVER_ID = [0x51, 0x52, 0x53, 0x54, 0x55];
const FIRST_ID = [1, 2, 3, 4, 5, 6, 7, 8];
const SECRETS = { client: new Uint8Array(32).fill(1), server: new Uint8Array(32).fill(2) };
const DATA_SECRETS = { client: new Uint8Array(32).fill(3), server: new Uint8Array(32).fill(4) };

const HELLO = message(1, clientHelloBody({ suites: [0x1301], extensions: [extension(43, [2, 3, 4])] }));
const ANSWER = message(2, serverHelloBody({ suites: [0x1301], extensions: [extension(43, [3, 4])] }));
const FLIGHT = concat(message(8, [0, 0]), message(15, new Uint8Array(40)), message(20, new Uint8Array(32)));
const FINISHED = message(20, new Uint8Array(32));
const TICKET = message(4, new Uint8Array(60));
const DONE = [0x1e];

function secrets(withData = true): Secrets {
  const known = createSecrets();
  const random = Buffer.from(RANDOM).toString('hex');
  known.add(random, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', SECRETS.client);
  known.add(random, 'SERVER_HANDSHAKE_TRAFFIC_SECRET', SECRETS.server);
  if (withData) {
    known.add(random, 'CLIENT_TRAFFIC_SECRET_0', DATA_SECRETS.client);
    known.add(random, 'SERVER_TRAFFIC_SECRET_0', DATA_SECRETS.server);
  }
  return known;
}

type Part = (from: 'client' | 'server', number: number) => Uint8Array;

const idsOf = (from: 'client' | 'server') => ({
  secretId: FIRST_ID,
  from,
  destinationId: from === 'client' ? SERVER_ID : CLIENT_ID,
  sourceId: from === 'client' ? CLIENT_ID : SERVER_ID,
});
const first: Part = (from, number) =>
  initial(crypto(0, HELLO), { ...idsOf(from), destinationId: FIRST_ID, number, least: 1200 });
const inInitial =
  (...frames: Uint8Array[]): Part =>
  (from, number) =>
    initial(concat(...frames), { ...idsOf(from), number });
const inHandshake =
  (...frames: Uint8Array[]): Part =>
  (from, number) =>
    handshakePacket(concat(...frames), { ...idsOf(from), number, secret: SECRETS[from] });
const inData =
  (frames: Uint8Array, options: Partial<SealOptions> & { readonly destinationId?: number[] } = {}): Part =>
  (from, number) =>
    dataPacket(frames, { ...idsOf(from), number, secret: DATA_SECRETS[from], ...options });

const sent = (from: 'client' | 'server', ...parts: Part[]): ((number: number) => TestDatagram) => {
  return (number) => ({ from, data: concat(...parts.map((part) => part(from, number))) });
};

function connect(
  datagrams: readonly ((number: number) => TestDatagram)[],
  known: Secrets | undefined = secrets(),
): Connection {
  const [connection, ...others] = connectionsOfDatagrams(
    datagrams.map((make, index) => make(index)),
    known,
  );
  assert.ok(connection);
  assert.equal(others.length, 0);
  return connection;
}

const gist = ({ messages }: Connection): string[] =>
  messages.map(
    ({ frame, type, level, decrypted }) => `${frame} ${type} ${level}${decrypted === true ? ' decrypted' : ''}`,
  );

const hello = sent('client', first);
const answer = sent('server', inInitial(ack(0, 0), crypto(0, ANSWER)), inHandshake(crypto(0, FLIGHT)));
const GISTS = [
  '1 client_hello initial',
  '2 server_hello initial',
  '2 encrypted_extensions handshake decrypted',
  '2 certificate_verify handshake decrypted',
  '2 finished handshake decrypted',
];

/** STREAM 4 with these bytes, and no length. */
const stream = (text: string): Uint8Array => concat([0x08, 4], Buffer.from(text));
const applicationClose = concat([0x1d], varint(0x100), [0]);

describe('QUIC with keys', () => {
  test('messages of all levels, and a good-bye', () => {
    const connection = connect([
      hello,
      answer,
      sent('client', inHandshake(crypto(0, FINISHED)), inData(stream('GET /secret'))),
      sent('server', inData(concat(DONE, crypto(0, TICKET)))),
      sent('client', inData(applicationClose)),
    ]);
    assert.deepEqual(gist(connection), [
      ...GISTS,
      '3 finished handshake decrypted',
      '4 new_session_ticket 1rtt decrypted',
    ]);
    const { quic, outcome, phase, alerts, keys } = connection;
    assert.deepEqual([outcome, phase], ['established', 'application-data']);
    assert.deepEqual(keys, { opened: 5, altered: null, unreadable: null });
    assert.equal(quic?.handshakeDone?.frame, 4);
    assert.deepEqual(
      quic.closes.map(({ frame, level, code }) => [frame, level, code]),
      [[5, '1rtt', 0x100]],
    );
    assert.deepEqual(alerts, []);
    assert.doesNotMatch(JSON.stringify(connection), /secret/);
  });

  test('without keys, and with those of another connection, the same is closed', () => {
    const datagrams = [hello, answer, sent('client', inHandshake(crypto(0, FINISHED)), inData(stream('GET')))];
    const others = createSecrets();
    others.add('00'.repeat(32), 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', SECRETS.client);
    for (const known of [createSecrets(), others]) {
      const connection = connect(datagrams, known);
      assert.deepEqual(gist(connection), GISTS.slice(0, 2));
      assert.deepEqual([connection.keys, connection.outcome], [null, 'established']);
    }
  });

  test('the client refuses the certificate, in a packet that nobody else can read', () => {
    const refusal = sent('client', inHandshake(connectionClose(0x12d, 'expired')));
    const { outcome, quic, alerts } = connect([hello, answer, refusal], secrets(false));
    assert.equal(outcome, 'failed');
    assert.deepEqual(
      quic?.closes.map(({ level, frame, reason }) => [level, frame, reason]),
      [['handshake', 3, 'expired']],
    );
    assert.deepEqual(
      alerts.map(({ from, name, frame, decrypted }) => [from, name, frame, decrypted]),
      [['client', 'certificate_expired', 3, true]],
    );
  });

  test('a refusal that an Initial packet says too needs no keys', () => {
    const close = connectionClose(0x12d, 'expired');
    const { quic, alerts } = connect([hello, answer, sent('client', inInitial(close), inHandshake(close))]);
    assert.deepEqual(
      quic?.closes.map(({ level, frame }) => [level, frame]),
      [['initial', 3]],
    );
    assert.deepEqual(
      alerts.map(({ name, decrypted }) => [name, decrypted]),
      [['certificate_expired', undefined]],
    );
  });

  test("the server refuses the client's certificate, with the keys of the application", () => {
    const { outcome, phase, alerts } = connect([
      hello,
      answer,
      sent('client', inHandshake(crypto(0, concat(message(11, [0, 0, 0, 0]), FINISHED))), inData(stream('GET'))),
      sent('server', inData(connectionClose(0x174))),
    ]);
    assert.deepEqual([outcome, phase], ['failed', 'finished']);
    assert.deepEqual(
      alerts.map(({ from, name }) => [from, name]),
      [['server', 'certificate_required']],
    );
  });

  test('an error behind HANDSHAKE_DONE ends a connection that worked', () => {
    const { outcome } = connect([
      hello,
      answer,
      sent('client', inHandshake(crypto(0, FINISHED)), inData(stream('GET'))),
      sent('server', inData(Uint8Array.from(DONE))),
      sent('client', inData(connectionClose(0x0a))),
    ]);
    assert.equal(outcome, 'established');
  });

  test('of a Handshake packet that was altered the sender is told, where none behind it opens', () => {
    const finished = (isAltered: boolean) =>
      sent('client', (from, number) => {
        const packet = inHandshake(crypto(0, FINISHED))(from, number);
        if (isAltered) packet[packet.length - 1] = (packet.at(-1) ?? 0) ^ 1;
        return packet;
      });
    const lasting = connect([hello, answer, finished(true), finished(true)]);
    assert.deepEqual([lasting.keys?.altered?.frame, lasting.keys?.altered?.from], [3, 'client']);
    assert.equal(lasting.notes.find(({ code }) => code === 'altered-packet')?.frame, 3);
    const passing = connect([hello, answer, finished(true), finished(true), finished(false)]);
    assert.deepEqual([passing.keys?.altered, gist(passing).at(-1)], [null, '5 finished handshake decrypted']);
    assert.equal(connect([hello, answer, finished(true)]).keys?.altered, null);
  });

  test('packets of 0-RTT are passed over', () => {
    const known = secrets();
    known.add(Buffer.from(RANDOM).toString('hex'), 'CLIENT_EARLY_TRAFFIC_SECRET', DATA_SECRETS.client);
    const early: Part = (from, number) =>
      handshakePacket(stream('GET /secret'), {
        ...idsOf(from),
        destinationId: FIRST_ID,
        number,
        secret: DATA_SECRETS.client,
        isEarly: true,
      });
    const connection = connect(
      [sent('client', first, early), answer, sent('client', inHandshake(crypto(0, FINISHED)))],
      known,
    );
    assert.deepEqual(gist(connection), [...GISTS, '3 finished handshake decrypted']);
    assert.equal(connection.quic?.client.packets['0rtt'], 1);
    assert.doesNotMatch(JSON.stringify(connection), /secret/);
  });

  test('packets that come before the ServerHello wait for it', () => {
    const connection = connect([
      hello,
      sent('server', inHandshake(crypto(0, FLIGHT))),
      sent('server', inInitial(ack(0, 0), crypto(0, ANSWER))),
    ]);
    assert.deepEqual(gist(connection), ['1 client_hello initial', ...GISTS.slice(2), '3 server_hello initial']);
  });

  test('connection IDs that are announced in secret are known', () => {
    const id = [9, 9, 9, 9, 9];
    const announce = concat([0x18, 1, 0, id.length], id, new Uint8Array(16));
    const { quic } = connect([
      hello,
      answer,
      sent('client', inHandshake(crypto(0, FINISHED)), inData(stream('GET'))),
      sent('server', inData(concat(DONE, announce))),
      sent('client', inData(stream('GET'), { destinationId: id })),
    ]);
    assert.deepEqual(quic?.client.packets, { initial: 1, '0rtt': 0, handshake: 1, '1rtt': 2, short: 0 });
  });

  test('behind the first packets, only short ones are opened', () => {
    const data = Array.from({ length: 80 }, (_, number) =>
      sent('client', (from) =>
        dataPacket(stream('x'.repeat(300)), { ...idsOf(from), number, secret: DATA_SECRETS[from] }),
      ),
    );
    const last = sent('client', (from) =>
      dataPacket(applicationClose, { ...idsOf(from), number: 80, secret: DATA_SECRETS[from] }),
    );
    const { keys, quic } = connect([hello, answer, sent('client', inHandshake(crypto(0, FINISHED))), ...data, last]);
    assert.equal(keys?.opened, 1 + 1 + 64 + 1);
    assert.equal(quic?.closes.length, 1);
  });
});
