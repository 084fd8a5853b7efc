import type { ConnectionOverrides } from '../../support/connections.js';
import { sessionReuseRequired } from '../../../src/diagnose/rules/session-reuse-required.js';
import { alert, at, connection, encryptedRecord, sighting } from '../../support/connections.js';
import { hiddenAnswer, openedHandshake, testRule } from '../../support/rule-tester.js';

const ports = (port: number) => ({ address: '198.51.100.20', port });
const AUTH_TLS: NonNullable<ConnectionOverrides['preamble']> = {
  kind: 'ftp-starttls',
  state: 'accepted',
  steps: [],
  target: null,
  originalClient: null,
  reply: '234 Proceed with negotiation.',
  next: null,
};

/** The records of TLS 1.2 that hold vsftpd's 522 and 226. */
const REFUSAL = encryptedRecord('server', 60, 51 + 24);
const COMPLETE = encryptedRecord('server', 60, 24 + 24);

/** The control connection: the client's last words in frame 30, the server's in frame 60. */
const control = (overrides: ConnectionOverrides = {}) =>
  connection({
    id: '1',
    server: ports(21),
    preamble: AUTH_TLS,
    endedAt: at(0.9),
    transport: {
      client: { lastData: sighting('client', 30) },
      server: { lastData: sighting('server', 60) },
    },
    encryptedRecords: [REFUSAL],
    ...overrides,
  });

/** A data connection within it, up to the server's end in frame 47. */
const data = (overrides: ConnectionOverrides = {}) =>
  connection({
    id: '2',
    server: ports(40_010),
    startedAt: at(0.4),
    phase: 'finished',
    outcome: 'established',
    clientHello: { frame: 43 },
    serverHello: { frame: 44 },
    alerts: [alert({ encrypted: true, frame: 47 })],
    lastFrame: 48,
    ...overrides,
  });

/** The same in TLS 1.3, with what the server sent behind the client's Finished. */
const data13 = (...lengths: readonly number[]) =>
  data({
    serverHello: { frame: 5, version: 'TLS 1.3' },
    encryptedRecords: [...hiddenAnswer(53), ...lengths.map((length) => encryptedRecord('server', 47, length))],
    alerts: [alert({ encrypted: true, inferred: true, frame: 47 })],
  });
const control13 = control({
  serverHello: { version: 'TLS 1.3' },
  encryptedRecords: [
    ...hiddenAnswer(53),
    encryptedRecord('server', 7, 250),
    encryptedRecord('server', 7, 250),
    encryptedRecord('server', 60, 51 + 17),
  ],
});

/** With keys, which show what the server's last record holds. */
const opened13 = (contentType: 'application_data' | 'handshake') => {
  const { encryptedRecords, ...opened } = openedHandshake('certificate', 'finished');
  const last = { ...encryptedRecord('server', 47, 250), contentType, decrypted: true } as const;
  return data({
    ...opened,
    serverHello: { version: 'TLS 1.3', frame: 44 },
    encryptedRecords: [...encryptedRecords, last],
    alerts: [alert({ frame: 47, level: 'warning', code: 0, name: 'close_notify' })],
  });
};

