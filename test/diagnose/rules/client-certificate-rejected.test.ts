import { clientCertificateRejected } from '../../../src/diagnose/rules/client-certificate-rejected.js';
import {
  alert,
  at,
  certificate,
  certificateRequest,
  connection,
  encryptedRecord,
  sighting,
} from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { closedUponFlight, UNFINISHED } from '../../support/quic-connections.js';
import { clientCertificateMessages, hiddenAnswer, openedHandshake, testRule } from '../../support/rule-tester.js';
import { behindHandshake, renegotiation } from '../../support/renegotiation.js';
import { issue } from '../../x509/authority.js';

const device = certificate({
  extendedKeyUsage: ['clientAuth'],
  subject: 'CN=device 0815,O=Example Corp',
  issuer: 'CN=Example Client CA,O=Example Corp',
  serialNumber: '0815',
});
const sent = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest(),
  messages: clientCertificateMessages(),
  clientCertificates: [device],
} as const;
const authority = await issue({ name: 'CN=Example Client CA', ca: true });
const stranger = await issue({ name: 'CN=Example Client CA', ca: true });
const forged = await issue({ name: 'CN=device 0815', by: stranger, keyIdentifiers: false });
const forServers = { clientCertificates: [certificate({ serialNumber: '4711' })] };
const said = (code: number, name: string) => alert({ code, name, frame: 7 });
const tls13 = { serverHello: { version: 'TLS 1.3' }, phase: 'finished' } as const;
const hidden = alert({ encrypted: true, inferred: true, frame: 7 });
const withoutTickets = {
  ...connection({}).clientHello,
  extensions: ['server_name', 'supported_versions', 'key_share'],
};
const behindTickets = {
  ...tls13,
  phase: 'application-data',
  outcome: 'established',
  alerts: [hidden],
  ending: { by: 'client', how: 'close', frame: 9 },
} as const;

const closedWhenComplete = {
  outcome: 'established',
  phase: 'finished',
  ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
} as const;

