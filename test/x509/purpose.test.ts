import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allowsClientAuth, allowsServerAuth, hasPublicIssuer } from '../../src/x509/purpose.js';
import { stub } from './authority.js';

test('extended key usage restricts only where it is present', () => {
  const cases = [
    [null, true, true],
    [['serverAuth'], true, false],
    [['clientAuth', '1.2.3'], false, true],
    [['anyExtendedKeyUsage'], true, true],
    [['codeSigning'], false, false],
    [[], false, false],
  ] as const;
  for (const [extendedKeyUsage, server, client] of cases) {
    assert.equal(allowsServerAuth(stub({ extendedKeyUsage })), server);
    assert.equal(allowsClientAuth(stub({ extendedKeyUsage })), client);
  }
});

test('the policies of the CA/Browser Forum, and timestamps, tell a public authority', () => {
  const policies = ['1.2.3', '2.23.140.1.1'];
  assert.equal(hasPublicIssuer(stub({ policies })), true);
  assert.equal(hasPublicIssuer(stub({ signedCertificateTimestamps: 1 })), true);
  assert.equal(hasPublicIssuer(stub({ policies: ['1.2.3'] })), false);
  assert.equal(hasPublicIssuer(stub({})), false);
});
