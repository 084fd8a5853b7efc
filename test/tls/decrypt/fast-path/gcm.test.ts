import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MAX_GCM, openGcm } from '../../../../src/tls/decrypt/fast-path/gcm.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const sealed = fc.record({
  key: fc.oneof(bytes(16), bytes(32)),
  nonce: bytes(12),
  data: fc.uint8Array({ maxLength: 70 }),
  content: fc.uint8Array({ maxLength: MAX_GCM }),
});

function seal({ key, nonce, data, content }: typeof sealed extends fc.Arbitrary<infer T> ? T : never): Buffer {
  const cipher = createCipheriv(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key, nonce).setAAD(data);
  return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

describe('AES-GCM', () => {
  test('opens what node:crypto seals', () => {
    fc.assert(
      fc.property(sealed, (one) => {
        const opened = openGcm(one.key, one.nonce, one.data, seal(one));
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
        assert.equal(openGcm(one.key, one.nonce, one.data, body), null);
      }),
    );
  });

  test('opens nothing that is shorter than its tag', () => {
    for (let length = 0; length < 16; length++) {
      assert.equal(openGcm(new Uint8Array(16), new Uint8Array(12), new Uint8Array(5), new Uint8Array(length)), null);
    }
  });
});
