import { userCanceled } from '../../../src/diagnose/rules/user-canceled.js';
import { alert, at, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const canceled = alert({ from: 'client', level: 'warning', code: 90, name: 'user_canceled' });

testRule(userCanceled, {
  basis: 'alert',
  fires: [
    {
      name: 'a warning, and close_notify (Java)',
      connection: connection({
        outcome: 'failed',
        phase: 'server-certificate',
        ending: { by: 'client', how: 'close', frame: 8 },
        alerts: [canceled, alert({ from: 'client', level: 'warning', code: 0, name: 'close_notify', frame: 7 })],
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { from: 'client', waited: '20 ms' },
      frames: [4, 6],
    },
    {
      name: 'fatal',
      connection: connection({ clientHello: { serverName: null }, alerts: [{ ...canceled, level: 'fatal' }] }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 6],
    },
    {
      name: 'the ClientHello is not in the capture',
      connection: connection({ clientHello: null, outcome: 'failed', phase: 'server-hello', alerts: [canceled] }),
      support: 'confirmed',
      explanation: 'unseen',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'after five seconds without an answer of the server: a time limit (Java)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        alerts: [{ ...canceled, at: at(5) }],
        ending: { by: 'client', how: 'close', frame: 7, at: at(5) },
      }),
    },
    { name: 'another alert', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
    {
      name: 'a fatal alert besides',
      connection: connection({ alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 5 }), canceled] }),
    },
    {
      name: 'at the end of a connection that worked',
      connection: connection({ outcome: 'established', phase: 'application-data', alerts: [canceled] }),
    },
  ],
});
