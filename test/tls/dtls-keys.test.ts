import assert from 'node:assert/strict';
import { createCipheriv, createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Connection } from '../../src/connection/connection.js';
import { createSecrets, type Secrets } from '../../src/tls/decrypt/secrets.js';
import { be16, be32, concat } from '../support/captures.js';
import {
  connectionsOfDatagrams,
  DTLS_1_2,
  dtlsClientHello,
  dtlsMessage,
  dtlsRecord,
  dtlsServerHello,
  fragment,
  type TestDatagram,
} from '../support/datagrams.js';
import { codes, extension, RANDOM, vector16, vector8 } from '../support/tls.js';

// Records sealed by the text of RFC 6347, 9146 and 9147, and not by the code under test.

type Side = 'client' | 'server';
const RANDOM_HEX = Buffer.from(RANDOM).toString('hex');

const hmac = (key: Uint8Array, ...data: Uint8Array[]): Buffer =>
  createHmac('sha256', key)
    .update(concat(...data))
    .digest();
const xorEnd = (bytes: Uint8Array, number: number): Buffer => {
  const result = Buffer.from(bytes);
  for (let at = result.length - 1, rest = number; rest > 0; at--, rest = Math.floor(rest / 256)) {
    result[at] = (result[at] as number) ^ (rest % 256);
  }
  return result;
};
const gcm = (key: Uint8Array, nonce: Uint8Array, data: Uint8Array, plaintext: Uint8Array): Uint8Array => {
  const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(data);
  return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
};

function connect(datagrams: readonly (readonly [Side, ...Uint8Array[]])[], secrets?: Secrets): Connection {
  const made = datagrams.map(([from, ...parts]): TestDatagram => ({ from, data: concat(...parts) }));
  const [connection, ...others] = connectionsOfDatagrams(made, secrets);
  assert.ok(connection);
  assert.equal(others.length, 0);
  return connection;
}

const gist = ({ messages }: Connection): string[] =>
  messages.map(
    ({ frame, type, epoch, decrypted }) => `${frame} ${type} ${epoch}${decrypted === true ? ' decrypted' : ''}`,
  );
const alertsOf = ({ alerts }: Connection): string[] =>
  alerts.map(({ frame, from, name, decrypted }) => `${frame} ${from} ${name} ${decrypted === true ? 'decrypted' : ''}`);

