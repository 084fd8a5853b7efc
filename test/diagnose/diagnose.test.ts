import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/connection/connection.js';
import { contextOf } from '../support/context.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { DiagnosedConnection } from '../../src/diagnose/finding.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { alert, certificate, connection, issuingCa } from '../support/connections.js';
import { HEALTHY } from '../support/rule-tester.js';

const ROOTS = await loadRoots();

const anchors = createTrustAnchors(parseCertificate, { roots: () => ROOTS });

function judge(of: Connection, neighbours: readonly Connection[] = []): DiagnosedConnection {
  return diagnose(of, contextOf([of, ...neighbours], anchors));
}

const causeOf = (of: Connection, neighbours: readonly Connection[] = []): string | null =>
  judge(of, neighbours).cause?.rule.id ?? null;

const said = (code: number, name: string): Connection['alerts'] => [alert({ from: 'client', code, name })];
const ended = [certificate({ notAfter: '2026-02-20T00:00:00Z' }), issuingCa()];

describe('silence', () => {
  for (const [name, healthy] of Object.entries(HEALTHY)) {
    test(`a handshake that worked, ${name}`, () => {
      const { cause, connection: judged } = judge(healthy);
      assert.equal(cause, null);
      assert.equal(judged, healthy);
    });
  }

  test('a connection that is no TLS', () => {
    assert.equal(causeOf(connection({ phase: 'tcp-connect', outcome: 'not-tls' })), null);
  });

  test('a connection whose end the capture does not show', () => {
    const ending = { by: 'none', how: 'none', frame: null, at: null } as const;
    assert.equal(causeOf(connection({ phase: 'client-hello', outcome: 'incomplete', ending })), null);
  });

  test('a handshake that only asked: what it was answered has no cause', () => {
    const alerts = [alert({ code: 120, name: 'no_application_protocol' })];
    const asked = connection({ phase: 'client-hello', outcome: 'incomplete', serverHello: null, alerts });
    const { cause, findings } = judge(asked);
    assert.equal(cause, null);
    assert.deepEqual(
      findings.map(({ rule }) => rule.role),
      [],
    );
    assert.equal(causeOf({ ...asked, outcome: 'failed' }), 'alpn-mismatch');
  });
});

describe('several rules speak', () => {
  test('a date before the trust store: an expired certificate of a private authority, bad_certificate', () => {
    assert.equal(
      causeOf(connection({ serverCertificates: ended, alerts: said(42, 'bad_certificate') })),
      'certificate-expired',
    );
  });

  test('what the client says decides between two faults', () => {
    assert.equal(
      causeOf(connection({ serverCertificates: ended, alerts: said(48, 'unknown_ca') })),
      'certificate-authority-unknown',
    );
  });

  test('the client says expired, and it is not: its clock', () => {
    assert.equal(causeOf(connection({ alerts: said(45, 'certificate_expired') })), 'client-clock-wrong');
  });

  test('an alert that nothing in view explains', () => {
    assert.equal(causeOf(connection({ alerts: said(44, 'certificate_revoked') })), 'certificate-revoked');
    assert.equal(causeOf(connection({ alerts: said(51, 'decrypt_error') })), 'decryption-failed');
  });

  test('the echo of an end is not its cause', () => {
    assert.equal(
      causeOf(
        connection({
          phase: 'client-hello',
          ending: { by: 'server', how: 'close', frame: 6 },
          alerts: [alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 })],
        }),
      ),
      'closed-without-alert',
    );
  });

  test('a neighbour settles what an alert leaves open', () => {
    const clientHello = { serverName: 'other.example.com' };
    const refused = connection({ clientHello, phase: 'client-hello', alerts: [alert()] });
    assert.equal(causeOf(refused), 'handshake-rejected');
    assert.equal(causeOf(refused, [connection({ id: '2' })]), 'sni-unrecognized');
  });
});

test('a handshake that was completed and then refused has failed', () => {
  const late = connection({ phase: 'finished', outcome: 'established', lastFrame: 8, serverCertificates: ended });
  const { connection: judged, cause } = judge(late);
  assert.equal(cause?.rule.id, 'certificate-expired');
  assert.deepEqual(judged, { ...late, outcome: 'failed' });
});

test('what the cause led to is said too, as symptoms', () => {
  const { findings } = judge(connection({ serverCertificates: ended, alerts: said(45, 'certificate_expired') }));
  assert.deepEqual(
    findings.map(({ rule, role }) => [rule.id, role]),
    [
      ['certificate-expired', 'cause'],
      ['certificate-rejected', 'symptom'],
      ['handshake-rejected', 'symptom'],
    ],
  );
  for (const { evidence } of findings) assert.ok(evidence.length > 0);
});
