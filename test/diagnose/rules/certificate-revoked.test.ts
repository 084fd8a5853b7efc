import { certificateRevoked } from '../../../src/diagnose/rules/certificate-revoked.js';
import { alert, certificate, certificateRequest, connection, staple } from '../../support/connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

const said = [alert({ from: 'client', code: 44, name: 'certificate_revoked' })];

testRule(certificateRevoked, {
  basis: 'fact',
  fires: [
    {
      name: 'certificate_revoked (OpenSSL with a revocation list)',
      connection: connection({ alerts: said }),
      support: 'confirmed',
      explanation: 'said',
      data: { subject: 'CN=www.example.com,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3 hides the certificate, and the alert was sent in the clear (OpenSSL)',
      connection: connection({
        clientHello: { serverName: null },
        serverHello: { version: 'TLS 1.3' },
        alerts: said,
      }),
      support: 'confirmed',
      explanation: 'saidHidden',
      frames: [5, 6],
    },
    {
      name: 'bad_certificate, and the server itself staples that it has been revoked (GnuTLS)',
      connection: connection({
        serverCertificates: [certificate()],
        certificateStatus: staple({
          status: 'revoked',
          revokedAt: '2026-02-20T12:00:00Z',
          reason: 'keyCompromise',
        }),
        alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })],
      }),
      support: 'supported',
      explanation: 'stapled',
      data: { revoked: '2026-02-20T12:00:00Z (keyCompromise)' },
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'bad_certificate, and the stapled response is good',
      connection: connection({
        serverCertificates: [certificate()],
        certificateStatus: staple(),
        alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })],
      }),
    },
    {
      name: 'revoked, but the client did not mind',
      connection: connection({
        serverCertificates: [certificate()],
        certificateStatus: staple({ status: 'revoked', revokedAt: '2026-02-20T12:00:00Z' }),
      }),
    },
    { name: 'another alert', connection: connection({ alerts: [alert({ from: 'client' })] }) },
    {
      name: 'the server revokes the certificate of the client: another diagnosis',
      connection: connection({
        phase: 'client-certificate',
        certificateRequest: certificateRequest(),
        messages: clientCertificateMessages(),
        alerts: [alert({ code: 44, name: 'certificate_revoked', frame: 7 })],
      }),
    },
  ],
});
