import { handshakeStalled } from '../../../src/diagnose/rules/handshake-stalled.js';
import { notice } from '../../../src/notices.js';
import { alert, at, connection, message, sighting } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const failed = { outcome: 'failed', phase: 'client-hello', serverHello: null } as const;
const resent = { ...sighting('client', 9), message: 'client_hello', times: 3 };
const answered = {
  outcome: 'failed',
  phase: 'server-hello',
  messages: [
    message('client_hello', 'client', 4, { level: 'initial' }),
    message('server_hello', 'server', 5, { level: 'initial' }),
  ],
} as const;
/** A client that asks three times over QUIC, the last time in frame 9, and the server's answers, of which it acknowledges none. */
const asking = { client: { retransmissions: 2, lastData: sighting('client', 9) }, server: { retransmissions: 2 } };
const verified = [message('client_hello', 'client', 1), message('hello_verify_request', 'server', 2)];

/** Handshake packets in frames from 7 on, so many seconds after the client has gone on. */
const handshakePackets = (from: 'client' | 'server', again: readonly number[]) =>
  again.map((second, index) => ({
    ...({ frame: 7 + index, at: at(second), from, level: 'handshake', length: 900 } as const),
  }));
const lastData = (from: 'client' | 'server', frame: number, second = 0) => ({
  lastData: { frame, at: at(second), from },
});

/**
 * A QUIC connection whose server sends its flight again so many seconds after the client has gone on; the last frames of both
 * sides are these.
 */
const unheard = (
  again: readonly number[],
  { server = 6 + again.length, client = 6 }: { readonly server?: number; readonly client?: number } = {},
): Parameters<typeof quicConnection>[0] => ({
  ...answered,
  quic: {
    version: 'QUIC v1',
    client: {
      packets: { initial: 1, '0rtt': 0, handshake: 1, '1rtt': 1, short: 0 },
      protectedPackets: [{ frame: 6, at: at(0), from: 'client', level: '1rtt', length: 60 }],
    },
    server: {
      packets: { initial: 1, '0rtt': 0, handshake: 1 + again.length, '1rtt': 0, short: 0 },
      protectedPackets: handshakePackets('server', again),
    },
  },
  udp: { client: lastData('client', client), server: lastData('server', server, again.at(-1)) },
});

/** One whose client sends Handshake packets again; the server's last frame is this. */
const unconfirmed = (again: readonly number[], server: number): Parameters<typeof quicConnection>[0] => ({
  ...answered,
  quic: {
    version: 'QUIC v1',
    client: {
      packets: { initial: 1, '0rtt': 0, handshake: 1 + again.length, '1rtt': 1, short: 0 },
      protectedPackets: [
        { frame: 6, at: at(0), from: 'client', level: '1rtt', length: 60 },
        ...handshakePackets('client', again),
      ],
    },
  },
  udp: { client: lastData('client', 6 + again.length, again.at(-1)), server: lastData('server', server) },
});

/** One whose client says nothing to the server's flight, which comes again so many seconds later. */
const unanswered = (again: readonly number[]): Parameters<typeof quicConnection>[0] => ({
  ...answered,
  quic: {
    version: 'QUIC v1',
    server: {
      packets: { initial: 1, '0rtt': 0, handshake: again.length, '1rtt': 0, short: 0 },
      protectedPackets: handshakePackets('server', again),
    },
  },
  udp: { client: lastData('client', 4), server: lastData('server', 6 + again.length, again.at(-1)) },
});

