import { clientCertificateExpired } from '../../../src/diagnose/rules/client-certificate-expired.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

const device = certificate({
  subject: 'CN=device 0815,O=Example Corp',
  issuer: 'CN=Example Client CA,O=Example Corp',
  serialNumber: '0815',
  notAfter: '2026-02-15T10:00:00Z',
});
const sent = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest(),
  messages: clientCertificateMessages(),
  clientCertificates: [device],
} as const;
const said = (code: number, name: string) => alert({ code, name, frame: 7 });

testRule(clientCertificateExpired, {
  basis: 'fact',
  fires: [
    {
      name: 'OpenSSL: certificate_expired',
      connection: connection({ ...sent, alerts: [said(45, 'certificate_expired')] }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { ago: '15 days', serialNumber: '0815', subject: 'CN=device 0815,O=Example Corp' },
      frames: [6, 7],
    },
    {
      name: 'Go: bad_certificate',
      connection: connection({ ...sent, alerts: [said(42, 'bad_certificate')] }),
      support: 'supported',
      explanation: 'explanation',
      frames: [6, 7],
    },
    {
      name: 'Java: certificate_unknown',
      connection: connection({ ...sent, alerts: [said(46, 'certificate_unknown')] }),
      support: 'supported',
      explanation: 'explanation',
      frames: [6, 7],
    },
    {
      name: 'the server closes without a word',
      connection: connection({ ...sent, ending: { by: 'server', how: 'close', frame: 7 } }),
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'by closing the connection' },
      frames: [6, 7],
    },
  ],
  silent: [
    {
      name: 'the certificate is valid',
      connection: connection({
        ...sent,
        clientCertificates: [certificate()],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the server names another fault',
      connection: connection({ ...sent, alerts: [said(48, 'unknown_ca')] }),
    },
    {
      name: 'the server takes it nevertheless',
      connection: connection({ ...sent, phase: 'application-data', outcome: 'established' }),
    },
    {
      name: 'the client refuses the certificate of the server',
      connection: connection({ ...sent, alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 7 })] }),
    },
    {
      name: 'the client sends none',
      connection: connection({ ...sent, clientCertificates: [], alerts: [said(40, 'handshake_failure')] }),
    },
  ],
});
