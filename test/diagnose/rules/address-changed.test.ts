import type { Connection } from '../../../src/connection/connection.js';
import { addressChanged } from '../../../src/diagnose/rules/address-changed.js';
import type { Lookup } from '../../../src/names/lookups.js';
import { alert, at, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const OLD = '198.51.100.10';
const NEW = '198.51.100.20';

/** What www.example.com was looked up as in those frames, at the seconds before or behind the connections. */
function lookup(...answers: readonly (readonly [frame: number, second: number, ...addresses: string[]])[]): Lookup {
  return {
    protocol: 'dns',
    client: '192.0.2.10',
    name: 'www.example.com',
    asked: answers.length,
    answered: answers.length,
    firstAsked: null,
    lastAsked: null,
    answers: answers.map(([frame, second, ...addresses]) => ({
      frame,
      at: at(second),
      type: 'A',
      code: 0,
      addresses,
      aliases: [],
      ttl: 60,
      resolver: '192.0.2.53',
    })),
  };
}

const reset = {
  outcome: 'failed',
  phase: 'client-hello',
  serverHello: null,
  ending: { by: 'server', how: 'reset' },
} as const;
const there = (address: string): { readonly address: string; readonly port: number } => ({ address, port: 443 });
const failed = connection({ ...reset, server: there(NEW), startedAt: at(60) });
const workedAtOld = connection({ id: '2', server: there(OLD) });
const nameless = (of: Connection): Connection => ({ ...of, clientHello: null });

testRule(addressChanged, {
  basis: 'fact',
  fires: [
    {
      name: 'the name led elsewhere, where it worked',
      connection: failed,
      others: [workedAtOld],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
      support: 'open',
      explanation: 'before',
      data: { name: 'www.example.com', others: [OLD] },
      frames: [5, 101, 102],
    },
    {
      name: 'the client goes by an old answer',
      connection: connection({ ...reset, server: there(OLD), startedAt: at(60) }),
      others: [connection({ id: '2', server: there(NEW) })],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
      support: 'open',
      explanation: 'since',
      data: { others: [NEW] },
      frames: [5, 101, 102],
    },
    {
      name: 'a connection that never came to a ClientHello is known by what was looked up',
      connection: nameless(failed),
      others: [workedAtOld],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
      support: 'open',
      explanation: 'before',
      frames: [5, 101, 102],
    },
  ],
  silent: [
    { name: 'nothing was looked up', connection: failed, others: [workedAtOld] },
    {
      name: 'the name led there all the time',
      connection: failed,
      others: [workedAtOld],
      lookups: [lookup([101, -5, OLD, NEW], [102, 50, NEW])],
    },
    {
      name: 'at the other address nothing worked',
      connection: failed,
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
    },
    {
      name: 'at the other address another name worked',
      connection: failed,
      others: [connection({ id: '2', server: there(OLD), clientHello: { serverName: 'api.example.com' } })],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
    },
    {
      name: 'it works here too',
      connection: failed,
      others: [workedAtOld, connection({ id: '3', server: there(NEW) })],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
    },
    {
      name: 'the name that moved is not the one that is asked for',
      connection: connection({ ...failed, clientHello: { serverName: 'api.example.com' } }),
      others: [connection({ id: '2', server: there(OLD), clientHello: { serverName: 'api.example.com' } })],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
    },
    {
      name: 'an alert says what is wrong',
      connection: connection({
        ...failed,
        alerts: [alert({ from: 'client', name: 'certificate_expired', code: 45 })],
      }),
      others: [workedAtOld],
      lookups: [lookup([101, -5, OLD], [102, 50, NEW])],
    },
    {
      name: 'the name leads elsewhere only afterwards',
      connection: failed,
      others: [workedAtOld],
      lookups: [lookup([101, -5, NEW], [102, 70, OLD])],
    },
  ],
});
