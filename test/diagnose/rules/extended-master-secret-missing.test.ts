import { extendedMasterSecretMissing } from '../../../src/diagnose/rules/extended-master-secret-missing.js';
import { alert, connection, message } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const without = { extensions: ['renegotiation_info'] };
const said = (code: number, name: string) => [alert({ from: 'client', code, name })];

testRule(extendedMasterSecretMissing, {
  basis: 'fact',
  fires: [
    {
      name: 'internal_error (a client in FIPS mode)',
      connection: connection({ serverHello: without, alerts: said(80, 'internal_error') }),
      support: 'supported',
      explanation: 'explanation',
      data: { alert: 'internal_error (80)', version: 'TLS 1.2' },
      frames: [4, 5, 6],
    },
    {
      name: 'internal_error, and the capture lacks what else the server sent, such as its certificate',
      connection: connection({
        serverHello: without,
        serverCertificates: [],
        transport: { server: { missing: 900 } },
        alerts: said(80, 'internal_error'),
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'insufficient_security (Pion 2.2.6)',
      connection: dtlsConnection({
        outcome: 'failed',
        serverHello: without,
        alerts: said(71, 'insufficient_security'),
      }),
      support: 'open',
      explanation: 'explanation',
      data: { alert: 'insufficient_security (71)', version: 'DTLS 1.2' },
      frames: [1, 5, 6],
    },
    {
      name: 'handshake_failure (RFC 7627), without a server name',
      connection: connection({
        clientHello: { serverName: null },
        serverHello: without,
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
  ],
  silent: [
    { name: 'the server has it', connection: connection({ alerts: said(80, 'internal_error') }) },
    {
      name: 'the client does not offer it',
      connection: connection({
        clientHello: { extensions: ['server_name'] },
        serverHello: without,
        alerts: said(80, 'internal_error'),
      }),
    },
    {
      name: 'an alert about the certificate',
      connection: connection({ serverHello: without, alerts: said(48, 'unknown_ca') }),
    },
    {
      name: 'the client has gone on',
      connection: connection({
        serverHello: without,
        messages: [message('server_hello', 'server', 5), message('client_key_exchange', 'client', 6)],
        alerts: said(80, 'internal_error').map((one) => ({ ...one, frame: 7 })),
      }),
    },
    {
      name: 'TLS 1.3 needs none',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: said(80, 'internal_error') }),
    },
  ],
});
