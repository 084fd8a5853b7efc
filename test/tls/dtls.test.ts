import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../src/connection/connection.js';
import { NO_SECRETS } from '../../src/tls/decrypt/secrets.js';
import { createDtlsProtocol } from '../../src/tls/dtls.js';
import { isDtlsDatagram } from '../../src/tls/record/dtls.js';
import { createSharedContent } from '../../src/tls/wire/messages/shared.js';
import { BOUNDS } from '../../src/bounds.js';
import { be16, concat } from '../support/captures.js';
import {
  connectionsOfDatagrams,
  dtlsClientHello,
  dtlsMessage,
  dtlsRecord,
  dtlsServerHello,
  fragment,
  frameAt,
  helloVerifyRequest,
  packetOf,
  type TestDatagram,
} from '../support/datagrams.js';
import { extension, vector16, vector24, vector8 } from '../support/tls.js';

const client = (...parts: Uint8Array[]): TestDatagram => ({ from: 'client', data: concat(...parts) });
const server = (...parts: Uint8Array[]): TestDatagram => ({ from: 'server', data: concat(...parts) });
const one = (...datagrams: TestDatagram[]): Connection => {
  const [connection, ...others] = connectionsOfDatagrams(datagrams);
  assert.equal(others.length, 0);
  return connection!;
};
const gist = ({ messages }: Connection): string[] => messages.map(({ frame, type }) => `${frame} ${type}`);

const HELLO = dtlsMessage(1, 0, dtlsClientHello());
const CERTIFICATE = concat(vector24(vector24(Uint8Array.from({ length: 700 }, (_, index) => index & 0xff))));

