import { slowHandshake } from '../../../src/diagnose/rules/slow-handshake.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

testRule(slowHandshake, {
  basis: 'fact',
  fires: [
    {
      name: 'the server thinks for two seconds',
      connection: connection({ timing: { tcpConnectMs: 20, serverHelloMs: 2120, handshakeMs: 2190 } }),
      support: 'confirmed',
      explanation: 'server',
      data: { wait: '2.1 seconds', network: 'beyond the 20 ms of the network' },
      frames: [4, 5],
    },
    {
      name: 'the server thinks for two seconds, the SYN is not in the capture',
      connection: connection({
        clientHello: { serverName: null },
        timing: { tcpConnectMs: null, serverHelloMs: 2000, handshakeMs: 2190 },
      }),
      support: 'confirmed',
      explanation: 'server',
      data: { network: 'once it had it' },
      frames: [4, 5],
    },
    {
      name: 'the first SYN is lost',
      connection: connection({ timing: { tcpConnectMs: 1030, serverHelloMs: 40, handshakeMs: 90 } }),
      support: 'confirmed',
      explanation: 'network',
      data: { connected: '1.0 seconds' },
      frames: [1, 2],
    },
    {
      name: 'the client looks up revocation',
      connection: connection({ timing: { tcpConnectMs: 20, serverHelloMs: 40, handshakeMs: 5070 } }),
      support: 'supported',
      explanation: 'total',
      data: { total: '5.1 seconds', answered: '40 ms', resent: 0 },
      frames: [4, 5],
    },
  ],
  silent: [
    { name: 'a quick one', connection: connection() },
    {
      name: 'by satellite',
      connection: connection({ timing: { tcpConnectMs: 620, serverHelloMs: 650, handshakeMs: 1900 } }),
    },
    {
      name: 'the clock of the capture was set',
      connection: connection({ timing: { tcpConnectMs: 1.5e12, serverHelloMs: 20, handshakeMs: 40 } }),
    },
    {
      name: 'nothing was timed',
      connection: connection({ timing: { tcpConnectMs: null, serverHelloMs: null, handshakeMs: null } }),
    },
    {
      name: 'a failure',
      connection: connection({ timing: { serverHelloMs: 4000 }, alerts: [alert({ from: 'client' })] }),
    },
  ],
});
