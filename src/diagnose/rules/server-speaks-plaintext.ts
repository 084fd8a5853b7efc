import { PLAINTEXT_NAMES, PREAMBLE_NAMES } from '../../knowledge/protocol-names.js';
import { u16, u8 } from '../../bytes.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { STARTTLS_OPTIONS } from '../../knowledge/starttls.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';
import { innermost, isTaken } from '../../preamble/preamble.js';
import { alertName } from '../../tls/wire/registry/names.js';
import { alertText } from '../evidence/alerts.js';
import type { Context } from '../context.js';
import {
  clientHelloEvidence,
  closeEvidence,
  otherConnectionEvidence,
  plaintextEvidence,
} from '../evidence/citations.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isDropped } from '../evidence/hello-refusals.js';
import { connectTo } from '../evidence/places.js';
import { isBadRequest, startingWithTls } from '../evidence/plaintext.js';
import { hasServerAnswered } from '../evidence/progress.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The client sent a ClientHello to {server}, which answered with something else ({words}): that port does not speak TLS.',
    agreed:
      'The server agreed to TLS ({kind}); the client sent a ClientHello, and {server} answered it with something else ({words}).',
    closed:
      'The client sent a ClientHello to {server}, which closed the connection at once. Port {port} is that of {kind}, which usually begins in plaintext: a server that expects it cannot read a ClientHello.',
    closedUnlikeOthers:
      'The client sent a ClientHello to {server}, which closed the connection at once. Others began in plaintext there ({kind}): a server that expects it cannot read a ClientHello.',
  },
  evidence: {},
  remedies: {
    agreed:
      'Find what reads the ClientHello at {server} as plaintext: a proxy or mail filter in front that passes on the consent to TLS but not TLS itself, or a service that agrees to TLS without having it.',
    port: 'Direct {client} to the port where the service speaks TLS, or switch TLS off for this one (http:// instead of https://).',
    header:
      'Or, if a load balancer before {server} sends the PROXY protocol, let the listener expect it: some servers call its header a bad request.',
    enable: 'Or configure TLS for the port at {server} (nginx: listen … ssl; a load balancer: a TLS listener).',
    starttls:
      'If the protocol begins in plaintext (SMTP on 25 and 587, IMAP on 143), use its STARTTLS instead of TLS from the first byte.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {server} </dev/null',
      does: 'shows whether the server speaks TLS on this port',
      where: 'from-client',
    },
    starttls: {
      run: 'openssl s_client -connect {server} -starttls {protocol} </dev/null',
      does: 'shows whether the server goes over to TLS',
      where: 'from-client',
    },
    look: { run: 'nc -v {host} {port}', does: 'shows what the server says first', where: 'from-client' },
  },
  exclusions: {
    alert:
      'The answer of {server} has the length and the end of alert {alert}, after a record header that is not a TLS one.',
  },
});

type Verdict = VerdictOf<typeof messages>;

export const serverSpeaksPlaintext = defineRule({
  id: 'server-speaks-plaintext',
  title: 'Server does not speak TLS on this port',
  description: 'The server answers the ClientHello with something other than TLS.',
  settledBy: "The server's configuration of that port says whether TLS is switched on there.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1'],
  messages,
  // After a gap, apparent plaintext is the rest of a record; in EAP, that of a message with missing fragments.
  applies: (connection) =>
    connection.outcome === 'failed' &&
    connection.eap === null &&
    connection.clientHello !== null &&
    (connection.plaintext.some(({ from }) => from === 'server')
      ? connection.transport.server.missing === 0
      : connection.preamble === null && isDropped(connection)),
  judge(connection, context) {
    const { clientHello, preamble } = connection;
    if (clientHello === null || hasServerAnswered(connection)) return undefined;
    if (!connection.plaintext.some(({ from }) => from === 'server')) return judgeClosed(connection, context);
    const isAgreed = preamble !== null && innermost(preamble).state === 'accepted';
    if (!isAgreed && preamble !== null && isTaken(preamble)) return undefined;
    // The answer to the ClientHello counts, not what the server said before TLS was agreed.
    const words = connection.plaintext.find(
      ({ from, frame }) => from === 'server' && !(isAgreed && frame <= clientHello.frame),
    );
    if (words === undefined) return undefined;
    const alert = alertIn(words.text);
    if (alert !== null) {
      return {
        support: 'excluded',
        because: { id: 'alert', data: { server: connectTo(connection), alert: alertText(alert) } },
        evidence: plaintextEvidence(connection),
      } as const;
    }
    const isText = /^[\x20-\x7e]{3}/.test(words.text);
    const isOfHeader = !isAgreed && mayAnswerHeader(words.text, connection);
    const protocol = preamble === null ? undefined : STARTTLS_OPTIONS[innermost(preamble).kind];
    // A banner that came first is an offer, also to a client that expects TLS at once.
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      words: words.text,
      kind: preamble === null ? '' : PREAMBLE_NAMES[preamble.kind],
      host: connection.server.address,
      port: connection.server.port,
      protocol: protocol ?? '',
    };
    return {
      // What came before the ClientHello is no answer to it. Bytes that are not text may be the rest of a record whose
      // beginning was lost.
      support: isDoubtful(connection) ? 'open' : isText && !isOfHeader ? 'confirmed' : 'supported',
      basis: 'fact',
      explanation: { id: isAgreed ? 'agreed' : 'explanation', data },
      evidence: [...clientHelloEvidence(connection), ...plaintextEvidence(connection)],
      remedies: isAgreed
        ? [{ who: 'server', id: 'agreed', command: protocol === undefined ? 'look' : 'starttls', data }]
        : [
            { who: 'client', id: 'port', command: 'confirm', data },
            { who: 'client', id: 'starttls', data },
            { who: 'server', id: 'enable', data },
            ...(isOfHeader ? [{ who: 'server', id: 'header', data } as const] : []),
          ],
    };
  },
});

