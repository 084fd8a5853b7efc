import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MAX_HANDSHAKE_LENGTH } from '../../src/tls/handshake/reader.js';
import { MAX_ALERTS, MAX_ENCRYPTED_RECORDS, MAX_MESSAGES } from '../../src/tls/handshake/transcript.js';
import { MAX_PLAINTEXT, MAX_TURNS } from '../../src/tls/plaintext.js';
import { be16, concat } from '../support/captures.js';
import {
  alert,
  alertCodes,
  applicationData,
  be24,
  certificate,
  changeCipherSpec,
  clientHello,
  encrypted,
  extension,
  gist,
  handshake,
  helloRetryRequest,
  message,
  messageTypes,
  newSession,
  read,
  record,
  seenBy,
  serverHello,
  serverHello13,
  serverHelloDone,
  stampOf,
  TYPE,
  type Step,
} from '../support/tls.js';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const problemCodes = (session: ReturnType<typeof read>): string[] =>
  session.problems.map(({ notice: said }) => said.code);

describe('messages', () => {
  test('are read from both directions, with type, length, frame and time', () => {
    const session = read([0, handshake(clientHello())], [1, handshake(serverHello())]);
    assert.equal(session.isTls, true);
    assert.deepEqual(
      session.messages.map(({ direction, type, length, frame, at }) => [direction, type, length, frame, at.seconds]),
      [
        [0, 1, clientHello().length - 4, 1, 1],
        [1, 2, serverHello().length - 4, 2, 2],
      ],
    );
    assert.deepEqual([session.version, session.cipherSuite], [0x0303, 0xc02f]);
  });

  test('may be several in one record', () => {
    const session = read([1, handshake(serverHello(), certificate(100), serverHelloDone)]);
    assert.deepEqual(messageTypes(session), ['1:2', '1:11', '1:14']);
  });

  test('may be one over several records, and count from the frame that completed them', () => {
    const whole = concat(serverHello(), certificate(300));
    const session = read(
      [1, handshake(whole.subarray(0, 3))],
      [1, handshake(whole.subarray(3, 150))],
      [1, handshake(whole.subarray(150))],
    );
    assert.deepEqual(
      session.messages.map(({ type, frame }) => [type, frame]),
      [
        [2, 2],
        [11, 3],
      ],
    );
    const content = session.messages[1]?.content;
    assert.equal(content?.kind === 'certificate' && content.certificates[0]?.length, 300);
  });

  test('keep the version of the record that they began in', () => {
    const session = read([0, record(TYPE.handshake, clientHello(), 0x0301)]);
    assert.equal(session.messages[0]?.recordVersion, 0x0301);
    const [first, second] = read(
      [1, record(TYPE.handshake, certificate(100).subarray(0, 50), 0x0301)],
      [1, record(TYPE.handshake, concat(certificate(100).subarray(50), serverHelloDone), 0x0303)],
    ).messages;
    assert.deepEqual([first?.recordVersion, second?.recordVersion], [0x0301, 0x0303]);
  });

  test('in a malformed one leave the next ones readable', () => {
    const session = read([1, handshake(message(11, [0, 0, 9]), serverHelloDone)]);
    assert.deepEqual(messageTypes(session), ['1:11', '1:14']);
    assert.equal(session.messages[0]?.content.kind, 'malformed');
  });

  test('that are complete in a record that is not count when the stream ends', () => {
    const flight = handshake(serverHello(), certificate(2000));
    const session = read([1, flight.subarray(0, 500)]);
    assert.deepEqual(messageTypes(session), ['1:2']);
  });

  test('a ClientHello in SSLv2 format counts as one', () => {
    const specs = [0, 0, 47];
    const challenge = new Uint8Array(16).fill(7);
    const body = concat([1], be16(0x0301), be16(specs.length), be16(0), be16(challenge.length), specs, challenge);
    const hello = concat(be16(0x8000 | body.length), body);
    const pieces: readonly (readonly Step[])[] = [
      [[0, hello]],
      [
        [0, hello.subarray(0, 1)],
        [0, hello.subarray(1, 7)],
        [0, hello.subarray(7)],
      ],
    ];
    for (const steps of pieces) {
      const session = read(...steps, [1, handshake(serverHello())]);
      assert.deepEqual(messageTypes(session), ['0:1', '1:2']);
      const [seen] = session.messages;
      assert.equal(seen?.recordVersion, 0x0002);
      assert.equal(seen.content.kind === 'client_hello' && seen.content.hello.cipherSuites[0], 47);
    }
  });
});

