import { radiusSilent } from '../../../src/diagnose/rules/radius-silent.js';
import { at, sighting } from '../../support/connections.js';
import { eapConnection, eapSide } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const unanswered = (times: number) => ({
  first: sighting('client', 7),
  last: sighting('client', 9),
  times,
  isCut: false,
});
const failed = {
  outcome: 'failed',
  phase: 'client-hello',
  clientHello: null,
  eap: { result: null, started: [] },
} as const;
const silent = { by: 'none', how: 'timeout', frame: 7, at: at(0.07) } as const;
const cut = { by: 'none', how: 'none', frame: null, at: null } as const;
const turn = { client: eapSide('client', 7, 20), server: eapSide('server', 6, 10) };

testRule(radiusSilent, {
  basis: 'ending',
  fires: [
    {
      name: 'a request, sent three times, has no answer',
      connection: eapConnection({
        ...failed,
        ending: cut,
        transport: { ...turn, answers: 0, unanswered: unanswered(3) },
      }),
      support: 'supported',
      explanation: 'never',
      data: { server: '198.51.100.20:1812', times: '3 times' },
      frames: [7],
    },
    {
      name: 'after others that had one',
      connection: eapConnection({
        ...failed,
        ending: silent,
        transport: { ...turn, answers: 2, unanswered: unanswered(1) },
      }),
      support: 'supported',
      explanation: 'halfway',
      data: { answers: 2 },
      frames: [7],
    },
    {
      name: 'seen between supplicant and switch',
      connection: eapConnection({ ...failed, ending: silent, transport: { ...turn, kind: 'eapol' } }),
      support: 'supported',
      explanation: 'behind',
      data: { identity: 'alice' },
      frames: [6, 7],
    },
    {
      name: 'as far as a capture of nothing else can show it',
      connection: eapConnection({ ...failed, ending: cut, transport: { ...turn, kind: 'eapol' } }),
      support: 'open',
      explanation: 'behind',
      frames: [6, 7],
    },
    {
      name: 'or a large packet got lost',
      connection: eapConnection({
        ...failed,
        ending: silent,
        transport: { ...turn, client: eapSide('client', 7, 1400), kind: 'eapol' },
      }),
      support: 'open',
      explanation: 'behind',
      frames: [6, 7],
    },
  ],
  silent: [
    {
      name: 'it is the turn of the supplicant',
      connection: eapConnection({
        ...failed,
        ending: silent,
        transport: { server: eapSide('server', 8, 10), client: eapSide('client', 7, 10) },
      }),
    },
    {
      name: 'the server said how it ended',
      connection: eapConnection({
        ...failed,
        eap: { result: { ...sighting('server', 8), isSuccess: false } },
        transport: turn,
      }),
    },
  ],
});
