import { clientHelloSizeIntolerant } from '../../../src/diagnose/rules/client-hello-size-intolerant.js';
import type { ConnectionOverrides } from '../../support/connections.js';
import { alert, at, connection, message, sighting } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

/** A ClientHello of 1750 bytes with its headers. */
const large = { messages: [message('client_hello', 'client', 4, { length: 1741 })] } as const;
/** One that comes in two segments. */
const failed = (overrides: ConnectionOverrides) =>
  connection({ phase: 'client-hello', outcome: 'failed', ...large, ...overrides });
/** One of 522 bytes that worked. */
const small = connection({
  id: '2',
  clientHello: { frame: 24 },
  serverHello: { frame: 25 },
  messages: [message('client_hello', 'client', 24, { length: 513 })],
});
const reset = { ending: { by: 'server', how: 'reset', frame: 6 } } as const;
/** One of 522 bytes that was reset. */
const refusedSmall = connection({
  id: '3',
  phase: 'client-hello',
  outcome: 'failed',
  clientHello: { frame: 24 },
  messages: [message('client_hello', 'client', 24, { length: 513 })],
  ending: { by: 'server', how: 'reset', frame: 26 },
});
const postQuantum = { keyShareGroups: ['X25519MLKEM768', 'x25519'] } as const;

/** A ClientHello of DTLS that is complete in frame 3, and whose first datagram is in this frame. */
const inDatagrams = (first: number) =>
  dtlsConnection({
    outcome: 'failed',
    phase: 'client-hello',
    clientHello: { frame: 3 },
    serverHello: null,
    serverCertificates: [],
    messages: [message('client_hello', 'client', 3)],
    transport: { client: { firstData: sighting('client', first) }, server: NO_DATAGRAMS },
  });

/** A ClientHello of DTLS that was answered with a HelloVerifyRequest, and the next one in `records` fragments, which was not. */
const behindCookie = (records: number, times: number) =>
  dtlsConnection({
    outcome: 'failed',
    phase: 'client-hello',
    serverHello: null,
    serverCertificates: [],
    messages: [
      message('client_hello', 'client', 1),
      message('hello_verify_request', 'server', 2),
      message('client_hello', 'client', 4, { records, length: 212 }),
    ],
    transport: { client: { mostResent: { ...sighting('client', 9), message: 'client_hello', times } } },
  });

/** A ClientHello of 522 bytes that fits into one segment, but came in two, the first in frame 3. */
const splitHello = {
  phase: 'client-hello',
  outcome: 'failed',
  messages: [message('client_hello', 'client', 4, { length: 513 })],
} as const;
const inTwo = { client: { firstData: sighting('client', 3) } } as const;
/** The server closes; the alert with which the client answers is not acknowledged. */
const closed = {
  ending: { by: 'server', how: 'close', frame: 6 },
  transport: { client: { ...inTwo.client, acknowledged: false, lastData: sighting('client', 7) } },
} as const;
const inOne = connection({
  id: '2',
  clientHello: { frame: 24 },
  serverHello: { frame: 25 },
  messages: [message('client_hello', 'client', 24, { length: 513 })],
  transport: { client: { firstData: sighting('client', 24) } },
});

