import { alertEvidence, closeEvidence, otherConnectionEvidence, plaintextEvidence } from '../evidence/citations.js';
import { alertText, fatalAlert } from '../evidence/alerts.js';
import { connectTo } from '../evidence/places.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The client {client} sent plaintext ({words}) to {server}, where a TLS server listens: it answered with alert {alert}.',
    badRequest:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where a TLS server listens: it answered with {answer}, in plaintext as well, as nginx and Go do ("plain HTTP request was sent to HTTPS port").',
    closed:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where a TLS server listens: it closed the connection without an answer, as OpenSSL, HAProxy and Node.js do with what is no TLS.',
    closedByPort:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where a TLS server is to be expected (port {port}): it closed the connection without an answer, as OpenSSL, HAProxy and Node.js do with what is no TLS.',
  },
  evidence: {},
  remedies: {
    client:
      'Let the client {client} use TLS for {server} (https:// instead of http://, or the TLS option of its protocol).',
    port: 'Or direct it to the port where the plaintext service listens.',
  },
  commands: {
    confirm: 'openssl s_client -connect {server} </dev/null',
  },
});

type Verdict = VerdictOf<typeof messages>;

/** Ports on which servers speak TLS from the first byte (IANA Service Names). */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 465, 636, 853, 990, 993, 995, 5061, 5223, 5671, 6697, 8443, 8883]);

const HTTP_REQUEST = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /;
const BAD_REQUEST = /^HTTP\/1\.[01] 400/;

function remediesFor(data: { readonly client: string; readonly server: string }): Verdict['remedies'] {
  return [
    { who: 'client', id: 'client', command: 'confirm', data },
    { who: 'client', id: 'port', data },
  ];
}

export const clientSpeaksPlaintext = defineRule({
  id: 'client-speaks-plaintext',
  title: 'Client speaks plaintext to a TLS server',
  description: 'The client begins with something else than TLS, and the server refuses it.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1', 'RFC 8446 §6.2'],
  messages,
  applies: ({ outcome, clientHello, plaintext }) =>
    (outcome === 'failed' || outcome === 'not-tls') && clientHello === null && plaintext[0]?.from === 'client',
  judge(connection, context) {
    const { outcome, client, server } = connection;
    const alert = fatalAlert(connection, 'server');
    const words = connection.plaintext.find(({ from }) => from === 'client');
    if (words === undefined) return undefined;
    if (outcome === 'not-tls') {
      const other = [...context.serverHistory.acceptedBy(connection).versions][0];
      if (other === undefined && !TLS_PORTS.has(server.port)) return undefined;
      const answer = connection.plaintext.find(({ from }) => from === 'server');
      const isClosed = connection.transport.server.bytes === 0 && connection.ending.by === 'server';
      const isRefused = answer !== undefined && BAD_REQUEST.test(answer.text);
      if (!HTTP_REQUEST.test(words.text) || !(isRefused || isClosed)) return undefined;
      const data = {
        client: client.address,
        server: connectTo(connection),
        words: words.text,
        answer: answer?.text ?? '',
        port: server.port,
      };
      return {
        support: other !== undefined && isRefused ? 'confirmed' : 'supported',
        basis: 'fact',
        explanation: { id: isRefused ? 'badRequest' : other === undefined ? 'closedByPort' : 'closed', data },
        evidence: [
          ...plaintextEvidence(connection),
          ...(isClosed ? closeEvidence(connection) : []),
          ...(other === undefined ? [] : otherConnectionEvidence(other[1], other[0])),
        ],
        remedies: remediesFor(data),
      };
    }
    if (alert === undefined || words.frame > alert.frame) return undefined;
    const data = {
      client: client.address,
      server: connectTo(connection),
      words: words.text,
      alert: alertText(alert),
    };
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [...plaintextEvidence(connection), ...alertEvidence(alert)],
      remedies: remediesFor(data),
    };
  },
});
