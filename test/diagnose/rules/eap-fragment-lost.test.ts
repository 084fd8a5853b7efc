import { eapFragmentLost } from '../../../src/diagnose/rules/eap-fragment-lost.js';
import { alert, at, sighting } from '../../support/connections.js';
import { eapConnection, eapSide } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const silent = { by: 'none', how: 'timeout', frame: 9, at: at(0.09) } as const;
const cut = { by: 'none', how: 'none', frame: null, at: null } as const;
const failed = { outcome: 'failed', phase: 'server-hello', eap: { result: null }, ending: silent } as const;
const fragment = (frame: number, hasMore: boolean) => ({ ...eapSide('server', frame, 1000), hasMore });
const acknowledged = (frame: number) => eapSide('client', frame, 6);

testRule(eapFragmentLost, {
  basis: 'fact',
  fires: [
    {
      name: 'the supplicant does not acknowledge a fragment: it may be gone',
      connection: eapConnection({ ...failed, transport: { server: fragment(9, true), client: acknowledged(8) } }),
      support: 'open',
      explanation: 'unanswered',
      data: { bytes: 1000, identity: 'alice' },
      frames: [8, 9],
    },
    {
      name: 'as far as a capture of nothing else can show it',
      connection: eapConnection({
        ...failed,
        ending: cut,
        transport: { server: fragment(9, true), client: acknowledged(8) },
      }),
      support: 'open',
      explanation: 'unanswered',
      frames: [8, 9],
    },
    {
      name: 'the last one, after which it may dislike the certificate',
      connection: eapConnection({ ...failed, transport: { server: fragment(9, false), client: acknowledged(8) } }),
      support: 'open',
      explanation: 'unanswered',
      frames: [8, 9],
    },
    {
      name: 'the next fragment does not come',
      connection: eapConnection({ ...failed, transport: { server: fragment(8, true), client: acknowledged(9) } }),
      support: 'open',
      explanation: 'next',
      frames: [8, 9],
    },
  ],
  silent: [
    {
      name: 'what is not answered is small',
      connection: eapConnection({
        ...failed,
        transport: { server: eapSide('server', 9, 60), client: acknowledged(8) },
      }),
    },
    {
      name: 'the message was whole when it was acknowledged',
      connection: eapConnection({ ...failed, transport: { server: fragment(8, false), client: acknowledged(9) } }),
    },
    {
      name: 'an alert ended it',
      connection: eapConnection({
        ...failed,
        alerts: [alert()],
        transport: { server: fragment(9, true), client: acknowledged(8) },
      }),
    },
    {
      name: 'the server failed it',
      connection: eapConnection({
        ...failed,
        eap: { result: { ...sighting('server', 10), isSuccess: false } },
        transport: { server: fragment(9, true), client: acknowledged(8) },
      }),
    },
  ],
});