describe('alerts', () => {
  test('in the clear have level and description', () => {
    assert.deepEqual(alertCodes(read([1, alert(2, 40)])), ['1:2:40']);
    assert.deepEqual(alertCodes(read([0, handshake(clientHello())], [1, alert(1, 112)], [1, alert(2, 70)])), [
      '1:1:112',
      '1:2:70',
    ]);
  });

  test('cut anywhere are the same', () => {
    const bytes = alert(2, 40);
    for (let at = 1; at < bytes.length; at++) {
      assert.deepEqual(alertCodes(read([1, bytes.subarray(0, at)], [1, bytes.subarray(at)])), ['1:2:40']);
    }
  });

  test('behind ChangeCipherSpec are encrypted, whatever their length', () => {
    const session = read([0, changeCipherSpec], [0, encrypted(TYPE.alert, 26)], [0, alert(2, 40)], [1, alert(2, 40)]);
    assert.deepEqual(alertCodes(session), ['0:?:?', '0:?:?', '1:2:40']);
  });

  test('of another length than two are encrypted: their ChangeCipherSpec is not in the capture', () => {
    assert.deepEqual(alertCodes(read([0, encrypted(TYPE.alert, 26)], [0, applicationData(100)])), ['0:?:?']);
  });
});

describe('ChangeCipherSpec', () => {
  test('hides what follows it in its direction, up to TLS 1.2', () => {
    const session = read(
      [0, handshake(clientHello())],
      [1, handshake(serverHello(), serverHelloDone)],
      [0, concat(handshake(message(16, new Uint8Array(66))), changeCipherSpec, encrypted(TYPE.handshake, 40))],
      [1, handshake(message(4, new Uint8Array(180)))],
      [1, concat(changeCipherSpec, encrypted(TYPE.handshake, 40))],
    );
    assert.deepEqual(messageTypes(session), ['0:1', '1:2', '1:14', '0:16', '0:?', '1:4', '1:?']);
    assert.deepEqual(
      session.cipherChanges.map(({ direction, frame }) => [direction, frame]),
      [
        [0, 3],
        [1, 5],
      ],
    );
    assert.equal(session.messages.at(-1)?.length, 40);
  });

  test('means nothing in TLS 1.3: an alert behind it may be in the clear (RFC 8446 §D.4)', () => {
    const session = read(
      [0, handshake(clientHello())],
      [1, concat(handshake(serverHello13), changeCipherSpec, applicationData(900))],
      [0, concat(changeCipherSpec, alert(2, 45))],
    );
    assert.deepEqual(alertCodes(session), ['0:2:45']);
    assert.equal(session.version, 0x0304);
    assert.deepEqual(session.applicationDataRecords, [0, 1]);
  });

  test('of a client that sends early data is before the version is known, and means nothing either', () => {
    const session = read(
      [0, concat(handshake(clientHello()), changeCipherSpec, applicationData(200))],
      [1, concat(handshake(serverHello13), changeCipherSpec, applicationData(900))],
      [0, alert(2, 45)],
    );
    assert.deepEqual(alertCodes(session), ['0:2:45']);
  });

  const secondHello = concat(changeCipherSpec, handshake(clientHello()));
  const retry = concat(handshake(helloRetryRequest), changeCipherSpec);

  test('may stand before the second ClientHello', () => {
    const session = read(
      [0, handshake(clientHello())],
      [1, retry],
      [0, secondHello],
      [1, concat(handshake(serverHello13), applicationData(900))],
    );
    assert.deepEqual(messageTypes(session), ['0:1', '1:2', '0:1', '1:2']);
  });

  test('may stand there also where only the client is in the capture, however its bytes are cut', () => {
    const whole = concat(handshake(clientHello()), secondHello, applicationData(74));
    for (let at = 1; at < whole.length; at++) {
      const session = read([0, whole.subarray(0, at)], [0, whole.subarray(at)]);
      assert.deepEqual(messageTypes(session), ['0:1', '0:1'], `cut at ${at}`);
      assert.deepEqual(session.applicationDataRecords, [1, 0]);
    }
  });
});

