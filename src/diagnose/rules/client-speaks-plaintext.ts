import {
  alertEvidence,
  closeEvidence,
  EVIDENCE_MESSAGES,
  neighbourEvidence,
  plaintextEvidence,
} from '../evidence/citations.js';
import { alertText, connectTo, fatalAlert } from '../evidence/facts.js';
import type { Data, Remedy, Rule } from '../rule.js';

/** Ports on which servers speak TLS from the first byte (IANA Service Names). */
const TLS_PORTS: ReadonlySet<number> = new Set([443, 465, 636, 853, 990, 993, 995, 5061, 5223, 5671, 6697, 8443, 8883]);

const HTTP_REQUEST = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) /;
const BAD_REQUEST = /^HTTP\/1\.[01] 400/;

function remediesFor(data: Data): Remedy[] {
  return [
    { who: 'client', messageId: 'client', commandId: 'confirm', data },
    { who: 'client', messageId: 'port', data },
  ];
}

export const clientSpeaksPlaintext: Rule = {
  id: 'client-speaks-plaintext',
  title: 'Client speaks plaintext to a TLS server',
  description: 'The client begins with something else than TLS, and the server refuses it.',
  role: 'cause',
  severity: 'error',
  basis: 'fact',
  sources: ['RFC 8446 §5.1', 'RFC 8446 §6.2'],
  messages: {
    ...EVIDENCE_MESSAGES,
    explanation:
      'The client {client} sent plaintext ({words}) to {server}, where a TLS server listens: it answered with alert {alert}.',
    badRequest:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where a TLS server listens: it answered with {answer}, in plaintext as well, as nginx and Go do ("plain HTTP request was sent to HTTPS port").',
    closed:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where {known}: it closed the connection without an answer, as OpenSSL, HAProxy and Node.js do with what is no TLS.',
    client:
      'Let the client {client} use TLS for {server} (https:// instead of http://, or the TLS option of its protocol).',
    port: 'Or direct it to the port where the plaintext service listens.',
    confirm: 'openssl s_client -connect {server} </dev/null',
  },
  applies: ({ outcome, clientHello, plaintext }) =>
    (outcome === 'failed' || outcome === 'not-tls') && clientHello === null && plaintext[0]?.from === 'client',
  judge(connection, context) {
    const { outcome, client, server } = connection;
    const alert = fatalAlert(connection, 'server');
    const words = connection.plaintext.find(({ from }) => from === 'client');
    if (words === undefined) return undefined;
    if (outcome === 'not-tls') {
      const neighbour = [...context.serverHistory.acceptedBy(connection).versions][0];
      if (neighbour === undefined && !TLS_PORTS.has(server.port)) return undefined;
      const answer = connection.plaintext.find(({ from }) => from === 'server');
      const isClosed = connection.transport.server.bytes === 0 && connection.ending.by === 'server';
      const isRefused = answer !== undefined && BAD_REQUEST.test(answer.text);
      if (!HTTP_REQUEST.test(words.text) || !(isRefused || isClosed)) return undefined;
      const data = {
        client: client.address,
        server: connectTo(connection),
        words: words.text,
        answer: answer?.text ?? '',
        known:
          neighbour === undefined ? `a TLS server is to be expected (port ${server.port})` : `a TLS server listens`,
      };
      return {
        certainty: neighbour !== undefined && isRefused ? 'certain' : 'likely',
        messageId: isRefused ? 'badRequest' : 'closed',
        data,
        evidence: [
          ...plaintextEvidence(connection),
          ...(isClosed ? closeEvidence(connection) : []),
          ...(neighbour === undefined ? [] : neighbourEvidence(neighbour[1], neighbour[0])),
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
      certainty: 'certain',
      messageId: 'explanation',
      data,
      evidence: [...plaintextEvidence(connection), ...alertEvidence(alert)],
      remedies: remediesFor(data),
    };
  },
};
