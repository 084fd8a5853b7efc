import { certificateRejected } from '../../../src/diagnose/rules/certificate-rejected.js';
import { alert, at, connection, encryptedRecord } from '../../support/connections.js';
import { hiddenAnswer, testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string) => alert({ from: 'client', code, name });
const tls13 = { serverHello: { version: 'TLS 1.3' } } as const;
const hidden = alert({ from: 'client', encrypted: true, inferred: true });

testRule(certificateRejected, {
  fires: [
    {
      name: 'certificate_unknown on a certificate with which nothing is wrong',
      connection: connection({ alerts: [said(46, 'certificate_unknown')] }),
      certainty: 'certain',
      messageId: 'said',
      data: { how: ' with alert certificate_unknown (46)' },
      frames: [5, 6],
    },
    {
      name: 'certificate_revoked, without a server name',
      connection: connection({ clientHello: { serverName: null }, alerts: [said(44, 'certificate_revoked')] }),
      certainty: 'certain',
      messageId: 'said',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3, and the alert is in the clear',
      connection: connection({ ...tls13, alerts: [said(42, 'bad_certificate')] }),
      certainty: 'certain',
      messageId: 'saidHidden',
      data: { unseen: 'TLS 1.3 hides the certificate' },
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: a record of 19 bytes answers the flight of the server (Go, curl, GnuTLS)',
      connection: connection({ ...tls13, encryptedRecords: hiddenAnswer(19), alerts: [hidden] }),
      certainty: 'likely',
      messageId: 'hidden',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: one of 35 bytes does, since Java pads, and the server closes first',
      connection: connection({
        ...tls13,
        encryptedRecords: hiddenAnswer(35),
        alerts: [hidden],
        close: { by: 'server', how: 'fin', frame: 7 },
      }),
      certainty: 'likely',
      messageId: 'hidden',
      frames: [5, 6],
    },
    {
      name: 'TLS 1.3: the client closes as soon as it has the flight of the server (Node.js)',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(),
        close: { by: 'client', how: 'fin', frame: 6 },
      }),
      certainty: 'likely',
      messageId: 'left',
      frames: [5, 6],
    },
  ],
  silent: [
    {
      name: 'TLS 1.3: the server gives up by an encrypted alert, and the client leaves',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: [encryptedRecord('server', 5, 65), encryptedRecord('server', 5, 35)],
        alerts: [alert({ encrypted: true, inferred: true, frame: 5 })],
        close: { by: 'client', how: 'fin', frame: 6 },
      }),
    },
    {
      name: 'TLS 1.3: the client closes much later, as one whose time is up',
      connection: connection({
        ...tls13,
        phase: 'server-certificate',
        outcome: 'failed',
        encryptedRecords: hiddenAnswer(),
        close: { by: 'client', how: 'fin', frame: 600, at: at(6) },
      }),
    },
    {
      name: 'the server refuses the client: its encrypted alert follows the second flight of the client',
      connection: connection({
        ...tls13,
        phase: 'finished',
        encryptedRecords: hiddenAnswer(25, 53),
        alerts: [alert({ encrypted: true, inferred: true, frame: 7 })],
      }),
    },
    {
      name: 'the server refuses the certificate of the client',
      connection: connection({
        phase: 'client-certificate',
        alerts: [alert({ code: 42, name: 'bad_certificate', frame: 7 })],
      }),
    },
    {
      name: 'an alert that says nothing of certificates',
      connection: connection({ alerts: [said(40, 'handshake_failure')] }),
    },
    {
      name: 'before TLS 1.3 an encrypted alert comes after the client has taken the certificate',
      connection: connection({
        phase: 'finished',
        outcome: 'failed',
        alerts: [alert({ from: 'client', encrypted: true, frame: 8 })],
      }),
    },
    { name: 'no alert', connection: connection({ phase: 'server-certificate' }) },
    {
      name: 'a client that completes and leaves without a word',
      connection: connection({ phase: 'finished', outcome: 'established', lastFrame: 8 }),
    },
    {
      name: 'a resumed handshake, in which no certificate is sent',
      connection: connection({
        serverHello: { version: 'TLS 1.3', resumed: true },
        encryptedRecords: hiddenAnswer(19),
        alerts: [hidden],
      }),
    },
    {
      name: 'the server closes, and OpenSSL complains of it',
      connection: connection({
        phase: 'server-certificate',
        close: { by: 'server', how: 'fin', frame: 6 },
        alerts: [alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 })],
      }),
    },
  ],
});
