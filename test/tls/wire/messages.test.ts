import { decodeFault } from '../../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Cursor, DecodeError } from '../../../src/tls/wire/cursor.js';
import { namesIn } from '../../../src/tls/wire/extensions/certificate-authorities.js';
import { contentOf } from '../../../src/tls/wire/extensions/extension.js';
import { serverName } from '../../../src/tls/wire/extensions/server-name.js';
import {
  decodeClientHello,
  decodeV2ClientHello,
  v2ClientHelloLength,
} from '../../../src/tls/wire/messages/client-hello.js';
import { decodeHandshake, type Negotiated } from '../../../src/tls/wire/messages/handshake.js';
import { decodeServerHello } from '../../../src/tls/wire/messages/server-hello.js';
import { createSharedContent } from '../../../src/tls/wire/messages/shared.js';
import { decodeServerKeyExchange } from '../../../src/tls/wire/messages/server-key-exchange.js';
import { HANDSHAKE_TYPES } from '../../../src/tls/wire/registry/handshake-types.js';
import { be16, concat } from '../../support/captures.js';
import {
  clientHelloBody,
  codes,
  extension,
  RANDOM,
  RETRY_RANDOM,
  serverHelloBody,
  tls13Extensions,
  vector16,
  vector24,
  vector8,
} from '../../support/tls.js';

const handshakeOf = (type: number, body: Uint8Array, negotiated: Negotiated) =>
  decodeHandshake(type, body, 0, body.length, { negotiated, shared: createSharedContent() });

const shared = createSharedContent();
const readClientHello = (body: Uint8Array) => decodeClientHello(new Cursor(body), shared);
const readServerHello = (body: Uint8Array) => decodeServerHello(new Cursor(body), shared);

describe('ClientHello', () => {
  test('is decoded in full', () => {
    const hello = readClientHello(
      clientHelloBody({
        sessionId: [1, 2, 3],
        suites: [0x0a0a, 0x1301],
        extensions: [extension(0, vector16([0], vector16([97, 46, 98]))), extension(23)],
      }),
    );
    assert.equal(hello.legacyVersion, 0x0303);
    assert.equal(hello.random, '11'.repeat(32));
    assert.equal(hello.sessionId, '010203');
    assert.deepEqual(hello.cipherSuites, [0x0a0a, 0x1301]);
    assert.deepEqual(hello.compressionMethods, [0]);
    assert.deepEqual(
      hello.extensions.map(({ type }) => type),
      [0, 23],
    );
    assert.equal(contentOf(hello.extensions, serverName), 'a.b');
  });

  test('of SSL 3.0 ends before its extensions', () => {
    const hello = readClientHello(clientHelloBody({ version: 0x0300, extensions: null }));
    assert.deepEqual([hello.legacyVersion, hello.extensions], [0x0300, []]);
  });

  test('cut anywhere before its end is malformed, and says where', () => {
    const body = clientHelloBody({ sessionId: [1], extensions: [extension(23)] });
    const withoutExtensions = body.length - 6;
    for (let length = 0; length < body.length; length++) {
      if (length === withoutExtensions) continue;
      assert.throws(
        () => readClientHello(body.subarray(0, length)),
        (error) => error instanceof DecodeError && error.offset <= length,
      );
    }
  });

  const withoutTemplate = (body: Uint8Array) => ({ ...readClientHello(body), template: null });

  test('is the same whether another of its kind was seen before', () => {
    const byte = fc.integer({ min: 0, max: 3 });
    const bytes = (most: number) => fc.array(byte, { maxLength: most });
    const own = fc.record({
      random: fc.nat(255),
      sessionId: bytes(3),
      name: bytes(3),
      share: bytes(3),
      ticket: bytes(9),
      parameters: bytes(4),
    });
    const ofOne = fc.record({ suites: fc.array(fc.nat(9)), groups: bytes(5), unknown: fc.nat(3) });
    fc.assert(
      fc.property(ofOne, fc.array(own, { minLength: 2, maxLength: 4 }), ({ suites, groups, unknown }, hellos) => {
        for (const { random, sessionId, name, share, ticket, parameters } of hellos) {
          const body = clientHelloBody({
            sessionId,
            suites,
            extensions: [
              extension(0, vector16([0], vector16(name))),
              // Sometimes well formed.
              extension(10, groups),
              extension(51, vector16([0, 29], vector16(share), name)),
              extension(41, ticket),
              extension(57, parameters),
              extension(unknown + 17, sessionId),
            ],
          });
          body[2] = random;
          // A byte behind its end makes it unlike all others.
          assert.deepEqual(withoutTemplate(body), withoutTemplate(concat(body, [0])));
        }
      }),
    );
  });

  const v2 = (specs: readonly number[], sessionId: readonly number[], challenge: readonly number[]): Uint8Array => {
    const body = concat(
      [1],
      be16(0x0301),
      be16(specs.length),
      be16(sessionId.length),
      be16(challenge.length),
      specs,
      sessionId,
      challenge,
    );
    return concat(be16(0x8000 | body.length), body);
  };
  const sixteen = Array.from({ length: 16 }, (_, index) => index + 1);

  test('in SSLv2 format is told by lengths that agree, and decoded (RFC 5246 §E.2)', () => {
    const bytes = v2([0, 0, 47, 7, 0, 192, 0, 0x0a, 0x0a], [], sixteen);
    assert.equal(v2ClientHelloLength(bytes, 0, bytes.length), bytes.length - 2);
    const hello = decodeV2ClientHello(bytes.subarray(2));
    assert.equal(hello.legacyVersion, 0x0301);
    assert.deepEqual(hello.cipherSuites, [47, 0x0a0a], 'SSLv2 ciphers are no TLS suites');
    assert.equal(hello.random, '00'.repeat(16) + Buffer.from(sixteen).toString('hex'));
  });

  test('in SSLv2 format is not seen in bytes that only begin like it', () => {
    const bytes = v2([0, 0, 47], [], sixteen);
    for (const [at, value] of [
      [0, 0x00],
      [1, 0xff],
      [2, 4],
      [3, 9],
      [6, 4],
      [8, 5],
      [10, 99],
    ] as const) {
      const other = bytes.slice();
      other[at] = value;
      assert.equal(v2ClientHelloLength(other, 0, other.length), 0, `byte ${at}`);
    }
    assert.equal(v2ClientHelloLength(bytes, 0, 10), 0);
  });
});

