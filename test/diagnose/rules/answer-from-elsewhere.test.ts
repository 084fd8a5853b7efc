import { answerFromElsewhere } from '../../../src/diagnose/rules/answer-from-elsewhere.js';
import type { UdpFacts } from '../../../src/connection/connection.js';
import { at } from '../../support/connections.js';
import { dtlsConnection, NO_DATAGRAMS } from '../../support/datagrams.js';
import { quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const stray = (isProven: boolean, frame = 2): NonNullable<UdpFacts['strayAnswer']> => ({
  frame,
  at: at(0.02),
  from: 'server',
  source: { address: '198.51.100.21', port: 443 },
  isProven,
  datagrams: 1,
});
const unanswered = { outcome: 'failed', phase: 'client-hello', serverHello: null, messages: [] } as const;

testRule(answerFromElsewhere, {
  basis: 'fact',
  fires: [
    {
      name: 'over QUIC, where keys prove whose answer it is',
      connection: quicConnection({ udp: { strayAnswer: stray(true, 5), server: NO_DATAGRAMS } }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { server: '198.51.100.20:443', source: '198.51.100.21:443', client: '192.0.2.10', port: 443 },
      frames: [4, 5, 6],
    },
    {
      name: 'over DTLS, where it looks like one',
      connection: dtlsConnection({ ...unanswered, transport: { strayAnswer: stray(false), server: NO_DATAGRAMS } }),
      support: 'supported',
      explanation: 'explanation',
      frames: [1, 2, 8],
    },
  ],
  silent: [
    {
      name: 'no answer came from elsewhere',
      connection: quicConnection({ udp: { server: NO_DATAGRAMS } }),
    },
    {
      name: 'the client did not ask again: the answer may have been taken',
      connection: dtlsConnection({ ...unanswered, transport: { strayAnswer: stray(false, 9), server: NO_DATAGRAMS } }),
    },
    {
      name: 'the server answered from where it was asked, too',
      connection: dtlsConnection({ ...unanswered, transport: { strayAnswer: stray(false) } }),
    },
    {
      name: 'the handshake went on',
      connection: dtlsConnection({ transport: { strayAnswer: stray(false), server: NO_DATAGRAMS } }),
    },
  ],
});
