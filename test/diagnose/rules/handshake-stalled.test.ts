import { handshakeStalled } from '../../../src/diagnose/rules/handshake-stalled.js';
import { alert, message, sighting } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { testRule } from '../../support/rule-tester.js';

const failed = { outcome: 'failed', phase: 'client-hello', serverHello: null } as const;
const resent = { ...sighting('client', 9), message: 'client_hello', times: 3 };
const verified = [message('client_hello', 'client', 1), message('hello_verify_request', 'server', 2)];

testRule(handshakeStalled, {
  basis: 'ending',
  fires: [
    {
      name: 'the ClientHello with the cookie is never answered',
      connection: dtlsConnection({ ...failed, messages: verified, transport: { client: { mostResent: resent } } }),
      support: 'confirmed',
      explanation: 'unanswered',
      data: { from: 'client', peer: 'server', message: 'ClientHello' },
      frames: [1, 2, 9],
    },
    {
      name: 'the server answers, and the client goes on asking',
      connection: dtlsConnection({
        outcome: 'failed',
        phase: 'server-hello',
        messages: [...verified, message('server_hello', 'server', 4)],
        transport: { client: { mostResent: resent } },
      }),
      support: 'confirmed',
      explanation: 'lost',
      data: { from: 'client', peer: 'server' },
      frames: [1, 4, 9],
    },
    {
      name: "the server repeats its flight: the client's answer does not come",
      connection: dtlsConnection({
        outcome: 'failed',
        phase: 'server-hello',
        messages: [...verified, message('server_hello', 'server', 4)],
        transport: { server: { mostResent: { ...sighting('server', 9), message: 'server_hello', times: 3 } } },
      }),
      support: 'confirmed',
      explanation: 'unanswered',
      data: { from: 'server', peer: 'client', message: 'ServerHello' },
      frames: [1, 9],
    },
  ],
  silent: [
    {
      name: 'the server never said anything',
      connection: dtlsConnection({ ...failed, transport: { client: { mostResent: resent }, server: NO_DATAGRAMS } }),
    },
    {
      name: 'an alert ended it',
      connection: dtlsConnection({ ...failed, alerts: [alert()], transport: { client: { mostResent: resent } } }),
    },
    { name: 'nothing was sent again', connection: dtlsConnection({ ...failed, messages: verified }) },
  ],
});
