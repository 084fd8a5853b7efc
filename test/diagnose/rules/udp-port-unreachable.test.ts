import { udpPortUnreachable } from '../../../src/diagnose/rules/udp-port-unreachable.js';
import type { IcmpError } from '../../../src/connection/connection.js';
import { at, connection } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const error = (overrides: Partial<IcmpError> = {}): IcmpError => ({
  frame: 2,
  at: at(0.02),
  router: '198.51.100.20',
  about: 'client',
  type: 3,
  code: 3,
  meaning: 'port-unreachable',
  mtu: null,
  ...overrides,
});
const refused = { outcome: 'failed', phase: 'client-hello', serverHello: null, messages: [] } as const;

testRule(udpPortUnreachable, {
  basis: 'fact',
  fires: [
    {
      name: 'the host answers the first datagram',
      connection: dtlsConnection({ ...refused, transport: { icmp: [error()], server: NO_DATAGRAMS } }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { host: '198.51.100.20', port: 443, router: '198.51.100.20' },
      frames: [1, 2],
    },
    {
      name: 'another address answers: a firewall, or the host under another address',
      connection: dtlsConnection({
        ...refused,
        transport: { icmp: [error({ router: '203.0.113.1' })], server: NO_DATAGRAMS },
      }),
      support: 'confirmed',
      explanation: 'elsewhere',
      data: { host: '198.51.100.20', router: '203.0.113.1' },
      frames: [1, 2],
    },
  ],
  silent: [
    {
      name: 'the server had answered: its program has gone since',
      connection: dtlsConnection({ ...refused, transport: { icmp: [error()] } }),
    },
    {
      name: 'the port of the client is closed',
      connection: dtlsConnection({
        ...refused,
        transport: { icmp: [error({ about: 'server' })], server: NO_DATAGRAMS },
      }),
    },
    {
      name: 'a firewall says no',
      connection: dtlsConnection({
        ...refused,
        transport: { icmp: [error({ code: 13, meaning: 'prohibited' })], server: NO_DATAGRAMS },
      }),
    },
    { name: 'over TCP', connection: connection({ phase: 'tcp-connect', transport: { icmp: [error()] } }) },
  ],
});
