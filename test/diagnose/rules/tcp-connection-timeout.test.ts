import { tcpConnectionTimeout } from '../../../src/diagnose/rules/tcp-connection-timeout.js';
import { at, connection, reset, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';

const absent = {
  kind: 'absent',
  between: [0, 1],
  isAnswered: false,
  at: sighting('client', 1),
  isProven: false,
} as const;

testRule(tcpConnectionTimeout, {
  basis: 'fact',
  fires: [
    {
      name: 'four SYNs, no answer',
      connection: connection({
        phase: 'tcp-connect',
        transport: { syns: [1, 2, 3, 4].map((frame) => sighting('client', frame)) },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { times: '4 times' },
      frames: [1, 2, 3, 4],
    },
    {
      name: 'another point shows nothing of it, which may not have run then',
      connection: connection({ phase: 'tcp-connect', path: pathFacts([absent], { isSeenByServer: false }) }),
      support: 'supported',
      explanation: 'notSeen',
      data: { near: 1, far: 2 },
      frames: [1],
    },
    {
      name: 'one SYN, and then silence',
      connection: connection({ phase: 'tcp-connect', server: { address: '2001:db8::20', port: 443 } }),
      support: 'supported',
      explanation: 'explanation',
      data: { times: 'once', server: '[2001:db8::20]:443' },
      frames: [1],
    },
    {
      name: 'a router says that a policy forbids it',
      connection: connection({
        phase: 'tcp-connect',
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
      }),
      support: 'confirmed',
      explanation: 'told',
      data: { router: '203.0.113.1', meaning: 'a policy forbids it (administratively prohibited)' },
      frames: [1, 2],
    },
    {
      name: 'a router says that it has no route, and another point shows nothing of it',
      connection: connection({
        phase: 'tcp-connect',
        transport: {
          icmp: [
            {
              frame: 2,
              at: at(0.02),
              router: '203.0.113.1',
              about: 'client',
              type: 3,
              code: 1,
              meaning: 'host-unreachable',
              mtu: null,
            },
          ],
        },
        path: pathFacts([{ ...absent, isProven: true }], { isSeenByServer: false }),
      }),
      support: 'confirmed',
      explanation: 'told',
      frames: [1, 2],
    },
    {
      name: 'the port accepted another connection within the second',
      connection: connection({
        phase: 'tcp-connect',
        transport: { syns: [1, 2].map((frame) => sighting('client', frame)) },
      }),
      others: [connection({ id: '2', startedAt: at(0.5), serverHello: { frame: 55 } })],
      support: 'supported',
      explanation: 'othersAccepted',
      frames: [1, 2, 55],
    },
    {
      name: 'the same for three SYNs: no answer comes after so long',
      connection: connection({
        phase: 'tcp-connect',
        transport: { syns: [1, 2, 3].map((frame) => sighting('client', frame)) },
      }),
      others: [connection({ id: '2', startedAt: at(0.5), serverHello: { frame: 55 } })],
      support: 'confirmed',
      explanation: 'othersAccepted',
      frames: [1, 2, 3, 55],
    },
  ],
  silent: [
    {
      name: 'ICMP refuses the port: see tcp-connection-refused',
      connection: connection({
        phase: 'tcp-connect',
        transport: {
          icmp: [
            {
              frame: 2,
              at: at(0.02),
              router: '203.0.113.1',
              about: 'client',
              type: 3,
              code: 3,
              meaning: 'port-unreachable',
              mtu: null,
            },
          ],
        },
      }),
    },
    {
      name: 'the host of the server itself forbids it: see tcp-connection-refused',
      connection: connection({
        phase: 'tcp-connect',
        transport: {
          icmp: [
            {
              frame: 2,
              at: at(0.02),
              router: '198.51.100.20',
              about: 'client',
              type: 3,
              code: 10,
              meaning: 'prohibited',
              mtu: null,
            },
          ],
        },
      }),
    },
    {
      name: 'another point shows the answer, which got lost',
      connection: connection({
        phase: 'tcp-connect',
        path: pathFacts([
          {
            kind: 'lost',
            between: [0, 1],
            from: 'server',
            at: sighting('server', 2),
            what: 'SYN-ACK',
            message: null,
            packets: 3,
            of: 3,
            bySize: null,
            isProven: true,
          },
        ]),
      }),
    },
    {
      name: 'the server refuses',
      connection: connection({ phase: 'tcp-connect', transport: { resets: [reset({ frame: 2 })] } }),
    },
    {
      name: 'the capture ends right after the SYN',
      connection: connection({ phase: 'tcp-connect', outcome: 'incomplete', ending: { how: 'none' } }),
    },
    {
      name: 'the capture lacks the SYN-ACK, but the client goes on',
      connection: connection({ phase: 'client-hello', transport: { synAck: null } }),
    },
    {
      name: 'another point, which ran then, shows nothing of it',
      connection: connection({
        phase: 'tcp-connect',
        path: pathFacts([{ ...absent, isProven: true }], { isSeenByServer: false }),
      }),
    },
    { name: 'the server accepts and then says nothing', connection: connection({ phase: 'client-hello' }) },
  ],
});