describe('encrypted records', () => {
  test('are known by type, length and frame', () => {
    const session = read(
      [0, changeCipherSpec],
      [0, encrypted(TYPE.handshake, 40)],
      [0, encrypted(TYPE.alert, 26)],
      [1, applicationData(1000)],
    );
    assert.deepEqual(
      session.encryptedRecords.map(({ direction, type, length, frame }) => [direction, type, length, frame]),
      [
        [0, 22, 40, 2],
        [0, 21, 26, 3],
        [1, 23, 1000, 4],
      ],
    );
  });

  test('handshake messages in the middle of a connection are taken for what they are: not readable', () => {
    const session = read([1, concat(encrypted(TYPE.handshake, 40), applicationData(10))]);
    assert.deepEqual(messageTypes(session), ['1:?']);
    assert.equal(session.messages[0]?.length, 40);
  });
});

describe('what is no TLS', () => {
  const hello = handshake(clientHello());

  test('stays so', () => {
    const others: readonly (readonly Uint8Array[])[] = [
      [text('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n'), text('more')],
      [text('SSH-2.0-OpenSSH_9.2\r\n'), encrypted(TYPE.handshake, 40).subarray(1)],
      [new Uint8Array(1000)],
      [new Uint8Array([0x16])],
      [new Uint8Array([0x16, 3])],
      [new Uint8Array([0x80, 0x2e, 1, 3, 1, 0, 9])],
      [new Uint8Array([0x16, 9, 1, 0, 5, 1, 0, 0, 1, 0])],
      [new Uint8Array([0x16, 3, 1, 0xff, 0xff, 1, 0, 0, 1, 0])],
    ];
    for (const chunks of others) {
      const session = read(...chunks.map((chunk): Step => [0, chunk]));
      assert.equal(session.isTls, false, Buffer.from(chunks[0] ?? []).toString('latin1'));
      assert.deepEqual([session.messages, session.problems], [[], []]);
    }
  });

  test('stays so where a chunk deep in it begins like a header by chance', () => {
    const session = read(
      [0, text('SSH-2.0-OpenSSH_9.2\r\n')],
      [0, concat([TYPE.changeCipherSpec, 3, 1, 1, 0], new Uint8Array(200).fill(0x99))],
      [0, concat([TYPE.alert, 3, 4, 0x20, 0], new Uint8Array(200).fill(0x99))],
      [0, concat([TYPE.handshake, 3, 3, 0x20, 0], new Uint8Array(200).fill(0x99))],
    );
    assert.equal(session.isTls, false);
  });

  test('may come before TLS, as in STARTTLS, however the hello is cut', () => {
    for (let at = 0; at < hello.length; at++) {
      const session = read(
        [1, text('220 mail.example.com ESMTP\r\n')],
        [0, text('EHLO client.example.com\r\n')],
        [1, text('250 STARTTLS\r\n')],
        [0, text('STARTTLS\r\n')],
        [1, text('220 go ahead\r\n')],
        [0, hello.subarray(0, at)],
        [0, hello.subarray(at)],
        [1, concat(handshake(serverHello()))],
      );
      assert.deepEqual(messageTypes(session), ['0:1', '1:2'], `cut at ${at}`);
    }
  });

  test('may end in a byte that could begin a record', () => {
    const session = read([0, text('hello')], [0, new Uint8Array([0x16])], [0, hello]);
    assert.deepEqual(messageTypes(session), ['0:1']);
  });

  test('may follow TLS: the record boundary is lost, and said to be', () => {
    const session = read([0, hello], [0, text('and now for something')], [0, handshake(message(16, [1]))]);
    assert.deepEqual(messageTypes(session), ['0:1', '0:16']);
    assert.deepEqual(problemCodes(session), ['record-boundary-lost']);
  });

  test('may follow TLS as the leave of libldap, which loses nothing', () => {
    const session = read([0, hello], [0, text('0\x05\x02\x01\x02B\0')]);
    assert.deepEqual(problemCodes(session), ['ldap-unbind']);
  });
});