describe('DTLS 1.2 with keys', () => {
  const MASTER = new Uint8Array(48).fill(9);
  const seed = concat(Buffer.from('key expansion'), RANDOM, RANDOM);
  const block = ((): Buffer => {
    const blocks: Buffer[] = [];
    for (let a = hmac(MASTER, seed); blocks.length < 2; a = hmac(MASTER, a)) blocks.push(hmac(MASTER, a, seed));
    return Buffer.concat(blocks);
  })();
  const KEYS = {
    client: [block.subarray(0, 16), block.subarray(32, 36)],
    server: [block.subarray(16, 32), block.subarray(36, 40)],
  } as const;
  const secrets = (): Secrets => {
    const known = createSecrets();
    known.add(RANDOM_HEX, 'CLIENT_RANDOM', MASTER);
    return known;
  };

  /** A record of AES-128-GCM (RFC 5288). */
  function sealed(from: Side, sequence: number, type: number, content: Uint8Array, epoch = 1): Uint8Array {
    const place = concat(be16(epoch), [0, 0], be32(sequence));
    const data = concat(place, [type], be16(DTLS_1_2), be16(content.length));
    const [key, salt] = KEYS[from];
    const body = concat(place, gcm(key, concat(salt, place), data, content));
    return dtlsRecord(type, body, { epoch, sequence });
  }

  /** As `sealed`, with a connection ID (RFC 9146 §5.3), or as a draft had it. */
  function sealedWithId(
    from: Side,
    sequence: number,
    type: number,
    content: Uint8Array,
    id: number[],
    isDraft: boolean,
  ) {
    const place = concat(be16(1), [0, 0], be32(sequence));
    const inner = concat(content, [type], [0, 0]);
    const data = isDraft
      ? concat(place, [25], be16(DTLS_1_2), id, [id.length], be16(inner.length))
      : concat(new Uint8Array(8).fill(255), [25, id.length, 25], be16(DTLS_1_2), place, id, be16(inner.length));
    const [key, salt] = KEYS[from];
    const body = concat(place, gcm(key, concat(salt, place), data, inner));
    return concat([25], be16(DTLS_1_2), place, id, be16(body.length), body);
  }

  const finished = (number: number): Uint8Array => fragment(20, number, new Uint8Array(12));
  const hellos = (extensions: readonly Uint8Array[] = []) =>
    [
      ['client', dtlsMessage(1, 0, dtlsClientHello({ extensions }))],
      ['server', dtlsMessage(2, 0, dtlsServerHello({ extensions })), dtlsMessage(14, 1, new Uint8Array(0))],
    ] as const;

  test('Finished, alerts and data behind ChangeCipherSpec', () => {
    const connection = connect(
      [
        ...hellos(),
        ['client', dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1]), sealed('client', 0, 22, finished(2))],
        ['server', dtlsRecord(20, [1]), sealed('server', 0, 22, finished(2))],
        ['client', sealed('client', 1, 23, Buffer.from('a secret'))],
        ['server', sealed('server', 1, 21, Uint8Array.of(1, 0))],
      ],
      secrets(),
    );
    assert.deepEqual(gist(connection).slice(-2), ['3 finished 1 decrypted', '4 finished 1 decrypted']);
    assert.deepEqual(alertsOf(connection), ['6 server close_notify decrypted']);
    assert.equal(connection.keys?.opened, 3);
    assert.equal(connection.outcome, 'established');
    assert.doesNotMatch(JSON.stringify(connection), /secret/);
  });

  test('of a record that was altered the sender is told, where none behind it opens', () => {
    const flight = (sequence: number, isAltered: boolean): [Side, Uint8Array] => {
      const one = sealed('server', sequence, 22, finished(2));
      if (isAltered) one[one.length - 1] = (one.at(-1) ?? 0) ^ 1;
      return ['server', one];
    };
    const ending = (...last: readonly (readonly [Side, ...Uint8Array[]])[]): Connection =>
      connect(
        [
          ...hellos(),
          ['client', dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1]), sealed('client', 0, 22, finished(2))],
          ['server', dtlsRecord(20, [1])],
          ...last,
        ],
        secrets(),
      );
    const lasting = ending(flight(0, true), flight(1, true), flight(2, true));
    assert.deepEqual([lasting.keys?.altered?.frame, lasting.keys?.altered?.from], [5, 'server']);
    assert.deepEqual(
      lasting.notes.filter(({ code }) => code === 'altered-packet').map(({ frame }) => frame),
      [5],
    );
    // What is sent again is what was sent.
    const passing = ending(flight(0, true), flight(1, true), flight(2, false));
    assert.deepEqual([passing.keys?.altered, gist(passing).at(-1)], [null, '7 finished 1 decrypted']);
    assert.equal(ending(flight(0, true)).keys?.altered, null);
  });

  test('of keys that open nothing nobody says that a record was altered', () => {
    const wrong = createSecrets();
    wrong.add(RANDOM_HEX, 'CLIENT_RANDOM', new Uint8Array(48).fill(8));
    const { keys, notes } = connect(
      [...hellos(), ...[0, 1, 2].map((number) => ['client', sealed('client', number, 22, finished(2))] as const)],
      wrong,
    );
    assert.deepEqual([keys, notes], [{ opened: 0, altered: null, unreadable: null }, []]);
  });

  for (const [name, type, isDraft] of [
    ['RFC 9146', 54, false],
    ['a draft', 53, true],
  ] as const) {
    test(`connection IDs of ${name}`, () => {
      const [clientHello, serverHello] = [
        dtlsMessage(1, 0, dtlsClientHello({ extensions: [extension(type, vector8([7, 7]))] })),
        dtlsMessage(2, 0, dtlsServerHello({ extensions: [extension(type, vector8([8, 8, 8]))] })),
      ];
      const connection = connect(
        [
          ['client', clientHello],
          ['server', serverHello, dtlsMessage(14, 1, new Uint8Array(0))],
          ['client', dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1])],
          ['client', sealedWithId('client', 0, 22, finished(2), [8, 8, 8], isDraft)],
          ['server', dtlsRecord(20, [1]), sealedWithId('server', 0, 22, finished(2), [7, 7], isDraft)],
          ['server', sealedWithId('server', 1, 21, Uint8Array.of(2, 46), [7, 7], isDraft)],
        ],
        secrets(),
      );
      assert.deepEqual(gist(connection).slice(-2), ['4 finished 1 decrypted', '5 finished 1 decrypted']);
      assert.deepEqual(alertsOf(connection), ['6 server certificate_unknown decrypted']);
    });
  }

  test('a renegotiation counts its messages from 0, and has an epoch of its own', () => {
    const [, [, ...serverFlight]] = hellos();
    const first = [sealed('client', 0, 22, finished(2)), sealed('server', 0, 22, finished(2))] as const;
    const connection = connect(
      [
        ['client', dtlsMessage(1, 0, dtlsClientHello())],
        ['server', ...serverFlight],
        ['client', dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1]), first[0]],
        ['server', dtlsRecord(20, [1]), first[1]],
        ['client', sealed('client', 1, 22, fragment(1, 0, dtlsClientHello()))],
        ['server', sealed('server', 1, 22, fragment(2, 0, dtlsServerHello()))],
        ['client', sealed('client', 2, 20, Uint8Array.of(1)), sealed('client', 0, 22, finished(1), 2)],
      ],
      secrets(),
    );
    assert.deepEqual(gist(connection).slice(4), [
      '3 finished 1 decrypted',
      '4 finished 1 decrypted',
      '5 client_hello 1 decrypted',
      '6 server_hello 1 decrypted',
      '7 finished 2 decrypted',
    ]);
    assert.equal(connection.clientHello?.frame, 1);
  });

  test('a Finished that overtakes the ServerHello waits for it', () => {
    const [clientHello, serverHello] = hellos();
    const late = connect(
      [clientHello, ['server', dtlsRecord(20, [1]), sealed('server', 0, 22, finished(2))], serverHello],
      secrets(),
    );
    assert.deepEqual(gist(late), [
      '1 client_hello 0',
      '2 finished 1 decrypted',
      '3 server_hello 0',
      '3 server_hello_done 0',
    ]);
  });

  test('a suite without encryption is read without keys', () => {
    const hello = concat(be16(DTLS_1_2), RANDOM, vector8(), be16(0xc006), [0], vector16());
    const plain = (type: number, content: Uint8Array): Uint8Array =>
      dtlsRecord(type, concat(content, new Uint8Array(20)), { epoch: 1 });
    const connection = connect([
      hellos()[0],
      ['server', dtlsMessage(2, 0, hello), dtlsMessage(14, 1, new Uint8Array(0))],
      ['client', dtlsMessage(16, 1, new Uint8Array(33)), dtlsRecord(20, [1]), plain(22, finished(2))],
      ['server', plain(21, Uint8Array.of(2, 51))],
    ]);
    assert.equal(gist(connection).at(-1), '3 finished 1');
    assert.deepEqual(alertsOf(connection), ['4 server decrypt_error ']);
    assert.equal(connection.keys, null);
  });

  test('a suite that cannot be read is named', () => {
    const hello = concat(be16(DTLS_1_2), RANDOM, vector8(), be16(0xc011), [0], vector16());
    const { keys } = connect([hellos()[0], ['server', dtlsMessage(2, 0, hello)]], secrets());
    assert.deepEqual(keys, { opened: 0, altered: null, unreadable: 'TLS_ECDHE_RSA_WITH_RC4_128_SHA' });
  });
});

