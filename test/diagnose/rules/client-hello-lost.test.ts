import { clientHelloLost } from '../../../src/diagnose/rules/client-hello-lost.js';
import { at, connection, sighting } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const timeout = { by: 'none', how: 'timeout', frame: 9 } as const;

testRule(clientHelloLost, {
  basis: 'ending',
  fires: [
    {
      name: 'over QUIC, and the capture ends while the client still tries',
      connection: quicConnection({
        quic: { isHelloAcknowledged: false, helloPart: sighting('server', 6) },
        udp: { client: { retransmissions: 6 } },
        ending: { how: 'none', frame: null, at: null },
      }),
      support: 'open',
      explanation: 'quic',
      frames: [4, 6],
    },
    {
      name: 'over QUIC, the server has the first packet of it alone',
      connection: quicConnection({ quic: { isHelloAcknowledged: false }, udp: { client: { retransmissions: 6 } } }),
      support: 'confirmed',
      explanation: 'quic',
      data: { bytes: 1500, times: '7 times' },
      frames: [4, 5],
    },
    {
      name: 'sent five times, never acknowledged',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 4, bytes: 517 } },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { bytes: 517, times: '5 times' },
      frames: [4],
    },
    {
      name: 'the server repeats its SYN-ACK meanwhile: it lacks the ACK as well',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: {
          synAcks: [sighting('server', 2), sighting('server', 6), sighting('server', 8)],
          client: { acknowledged: false, retransmissions: 4, bytes: 517 },
        },
      }),
      support: 'open',
      explanation: 'explanation',
      frames: [4],
    },
    {
      name: 'a firewall says by ICMP that it forbids it',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: {
          icmp: [
            {
              frame: 5,
              at: at(0.05),
              router: '203.0.113.1',
              about: 'client',
              type: 3,
              code: 13,
              meaning: 'prohibited',
              mtu: null,
            },
          ],
          client: { acknowledged: false, retransmissions: 6, bytes: 517 },
        },
      }),
      support: 'confirmed',
      explanation: 'refused',
      data: { router: '203.0.113.1', bytes: 517, times: '7 times' },
      frames: [4, 5],
    },
    {
      name: 'sent twice, without a server name, over IPv6',
      connection: connection({
        clientHello: { serverName: null },
        server: { address: '2001:db8::20', port: 443 },
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { times: 'twice', server: '[2001:db8::20]:443' },
      frames: [4],
    },
    {
      name: 'with a post-quantum key share, in two segments; shorter ones got through',
      connection: connection({
        clientHello: { keyShareGroups: ['X25519MLKEM768', 'x25519'] },
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 4, bytes: 1742 } },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'confirmed',
      explanation: 'largeAlone',
      data: {
        shorter: 313,
        size: '1742 bytes, more than one segment, because of its post-quantum key share X25519MLKEM768',
      },
      frames: [4, 25],
    },
    {
      name: 'in two segments, of which the first was acknowledged',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: {
          client: {
            acknowledged: false,
            retransmissions: 3,
            bytes: 1511,
            resentInVain: { bytes: 51, times: 3, after: 1460 },
          },
        },
      }),
      support: 'confirmed',
      explanation: 'rest',
      data: { heard: 1460 },
      frames: [4],
    },
    {
      name: 'in two segments, nothing else is known',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 2, bytes: 2012 } },
      }),
      support: 'confirmed',
      explanation: 'large',
      data: { size: '2012 bytes, more than one segment' },
      frames: [4],
    },
  ],
  silent: [
    {
      name: 'the server had closed before it came, and resets what comes later',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 3 },
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
    },
    {
      name: 'a reset in the name of the server answers it at once',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'reset', frame: 9 },
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
    },
    {
      name: 'over QUIC, the server answers: it has all of it, which the capture lacks',
      connection: quicConnection({
        serverHello: {},
        quic: { isHelloAcknowledged: false, helloPart: sighting('server', 6) },
        udp: { client: { retransmissions: 1 } },
      }),
    },
    {
      name: 'over QUIC, the server has all of it',
      connection: quicConnection({ quic: { isHelloAcknowledged: true }, udp: { client: { retransmissions: 6 } } }),
    },
    {
      name: 'over QUIC, the server has a part of it, and the rest was sent once',
      connection: quicConnection({ quic: { isHelloAcknowledged: false } }),
    },
    {
      name: 'over QUIC, the server has a part of it, and refuses',
      connection: quicConnection({
        quic: { isHelloAcknowledged: false, closes: [quicClose()] },
        udp: { client: { retransmissions: 6 } },
      }),
    },
    { name: 'acknowledged, and no answer', connection: connection({ phase: 'client-hello', ending: timeout }) },
    {
      name: 'not acknowledged, but not sent again either: the capture may lack the acknowledgement',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false } },
      }),
    },
    {
      name: 'the SYN-ACK is not in the capture',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { synAck: null, client: { acknowledged: false, retransmissions: 3 } },
      }),
    },
    {
      name: 'the server answers',
      connection: connection({
        phase: 'server-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
    },
  ],
});
