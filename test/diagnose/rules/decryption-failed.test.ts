import { decryptionFailed } from '../../../src/diagnose/rules/decryption-failed.js';
import { alert, at, certificate, connection, message, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { quicConnection } from '../../support/quic-connections.js';
import { clientCertificateMessages, hiddenAnswer, testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string, from: 'client' | 'server', frame = 6) => [alert({ code, name, from, frame })];

/** The order of Go's extensions. */
const go = {
  extensions: [
    'server_name',
    'supported_groups',
    'ec_point_formats',
    'signature_algorithms',
    'renegotiation_info',
    'signed_certificate_timestamp',
  ],
};

const tls13 = { version: 'TLS 1.3' } as const;
const refusedHidden = connection({
  serverHello: tls13,
  encryptedRecords: hiddenAnswer(19),
  alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
});

testRule(decryptionFailed, {
  basis: 'alert',
  fires: [
    {
      name: 'Go says unexpected_message of a ServerKeyExchange that is in order: its signature is wrong',
      connection: connection({ clientHello: go, alerts: said(10, 'unexpected_message', 'client') }),
      support: 'supported',
      explanation: 'exchange',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: another client says in the clear that the flight of the server does not verify',
      connection: refusedHidden,
      others: [connection({ id: '2', serverHello: tls13, alerts: said(51, 'decrypt_error', 'client', 26) })],
      support: 'open',
      explanation: 'beside',
      data: { alert: 'decrypt_error (51)' },
      frames: [5, 6, 26],
    },
    {
      name: 'an Initial packet of QUIC whose tag does not fit',
      connection: quicConnection({ quic: { altered: sighting('client', 4) } }),
      basis: 'fact',
      support: 'confirmed',
      explanation: 'initial',
      data: { from: 'client' },
      frames: [4],
    },
    {
      name: 'of a resumed session: the two sides may not hold the same one',
      connection: connection({
        serverHello: { resumed: true },
        serverCertificates: [],
        alerts: said(20, 'bad_record_mac', 'client'),
      }),
      support: 'open',
      explanation: 'record',
      frames: [5, 6],
    },
    {
      name: 'the same of a session whose beginning the capture lacks: it may be resumed',
      connection: connection({
        clientHello: null,
        serverHello: null,
        messages: [],
        serverCertificates: [],
        outcome: 'failed',
        transport: { syns: [], synAck: null, synAcks: [] },
        alerts: said(20, 'bad_record_mac', 'client'),
      }),
      support: 'open',
      explanation: 'record',
      frames: [6],
    },
    {
      name: 'the server cannot decrypt the Finished of the client (OpenSSL)',
      connection: connection({ phase: 'finished', alerts: said(20, 'bad_record_mac', 'server', 7) }),
      support: 'confirmed',
      explanation: 'record',
      data: { from: 'server', peer: 'client', alert: 'bad_record_mac (20)' },
      frames: [6, 7],
    },
    {
      name: 'the same of a server that decrypts the secret with the key of its certificate, which does not fit (Go)',
      connection: connection({
        serverHello: { cipherSuite: 'TLS_RSA_WITH_AES_128_GCM_SHA256', group: null },
        phase: 'finished',
        alerts: said(20, 'bad_record_mac', 'server', 7),
      }),
      support: 'confirmed',
      explanation: 'secret',
      data: { cipherSuite: 'TLS_RSA_WITH_AES_128_GCM_SHA256' },
      frames: [6, 7],
    },
    {
      name: 'a signature is wrong: of the key exchange, or of a certificate, to a client of either habit',
      connection: connection({ alerts: said(51, 'decrypt_error', 'client') }),
      support: 'open',
      explanation: 'signature',
      frames: [5, 6],
    },
    {
      name: 'a signature is wrong, and the capture began too late to show of what',
      connection: connection({
        clientHello: null,
        serverCertificates: [],
        alerts: said(51, 'decrypt_error', 'client'),
      }),
      support: 'open',
      explanation: 'finished',
      frames: [6],
    },
    {
      name: 'a signature is wrong, and the capture has only the side of the client',
      connection: connection({
        serverHello: null,
        serverCertificates: [],
        messages: [message('client_hello', 'client', 4)],
        alerts: said(51, 'decrypt_error', 'client'),
      }),
      support: 'open',
      explanation: 'finished',
      frames: [4, 6],
    },
    {
      name: 'a signature is wrong, and the capture has only the side of the server',
      connection: connection({
        clientHello: null,
        messages: [message('server_hello', 'server', 5)],
        alerts: said(51, 'decrypt_error', 'server'),
      }),
      support: 'open',
      explanation: 'finished',
      frames: [6],
    },
    {
      name: 'the signature of the key exchange is wrong (Go)',
      connection: connection({ clientHello: go, alerts: said(51, 'decrypt_error', 'client') }),
      support: 'confirmed',
      explanation: 'signature',
      data: { from: 'client', peer: 'server' },
      frames: [5, 6],
    },
    {
      name: 'the signature of the client certificate is wrong (Java)',
      connection: connection({
        phase: 'client-certificate',
        messages: [...clientCertificateMessages(), message('certificate_verify', 'client', 6)],
        alerts: said(51, 'decrypt_error', 'server', 7),
      }),
      support: 'confirmed',
      explanation: 'signature',
      frames: [6, 7],
    },
    {
      name: 'the signature of the client certificate is wrong, or one in its chain (OpenSSL)',
      connection: connection({
        phase: 'client-certificate',
        messages: [...clientCertificateMessages(), message('certificate_verify', 'client', 6)],
        clientCertificates: [certificate({ authorityKeyIdentifier: '01' })],
        alerts: said(51, 'decrypt_error', 'server', 7),
      }),
      support: 'supported',
      explanation: 'signature',
      frames: [6, 7],
    },
    {
      name: 'the same of a certificate that does not name the key of its issuer',
      connection: connection({
        phase: 'client-certificate',
        messages: [...clientCertificateMessages(), message('certificate_verify', 'client', 6)],
        clientCertificates: [certificate({ authorityKeyIdentifier: null })],
        alerts: said(51, 'decrypt_error', 'server', 7),
      }),
      support: 'open',
      explanation: 'signature',
      frames: [6, 7],
    },
    {
      name: 'Finished does not verify',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'finished',
        alerts: said(51, 'decrypt_error', 'server', 7),
      }),
      support: 'confirmed',
      explanation: 'finished',
      frames: [6, 7],
    },
    {
      name: 'the capture lacks what the client answers: a signature, or a certificate',
      connection: connection({
        phase: 'server-hello',
        transport: { server: { missing: 2400 } },
        alerts: said(51, 'decrypt_error', 'client'),
      }),
      support: 'open',
      explanation: 'finished',
      frames: [4, 5, 6],
    },
    {
      name: 'bad_record_mac in answer to the ClientHello, in which nothing is encrypted',
      connection: connection({ phase: 'client-hello', alerts: said(20, 'bad_record_mac', 'server') }),
      support: 'open',
      explanation: 'unprotected',
      frames: [4, 6],
    },
    {
      name: 'bad_record_mac of a client that has received nothing encrypted',
      connection: connection({ phase: 'server-certificate', alerts: said(20, 'bad_record_mac', 'client') }),
      support: 'open',
      explanation: 'unprotected',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.0, without its messages',
      connection: connection({
        serverHello: { version: 'TLS 1.0' },
        phase: 'finished',
        messages: [],
        alerts: said(21, 'decryption_failed', 'server', 7),
      }),
      support: 'supported',
      explanation: 'record',
      frames: [4, 5, 7],
    },
  ],
  silent: [
    { name: 'TLS 1.3: a client ends the handshake by an encrypted alert', connection: refusedHidden },
    {
      name: 'TLS 1.3: the same, and another client says that it does not trust the server',
      connection: refusedHidden,
      others: [connection({ id: '2', serverHello: tls13, alerts: said(48, 'unknown_ca', 'client', 26) })],
    },
    {
      name: 'two points of the path show what was altered',
      connection: connection({
        alerts: [alert({ from: 'server', code: 51, name: 'decrypt_error' })],
        path: pathFacts([
          {
            kind: 'altered',
            between: [0, 1],
            from: 'client',
            at: { frame: 4, at: at(0.04), from: 'client' },
            arrived: { frame: 4, at: at(0.04), from: 'client', capture: 1 },
            offset: 7,
            bytes: 1,
            sent: '01',
            received: '02',
            message: 'client_hello',
          },
        ]),
      }),
    },
    { name: 'Initial packets that open', connection: quicConnection() },
    { name: 'handshake_failure', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
    {
      name: 'an encrypted alert',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [alert({ encrypted: true })] }),
    },
    {
      name: 'bad_record_mac once the client has closed',
      connection: connection({
        phase: 'finished',
        ending: { by: 'client', how: 'close', frame: 6 },
        alerts: said(20, 'bad_record_mac', 'server', 7),
      }),
    },
  ],
});