testRule(handshakeStalled, {
  basis: 'ending',
  fires: [
    {
      name: 'the ClientHello with the cookie is never answered',
      connection: dtlsConnection({ ...failed, messages: verified, transport: { client: { mostResent: resent } } }),
      support: 'supported',
      explanation: 'unanswered',
      data: { from: 'client', peer: 'server', message: 'ClientHello' },
      frames: [1, 2, 9],
    },
    {
      name: 'the same, of which the capture lacks the beginning: it may show why',
      connection: dtlsConnection({
        ...failed,
        messages: verified,
        transport: { client: { mostResent: resent } },
        notes: [{ ...notice('starts-mid-connection', 'connection'), frame: null }],
      }),
      support: 'open',
      explanation: 'unanswered',
      frames: [1, 2, 9],
    },
    {
      name: 'the server answers, and the client goes on asking',
      connection: dtlsConnection({
        outcome: 'failed',
        phase: 'server-hello',
        messages: [...verified, message('server_hello', 'server', 4)],
        transport: { client: { mostResent: resent } },
      }),
      support: 'supported',
      explanation: 'lost',
      data: { from: 'client', peer: 'server' },
      frames: [1, 4, 9],
    },
    {
      name: 'over TCP, the server repeats what the client never acknowledges, and the client then gives up',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'client', how: 'close', frame: 13, at: at(9) },
        transport: { server: { resentInVain: { bytes: 1156, times: 6 }, lastData: sighting('server', 12) } },
      }),
      support: 'supported',
      explanation: 'inVain',
      data: { from: 'server', peer: 'client', bytes: 1156 },
      frames: [4, 12],
    },
    {
      name: 'over TCP, the server repeats what the client never acknowledges, and nothing more comes from the client',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'none', how: 'timeout', frame: 12, at: at(9) },
        transport: { server: { resentInVain: { bytes: 1156, times: 6 }, lastData: sighting('server', 12) } },
      }),
      support: 'supported',
      explanation: 'gone',
      frames: [4, 12],
    },
    {
      name: 'over TCP, the server repeats what a firewall forbids',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'none', how: 'timeout', frame: 12, at: at(9) },
        transport: {
          icmp: [
            {
              frame: 9,
              at: at(0.09),
              router: '203.0.113.1',
              about: 'server',
              type: 3,
              code: 13,
              meaning: 'prohibited',
              mtu: null,
            },
          ],
          server: { resentInVain: { bytes: 1448, times: 6 }, lastData: sighting('server', 12) },
        },
      }),
      support: 'confirmed',
      explanation: 'refused',
      data: { from: 'server', router: '203.0.113.1', bytes: 1448 },
      frames: [4, 9, 12],
    },
    {
      name: 'over TCP, the client repeats what finds no host',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'none', how: 'timeout', frame: 12, at: at(9) },
        transport: {
          icmp: [
            {
              frame: 9,
              at: at(0.09),
              router: '203.0.113.1',
              about: 'client',
              type: 3,
              code: 1,
              meaning: 'host-unreachable',
              mtu: null,
            },
          ],
          client: { resentInVain: { bytes: 126, times: 6 }, lastData: sighting('client', 12) },
        },
      }),
      support: 'confirmed',
      explanation: 'refused',
      data: { from: 'client', router: '203.0.113.1', bytes: 126 },
      frames: [4, 9, 12],
    },
    {
      name: 'over TCP, the client repeats its answer to the flight, and gives up: its FIN too is never acknowledged',
      connection: connection({
        phase: 'finished',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 9, at: at(5) },
        transport: { client: { resentInVain: { bytes: 93, times: 4 }, lastData: sighting('client', 12) } },
      }),
      support: 'supported',
      explanation: 'gone',
      data: { from: 'client', peer: 'server', bytes: 93 },
      frames: [4, 12],
    },
    {
      name: "over TCP, the server's last packet shows that it had answered, and the answer never came",
      connection: connection({
        phase: 'client-hello',
        serverHello: null,
        ending: { by: 'client', how: 'close', frame: 7, at: at(9) },
        transport: {
          server: { bytes: 0, firstData: null, lastData: null, uncaptured: { ...sighting('server', 8), bytes: 1156 } },
        },
      }),
      support: 'supported',
      explanation: 'unseen',
      data: { from: 'server', bytes: 1156 },
      frames: [4, 8],
    },
    {
      name: "the server repeats its flight: the client's answer does not come",
      connection: dtlsConnection({
        outcome: 'failed',
        phase: 'server-hello',
        messages: [...verified, message('server_hello', 'server', 4)],
        transport: { server: { mostResent: { ...sighting('server', 9), message: 'server_hello', times: 3 } } },
      }),
      support: 'supported',
      explanation: 'unanswered',
      data: { from: 'server', peer: 'client', message: 'ServerHello' },
      frames: [1, 9],
    },
    {
      name: 'over QUIC, the server never has the Finished of the client, and sends its flight again',
      connection: quicConnection(unheard([1, 3, 7])),
      support: 'supported',
      explanation: 'quicFinished',
      data: { from: 'client', other: 'server' },
      frames: [4, 5, 6, 9],
    },
    {
      name: 'over QUIC, the same, and the server sends 0.5-RTT data behind its flight',
      connection: quicConnection(unheard([1, 3, 7], { server: 12 })),
      support: 'supported',
      explanation: 'quicFinished',
      frames: [4, 5, 6, 9],
    },
    {
      name: 'over QUIC, the client sends its Finished again to the end, and gives up',
      connection: quicConnection({
        ...unconfirmed([1, 3, 7], 8),
        ...{ ending: { by: 'client', how: 'close' } },
      }),
      support: 'supported',
      explanation: 'quicFinishedAgain',
      data: { from: 'client', other: 'server' },
      frames: [4, 5, 6, 9],
    },
    {
      name: 'over QUIC, the server sends its flight again to the end, to a client that says nothing more',
      connection: quicConnection(unanswered([0, 1, 3, 7])),
      support: 'open',
      explanation: 'quicFlight',
      data: { from: 'server', other: 'client' },
      frames: [4, 5, 10],
    },
    {
      name: 'over QUIC, the client asks on and acknowledges none of the answers, which the server sends again to the end',
      connection: quicConnection({
        ...unanswered([0, 1, 3, 7]),
        udp: {
          client: { retransmissions: 2, ...lastData('client', 4) },
          server: { retransmissions: 2, ...lastData('server', 10, 7) },
        },
      }),
      support: 'supported',
      explanation: 'quicLost',
      frames: [4, 5, 10],
    },
    {
      name: 'over QUIC, the client acknowledges none of the answers and asks on',
      connection: quicConnection({ ...answered, quic: { version: 'QUIC v1', isHelloAcknowledged: true }, udp: asking }),
      support: 'supported',
      explanation: 'quicLost',
      data: { from: 'server', other: 'client' },
      frames: [4, 5, 7, 9],
    },
    {
      name: 'over QUIC, the client has what the server sent, asks for more, and nothing comes',
      connection: quicConnection({
        ...answered,
        quic: { version: 'QUIC v1', isHelloAcknowledged: true, isAnswerAcknowledged: true },
        udp: { ...asking, server: {} },
      }),
      support: 'supported',
      explanation: 'quicUnanswered',
      data: { from: 'client', other: 'server' },
      frames: [4, 5, 7, 9],
    },
  ],
  silent: [
    {
      name: 'over QUIC, the server sends its flight again once: its Finished may be on its way',
      connection: quicConnection(unheard([1])),
    },
    {
      name: 'over QUIC, the server goes on with other packets when the client has sent its own again: it has the Finished',
      connection: quicConnection(unheard([1, 3, 7], { server: 11, client: 10 })),
    },
    {
      name: 'over QUIC, the server answers what the client sent again',
      connection: quicConnection(unconfirmed([1, 3, 7], 10)),
    },
    {
      name: 'over QUIC, the client sends its Finished again for a short time',
      connection: quicConnection(unconfirmed([0.1, 0.3, 1], 5)),
    },
    {
      name: 'over QUIC, the flight of the server is not sent again',
      connection: quicConnection(unanswered([0, 0.1, 0.2])),
    },
    {
      name: 'over QUIC, the client has the whole flight: its silence can be a refusal',
      connection: quicConnection({
        ...answered,
        quic: {
          version: 'QUIC v1',
          isHelloAcknowledged: true,
          isAnswerAcknowledged: true,
          client: { packets: { handshake: 1 } },
        },
        udp: asking,
      }),
    },
    {
      name: 'over QUIC, somebody closed the connection with a reason',
      connection: quicConnection({ ...answered, quic: { version: 'QUIC v1', closes: [quicClose()] }, udp: asking }),
    },
    {
      name: 'over QUIC, the client asks once',
      connection: quicConnection({
        ...answered,
        quic: { version: 'QUIC v1' },
        udp: { ...asking, client: { retransmissions: 1, lastData: sighting('client', 9) } },
      }),
    },
    {
      name: 'the server never said anything',
      connection: dtlsConnection({ ...failed, transport: { client: { mostResent: resent }, server: NO_DATAGRAMS } }),
    },
    {
      name: 'an alert ended it',
      connection: dtlsConnection({ ...failed, alerts: [alert()], transport: { client: { mostResent: resent } } }),
    },
    {
      name: 'over TCP, a segment is sent again once as the client leaves',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'client', how: 'close', frame: 13, at: at(1) },
        transport: { server: { resentInVain: { bytes: 1156, times: 1 } } },
      }),
    },
    {
      name: 'over TCP, what the capture lacks was acknowledged: it came',
      connection: connection({
        phase: 'client-hello',
        serverHello: null,
        ending: { by: 'client', how: 'close', frame: 7, at: at(9) },
        transport: {
          server: { bytes: 0, missing: 1156, uncaptured: { ...sighting('server', 8), bytes: 1156 } },
        },
      }),
    },
    {
      name: 'over TCP, a single byte that the capture lacks: it may be the FIN',
      connection: connection({
        phase: 'client-hello',
        serverHello: null,
        ending: { by: 'client', how: 'close', frame: 7, at: at(9) },
        transport: {
          server: { bytes: 0, firstData: null, lastData: null, uncaptured: { ...sighting('server', 8), bytes: 1 } },
        },
      }),
    },
    { name: 'nothing was sent again', connection: dtlsConnection({ ...failed, messages: verified }) },
  ],
});
