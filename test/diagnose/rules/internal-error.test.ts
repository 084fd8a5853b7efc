import { internalError } from '../../../src/diagnose/rules/internal-error.js';
import { alert, certificate, connection, doneTooEarly, encryptedRecord } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { clientCertificateMessages, testRule } from '../../support/rule-tester.js';

const internal = { code: 80, name: 'internal_error' } as const;
const device = certificate({
  subject: 'CN=device 0815,O=Example Corp',
  serialNumber: '0815',
  subjectAltNames: { dns: [], ip: [] },
});

const GNUTLS = {
  extensions: ['status_request', 'supported_groups', 'ec_point_formats', 'signature_algorithms', 'renegotiation_info'],
  signatureSchemes: ['rsa_pkcs1_sha256', 'rsa_pss_pss_sha256'],
};

testRule(internalError, {
  basis: 'alert',
  fires: [
    {
      name: 'Go, where the server left out a message',
      connection: connection({
        violations: [doneTooEarly],
        alerts: [alert({ ...internal, from: 'client' })],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'an encrypted alert behind EncryptedExtensions: the list of authorities is too long (OpenSSL, TLS 1.3)',
      connection: connection({
        phase: 'server-hello',
        serverHello: { version: 'TLS 1.3' },
        encryptedRecords: [encryptedRecord('server', 6, 23)],
        alerts: [alert({ level: null, code: null, name: null, encrypted: true, frame: 7 })],
        ending: { by: 'server', how: 'close', frame: 8 },
      }),
      support: 'open',
      explanation: 'hidden',
      frames: [4, 7],
    },
    {
      name: 'the capture lacks something of the other side, of which it may be',
      connection: connection({
        phase: 'server-hello',
        transport: { server: { missing: 900 } },
        alerts: [alert({ ...internal, from: 'client' })],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: "QUIC's own code",
      connection: quicConnection({ quic: { closes: [quicClose({ code: 1, name: 'INTERNAL_ERROR' })] } }),
      support: 'supported',
      explanation: 'quic',
      data: { from: 'server' },
      frames: [4, 6],
    },
    {
      name: 'the server, in answer to the ClientHello (Go, nginx): it may lack a certificate of that name',
      connection: connection({ phase: 'client-hello', alerts: [alert(internal)] }),
      support: 'open',
      basis: 'fact',
      explanation: 'explanation',
      data: { from: 'server', address: '198.51.100.20' },
      frames: [4, 6],
    },
    {
      name: 'of the server, and the capture does not show in answer to what',
      connection: connection({
        clientHello: null,
        phase: 'client-hello',
        messages: [],
        transport: { client: { missing: 517 } },
        alerts: [alert(internal)],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [6],
    },
    {
      name: 'the server, in answer to a ClientHello like one that it took, for the same name: one of several may not know it',
      connection: connection({ phase: 'client-hello', alerts: [alert(internal)] }),
      others: [connection({ id: '2' })],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the server, in answer to a ClientHello with unusual groups alone, of which GnuTLS says it',
      connection: connection({
        clientHello: { supportedGroups: ['secp521r1'] },
        phase: 'client-hello',
        alerts: [alert(internal)],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the client, after the certificate of the server, without a server name',
      connection: connection({ clientHello: { serverName: null }, alerts: [alert({ ...internal, from: 'client' })] }),
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'client', address: '192.0.2.10' },
      frames: [4, 6],
    },
    {
      name: 'OpenSSL, once it has the certificate of the server, which its program may have refused',
      connection: connection({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        alerts: [alert({ ...internal, from: 'client' })],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'GnuTLS, which says it of certificates too, so that the fault need not be its own',
      connection: connection({ clientHello: GNUTLS, alerts: [alert({ ...internal, from: 'client' })] }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the server, after the certificate of the client (APNs)',
      connection: connection({
        phase: 'client-certificate',
        messages: clientCertificateMessages(),
        clientCertificates: [device],
        alerts: [alert({ ...internal, frame: 7 })],
      }),
      support: 'open',
      explanation: 'afterCertificate',
      data: { subject: 'CN=device 0815,O=Example Corp' },
      frames: [4, 6, 7],
    },
  ],
  silent: [
    { name: 'another alert', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
    {
      name: 'an encrypted alert',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        alerts: [alert({ encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'it only echoes the end that the other side made',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ ...internal, from: 'client', frame: 7 })],
      }),
    },
  ],
});
