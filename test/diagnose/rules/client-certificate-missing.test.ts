import { notice } from '../../../src/notices.js';
import { clientCertificateMissing } from '../../../src/diagnose/rules/client-certificate-missing.js';
import {
  alert,
  at,
  certificate,
  certificateRequest,
  connection,
  encryptedRecord,
  message,
  sighting,
} from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { closedUponFlight } from '../../support/quic-connections.js';
import { clientCertificateMessages, hiddenAnswer, openedHandshake, testRule } from '../../support/rule-tester.js';
import { behindHandshake, renegotiation } from '../../support/renegotiation.js';

/** TLS 1.2: the server asks, the client answers with an empty Certificate. */
const empty = {
  phase: 'client-certificate',
  certificateRequest: certificateRequest(),
  messages: clientCertificateMessages(),
} as const;
const said = (code: number, name: string) => alert({ code, name, frame: 7 });
/** All that is left of a handshake of which the snapshot length cut off the long messages. */
const behindCutHellos = (length: number) =>
  ({
    phase: 'client-certificate',
    clientHello: null,
    serverHello: null,
    messages: [message('certificate', 'client', 6, { length, isBehindGap: true })],
    transport: { client: { missing: 446 }, server: { missing: 2532 } },
  }) as const;
const tls13 = { serverHello: { version: 'TLS 1.3' }, phase: 'finished' } as const;
const hidden = alert({ encrypted: true, inferred: true, frame: 7 });

