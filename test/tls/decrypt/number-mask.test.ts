import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberKey, numberMask, wipeNumberKey } from '../../../src/tls/decrypt/number-mask.js';
import { recordCipher } from '../../../src/tls/decrypt/suites.js';
import { fromHex } from '../../support/quic.js';

function maskOf(suite: number, key: string, sample: string): string {
  const cipher = recordCipher(suite);
  assert.ok(cipher?.kind === 'aead');
  const bytes = Buffer.concat([Buffer.alloc(3), fromHex(sample)]);
  return Buffer.from(numberMask(numberKey(cipher, fromHex(key)), bytes, 3))
    .toString('hex')
    .slice(0, 10);
}

test('the masks of RFC 9001 §A.2 and §A.5', () => {
  assert.equal(maskOf(0x1301, '9f50449e04a0e810283a1e9933adedd2', 'd1b1c98dd7689fb8ec11d242b123dc9b'), '437b9aec36');
  const key = '25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4';
  assert.equal(maskOf(0x1303, key, '5e5cd55c41f69080575d7999c25a5bfb'), 'aefefe7d03');
});

test('a key that is overwritten leaves the masks of others as they are', () => {
  const cipher = recordCipher(0x1301);
  assert.ok(cipher?.kind === 'aead');
  const [one, other] = [1, 2].map((byte) => numberKey(cipher, new Uint8Array(16).fill(byte)));
  assert.ok(one && other);
  const sample = new Uint8Array(16);
  const maskBy = (key: typeof one): string => Buffer.from(numberMask(key, sample, 0)).toString('hex');
  const before = maskBy(one);
  maskBy(other);
  maskBy(one);
  wipeNumberKey(other);
  assert.equal(maskBy(one), before);
  wipeNumberKey(one);
  assert.deepEqual(one.key, new Uint8Array(16));
  assert.equal(maskBy(one), maskBy(numberKey(cipher, new Uint8Array(16))));
});
