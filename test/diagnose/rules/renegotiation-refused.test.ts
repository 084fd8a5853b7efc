import { renegotiationRefused } from '../../../src/diagnose/rules/renegotiation-refused.js';
import { alert, at, clientHello, connection, encryptedRecord, message, sighting } from '../../support/connections.js';
import { GNUTLS_HELLO } from '../../support/hellos.js';
import { testRule } from '../../support/rule-tester.js';

const scsv = { cipherSuites: [...clientHello().cipherSuites, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'] };
const old = { extensions: ['extended_master_secret'] };
const failed = [alert({ from: 'client' })];

const complete = connection({ phase: 'finished' }).messages;
const again = message('encrypted_handshake', 'client', 8, { length: 247, encrypted: true });
const goodbye = alert({ frame: 9, encrypted: true });
/** As testssl.sh leaves, which writes its records itself. */
const script = (ja4: string) =>
  connection({
    id: ja4,
    clientHello: { extensions: ['server_name', 'heartbeat'], ja4 },
    outcome: 'failed',
    phase: 'server-certificate',
    alerts: [alert({ from: 'client', code: 0, name: 'close_notify', frame: 26, at: at(0.5) })],
  });
const refused = (overrides: Parameters<typeof connection>[0] = {}) =>
  connection({
    clientHello: GNUTLS_HELLO,
    phase: 'finished',
    outcome: 'established',
    messages: [...complete, again],
    alerts: [goodbye],
    ending: { by: 'server', how: 'close', frame: 10 },
    ...overrides,
  });

testRule(renegotiationRefused, {
  basis: 'fact',
  fires: [
    {
      name: 'the server lacks renegotiation_info (OpenSSL 3: "unsafe legacy renegotiation disabled")',
      connection: connection({ clientHello: scsv, serverHello: old, alerts: failed }),
      support: 'supported',
      explanation: 'insecure',
      frames: [4, 5, 6],
    },
    {
      name: 'the client asks by the extension, TLS 1.0',
      connection: connection({
        clientHello: { extensions: ['renegotiation_info'], serverName: null },
        serverHello: { version: 'TLS 1.0', extensions: [] },
        alerts: failed,
      }),
      support: 'supported',
      explanation: 'insecure',
      frames: [4, 5, 6],
    },
    {
      name: 'OpenSSL, and the alert is lost (Node.js)',
      connection: connection({
        clientHello: {
          cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'],
          extensions: [
            'server_name',
            'ec_point_formats',
            'supported_groups',
            'encrypt_then_mac',
            'extended_master_secret',
          ],
        },
        serverHello: old,
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'supported',
      explanation: 'insecure',
      data: { how: 'by closing the connection' },
      frames: [4, 5, 6],
    },
    {
      name: 'no_renegotiation, and the end',
      connection: connection({
        outcome: 'failed',
        alerts: [alert({ from: 'client', level: 'warning', code: 100, name: 'no_renegotiation' })],
      }),
      support: 'supported',
      explanation: 'said',
      data: { from: 'client' },
      remedies: ['server avoid'],
      frames: [4, 5, 6],
    },
    {
      name: 'a handshake message after both Finished, answered by an alert (nginx)',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        messages: [...complete, again],
        alerts: [goodbye],
        ending: { by: 'server', how: 'close', frame: 10 },
      }),
      support: 'supported',
      explanation: 'encrypted',
      data: { from: 'server', peer: 'client' },
      remedies: ['client anew'],
      frames: [4, 5, 8, 9],
    },
    {
      name: 'the same behind data, beside a test of what the server supports',
      connection: refused({ encryptedRecords: [encryptedRecord('client', 7, 40)] }),
      others: [script('t12d990800'), script('t12d980800')],
      support: 'supported',
      explanation: 'encrypted',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'a handshake message after both Finished, answered by two alerts, the second of them close_notify (Go)',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        messages: [...complete, again],
        alerts: [goodbye, alert({ frame: 10, encrypted: true })],
        ending: { by: 'client', how: 'close', frame: 11 },
        transport: { server: { lastData: sighting('server', 10) } },
      }),
      support: 'supported',
      explanation: 'encrypted',
      frames: [4, 5, 8, 9],
    },
    {
      name: 'a second ClientHello within the session, which keys show, and the alert that answers it',
      connection: connection({
        phase: 'finished',
        outcome: 'established',
        messages: [
          ...complete.map((one) =>
            one.encrypted ? { ...one, type: 'finished', encrypted: false, decrypted: true as const } : one,
          ),
          message('client_hello', 'client', 8, { decrypted: true }),
        ],
        alerts: [alert({ frame: 9, level: 'warning', code: 100, name: 'no_renegotiation' })],
        ending: { by: 'server', how: 'close', frame: 10 },
      }),
      support: 'supported',
      explanation: 'answered',
      data: { from: 'server', peer: 'client', alert: 'no_renegotiation (100)' },
      frames: [4, 5, 8, 9],
    },
  ],
  silent: [
    {
      name: 'before any data, beside a test of what the server supports (testssl.sh asks by OpenSSL)',
      connection: refused(),
      others: [script('t12d990800'), script('t12d980800')],
    },
    {
      name: 'DTLS: a Finished that is sent again looks the same',
      connection: connection({
        protocol: 'dtls',
        phase: 'finished',
        outcome: 'established',
        messages: [...complete, again],
        alerts: [goodbye],
        ending: { by: 'server', how: 'close', frame: 10 },
      }),
    },
    {
      name: 'a renegotiation that the server takes',
      connection: connection({
        messages: [...complete, again, message('encrypted_handshake', 'server', 9, { encrypted: true })],
        alerts: [alert({ frame: 12, encrypted: true })],
      }),
    },
    {
      name: 'both say good-bye after the handshake',
      connection: connection({ phase: 'finished', outcome: 'established', messages: complete, alerts: [goodbye] }),
    },
    {
      name: 'the server declines, and goes on with its data',
      connection: connection({
        messages: [...complete, again],
        alerts: [goodbye],
        encryptedRecords: [encryptedRecord('server', 12, 900)],
        transport: { server: { lastData: { frame: 12, at: again.at, from: 'server' } } },
      }),
    },
    {
      name: 'another library, and it closes',
      connection: connection({
        clientHello: scsv,
        serverHello: old,
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
    },
    { name: 'the server answers it', connection: connection({ clientHello: scsv, alerts: failed }) },
    { name: 'the client does not ask', connection: connection({ serverHello: old, alerts: failed }) },
    {
      name: 'TLS 1.3 does not renegotiate',
      connection: connection({ clientHello: scsv, serverHello: { version: 'TLS 1.3' }, alerts: failed }),
    },
    {
      name: 'the client went on, and the server failed',
      connection: connection({ clientHello: scsv, serverHello: old, phase: 'finished', alerts: [alert({ frame: 7 })] }),
    },
    {
      name: 'the client says that the certificate has expired',
      connection: connection({
        clientHello: scsv,
        serverHello: old,
        alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })],
      }),
    },
    {
      name: 'a renegotiation that was refused, and the connection went on',
      connection: connection({
        outcome: 'established',
        alerts: [alert({ level: 'warning', code: 100, name: 'no_renegotiation' })],
      }),
    },
  ],
});
