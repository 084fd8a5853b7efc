import { serverSilent } from '../../../src/diagnose/rules/server-silent.js';
import { alert, at, connection, message, reset, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const gaveUp = (seconds: number) => ({ by: 'client', how: 'close', frame: 6, at: at(seconds) }) as const;
const waitedInVain = connection({ phase: 'client-hello', ending: gaveUp(3.04), endedAt: at(3.05) });
const leftAtOnce = connection({ phase: 'client-hello', ending: gaveUp(0.2), endedAt: at(0.2) });
const timeout = { by: 'none', how: 'timeout', frame: 4, at: at(0.04) } as const;

const HAPROXY_CHECK = `6b0cc900${Buffer.from('HAPROXYSSLCHK\nHAPROXYSSLCHK\n').toString('hex')}`;

testRule(serverSilent, {
  basis: 'ending',
  fires: [
    {
      name: 'the client offers a session, and only that differs from what worked: see resumption-broken',
      connection: connection({
        phase: 'client-hello',
        clientHello: { pskOffered: true },
        messages: [message('client_hello', 'client', 4, { length: 550 })],
        ending: gaveUp(3.04),
        endedAt: at(3.05),
        transport: { server: { bytes: 0 } },
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 300 })],
        }),
      ],
      support: 'open',
      explanation: 'explanation',
      frames: [2, 4, 6],
    },
    {
      name: 'a health check of HAProxy gives up',
      connection: connection({
        phase: 'client-hello',
        clientHello: { random: HAPROXY_CHECK, supportedVersions: ['SSL 3.0'], serverName: null, supportedGroups: [] },
        ending: gaveUp(2.04),
        endedAt: at(2.05),
      }),
      support: 'supported',
      explanation: 'check',
      frames: [2, 4, 6],
    },
    {
      name: 'over QUIC, nothing answers',
      connection: quicConnection({
        udp: { client: { datagrams: 4 }, server: { datagrams: 0, bytes: 0, firstData: null, lastData: null } },
      }),
      support: 'supported',
      explanation: 'unanswered',
      data: { count: 4 },
      frames: [4],
    },
    {
      name: 'over QUIC, it acknowledges the ClientHello, and no more',
      connection: quicConnection({
        quic: { isHelloAcknowledged: true },
        udp: { client: { lastData: sighting('client', 7) }, server: { lastData: sighting('server', 5) } },
      }),
      support: 'supported',
      explanation: 'quic',
      frames: [4],
    },
    {
      name: 'the client gives up after three seconds',
      connection: connection({ phase: 'client-hello', ending: gaveUp(3.04), endedAt: at(3.05) }),
      support: 'supported',
      explanation: 'explanation',
      data: { waited: '3.0 seconds', server: '198.51.100.20:443' },
      frames: [2, 4, 6],
    },
    {
      name: 'the client leaves at once, and another one waited in vain',
      connection: leftAtOnce,
      others: [waitedInVain],
      support: 'supported',
      explanation: 'cutShort',
      data: { waited: '160 ms' },
      frames: [2, 4, 6],
    },
    {
      name: 'the capture lacks the acknowledgement, but the client did not have to send the ClientHello again',
      connection: connection({
        phase: 'client-hello',
        ending: gaveUp(3.04),
        endedAt: at(3.05),
        transport: { client: { acknowledged: false } },
      }),
      support: 'supported',
      explanation: 'explanation',
      frames: [2, 4, 6],
    },
    {
      name: 'the client gives up, and resets the connection later: an answer came that the capture lacks (aiohttp 3.8.4)',
      connection: connection({
        phase: 'client-hello',
        ending: gaveUp(2.04),
        endedAt: at(3.05),
        transport: { fins: [sighting('client', 6)], resets: [reset({ from: 'client', frame: 9 })] },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [2, 4, 6],
    },
    {
      name: 'the client gives up after two seconds: an answer might have come',
      connection: connection({ phase: 'client-hello', ending: gaveUp(2.04), endedAt: at(2.05) }),
      support: 'supported',
      explanation: 'explanation',
      frames: [2, 4, 6],
    },
    {
      name: 'the client gives up after two seconds, and two points of the path show that the server sent nothing',
      connection: connection({ phase: 'client-hello', ending: gaveUp(2.04), endedAt: at(2.05), path: pathFacts() }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [2, 4, 6],
    },
    {
      name: 'nobody gives up before the capture moves on, and it began after the SYN-ACK',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'client-hello',
        ending: timeout,
        endedAt: at(0.04),
        transport: { synAck: null, client: { lastData: sighting('client', 4) } },
      }),
      // It may only be slow.
      support: 'open',
      explanation: 'explanation',
      data: { waited: 'at least 3.0 seconds' },
      frames: [4],
    },
    {
      name: 'the server stops in the middle of its flight, TLS 1.2',
      connection: connection({
        phase: 'server-hello',
        serverHello: { version: 'TLS 1.2' },
        ending: { by: 'client', how: 'close', frame: 6, at: at(3.06) },
        endedAt: at(3.06),
        transport: { client: { lastData: sighting('client', 4) }, server: { lastData: sighting('server', 5) } },
      }),
      support: 'supported',
      explanation: 'halfway',
      frames: [2, 4, 5, 6],
    },
    {
      name: 'the server stops in the middle',
      connection: connection({
        phase: 'finished',
        ending: { by: 'client', how: 'close', frame: 9, at: at(30.06) },
        endedAt: at(30.06),
        transport: { client: { lastData: sighting('client', 6) }, server: { lastData: sighting('server', 5) } },
      }),
      support: 'supported',
      explanation: 'halfway',
      data: { waited: '30 seconds' },
      frames: [2, 4, 5, 9],
    },
  ],
  excluded: [
    {
      name: 'another point of the path shows that it answered',
      connection: connection({
        phase: 'client-hello',
        ending: gaveUp(6),
        endedAt: at(6),
        path: pathFacts([
          {
            kind: 'lost',
            between: [0, 1],
            from: 'server',
            at: sighting('server', 5),
            what: 'data',
            message: 'server_hello',
            packets: 2,
            of: 2,
            bySize: null,
            isProven: true,
          },
        ]),
      }),
      because: 'elsewhere',
      frames: [5],
    },
    {
      name: 'the server had answered: the capture lacks it',
      connection: connection({
        phase: 'client-hello',
        ending: gaveUp(6),
        endedAt: at(6),
        transport: { server: { bytes: 0, uncaptured: { ...sighting('server', 7), bytes: 1288 } } },
      }),
      because: 'sent',
      frames: [7],
    },
  ],
  silent: [
    {
      name: 'over QUIC, it has sent its flight',
      connection: quicConnection({
        quic: { isHelloAcknowledged: true, server: { packets: { handshake: 2 } } },
        udp: { client: { lastData: sighting('client', 7) }, server: { lastData: sighting('server', 5) } },
      }),
    },
    {
      name: 'over QUIC, ICMP says why nothing comes',
      connection: quicConnection({
        udp: {
          icmp: [
            {
              ...sighting('server', 6),
              router: '203.0.113.7',
              about: 'client',
              type: 3,
              code: 3,
              meaning: 'port-unreachable',
              mtu: null,
            },
          ],
          server: { datagrams: 0, bytes: 0, lastData: null },
        },
      }),
    },
    { name: 'the client is gone at once', connection: leftAtOnce },
    {
      name: 'the client is gone at once: the server was silent to another one, and answered a third',
      connection: leftAtOnce,
      others: [waitedInVain, connection()],
    },
    {
      name: 'the server closes',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', at: at(60) },
        endedAt: at(60),
      }),
    },
    {
      name: 'the server refuses after a while',
      connection: connection({
        phase: 'client-hello',
        endedAt: at(5),
        alerts: [alert({ at: at(4.9), code: 80, name: 'internal_error' })],
      }),
    },
    {
      name: 'it answers after four seconds, and the client leaves at once, behind its ChangeCipherSpec',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 9, at: at(4.09) },
        endedAt: at(4.09),
        transport: {
          client: { lastData: sighting('client', 8, at(4.08)) },
          server: { lastData: sighting('server', 5, at(4.07)) },
        },
      }),
    },
    {
      name: 'it is the turn of the client',
      connection: connection({
        phase: 'server-certificate',
        ending: timeout,
        transport: { client: { lastData: sighting('client', 4) }, server: { lastData: sighting('server', 5) } },
      }),
    },
    {
      name: 'the ClientHello is never acknowledged',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 4 } },
      }),
    },
    { name: 'nothing answers the SYN', connection: connection({ phase: 'tcp-connect' }) },
  ],
});
