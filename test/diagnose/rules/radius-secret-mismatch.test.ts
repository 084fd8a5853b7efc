import { radiusSecretMismatch } from '../../../src/diagnose/rules/radius-secret-mismatch.js';
import { sighting } from '../../support/connections.js';
import { eapConnection, eapSide } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const none = { by: 'none', how: 'none', frame: null, at: null } as const;
const failed = {
  outcome: 'failed',
  phase: 'client-hello',
  clientHello: null,
  eap: { result: null, started: [] },
  ending: none,
} as const;
const unanswered = { first: sighting('client', 1), last: sighting('client', 2), times: 2, isCut: false };
const transport = {
  client: eapSide('client', 1, 20),
  server: { last: null, packets: 0 },
  answers: 0,
  unanswered,
} as const;
const icmp = {
  ...sighting('server', 2),
  router: '198.51.100.20',
  about: 'client',
  type: 3,
  code: 3,
  meaning: 'port-unreachable',
  mtu: null,
} as const;

testRule(radiusSecretMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'no request of this sender has an answer',
      connection: eapConnection({ ...failed, transport }),
      support: 'open',
      explanation: 'explanation',
      data: { sender: '198.51.100.1', server: '198.51.100.20:1812' },
      frames: [1],
    },
    {
      name: 'and those of others have',
      connection: eapConnection({ ...failed, transport }),
      others: [eapConnection({ id: '9', client: { address: '198.51.100.7', port: 40000 } })],
      support: 'supported',
      explanation: 'others',
      frames: [1, 5],
    },
  ],
  silent: [
    {
      name: 'the server had answered',
      connection: eapConnection({ ...failed, transport: { ...transport, answers: 1 } }),
    },
    {
      name: 'its host says that nothing listens',
      connection: eapConnection({ ...failed, transport: { ...transport, icmp: [icmp] } }),
    },
    {
      name: 'the capture ends with the first request',
      connection: eapConnection({ ...failed, transport: { ...transport, unanswered: { ...unanswered, times: 1 } } }),
    },
    {
      name: 'the request did not arrive whole',
      connection: eapConnection({ ...failed, transport: { ...transport, unanswered: { ...unanswered, isCut: true } } }),
    },
  ],
});
