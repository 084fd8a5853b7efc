import { clientAbandoned } from '../../../src/diagnose/rules/client-abandoned.js';
import { alert, at, clientHello, connection, message, sighting } from '../../support/connections.js';
import { closedUponFlight, quicConnection } from '../../support/quic-connections.js';
import { hiddenAnswer, testRule } from '../../support/rule-tester.js';

const half = {
  clientHello: null,
  partialClientHello: clientHello(),
  phase: 'client-hello',
  outcome: 'failed',
} as const;

testRule(clientAbandoned, {
  basis: 'ending',
  fires: [
    {
      name: 'the client offers a session, and only that differs from what worked: see resumption-broken',
      connection: connection({
        phase: 'client-hello',
        clientHello: { pskOffered: true },
        messages: [message('client_hello', 'client', 4, { length: 550 })],
        ending: { by: 'client', how: 'close', frame: 6, at: at(3.04) },
        endedAt: at(3.05),
        transport: { server: { bytes: 0, firstData: null, lastData: null } },
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 300 })],
        }),
      ],
      support: 'open',
      explanation: 'unanswered',
      frames: [4, 6],
    },
    {
      name: 'the client closes when it has all of the answer of the server: it may have rejected the certificate',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'the client closes within the answer of the server',
      connection: connection({
        phase: 'server-certificate',
        messages: [message('client_hello', 'client', 4), message('server_hello', 'server', 5)],
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      }),
      support: 'supported',
      explanation: 'explanation',
      data: { waited: '20 ms', client: '192.0.2.10' },
      frames: [4, 5, 6],
    },
    {
      name: 'TLS 1.3: the client closes as soon as it has the flight of the server: it may have rejected the certificate',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        encryptedRecords: hiddenAnswer(),
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4, 5, 6],
    },
    {
      name: 'the server answers long after the client has gone: it was busy with another client (Asterisk)',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(5.04) },
        serverHello: { frame: 8, at: at(13.5) },
        transport: {
          server: { firstData: sighting('server', 8, at(13.54)), lastData: sighting('server', 8, at(13.54)) },
        },
      }),
      others: [connection({ id: '2', startedAt: at(0.3) })],
      support: 'supported',
      explanation: 'overtaken',
      data: { waited: '5.0 seconds', later: '8.5 seconds' },
      frames: [4, 6, 8],
    },
    {
      name: 'an alert once the client has gone: it may only be about that',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(5.04) },
        serverHello: null,
        messages: [message('client_hello', 'client', 4)],
        alerts: [alert({ frame: 8, at: at(5.05) })],
        transport: {
          fins: [sighting('client', 6)],
          server: { firstData: sighting('server', 8, at(5.05)), lastData: sighting('server', 8, at(5.05)) },
        },
      }),
      others: [connection({ id: '2', startedAt: at(0.3) })],
      support: 'supported',
      explanation: 'unanswered',
      frames: [4, 6],
    },
    {
      name: 'the answer crosses with the end of the client, which left soon',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.54) },
        serverHello: { frame: 8, at: at(0.6) },
        transport: { server: { firstData: sighting('server', 8, at(0.6)), lastData: sighting('server', 8, at(0.6)) } },
      }),
      others: [connection({ id: '2', startedAt: at(0.3) })],
      support: 'supported',
      explanation: 'unanswered',
      frames: [4, 6, 8],
    },
    {
      name: 'the client closes while the server thinks, without a server name: nothing shows that it would have answered',
      connection: connection({
        clientHello: { serverName: null },
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(12) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'open',
      explanation: 'tooSoon',
      data: { waited: '12 seconds', server: '198.51.100.20:443' },
      frames: [4, 6],
    },
    {
      name: 'the client closes while the server thinks, which served others meanwhile',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.54) },
        transport: { server: { bytes: 0 } },
      }),
      others: [connection({ id: '2', startedAt: at(0.3) })],
      support: 'supported',
      explanation: 'unanswered',
      data: { waited: '500 ms' },
      frames: [4, 6],
    },
    {
      name: 'the client closes at once, before the server can have answered',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
        transport: { server: { bytes: 0 } },
      }),
      support: 'supported',
      explanation: 'unanswered',
      frames: [4, 6],
    },
    ...[0.04, -60, 3700].map((seconds) => ({
      name: `the clock stood still or was set between ClientHello and close: ${seconds} s`,
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 6, at: at(seconds) },
      }),
      support: 'open' as const,
      explanation: 'explanation' as const,
      frames: [4, 5, 6],
    })),
    {
      name: 'the client closes before the server answers, who is silent to another client that waits',
      connection: connection({ phase: 'client-hello', ending: { by: 'client', how: 'close', frame: 6, at: at(0.2) } }),
      others: [
        connection({
          phase: 'client-hello',
          ending: { by: 'client', how: 'close', frame: 6, at: at(3) },
          endedAt: at(3),
        }),
      ],
      support: 'open',
      explanation: 'tooSoon',
      frames: [4, 6],
    },
    {
      name: 'the client closes in the middle of its ClientHello',
      connection: connection({
        ...half,
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.54) },
        transport: { client: { bytes: 100 } },
      }),
      support: 'open',
      explanation: 'half',
      data: { waited: '500 ms', bytes: 100 },
      frames: [4, 6],
    },
    {
      name: 'the rest of its ClientHello never comes',
      connection: connection({ ...half, ending: { by: 'none', how: 'timeout', frame: 4 } }),
      support: 'open',
      explanation: 'halfSilent',
      frames: [4],
    },
    {
      name: 'the client sends something else than the answer that the server waits for',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'none', how: 'timeout', frame: 8 },
        messages: [
          message('client_hello', 'client', 4),
          message('server_hello', 'server', 5),
          message('server_hello_done', 'server', 5),
        ],
        transport: { client: { lastData: sighting('client', 8) }, server: { lastData: sighting('server', 5) } },
      }),
      support: 'supported',
      explanation: 'silent',
      frames: [4, 5],
    },
    {
      name: 'the client falls silent after the answer of the server',
      connection: connection({
        phase: 'server-certificate',
        ending: { by: 'none', how: 'timeout', frame: 5 },
        transport: { client: { lastData: sighting('client', 4) } },
      }),
      support: 'supported',
      explanation: 'silent',
      frames: [4, 5],
    },
  ],
  silent: [
    {
      name: 'over QUIC, the client asks again and acknowledges none of the answers: it did not get them',
      connection: quicConnection({
        outcome: 'failed',
        phase: 'server-certificate',
        quic: { version: 'QUIC v1' },
        udp: { client: { retransmissions: 2 }, server: { retransmissions: 2 } },
        ending: { by: 'client', how: 'timeout' },
      }),
    },
    { name: 'QUIC: it is the server that closes', connection: closedUponFlight(1177, { outcome: 'failed' }) },
    {
      name: 'a good-bye in the middle of the handshake is an alert too',
      connection: connection({
        phase: 'server-certificate',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 7 },
        alerts: [alert({ from: 'client', level: 'warning', code: 0, name: 'close_notify' })],
      }),
    },
    {
      name: 'what the server sends does not get through to the client (see handshake-stalled)',
      connection: connection({
        phase: 'server-hello',
        ending: { by: 'client', how: 'close', frame: 13, at: at(9) },
        transport: { server: { resentInVain: { bytes: 1156, times: 6 } } },
      }),
    },
    {
      name: 'the client says why',
      connection: connection({ alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })] }),
    },
    {
      name: 'the client says why in TLS 1.3, encrypted',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        phase: 'server-certificate',
        alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      }),
    },
    {
      name: 'the server falls silent',
      connection: connection({ phase: 'client-hello', ending: { by: 'none', how: 'timeout', frame: 4 } }),
    },
    {
      name: 'the server closes',
      connection: connection({ phase: 'server-certificate', ending: { by: 'server', how: 'close' } }),
    },
    {
      name: 'the client resets',
      connection: connection({ phase: 'server-certificate', ending: { by: 'client', how: 'reset' } }),
    },
  ],
});
