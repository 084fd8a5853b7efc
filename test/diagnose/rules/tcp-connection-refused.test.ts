import { tcpConnectionRefused } from '../../../src/diagnose/rules/tcp-connection-refused.js';
import { at, connection, reset, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { testRule } from '../../support/rule-tester.js';

const refusedNow = connection({
  phase: 'tcp-connect',
  ending: { by: 'server', how: 'reset', frame: 2 },
  transport: { resets: [reset({ frame: 2, ttl: 63 })] },
});

const absent = {
  kind: 'absent',
  between: [0, 1],
  isAnswered: true,
  at: sighting('client', 1),
  isProven: true,
} as const;

const rejectedBy = (router: string) => ({
  frame: 2,
  at: at(0.02),
  router,
  about: 'client' as const,
  type: 3,
  code: 3,
  meaning: 'port-unreachable' as const,
  mtu: null,
});

testRule(tcpConnectionRefused, {
  basis: 'fact',
  fires: [
    {
      name: 'the SYN is answered by a reset',
      connection: connection({
        phase: 'tcp-connect',
        ending: { by: 'server', how: 'reset', frame: 2 },
        transport: { resets: [reset({ frame: 2, ttl: 63 })] },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { server: '198.51.100.20:443', ms: 10 },
      frames: [1, 2],
    },
    {
      name: 'one of three ports of the server that the client tried in vain',
      connection: refusedNow,
      others: [8443, 9443].map((port) => ({ ...refusedNow, id: String(port), server: { ...refusedNow.server, port } })),
      support: 'open',
      explanation: 'scan',
      frames: [1, 2],
    },
    {
      name: 'the firewall of the server rejects it by ICMP',
      connection: connection({ phase: 'tcp-connect', transport: { icmp: [rejectedBy('198.51.100.20')] } }),
      support: 'confirmed',
      explanation: 'rejected',
      data: { router: '198.51.100.20', meaning: 'the port cannot be reached' },
      frames: [1, 2],
    },
    {
      name: 'a rule of the host of the server forbids it (REJECT with icmp-host-prohibited, as firewalld does)',
      connection: connection({
        phase: 'tcp-connect',
        transport: { icmp: [{ ...rejectedBy('198.51.100.20'), code: 10, meaning: 'prohibited' }] },
      }),
      support: 'confirmed',
      explanation: 'rejected',
      data: { router: '198.51.100.20', meaning: 'a policy forbids it (administratively prohibited)' },
      frames: [1, 2],
    },
    {
      name: 'the second SYN is, over IPv6',
      connection: connection({
        phase: 'tcp-connect',
        server: { address: '2001:db8::20', port: 2195 },
        ending: { by: 'server', how: 'reset', frame: 4 },
        transport: { syns: [sighting('client', 1), sighting('client', 3)], resets: [reset({ frame: 4 })] },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { server: '[2001:db8::20]:2195' },
      frames: [3, 4],
    },
    {
      name: 'the port accepted another connection within the second',
      connection: refusedNow,
      others: [connection({ id: '2', startedAt: at(0.5), serverHello: { frame: 55 } })],
      support: 'confirmed',
      explanation: 'othersAccepted',
      frames: [1, 2, 55],
    },
    {
      name: 'the port accepted another connection two seconds later',
      connection: refusedNow,
      others: [connection({ id: '2', startedAt: at(2.5) })],
      support: 'confirmed',
      explanation: 'explanation',
      frames: [1, 2],
    },
    {
      name: 'a point nearer to the server shows nothing of it, and may not have run',
      connection: { ...refusedNow, path: pathFacts([{ ...absent, isProven: false }], { isSeenByServer: false }) },
      support: 'supported',
      explanation: 'explanation',
      frames: [1, 2],
    },
  ],
  silent: [
    {
      name: 'a router forbids it: see tcp-connection-timeout',
      connection: connection({
        phase: 'tcp-connect',
        transport: { icmp: [{ ...rejectedBy('203.0.113.1'), code: 13, meaning: 'prohibited' }] },
      }),
    },
    {
      name: 'a point nearer to the server shows nothing of it: something before that refused it',
      connection: { ...refusedNow, path: pathFacts([absent], { isSeenByServer: false }) },
    },
    {
      name: 'the client acknowledged a SYN-ACK that the capture lacks',
      connection: connection({
        phase: 'tcp-connect',
        ending: { by: 'server', how: 'reset', frame: 2 },
        transport: { resets: [reset({ frame: 3, ttl: 63 })], server: { acknowledged: true } },
      }),
    },
    {
      name: 'the server had sent something, of which the capture lacks the beginning',
      connection: connection({
        phase: 'tcp-connect',
        ending: { by: 'server', how: 'reset', frame: 4 },
        transport: { resets: [reset({ frame: 4, ttl: 63 })], server: { bytes: 7 } },
      }),
    },
    { name: 'nothing answers', connection: connection({ phase: 'tcp-connect' }) },
    {
      name: 'the client resets its own attempt',
      connection: connection({ phase: 'tcp-connect', transport: { resets: [reset({ frame: 2, from: 'client' })] } }),
    },
    {
      name: 'the reset comes after the ClientHello',
      connection: connection({ phase: 'client-hello', ending: { by: 'server', how: 'reset', frame: 6 } }),
    },
    {
      name: 'a port that never speaks TLS',
      connection: connection({
        phase: 'tcp-connect',
        outcome: 'not-tls',
        transport: { resets: [reset({ frame: 2 })] },
      }),
    },
  ],
});
