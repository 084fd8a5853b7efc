import { tlsNeverBegan } from '../../../src/diagnose/rules/tls-never-began.js';
import type { PreambleStep } from '../../../src/preamble/protocol.js';
import { alert, at, connection } from '../../support/connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const notTls = { ...BEFORE_TLS, outcome: 'not-tls' } as const;

function turn(step: PreambleStep['step'], frame: number, text: string, seconds = frame / 100): PreambleStep {
  return { step, from: step === 'answer' || step === 'offer' ? 'server' : 'client', frame, at: at(seconds), text };
}

const request = turn('request', 5, 'STARTTLS');
const accepted = preamble({ steps: [request, turn('answer', 6, '220 ready')] });
const requested = preamble({ state: 'requested', reply: null, steps: [request] });
const sslRequest = preamble({
  kind: 'postgres',
  state: 'requested',
  reply: null,
  steps: [turn('request', 4, 'SSLRequest')],
});
const connect = (target: string) =>
  preamble({ kind: 'http-connect', state: 'requested', reply: null, target, steps: [turn('request', 4, 'CONNECT')] });
const agreedTo = (target: string) => {
  const asked = connect(target);
  return { ...asked, state: 'accepted', steps: [...asked.steps, turn('answer', 6, 'HTTP/1.1 200')] } as const;
};
const plainThrough = (target: string) => {
  const agreed = agreedTo(target);
  return { ...agreed, steps: [...agreed.steps, turn('plaintext', 7, 'GET / HTTP/1.1')] };
};
const server = { by: 'server', frame: 8 } as const;
const client = { by: 'client', how: 'close', frame: 8 } as const;

