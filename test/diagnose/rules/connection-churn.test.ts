import { connectionChurn } from '../../../src/diagnose/rules/connection-churn.js';
import { at, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

/** Short connections like the first one, which is not among them: one every `interval` seconds. */
const others = (count: number, interval: number) =>
  Array.from({ length: count }, (_, index) =>
    connection({
      id: String(index + 2),
      startedAt: at((index + 1) * interval),
      endedAt: at((index + 1) * interval + 0.2),
    }),
  );

testRule(connectionChurn, {
  basis: 'fact',
  fires: [
    {
      name: 'two connections each second',
      connection: connection(),
      others: others(39, 0.5),
      support: 'confirmed',
      explanation: 'explanation',
      data: { most: 40, count: 40, client: '192.0.2.10' },
      frames: [4, 10],
    },
    {
      name: 'one every two seconds, for minutes',
      connection: connection({ clientHello: { serverName: null } }),
      others: others(119, 2),
      support: 'confirmed',
      explanation: 'explanation',
      data: { most: 31, count: 120 },
      frames: [4, 10],
    },
  ],
  silent: [
    { name: 'six at once, as browsers do', connection: connection(), others: others(5, 0) },
    { name: 'a health check every ten seconds', connection: connection(), others: others(100, 10) },
    {
      name: 'a long one among short ones',
      connection: connection({ endedAt: at(90) }),
      others: others(40, 0.5),
    },
    {
      name: 'many clients, each with one',
      connection: connection(),
      others: others(40, 0.5).map((each, index) => ({
        ...each,
        client: { address: `192.0.2.${index + 20}`, port: 50000 },
      })),
    },
    {
      name: 'short ones to another server',
      connection: connection(),
      others: others(40, 0.5).map((each) => ({ ...each, server: { address: '198.51.100.99', port: 443 } })),
    },
  ],
});
