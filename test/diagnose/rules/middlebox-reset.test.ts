import { middleboxReset } from '../../../src/diagnose/rules/middlebox-reset.js';
import { at, connection, reset as resetOf, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';

const forged = {
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
const other = { ...forged, from: 'client', at: { ...sighting('client', 9), capture: 1 } } as const;
const ended = { phase: 'client-hello', ending: { by: 'server', how: 'reset', frame: 6, at: at(0.06) } } as const;
const packet = (seen: readonly [number, number | null]) =>
  ({
    from: 'server',
    what: 'reset',
    bytes: 0,
    seen: [{ frame: seen[0], at: at(0.06) }, seen[1] === null ? null : { frame: seen[1], at: at(0.06), capture: 1 }],
  }) as const;

const absent = {
  kind: 'absent',
  between: [0, 1],
  isAnswered: true,
  at: sighting('client', 1),
  isProven: true,
} as const;

const refused = {
  phase: 'tcp-connect',
  ending: { by: 'server', how: 'reset', frame: 2 },
  transport: { resets: [resetOf({ frame: 2, ttl: 64 })] },
} as const;

testRule(middleboxReset, {
  basis: 'fact',
  fires: [
    {
      name: 'both sides got one that the other has not sent',
      connection: connection({ ...ended, path: pathFacts([other, forged]) }),
      support: 'confirmed',
      explanation: 'both',
      data: { ttl: 61, usual: 63, first: 1, second: 2 },
      frames: [4, 6, 9],
    },
    {
      name: 'the client got one that the server has not sent',
      connection: connection({ ...ended, path: pathFacts([forged]) }),
      support: 'confirmed',
      explanation: 'one',
      data: { near: 2, far: 1 },
      frames: [4, 6],
    },
    {
      name: 'nothing tells it from those of the server, though the capture there was running',
      connection: connection({ ...ended, path: pathFacts([{ ...forged, ttl: 63, isProven: false }]) }),
      support: 'supported',
      explanation: 'one',
      frames: [4, 6],
    },
    {
      name: 'nothing tells it from those of the server, and the capture there may have been over',
      connection: connection({
        ...ended,
        path: pathFacts([{ ...forged, ttl: 63, isProven: false, mayBeOver: true }]),
      }),
      support: 'open',
      explanation: 'late',
      frames: [4, 6],
    },
    {
      name: 'the SYN was answered by a reset, and never came to the second point',
      connection: connection({ ...refused, path: pathFacts([absent], { isSeenByServer: false }) }),
      support: 'confirmed',
      explanation: 'refused',
      data: { near: 1, far: 2, ttl: 64 },
      frames: [1, 2],
    },
    {
      name: 'the same, where the second point may not have run',
      connection: connection({
        ...refused,
        path: pathFacts([{ ...absent, isProven: false }], { isSeenByServer: false }),
      }),
      support: 'open',
      explanation: 'refusedPerhaps',
      frames: [1, 2],
    },
  ],
  excluded: [
    {
      name: 'the reset is seen at both points',
      connection: connection({ ...ended, path: pathFacts([], { packets: [packet([6, 8])] }) }),
      because: 'sent',
      frames: [6],
    },
  ],
  silent: [
    { name: 'one point alone', connection: connection(ended) },
    { name: 'no reset at all', connection: connection({ phase: 'client-hello', path: pathFacts() }) },
    {
      name: 'the reset is seen at one point, and is not known not to be at the other',
      connection: connection({ ...ended, path: pathFacts([], { packets: [packet([6, null])] }) }),
    },
  ],
});
