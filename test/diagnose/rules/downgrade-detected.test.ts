import { downgradeDetected } from '../../../src/diagnose/rules/downgrade-detected.js';
import { alert, at, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const mark = {
  kind: 'downgrade-mark',
  frame: 5,
  at: at(0.05),
  from: 'server',
  offered: 'TLS 1.3',
  negotiated: 'TLS 1.2',
} as const;
const illegal = [alert({ from: 'client', code: 47, name: 'illegal_parameter' })];

testRule(downgradeDetected, {
  basis: 'fact',
  fires: [
    {
      name: 'illegal_parameter (OpenSSL, Go), without a server name',
      connection: connection({ clientHello: { serverName: null }, violations: [mark], alerts: illegal }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { offered: 'TLS 1.3', negotiated: 'TLS 1.2' },
      frames: [4, 5, 6],
    },
    {
      name: 'the client closes without an alert',
      connection: connection({
        violations: [mark],
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
  ],
  silent: [
    { name: 'illegal_parameter without a mark', connection: connection({ alerts: illegal }) },
    {
      name: 'the client complains of something else',
      connection: connection({
        violations: [mark],
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })],
      }),
    },
    { name: 'a client that does not care', connection: connection({ violations: [mark] }) },
  ],
});
