import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { hex } from '../../../../src/bytes.js';
import { hmac, hmacKey, MAX_HMAC_DATA, MAX_HMAC_KEY } from '../../../../src/tls/decrypt/fast-path/sha256.js';

test('the second case of RFC 4231', () => {
  const [key, data] = ['Jefe', 'what do ya want for nothing?'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
  assert.equal(hex(hmac(hmacKey(key), data, 32)), '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

test('any key and data, and a key that is used again, as OpenSSL has it', () => {
  const data = fc.uint8Array({ maxLength: MAX_HMAC_DATA });
  const keys = fc.uint8Array({ maxLength: MAX_HMAC_KEY });
  fc.assert(
    fc.property(keys, data, data, fc.integer({ min: 0, max: 32 }), (key, one, other, length) => {
      const made = hmacKey(key);
      for (const input of [one, other]) {
        const expected = createHmac('sha256', key).update(input).digest('hex');
        assert.equal(hex(hmac(made, input, length)), expected.slice(0, 2 * length));
      }
    }),
  );
});
