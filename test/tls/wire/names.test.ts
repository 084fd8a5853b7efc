import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  alertName,
  certificateTypeName,
  cipherSuiteName,
  extensionName,
  groupName,
  handshakeTypeName,
  isGrease,
  isHandshakeType,
  isNoGrease,
  isTls13,
  signatureSchemeName,
  versionName,
} from '../../../src/tls/wire/registry/names.js';

describe('names', () => {
  test('of versions, messages and types of certificates are the usual ones', () => {
    assert.equal(handshakeTypeName(1), 'client_hello');
    assert.equal(handshakeTypeName(14), 'server_hello_done');
    assert.equal(certificateTypeName(64), 'ecdsa_sign');
    assert.deepEqual([0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304].map(versionName), [
      'SSL 2.0',
      'SSL 3.0',
      'TLS 1.0',
      'TLS 1.1',
      'TLS 1.2',
      'TLS 1.3',
    ]);
  });

  test('of codes without one are the code', () => {
    assert.equal(cipherSuiteName(0xfffe), '0xFFFE');
    assert.equal(extensionName(0x1234), '0x1234');
    assert.equal(versionName(0x7f1c), '0x7F1C');
    assert.equal(alertName(255), '0xFF');
    assert.equal(certificateTypeName(3 * 64 + 1), '0xC1');
    assert.equal(handshakeTypeName(99), 'handshake_type_99');
    assert.equal(isHandshakeType(99), false);
  });

  test('of GREASE values say that they are (RFC 8701)', () => {
    const values = Array.from({ length: 16 }, (_, high) => ((high << 12) | 0x0a0a) + (high << 4));
    assert.deepEqual(values.slice(0, 2), [0x0a0a, 0x1a1a]);
    for (const value of values) assert.ok(isGrease(value), value.toString(16));
    for (const other of [0x0a1a, 0x1a0a, 0x0a0b, 0x0000, 0x1301, 0xaa0a]) assert.ok(!isGrease(other));
    assert.equal(cipherSuiteName(0x0a0a), 'GREASE_0x0A0A');
    assert.equal(extensionName(0xfafa), 'GREASE_0xFAFA');
    assert.equal(groupName(0x1a1a), 'GREASE_0x1A1A');
    assert.equal(versionName(0x2a2a), 'GREASE_0x2A2A');
    assert.equal(signatureSchemeName(0x3a3a), 'GREASE_0x3A3A');
  });

  test('of GREASE values and signalling suites are of nothing to agree on', () => {
    const names = [cipherSuiteName(0x0a0a), cipherSuiteName(0x00ff), cipherSuiteName(0x5600), cipherSuiteName(0x1301)];
    assert.deepEqual(names.filter(isNoGrease), ['TLS_AES_128_GCM_SHA256']);
  });

  test('TLS 1.3 is known by its version and those of the drafts that were deployed', () => {
    for (const version of [0x0304, 0x7f17, 0x7f1c, 0xfb1a, 0x7e02]) assert.ok(isTls13(version));
    for (const version of [0x0303, 0x0300, 0x0002, 0]) assert.ok(!isTls13(version));
  });
});
