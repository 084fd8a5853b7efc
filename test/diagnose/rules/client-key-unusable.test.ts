import { clientKeyUnusable } from '../../../src/diagnose/rules/client-key-unusable.js';
import {
  alert,
  certificate,
  certificateRequest,
  connection,
  encryptedRecord,
  message,
} from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { preamble } from '../../support/plaintext.js';
import { GNUTLS_HELLO } from '../../support/hellos.js';
import { clientCertificateMessages, hiddenAnswer, openedHandshake, testRule } from '../../support/rule-tester.js';

const tls12 = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest(),
  messages: clientCertificateMessages(),
  clientCertificates: [certificate({ subject: 'CN=device 0815' })],
} as const;
const finished = (frame: number) => message('encrypted_handshake', 'client', frame, { encrypted: true });
const internalError = [alert({ from: 'client', code: 80, name: 'internal_error', frame: 7 })];
/** A ClientHello of Go, which writes one message to a record. */
const go = {
  clientHello: {
    extensions: [
      'server_name',
      'supported_groups',
      'ec_point_formats',
      'signature_algorithms',
      'renegotiation_info',
      'signed_certificate_timestamp',
      'supported_versions',
      'key_share',
    ],
  },
  serverHello: { version: 'TLS 1.3' },
} as const;
const tls13 = {
  ...go,
  outcome: 'established',
  phase: 'application-data',
  ending: { by: 'client', how: 'close', frame: 8 },
} as const;
const hidden = [alert({ from: 'client', encrypted: true, inferred: true, frame: 7 })];

