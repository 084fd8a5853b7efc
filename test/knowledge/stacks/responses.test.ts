/** What is recorded of stacks is well-formed, and is found by stack, role, version, fault and alert. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RULE_OF_FAULT } from '../../../src/knowledge/stacks/faults.js';
import { STACKS } from '../../../src/knowledge/stacks/index.js';
import { faultsFor, responses } from '../../../src/knowledge/stacks/responses.js';

const VERSIONS: ReadonlySet<string | null> = new Set(['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3', null]);

describe('recordings', () => {
  for (const { name, recordings } of STACKS) {
    test(name, () => {
      const seen = new Set<string>();
      for (const { by, role, tls, responses: byFault } of recordings) {
        assert.match(by, /\d+(?:\.\d+)*/, `${by} names no version`);
        assert.ok(VERSIONS.has(tls), `${by}: ${String(tls)}`);
        const key = `${by} ${role} ${String(tls)}`;
        assert.ok(!seen.has(key), `${key} twice`);
        seen.add(key);
        for (const [fault, response] of Object.entries(byFault)) {
          assert.ok(fault in RULE_OF_FAULT, fault);
          const isOfClient = fault.startsWith('client-');
          const isOfServer = /^(?:server-|certificate-|issuer-|chain-|hostname-)/.test(fault);
          assert.ok(role === 'client' ? !isOfClient : !isOfServer, `${fault} as ${role}`);
          if (response.kind !== 'alert') continue;
          assert.ok(response.alerts.length > 0);
          for (const code of response.alerts) assert.ok(Number.isInteger(code) && code > 0 && code < 256);
        }
      }
    });
  }
});

describe('what a stack says', () => {
  test('OpenSSL of an expired certificate', () => {
    const all = responses('OpenSSL', 'client', 'TLS 1.2', 'certificate-expired') ?? [];
    assert.ok(all.length > 1);
    for (const { by, response } of all) {
      assert.match(by, /OpenSSL \d/);
      assert.deepEqual(response, { kind: 'alert', alerts: [45], finished: false });
    }
  });

  test('Go says 42 of nearly everything', () => {
    const faults = faultsFor('Go', 'client', 'TLS 1.3', 42);
    for (const fault of ['certificate-expired', 'certificate-authority-unknown', 'hostname-mismatch'] as const) {
      assert.ok(faults.includes(fault), fault);
    }
    assert.deepEqual(faultsFor('Go', 'client', 'TLS 1.3', 48), []);
  });

  test('programs on OpenSSL differ in what they check', () => {
    assert.ok(faultsFor('OpenSSL', 'client', 'TLS 1.2', 46).includes('key-identifiers-missing'));
    const kinds = responses('OpenSSL', 'client', 'TLS 1.2', 'key-identifiers-missing')?.map(
      ({ response }) => response.kind,
    );
    assert.ok(kinds?.includes('accept') === true && kinds.includes('alert'));
  });

  test('an alert that is never the answer to a fault excludes it', () => {
    assert.ok(!faultsFor('OpenSSL', 'client', 'TLS 1.2', 48).includes('certificate-expired'));
  });

  test('Windows 7 takes SHA-1, as a public capture shows', () => {
    assert.deepEqual(responses('SChannel', 'client', 'TLS 1.0', 'signature-weak'), [
      { by: 'Windows 7 (public capture IgmpPackets)', response: { kind: 'accept' } },
    ]);
  });

  test('what was not recorded is not known', () => {
    assert.equal(responses('SChannel', 'client', 'TLS 1.2', 'certificate-expired'), undefined);
    assert.equal(responses('Mbed TLS', 'client', 'TLS 1.3', 'certificate-expired'), undefined);
    assert.deepEqual(faultsFor('Apple', 'client', 'TLS 1.3', 42), []);
  });
});