testRule(sessionReuseRequired, {
  basis: 'fact',
  fires: [
    {
      name: 'TLS 1.2: the server says good-bye right after the handshake, and the client falls silent',
      connection: data(),
      others: [control()],
      support: 'supported',
      explanation: 'explanation',
      data: { control: '198.51.100.20:21' },
      frames: [5, 43, 44, 47, 60],
    },
    {
      name: 'TLS 1.3: nothing but tickets and the good-bye',
      connection: data13(250, 250, 19),
      others: [control13],
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 43, 47, 60],
    },
    {
      name: 'TLS 1.3: two tickets, shorter than those on the control connection (ProFTPD 1.3.8), and the good-bye',
      connection: data13(234, 234, 19),
      others: [control13],
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 43, 47, 60],
    },
    {
      name: 'the server closes without a word, and FTP is over TLS from the first byte',
      connection: data({ alerts: [], ending: { by: 'server', how: 'close', frame: 47, at: at(0.47) } }),
      others: [control({ server: ports(990), preamble: null })],
      support: 'supported',
      explanation: 'explanation',
      data: { control: '198.51.100.20:990' },
      frames: [5, 43, 44, 47, 60],
    },
    {
      name: 'the client says good-bye on the control connection, and no more',
      connection: data(),
      others: [
        control({
          outcome: 'established',
          alerts: [alert({ from: 'client', encrypted: true, frame: 70 })],
          transport: {
            client: { lastData: sighting('client', 70) },
            server: { lastData: sighting('server', 60) },
          },
        }),
      ],
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 43, 44, 47, 60],
    },
    {
      name: 'the server ends the control connection too, without an answer to what comes next (vsftpd 3.0.3)',
      connection: data(),
      others: [
        control({
          outcome: 'established',
          ending: { by: 'server', how: 'close', frame: 61, at: at(0.61) },
          transport: { client: { lastData: sighting('client', 62) }, server: { lastData: sighting('server', 60) } },
        }),
      ],
      support: 'supported',
      explanation: 'dropped',
      frames: [5, 43, 44, 47, 60],
    },
    {
      name: 'TLS 1.3 with keys: tickets of any size, and the good-bye',
      connection: opened13('handshake'),
      others: [control13],
      support: 'supported',
      explanation: 'explanation',
      frames: [5, 43, 44, 47, 60],
    },
    {
      name: 'a reply of a length that is not known, longer than one that a transfer is complete',
      connection: data(),
      others: [control({ encryptedRecords: [encryptedRecord('server', 60, 56 + 24)] })],
      support: 'open',
      explanation: 'otherReply',
      frames: [5, 43, 44, 47, 60],
    },
  ],
  silent: [
    {
      name: 'the control connection carried more than is kept',
      connection: data(),
      others: [control({ encryptedRecords: Array.from({ length: 16 }, () => encryptedRecord('server', 30, 60)) })],
    },
    {
      name: 'an empty list: the reply is as short as one that a transfer is complete',
      connection: data(),
      others: [control({ encryptedRecords: [COMPLETE] })],
    },
    {
      name: 'a long reply before the data connection ended',
      connection: data(),
      others: [control({ encryptedRecords: [encryptedRecord('server', 41, 51 + 24), COMPLETE] })],
    },
    { name: 'the capture lacks the reply', connection: data(), others: [control({ encryptedRecords: [] })] },
    { name: 'TLS 1.3 with keys: data', connection: opened13('application_data'), others: [control13] },
    { name: 'no control connection', connection: data() },
    {
      name: 'the control connection is of another server',
      connection: data(),
      others: [control({ server: { address: '198.51.100.21', port: 21 } })],
    },
    { name: 'the control connection was over before', connection: data(), others: [control({ endedAt: at(0.3) })] },
    {
      name: 'the session was resumed',
      connection: data({ serverHello: { frame: 44, resumed: true }, serverCertificates: [] }),
      others: [control()],
    },
    {
      name: 'an empty list: the client goes on upon the reply',
      connection: data(),
      others: [
        control({
          transport: { client: { lastData: sighting('client', 62) }, server: { lastData: sighting('server', 64) } },
        }),
      ],
    },
    {
      name: 'an empty list, then QUIT: the server answers, and ends the control connection',
      connection: data(),
      others: [
        control({
          ending: { by: 'server', how: 'close', frame: 65, at: at(0.65) },
          transport: { client: { lastData: sighting('client', 62) }, server: { lastData: sighting('server', 64) } },
        }),
      ],
    },
    {
      name: 'data came before the good-bye, TLS 1.2',
      connection: data({ encryptedRecords: [encryptedRecord('server', 46, 90)] }),
      others: [control()],
    },
    {
      name: 'a list came before the good-bye, TLS 1.3',
      connection: data13(250, 250, 118, 19),
      others: [control13],
    },
    { name: 'two lists that are not as long as each other', connection: data13(234, 230, 19), others: [control13] },
    { name: 'one list alone', connection: data13(234, 19), others: [control13] },
    {
      name: 'the client sent a file',
      connection: data({ encryptedRecords: [encryptedRecord('client', 46, 4000)] }),
      others: [control()],
    },
    {
      name: 'the server has not answered on the control connection',
      connection: data(),
      others: [
        control({
          transport: { client: { lastData: sighting('client', 30) }, server: { lastData: sighting('server', 41) } },
        }),
      ],
    },
    {
      name: 'the client refused the certificate',
      connection: data({
        outcome: 'failed',
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 47 })],
      }),
      others: [control()],
    },
  ],
});
