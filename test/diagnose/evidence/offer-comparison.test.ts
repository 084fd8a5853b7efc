import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canSign, compareOffer, isShared } from '../../../src/diagnose/evidence/offer-comparison.js';
import { createServerHistory } from '../../../src/diagnose/evidence/server-history.js';
import { connection, type ConnectionOverrides } from '../../support/connections.js';

function compared(clientHello: ConnectionOverrides['clientHello'], ...worked: ConnectionOverrides[]) {
  const history = createServerHistory();
  for (const each of worked) history.add(connection(each));
  const of = connection({ clientHello: clientHello ?? {}, phase: 'client-hello' });
  return compareOffer(of, history.acceptedBy(of));
}

describe('what a client offers against what others got through with', () => {
  test('everything is shared', () => {
    const comparison = compared({}, {});
    assert.deepEqual(comparison, { versions: true, cipherSuites: true, groups: true, signatures: true });
    assert.ok(isShared(comparison));
  });

  test('nothing is known of the server', () => {
    const comparison = compared({});
    assert.deepEqual(comparison, { versions: null, cipherSuites: null, groups: null, signatures: null });
    assert.ok(!isShared(comparison));
  });

  test('each of them can be what differs', () => {
    for (const [offer, differs] of [
      [{ supportedVersions: ['TLS 1.0'] }, 'versions'],
      [{ cipherSuites: ['TLS_AES_256_GCM_SHA384'] }, 'cipherSuites'],
      [{ supportedGroups: ['secp521r1'] }, 'groups'],
      [{ signatureSchemes: ['ed25519'] }, 'signatures'],
    ] as const) {
      const comparison = compared(offer, {});
      assert.equal(comparison[differs], false, differs);
      assert.ok(!isShared(comparison), differs);
    }
  });

  test('what the capture does not show of one of them is no difference', () => {
    assert.ok(isShared(compared({ supportedGroups: [], signatureSchemes: [] }, {})));
    assert.ok(isShared(compared({}, { serverHello: { version: 'TLS 1.3' } })));
  });

  test('RSA key exchange needs neither group nor signature', () => {
    const suite = 'TLS_RSA_WITH_AES_128_GCM_SHA256';
    const rsa = { serverHello: { cipherSuite: suite, group: null } };
    const offer = { cipherSuites: [suite], supportedGroups: ['secp521r1'], signatureSchemes: ['ed25519'] };
    assert.ok(isShared(compared(offer, rsa, {})));
  });
});

test('which key signs by which scheme', () => {
  for (const [key, scheme, tls13, can] of [
    ['RSA', 'rsa_pkcs1_sha256', false, true],
    ['RSA', 'rsa_pkcs1_sha256', true, false],
    ['RSA', 'rsa_pss_rsae_sha256', true, true],
    ['RSA', 'rsa_pss_pss_sha256', true, false],
    ['RSA-PSS', 'rsa_pss_pss_sha256', true, true],
    ['ECDSA secp256r1', 'ecdsa_secp384r1_sha384', false, true],
    ['ECDSA secp256r1', 'ecdsa_secp384r1_sha384', true, false],
    ['ECDSA secp256r1', 'ecdsa_secp256r1_sha256', true, true],
    ['ECDSA', 'ecdsa_secp384r1_sha384', true, true],
    ['Ed25519', 'ed25519', true, true],
    ['Ed25519', 'ed448', true, false],
    ['Ed448', 'ed448', true, true],
    ['DSA', 'dsa_sha1', false, true],
    ['1.2.3.4', 'ed25519', true, true],
  ] as const) {
    assert.equal(canSign(key, scheme, tls13), can, `${key} ${scheme} ${String(tls13)}`);
  }
});
