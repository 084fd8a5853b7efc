import { ocspResponseInvalid } from '../../../src/diagnose/rules/ocsp-response-invalid.js';
import { alert, at, certificate, clientHello, connection, issuingCa, staple } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => [alert({ from: 'client', code, name })];
const asks = { extensions: [...clientHello().extensions, 'status_request'] };
const status = (responseLength: number) => ({ frame: 5, at: at(0.05), responseLength, response: null });
const other = { hashAlgorithm: 'none', issuerNameHash: '', issuerKeyHash: '', serialNumber: '99' };
const mustStaple = [certificate({ mustStaple: true }), issuingCa()];

testRule(ocspResponseInvalid, {
  basis: 'fact',
  fires: [
    {
      name: 'bad_certificate_status_response',
      connection: connection({
        clientHello: asks,
        certificateStatus: status(471),
        alerts: said(113, 'bad_certificate_status_response'),
      }),
      support: 'confirmed',
      explanation: 'said',
      frames: [5, 6],
    },
    {
      name: 'bad_certificate_status_response, and the server sent no response',
      connection: connection({ clientHello: asks, alerts: said(113, 'bad_certificate_status_response') }),
      support: 'confirmed',
      explanation: 'saidOfNone',
      frames: [5, 6],
    },
    {
      name: 'bad_certificate_status_response, and the client did not ask for a response',
      connection: connection({ alerts: said(113, 'bad_certificate_status_response') }),
      support: 'open',
      explanation: 'saidUnasked',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3 hides both, and the alert was sent in the clear',
      connection: connection({
        clientHello: { ...asks, serverName: null },
        serverHello: { version: 'TLS 1.3' },
        alerts: said(113, 'bad_certificate_status_response'),
      }),
      support: 'confirmed',
      explanation: 'saidHidden',
      frames: [5, 6],
    },
    {
      name: 'must-staple, and nothing stapled: bad_certificate (GnuTLS)',
      connection: connection({
        clientHello: asks,
        serverCertificates: mustStaple,
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported',
      explanation: 'missing',
      frames: [5, 6],
    },
    ...(
      [
        ['out of date', { nextUpdate: '2026-03-02T00:00:00Z' }],
        ['of tomorrow', { thisUpdate: '2026-03-03T00:00:00Z' }],
        ['of an authority that does not know the certificate', { status: 'unknown' }],
        ['about another certificate', { certificate: other }],
      ] as const
    ).map(([name, answer]) => ({
      name: `bad_certificate, and a response ${name}`,
      connection: connection({
        clientHello: asks,
        serverCertificates: [certificate()],
        certificateStatus: staple(answer),
        alerts: said(42, 'bad_certificate'),
      }),
      support: 'supported' as const,
      explanation: 'invalid',
      frames: [5, 6],
    })),
  ],
  silent: [
    {
      name: 'a response with which nothing is wrong',
      connection: connection({
        clientHello: asks,
        serverCertificates: [certificate()],
        certificateStatus: staple(),
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'must-staple, and a response stapled',
      connection: connection({
        clientHello: asks,
        serverCertificates: mustStaple,
        certificateStatus: status(471),
        alerts: said(42, 'bad_certificate'),
      }),
    },
    {
      name: 'must-staple, and the client did not ask for it',
      connection: connection({ serverCertificates: mustStaple, alerts: said(42, 'bad_certificate') }),
    },
    {
      name: 'nothing stapled, and nothing demands it',
      connection: connection({ clientHello: asks, alerts: said(42, 'bad_certificate') }),
    },
    {
      name: 'must-staple, and the client says that the authority is unknown',
      connection: connection({ clientHello: asks, serverCertificates: mustStaple, alerts: said(48, 'unknown_ca') }),
    },
  ],
});
