import type { TcpSide } from '../../../src/connection/connection.js';
import { pathMtuBlackhole } from '../../../src/diagnose/rules/path-mtu-blackhole.js';
import { alert, at, connection, message, sighting } from '../../support/connections.js';
import { pathFacts } from '../../support/path.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const timeout = { by: 'none', how: 'timeout', frame: 20 } as const;
const stuck = (bytes: number, times = 5): Partial<TcpSide> => ({
  acknowledged: false,
  retransmissions: times,
  resentInVain: times === 0 ? null : { bytes, times, isAskedFor: true },
});
const waiting = { phase: 'client-hello', ending: timeout } as const;
const shorter = connection({
  id: '2',
  serverHello: { frame: 25 },
  messages: [message('client_hello', 'client', 24, { length: 513 })],
});

const unseen: Partial<TcpSide> = {
  bytes: 0,
  largestSegment: 0,
  firstData: null,
  lastData: null,
  uncaptured: { ...sighting('server', 7), bytes: 1288 },
};

/** A client that waits for the server's answer, and what two points show of it. */
const stalled = { phase: 'client-hello', ending: { by: 'none', how: 'timeout', frame: 4, at: at(9) } } as const;
const lostLarge = (lost: number) =>
  ({
    kind: 'lost',
    between: [0, 1],
    from: 'server',
    at: { ...sighting('server', 9), capture: 1 },
    what: 'data',
    message: 'server_hello',
    packets: 4,
    of: 6,
    bySize: { lost, arrived: 300 },
    isProven: true,
  }) as const;

/** What a firewall says of the packets of a side, which it does not let through. */
const prohibited = (about: 'client' | 'server') =>
  ({
    frame: 9,
    at: at(0.09),
    router: '203.0.113.1',
    about,
    type: 3,
    code: 13,
    meaning: 'prohibited',
    mtu: null,
  }) as const;