describe('a late start', () => {
  test('is recognised in application data, which is counted', () => {
    const session = read([0, concat(applicationData(50), applicationData(60))], [1, applicationData(1400)]);
    assert.equal(session.isTls, true);
    assert.deepEqual(session.applicationDataRecords, [2, 1]);
  });

  test('in the middle of a record waits for a chunk that begins with one', () => {
    const session = read([0, applicationData(3000).subarray(1000)], [0, applicationData(60)]);
    assert.deepEqual(session.applicationDataRecords, [1, 0]);
  });

  test('in the middle of a large record waits for one that begins with the next large one', () => {
    const large = applicationData(16000);
    const session = read([1, large.subarray(1000)], [1, large.subarray(0, 1400)], [1, large.subarray(1400)]);
    assert.deepEqual(session.applicationDataRecords, [0, 1]);
    assert.deepEqual(problemCodes(session), []);
  });
});

describe('gaps', () => {
  test('inside application data keep the record boundary', () => {
    const data = applicationData(1000);
    const session = read(
      [0, data.subarray(0, 400)],
      [0, { gap: 500 }],
      [0, concat(data.subarray(900), applicationData(20), alert(1, 0))],
    );
    assert.deepEqual(session.applicationDataRecords, [2, 0]);
    assert.deepEqual(alertCodes(session), ['0:1:0']);
    assert.deepEqual(session.problems, []);
  });

  test('up to the very end of a record keep it too', () => {
    const data = applicationData(1000);
    const session = read([0, data.subarray(0, 400)], [0, { gap: 605 }], [0, applicationData(20)]);
    assert.deepEqual(session.applicationDataRecords, [2, 0]);
  });

  test('over several records end with the next chunk that begins with one', () => {
    const data = applicationData(1000);
    const session = read(
      [0, data.subarray(0, 400)],
      [0, { gap: 900 }],
      [0, data.subarray(300)],
      [0, applicationData(20)],
    );
    assert.deepEqual(session.applicationDataRecords, [2, 0]);
  });

  test('inside a message lose it, and keep those around it', () => {
    const flight = handshake(serverHello(), certificate(2000), serverHelloDone);
    const from = 5 + serverHello().length;
    for (const [start, end] of [
      [from + 4, from + 5],
      [from + 100, from + 1000],
      [from + 4, from + certificate(2000).length],
    ] as const) {
      const session = read([1, flight.subarray(0, start)], [1, { gap: end - start }], [1, flight.subarray(end)]);
      assert.deepEqual(messageTypes(session), ['1:2', '1:14'], `from ${start} to ${end}`);
      assert.deepEqual(problemCodes(session), ['message-incomplete']);
    }
  });

  test('mark what was read behind them, in their direction alone', () => {
    const flight = handshake(serverHello(), certificate(2000), serverHelloDone);
    const session = read(
      [0, handshake(clientHello())],
      [1, flight.subarray(0, 500)],
      [1, { gap: 100 }],
      [1, flight.subarray(600)],
      [0, handshake(message(16, [1, 2, 3]))],
    );
    assert.deepEqual(
      session.messages.map(({ direction, type, isBehindGap }) => [direction, type, isBehindGap]),
      [
        [0, 1, false],
        [1, 2, false],
        [1, 14, true],
        [0, 16, false],
      ],
    );
  });

  test('over the start of a message lose the rest of its record, and recover with the next', () => {
    const flight = handshake(serverHello(), certificate(500), serverHelloDone);
    const from = 5 + serverHello().length;
    const next = handshake(message(4, [1]));
    for (const [start, end] of [
      [from, from + 1],
      [from + 2, from + 3],
      [from + 100, flight.length - 2],
      [from + 100, flight.length],
    ] as const) {
      const session = read(
        [1, flight.subarray(0, start)],
        [1, { gap: end - start }],
        [1, concat(flight.subarray(end), next)],
      );
      assert.deepEqual(messageTypes(session), ['1:2', '1:4'], `from ${start} to ${end}`);
      assert.deepEqual(problemCodes(session), ['message-incomplete']);
    }
  });

  test('inside a message over several records keep its end', () => {
    const whole = concat(certificate(3000), serverHelloDone);
    const first = handshake(whole.subarray(0, 1000));
    const second = handshake(whole.subarray(1000, 2000));
    const third = handshake(whole.subarray(2000));
    const session = read(
      [1, first.subarray(0, 500)],
      [1, { gap: 200 }],
      [1, concat(first.subarray(700), second.subarray(0, 100))],
      [1, { gap: 100 }],
      [1, concat(second.subarray(200), third)],
    );
    assert.deepEqual(messageTypes(session), ['1:14']);
    assert.deepEqual(problemCodes(session), ['message-incomplete']);
  });

  test('up to the end of a record whose message goes on in the next keep the end of the message', () => {
    const whole = concat(certificate(3000), serverHelloDone);
    const first = handshake(whole.subarray(0, 1000));
    const second = handshake(whole.subarray(1000));
    const session = read([1, first.subarray(0, 500)], [1, { gap: first.length - 500 }], [1, second]);
    assert.deepEqual(messageTypes(session), ['1:14']);
  });

  test('between a message and its continuation are said', () => {
    const whole = certificate(3000);
    const session = read([1, handshake(whole.subarray(0, 1000))], [1, { gap: 1005 }], [1, handshake(message(14))]);
    assert.deepEqual(messageTypes(session), ['1:14']);
    assert.deepEqual(problemCodes(session), ['message-incomplete']);
  });

  test('inside ciphertext that looked like a message keep the record boundary', () => {
    const finished = encrypted(TYPE.handshake, 400);
    const session = read(
      [1, finished.subarray(0, 100)],
      [1, { gap: 200 }],
      [1, concat(finished.subarray(300), applicationData(10))],
    );
    assert.deepEqual(messageTypes(session), ['1:?']);
    assert.equal(session.messages[0]?.length, 400);
    assert.deepEqual(session.applicationDataRecords, [0, 1]);
  });

  test('inside an alert lose it alone', () => {
    const session = read([1, alert(2, 40).subarray(0, 6)], [1, { gap: 1 }], [1, alert(1, 0)]);
    assert.deepEqual(alertCodes(session), ['1:1:0']);
  });

  test('inside a header lose the boundary', () => {
    const session = read([1, alert(2, 40).subarray(0, 3)], [1, { gap: 4 }], [1, alert(1, 0)]);
    assert.deepEqual(alertCodes(session), ['1:1:0']);
  });

  test('behind the header of an encrypted handshake record keep it', () => {
    const finished = encrypted(TYPE.handshake, 40);
    const session = read(
      [0, concat(changeCipherSpec, finished.subarray(0, 7))],
      [0, { gap: 38 }],
      [0, applicationData(10)],
    );
    assert.deepEqual(messageTypes(session), ['0:?']);
    assert.deepEqual(session.applicationDataRecords, [1, 0]);
  });

  test('before anything else, and alone, do no harm', () => {
    assert.equal(read([0, { gap: 100 }]).isTls, false);
    assert.deepEqual(messageTypes(read([0, { gap: 100 }], [0, handshake(clientHello())])), ['0:1']);
  });
});

