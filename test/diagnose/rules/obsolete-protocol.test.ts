import { obsoleteProtocol } from '../../../src/diagnose/rules/obsolete-protocol.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

testRule(obsoleteProtocol, {
  basis: 'fact',
  fires: [
    {
      name: 'a server that knows nothing newer than TLS 1.0',
      connection: connection({ serverHello: { version: 'TLS 1.0' } }),
      support: 'confirmed',
      explanation: 'byServer',
      data: { version: 'TLS 1.0', newest: 'TLS 1.3' },
      frames: [4, 5],
    },
    {
      name: 'a client that offers nothing newer than TLS 1.1',
      connection: connection({
        clientHello: { supportedVersions: ['TLS 1.1'], serverName: null },
        serverHello: { version: 'TLS 1.1' },
      }),
      support: 'confirmed',
      explanation: 'byClient',
      frames: [4, 5],
    },
  ],
  silent: [
    { name: 'TLS 1.2', connection: connection() },
    { name: 'a draft of TLS 1.3', connection: connection({ serverHello: { version: 'TLS 1.3 draft 23' } }) },
    {
      name: 'TLS 1.0 that failed',
      connection: connection({ serverHello: { version: 'TLS 1.0' }, alerts: [alert({ from: 'client' })] }),
    },
    {
      name: 'the ClientHello is not in the capture',
      connection: connection({ clientHello: null, serverHello: { version: 'TLS 1.0' }, outcome: 'established' }),
    },
  ],
});
