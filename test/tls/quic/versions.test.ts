import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alertOfCode, transportErrorName } from '../../../src/tls/quic/error-codes.js';
import { isReservedVersion, quicVersion, quicVersionName } from '../../../src/tls/quic/versions.js';

describe('versions of QUIC', () => {
  test('names', () => {
    assert.deepEqual(
      [1, 0x6b3343cf, 0xff00001d, 0xff000005, 0x51303436, 0x54303531, 0xfaceb002, 0x1a2a3a4a, 0].map(quicVersionName),
      ['QUIC v1', 'QUIC v2', 'draft-29', 'draft-05', 'Q046', 'T051', '0xfaceb002', '0x1a2a3a4a', '0x00000000'],
    );
  });

  test('those reserved to be refused', () => {
    assert.deepEqual([0x0a0a0a0a, 0xfafafafa, 0x1a2a3a4a, 1, 0x6b3343cf].map(isReservedVersion), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  test('drafts have the salt of their time', () => {
    const salt = (code: number): string | undefined => quicVersion(code)?.salt.toString('hex').slice(0, 8);
    assert.deepEqual([0xff000016, 0xff000017, 0xff00001c, 0xff00001d, 0xff000020, 0xff000021, 0xff000022].map(salt), [
      '7fbcdb0e',
      'c3eef712',
      'c3eef712',
      'afbfec28',
      'afbfec28',
      '38762cf7',
      '38762cf7',
    ]);
    assert.equal(salt(0x709a50c4), 'a707c203');
    assert.equal(quicVersion(0xff000015), undefined);
    assert.equal(quicVersion(0xff000023), undefined);
  });
});

describe('error codes', () => {
  test('names', () => {
    assert.deepEqual([0, 2, 8, 0x0b, 0x11, 0x12, 0x100, 0x178, 0x1ff, 0x200].map(transportErrorName), [
      'NO_ERROR',
      'CONNECTION_REFUSED',
      'TRANSPORT_PARAMETER_ERROR',
      'INVALID_TOKEN',
      'VERSION_NEGOTIATION_ERROR',
      '0x12',
      'CRYPTO_ERROR',
      'CRYPTO_ERROR',
      'CRYPTO_ERROR',
      '0x200',
    ]);
  });

  test('those of TLS are its alerts (RFC 9001 §4.8)', () => {
    assert.deepEqual([0xff, 0x100, 0x12d, 0x1ff, 0x200].map(alertOfCode), [null, 0, 45, 255, null]);
  });
});
