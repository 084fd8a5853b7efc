import { ipFragmentsLost } from '../../../src/diagnose/rules/ip-fragments-lost.js';
import { alert, sighting } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const failed = { outcome: 'failed', phase: 'server-hello' } as const;
const lost = (from: 'client' | 'server', datagrams: number) => ({ ...sighting(from, 4), datagrams });

testRule(ipFragmentsLost, {
  basis: 'fact',
  fires: [
    {
      name: 'of three datagrams of the server only the first fragments come',
      connection: dtlsConnection({ ...failed, transport: { server: { fragmented: lost('server', 3) } } }),
      support: 'supported',
      explanation: 'explanation',
      data: { from: 'server', count: 3 },
      frames: [1, 4],
    },
    {
      name: 'of one of the client, which was not sent again: the capture may lack it',
      connection: dtlsConnection({ ...failed, transport: { client: { fragmented: lost('client', 1) } } }),
      support: 'open',
      explanation: 'explanation',
      data: { from: 'client', count: 1 },
      frames: [1, 4],
    },
  ],
  silent: [
    { name: 'no datagram is cut', connection: dtlsConnection(failed) },
    {
      name: 'an alert ended it',
      connection: dtlsConnection({
        ...failed,
        alerts: [alert()],
        transport: { server: { fragmented: lost('server', 3) } },
      }),
    },
  ],
});
