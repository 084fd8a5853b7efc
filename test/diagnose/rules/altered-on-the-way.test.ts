import { alteredOnTheWay } from '../../../src/diagnose/rules/altered-on-the-way.js';
import { alert, connection, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';

const altered = {
  kind: 'altered',
  between: [0, 1],
  from: 'client',
  at: sighting('client', 4),
  arrived: { ...sighting('client', 3), capture: 1 },
  offset: 150,
  bytes: 1,
  sent: 'a6',
  received: 'a7',
  message: 'client_hello',
} as const;
const inserted = {
  kind: 'inserted',
  between: [0, 1],
  from: 'server',
  at: sighting('server', 5),
  what: 'data',
  bytes: 1024,
  ttl: 64,
  usualTtl: 51,
  isProven: true,
  mayBeOver: false,
} as const;
const failed = { alerts: [alert({ from: 'server', code: 51, name: 'decrypt_error' })] };

testRule(alteredOnTheWay, {
  basis: 'fact',
  fires: [
    {
      name: 'a byte of the ClientHello',
      connection: connection({ ...failed, path: pathFacts([altered]) }),
      support: 'confirmed',
      explanation: 'altered',
      data: { offset: 150, sent: 'a6', received: 'a7', what: 'a packet with ClientHello', first: 1, second: 2 },
      frames: [3, 4],
    },
    {
      name: 'a record that keys do not open though they open others, of which the peer complains',
      connection: connection({
        alerts: [alert({ from: 'server', frame: 9, code: 20, name: 'bad_record_mac' })],
        keys: { opened: 4, altered: sighting('client', 8), unreadable: null },
      }),
      support: 'confirmed',
      explanation: 'sealed',
      frames: [8, 9],
    },
    {
      name: 'such a record, of which nobody complains',
      connection: connection({
        alerts: [alert({ from: 'server', frame: 9, code: 40, name: 'handshake_failure' })],
        keys: { opened: 4, altered: sighting('client', 8), unreadable: null },
      }),
      support: 'supported',
      explanation: 'sealed',
      frames: [8],
    },
    {
      name: 'a packet that does not show what it is',
      connection: connection({ ...failed, path: pathFacts([{ ...altered, message: null }]) }),
      support: 'confirmed',
      explanation: 'altered',
      frames: [3, 4],
    },
    {
      name: 'bytes that the server never sent, with another TTL',
      connection: connection({ ...failed, path: pathFacts([inserted]) }),
      support: 'confirmed',
      explanation: 'inserted',
      data: { near: 2, far: 1, count: 1024 },
      frames: [5],
    },
    {
      name: 'bytes that the server never sent, as far as its capture shows',
      connection: connection({ ...failed, path: pathFacts([{ ...inserted, isProven: false }]) }),
      support: 'supported',
      explanation: 'inserted',
      frames: [5],
    },
  ],
  silent: [
    { name: 'one point alone', connection: connection(failed) },
    { name: 'the same bytes at both points', connection: connection({ ...failed, path: pathFacts() }) },
    {
      name: 'a reset, which has no bytes',
      connection: connection({ ...failed, path: pathFacts([{ ...inserted, what: 'reset', bytes: 0 }]) }),
    },
  ],
});
