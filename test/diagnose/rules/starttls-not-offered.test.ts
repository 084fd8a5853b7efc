import { starttlsNotOffered } from '../../../src/diagnose/rules/starttls-not-offered.js';
import { at, connection } from '../../support/connections.js';
import { BEFORE_TLS, demand, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const offer = { step: 'offer', from: 'server', frame: 8, at: at(0.08), text: '250-XXXXXXXA' } as const;
const said = (text: string) => ({ step: 'plaintext', from: 'client', frame: 9, at: at(0.09), text }) as const;
const asked = { step: 'request', from: 'client', frame: 9, at: at(0.09), text: 'STARTTLS' } as const;
const REFUSAL = '500 5.5.1 Command unrecognized: "XXXXXXXX"';
const DEMAND = '530 5.7.0 Must issue a STARTTLS command first';
const masked = preamble({ state: 'masked', reply: null, steps: [offer, said('QUIT')] });
const notTls = { ...BEFORE_TLS, outcome: 'not-tls', ending: { by: 'server', how: 'close', frame: 11 } } as const;

testRule(starttlsNotOffered, {
  basis: 'fact',
  fires: [
    {
      name: 'a firewall overwrote the offer, and the client leaves',
      connection: connection({ ...notTls, preamble: masked }),
      support: 'supported',
      explanation: 'masked',
      data: { line: '250-XXXXXXXA' },
      frames: [8, 9, 11],
    },
    {
      name: 'the client asks all the same, and leaves upon the answer (Nodemailer with requireTLS)',
      connection: connection({
        ...notTls,
        preamble: { ...masked, reply: REFUSAL, steps: [offer, asked, said('QUIT')] },
      }),
      support: 'supported',
      explanation: 'maskedAsked',
      data: { reply: REFUSAL },
      frames: [8, 9, 11],
    },
    {
      name: 'the client asks all the same, and begins TLS whatever the answer is (s_client)',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { frame: 12 },
        preamble: { ...masked, reply: REFUSAL, steps: [offer, asked] },
        ending: { by: 'client', how: 'close', frame: 14 },
      }),
      support: 'supported',
      explanation: 'maskedAsked',
      frames: [8, 9, 14],
    },
    {
      name: 'the client goes on without TLS, which the server refuses (smtplib)',
      connection: connection({
        ...notTls,
        preamble: { ...masked, steps: [offer, said('MAIL FROM:<a@b.example>')] },
        plaintext: [words('server', 4, '220 mx'), words('client', 6, 'EHLO me'), demand('smtp', 10, DEMAND)],
      }),
      support: 'supported',
      explanation: 'maskedDemanded',
      data: { reply: DEMAND },
      frames: [8, 9, 11],
    },
    {
      name: 'the client leaves without a word',
      connection: connection({ ...notTls, preamble: { ...masked, steps: [offer] } }),
      support: 'supported',
      explanation: 'masked',
      frames: [8, 11],
    },
    {
      name: 'a server that goes over to TLS with others and not here, and the client says good-bye at once',
      connection: connection({ ...notTls, preamble: { ...masked, state: 'not-offered' } }),
      others: [connection({ id: '2', preamble: preamble({ state: 'accepted' }), serverHello: { frame: 25 } })],
      support: 'open',
      explanation: 'absentHere',
      frames: [8, 9, 11, 25],
    },
    {
      name: 'a server that has no TLS, and the client that asked for its list closes (curl)',
      connection: connection({
        ...notTls,
        preamble: { ...masked, state: 'not-offered', steps: [offer] },
        transport: { client: { bytes: 17 } },
      }),
      support: 'open',
      explanation: 'absent',
      frames: [8, 11],
    },
  ],
  silent: [
    {
      name: 'a firewall overwrote the offer, and the client sends its mail without TLS',
      connection: connection({ ...notTls, preamble: { ...masked, steps: [offer, said('MAIL FROM:<a@b.example>')] } }),
    },
    {
      name: 'a check of a server that has no TLS: EHLO and QUIT (HAProxy 2.6, swaks)',
      connection: connection({ ...notTls, preamble: { ...masked, state: 'not-offered' } }),
    },
    {
      name: 'MySQL without TLS, and a client that logs in',
      connection: connection({
        ...notTls,
        preamble: { ...masked, kind: 'mysql', state: 'not-offered', steps: [offer] },
        transport: { client: { bytes: 80 } },
      }),
    },
    {
      name: 'a server that has no TLS, and a client that never said a word, as health checks do',
      connection: connection({
        ...notTls,
        preamble: { ...masked, state: 'not-offered', steps: [offer] },
        transport: { client: { bytes: 0 } },
      }),
    },
    {
      name: 'a server that has no TLS, and a client that goes on without it',
      connection: connection({
        ...notTls,
        preamble: { ...masked, state: 'not-offered', steps: [offer, said('MAIL FROM:<a@b.example>')] },
      }),
    },
    {
      name: 'the client delivers its mail without TLS',
      connection: connection({ ...notTls, preamble: { ...masked, steps: [offer, said('MAIL FROM:<a@b.example>')] } }),
    },
    {
      name: 'the capture ends first',
      connection: connection({ ...notTls, preamble: masked, ending: { by: 'none', how: 'none' } }),
    },
  ],
});
