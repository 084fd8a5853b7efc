import assert from 'node:assert/strict';
import { createHmac, hkdfSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  DTLS_13_PREFIX,
  expandLabel,
  keyBlock,
  nextTrafficSecret,
  prf,
} from '../../../src/tls/decrypt/key-schedule.js';
import { recordCipher } from '../../../src/tls/decrypt/suites.js';
import { fromHex } from '../../support/quic.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test("the server's handshake keys of RFC 8448 §3", () => {
  const secret = fromHex('b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38');
  assert.equal(hex(expandLabel('sha256', secret, 'key', 16)), '3fce516009c21727d0f2e4e86ee403bc');
  assert.equal(hex(expandLabel('sha256', secret, 'iv', 12)), '5d313eb2671276ee13000b30');
});

test('the ChaCha20 keys of RFC 9001 §A.5', () => {
  const secret = fromHex('9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b');
  const expected = {
    'quic key': 'c6d98ff3441c3fe1b2182094f69caa2ed4b716b65488960a7a984979fb23e1c8',
    'quic iv': 'e0459b3474bdd0e44a41c144',
    'quic hp': '25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4',
    'quic ku': '1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9',
  };
  for (const [label, key] of Object.entries(expected)) {
    assert.equal(hex(expandLabel('sha256', secret, label, key.length / 2)), key);
  }
});

describe('HKDF is that of OpenSSL', () => {
  const hashes = fc.constantFrom('sha256' as const, 'sha384' as const);
  const secrets = fc.uint8Array({ minLength: 1, maxLength: 200 });

  /** HKDF-Expand-Label as RFC 8446 §7.1 has it, of HKDF-Expand with the secret as it is: no salt makes that of HKDF. */
  test('the label of a secret that was extracted', () => {
    const prefixes = fc.constantFrom('tls13 ', DTLS_13_PREFIX);
    fc.assert(
      fc.property(hashes, secrets, fc.uint8Array({ maxLength: 100 }), prefixes, (hash, input, salt, prefix) => {
        const secret = createHmac(hash, salt).update(input).digest();
        const label = `${prefix}traffic upd`;
        const length = secret.length;
        const info = Buffer.from(`\0${String.fromCharCode(length, label.length)}${label}\0`, 'latin1');
        const expected = hkdfSync(hash, input, salt, info, length);
        assert.equal(hex(nextTrafficSecret(hash, secret, prefix)), hex(new Uint8Array(expected)));
      }),
    );
  });

  test('secrets of any length are taken', () => {
    fc.assert(
      fc.property(hashes, fc.uint8Array({ maxLength: 300 }), (hash, secret) => {
        assert.equal(expandLabel(hash, secret, 'key', 16).length, 16);
      }),
    );
  });
});

describe('the PRF of TLS 1.0 to 1.2', () => {
  // The vectors that the IETF's TLS working group collected (mailing list, 2009).
  test('with SHA-256', () => {
    const output = prf(
      'sha256',
      fromHex('9bbe436ba940f017b17652849a71db35'),
      'test label',
      fromHex('a0ba9f936cda311827a6f796ffd5198c'),
      100,
    );
    assert.equal(
      hex(output),
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17' +
        'abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
    );
  });

  test('with SHA-384', () => {
    const output = prf(
      'sha384',
      fromHex('b80b733d6ceefcdc71566ea48e5567df'),
      'test label',
      fromHex('cd665cf6a8447dd6ff8b27555edb7465'),
      32,
    );
    assert.equal(hex(output), '7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd');
  });

  // openssl kdf -keylen 32 -kdfopt digest:MD5-SHA1 -kdfopt hexsecret:0001…2f -kdfopt hexseed:(label, seed) TLS1-PRF
  test('with MD5 and SHA-1, as OpenSSL 3 has it', () => {
    const secret = Uint8Array.from({ length: 48 }, (_, index) => index);
    assert.equal(hex(prf(null, secret, 'key expansion', fromHex('aabbccdd'), 32)), PRF_MD5_SHA1);
  });
});

const PRF_MD5_SHA1 = '5db52e9da94124b1d65988f5d3b6505c4f21be63824b996fc927342fcb3f809d';

test('a key block begins with that of fewer bytes, in every version', () => {
  const cipher = recordCipher(0x002f);
  assert.ok(cipher);
  const bytes = fc.uint8Array({ maxLength: 64 });
  fc.assert(
    fc.property(
      fc.constantFrom(0x0300, 0x0301, 0x0302, 0x0303),
      bytes,
      bytes,
      bytes,
      fc.nat(136),
      (version, master, clientRandom, serverRandom, length) => {
        const handshake = { cipher, version, clientRandom, serverRandom };
        const block = keyBlock(handshake, master, 136);
        assert.equal(block.length, 136);
        const shorter = keyBlock(handshake, master, length);
        assert.deepEqual(shorter, block.subarray(0, length));
      },
    ),
  );
});
