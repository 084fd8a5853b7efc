import { clientCertificateExpired } from '../../../src/diagnose/rules/client-certificate-expired.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { endsOf, storeOf } from '../../support/ends.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';
import { issue } from '../../x509/authority.js';

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

const root = await issue({ name: 'CN=Root', ca: true });
const middle = { name: 'CN=Middle CA', by: root, ca: true } as const;
const valid = await issue(middle);
const ended = await issue({ ...middle, keys: valid.keys, notAfter: '2021-01-01T00:00:00Z' });
const sensor = await issue({ name: 'CN=sensor', by: valid });

testRule(clientCertificateExpired, {
  basis: 'fact',
  fires: [
    {
      name: "an authority that had ended in the server's store",
      connection: connection({
        ...sent,
        clientCertificates: [sensor.certificate],
        alerts: [said(45, 'certificate_expired')],
      }),
      ends: endsOf({ serverTrusts: storeOf(ended, root) }),
      support: 'supported',
      explanation: 'stored',
      frames: [6, 7],
    },
    {
      name: "an authority that was sent, and had ended in the server's store",
      connection: connection({
        ...sent,
        clientCertificates: [sensor.certificate, valid.certificate],
        alerts: [said(45, 'certificate_expired')],
      }),
      ends: endsOf({ serverTrusts: storeOf(ended, root) }),
      support: 'supported',
      explanation: 'storedBeside',
      frames: [6, 7],
    },
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