describe('ServerHello', () => {
  test('of TLS 1.2 has the version of its old field', () => {
    const hello = readServerHello(serverHelloBody({ sessionId: [7], suites: [0xc02f], extensions: null }));
    assert.deepEqual(
      [hello.version, hello.legacyVersion, hello.cipherSuite, hello.sessionId, hello.isHelloRetryRequest],
      [0x0303, 0x0303, 0xc02f, '07', false],
    );
  });

  test('of TLS 1.3 has that of its extension', () => {
    const hello = readServerHello(serverHelloBody({ suites: [0x1301], extensions: tls13Extensions }));
    assert.deepEqual([hello.version, hello.legacyVersion, hello.isHelloRetryRequest], [0x0304, 0x0303, false]);
  });

  test('is a HelloRetryRequest by its random (RFC 8446 §4.1.3)', () => {
    const hello = readServerHello(
      serverHelloBody({ random: RETRY_RANDOM, extensions: [extension(51, be16(23)), extension(43, be16(0x0304))] }),
    );
    assert.equal(hello.isHelloRetryRequest, true);
    assert.deepEqual(hello.extensions[0]?.content, [23]);
  });

  test('of the drafts of TLS 1.3 had neither session id nor compression method', () => {
    const body = concat(be16(0x7f15), RANDOM, be16(0x1301), vector16(extension(51, be16(29), vector16([1]))));
    const hello = readServerHello(body);
    assert.deepEqual([hello.version, hello.cipherSuite, hello.extensions.length], [0x7f15, 0x1301, 1]);
  });
});

test('hellos of a program to one server share their extensions, whatever their keys', () => {
  const shared = createSharedContent();
  const extensionsOf = (name: string, key: number) =>
    decodeClientHello(
      new Cursor(
        clientHelloBody({
          extensions: [
            extension(0, vector16([0], vector16(Buffer.from(name)))),
            extension(51, vector16(be16(29), vector16(new Uint8Array(32).fill(key)))),
          ],
        }),
      ),
      shared,
    ).extensions;
  const first = extensionsOf('a.example', 1);
  assert.equal(extensionsOf('a.example', 2), first);
  const other = extensionsOf('b.example', 3);
  assert.deepEqual([other[0]?.content, other[1] === first[1]], ['b.example', true]);
});

