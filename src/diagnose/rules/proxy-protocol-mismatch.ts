import {
  overTcp,
  type Alert,
  type ClientHello,
  type Connection,
  type PlaintextWords,
} from '../../connection/connection.js';
import { preambleName, stepOf } from '../../preamble/preamble.js';
import type { Context } from '../context.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  otherConnectionEvidence,
  plaintextEvidence,
  preambleEvidence,
} from '../evidence/citations.js';
import { fatalAlert } from '../evidence/alerts.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isDropped } from '../evidence/hello-refusals.js';
import { isBadRequest } from '../evidence/http-answers.js';
import { startingWithTls } from '../evidence/plaintext.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { connectTo } from '../evidence/places.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

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

/** Versions that hardly any server refuses. */
const MODERN: ReadonlySet<string> = new Set(['TLS 1.2', 'TLS 1.3']);

/** Whether an alert is about the header; one about the version may be about the ClientHello's, too. */
function isOfHeader(alert: Alert, hello: ClientHello | null): boolean {
  if (alert.name === 'protocol_version') {
    return isBefore(alert, hello) || (hello?.supportedVersions.some((version) => MODERN.has(version)) ?? false);
  }
  return alert.name !== null && NO_RECORD.has(alert.name);
}

const isBefore = ({ frame }: Alert, hello: ClientHello | null): boolean => hello === null || frame < hello.frame;

