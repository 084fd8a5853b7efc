import { clientClockWrong } from '../../../src/diagnose/rules/client-clock-wrong.js';
import { alert, certificate, connection, issuingCa } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const expired = alert({ from: 'client', code: 45, name: 'certificate_expired' });

testRule(clientClockWrong, {
  fires: [
    {
      name: 'certificate_expired on a valid chain',
      connection: connection({ alerts: [expired] }),
      certainty: 'likely',
      messageId: 'explanation',
      data: { notAfter: '2026-09-01T00:00:00Z', client: '192.0.2.10' },
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'the leaf has ended',
      connection: connection({
        serverCertificates: [certificate({ notAfter: '2026-03-01T00:00:00Z' }), issuingCa()],
        alerts: [expired],
      }),
    },
    {
      name: 'an intermediate has ended',
      connection: connection({
        serverCertificates: [certificate(), issuingCa({ notAfter: '2026-03-01T00:00:00Z' })],
        alerts: [expired],
      }),
    },
    {
      name: 'the leaf has not begun',
      connection: connection({
        serverCertificates: [certificate({ notBefore: '2026-03-03T00:00:00Z' }), issuingCa()],
        alerts: [expired],
      }),
    },
    {
      name: 'a certificate of the chain cannot be read',
      connection: connection({
        serverCertificates: [certificate(), certificate({ error: 'damaged', notBefore: '', notAfter: '' })],
        alerts: [expired],
      }),
    },
    {
      name: 'another alert',
      connection: connection({ alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })] }),
    },
    {
      name: 'the alert is about the certificate of the client',
      connection: connection({
        phase: 'client-certificate',
        alerts: [alert({ code: 45, name: 'certificate_expired', frame: 7 })],
      }),
    },
    {
      name: 'TLS 1.3 hides the certificate',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [expired] }),
    },
  ],
});
