import { certificateExpiring } from '../../../src/diagnose/rules/certificate-expiring.js';
import {
  alert,
  at,
  certificate,
  certificateRequest,
  connection,
  issuingCa,
  message,
} from '../../support/connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

// The connections are of 2 March 2026.
const soon = certificate({ notAfter: '2026-03-20T00:00:00Z' });
const ended = certificate({ notAfter: '2026-02-20T00:00:00Z' });
const finished = [
  message('encrypted_handshake', 'client', 7, { encrypted: true }),
  message('encrypted_handshake', 'server', 8, { encrypted: true }),
];

testRule(certificateExpiring, {
  basis: 'fact',
  fires: [
    {
      name: 'the certificate of the server ends in 17 days',
      connection: connection({ serverCertificates: [soon, issuingCa()] }),
      support: 'confirmed',
      explanation: 'soon',
      data: { from: 'server', left: '17 days' },
      frames: [5],
    },
    {
      name: 'an intermediate ends in 17 days',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: [certificate(), issuingCa({ notAfter: '2026-03-20T00:00:00Z' })],
      }),
      support: 'confirmed',
      explanation: 'issuer',
      frames: [5],
    },
    {
      name: 'the certificate of the client ends in 17 days, as those of push services do',
      connection: connection({
        certificateRequest: certificateRequest(),
        messages: [...clientCertificateMessages(), ...finished],
        clientCertificates: [
          certificate({ subject: 'CN=Apple Push Services: com.example', notAfter: '2026-03-20T00:00:00Z' }),
        ],
      }),
      support: 'confirmed',
      explanation: 'soon',
      data: { from: 'client' },
      frames: [6],
    },
    {
      name: 'it has ended, and the client took it nevertheless',
      connection: connection({ serverCertificates: [ended, issuingCa()] }),
      support: 'confirmed',
      explanation: 'ended',
      data: { left: '10 days' },
      frames: [5],
    },
  ],
  silent: [
    { name: 'it ends in half a year', connection: connection() },
    {
      name: 'a short-lived one that has just been issued',
      connection: connection({
        serverCertificates: [
          certificate({ notBefore: '2026-03-01T00:00:00Z', notAfter: '2026-03-08T00:00:00Z' }),
          issuingCa(),
        ],
      }),
    },
    {
      name: 'it has ended, and the client refused it: that is the cause',
      connection: connection({
        serverCertificates: [ended, issuingCa()],
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
      }),
    },
    {
      name: 'it has ended, and the server left first: nothing shows that it was accepted',
      connection: connection({
        serverCertificates: [ended, issuingCa()],
        encryptedRecords: [],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.2) },
      }),
    },
    {
      name: 'an intermediate has ended: the client may have another path',
      connection: connection({
        serverCertificates: [certificate(), issuingCa({ notAfter: '2026-02-20T00:00:00Z' })],
      }),
    },
    {
      name: 'a failure',
      connection: connection({ serverCertificates: [soon, issuingCa()], alerts: [alert({ from: 'client' })] }),
    },
  ],
});