const messages = defineMessages({
  explanations: {
    badRequest:
      'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} took it for a plaintext HTTP request and answered {answer}.',
    alert:
      'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} took it for a broken TLS record and rejected it with an alert.',
    beforeHello:
      'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} closed the connection when it got the header, before the ClientHello reached it.',
    closed:
      'The client {client} sent a PROXY protocol header ({header}) before TLS; the server {server} closed the connection without answering the header or the ClientHello.',
    missing:
      'The client {client} began with TLS, and {server} ended the connection at once. Others that were accepted there sent a PROXY protocol header before TLS: a listener that expects one accepts no client without it.',
    unseen:
      'The client {client} began with TLS, and {server} ended the connection at once. Nothing in the capture shows that it takes a ClientHello first: a listener that expects a PROXY protocol header from the load balancer in front of it ends every connection without one (nginx and HAProxy by a reset).',
    untold:
      'The client {client} began with TLS, and {server} answered "{answer}" in plaintext. Postfix says so if it expects a PROXY protocol header (smtpd_upstream_proxy_protocol) and gets something else; it says the same of other faults of its own.',
  },
  evidence: {},
  remedies: {
    server:
      'Let the listener {server} expect the PROXY protocol (nginx: listen … proxy_protocol; HAProxy: accept-proxy).',
    client:
      'Or let {client} send no PROXY header to {server} (HAProxy: no send-proxy; AWS NLB: proxy protocol v2 off).',
    through: 'Direct {client} to the load balancer that sends the header, not to {server}.',
    send: 'Or, if {client} is a load balancer itself, let it send the header (HAProxy: send-proxy-v2).',
    both: 'Or open a listener at {server} without the PROXY protocol for clients that come directly, such as health checks.',
  },
  commands: {
    confirm: {
      run: 'curl -vk --haproxy-protocol https://{server}/; curl -vk https://{server}/',
      does: 'shows whether a handshake works behind a PROXY header, and whether it works without one',
      where: 'proxy',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

export const proxyProtocolMismatch = defineRule({
  id: 'proxy-protocol-mismatch',
  title: 'PROXY header that only one side expects',
  description:
    'A load balancer puts a PROXY protocol header before the ClientHello, and the server takes it for a broken request; or the server, by its configuration, expects a header that the client does not send.',
  settledBy:
    'A connection to the same port with a PROXY header, and one without: if the header is the fault, only one of them works.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1'],
  messages,
  applies: (connection) => {
    const { outcome, preamble } = connection;
    if (preamble === null) return isDropped(connection) || localError(connection) !== undefined;
    return (outcome === 'failed' || outcome === 'not-tls') && preamble.kind === 'proxy-protocol';
  },
  judge(connection, context) {
    const { preamble } = connection;
    if (preamble === null) {
      return judgeMissing(connection, context) ?? judgeUntold(connection) ?? judgeUnseen(connection, context);
    }
    const tcp = overTcp(connection);
    const header = stepOf(preamble, 'request');
    if (header === undefined || tcp === null || hasServerAnswered(connection)) return undefined;
    const reaction = reactionOf(connection);
    if (reaction === undefined) return undefined;
    const alert = fatalAlert(connection, 'server');
    const mayBeVersion = alert?.name === 'protocol_version' && !isBefore(alert, connection.clientHello);
    const isDroppedOnly = reaction === 'closed' || reaction === 'beforeHello';
    const { beginnings } = context.serverHistory.acceptedBy(connection);
    if ((mayBeVersion || isDroppedOnly) && beginnings.has('proxy-protocol')) return undefined;
    // Whoever lets nobody in (a limit, a list of addresses, a proxy without a back end) closes in the same way.
    const isUnsettled = isDroppedOnly && !(beginnings.has(null) && context.serverHistory.isServing(connection));
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      header: header.text,
      answer: connection.plaintext.find(({ from }) => from === 'server')?.text ?? '',
    };
    return {
      // A server may refuse the ClientHello's version; an answer to the header in plaintext, or an alert before the ClientHello,
      // has no other reason.
      support:
        isDoubtful(connection) || isUnsettled ? 'open' : isDroppedOnly || mayBeVersion ? 'supported' : 'confirmed',
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

/** Postfix's words for a fault of its own, with which it answered a client's ClientHello in plaintext. */
const localError = ({ outcome, clientHello, plaintext }: Connection): PlaintextWords | undefined =>
  outcome === 'failed' && clientHello !== null
    ? plaintext.find(({ from, text }) => from === 'server' && /^421 4\.3\.0 .*Server local error/.test(text))
    : undefined;

/** A client without a header, and a server that may have expected one, by its words. */
function judgeUntold(connection: Connection): Verdict | undefined {
  const words = localError(connection);
  if (words === undefined) return undefined;
  const data = { client: connection.client.address, server: connectTo(connection), answer: words.text };
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: 'untold', data },
    evidence: [...clientHelloEvidence(connection), ...plaintextEvidence(connection)],
    remedies: [
      { who: 'client', id: 'through', command: 'confirm', data },
      { who: 'server', id: 'both', data },
    ],
  };
}

/** A client without a header that a server drops of which nothing is known. */
function judgeUnseen(connection: Connection, context: Context): Verdict | undefined {
  const isKnown = context.serverHistory.acceptedBy(connection).count > 0;
  if (isKnown || !isDropped(connection) || startingWithTls(connection, context) !== undefined) return undefined;
  const data = { client: connection.client.address, server: connectTo(connection) };
  return {
    support: 'open',
    basis: 'ending',
    explanation: { id: 'unseen', data },
    evidence: [...clientHelloEvidence(connection), ...closeEvidence(connection)],
    remedies: [
      { who: 'client', id: 'through', command: 'confirm', data },
      { who: 'server', id: 'both', data },
    ],
  };
}

/** A client without a header where all that were accepted sent one. */
function judgeMissing(connection: Connection, context: Context): Verdict | undefined {
  const { beginnings } = context.serverHistory.acceptedBy(connection);
  const other = beginnings.get('proxy-protocol');
  if (other === undefined || beginnings.size > 1) return undefined;
  const data = { client: connection.client.address, server: connectTo(connection) };
  return {
    // Else it may let nobody in by then.
    support: context.serverHistory.isServing(connection) ? 'supported' : 'open',
    basis: 'fact',
    explanation: { id: 'missing', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...closeEvidence(connection),
      ...otherConnectionEvidence(other, preambleName('proxy-protocol')),
    ],
    remedies: [
      { who: 'client', id: 'through', command: 'confirm', data },
      { who: 'client', id: 'send', data },
      { who: 'server', id: 'both', data },
    ],
  };
}