testRule(clientCertificateMissing, {
  basis: 'fact',
  fires: [
    {
      name: 'handshake_failure after a request, and the capture lacks what the client answered',
      connection: connection({
        phase: 'server-certificate',
        certificateRequest: certificateRequest(),
        alerts: [alert({ frame: 7 })],
        transport: { client: { missing: 300 } },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseenFlight',
      frames: [5, 7],
    },
    {
      name: 'QUIC: both sides fall silent when the server has a flight without a certificate',
      connection: closedUponFlight(83),
      support: 'open',
      basis: 'fact',
      explanation: 'hiddenClose',
      frames: [6, 8],
    },
    {
      name: 'TLS 1.3: the server asks behind the handshake, and refuses an empty Certificate (Apache 2.4.71, curl 7.88)',
      connection: behindHandshake([57, 69]),
      support: 'supported',
      explanation: 'behindHandshake',
      frames: [10, 11],
    },
    {
      name: 'OpenSSL: handshake_failure',
      connection: connection({ ...empty, alerts: [said(40, 'handshake_failure')] }),
      support: 'confirmed',
      explanation: 'wanted',
      data: { wanted: ['CN=Example Client CA,O=Example Corp'] },
      frames: [5, 6, 7],
    },
    {
      name: 'Go, Java: bad_certificate; the client sends no server name',
      connection: connection({
        ...empty,
        clientHello: { serverName: null },
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'confirmed',
      explanation: 'wanted',
      frames: [5, 6, 7],
    },
    {
      name: 'the snapshot length cut off both hellos and the request, but not the empty answer',
      connection: connection({
        ...behindCutHellos(3),
        alerts: [said(42, 'bad_certificate')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [6, 7],
    },
    {
      name: 'GnuTLS: decode_error, any authority',
      connection: connection({
        ...empty,
        certificateRequest: certificateRequest({ certificateAuthorities: [] }),
        alerts: [said(50, 'decode_error')],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { wanted: [], how: 'with alert decode_error (50)' },
      frames: [5, 6, 7],
    },
    {
      name: 'unexpected_message, which may be about any message of the flight (GnuTLS 3.7.9, of an altered ChangeCipherSpec)',
      connection: connection({
        ...empty,
        certificateRequest: certificateRequest({ certificateAuthorities: [] }),
        alerts: [said(10, 'unexpected_message')],
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [5, 6, 7],
    },
    {
      name: 'the server closes without a word; the request is not in the capture',
      connection: connection({
        ...empty,
        certificateRequest: null,
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'by closing the connection' },
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: an alert follows a record of 25 bytes (OpenSSL, Go, Node.js, HAProxy)',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(25, 53), encryptedRecord('server', 7, 19)],
        alerts: [hidden],
      }),
      support: 'supported',
      explanation: 'inferred',
      frames: [6, 7],
    },
    {
      name: 'the server renegotiates, and refuses an answer without a certificate (Apache 2.4)',
      connection: renegotiation([31, 61, 40]),
      support: 'supported',
      explanation: 'renegotiated',
      frames: [8, 11, 12],
    },
    {
      name: 'the server renegotiates, and refuses an empty answer before it has all of it (Java 17)',
      connection: renegotiation([31]),
      support: 'supported',
      explanation: 'renegotiated',
      frames: [8, 11, 12],
    },
    {
      name: 'TLS 1.3: the server sends its tickets before the alert, which may be its good-bye (vsftpd)',
      connection: connection({
        ...tls13,
        encryptedRecords: [
          ...hiddenAnswer(25, 69),
          encryptedRecord('server', 7, 250),
          encryptedRecord('server', 7, 19),
        ],
        alerts: [hidden],
      }),
      support: 'open',
      explanation: 'inferred',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: Certificate and Finished in one record',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(77), alerts: [hidden] }),
      support: 'supported',
      explanation: 'inferred',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: 41 bytes, since Java pads',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(41, 69), encryptedRecord('server', 7, 35)],
        alerts: [hidden],
      }),
      support: 'supported',
      explanation: 'inferred',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3 over EAP: EAP-Failure on the second flight of the client',
      connection: eapConnection({
        ...tls13,
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(25, 53),
        eap: { result: { ...sighting('server', 7), isSuccess: false } },
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'eapFailure',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: the server closes on the Finished of the client, without a word (GnuTLS)',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(25, 53),
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'closed',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3: a reset upon the Finished of the client, without a word, which may be of a device on the path',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(25, 53),
        ending: { by: 'server', how: 'reset', frame: 7 },
      }),
      support: 'open',
      explanation: 'closed',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.3 with keys: the server closes on the Finished of the client, which sent an empty Certificate',
      connection: connection({
        ...tls13,
        ...openedHandshake('certificate', 'finished'),
        outcome: 'established',
        ending: { by: 'server', how: 'close', frame: 7 },
      }),
      support: 'supported',
      explanation: 'closedOnEmpty',
      frames: [6, 7],
    },
    {
      name: 'TLS 1.2: the server completes the handshake without the certificate that it asked for, and closes (rsyslog, MongoDB)',
      connection: connection({
        ...empty,
        outcome: 'established',
        phase: 'finished',
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
      support: 'open',
      explanation: 'closedUnclear',
      frames: [5, 6, 9],
    },
    {
      name: 'TLS 1.3: it does so behind its tickets, with the request of the client unread',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [
          encryptedRecord('client', 6, 25),
          encryptedRecord('client', 6, 53),
          encryptedRecord('client', 7, 300),
          encryptedRecord('server', 8, 250),
          encryptedRecord('server', 8, 250),
        ],
        ending: { by: 'server', how: 'reset', frame: 9, at: at(0.1) },
      }),
      support: 'open',
      explanation: 'closedUnclear',
      frames: [6, 9],
    },
    {
      name: 'TLS 1.3: certificate_required in the clear',
      connection: connection({
        ...tls13,
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [said(116, 'certificate_required')],
      }),
      support: 'confirmed',
      explanation: 'said',
      frames: [6, 7],
    },
    {
      name: 'the alert is one about certificates, and the capture lacks what the client answered',
      connection: connection({
        ...empty,
        messages: [],
        alerts: [said(42, 'bad_certificate')],
        transport: { client: { missing: 320 } },
      }),
      support: 'open',
      basis: 'alert',
      explanation: 'unseen',
      frames: [5, 7],
    },
    {
      name: 'TLS 1.3: the server served another client that had no certificate, by another name',
      connection: connection({
        ...tls13,
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [hidden],
      }),
      others: [
        connection({
          clientHello: { serverName: 'shop.example.com' },
          serverHello: { version: 'TLS 1.3', frame: 25 },
          encryptedRecords: [
            ...hiddenAnswer(25, 53).map((record) => ({ ...record, frame: record.frame + 20 })),
            encryptedRecord('client', 28, 120),
            ...[250, 250, 900].map((length) => encryptedRecord('server', 29, length)),
          ],
        }),
      ],
      support: 'supported',
      explanation: 'inferred',
      frames: [6, 7],
    },
  ],
  silent: [
    {
      name: 'the snapshot length cut off both hellos, and the answer is too long to be empty',
      connection: connection({ ...behindCutHellos(900), alerts: [said(42, 'bad_certificate')] }),
    },
    {
      name: 'TLS 1.3: the server closes before the client goes on, without a certificate: it has reached a time limit',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(25, 53),
        ending: { by: 'server', how: 'close', frame: 5, at: at(0.05) },
      }),
    },
    {
      name: 'TLS 1.3: an LDAP client gives up TLS before the alert, which only means that its UnbindRequest is no record (GnuTLS)',
      connection: connection({
        ...tls13,
        encryptedRecords: [...hiddenAnswer(25, 53), encryptedRecord('server', 7, 19)],
        alerts: [hidden],
        notes: [{ ...notice('ldap-unbind', 'connection'), frame: 6 }],
      }),
    },
    {
      name: 'TLS 1.2: it takes what the client sends, and closes: it may be a log server that answers nothing',
      connection: connection({
        ...empty,
        outcome: 'established',
        phase: 'finished',
        encryptedRecords: [encryptedRecord('client', 8, 53)],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
    },
    {
      name: 'TLS 1.3: the same of a server that sends no tickets',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [...hiddenAnswer(25, 53), encryptedRecord('client', 7, 82)],
        ending: { by: 'server', how: 'close', frame: 8, at: at(0.1) },
      }),
    },
    {
      name: 'TLS 1.3: it answers a request in one record, or behind a ticket as long, and closes',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [
          ...hiddenAnswer(25, 53),
          encryptedRecord('client', 7, 300),
          encryptedRecord('server', 8, 250),
          encryptedRecord('server', 8, 255),
        ],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
    },
    {
      name: 'TLS 1.3: it sends a greeting shorter than any ticket, and closes',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [...hiddenAnswer(25, 53), encryptedRecord('server', 8, 37)],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
    },
    {
      name: 'TLS 1.2: the server closes later: it has waited for a request',
      connection: connection({
        ...empty,
        outcome: 'established',
        phase: 'finished',
        ending: { by: 'server', how: 'close', frame: 9, at: at(30) },
      }),
    },
    {
      name: 'TLS 1.3: the server sends data of another size than tickets, and closes',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [
          encryptedRecord('client', 6, 25),
          encryptedRecord('client', 6, 53),
          encryptedRecord('server', 8, 250),
          encryptedRecord('server', 8, 400),
        ],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
    },
    { name: 'QUIC: the flight can hold a certificate', connection: closedUponFlight(1177) },
    {
      name: 'TLS 1.3: the client sends data of other sizes, and the server takes its leave',
      connection: behindHandshake([58, 69]),
    },
    {
      name: 'an alert that complains of the keys',
      connection: connection({ ...empty, alerts: [said(20, 'bad_record_mac')] }),
    },
    {
      name: 'the server renegotiates, and refuses an answer with a certificate',
      connection: renegotiation([969, 61, 288, 40]),
    },
    { name: 'the server renegotiates, and asks for nothing', connection: renegotiation([61, 40]) },
    { name: 'the server renegotiates, and does without', connection: renegotiation([31, 61, 40], { alerts: [] }) },
    {
      name: 'the server renegotiates, and the client says good-bye first',
      connection: renegotiation([31, 61, 40], { alerts: [alert({ from: 'client', frame: 12, encrypted: true })] }),
    },
    {
      name: 'TLS 1.3: the server sends its tickets and a greeting, then closes',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: [
          ...hiddenAnswer(25, 53),
          encryptedRecord('server', 7, 250),
          encryptedRecord('server', 7, 90),
        ],
        ending: { by: 'server', how: 'close', frame: 8 },
      }),
    },
    {
      name: 'TLS 1.3: the client closes after its empty Certificate',
      connection: connection({
        ...tls13,
        outcome: 'established',
        encryptedRecords: hiddenAnswer(25, 53),
        ending: { by: 'client', how: 'close', frame: 7 },
      }),
    },
    {
      name: 'the client sends one',
      connection: connection({
        ...empty,
        clientCertificates: [certificate()],
        alerts: [said(42, 'bad_certificate')],
      }),
    },
    {
      name: 'TLS 1.3: the record is of a size that holds a certificate',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(1200, 281, 53), alerts: [hidden] }),
    },
    {
      name: 'TLS 1.3: the client sends its Finished alone',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(53), alerts: [hidden] }),
    },
    {
      name: 'the server goes on without one',
      connection: connection({
        certificateRequest: certificateRequest(),
        messages: clientCertificateMessages(),
        phase: 'application-data',
      }),
    },
    {
      name: 'the client refuses the certificate of the server',
      connection: connection({
        certificateRequest: certificateRequest(),
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })],
      }),
    },
    {
      name: 'handshake_failure in answer to the ClientHello',
      connection: connection({ phase: 'client-hello', alerts: [alert()] }),
    },
    {
      name: 'TLS 1.3: the client refuses the certificate of the server with its only record',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        encryptedRecords: hiddenAnswer(19),
        alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'TLS 1.2: the client says goodbye after its empty Certificate, and the server closes',
      connection: connection({
        ...empty,
        outcome: 'established',
        phase: 'finished',
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
        ending: { by: 'server', how: 'close', frame: 9, at: at(0.1) },
      }),
    },
    {
      name: 'the client closes after its empty Certificate',
      connection: connection({ ...empty, ending: { by: 'client', how: 'close', frame: 7 } }),
    },
  ],
  excluded: [
    {
      name: 'TLS 1.3: the server served another client that had no certificate',
      connection: connection({
        ...tls13,
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [hidden],
      }),
      others: [
        connection({
          serverHello: { version: 'TLS 1.3', frame: 25 },
          encryptedRecords: [
            ...hiddenAnswer(25, 53).map((record) => ({ ...record, frame: record.frame + 20 })),
            encryptedRecord('client', 28, 120),
            ...[250, 250, 900].map((length) => encryptedRecord('server', 29, length)),
          ],
        }),
      ],
      because: 'othersWithout',
      frames: [25],
    },
    {
      name: 'a data connection of FTP, whose control connection the server took without a certificate',
      connection: connection({
        ...tls13,
        id: '2',
        startedAt: at(0.4),
        server: { address: '198.51.100.20', port: 40_010 },
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [hidden],
      }),
      others: [
        connection({
          server: { address: '198.51.100.20', port: 990 },
          endedAt: at(0.9),
          serverHello: { version: 'TLS 1.3', frame: 5 },
          encryptedRecords: hiddenAnswer(25, 53),
        }),
      ],
      because: 'onControl',
      frames: [5],
    },
  ],
});
