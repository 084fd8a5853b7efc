import { ipFragmentsLost } from '../../../src/diagnose/rules/ip-fragments-lost.js';
import { alert, sighting } from '../../support/connections.js';
import { dtlsConnection } from '../../support/datagrams.js';
import { eapConnection, eapSide } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const failed = { outcome: 'failed', phase: 'server-hello' } as const;
const lost = (from: 'client' | 'server', datagrams: number) => ({ ...sighting(from, 4), datagrams });

const waiting = {
  ...failed,
  eap: { result: null },
  ending: { by: 'none', how: 'none', frame: null, at: null },
} as const;
const turn = { client: eapSide('client', 7, 20), server: eapSide('server', 6, 600) };

testRule(ipFragmentsLost, {
  basis: 'fact',
  fires: [
    {
      name: 'of a RADIUS request only the first fragments come',
      connection: eapConnection({
        ...waiting,
        transport: {
          ...turn,
          unanswered: { first: sighting('client', 7), last: sighting('client', 9), times: 3, isCut: true },
        },
      }),
      support: 'supported',
      explanation: 'radius',
      data: { times: '3 times' },
      frames: [7],
    },
    {
      name: 'a large answer of the supplicant is the last',
      connection: eapConnection({
        ...waiting,
        transport: { ...turn, kind: 'eapol', client: eapSide('client', 7, 1404) },
      }),
      support: 'open',
      explanation: 'behind',
      data: { bytes: 1404 },
      frames: [6, 7],
    },
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
    {
      name: 'a small answer of the supplicant is the last',
      connection: eapConnection({ ...waiting, transport: turn }),
    },
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