testRule(tlsNeverBegan, {
  basis: 'fact',
  fires: [
    {
      name: 'the server agreed, and the client went on in plaintext',
      connection: connection({
        ...notTls,
        preamble: { ...accepted, steps: [...accepted.steps, turn('plaintext', 7, 'EHLO me')] },
        ending: { ...server, how: 'reset' },
      }),
      support: 'confirmed',
      explanation: 'plaintext',
      data: { words: 'EHLO me' },
      frames: [5, 6, 7, 8],
    },
    {
      name: 'the server agreed, the client went on in plaintext, and the server rejects that with an alert',
      connection: connection({
        ...BEFORE_TLS,
        preamble: { ...accepted, steps: [...accepted.steps, turn('plaintext', 7, 'EHLO me')] },
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 8 })],
        ending: { ...server, how: 'close', frame: 9 },
      }),
      support: 'confirmed',
      explanation: 'plaintext',
      data: { words: 'EHLO me' },
      frames: [5, 6, 7, 8],
    },
    {
      name: 'plaintext through a proxy to a TLS port, and the server says that it expects TLS',
      connection: connection({
        ...notTls,
        preamble: plainThrough('mail.example:443'),
        plaintext: [words('server', 8, 'HTTP/1.1 400 Bad\r\n\r\nThe plain HTTP request was sent to HTTPS port')],
        ending: { ...server, how: 'close', frame: 9, at: at(0.09) },
      }),
      support: 'confirmed',
      explanation: 'plaintextBehindProxy',
      data: { target: 'mail.example:443', words: 'GET / HTTP/1.1' },
      frames: [4, 6, 7, 9],
    },
    {
      name: 'the same, and it is closed without an answer',
      connection: connection({
        ...notTls,
        preamble: plainThrough('mail.example:443'),
        plaintext: [words('server', 6, 'HTTP/1.1 200')],
        ending: { ...server, how: 'close', at: at(0.08) },
      }),
      support: 'open',
      explanation: 'plaintextDropped',
      frames: [4, 6, 7, 8],
    },
    {
      name: 'the server agreed, and a reset came',
      connection: connection({ ...notTls, preamble: accepted, ending: { ...server, how: 'reset' } }),
      support: 'supported',
      basis: 'ending',
      explanation: 'agreedAndReset',
      frames: [5, 6, 8],
    },
    {
      name: 'the server agreed, and closed',
      connection: connection({ ...notTls, preamble: accepted, ending: { ...server, how: 'close' } }),
      support: 'supported',
      basis: 'ending',
      explanation: 'agreedAndClosed',
      frames: [5, 6, 8],
    },
    {
      name: 'the server agreed, and the client left (psql without its file of roots)',
      connection: connection({ ...notTls, preamble: accepted, ending: client }),
      support: 'open',
      basis: 'ending',
      explanation: 'agreedAndLeft',
      frames: [5, 6, 8],
    },
    {
      name: 'the server, which had greeted, closed in place of an answer, and the client sent a ClientHello all the same',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { frame: 9 },
        preamble: requested,
        ending: { ...server, how: 'close' },
        transport: { server: { bytes: 60 } },
      }),
      support: 'supported',
      basis: 'ending',
      explanation: 'closed',
      frames: [5, 8],
    },
    {
      name: 'the answer is of another protocol',
      connection: connection({
        ...notTls,
        preamble: {
          ...sslRequest,
          reply: 'HTTP/1.1 400',
          steps: [...sslRequest.steps, turn('answer', 6, 'HTTP/1.1 400')],
        },
        ending: { ...server, how: 'close' },
      }),
      support: 'supported',
      explanation: 'otherProtocol',
      data: { reply: 'HTTP/1.1 400' },
      frames: [4, 6, 8],
    },
    {
      name: 'the request is reset: nothing may be behind the port',
      connection: connection({ ...notTls, preamble: sslRequest, ending: { ...server, how: 'reset' } }),
      support: 'open',
      basis: 'ending',
      explanation: 'reset',
      frames: [4, 8],
    },
    {
      name: 'SQL Server resets the request: it may demand TDS 8.0',
      connection: connection({
        ...notTls,
        preamble: { ...sslRequest, kind: 'mssql' },
        ending: { ...server, how: 'reset' },
      }),
      support: 'open',
      basis: 'ending',
      explanation: 'reset',
      frames: [4, 8],
    },
    {
      name: 'SQL Server closes upon the request of a client that can do without TLS: it may demand TDS 8.0',
      connection: connection({
        ...notTls,
        preamble: { ...sslRequest, kind: 'mssql', state: 'offered' },
        ending: { ...server, how: 'close' },
      }),
      support: 'open',
      basis: 'ending',
      explanation: 'closed',
      frames: [4, 8],
    },
    {
      name: 'a proxy agreed to connect to a TLS port, and a reset came at once',
      connection: connection({
        ...notTls,
        preamble: agreedTo('mail.example:443'),
        ending: { ...server, how: 'reset', at: at(0.08) },
      }),
      support: 'supported',
      basis: 'ending',
      explanation: 'agreedAndReset',
      frames: [4, 6, 8],
    },
    {
      name: 'the request of a proxy that is answered by a FIN, at a port that may be one of TLS',
      connection: connection({
        ...notTls,
        preamble: connect('mail.example:443'),
        ending: { ...server, how: 'close' },
      }),
      support: 'open',
      basis: 'ending',
      explanation: 'closed',
      frames: [4, 8],
    },
    {
      name: 'the same at the port of a proxy',
      connection: connection({
        ...notTls,
        server: { address: '198.51.100.20', port: 8080 },
        preamble: connect('mail.example:443'),
        ending: { ...server, how: 'close' },
      }),
      support: 'open',
      basis: 'ending',
      explanation: 'closed',
      frames: [4, 8],
    },
    {
      name: 'the request is acknowledged and not answered: the client leaves after four seconds',
      connection: connection({ ...notTls, preamble: requested, ending: { ...client, at: at(4.05) } }),
      support: 'supported',
      basis: 'ending',
      explanation: 'unanswered',
      frames: [5, 8],
    },
  ],
  silent: [
    {
      name: 'a client of SQL Server that can do without TLS leaves without an answer',
      connection: connection({
        ...notTls,
        preamble: { ...sslRequest, kind: 'mssql', state: 'offered' },
        ending: { ...client, at: at(4.05) },
      }),
    },
    {
      name: 'SQL Server closes upon the request, and answered the ClientHello of another client: it demands TDS 8.0',
      connection: connection({
        ...notTls,
        preamble: { ...sslRequest, kind: 'mssql' },
        ending: { ...server, how: 'close' },
      }),
      others: [
        connection({
          id: '2',
          serverHello: { frame: 25 },
          alerts: [alert({ code: 120, name: 'no_application_protocol', frame: 26 })],
        }),
      ],
    },
    ...(['close', 'reset'] as const).map((how) => ({
      name: `StartTLS of LDAP to port 636, where TLS comes first, and the server ends it (${how})`,
      connection: connection({
        ...notTls,
        server: { address: '198.51.100.20', port: 636 },
        preamble: preamble({
          kind: 'ldap-starttls',
          state: 'requested',
          reply: null,
          steps: [turn('request', 4, '1.3.6.1.4.1.1466.20037')],
        }),
        plaintext: [words('client', 4, '0\x1d\x02\x01\x01w\x18\x80\x161.3.6.1.4.1.1466.20037')],
        ending: { ...server, how },
      }),
    })),
    {
      name: 'a proxy agreed, and closed half a minute later: a browser had no need of the connection',
      connection: connection({
        ...notTls,
        preamble: agreedTo('mail.example:443'),
        ending: { ...server, how: 'close', at: at(30) },
      }),
    },
    {
      name: 'plaintext through a proxy to a TLS port, which is answered in plaintext',
      connection: connection({
        ...notTls,
        preamble: plainThrough('mail.example:443'),
        plaintext: [words('server', 8, 'HTTP/1.1 200 OK')],
        ending: { ...server, how: 'close', frame: 9, at: at(0.09) },
      }),
    },
    {
      name: 'an alert before the plaintext is about something else',
      connection: connection({
        ...BEFORE_TLS,
        preamble: { ...accepted, steps: [...accepted.steps, turn('plaintext', 9, 'EHLO me')] },
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 8 })],
        ending: { ...server, how: 'close', frame: 10 },
      }),
    },
    {
      name: 'a proxy agreed to connect to another port, and closed',
      connection: connection({
        ...notTls,
        preamble: agreedTo('mail.example:22'),
        ending: { ...server, how: 'close', at: at(0.08) },
      }),
    },
    {
      name: 'the answer is of another protocol, and others speak TLS there: see client-speaks-plaintext',
      connection: connection({
        ...notTls,
        preamble: {
          ...sslRequest,
          reply: 'HTTP/1.1 400',
          steps: [...sslRequest.steps, turn('answer', 6, 'HTTP/1.1 400')],
        },
        ending: { ...server, how: 'close' },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
    },
    {
      name: 'the server closed upon the ClientHello',
      connection: connection({
        phase: 'client-hello',
        outcome: 'failed',
        clientHello: { frame: 7 },
        preamble: accepted,
        ending: { ...server, how: 'close' },
      }),
    },
    {
      name: 'the client leaves at once: a probe',
      connection: connection({ ...notTls, preamble: requested, ending: { ...client, at: at(0.1) } }),
    },
    {
      name: 'the capture ends first',
      connection: connection({ ...notTls, preamble: requested, ending: { by: 'none', how: 'none' } }),
    },
    {
      name: 'a client that says nothing more once the server has agreed, and of which the capture shows no end',
      connection: connection({ ...notTls, preamble: accepted, ending: { by: 'none', how: 'none', frame: null } }),
    },
    {
      name: 'the request did not arrive',
      connection: connection({
        ...notTls,
        preamble: requested,
        ending: { ...client, at: at(9) },
        transport: { client: { acknowledged: false } },
      }),
    },
    {
      name: 'bytes are missing, which may have been the ClientHello',
      connection: connection({
        ...notTls,
        preamble: accepted,
        ending: { ...server, how: 'close' },
        transport: { client: { missing: 300 } },
      }),
    },
    {
      name: 'a proxy that is asked for a port of plaintext',
      connection: connection({ ...notTls, preamble: connect('shop.example:80'), ending: { ...server, how: 'close' } }),
    },
    {
      name: 'PostgreSQL declined, and the client goes on in plaintext',
      connection: connection({
        ...notTls,
        preamble: { ...sslRequest, state: 'declined', reply: 'N' },
        ending: { ...server, how: 'close' },
      }),
    },
    {
      name: 'TLS began',
      connection: connection({ preamble: accepted, outcome: 'failed', phase: 'client-hello' }),
    },
  ],
});
