import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newestOffered, offeredCipherSuites, versionRank } from '../../../src/diagnose/evidence/offers.js';
import { connection } from '../../support/connections.js';

describe('what the client offers', () => {
  test('its newest version, drafts of TLS 1.3 included', () => {
    const newest = (...supportedVersions: string[]): string | null =>
      newestOffered(connection({ clientHello: { supportedVersions } }));
    assert.equal(newest('GREASE_0x0A0A', 'TLS 1.2', 'TLS 1.3', 'TLS 1.1'), 'TLS 1.3');
    assert.equal(newest('TLS 1.2', 'TLS 1.3 draft 28'), 'TLS 1.3 draft 28');
    assert.equal(newest('SSL 2.0'), 'SSL 2.0');
    assert.equal(newestOffered(connection({ clientHello: null })), null);
    assert.ok(versionRank('SSL 3.0') < versionRank('TLS 1.0'));
  });

  test('its cipher suites, without GREASE and signals', () => {
    const cipherSuites = ['GREASE_0x0A0A', 'TLS_AES_128_GCM_SHA256', 'TLS_FALLBACK_SCSV', '0x1234'];
    assert.deepEqual(offeredCipherSuites(connection({ clientHello: { cipherSuites } })), [
      'TLS_AES_128_GCM_SHA256',
      '0x1234',
    ]);
  });
});
