import { serverCertificateMissing } from '../../../src/diagnose/rules/server-certificate-missing.js';
import { alert, connection, encryptedRecord, message } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const worked = connection({ id: '2', serverHello: { frame: 25 } });
const refused = (code: number, name: string) => ({
  phase: 'client-hello' as const,
  alerts: [alert({ code, name })],
});
/** TLS 1.3: what the server sent behind its ServerHello, and then an encrypted alert. */
const endedBehind = (...lengths: readonly number[]) =>
  connection({
    serverHello: { version: 'TLS 1.3', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
    phase: 'server-certificate',
    encryptedRecords: lengths.map((length) => encryptedRecord('server', 6, length)),
    alerts: [alert({ encrypted: true, inferred: true, code: null, name: null, frame: 7 })],
  });

/** The same, and then a close. */
const closedBehind = (...lengths: readonly number[]) =>
  connection({
    serverHello: { version: 'TLS 1.3', cipherSuite: 'TLS_AES_256_GCM_SHA384' },
    phase: 'server-certificate',
    outcome: 'failed',
    encryptedRecords: lengths.map((length) => encryptedRecord('server', 6, length)),
    ending: { by: 'server', how: 'close', frame: 7 },
  });

testRule(serverCertificateMissing, {
  basis: 'alert',
  fires: [
    {
      name: 'handshake_failure to an ordinary ClientHello (OpenSSL, GnuTLS)',
      connection: connection(refused(40, 'handshake_failure')),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'internal_error (nginx, of a file that is missing)',
      connection: connection(refused(80, 'internal_error')),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 alone (OpenSSL)',
      connection: connection({
        ...refused(70, 'protocol_version'),
        clientHello: { supportedVersions: ['TLS 1.3'] },
      }),
      support: 'open',
      explanation: 'leftVersion',
      frames: [4, 6],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 and 1.2 (OpenSSL, a server of TLS 1.3 alone)',
      connection: connection(refused(70, 'protocol_version')),
      support: 'open',
      explanation: 'leftVersion',
      frames: [4, 6],
    },
    {
      name: 'unrecognized_name to a client that names no server (Go)',
      connection: connection({ ...refused(112, 'unrecognized_name'), clientHello: { serverName: null } }),
      support: 'open',
      explanation: 'unnamed',
      data: { name: 'any name' },
      frames: [4, 6],
    },
    {
      name: 'unrecognized_name of a name (Go without any certificate)',
      connection: connection(refused(112, 'unrecognized_name')),
      support: 'open',
      explanation: 'named',
      frames: [4, 6],
    },
    {
      name: 'a close behind EncryptedExtensions (the HTTPS server of OpenJDK, TLS 1.3)',
      connection: closedBehind(65),
      support: 'open',
      explanation: 'closedBeforeCertificate',
      frames: [4, 5, 7],
    },
    {
      name: 'a close on the ClientHello (the HTTPS server of OpenJDK, TLS 1.2)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        ending: { by: 'server', how: 'close', frame: 6 },
      }),
      support: 'open',
      explanation: 'left',
      frames: [4, 6],
    },
    {
      name: 'an encrypted alert behind EncryptedExtensions, where others got a certificate of another name',
      connection: endedBehind(65),
      others: [connection({ id: '2', clientHello: { serverName: 'other.example.com' } })],
      support: 'open',
      explanation: 'beforeCertificate',
      frames: [4, 5, 7],
    },
    {
      name: 'an encrypted alert behind EncryptedExtensions (Java, TLS 1.3)',
      connection: endedBehind(65),
      support: 'open',
      explanation: 'beforeCertificate',
      frames: [4, 5, 7],
    },
    {
      name: 'a Certificate message without a certificate',
      connection: connection({
        phase: 'server-certificate',
        serverCertificates: [],
        messages: [
          message('client_hello', 'client', 4),
          message('server_hello', 'server', 5),
          message('certificate', 'server', 6, { length: 3 }),
        ],
        alerts: [alert({ code: 50, name: 'decode_error', from: 'client', frame: 7 })],
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'empty',
      frames: [5, 6, 7],
    },
  ],
  excluded: [
    {
      name: 'the server presented a certificate to another client that asked for the same name',
      connection: connection(refused(40, 'handshake_failure')),
      others: [worked],
      because: 'presented',
      frames: [25],
    },
  ],
  silent: [
    {
      name: 'the server presented a certificate to a client that asked for another name',
      connection: connection({ ...refused(40, 'handshake_failure'), clientHello: { serverName: 'other.example' } }),
      others: [worked],
    },
    {
      name: 'protocol_version to a client of TLS 1.3 and 1.2, in an old record',
      connection: connection({
        phase: 'client-hello',
        alerts: [alert({ code: 70, name: 'protocol_version', recordVersion: 'TLS 1.0' })],
      }),
    },
    {
      name: 'protocol_version to a client of TLS 1.2',
      connection: connection({ ...refused(70, 'protocol_version'), clientHello: { supportedVersions: ['TLS 1.2'] } }),
    },
    {
      name: 'unrecognized_name of a name, and the server presented a certificate for another one',
      connection: connection({ ...refused(112, 'unrecognized_name'), clientHello: { serverName: 'other.example' } }),
      others: [worked],
    },
    { name: 'a close behind a flight that has a certificate', connection: closedBehind(27, 1200, 281, 53) },
    { name: 'a close behind a ServerHello', connection: closedBehind() },
    { name: 'an encrypted alert behind a flight that has a certificate', connection: endedBehind(27, 1200, 281, 53) },
  ],
});