testRule(clientKeyUnusable, {
  basis: 'fact',
  fires: [
    {
      name: 'internal_error in place of the CertificateVerify',
      connection: connection({ ...tls12, alerts: internalError }),
      support: 'supported',
      explanation: 'unsigned',
      data: { subject: 'CN=device 0815' },
      frames: [6, 7],
    },
    {
      name: 'GnuTLS: internal_error in place of a Certificate',
      connection: connection({
        clientHello: GNUTLS_HELLO,
        certificateRequest: certificateRequest(),
        phase: 'server-certificate',
        alerts: internalError,
      }),
      support: 'open',
      explanation: 'unusable',
      frames: [5, 7],
    },
    {
      name: 'OpenVPN leaves in place of its certificate',
      connection: connection({
        certificateRequest: certificateRequest(),
        preamble: preamble({ kind: 'openvpn', state: 'accepted', reply: null, target: null, steps: [] }),
        phase: 'server-certificate',
        messages: [message('client_hello', 'client', 4), message('server_hello_done', 'server', 6)],
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
      support: 'open',
      explanation: 'left',
      frames: [5, 7],
    },
    {
      name: 'the client leaves in place of the CertificateVerify',
      connection: connection({ ...tls12, ending: { by: 'client', how: 'close', frame: 7 } }),
      support: 'supported',
      explanation: 'unsigned',
      frames: [6, 7],
    },
    {
      name: 'the client goes on without the CertificateVerify, and the server refuses that',
      connection: connection({
        ...tls12,
        messages: [...clientCertificateMessages(), finished(6)],
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'unproven',
      data: { subject: 'CN=device 0815' },
      frames: [6, 7],
    },
    {
      name: 'the same over DTLS, again and again, and the server does not answer (OpenSSL 3.0.22)',
      connection: dtlsConnection({
        ...tls12,
        outcome: 'failed',
        messages: [...clientCertificateMessages(), finished(6), finished(9)],
      }),
      support: 'supported',
      explanation: 'unproven',
      frames: [6],
    },
    {
      name: 'TLS 1.3: an alert right behind the record with the certificate',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(1797), encryptedRecord('client', 7, 19)],
        alerts: hidden,
      }),
      support: 'supported',
      explanation: 'hidden',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: nothing behind the record with the certificate',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(1797) }),
      support: 'supported',
      explanation: 'hidden',
      frames: [6, 8],
    },
    {
      name: 'TLS 1.3 with keys: the certificate, then handshake_failure in place of the CertificateVerify (Java)',
      connection: connection({
        ...go,
        ...openedHandshake('certificate'),
        outcome: 'failed',
        phase: 'client-certificate',
        clientCertificates: tls12.clientCertificates,
        alerts: [alert({ from: 'client', code: 40, name: 'handshake_failure', frame: 7 })],
      }),
      support: 'supported',
      explanation: 'unsigned',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3 with keys: the client leaves behind its certificate',
      connection: connection({
        ...go,
        ...openedHandshake('certificate'),
        outcome: 'failed',
        phase: 'client-certificate',
        clientCertificates: tls12.clientCertificates,
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'unsigned',
      frames: [6, 7],
    },
  ],
  silent: [
    {
      name: 'over DTLS, once: a lost datagram may have held the CertificateVerify, and only the ClientHello came again',
      connection: dtlsConnection({
        ...tls12,
        outcome: 'failed',
        messages: [...clientCertificateMessages(), finished(6)],
        transport: { client: { retransmissions: 1 } },
      }),
    },
    {
      name: 'GnuTLS: internal_error, and nobody asked for a certificate',
      connection: connection({ clientHello: GNUTLS_HELLO, phase: 'server-certificate', alerts: internalError }),
    },
    {
      name: 'internal_error in place of a Certificate, of a stack that is not known to say so of its own key',
      connection: connection({
        certificateRequest: certificateRequest(),
        phase: 'server-certificate',
        alerts: internalError,
      }),
    },
    {
      name: 'TLS 1.3 with keys: a Finished without a certificate, and a record of the size of one',
      connection: connection({ ...tls13, ...openedHandshake('finished'), encryptedRecords: hiddenAnswer(1797) }),
    },
    {
      name: 'TLS 1.3 with keys: what the client sends is signed, whatever its size',
      connection: connection({
        ...tls13,
        ...openedHandshake('certificate', 'certificate_verify', 'finished'),
        clientCertificates: tls12.clientCertificates,
      }),
    },
    {
      name: 'over DTLS, the datagram with the CertificateVerify may be lost',
      connection: dtlsConnection({
        ...tls12,
        outcome: 'failed',
        messages: [...clientCertificateMessages(), finished(6)],
      }),
    },
    {
      name: 'the client goes on without it, and the server accepts that',
      connection: connection({
        ...tls12,
        outcome: 'established',
        phase: 'finished',
        messages: [...clientCertificateMessages(), finished(6)],
      }),
    },
    {
      name: 'the client has signed, and goes on',
      connection: connection({
        ...tls12,
        messages: [...clientCertificateMessages(), message('certificate_verify', 'client', 6), finished(6)],
        alerts: [alert({ code: 51, name: 'decrypt_error', frame: 7 })],
      }),
    },
    {
      name: 'the client has signed',
      connection: connection({
        ...tls12,
        messages: [...clientCertificateMessages(), message('certificate_verify', 'client', 6)],
        alerts: internalError,
      }),
    },
    {
      name: 'the client has no certificate to sign for',
      connection: connection({ ...tls12, clientCertificates: [], alerts: internalError }),
    },
    {
      name: 'the server refuses the certificate',
      connection: connection({ ...tls12, alerts: [alert({ code: 42, name: 'bad_certificate', frame: 7 })] }),
    },
    {
      name: 'the client names another fault',
      connection: connection({
        ...tls12,
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 7 })],
      }),
    },
    {
      name: 'TLS 1.3: CertificateVerify and Finished follow, then the client leaves',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(1797, 281, 53), encryptedRecord('client', 7, 19)],
        alerts: hidden,
      }),
    },
    {
      name: 'TLS 1.3: the client may write all its messages to one record (rustls)',
      connection: connection({
        ...tls13,
        clientHello: {},
        encryptedRecords: [...hiddenAnswer(2131), encryptedRecord('client', 7, 19)],
        alerts: hidden,
      }),
    },
    {
      name: 'TLS 1.3: the server answers',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(1797), encryptedRecord('server', 7, 250)],
      }),
    },
    {
      name: 'TLS 1.3: the client refuses the certificate of the server',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(19), alerts: hidden }),
    },
  ],
});
