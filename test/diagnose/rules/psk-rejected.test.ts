import type { Connection } from '../../../src/connection/connection.js';
import { pskRejected } from '../../../src/diagnose/rules/psk-rejected.js';
import { notice } from '../../../src/notices.js';
import { alert, connection, encryptedRecord, sighting } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const PSK = 'TLS_PSK_WITH_AES_128_GCM_SHA256';
const suites = { cipherSuites: [PSK, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'], serverName: null };
const said = (code: number, name: string, frame = 6) => [alert({ code, name, frame })];

const agreed = {
  outcome: 'failed',
  clientHello: suites,
  serverHello: { cipherSuite: PSK, group: null },
  serverCertificates: [],
  phase: 'finished',
} as const;
const finished = (from: 'client' | 'server', frame: number) =>
  encryptedRecord(from, frame, 40, { contentType: 'handshake' });

/** A client that sends its Finished three times over DTLS, and as many messages again. */
const thrice = (retransmissions: number, lastOfServer = 14, notes: Connection['notes'] = []) =>
  dtlsConnection({
    ...agreed,
    notes,
    encryptedRecords: [9, 12, 15].map((frame) => finished('client', frame)),
    transport: {
      client: { retransmissions, mostResent: { ...sighting('client', 15), message: 'client_key_exchange', times: 2 } },
      server: { lastData: sighting('server', lastOfServer) },
    },
  });

testRule(pskRejected, {
  basis: 'fact',
  fires: [
    {
      name: 'unknown_psk_identity (OpenSSL)',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(115, 'unknown_psk_identity') }),
      support: 'confirmed',
      explanation: 'said',
      frames: [4, 6],
    },
    {
      name: 'unknown_psk_identity to a client that offers no key',
      connection: connection({ phase: 'client-hello', alerts: said(115, 'unknown_psk_identity') }),
      support: 'open',
      basis: 'alert',
      explanation: 'unoffered',
      frames: [4, 6],
    },
    {
      name: 'unknown_psk_identity to a client that may have offered a key: the capture lacks its ClientHello',
      connection: connection({ clientHello: null, serverHello: null, alerts: said(115, 'unknown_psk_identity') }),
      support: 'confirmed',
      explanation: 'said',
      frames: [6],
    },
    ...(
      [
        [40, 'handshake_failure'],
        [47, 'illegal_parameter'],
        [51, 'decrypt_error'],
      ] as const
    ).map(([code, name]) => ({
      name: `a ticket: the same client completed a handshake without it (${name})`,
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: said(code, name),
      }),
      others: [connection({ id: '2' })],
      support: 'open' as const,
      basis: 'alert' as const,
      explanation: 'ticket' as const,
      frames: [4, 6],
    })),
    {
      name: 'the keys differ: the Finished of the client does not decrypt (GnuTLS)',
      connection: connection({
        clientHello: suites,
        serverHello: { cipherSuite: PSK, group: null },
        serverCertificates: [],
        phase: 'finished',
        alerts: said(20, 'bad_record_mac', 7),
      }),
      support: 'supported',
      explanation: 'wrongKey',
      data: { cipherSuite: PSK, alert: 'bad_record_mac (20)' },
      frames: [4, 5, 7],
    },
    {
      name: 'the server does not know the identity: internal_error (Pion 2.2.6)',
      connection: dtlsConnection({ ...agreed, alerts: said(80, 'internal_error', 7) }),
      support: 'supported',
      explanation: 'wrongKey',
      data: { alert: 'internal_error (80)' },
      frames: [1, 5, 7],
    },
    {
      name: 'TLS 1.3 alone, by a key that the server does not know (OpenSSL, without a certificate)',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.3'], cipherSuites: ['TLS_AES_128_GCM_SHA256'], pskOffered: true },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'the same without a server name, which a client with a key of the server does not need',
      connection: connection({
        clientHello: {
          serverName: null,
          supportedVersions: ['TLS 1.3'],
          cipherSuites: ['TLS_AES_128_GCM_SHA256'],
          pskOffered: true,
        },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      basis: 'fact',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'a server without pre-shared keys',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(40, 'handshake_failure') }),
      support: 'supported',
      explanation: 'noPsk',
      data: { suites: PSK },
      frames: [4, 6],
    },
    {
      name: 'over DTLS, the server drops the Finished of the client (libcoap 4.3.1, Pion 2.2.6)',
      connection: dtlsConnection({ ...agreed, encryptedRecords: [finished('client', 9), finished('client', 12)] }),
      support: 'open',
      explanation: 'unread',
      data: { cipherSuite: PSK, times: 'twice' },
      frames: [1, 5, 12],
    },
    {
      name: 'the same for the third time, on a path that lost a ClientHello, too',
      connection: thrice(3),
      support: 'open',
      explanation: 'unread',
      frames: [1, 5, 15],
    },
    {
      name: 'the same for the third time, and the server says nothing any more: it may be gone',
      connection: thrice(2, 5),
      support: 'open',
      explanation: 'unread',
      frames: [1, 5, 15],
    },
    {
      name: 'the same for the third time, on a path of which the capture does not show the beginning',
      connection: thrice(2, 14, [{ ...notice('starts-mid-connection', 'connection'), frame: null }]),
      support: 'open',
      explanation: 'unread',
      frames: [1, 5, 15],
    },
    {
      name: 'the same for the third time, while the server sends its own flight again: it is there, and waits',
      connection: thrice(2),
      support: 'supported',
      explanation: 'unread',
      frames: [1, 5, 15],
    },
    {
      name: 'TLS 1.3: the binder does not verify (OpenSSL: illegal_parameter)',
      connection: connection({
        clientHello: { pskOffered: true, cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_PSK_WITH_AES_128_GCM_SHA256'] },
        phase: 'client-hello',
        alerts: said(47, 'illegal_parameter'),
      }),
      support: 'supported',
      explanation: 'binder',
      frames: [4, 6],
    },
    {
      name: 'the same of a client that would take TLS 1.2, with suites for its key, and has no server name (OpenSSL, GnuTLS)',
      connection: connection({
        clientHello: {
          serverName: null,
          supportedVersions: ['TLS 1.3', 'TLS 1.2'],
          cipherSuites: [
            'TLS_AES_128_GCM_SHA256',
            'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
            'TLS_PSK_WITH_AES_128_GCM_SHA256',
          ],
          pskOffered: true,
        },
        phase: 'client-hello',
        alerts: said(40, 'handshake_failure'),
      }),
      support: 'open',
      basis: 'fact',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'TLS 1.3: the binder does not verify (Go: decrypt_error), and the client may have offered a ticket',
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: said(51, 'decrypt_error'),
      }),
      support: 'open',
      explanation: 'binder',
      frames: [4, 6],
    },
    {
      name: 'a ticket offered, and handshake_failure: that is about the rest of the hello',
      connection: connection({ clientHello: { pskOffered: true }, phase: 'client-hello', alerts: [alert()] }),
      support: 'open',
      basis: 'alert',
      explanation: 'left',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'internal_error upon the suites: the server has no identity yet',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(80, 'internal_error') }),
    },
    {
      name: 'internal_error upon a ticket',
      connection: connection({
        clientHello: { pskOffered: true },
        phase: 'client-hello',
        alerts: said(80, 'internal_error'),
      }),
    },
    {
      name: 'a server that is known to use pre-shared keys: the suites differ, since it has no identity yet',
      connection: connection({ clientHello: suites, phase: 'client-hello', alerts: said(40, 'handshake_failure') }),
      others: [
        connection({
          id: '2',
          outcome: 'established',
          serverHello: { cipherSuite: 'TLS_PSK_WITH_AES_128_CCM_8' },
          serverCertificates: [],
          alerts: [],
        }),
      ],
    },
    {
      name: 'over DTLS, a Finished sent once',
      connection: dtlsConnection({ ...agreed, encryptedRecords: [finished('client', 9)] }),
    },
    {
      name: 'over DTLS, the server has a Finished',
      connection: dtlsConnection({
        ...agreed,
        encryptedRecords: [finished('client', 9), finished('client', 12), finished('server', 13)],
      }),
    },
    {
      name: 'over TCP nothing is dropped',
      connection: connection({
        ...agreed,
        alerts: [],
        encryptedRecords: [finished('client', 9), finished('client', 12)],
      }),
    },
    {
      name: 'no pre-shared key',
      connection: connection({ phase: 'client-hello', alerts: said(47, 'illegal_parameter') }),
    },
    {
      name: 'a ticket offered, and an expired certificate',
      connection: connection({
        clientHello: { pskOffered: true },
        alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
      }),
    },
    {
      name: 'TLS_PSK suites among others',
      connection: connection({
        clientHello: { cipherSuites: [PSK, 'TLS_AES_128_GCM_SHA256'] },
        phase: 'client-hello',
        alerts: [alert()],
      }),
    },
  ],
});