describe('DTLS 1.3 with keys', () => {
  const SECRETS = {
    client: [new Uint8Array(32).fill(1), new Uint8Array(32).fill(3)],
    server: [new Uint8Array(32).fill(2), new Uint8Array(32).fill(4)],
  } as const;
  const secrets = (): Secrets => {
    const known = createSecrets();
    known.add(RANDOM_HEX, 'CLIENT_HANDSHAKE_TRAFFIC_SECRET', SECRETS.client[0]);
    known.add(RANDOM_HEX, 'SERVER_HANDSHAKE_TRAFFIC_SECRET', SECRETS.server[0]);
    known.add(RANDOM_HEX, 'CLIENT_TRAFFIC_SECRET_0', SECRETS.client[1]);
    known.add(RANDOM_HEX, 'SERVER_TRAFFIC_SECRET_0', SECRETS.server[1]);
    return known;
  };

  const expand = (secret: Uint8Array, label: string, length: number): Buffer => {
    const name = Buffer.from(`dtls13${label}`);
    return hmac(secret, concat(be16(length), [name.length], name, [0], [1])).subarray(0, length);
  };

  interface Options {
    readonly isShort?: boolean;
    readonly hasLength?: boolean;
    readonly id?: readonly number[];
  }

  /** A record with the unified header (RFC 9147 §4, §4.2.3). */
  function sealed(
    from: Side,
    epoch: number,
    sequence: number,
    type: number,
    content: Uint8Array,
    options: Options = {},
  ) {
    const { isShort = false, hasLength = true, id = [] } = options;
    let secret: Uint8Array = SECRETS[from][epoch === 2 ? 0 : 1];
    for (let at = 3; at < epoch; at++) secret = expand(secret, 'traffic upd', 32);
    const inner = concat(content, [type], [0, 0, 0]);
    const number = isShort ? [sequence & 0xff] : be16(sequence & 0xffff);
    const first = 0x20 | (id.length > 0 ? 0x10 : 0) | (isShort ? 0 : 0x08) | (hasLength ? 0x04 : 0) | (epoch & 3);
    const header = concat([first], id, number, hasLength ? be16(inner.length + 16) : []);
    const body = gcm(expand(secret, 'key', 16), xorEnd(expand(secret, 'iv', 12), sequence), header, inner);
    const mask = createCipheriv('aes-128-ecb', expand(secret, 'sn', 16), null).update(body.subarray(0, 16));
    for (let index = 0; index < number.length; index++) {
      header[1 + id.length + index] = (header[1 + id.length + index] as number) ^ (mask[index] as number);
    }
    return concat(header, body);
  }

  const supported = (selected: boolean): Uint8Array => extension(43, selected ? be16(0xfefc) : vector8(be16(0xfefc)));
  const hello13 = (...extensions: Uint8Array[]): Uint8Array =>
    concat(
      be16(DTLS_1_2),
      RANDOM,
      vector8(),
      vector8(),
      vector16(codes([0x1301])),
      vector8([0]),
      vector16(supported(false), ...extensions),
    );
  const answer13 = (...extensions: Uint8Array[]): Uint8Array =>
    concat(be16(DTLS_1_2), RANDOM, vector8(), be16(0x1301), [0], vector16(supported(true), ...extensions));
  const flight = (from: Side, options?: Options): Uint8Array[] => [
    sealed(from, 2, 0, 22, fragment(8, 1, Uint8Array.of(0, 0)), options),
    sealed(from, 2, 1, 22, fragment(15, 2, new Uint8Array(90), 0, 50), options),
    sealed(from, 2, 2, 22, fragment(15, 2, new Uint8Array(90), 50), options),
    sealed(from, 2, 3, 22, fragment(20, 3, new Uint8Array(32)), options),
  ];
  const SERVER_GIST = [
    '2 server_hello 0',
    '2 encrypted_extensions 2 decrypted',
    '2 certificate_verify 2 decrypted',
    '2 finished 2 decrypted',
  ];

  for (const [name, options] of Object.entries({
    'long numbers': {},
    'short numbers': { isShort: true },
    'connection IDs': { id: [7, 7] },
  } satisfies Record<string, Options>)) {
    test(`messages, ACKs, data and alerts: ${name}`, () => {
      const ids = 'id' in options ? [extension(54, vector8(options.id))] : [];
      const end = { ...options, hasLength: false };
      const connection = connect(
        [
          ['client', dtlsMessage(1, 0, hello13(...ids))],
          ['server', dtlsMessage(2, 0, answer13(...ids)), ...flight('server', options)],
          ['client', sealed('client', 2, 0, 22, fragment(20, 1, new Uint8Array(32)), end)],
          ['server', sealed('server', 3, 0, 26, vector16(new Uint8Array(16)), options)],
          ['client', sealed('client', 3, 0, 23, Buffer.from('a secret'), options)],
          ['server', sealed('server', 3, 1, 21, Uint8Array.of(1, 0), options)],
        ],
        secrets(),
      );
      assert.deepEqual(gist(connection), ['1 client_hello 0', ...SERVER_GIST, '3 finished 2 decrypted']);
      assert.deepEqual(alertsOf(connection), ['6 server close_notify decrypted']);
      assert.equal(connection.dtls?.acks, 1);
      assert.equal(connection.dtls.connectionId, ids.length > 0);
      assert.equal(connection.keys?.opened, 8);
      assert.doesNotMatch(JSON.stringify(connection), /secret/);
    });
  }

  test('behind KeyUpdate the next epochs are opened, whose header has two bits of them', () => {
    const update = (epoch: number): Uint8Array =>
      sealed('client', epoch, 9, 22, fragment(24, epoch - 1, Uint8Array.of(0)));
    const connection = connect(
      [
        ['client', dtlsMessage(1, 0, hello13())],
        ['server', dtlsMessage(2, 0, answer13()), ...flight('server')],
        ['client', sealed('client', 2, 0, 22, fragment(20, 1, new Uint8Array(32)))],
        ['client', update(3)],
        ['client', update(4)],
        ['client', update(5)],
        ['client', sealed('client', 6, 0, 21, Uint8Array.of(2, 80))],
      ],
      secrets(),
    );
    assert.deepEqual(gist(connection).slice(-3), [
      '4 key_update 3 decrypted',
      '5 key_update 4 decrypted',
      '6 key_update 5 decrypted',
    ]);
    assert.deepEqual(alertsOf(connection), ['7 client internal_error decrypted']);
  });

  test('records that come before the ServerHello wait for it', () => {
    const connection = connect(
      [
        ['client', dtlsMessage(1, 0, hello13())],
        ['server', ...flight('server')],
        ['server', dtlsMessage(2, 0, answer13())],
      ],
      secrets(),
    );
    assert.deepEqual(gist(connection), ['1 client_hello 0', ...SERVER_GIST.slice(1), '3 server_hello 0']);
  });

  test('a repeat is none the more a message', () => {
    const connection = connect(
      [
        ['client', dtlsMessage(1, 0, hello13())],
        ['server', dtlsMessage(2, 0, answer13()), ...flight('server')],
        ['server', sealed('server', 2, 4, 22, fragment(20, 3, new Uint8Array(32)))],
      ],
      secrets(),
    );
    assert.deepEqual(gist(connection), ['1 client_hello 0', ...SERVER_GIST]);
    assert.equal(connection.dtls?.retransmissions, 1);
  });

  test('whatever bytes come, they do not make it fail', () => {
    const [first, second] = [dtlsMessage(1, 0, hello13()), dtlsMessage(2, 0, answer13())];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0x20, max: 0x3f }), (bytes, start) => {
        const [connection] = connectionsOfDatagrams(
          [
            { from: 'client', data: first },
            { from: 'server', data: second },
            { from: 'server', data: concat([start], bytes) },
          ],
          secrets(),
        );
        assert.equal(connection?.messages.length, 2);
      }),
    );
  });
});