/**
 * Ports of protocols that begin in plaintext, and in which the client speaks first (IANA Service Names). Their servers close
 * on a ClientHello, which they cannot read: slapd 2.5.13, PostgreSQL 15, Mosquitto 2.0.11.
 */
const PLAINTEXT_FIRST: ReadonlyMap<number, PlaintextProtocol> = new Map([
  [389, 'ldap'],
  [1433, 'tds'],
  [1883, 'mqtt'],
  [3268, 'ldap'],
  [3389, 'tpkt'],
  [5222, 'xmpp'],
  [5432, 'postgres'],
  [5672, 'amqp'],
  [6379, 'redis'],
  [27017, 'mongodb'],
]);

/** Those that `openssl s_client -starttls` knows by the same name. */
const HAVE_STARTTLS: ReadonlySet<PlaintextProtocol> = new Set(['ldap', 'postgres', 'xmpp']);

/** How clients that know what the port speaks begin: as others did, or as is usual at the port; null if unknown. */
function beginningAt(connection: Connection, context: Context) {
  const [[kind, other] = []] = context.serverHistory.acceptedBy(connection).beginnings;
  // For a header that is missing, see proxy-protocol-mismatch. Who accepted a ClientHello from others can read one.
  if (kind === 'proxy-protocol' || startingWithTls(connection, context) !== undefined) return null;
  if (kind !== undefined && kind !== null)
    return { name: PREAMBLE_NAMES[kind], starttls: STARTTLS_OPTIONS[kind] ?? null, other };
  const protocol = PLAINTEXT_FIRST.get(connection.server.port);
  if (protocol === undefined) return null;
  return { name: PLAINTEXT_NAMES[protocol], starttls: HAVE_STARTTLS.has(protocol) ? protocol : null };
}

/** A server that closes on the ClientHello: it may expect plaintext, by the port or as others show. */
function judgeClosed(connection: Connection, context: Context): Verdict | undefined {
  const { server, client } = connection;
  const beginning = beginningAt(connection, context);
  if (beginning === null) return undefined;
  const { name, starttls, other } = beginning;
  const data = {
    client: client.address,
    server: connectTo(connection),
    kind: name,
    host: server.address,
    port: server.port,
    protocol: starttls ?? '',
  };
  return {
    support: other === undefined ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: other === undefined ? 'closed' : 'closedUnlikeOthers', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...closeEvidence(connection),
      ...(other === undefined ? [] : otherConnectionEvidence(other, name)),
    ],
    remedies: [
      { who: 'client', id: 'port', data },
      { who: 'client', id: 'starttls', command: starttls === null ? 'look' : 'starttls', data },
    ],
  };
}

/** Ports on which a web server without TLS is no surprise (IANA Service Names, and frameworks). */
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 3000, 5000, 8000, 8008, 8080, 8081, 8888]);

/**
 * Whether it may be a TLS port's answer (400) to a PROXY header that a load balancer put before the ClientHello
 * (nginx).
 */
const mayAnswerHeader = (words: string, { server }: Connection): boolean =>
  isBadRequest(words) && !HTTP_PORTS.has(server.port);

const ALERT_RECORD_LENGTH = 7;

/** The alert of a record whose header has no TLS type or version, although its lengths fit. */
function alertIn(text: string): Pick<Alert, 'name' | 'code'> | null {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length !== ALERT_RECORD_LENGTH || u16(bytes, 3) !== 2 || u8(bytes, 5) > 2) return null;
  const code = u8(bytes, 6);
  const name = alertName(code);
  return /^[a-z]/.test(name) ? { name, code } : null;
}
