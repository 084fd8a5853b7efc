import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { i32 } from '../../../../src/bytes.js';
import { encryptBlock, expandKey } from '../../../../src/tls/decrypt/fast-path/aes.js';

function encrypted(key: Uint8Array, block: Uint8Array): string {
  const output = Int32Array.of(...[0, 4, 8, 12].map((at) => i32(block, at)));
  encryptBlock(expandKey(key), output);
  return [...output].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

test('the example of FIPS 197, appendix C.1', () => {
  const key = Uint8Array.from({ length: 16 }, (_, index) => index);
  const block = Uint8Array.from({ length: 16 }, (_, index) => index * 0x11);
  assert.equal(encrypted(key, block), '69c4e0d86a7b0430d8cdb78070b4c55a');
});

test('any key and block, as OpenSSL has it', () => {
  const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(fc.oneof(bytes(16), bytes(32)), bytes(16), (key, block) => {
      const cipher = createCipheriv(`aes-${8 * key.length}-ecb`, key, null);
      assert.equal(encrypted(key, block), cipher.update(block).toString('hex').slice(0, 32));
    }),
  );
});
