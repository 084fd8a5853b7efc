import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_CHACHA20, openChaCha20Poly1305 } from '../../../src/tls/decrypt/chacha20-poly1305.js';

/** Bytes of which many are 0xff: what carries furthest. */
const bytes = (minLength: number, maxLength: number = minLength) =>
  fc.array(fc.oneof(fc.nat(255), fc.constant(255)), { minLength, maxLength }).map((list) => Uint8Array.from(list));
const sealed = fc.record({
  key: bytes(32),
  nonce: bytes(12),
  data: bytes(0, 70),
  content: bytes(0, MAX_CHACHA20),
});

function seal({ key, nonce, data, content }: typeof sealed extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 }).setAAD(data, {
    plaintextLength: content.length,
  });
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

describe('ChaCha20-Poly1305', () => {
  test('opens the example of RFC 8439, appendix A.5', () => {
    const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
    const key = hex('1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0');
    const data = hex('f33388860000000000004e91');
    const body = hex(`
      64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100
      d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c8559797a06ef4f0ef61c186324e2b350638
      3606907b6a7c02b0f9f6157b53c867e4b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa115
      5b0047718cbc546a0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10
      49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b02709beead9d67890cbb22392336fea1851f
      38`);
    const text = openChaCha20Poly1305(key, hex('000000000102030405060708'), data, body)?.toString('utf8');
    assert.match(text ?? '', /^Internet-Drafts are draft documents .* as \/“work in progress\.\/”$/);
  });

  test('opens what node:crypto seals', () => {
    fc.assert(
      fc.property(sealed, (one) => {
        const opened = openChaCha20Poly1305(one.key, one.nonce, one.data, seal(one));
        assert.deepEqual(opened, Buffer.from(one.content));
      }),
    );
  });

  test('opens nothing that was altered, in any bit of body, nonce or additional data', () => {
    fc.assert(
      fc.property(sealed, fc.nat(), fc.nat(7), (one, place, bit) => {
        const body = seal(one);
        const parts = [body, one.nonce, one.data];
        const all = parts.reduce((sum, { length }) => sum + length, 0);
        let at = place % all;
        for (const part of parts) {
          if (at >= 0 && at < part.length) part[at] = (part[at] ?? 0) ^ (1 << bit);
          at -= part.length;
        }
        assert.equal(openChaCha20Poly1305(one.key, one.nonce, one.data, body), null);
      }),
    );
  });

  test('opens nothing that is shorter than its tag', () => {
    for (let length = 0; length < 16; length++) {
      const opened = openChaCha20Poly1305(
        new Uint8Array(32),
        new Uint8Array(12),
        new Uint8Array(5),
        new Uint8Array(length),
      );
      assert.equal(opened, null);
    }
  });
});