test('a ServerHello is the same whether another of its kind was seen before', () => {
  const bytes = (most: number) => fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: most });
  const own = fc.record({ random: fc.nat(255), sessionId: bytes(3), share: bytes(3), isRetry: fc.boolean() });
  const ofOne = fc.record({ suite: fc.nat(9), protocol: bytes(5) });
  fc.assert(
    fc.property(ofOne, fc.array(own, { minLength: 2, maxLength: 4 }), ({ suite, protocol }, hellos) => {
      for (const { random, sessionId, share, isRetry } of hellos) {
        const body = serverHelloBody({
          random: isRetry ? RETRY_RANDOM : new Uint8Array(32).fill(random),
          sessionId,
          suites: [suite],
          extensions: [
            extension(16, vector16(vector8(protocol))),
            extension(51, be16(29), vector16(share)),
            extension(43, be16(0x0304)),
            extension(23),
          ],
        });
        const alone = decodeServerHello(new Cursor(body), createSharedContent());
        assert.deepEqual({ ...readServerHello(body), template: null }, { ...alone, template: null });
      }
    }),
  );
});

describe('ServerKeyExchange', () => {
  const ecdhe = concat([3], be16(29), vector8(new Uint8Array(32)));
  const dhe = (prime: readonly number[] | Uint8Array): Uint8Array =>
    concat(vector16(prime), vector16([2]), vector16([9]));
  const prime2048 = concat([0x80], new Uint8Array(255));
  const signature = concat(be16(0x0804), vector16([1, 2, 3]));
  const cases: readonly (readonly [
    what: string,
    body: Uint8Array,
    version: number,
    suite: number,
    group: number | null,
    dhBits: number | null,
    scheme: number | null,
  ])[] = [
    ['ECDHE, TLS 1.2', concat(ecdhe, signature), 0x0303, 0xc02f, 29, null, 0x0804],
    ['ECDHE, TLS 1.1: no scheme on the wire', concat(ecdhe, vector16([1])), 0x0302, 0xc013, 29, null, null],
    ['ECDH_anon: no signature', ecdhe, 0x0303, 0xc018, 29, null, null],
    ['DHE, TLS 1.2', concat(dhe(prime2048), signature), 0x0303, 0x0033, null, 2048, 0x0804],
    ['DHE with a leading zero', concat(dhe(concat([0], prime2048)), signature), 0x0303, 0x0033, null, 2048, 0x0804],
    [
      'DHE of 1023 bits',
      concat(dhe(concat([0x40], new Uint8Array(127))), vector16([1])),
      0x0301,
      0x0033,
      null,
      1023,
      null,
    ],
    ['DHE of nothing', concat(dhe([0, 0]), vector16([1])), 0x0301, 0x0033, null, 0, null],
    ['DH_anon', dhe(prime2048), 0x0303, 0x0034, null, 2048, null],
    ['DHE_PSK: a hint first', concat(vector16([104]), dhe(prime2048)), 0x0303, 0x00b2, null, 2048, null],
    ['ECDHE_PSK: a hint first', concat(vector16(), ecdhe), 0x0303, 0xc035, 29, null, null],
    ['PSK: a hint alone', vector16([104]), 0x0303, 0x008c, null, null, null],
    ['ECDHE over an explicit curve', concat([1], new Uint8Array(9)), 0x0303, 0xc02f, null, null, null],
    ['a suite that is not known', concat(ecdhe, signature), 0x0303, 0xfffe, null, null, null],
    ['RSA_EXPORT', concat(vector16([1]), vector16([3])), 0x0301, 0x0003, null, null, null],
  ];
  for (const [what, body, version, suite, group, dhBits, signatureScheme] of cases) {
    test(what, () => {
      assert.deepEqual(decodeServerKeyExchange(new Cursor(body), version, suite), { group, dhBits, signatureScheme });
    });
  }

  test('cut short is malformed', () => {
    const body = concat(ecdhe, signature);
    for (let length = 0; length < body.length; length++) {
      assert.throws(() => decodeServerKeyExchange(new Cursor(body.subarray(0, length)), 0x0303, 0xc02f), DecodeError);
    }
  });
});