testRule(pathMtuBlackhole, {
  basis: 'fact',
  excluded: [
    {
      name: 'a firewall says by ICMP that it forbids what the server sends',
      connection: connection({
        ...waiting,
        transport: {
          icmp: [prohibited('server')],
          server: { ...stuck(1448), bytes: 3200, lastData: sighting('server', 19) },
        },
      }),
      because: 'refused',
      frames: [9],
    },
  ],
  fires: [
    {
      name: 'two points of the path show that the large packets of the server got lost between them',
      connection: connection({ ...stalled, path: pathFacts([lostLarge(1448)]) }),
      support: 'supported',
      explanation: 'between',
      data: { near: 2, far: 1, small: 300, large: 1448, count: 4 },
      frames: [4, 9],
    },
    {
      name: 'over QUIC, of the flight of the server nothing large arrives',
      connection: quicConnection({
        quic: { isHelloAcknowledged: true, server: { longestDatagram: 232, packets: { handshake: 9 } } },
      }),
      support: 'supported',
      explanation: 'quicUnseen',
      data: { small: 232 },
      frames: [4, 7],
    },
    {
      name: 'over QUIC, the client acknowledges small packets of the server alone',
      connection: quicConnection({
        serverHello: { version: 'TLS 1.3' },
        quic: {
          version: 'QUIC v1',
          isHelloAcknowledged: true,
          isAnswerAcknowledged: false,
          server: { longestDatagram: 1252, packets: { handshake: 9 } },
        },
        udp: { server: { retransmissions: 5 } },
      }),
      support: 'supported',
      explanation: 'quicUnacknowledged',
      data: { large: 1252, times: '5 times' },
      frames: [4, 5],
    },
    {
      name: "the server's certificates never arrive, its small segments do",
      connection: connection({
        ...waiting,
        transport: { server: { ...stuck(1448), bytes: 3200, lastData: sighting('server', 19) } },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'server', large: 1448, times: '5 times', size: 1472 },
      frames: [4, 19],
    },
    {
      name: 'as large a segment had arrived before',
      connection: connection({
        ...waiting,
        transport: {
          server: {
            acknowledged: false,
            resentInVain: { bytes: 1448, times: 5, after: 1448, isAskedFor: true },
            bytes: 5700,
            lastData: sighting('server', 19),
          },
        },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 19],
    },
    {
      name: 'the beginning of the flight arrived in a full-size segment, the rest never did',
      connection: connection({
        ...waiting,
        transport: {
          server: { bytes: 1448, largestSegment: 1448, missing: 1448, lost: 1448, lastData: sighting('server', 7) },
        },
      }),
      support: 'open',
      explanation: 'hole',
      frames: [4, 7],
    },
    {
      name: 'nothing shows that anything of the server arrives: no packet came from the client since',
      connection: connection({
        ...waiting,
        transport: {
          server: {
            acknowledged: false,
            resentInVain: { bytes: 1448, times: 5, after: 0 },
            bytes: 2027,
            lastData: sighting('server', 19),
          },
        },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 19],
    },
    {
      name: 'the client sends its ClientHello again, and then leaves: not even the acknowledgments of the server arrive',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 20, at: at(9) },
        transport: {
          client: { retransmissions: 6 },
          server: {
            acknowledged: false,
            resentInVain: { bytes: 1448, times: 5, after: 0 },
            bytes: 2027,
            lastData: sighting('server', 19),
          },
        },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 19],
    },
    {
      name: 'what never arrives may be too large for a tunnel, and for little else',
      connection: connection({
        ...waiting,
        transport: { server: { ...stuck(1156), bytes: 3200, lastData: sighting('server', 19) } },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 19],
    },
    {
      name: "the client's certificate never arrives, its ClientHello did",
      connection: connection({
        clientHello: { serverName: null },
        outcome: 'failed',
        phase: 'client-certificate',
        ending: timeout,
        transport: { client: { ...stuck(1388), lastData: sighting('client', 18) } },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'client' },
      frames: [4, 18],
    },
    {
      name: 'long segments arrive, but none of full size (MSS 1440, timestamps): two of those are missing',
      connection: connection({
        ...waiting,
        transport: {
          client: { mss: 1440 },
          server: { bytes: 2428, largestSegment: 1240, missing: 2856, lost: 2856, lastData: sighting('server', 7) },
        },
      }),
      support: 'supported',
      explanation: 'hole',
      frames: [4, 7],
    },
    {
      name: 'long segments arrive, and what is missing is no number of full-size ones',
      connection: connection({
        ...waiting,
        transport: {
          client: { mss: 1440 },
          server: { bytes: 2428, largestSegment: 1240, missing: 2000, lost: 2000, lastData: sighting('server', 7) },
        },
      }),
      support: 'open',
      explanation: 'hole',
      frames: [4, 7],
    },
    {
      name: 'seen at the end of the client: the last of the flight arrives, a full-size segment before it never does',
      connection: connection({
        ...waiting,
        transport: {
          server: { bytes: 1036, largestSegment: 1036, missing: 1448, lost: 1448, lastData: sighting('server', 7) },
        },
      }),
      support: 'supported',
      explanation: 'hole',
      data: { from: 'server', large: 1448, size: 1472 },
      frames: [4, 7],
    },
    {
      name: 'seen at the client: the server had answered, by its sequence numbers, and nothing of it came',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(6.04) },
        transport: { server: unseen },
      }),
      support: 'supported',
      explanation: 'unseen',
      data: { from: 'server', large: 1288, waited: '6.0 seconds' },
      frames: [4, 7],
    },
    {
      name: 'seen at the server: a router says what it takes, and the server does not heed it',
      connection: connection({
        ...waiting,
        transport: {
          icmp: [
            {
              frame: 9,
              at: at(0.09),
              router: '203.0.113.1',
              about: 'server',
              type: 3,
              code: 4,
              meaning: 'fragmentation-needed',
              mtu: 900,
            },
          ],
          server: { ...stuck(1000), bytes: 3200, lastData: sighting('server', 19) },
        },
      }),
      support: 'confirmed',
      explanation: 'told',
      data: { router: '203.0.113.1', mtu: 900, times: '5 times' },
      frames: [4, 9, 19],
    },
    {
      name: 'a ClientHello in two segments, of which neither arrives: a device may drop it for its name',
      connection: connection({
        ...waiting,
        transport: {
          server: { bytes: 0 },
          client: {
            ...stuck(1448),
            resentInVain: { bytes: 1448, times: 5 },
            bytes: 1790,
            lastData: sighting('client', 18),
          },
        },
      }),
      others: [shorter],
      support: 'open',
      explanation: 'hello',
      frames: [4, 18, 25],
    },
    {
      name: 'a ClientHello in two segments, shorter ones of others got through',
      connection: connection({
        ...waiting,
        transport: { server: { bytes: 0 }, client: { ...stuck(1448), bytes: 1790, lastData: sighting('client', 18) } },
      }),
      others: [shorter],
      support: 'supported',
      explanation: 'hello',
      frames: [4, 18, 25],
    },
  ],
  silent: [
    {
      name: 'sent again once: the client had left before the first copy came',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 8, at: at(0.3) },
        transport: { server: { ...stuck(1448, 1), bytes: 2158, lastData: sighting('server', 7) } },
      }),
    },
    {
      name: 'what got lost between two points is too small for that',
      connection: connection({ ...stalled, path: pathFacts([lostLarge(400)]) }),
    },
    {
      name: 'over QUIC, a large packet of the server arrives',
      connection: quicConnection({
        quic: { isHelloAcknowledged: true, server: { longestDatagram: 1200, packets: { handshake: 9 } } },
      }),
    },
    {
      name: 'over QUIC, the client acknowledges nothing',
      connection: quicConnection({
        serverHello: { version: 'TLS 1.3' },
        quic: { version: 'QUIC v1', server: { longestDatagram: 1252, packets: { handshake: 9 } } },
        udp: { server: { retransmissions: 5 } },
      }),
    },
    {
      name: 'over QUIC, a close says what it is',
      connection: quicConnection({
        quic: {
          closes: [quicClose()],
          isHelloAcknowledged: true,
          server: { longestDatagram: 232, packets: { handshake: 9 } },
        },
      }),
    },
    {
      name: 'bytes that the capture lacks for a moment',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.5) },
        transport: { server: unseen },
      }),
    },
    {
      name: 'the sizes are not known',
      connection: connection({ ...waiting, transport: { client: { acknowledged: false, retransmissions: 5 } } }),
    },
    {
      name: 'nothing got through: no matter of size',
      connection: connection({ ...waiting, transport: { client: stuck(1448), server: { bytes: 0 } } }),
    },
    {
      name: 'a small segment is lost',
      connection: connection({ ...waiting, transport: { client: stuck(240) } }),
    },
    {
      name: 'not sent again: the capture ends, or lacks the acknowledgement',
      connection: connection({ ...waiting, transport: { server: stuck(1448, 0) } }),
    },
    {
      name: 'acknowledged in the end',
      connection: connection({ ...waiting, transport: { server: { retransmissions: 5, acknowledged: true } } }),
    },
    {
      name: 'an alert says why',
      connection: connection({ phase: 'client-hello', alerts: [alert()], transport: { server: stuck(1448) } }),
    },
  ],
});
