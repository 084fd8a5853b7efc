import { lostBetween } from '../../../src/diagnose/rules/lost-between.js';
import type { PathDifference } from '../../../src/connection/connection.js';
import { alert, at, connection, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';

const lost = (overrides: Partial<Extract<PathDifference, { kind: 'lost' }>> = {}) =>
  ({
    kind: 'lost',
    between: [0, 1],
    from: 'client',
    at: sighting('client', 4),
    what: 'data',
    message: 'client_hello',
    packets: 3,
    of: 3,
    bySize: null,
    isProven: true,
    ...overrides,
  }) as const;
const absent = {
  kind: 'absent',
  between: [0, 1],
  isAnswered: false,
  at: sighting('client', 1),
  isProven: true,
} as const;
const timeout = { by: 'none', how: 'timeout', frame: 4, at: at(9) } as const;
const unanswered = { phase: 'client-hello', ending: timeout } as const;
const reset = {
  kind: 'inserted',
  between: [0, 1],
  from: 'server',
  at: sighting('server', 6),
  what: 'reset',
  bytes: 0,
  ttl: 61,
  usualTtl: 63,
  isProven: true,
  mayBeOver: false,
} as const;

testRule(lostBetween, {
  basis: 'fact',
  fires: [
    {
      name: 'the ClientHello, sent three times, never comes to the second point',
      connection: connection({ ...unanswered, path: pathFacts([lost()]) }),
      support: 'confirmed',
      explanation: 'all',
      data: { what: 'with ClientHello', near: 1, far: 2, times: '3 times' },
      frames: [4],
    },
    {
      name: "the server's flight never comes to the first point",
      connection: connection({
        ...unanswered,
        path: pathFacts([lost({ from: 'server', at: sighting('server', 5), of: 9, message: 'server_hello' })]),
      }),
      support: 'confirmed',
      explanation: 'packets',
      data: { near: 2, far: 1, packets: 3, of: 9 },
      frames: [5],
    },
    {
      name: 'the capture of the second point ends before the packet: it may have come later',
      connection: connection({
        ...unanswered,
        path: pathFacts([lost({ what: 'SYN-ACK', message: null, isProven: false })]),
      }),
      support: 'supported',
      explanation: 'all',
      data: { what: 'a TCP SYN-ACK' },
      frames: [4],
    },
    {
      name: 'a segment that does not show what it is',
      connection: connection({ ...unanswered, path: pathFacts([lost({ message: null })]) }),
      support: 'confirmed',
      explanation: 'all',
      frames: [4],
    },
    {
      name: 'nothing of it came to the second point',
      connection: connection({ phase: 'tcp-connect', path: pathFacts([absent], { isSeenByServer: false }) }),
      support: 'confirmed',
      explanation: 'absent',
      frames: [1],
    },
    {
      name: 'nothing of it came to the second point, whose capture has nothing at all',
      connection: connection({
        phase: 'tcp-connect',
        path: pathFacts([{ ...absent, isProven: false }], { isSeenByServer: false }),
      }),
      support: 'supported',
      explanation: 'absent',
      frames: [1],
    },
  ],
  silent: [
    { name: 'one point alone', connection: connection(unanswered) },
    { name: 'all arrived', connection: connection({ ...unanswered, path: pathFacts() }) },
    {
      name: 'something lost besides, and the client said why it left',
      connection: connection({ alerts: [alert({ from: 'client', code: 48 })], path: pathFacts([lost()]) }),
    },
    {
      name: 'what closed the connection is all that got lost',
      connection: connection({ ...unanswered, path: pathFacts([lost({ what: 'FIN', message: null })]) }),
    },
    {
      name: 'a device that resets the connection drops the rest of it',
      connection: connection({ ...unanswered, path: pathFacts([lost(), reset]) }),
    },
    {
      name: 'the large packets alone',
      connection: connection({ ...unanswered, path: pathFacts([lost({ bySize: { lost: 1448, arrived: 500 } })]) }),
    },
    {
      name: 'a router says that it refuses it',
      connection: connection({
        ...unanswered,
        transport: {
          icmp: [
            {
              frame: 2,
              at: at(0.02),
              router: '203.0.113.1',
              about: 'client',
              type: 3,
              code: 13,
              meaning: 'prohibited',
              mtu: null,
            },
          ],
        },
        path: pathFacts([absent], { isSeenByServer: false }),
      }),
    },
    {
      name: 'another device answered it',
      connection: connection({
        ...unanswered,
        path: pathFacts([{ ...absent, isAnswered: true }], { isSeenByServer: false }),
      }),
    },
  ],
});