describe('CertificateRequest', () => {
  const names = vector16(vector16([0x30, 0]), vector16([0x30, 1, 5]));

  test('of TLS 1.2 lists types, schemes and authorities', () => {
    const body = concat(vector8([1, 64]), vector16(codes([0x0401, 0x0403])), names);
    const content = handshakeOf(13, body, { version: 0x0303, cipherSuite: 0 });
    assert.ok(content.kind === 'certificate_request');
    const { certificateAuthorities, ...others } = content.request;
    assert.deepEqual(others, { certificateTypes: [1, 64], signatureSchemes: [0x0401, 0x0403] });
    assert.deepEqual(namesIn(certificateAuthorities), [new Uint8Array([0x30, 0]), new Uint8Array([0x30, 1, 5])]);
  });

  test('of which a name is longer than the list is none', () => {
    const body = concat(vector8([1]), vector16([0, 9, 0x30, 0]));
    assert.equal(handshakeOf(13, body, { version: 0x0301, cipherSuite: 0 }).kind, 'malformed');
  });

  test('before TLS 1.2 has no schemes', () => {
    const content = handshakeOf(13, concat(vector8([1]), names), { version: 0x0301, cipherSuite: 0 });
    assert.ok(content.kind === 'certificate_request');
    assert.deepEqual(content.request.signatureSchemes, []);
    assert.equal(namesIn(content.request.certificateAuthorities).length, 2);
  });
});

describe('other messages', () => {
  const tls12 = { version: 0x0303, cipherSuite: 0xc02f };

  test('Certificate: every certificate in the order sent; none in an empty one', () => {
    const body = vector24(vector24([1, 2]), vector24([3]));
    assert.deepEqual(handshakeOf(11, body, tls12), {
      kind: 'certificate',
      certificates: [new Uint8Array([1, 2]), new Uint8Array([3])],
    });
    assert.deepEqual(handshakeOf(11, vector24(), tls12), { kind: 'certificate', certificates: [] });
  });

  test('CertificateStatus: the OCSP response', () => {
    assert.deepEqual(handshakeOf(22, concat([1], vector24([5, 6])), tls12), {
      kind: 'certificate_status',
      response: new Uint8Array([5, 6]),
    });
  });

  test('what cannot be decoded is malformed and says why', () => {
    const content = handshakeOf(11, new Uint8Array([0, 0, 9, 0]), tls12);
    assert.ok(content.kind === 'malformed');
    assert.deepEqual(
      content.error.fault,
      decodeFault('tooFewBytes', { field: 'certificate_list', needed: 9, left: 1 }),
    );
    assert.equal(content.error.offset, 3);
  });

  test('what is kept is a copy', () => {
    const bodies: readonly (readonly [number, Uint8Array])[] = [
      [11, vector24(vector24([1, 2, 3]))],
      [13, concat(vector8([1]), vector16(codes([1])), vector16(vector16([4, 5])))],
      [22, concat([1], vector24([5, 6]))],
      [1, clientHelloBody({ extensions: [extension(16, vector16(vector8([104, 50])))] })],
    ];
    for (const [type, body] of bodies) {
      const bytes = body.slice();
      const content = handshakeOf(type, bytes, tls12);
      bytes.fill(0xdd);
      assert.deepEqual(content, handshakeOf(type, body, tls12));
    }
  });

  test('any type with any body is total', () => {
    const types = fc.constantFrom(...HANDSHAKE_TYPES.keys(), 99);
    const versions = fc.constantFrom(0, 0x0300, 0x0303, 0x0304, 0x7f1c);
    const suites = fc.constantFrom(0, 0x0033, 0xc02f, 0x00b2, 0xc018, 0x1301, 0xfffe);
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 200 }), versions, suites, (type, body, version, cipherSuite) => {
        handshakeOf(type, body, { version, cipherSuite });
      }),
      { numRuns: 2000 },
    );
  });
});