describe('bounds', () => {
  test('a message longer than any real one is passed over and said; those behind it are read', () => {
    const length = MAX_HANDSHAKE_LENGTH + 1;
    const body = new Uint8Array(length);
    const records: Uint8Array[] = [];
    const whole = concat([11], be24(length), body, serverHelloDone);
    for (let at = 0; at < whole.length; at += 16384) records.push(handshake(whole.subarray(at, at + 16384)));
    const session = newSession();
    let most = 0;
    for (const bytes of records) {
      session.records[1].read(bytes, 0, bytes.length, stampOf(1));
      most = Math.max(most, session.heldBytes);
    }
    assert.deepEqual(messageTypes(seenBy(session)), ['1:14']);
    assert.deepEqual(problemCodes(seenBy(session)), ['message-too-long']);
    assert.ok(most <= 2 * 16384);
  });

  test('the longest message that is read needs no more than twice its length', () => {
    const session = newSession();
    const whole = certificate(MAX_HANDSHAKE_LENGTH - 6);
    let most = 0;
    for (let at = 0; at < whole.length; at += 16384) {
      const bytes = handshake(whole.subarray(at, at + 16384));
      session.records[1].read(bytes, 0, bytes.length, stampOf(1));
      most = Math.max(most, session.heldBytes);
    }
    assert.equal(seenBy(session).messages[0]?.length, MAX_HANDSHAKE_LENGTH);
    assert.ok(most <= 2 * MAX_HANDSHAKE_LENGTH);
    assert.equal(session.heldBytes, 0, 'nothing is kept afterwards');
  });

  test('messages, alerts, encrypted records and problems are kept up to a number', () => {
    const session = read(
      [1, handshake(...Array.from({ length: 500 }, () => message(0)))],
      [1, concat(...Array.from({ length: 500 }, () => alert(1, 90)))],
      [1, concat(...Array.from({ length: 500 }, () => applicationData(1)))],
      [0, concat(...Array.from({ length: 500 }, () => changeCipherSpec))],
      [0, concat(...Array.from({ length: 500 }, () => applicationData(1)))],
      ...Array.from({ length: 100 }, (): Step[] => [
        [1, alert(1, 90)],
        [1, text('something else')],
      ]).flat(),
    );
    assert.equal(session.messages.length, MAX_MESSAGES);
    assert.equal(session.alerts.length, MAX_ALERTS);
    for (const direction of [0, 1]) {
      const records = session.encryptedRecords.filter((one) => one.direction === direction);
      assert.equal(records.length, MAX_ENCRYPTED_RECORDS);
    }
    assert.deepEqual(session.applicationDataRecords, [500, 500], 'all are counted');
    assert.ok(session.problems.length <= 8 && session.cipherChanges.length <= 4);
  });

  test('of more alerts than are kept, the first fatal one is', () => {
    const warnings = Array.from({ length: MAX_ALERTS + 100 }, (): Step => [1, alert(1, 112)]);
    const { alerts } = read(...warnings, [1, alert(2, 40)], [1, alert(2, 80)], ...warnings);
    assert.equal(alerts.length, MAX_ALERTS);
    assert.deepEqual(
      alerts.slice(-2).map(({ level, description }) => [level, description]),
      [
        [1, 112],
        [2, 40],
      ],
    );
    const early = read([1, alert(2, 40)], ...warnings, [1, alert(2, 80)]).alerts;
    assert.deepEqual(
      early.flatMap(({ level, description }) => (level === 2 ? [description] : [])),
      [40],
    );
  });
});

