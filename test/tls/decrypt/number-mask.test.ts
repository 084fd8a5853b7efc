import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberKey, numberMask } from '../../../src/tls/decrypt/number-mask.js';
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