testRule(clientCertificateRejected, {
  basis: 'alert',
  fires: [
    ...(['established', 'failed'] as const).map((outcome) => ({
      name: `QUIC: both sides fall silent when the server has the flight of the client (${outcome})`,
      connection: closedUponFlight(1177, { outcome }),
      support: 'supported' as const,
      basis: 'ending' as const,
      explanation: 'hiddenClose',
      frames: [6, 8],
    })),
    {
      name: 'QUIC: both sides fall silent behind one packet of the server, which may have come before a close of the client (quiche)',
      connection: closedUponFlight(1177, { ...UNFINISHED, answers: [7] }),
      support: 'open',
      basis: 'ending',
      explanation: 'hiddenClose',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: the server asks behind the handshake, and refuses a certificate (Apache 2.4.71, curl 7.88)',
      connection: behindHandshake([839, 281, 69]),
      basis: 'ending',
      support: 'supported',
      explanation: 'behindHandshake',
      frames: [10, 11],
    },
    {
      name: 'internal_error at once: the program refused it by a rule of its own (SSLVerifyDepth of Apache httpd 2.4, checkHost of stunnel 5.68)',
      connection: connection({ ...sent, alerts: [said(80, 'internal_error')] }),
      support: 'open',
      explanation: 'byProgram',
      data: { serialNumber: '0815' },
      frames: [6, 7],
    },
    {
      name: 'the server renegotiates, and refuses an answer with a certificate (Apache 2.4)',
      connection: renegotiation([969, 61, 288, 40]),
      basis: 'ending',
      support: 'supported',
      explanation: 'renegotiated',
      frames: [8, 11, 12],
    },
    {
      name: 'what the client sent is not in the capture',
      connection: connection({ clientHello: null, alerts: [alert({ code: 42, name: 'bad_certificate' })] }),
      basis: 'ending',
      support: 'supported',
      explanation: 'unseen',
      data: { how: 'with alert bad_certificate (42)' },
      frames: [6],
    },
    {
      name: 'bad_certificate on a certificate with which nothing is wrong',
      connection: connection({ ...sent, alerts: [said(42, 'bad_certificate')] }),
      basis: 'ending',
      support: 'confirmed',
      explanation: 'said',
      data: { serialNumber: '0815', how: 'with alert bad_certificate (42)' },
      frames: [6, 7],
    },
    {
      name: 'certificate_revoked',
      connection: connection({ ...sent, alerts: [said(44, 'certificate_revoked')] }),
      support: 'confirmed',
      explanation: 'revoked',
      frames: [6, 7],
    },
    {
      name: 'a certificate for servers: unsupported_certificate (OpenSSL)',
      connection: connection({ ...sent, ...forServers, alerts: [said(43, 'unsupported_certificate')] }),
      support: 'confirmed',
      explanation: 'purpose',
      data: { allowed: ['serverAuth'] },
      frames: [6, 7],
    },
    {
      name: 'a certificate for servers: bad_certificate (Go)',
      connection: connection({ ...sent, ...forServers, alerts: [said(42, 'bad_certificate')] }),
      support: 'supported',
      explanation: 'purpose',
      frames: [6, 7],
    },
    {
      name: 'a certificate for servers: the server completes the handshake and closes at once (MongoDB)',
      connection: connection({ ...sent, ...forServers, ...closedWhenComplete }),
      support: 'open',
      explanation: 'purpose',
      frames: [6, 9],
    },
    {
      name: 'a critical extension that nobody knows: unsupported_certificate (Erlang/OTP 25)',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...device, unknownCriticalExtensions: ['1.2.3.4.5'] }],
        alerts: [said(43, 'unsupported_certificate')],
      }),
      support: 'supported',
      explanation: 'criticalExtension',
      data: { extensions: ['1.2.3.4.5'] },
      frames: [6, 7],
    },
    {
      name: 'a key on a curve that the server does not accept: illegal_parameter (OpenSSL)',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...device, keyType: 'EC', keyCurve: 'secp256k1' }],
        alerts: [said(47, 'illegal_parameter')],
      }),
      support: 'supported',
      explanation: 'curve',
      data: { curve: 'secp256k1' },
      frames: [6, 7],
    },
    {
      name: 'a key on a common curve: the server may accept fewer (OpenSSL 3.0.22)',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...device, keyType: 'EC', keyCurve: 'secp384r1' }],
        alerts: [said(47, 'illegal_parameter')],
      }),
      support: 'open',
      explanation: 'commonCurve',
      data: { curve: 'secp384r1' },
      frames: [6, 7],
    },
    {
      name: 'a key that may not sign: unsupported_certificate (OpenSSL)',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...device, keyUsage: ['keyCertSign', 'cRLSign'] }],
        alerts: [said(43, 'unsupported_certificate')],
      }),
      support: 'confirmed',
      explanation: 'keyUsage',
      data: { usage: ['keyCertSign', 'cRLSign'] },
      frames: [6, 7],
    },
    {
      name: 'a certificate that the issuer sent with it did not sign: decrypt_error (OpenSSL)',
      connection: connection({
        ...sent,
        clientCertificates: [forged.certificate, authority.certificate],
        alerts: [said(51, 'decrypt_error')],
      }),
      support: 'confirmed',
      explanation: 'signature',
      data: { subject: 'CN=device 0815' },
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: an alert follows a record that holds a certificate',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(1200, 281, 53), encryptedRecord('server', 7, 19)],
        alerts: [hidden],
      }),
      basis: 'ending',
      support: 'supported',
      explanation: 'hidden',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: what has the size of an alert follows, and the capture stops there: it may be data (Erlang)',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(1200, 281, 53), encryptedRecord('server', 7, 19)],
        alerts: [hidden],
        ending: { by: 'none', how: 'none', frame: null, at: null },
      }),
      basis: 'ending',
      support: 'open',
      explanation: 'hidden',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: an alert follows that record, and a client on OpenSSL answers in kind: it may be a good-bye',
      connection: connection({
        ...tls13,
        clientHello: {
          extensions: [
            'ec_point_formats',
            'supported_groups',
            'encrypt_then_mac',
            'extended_master_secret',
            'psk_key_exchange_modes',
          ],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53),
          encryptedRecord('server', 7, 19),
          encryptedRecord('client', 8, 19),
        ],
        alerts: [hidden],
      }),
      basis: 'ending',
      support: 'open',
      explanation: 'hiddenUnclear',
      frames: [6, 7],
    },
    {
      name: 'a certificate that is not valid yet: access_denied, then bad_certificate (GnuTLS)',
      connection: connection({
        ...sent,
        clientCertificates: [{ ...device, notBefore: '2026-03-04T10:00:00Z' }],
        alerts: [said(49, 'access_denied'), alert({ code: 42, name: 'bad_certificate', frame: 8 })],
      }),
      support: 'supported',
      explanation: 'early',
      data: { ahead: '47 hours', how: 'with alert bad_certificate (42)' },
      frames: [6, 7, 8],
    },
    {
      name: 'the server closes after it got the certificate (Node.js)',
      connection: connection({ ...sent, outcome: 'failed', ending: { by: 'server', how: 'close', frame: 7 } }),
      basis: 'ending',
      support: 'supported',
      explanation: 'closed',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3 with keys: the server closes on the second flight of the client (Node.js)',
      connection: connection({
        ...tls13,
        ...openedHandshake('certificate', 'certificate_verify', 'finished'),
        clientCertificates: sent.clientCertificates,
        outcome: 'established',
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      basis: 'ending',
      support: 'supported',
      explanation: 'closed',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3 over EAP: EAP-Failure on the second flight of the client',
      connection: eapConnection({
        ...tls13,
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(1200, 281, 53),
        eap: { result: { ...sighting('server', 7), isSuccess: false } },
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      basis: 'ending',
      support: 'supported',
      explanation: 'eapFailure',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: the server closes on the second flight of the client (Node.js)',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(1200, 281, 53),
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      basis: 'ending',
      support: 'supported',
      explanation: 'left',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: an alert behind the tickets, before the client asks for anything (Bun)',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53),
          encryptedRecord('server', 7, 1800),
          encryptedRecord('server', 7, 19),
          encryptedRecord('client', 8, 35),
        ],
      }),
      basis: 'ending',
      support: 'open',
      explanation: 'hiddenUnclear',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: an alert where the client wants no tickets (a Go proxy without its back end)',
      connection: connection({
        ...tls13,
        clientHello: withoutTickets,
        encryptedRecords: [...hiddenAnswer(811, 281, 69), encryptedRecord('server', 7, 19)],
        alerts: [hidden],
      }),
      basis: 'ending',
      support: 'open',
      explanation: 'hiddenUnclear',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: two alerts where the client wants no tickets (GnuTLS)',
      connection: connection({
        ...tls13,
        clientHello: withoutTickets,
        encryptedRecords: [
          ...hiddenAnswer(811, 281, 69),
          encryptedRecord('server', 7, 19),
          encryptedRecord('server', 8, 19),
        ],
        alerts: [hidden, alert({ encrypted: true, inferred: true, frame: 8 })],
      }),
      basis: 'ending',
      support: 'supported',
      explanation: 'hidden',
      frames: [6, 7, 8],
    },
    {
      name: 'TLS 1.3: the server closes where the client wants no tickets (Go)',
      connection: connection({
        ...tls13,
        clientHello: withoutTickets,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(811, 281, 69),
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      basis: 'ending',
      support: 'open',
      explanation: 'leftUnclear',
      frames: [6, 7],
    },
  ],
  silent: [
    {
      name: 'TLS 1.3: the server closes at a time limit, and the flight of a slow client comes after that',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(1200, 281, 53),
        ending: { by: 'server', how: 'close', frame: 5 },
      }),
    },
    {
      name: 'the same before TLS 1.3',
      connection: connection({
        ...sent,
        outcome: 'failed',
        ending: { by: 'server', how: 'close', frame: 5, at: at(0.02) },
      }),
    },
    {
      name: 'the server closes seconds after it got the certificate: it has reached a time limit, or stops',
      connection: connection({
        ...sent,
        outcome: 'failed',
        ending: { by: 'server', how: 'close', frame: 7, at: at(5) },
      }),
    },
    {
      name: 'a certificate for clients: the server completes the handshake and closes at once',
      connection: connection({ ...sent, ...closedWhenComplete }),
    },
    {
      name: 'a certificate for servers: the server completes the handshake, answers, and closes',
      connection: connection({
        ...sent,
        ...forServers,
        ...closedWhenComplete,
        encryptedRecords: [encryptedRecord('client', 7, 300), encryptedRecord('server', 8, 300)],
      }),
    },
    {
      name: 'TLS 1.3: an alert behind the tickets, and the capture began behind the ClientHello',
      connection: connection({
        ...behindTickets,
        clientHello: null,
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53),
          encryptedRecord('server', 7, 1800),
          encryptedRecord('server', 7, 19),
          encryptedRecord('client', 8, 35),
        ],
      }),
    },
    {
      name: 'QUIC: the flight is too short to hold a certificate',
      connection: closedUponFlight(83),
    },
    {
      name: 'QUIC: the server only acknowledges the flight, and the confirmation is not seen',
      connection: closedUponFlight(1177, { answers: [7] }),
    },
    {
      name: 'QUIC: the client acknowledges what the server sent',
      connection: closedUponFlight(1177, { lastOfClient: 9 }),
    },
    {
      name: 'QUIC: the capture ends there',
      connection: closedUponFlight(1177, { ending: { by: 'none', how: 'none', frame: null, at: null } }),
    },
    {
      name: 'bad_certificate in answer to the ClientHello: nobody has asked for a certificate yet',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ code: 42, name: 'bad_certificate' })],
      }),
    },
    {
      name: 'TLS 1.3: the client sends data of other sizes, and the server takes its leave',
      connection: behindHandshake([58, 69]),
    },
    {
      name: 'the server says good-bye behind tickets and its answer, in one segment',
      connection: behindHandshake([839, 281, 69], [1194, 1194, 260]),
    },
    {
      name: 'the server renegotiates, and refuses an answer without a certificate',
      connection: renegotiation([31, 61, 40]),
    },
    {
      name: 'TLS 1.3: the server answers a request and takes its leave',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53, 120),
          encryptedRecord('server', 7, 1800),
          encryptedRecord('server', 7, 19),
        ],
      }),
    },
    {
      name: 'TLS 1.3: the server greets and takes its leave',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53),
          encryptedRecord('server', 7, 90),
          encryptedRecord('server', 7, 19),
        ],
      }),
    },
    {
      name: 'TLS 1.3: the server sends its tickets, greets and takes its leave (OpenSSL 3.0.22)',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [
          ...hiddenAnswer(1611, 281, 69),
          encryptedRecord('server', 7, 1034),
          encryptedRecord('server', 7, 1034),
          encryptedRecord('server', 7, 28),
          encryptedRecord('server', 7, 19),
        ],
      }),
    },
    {
      name: 'TLS 1.3: the server takes its leave behind its tickets after a second (OpenSSL 3.0.22)',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [...hiddenAnswer(1200, 281, 53), encryptedRecord('server', 7, 1800)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 700, at: at(1) })],
      }),
    },
    {
      name: 'TLS 1.3: the server takes its leave behind its tickets, and a client on OpenSSL answers in kind',
      connection: connection({
        ...behindTickets,
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        encryptedRecords: [
          ...hiddenAnswer(1200, 281, 53),
          encryptedRecord('server', 7, 1800),
          encryptedRecord('server', 7, 19),
          encryptedRecord('client', 8, 19),
        ],
      }),
    },
    {
      name: 'TLS 1.3: the server takes its leave behind its tickets after a while',
      connection: connection({
        ...behindTickets,
        encryptedRecords: [...hiddenAnswer(1200, 281, 53), encryptedRecord('server', 7, 1800)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 700, at: at(7) })],
      }),
    },
    {
      name: 'TLS 1.3: the server closes an idle connection without a word',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(1200, 281, 53),
        ending: { by: 'server', how: 'close', frame: 700, at: at(7) },
      }),
    },
    {
      name: 'TLS 1.3: the server closes after an answer',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [...hiddenAnswer(1200, 281, 53), encryptedRecord('server', 7, 250)],
        ending: { by: 'server', how: 'close', frame: 8 },
      }),
    },
    {
      name: 'TLS 1.3: the certificate is an empty one',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(25, 53), alerts: [hidden] }),
    },
    {
      name: 'TLS 1.3: the client sends its Finished alone',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(53), alerts: [hidden] }),
    },
    {
      name: 'the client sends none',
      connection: connection({ ...sent, clientCertificates: [], alerts: [said(42, 'bad_certificate')] }),
    },
    {
      name: 'an alert that says nothing of certificates',
      connection: connection({ ...sent, alerts: [said(40, 'handshake_failure')] }),
    },
    {
      name: 'the client refuses the certificate of the server',
      connection: connection({ alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })] }),
    },
    {
      name: 'the server takes it',
      connection: connection({ ...sent, phase: 'application-data', outcome: 'established' }),
    },
  ],
});