describe('DTLS', () => {
  test('an encrypted alert behind records of its epoch that the capture lacks refuses nothing', () => {
    const until = [
      client(HELLO),
      server(
        dtlsMessage(2, 0, dtlsServerHello()),
        dtlsMessage(11, 1, CERTIFICATE),
        dtlsMessage(14, 2, new Uint8Array(0)),
      ),
      client(dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1])),
    ];
    const goodbye = (sequence: number) => client(dtlsRecord(21, new Uint8Array(40), { epoch: 1, sequence }));
    assert.equal(one(...until, goodbye(0)).outcome, 'failed');
    assert.equal(one(...until, goodbye(2)).outcome, 'incomplete');
  });

  test('a handshake with a cookie: each message once, with its epoch', () => {
    const finished = dtlsRecord(22, new Uint8Array(40), { epoch: 1 });
    const connection = one(
      client(HELLO),
      server(dtlsMessage(3, 0, helloVerifyRequest())),
      client(dtlsMessage(1, 1, dtlsClientHello({ cookie: [1, 2, 3, 4] }))),
      server(
        dtlsMessage(2, 1, dtlsServerHello()),
        dtlsMessage(11, 2, CERTIFICATE),
        dtlsMessage(14, 3, new Uint8Array(0)),
      ),
      client(dtlsMessage(16, 2, new Uint8Array(33)), dtlsRecord(20, [1]), finished),
      server(dtlsRecord(20, [1]), finished),
      client(dtlsRecord(23, new Uint8Array(80), { epoch: 1 })),
    );
    assert.deepEqual(gist(connection), [
      '1 client_hello',
      '2 hello_verify_request',
      '3 client_hello',
      '4 server_hello',
      '4 certificate',
      '4 server_hello_done',
      '5 client_key_exchange',
      '5 encrypted_handshake',
      '6 encrypted_handshake',
    ]);
    assert.deepEqual(
      connection.messages.map(({ epoch }) => epoch),
      [0, 0, 0, 0, 0, 0, 0, 1, 1],
    );
    const { clientHello, serverHello, dtls, outcome, phase, serverCertificates } = connection;
    assert.deepEqual([clientHello?.supportedVersions, clientHello?.recordVersion], [['DTLS 1.2'], 'DTLS 1.2']);
    assert.match(clientHello?.ja4 ?? '', /^dd2i0201/);
    assert.equal(serverHello?.version, 'DTLS 1.2');
    assert.deepEqual([outcome, phase, serverCertificates.length], ['established', 'application-data', 1]);
    assert.deepEqual(dtls, { helloVerifyRequests: 1, retransmissions: 0, acks: 0, connectionId: false });
  });

  test('messages that overtake each other break no rule; those with numbers in the wrong order do', () => {
    const flight = [
      dtlsMessage(2, 0, dtlsServerHello()),
      dtlsMessage(11, 1, CERTIFICATE),
      dtlsMessage(14, 2, new Uint8Array(0)),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(flight, { minLength: 3 }), (datagrams) => {
        assert.deepEqual(one(client(HELLO), ...datagrams.map((part) => server(part))).violations, []);
      }),
    );
    const wrong = [dtlsMessage(14, 1, new Uint8Array(0)), dtlsMessage(11, 2, CERTIFICATE)];
    const { violations } = one(client(HELLO), server(flight[0]!), ...wrong.map((part) => server(part)));
    assert.deepEqual(
      violations.map(({ kind, frame }) => [kind, frame]),
      [['unexpected-message', 4]],
    );
  });

  test('fragments in any order, overlapping and cut anew make the message, in the frame that completes it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(CERTIFICATE.length), fc.nat(CERTIFICATE.length)), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        (cuts, isOrdered) => {
          const ranges = cuts.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
          if (isOrdered) ranges.sort((a, b) => a[0] - b[0]);
          const covered = new Uint8Array(CERTIFICATE.length);
          const complete = ranges.findIndex(([start, end]) => covered.fill(1, start, end).every((byte) => byte === 1));
          const connection = one(
            client(HELLO),
            server(dtlsMessage(2, 0, dtlsServerHello())),
            ...ranges.map(([start, end]) => server(dtlsRecord(22, fragment(11, 1, CERTIFICATE, start, end)))),
          );
          const found = connection.messages.find(({ type }) => type === 'certificate');
          assert.equal(found?.frame, complete < 0 ? undefined : 3 + complete);
          if (complete === 0) assert.equal(found?.records, 1);
          if (complete >= 0) assert.equal(connection.serverCertificates[0]?.der.length, 700);
        },
      ),
    );
  });

  test('what comes again is no message, and is counted from its beginning', () => {
    const half = CERTIFICATE.length >> 1;
    const connection = one(
      client(HELLO),
      client(HELLO),
      server(dtlsMessage(2, 0, dtlsServerHello()), dtlsMessage(11, 1, CERTIFICATE)),
      client(HELLO),
      server(dtlsMessage(2, 0, dtlsServerHello())),
      server(dtlsRecord(22, fragment(11, 1, CERTIFICATE, 0, half))),
      server(dtlsRecord(22, fragment(11, 1, CERTIFICATE, half))),
    );
    assert.deepEqual(gist(connection), ['1 client_hello', '3 server_hello', '3 certificate']);
    const { transport, dtls } = connection;
    assert.equal(dtls?.retransmissions, 4);
    assert.deepEqual([transport.client.retransmissions, transport.server.retransmissions], [2, 2]);
    assert.ok(transport.kind === 'udp');
    const { mostResent } = transport.client;
    // Once since the server's flight: what came again before it was not in vain.
    assert.deepEqual([mostResent?.frame, mostResent?.message, mostResent?.times], [4, 'client_hello', 1]);
  });

  test('what came again before the peer went on does not count: a capture that ends there shows no failure', () => {
    const flight = () => server(dtlsMessage(2, 0, dtlsServerHello()), dtlsMessage(11, 1, CERTIFICATE));
    const keyExchange = client(dtlsMessage(16, 1, vector8(new Uint8Array(32))));
    const connection = one(client(HELLO), flight(), flight(), flight(), flight(), keyExchange, flight());
    assert.ok(connection.transport.kind === 'udp');
    const { mostResent } = connection.transport.server;
    assert.deepEqual([mostResent?.frame, mostResent?.times], [7, 1]);
    assert.equal(connection.outcome, 'incomplete');
  });

  test('what comes again in quick copies may yet get an answer; over seconds it gets none', () => {
    const hello = (time: number) => ({ ...client(HELLO), time });
    const answer = { ...server(dtlsMessage(2, 0, dtlsServerHello())), time: 0.05 };
    const after = (...times: number[]) => one(hello(0), answer, ...times.map(hello)).outcome;
    assert.equal(after(0.1, 0.2, 0.4), 'incomplete');
    assert.equal(after(1, 3), 'incomplete');
    assert.equal(after(1, 3, 7), 'failed');
  });

  test('who says good-bye in the clear after copies in vain has given up', () => {
    const goodbye = dtlsRecord(21, [1, 0]);
    const flight = server(dtlsMessage(2, 0, dtlsServerHello()), dtlsMessage(11, 1, CERTIFICATE));
    const keyExchange = client(dtlsMessage(16, 1, vector8(new Uint8Array(32))));
    const until = [client(HELLO), flight, keyExchange, keyExchange];
    assert.equal(one(...until).outcome, 'incomplete');
    assert.equal(one(...until, server(goodbye)).outcome, 'failed');
    assert.equal(one(...until, client(goodbye)).outcome, 'failed');
    // Nothing came again: a test that looks at the certificate and leaves.
    assert.equal(one(client(HELLO), flight, client(goodbye)).outcome, 'incomplete');
  });

  test('a ServerKeyExchange that overtakes the ServerHello is read by what that one says', () => {
    const exchange = concat([3], be16(29), vector8(new Uint8Array(32)), be16(0x0804), vector16(new Uint8Array(64)));
    const connection = one(
      client(HELLO),
      server(dtlsMessage(12, 1, exchange)),
      server(dtlsMessage(2, 0, dtlsServerHello())),
    );
    assert.deepEqual(gist(connection), ['1 client_hello', '2 server_key_exchange', '3 server_hello']);
    const { serverHello } = connection;
    assert.deepEqual([serverHello?.group, serverHello?.signatureScheme], ['x25519', 'rsa_pss_rsae_sha256']);
  });

  test('the capture began after the handshake: the server spoke first, or the ClientHello has the number of a later one', () => {
    const isLate = ({ notes }: Connection): boolean => notes.some(({ code }) => code === 'starts-mid-connection');
    const second = client(dtlsMessage(1, 1, dtlsClientHello({ cookie: [7, 7] })));
    const answer = server(dtlsMessage(2, 1, dtlsServerHello()));
    assert.ok(isLate(one(second, answer)));
    assert.ok(isLate(one(answer, second)));
    assert.ok(!isLate(one(client(HELLO), server(dtlsMessage(3, 0, helloVerifyRequest())), second, answer)));
    assert.ok(!isLate(one(client(HELLO), server(dtlsMessage(2, 0, dtlsServerHello())))));
  });

  test('the beginning of a ClientHello whose rest is lost', () => {
    const body = dtlsClientHello();
    const { clientHello, partialClientHello } = one(client(dtlsRecord(22, fragment(1, 0, body, 0, body.length - 4))));
    assert.equal(clientHello, null);
    assert.deepEqual([partialClientHello?.frame, partialClientHello?.cipherSuites.length], [1, 2]);
  });

  test('a lost Finished is no failure where the other side went on', () => {
    const finished = dtlsRecord(22, new Uint8Array(40), { epoch: 1 });
    const goodbye = (sequence: number) => dtlsRecord(21, new Uint8Array(40), { epoch: 1, sequence });
    const flight = server(
      dtlsMessage(2, 0, dtlsServerHello()),
      dtlsMessage(11, 1, CERTIFICATE),
      dtlsMessage(14, 2, new Uint8Array(0)),
    );
    const data = client(dtlsRecord(23, new Uint8Array(80), { epoch: 1, sequence: 1 }));
    const answer = client(dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1]), finished);
    assert.equal(one(client(HELLO), flight, answer, data, client(goodbye(2))).outcome, 'established');
    assert.equal(one(client(HELLO), answer, data, client(goodbye(2))).outcome, 'established');
    assert.equal(
      one(client(HELLO), flight, server(dtlsRecord(20, [1]), finished), server(goodbye(1))).outcome,
      'established',
    );
    assert.equal(one(client(HELLO), flight, answer, client(goodbye(1))).outcome, 'failed');
  });

  test('without messages, the client is the end with the higher port, whoever spoke first', () => {
    const connection = one(server(dtlsRecord(20, [1])), client(dtlsRecord(21, [2, 42])));
    assert.deepEqual(
      connection.alerts.map(({ from, name }) => [from, name]),
      [['client', 'bad_certificate']],
    );
  });

  test('alerts in the clear, and those that are encrypted', () => {
    const { alerts } = one(
      client(HELLO),
      server(dtlsRecord(21, [2, 40])),
      server(dtlsRecord(21, new Uint8Array(26), { epoch: 1 })),
    );
    assert.deepEqual(
      alerts.map(({ frame, name, encrypted }) => [frame, name, encrypted]),
      [
        [2, 'handshake_failure', false],
        [3, null, true],
      ],
    );
  });

  test('DTLS 1.3: the unified header is known although the capture lacks the ServerHello', () => {
    const versions = (version: number) => [extension(43, vector8(be16(version)))];
    const hidden = concat([0x2e], be16(7), be16(50), new Uint8Array(50));
    const sent = (version: number) =>
      one(client(dtlsMessage(1, 0, dtlsClientHello({ extensions: versions(version) }))), server(hidden));
    assert.deepEqual(
      sent(0xfefc).encryptedRecords.map(({ frame, from, epoch }) => [frame, from, epoch]),
      [[2, 'server', 2]],
    );
    assert.deepEqual(sent(0xfefd).encryptedRecords, []);
  });

  test('DTLS 1.3: an alert in the epoch behind the Finished is no refusal of the certificate, though the Finished is missing', () => {
    const hidden = (epoch: number, length: number): Uint8Array =>
      concat([0x2c | epoch], be16(7), be16(length), new Uint8Array(length));
    const answer = Uint8Array.from(dtlsServerHello({ extensions: [extension(43, be16(0xfefc))] }));
    answer.set([0x13, 0x01], 35 + (answer[34] ?? 0)); // a suite of 1.3, behind the session ID
    const withAlert = (epoch: number) =>
      one(
        client(dtlsMessage(1, 0, dtlsClientHello({ extensions: [extension(43, vector8(be16(0xfefc)))] }))),
        server(dtlsMessage(2, 0, answer), hidden(2, 900)),
        client(hidden(epoch, 19)),
      ).outcome;
    assert.equal(withAlert(2), 'failed');
    assert.equal(withAlert(3), 'established');
  });

  test('DTLS 1.3: the unified header, epochs and acknowledgements', () => {
    const versions = extension(43, vector8(be16(0xfefc)));
    const chosen = extension(43, be16(0xfefc));
    const hidden = (epoch: number, length: number): Uint8Array =>
      concat([0x2c | epoch], be16(7), be16(length), new Uint8Array(length));
    const connection = one(
      client(dtlsMessage(1, 0, dtlsClientHello({ extensions: [versions] }))),
      server(dtlsMessage(2, 0, dtlsServerHello({ extensions: [chosen] })), hidden(2, 50), hidden(2, 500)),
      client(hidden(2, 61)),
      server(concat([0x2b], be16(9), new Uint8Array(35))),
      client(hidden(3, 100)),
    );
    assert.deepEqual(
      connection.encryptedRecords.map(({ frame, length, epoch }) => [frame, length, epoch]),
      [
        [2, 50, 2],
        [2, 500, 2],
        [3, 61, 2],
        [4, 35, 3],
        [5, 100, 3],
      ],
    );
    assert.deepEqual([connection.serverHello?.version, connection.outcome], ['DTLS 1.3', 'established']);
    assert.match(connection.clientHello?.ja4 ?? '', /^dd3/);
    const acked = one(client(HELLO), server(dtlsRecord(26, concat(be16(16), new Uint8Array(16)))));
    assert.equal(acked.dtls?.acks, 1);
  });

  test('connection IDs: the length that the receiver asked for tells where the record is', () => {
    const wants = (length: number): Uint8Array => extension(54, vector8(new Uint8Array(length)));
    const withId = (id: number, length: number): Uint8Array =>
      concat([25], be16(0xfefd), be16(1), new Uint8Array(6 + id), be16(length), new Uint8Array(length));
    const connection = one(
      client(dtlsMessage(1, 0, dtlsClientHello({ extensions: [wants(3)] }))),
      server(dtlsMessage(2, 0, dtlsServerHello({ extensions: [wants(5)] }))),
      client(withId(5, 40), withId(5, 60)),
      server(withId(3, 44)),
    );
    assert.equal(connection.dtls?.connectionId, true);
    assert.deepEqual(
      connection.encryptedRecords.map(({ contentType, length }) => [contentType, length]),
      [
        ['handshake', 40],
        ['application_data', 60],
        ['handshake', 44],
      ],
    );
  });

  test('is told from STUN, TURN, RTP and QUIC on the same port by its first bytes', () => {
    const is = (data: Uint8Array): boolean => isDtlsDatagram(packetOf({ from: 'client', data }));
    assert.ok(is(HELLO));
    assert.ok(!is(HELLO.subarray(0, HELLO.length - 1)), 'a record longer than the datagram');
    assert.ok(is(concat(HELLO, dtlsRecord(23, new Uint8Array(9), { epoch: 1 }))));
    assert.ok(!is(concat(HELLO, [22])), 'bytes behind the last record');
    for (const first of [0, 3, 16, 19, 64, 79, 128, 191, 192, 255]) {
      assert.ok(!is(concat([first], HELLO.subarray(1))), `first byte ${first}`);
    }
    assert.ok(!is(dtlsRecord(22, new Uint8Array(20).fill(99))), 'no fragment in it');
    assert.ok(!is(dtlsRecord(21, [2, 40, 1])), 'no alert of three bytes');
    assert.ok(!is(dtlsRecord(22, HELLO.subarray(13), { version: 0x0303 })), 'TLS');
  });

  test('more messages than are told apart by number are passed over', () => {
    const many = Array.from({ length: BOUNDS.numberedMessages.value + 9 }, (_, number) =>
      server(dtlsMessage(14, number, new Uint8Array(0))),
    );
    const { messages, notes } = one(client(HELLO), ...many);
    assert.ok(messages.length <= BOUNDS.numberedMessages.value + 1);
    assert.ok(notes.some(({ code }) => code === 'too-many-messages'));
  });

  test('fragments that never make a message take bounded memory, and give it back', () => {
    const protocol = createDtlsProtocol(NO_SECRETS, createSharedContent());
    const readers = Array.from({ length: 3 }, () => {
      const reader = protocol.open();
      const body = new Uint8Array(BOUNDS.handshakeLength.value);
      for (let start = 1; start < body.length; start += 1200) {
        const data = dtlsRecord(22, fragment(11, 4, body, start, Math.min(body.length, start + 1100)));
        reader.datagram(1, packetOf({ from: 'server', data }), frameAt(start));
      }
      assert.ok(reader.heldBytes > 0 && reader.heldBytes <= BOUNDS.messageFragmentBytes.value);
      return reader;
    });
    for (const reader of readers) {
      reader.end();
      assert.equal(reader.heldBytes, 0);
    }
  });

  test('takes any bytes', () => {
    const seeds = [
      HELLO,
      dtlsMessage(2, 0, dtlsServerHello()),
      dtlsRecord(26, concat(be16(0), [])),
      dtlsMessage(11, 1, CERTIFICATE),
    ];
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            seed: fc.constantFrom(...seeds),
            changes: fc.array(fc.tuple(fc.nat(90), fc.nat(255)), { maxLength: 6 }),
            cut: fc.nat(900),
            isClient: fc.boolean(),
            missing: fc.constantFrom(0, 0, 0, 20, 70000),
          }),
          { maxLength: 12 },
        ),
        (steps) => {
          connectionsOfDatagrams(
            steps.map(({ seed, changes, cut, isClient, missing }) => {
              const data = seed.slice(0, Math.max(1, seed.length - cut));
              for (const [at, value] of changes) if (at < data.length) data[at] = value;
              return { from: isClient ? 'client' : 'server', data, missing };
            }),
          );
        },
      ),
    );
  });
});