test('the two directions do not disturb each other', () => {
  const client = concat(handshake(clientHello()), changeCipherSpec, encrypted(TYPE.handshake, 40));
  const server = concat(handshake(serverHello(), certificate(100), serverHelloDone));
  const mixed: Step[] = [];
  for (let at = 0; at < Math.max(client.length, server.length); at++) {
    mixed.push([0, client.subarray(at, at + 1)], [1, server.subarray(at, at + 1)]);
  }
  assert.deepEqual(gist(read(...mixed)), gist(read([0, client], [1, server])));
});

describe('a ClientHello that is not all there', () => {
  const hello = handshake(
    clientHello({ suites: [0x1301, 0xc02f], extensions: [extension(23), extension(22, [1, 2])] }),
  );
  const suites = 5 + 4 + 2 + 32 + 1;
  const partial = (length: number, then: 'gap' | 'end') => {
    const steps: Step[] = [[0, hello.subarray(0, length)]];
    if (then === 'gap') steps.push([0, { gap: hello.length - length }], [0, handshake(message(16, [1]))]);
    return read(...steps).partialHello?.hello;
  };

  test('is kept as far as it goes, whether the rest is lost or the capture ends', () => {
    assert.equal(partial(suites - 2, 'gap'), undefined, 'too little');
    for (const then of ['gap', 'end'] as const) {
      assert.deepEqual(partial(suites + 4, then)?.cipherSuites, [0x1301]);
      assert.deepEqual(partial(suites + 5, then)?.cipherSuites, [0x1301]);
      const most = partial(hello.length - 1, then);
      assert.deepEqual(most?.cipherSuites, [0x1301, 0xc02f]);
      assert.deepEqual(
        most.extensions.map(({ type }) => type),
        [23, 22],
      );
    }
  });

  test('is one from its third byte on if nothing else comes, even if nothing of it can be read', () => {
    for (const length of [3, 4, 5, 6, 8, 9, 40, suites - 2]) {
      const session = read([0, hello.subarray(0, length)]);
      assert.equal(session.isTls, true, `${length} bytes`);
      assert.deepEqual([session.partialHello?.direction, session.partialHello?.hello.cipherSuites], [0, []]);
      assert.deepEqual(session.plaintext, []);
      const pieces = Array.from(hello.subarray(0, length), (byte): Step => [0, Uint8Array.of(byte)]);
      assert.deepEqual(read(...pieces).partialHello?.hello, session.partialHello?.hello, 'byte by byte');
    }
  });

  test('is none where it may be something else', () => {
    const others = [
      [0x16, 3],
      [0x16, 2, 1],
      [0x16, 3, 5],
      [0x16, 3, 1, 0, 1],
      [0x17, 3, 3],
      [...text('ab'), 0x16, 3, 1],
    ];
    for (const bytes of others) assert.equal(read([0, Uint8Array.from(bytes)]).partialHello, null, bytes.join());
    const cutServerHello = handshake(serverHello()).subarray(0, 20);
    assert.equal(read([1, cutServerHello]).partialHello, null);
    assert.equal(read([0, hello], [1, cutServerHello.subarray(0, 3)]).partialHello, null);
    assert.equal(read([0, { gap: 9 }], [0, hello.subarray(0, 40)]).partialHello, null);
  });

  test('is none where all of it is there', () => {
    assert.equal(read([0, hello]).partialHello, null);
  });

  test('is also one whose lengths are wrong', () => {
    const bytes = hello.slice();
    // The block of extensions says that it is longer than the message.
    bytes[suites + 2 + 4 + 2] = 0x7f;
    const session = read([0, bytes]);
    assert.equal(session.messages[0]?.content.kind, 'malformed');
    assert.deepEqual(
      session.partialHello?.hello.extensions.map(({ type }) => type),
      [23, 22],
    );
  });
});

