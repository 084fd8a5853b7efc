import { accessDenied } from '../../../src/diagnose/rules/access-denied.js';
import { alert, certificate, certificateRequest, connection } from '../../support/connections.js';
import { MBEDTLS_HELLO } from '../../support/hellos.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

const said = (from: 'client' | 'server', frame = 6) => [alert({ code: 49, name: 'access_denied', from, frame })];

testRule(accessDenied, {
  basis: 'alert',
  fires: [
    {
      name: 'the server does not let the client in, of which it knows a ClientHello alone: rustls says so without a certificate',
      connection: connection({ phase: 'client-hello', alerts: said('server') }),
      support: 'open',
      basis: 'fact',
      explanation: 'hello',
      data: { from: 'server', name: 'www.example.com' },
      frames: [4, 6],
    },
    {
      name: 'the same, and the client names no server, which is unusual',
      connection: connection({
        phase: 'client-hello',
        clientHello: { serverName: null },
        alerts: said('server'),
      }),
      support: 'open',
      explanation: 'hello',
      frames: [4, 6],
    },
    {
      name: 'the server does not let the client in, and serves others by that name',
      connection: connection({ phase: 'client-hello', alerts: said('server') }),
      others: [connection({ id: '2' })],
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'server', name: 'www.example.com' },
      frames: [4, 6],
    },
    {
      name: 'the capture lacks what the server got: perhaps a certificate (GnuTLS)',
      connection: connection({
        phase: 'client-hello',
        transport: { client: { missing: 900 } },
        alerts: said('server'),
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the client does not want to talk to that server',
      connection: connection({ clientHello: { serverName: null }, alerts: said('client') }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { from: 'client', name: 'none' },
      frames: [4, 6],
    },
    {
      name: 'Mbed TLS says so of a chain that it cannot verify',
      connection: connection({ clientHello: MBEDTLS_HELLO, alerts: said('client') }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the client certificate is valid, its holder is not let in',
      connection: connection({
        phase: 'client-certificate',
        certificateRequest: certificateRequest(),
        messages: clientCertificateMessages(),
        clientCertificates: [certificate({ subject: 'CN=device 0815', serialNumber: '0815' })],
        alerts: said('server', 7),
      }),
      support: 'confirmed',
      explanation: 'certificate',
      data: { subject: 'CN=device 0815' },
      frames: [4, 6, 7],
    },
    {
      name: 'GnuTLS says what is wrong with the certificate in a second alert, which the capture may lack',
      connection: connection({
        phase: 'client-certificate',
        certificateRequest: certificateRequest(),
        messages: clientCertificateMessages(),
        clientCertificates: [certificate({ subject: 'CN=device 0815', serialNumber: '0815' })],
        alerts: said('server', 7),
        ending: { by: 'none', how: 'none', frame: null, at: null },
      }),
      support: 'open',
      explanation: 'certificate',
      frames: [4, 6, 7],
    },
  ],
  silent: [
    { name: 'handshake_failure', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
    {
      name: 'access_denied once the other side has closed',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: said('client', 7),
      }),
    },
  ],
});
