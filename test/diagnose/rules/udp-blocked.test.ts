import { udpBlocked } from '../../../src/diagnose/rules/udp-blocked.js';
import type { IcmpError } from '../../../src/connection/connection.js';
import { at } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const error = (meaning: IcmpError['meaning'], about: IcmpError['about'] = 'client'): IcmpError => ({
  frame: 2,
  at: at(0.02),
  router: '203.0.113.7',
  about,
  type: 3,
  code: 13,
  meaning,
  mtu: null,
});
const unanswered = { outcome: 'failed', phase: 'client-hello', serverHello: null, messages: [] } as const;

testRule(udpBlocked, {
  basis: 'fact',
  fires: [
    {
      name: 'nothing answers QUIC, which may have other reasons',
      connection: quicConnection({ udp: { client: { datagrams: 4 }, server: { datagrams: 0, bytes: 0 } } }),
      support: 'open',
      explanation: 'silence',
      frames: [4, 6],
    },
    {
      name: 'nothing answers four datagrams',
      connection: dtlsConnection({ ...unanswered, transport: { server: NO_DATAGRAMS } }),
      support: 'open',
      explanation: 'silence',
      data: { count: 4, client: '192.0.2.10', server: '198.51.100.20:443', port: 443 },
      frames: [1, 8],
    },
    {
      name: 'a firewall says no, to the first one',
      connection: dtlsConnection({
        ...unanswered,
        transport: { icmp: [error('prohibited')], client: { datagrams: 1 }, server: NO_DATAGRAMS },
      }),
      support: 'confirmed',
      explanation: 'prohibited',
      data: { router: '203.0.113.7' },
      frames: [1, 2],
    },
    {
      name: 'no way leads to the host',
      connection: dtlsConnection({
        ...unanswered,
        transport: { icmp: [error('host-unreachable')], server: NO_DATAGRAMS },
      }),
      support: 'confirmed',
      explanation: 'noRoute',
      frames: [1, 2],
    },
  ],
  silent: [
    {
      name: 'an answer came from another address',
      connection: quicConnection({
        udp: {
          server: NO_DATAGRAMS,
          strayAnswer: {
            ...{ frame: 5, at: at(0.02), from: 'server', datagrams: 1, isProven: true },
            source: { address: '198.51.100.21', port: 443 },
          },
        },
      }),
    },
    {
      name: 'two datagrams: a client that has lost interest, or a scanner',
      connection: dtlsConnection({ ...unanswered, transport: { client: { datagrams: 2 }, server: NO_DATAGRAMS } }),
    },
    {
      name: 'the port is closed',
      connection: dtlsConnection({
        ...unanswered,
        transport: { icmp: [error('port-unreachable')], server: NO_DATAGRAMS },
      }),
    },
    { name: 'the server answers', connection: dtlsConnection(unanswered) },
  ],
});
