import { overTcp, type Alert, type ClientHello, type Connection } from '../../connection/connection.js';
import { stepOf } from '../../preamble/preamble.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  plaintextEvidence,
  preambleEvidence,
} from '../evidence/citations.js';
import { fatalAlert } from '../evidence/alerts.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isBadRequest } from '../evidence/plaintext.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { connectTo } from '../evidence/places.js';
import { defineRule } from '../rule.js';

/** The reaction of a server that does not know the header. */
type Reaction = 'badRequest' | 'alert' | 'beforeHello' | 'closed';

function reactionOf(connection: Connection): Reaction | undefined {
  const { plaintext, ending, clientHello } = connection;
  if (plaintext.some(({ from, text }) => from === 'server' && isBadRequest(text))) return 'badRequest';
  const alert = fatalAlert(connection, 'server');
  if (alert !== undefined) {
    return isOfHeader(alert, clientHello) ? 'alert' : undefined;
  }
  if (ending.by !== 'server' || ending.frame === null) return undefined;
  return clientHello === null || ending.frame < clientHello.frame ? 'beforeHello' : 'closed';
}

/** Alerts of TLS libraries for bytes that are no record: the letters of a header make an impossible length. */
const NO_RECORD: ReadonlySet<string> = new Set(['unexpected_message', 'decode_error', 'record_overflow']);

/** Whether an alert is about the header; one about the version may be about the ClientHello's, too. */
function isOfHeader({ name, frame }: Alert, hello: ClientHello | null): boolean {
  if (name === 'protocol_version') {
    return hello === null || frame < hello.frame || hello.supportedVersions.includes('TLS 1.3');
  }
  return name !== null && NO_RECORD.has(name);
}

export const proxyProtocolMismatch = defineRule({
  id: 'proxy-protocol-mismatch',
  title: 'PROXY header that one side alone expects',
  description:
    'A load balancer puts a PROXY protocol header before the ClientHello, and the server takes it for a broken request; or the server, by its configuration, expects a header that the client does not send.',
  settledBy: 'A connection to the same port without the PROXY header: it works if the header is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1'],
  messages: {
    explanations: {
      badRequest:
        'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} took it for a plaintext HTTP request and answered {answer}.',
      alert:
        'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} took it for a broken TLS record and rejected it with an alert.',
      beforeHello:
        'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} closed the connection when it got the header, before the ClientHello reached it.',
      closed:
        'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} closed the connection without answering the header or the ClientHello.',
    },
    evidence: {},
    remedies: {
      server:
        'Let the listener {server} expect the PROXY protocol (nginx: listen … proxy_protocol; HAProxy: accept-proxy).',
      client:
        'Or let {client} send no PROXY header to {server} (HAProxy: no send-proxy; AWS NLB: proxy protocol v2 off).',
    },
    commands: {
      confirm: {
        run: 'curl -v --haproxy-protocol https://{server}/',
        does: 'shows whether the server expects a PROXY header',
        where: 'proxy',
      },
    },
  },
  applies: ({ outcome, preamble }) =>
    (outcome === 'failed' || outcome === 'not-tls') && preamble?.kind === 'proxy-protocol',
  judge(connection) {
    const { preamble } = connection;
    const tcp = overTcp(connection);
    const header = preamble === null ? undefined : stepOf(preamble, 'request');
    if (preamble === null || header === undefined || tcp === null || hasServerAnswered(connection)) return undefined;
    const reaction = reactionOf(connection);
    if (reaction === undefined) return undefined;
    const alert = fatalAlert(connection, 'server');
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      header: header.text,
      answer: connection.plaintext.find(({ from }) => from === 'server')?.text ?? '',
    };
    return {
      // A server may close for other reasons; an answer to the header in plaintext, or before the ClientHello, has no
      // other.
      support: isDoubtful(connection) ? 'open' : reaction === 'closed' ? 'supported' : 'confirmed',
      basis: 'fact',
      explanation: { id: reaction, data },
      evidence: [
        ...preambleEvidence(preamble),
        ...clientHelloEvidence(connection),
        ...plaintextEvidence(connection).filter(({ from }) => from === 'server'),
        ...(alert === undefined ? [] : alertEvidence(alert)),
        ...closeEvidence(connection),
      ],
      remedies: [
        { who: 'server', id: 'server', command: 'confirm', data },
        { who: 'client', id: 'client', data },
      ],
    };
  },
});
