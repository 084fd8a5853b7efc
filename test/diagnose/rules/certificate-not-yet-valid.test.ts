import { certificateNotYetValid } from '../../../src/diagnose/rules/certificate-not-yet-valid.js';
import { alert, at, certificate, connection, issuingCa } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const future = { notBefore: '2026-03-04T10:00:01Z', notAfter: '2027-03-04T10:00:01Z' } as const;
/** Half an hour after the certificate's packet. */
const FRESH = new Date(at(1800).seconds * 1000).toISOString();
const chain = [certificate(future), issuingCa()];
const said = (code: number, name: string) => alert({ from: 'client', code, name });

testRule(certificateNotYetValid, {
  basis: 'fact',
  fires: [
    {
      name: 'OpenSSL, Java, Go: bad_certificate',
      connection: connection({ serverCertificates: chain, alerts: [said(42, 'bad_certificate')] }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { ahead: '2 days' },
      frames: [5, 6],
    },
    {
      name: 'certificate_expired, for want of a better one',
      connection: connection({ serverCertificates: chain, alerts: [said(45, 'certificate_expired')] }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [5, 6],
    },
    {
      name: 'certificate_unknown, of an intermediate; the client sends no server name',
      connection: connection({
        clientHello: { serverName: null },
        serverCertificates: [certificate(), issuingCa(future)],
        alerts: [said(46, 'certificate_unknown')],
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { subject: 'CN=Example Issuing CA,O=Example Corp,C=CH' },
      frames: [5, 6],
    },
    {
      name: 'a client that verifies late',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        lastFrame: 8,
        serverCertificates: chain,
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 8],
    },
    {
      name: 'another client accepted it before it was valid: the clock of the capture may be behind',
      connection: connection({ serverCertificates: chain, alerts: [said(42, 'bad_certificate')] }),
      others: [connection({ id: '2', serverHello: { frame: 25 }, serverCertificates: chain })],
      support: 'open',
      explanation: 'accepted',
      data: { other: '192.0.2.10', ahead: '2 days' },
      frames: [5, 6, 25],
    },
    {
      name: 'another client accepted it later, when it was valid',
      connection: connection({ serverCertificates: chain, alerts: [said(42, 'bad_certificate')] }),
      others: [
        connection({
          id: '2',
          startedAt: at(2 * 86_400 + 1),
          serverHello: { frame: 25 },
          serverCertificates: chain,
        }),
      ],
      support: 'confirmed',
      explanation: 'explanation',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'a certificate of tomorrow beside the chain',
      connection: connection({
        serverCertificates: [
          certificate(),
          issuingCa(),
          issuingCa({ subject: 'CN=Other CA', notBefore: '2026-03-04T10:00:00Z' }),
        ],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the client names another fault',
      connection: connection({ serverCertificates: chain, alerts: [said(48, 'unknown_ca')] }),
    },
    {
      name: 'the certificate is valid at the time of its packet',
      connection: connection({ alerts: [said(42, 'bad_certificate')] }),
    },
    {
      name: 'it is judged at a later time',
      connection: connection({ serverCertificates: chain, alerts: [said(42, 'bad_certificate')] }),
      at: '2026-05-01T00:00:00Z',
    },
    {
      name: 'the clock of the capture was never set',
      connection: connection({
        messages: [],
        startedAt: { seconds: 0, nanoseconds: 0, digits: 6 },
        serverCertificates: chain,
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'the clock of the capture is set back by an hour before the certificate, which was issued just before',
      connection: connection({
        startedAt: at(3600),
        serverCertificates: [certificate({ ...future, notBefore: FRESH }), issuingCa()],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    { name: 'the client does not mind', connection: connection({ serverCertificates: chain }) },
    {
      name: 'TLS 1.3 hides it',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [said(42, 'bad_certificate')] }),
    },
  ],
});
