import { insecureRenegotiation } from '../../../src/diagnose/rules/insecure-renegotiation.js';
import { alert, clientHello, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const scsv = { cipherSuites: [...clientHello().cipherSuites, 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'] };
const old = { extensions: ['extended_master_secret'] };

testRule(insecureRenegotiation, {
  basis: 'fact',
  fires: [
    {
      name: 'the signalling suite is not answered',
      connection: connection({ clientHello: scsv, serverHello: old }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 5],
    },
    {
      name: 'the extension is not answered',
      connection: connection({
        clientHello: { extensions: ['renegotiation_info'], serverName: null },
        serverHello: { version: 'TLS 1.0', extensions: [] },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 5],
    },
  ],
  silent: [
    { name: 'it is answered', connection: connection({ clientHello: scsv }) },
    { name: 'the client does not ask: the server may not answer', connection: connection({ serverHello: old }) },
    { name: 'TLS 1.3', connection: connection({ clientHello: scsv, serverHello: { version: 'TLS 1.3' } }) },
    {
      name: 'a failure',
      connection: connection({ clientHello: scsv, serverHello: old, alerts: [alert({ from: 'client' })] }),
    },
  ],
});