describe('plaintext before TLS', () => {
  test('is kept to a length in each direction', () => {
    const { plaintext } = read([0, new Uint8Array(MAX_PLAINTEXT + 100).fill(0x61)]);
    assert.deepEqual(
      plaintext.map(({ bytes }) => bytes.length),
      [MAX_PLAINTEXT],
    );
  });

  test('is another turn where it answers the TLS of the other side', () => {
    const { plaintext } = read(
      [1, text('220 ready\r\n')],
      [0, text('STARTTLS\r\n')],
      [1, text('220 go ')],
      [1, text('ahead\r\n')],
      [0, handshake(clientHello())],
      [1, text('500 what?\r\n')],
    );
    assert.deepEqual(
      plaintext.map(({ frame, bytes }) => [frame, Buffer.from(bytes).toString()]),
      [
        [1, '220 ready\r\n'],
        [2, 'STARTTLS\r\n'],
        [3, '220 go ahead\r\n'],
        [6, '500 what?\r\n'],
      ],
    );
  });

  test('is what follows an alert, in the same segment or not', () => {
    const says = text('\x16\x00\x00\x02\xff\x13\x04#08S01Bad handshake');
    const talk: Step[] = [
      [1, text('hello')],
      [0, handshake(clientHello())],
    ];
    for (const last of [
      [[1, concat(alert(2, 70), says)]],
      [
        [1, alert(2, 70)],
        [1, says],
      ],
    ] as Step[][]) {
      assert.deepEqual(alertCodes(read(...talk, ...last)), ['1:2:70']);
    }
  });

  test('is kept for so many turns', () => {
    const turns = Array.from({ length: MAX_TURNS + 2 }, (_, index): Step => [
      index % 2 === 0 ? 0 : 1,
      text('ping\r\n'),
    ]);
    assert.equal(read(...turns).plaintext.length, MAX_TURNS);
  });
});
