import { noForwardSecrecy } from '../../../src/diagnose/rules/no-forward-secrecy.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const RSA = 'TLS_RSA_WITH_AES_128_GCM_SHA256';

testRule(noForwardSecrecy, {
  basis: 'fact',
  fires: [
    {
      name: 'the server prefers RSA key exchange',
      connection: connection({ serverHello: { cipherSuite: RSA, group: null } }),
      support: 'confirmed',
      explanation: 'byServer',
      data: { cipherSuite: RSA },
      frames: [5],
    },
    {
      name: 'the client offers nothing else',
      connection: connection({
        clientHello: { cipherSuites: [RSA, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'], serverName: null },
        serverHello: { cipherSuite: RSA, group: null },
      }),
      support: 'confirmed',
      explanation: 'byClient',
      frames: [5],
    },
  ],
  silent: [
    { name: 'ECDHE', connection: connection() },
    { name: 'TLS 1.3', connection: connection({ serverHello: { version: 'TLS 1.3' } }) },
    {
      name: 'a pre-shared key with ECDHE',
      connection: connection({ serverHello: { cipherSuite: 'TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256' } }),
    },
    {
      name: 'a weak suite, which is said to be one already',
      connection: connection({ serverHello: { cipherSuite: 'TLS_RSA_WITH_RC4_128_SHA' } }),
    },
    {
      name: 'RSA that failed',
      connection: connection({ serverHello: { cipherSuite: RSA }, alerts: [alert({ from: 'client' })] }),
    },
    {
      name: 'the ClientHello is not in the capture',
      connection: connection({ clientHello: null, serverHello: { cipherSuite: RSA }, outcome: 'established' }),
    },
  ],
});