testRule(clientHelloSizeIntolerant, {
  basis: 'fact',
  fires: [
    {
      name: 'a ClientHello of DTLS in three datagrams, never answered (Mbed TLS 2.28.3)',
      connection: inDatagrams(1),
      support: 'open',
      explanation: 'fragments',
      frames: [1, 3],
    },
    {
      name: 'a ClientHello of DTLS in two fragments, never answered, behind a whole one that was (Mbed TLS 2.28.3)',
      connection: behindCookie(2, 2),
      support: 'supported',
      explanation: 'fragmentsAfterCookie',
      data: { bytes: 212, records: 2, times: 'twice' },
      frames: [1, 4],
    },
    {
      name: 'closed where the client splits what would fit into one segment, beside one that it did not split (HAProxy)',
      connection: connection({ ...splitHello, ...closed }),
      others: [inOne],
      support: 'supported',
      explanation: 'split',
      data: { bytes: 522, how: 'by closing the connection' },
      frames: [3, 4, 6, 25],
    },
    {
      name: 'the same a minute later: the server may close on everybody by now',
      connection: connection({ ...splitHello, ...closed }),
      others: [{ ...inOne, startedAt: at(-60) }],
      support: 'open',
      explanation: 'split',
      frames: [3, 4, 6, 25],
    },
    {
      name: 'reset, beside a small one that worked',
      connection: failed({ ...reset, clientHello: postQuantum }),
      others: [small],
      support: 'supported',
      explanation: 'postQuantum',
      data: { bytes: 1750, longest: 522, group: 'X25519MLKEM768', how: 'with a TCP reset' },
      frames: [4, 6, 25],
    },
    {
      name: 'reset a minute after a small one worked: the server may refuse everybody by now',
      connection: failed({ ...reset, clientHello: postQuantum }),
      others: [{ ...small, startedAt: at(-60) }],
      support: 'open',
      explanation: 'postQuantum',
      frames: [4, 6, 25],
    },
    {
      name: 'illegal_parameter, of who has read it: it may mean a share that it does not expect',
      connection: failed({ clientHello: postQuantum, alerts: [alert({ code: 47, name: 'illegal_parameter' })] }),
      others: [small],
      support: 'open',
      explanation: 'postQuantum',
      frames: [4, 6, 25],
    },
    {
      name: 'reset by a device before the server acknowledged it',
      connection: failed({ ...reset, transport: { client: { acknowledged: false } } }),
      others: [small],
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'with a TCP reset' },
      frames: [4, 6, 25],
    },
    {
      name: 'closed, large for another reason',
      connection: failed({ ending: { by: 'server', how: 'close', frame: 6 } }),
      others: [small],
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'by closing the connection' },
      frames: [4, 6, 25],
    },
    {
      name: 'acknowledged, and no answer: the client leaves after a while',
      connection: failed({ ending: { by: 'client', how: 'close', frame: 600 }, lastFrame: 600 }),
      others: [small],
      support: 'supported',
      explanation: 'explanation',
      data: { how: 'with silence' },
      frames: [4, 25, 600],
    },
    {
      name: 'an alert of who has read it: it may mean what else it refuses, as one of several servers',
      connection: failed({ alerts: [alert({ code: 40, name: 'handshake_failure' })] }),
      others: [small],
      support: 'open',
      explanation: 'explanation',
      data: { how: 'with alert handshake_failure (40)' },
      frames: [4, 6, 25],
    },
    {
      name: 'an alert of who cannot decode it, and another server name: that may be it as well',
      connection: failed({
        clientHello: { serverName: 'shop.example.net' },
        alerts: [alert({ code: 50, name: 'decode_error' })],
      }),
      others: [small],
      support: 'open',
      explanation: 'unlike',
      data: { how: 'with alert decode_error (50)' },
      frames: [4, 6, 25],
    },
    {
      name: 'reset, and no other connection shows what the server takes',
      connection: failed(reset),
      support: 'open',
      explanation: 'alone',
      data: { bytes: 1750, how: 'with a TCP reset' },
      frames: [4, 6],
    },
    {
      name: 'an alert of who cannot decode it, and no other connection',
      connection: failed({ alerts: [alert({ code: 50, name: 'decode_error' })] }),
      support: 'open',
      explanation: 'alone',
      data: { how: 'with alert decode_error (50)' },
      frames: [4, 6],
    },
    {
      name: 'reset, and a small one got an alert: another way',
      connection: failed(reset),
      others: [{ ...refusedSmall, alerts: [alert({ code: 80, name: 'internal_error', frame: 25 })] }],
      support: 'open',
      explanation: 'alone',
      frames: [4, 6],
    },
    {
      name: 'reset, as was a small one, beside one that worked: its length is not all',
      connection: failed(reset),
      others: [small, refusedSmall],
      support: 'open',
      explanation: 'explanation',
      frames: [4, 6, 25],
    },
    {
      name: 'a good-bye to it, as a warning',
      connection: failed({ alerts: [alert({ code: 0, name: 'close_notify', level: 'warning' })] }),
      support: 'open',
      explanation: 'alone',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'closed where something else came before it, beside one that came in one segment',
      connection: connection({ ...splitHello, ...closed, plaintext: [words('client', 3, '\r\n')] }),
      others: [inOne],
    },
    {
      name: 'a split one, whose answer the capture lacks',
      connection: connection({
        ...splitHello,
        ...closed,
        transport: { ...closed.transport, server: { missing: 1400 } },
      }),
      others: [inOne],
    },
    {
      name: 'a ClientHello that the client splits, and none to compare',
      connection: connection({ ...splitHello, ...closed }),
    },
    {
      name: 'the same beside one with another server name',
      connection: connection({ ...splitHello, ...closed, clientHello: { serverName: 'other.example' } }),
      others: [inOne],
    },
    {
      name: 'the same beside another one that the client split',
      connection: connection({ ...splitHello, ...closed }),
      others: [
        connection({
          id: '2',
          clientHello: { frame: 24 },
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 513 })],
          transport: { client: { firstData: sighting('client', 23) } },
        }),
      ],
    },
    {
      name: 'the same beside a whole one and another one that the client split',
      connection: connection({ ...splitHello, ...closed }),
      others: [
        inOne,
        connection({
          id: '3',
          clientHello: { frame: 34 },
          serverHello: { frame: 35 },
          messages: [message('client_hello', 'client', 34, { length: 513 })],
          transport: { client: { firstData: sighting('client', 33) } },
        }),
      ],
    },
    {
      name: 'one that was not split',
      connection: connection({
        ...splitHello,
        ...closed,
        transport: { client: { firstData: sighting('client', 4) } },
      }),
      others: [inOne],
    },
    { name: 'a whole ClientHello of DTLS behind a cookie, never answered', connection: behindCookie(1, 3) },
    { name: 'one in fragments that was sent again only once', connection: behindCookie(2, 1) },
    { name: 'a ClientHello of DTLS in one datagram, never answered', connection: inDatagrams(3) },
    {
      name: 'an alert of who has read it, and no other connection',
      connection: failed({ alerts: [alert({ code: 40, name: 'handshake_failure' })] }),
    },
    {
      name: 'a small one fails',
      connection: connection({ phase: 'client-hello', outcome: 'failed', ...reset }),
      others: [small],
    },
    {
      name: 'the server names the fault',
      connection: failed({ alerts: [alert({ code: 70, name: 'protocol_version' })] }),
      others: [small],
    },
    {
      name: 'reset before the server acknowledged it, and no other shows what it answers',
      connection: failed({ ...reset, transport: { client: { acknowledged: false } } }),
    },
    {
      name: 'it never arrived, although the client sent it again, and a reset ended the wait',
      connection: failed({
        ...reset,
        transport: { client: { acknowledged: false, resentInVain: { bytes: 1448, times: 3 } } },
      }),
      others: [small],
    },
    {
      name: 'the client leaves at once',
      connection: failed({ ending: { by: 'client', how: 'close', frame: 6 } }),
      others: [small],
    },
    {
      name: 'the server had answered',
      connection: connection({ phase: 'server-hello', ...large, ...reset }),
      others: [small],
    },
  ],
  excluded: [
    {
      name: 'a small one is reset as well, and none worked',
      connection: failed(reset),
      others: [refusedSmall],
      because: 'shorterFailed',
      frames: [24],
    },
    {
      name: 'one as large worked',
      connection: failed(reset),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          messages: [message('client_hello', 'client', 24, { length: 1500 })],
        }),
      ],
      because: 'longerWorked',
      frames: [25],
    },
  ],
});
