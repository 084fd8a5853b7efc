import { millisecondsBetween } from '../../capture/timestamp.js';
import { duration } from '../../message.js';
import { PLAINTEXT_NAMES } from '../../knowledge/protocol-names.js';
import type { Alert, Connection, PlaintextWords, TcpReset } from '../../connection/connection.js';
import { overTcp } from '../../connection/connection.js';
import { TLS_PORTS } from '../../knowledge/ports.js';
import { PROTOCOL_AT, TLS_OF_PROTOCOLS } from '../../knowledge/tls-of-protocols.js';
import type { PlaintextProtocol } from '../../preamble/plaintext.js';
import { asksForTls, innermost, preambleName, starttlsOption, type Preamble } from '../../preamble/preamble.js';
import { alertsBeforePeerClosed, alertText, fatalAlert } from '../evidence/alerts.js';
import {
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
  plaintextEvidence,
} from '../evidence/citations.js';
import type { Context } from '../context.js';
import { phrase } from '../phrases.js';
import { connectTo } from '../evidence/places.js';
import { forgedReset } from '../evidence/resets.js';
import { GREETING_PORTS, bothSilentFor } from '../evidence/greeting.js';
import { isBadRequest } from '../evidence/http-answers.js';
import { isDoubtful } from '../evidence/gaps.js';
import { isSecurePort, isUnansweredConnect, startingWithTls } from '../evidence/plaintext.js';
import { WEAKLY_RECOGNISED } from '../evidence/server-history.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    explanation:
      'The client {client} sent plaintext ({words}) to {server}, where a TLS server listens: the server rejected it with alert {alert}.',
    said: 'The client {client} sent plaintext ({words}) to {server}. The server says that it expects TLS: {answer}.',
    demanded:
      'The client {client} speaks {protocol} in plaintext to {server}, and does not ask for TLS. The server serves it over TLS only: "{answer}".',
    badRequest:
      'The client {client} sent a plaintext HTTP request ({words}) to {server}, where a TLS server listens: it answered with {answer}, in plaintext as well, as nginx and Go do ("plain HTTP request was sent to HTTPS port").',
    answered:
      'The client {client} sent plaintext of {protocol} ({words}) to {server}, where a TLS server listens: it answered as HTTP servers answer what they cannot read ({answer}).',
    closed:
      'The client {client} sent plaintext of {protocol} ({words}) to {server}, where a TLS server listens: it closed the connection without an answer, as TLS libraries do when they receive something that is not a TLS record.',
    closedUnknown:
      'The client {client} sent something that is not TLS ({words}) to {server}, where a TLS server listens: it closed the connection without an answer, as TLS libraries do when they receive something that is not a TLS record.',
    closedByPort:
      'The client {client} sent plaintext {protocol} ({words}) to {server}, where a TLS server is expected (port {port}): it closed the connection without an answer, as TLS libraries do when they receive something that is not a TLS record.',
    closedAtOnce:
      'The client {client} sent plaintext {protocol} ({words}) to {server}, and the connection was closed from there within {passed}, without a single byte. A server of {protocol} that reads the request says why it refuses; TLS libraries close like this when they receive something that is not a TLS record, and so does a proxy that has no back end.',
    before:
      'The client {client}, or a proxy on the way, sent something that is not TLS to {server} before the ClientHello: a TLS server reads it as the beginning of a record. The server refused it {how}. A proxy that passes on the end of a request for a tunnel (HTTP CONNECT), of which it read only a part, does this.',
    waited:
      'The client {client} connected to {server}, and neither side said anything for {waited}. On port {port}, TLS begins with the ClientHello. A client without TLS waits there for the greeting of {protocol}, and the server waits for the client; a client that only holds the connection open, such as a scanner, looks the same.',
    ungreeted:
      'The client {client} connected to {server}, and neither side said anything for {waited}. On port {port}, a server of {protocol} sends its greeting at once, and offers TLS in it. A listener that expects TLS from the first byte, such as a load balancer that ends TLS, waits for a ClientHello, and the client waits for the greeting; a server that hangs, looks up the name of the client, or is a proxy without a back end is silent as well.',
  },
  evidence: { seenBefore: 'what came before the ClientHello, and is not TLS' },
  remedies: {
    https: 'Let {client} use https:// instead of http:// for {server}.',
    scheme: 'Let {client} use TLS for {server}: {secure} in place of {plain}.',
    client: 'Switch TLS on in {client} for {server}.',
    port: 'Or direct it to the port where the plaintext service listens.',
    direct:
      'Let {client} begin with TLS at once (libpq 17 or later: sslnegotiation=direct with sslmode=require), or let the proxy before the server pass the connection on as it is: PostgreSQL itself answers a request for TLS first.',
    elsewhere:
      'Direct {client} to the address and port of the {protocol} service: what listens at {server} is no such server.',
    greet:
      'Let the listener at {server} begin in plaintext (Dovecot: without "ssl = yes" for it; a proxy or load balancer: TCP, without TLS of its own): {client} begins TLS only after the greeting ({way}). Or let {client} begin with TLS, by a tunnel if it cannot.',
    hung: 'If nothing at {server} speaks TLS, look why it does not send its greeting: its load, the look-up of client names (MySQL: skip_name_resolve), or the back end of a proxy.',
    rest: 'Find what sends something before the ClientHello: {client}, or a proxy between it and {server}.',
    start: 'Let {client} ask {server} for TLS before it logs in ({way}).',
  },
  commands: {
    starttls: {
      run: 'openssl s_client -connect {server} -starttls {starttls} </dev/null',
      does: 'shows whether the server goes over to TLS',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {server} </dev/null',
      does: 'shows whether the server speaks TLS on this port',
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

/** Protocols whose servers never answer: a close without an answer means nothing, unless it comes at once. */
const UNANSWERED: ReadonlySet<PlaintextProtocol> = new Set(['syslog']);
/** A TLS server closes within so many milliseconds of what is not a TLS record. */
const AT_ONCE_MS = 1000;

const isAmiss = (protocol: PlaintextProtocol | null, port: number): boolean =>
  protocol === 'http' || protocol === 'http2' ? TLS_PORTS.has(port) : isSecurePort(protocol, port);

/**
 * Protocols in which the client speaks first, and whose servers answer every first request, even if they refuse it (Redis 7.0,
 * slapd 2.5.13, Prosody 0.12, PostgreSQL 15). Mosquitto 2.0.11 closes on a request that exceeds a limit. An HTTP/2 server begins with
 * SETTINGS (RFC 9113 §3.4).
 */
const ANSWERED: ReadonlySet<PlaintextProtocol> = new Set([
  'amqp',
  'http2',
  'kafka',
  'ldap',
  'mongodb',
  'mqtt',
  'postgres',
  'redis',
  'xmpp',
]);
/** Of these, those whose servers listen with TLS at the same port as without. */
const SHARES_PORT: ReadonlySet<PlaintextProtocol> = new Set(['kafka', 'mongodb', 'postgres', 'redis']);

/**
 * Whether a server that closed on the client's first words without an answer may expect TLS, although nothing else shows it:
 * not at a port where the protocol begins in plaintext.
 */
function mayExpectTls(connection: Connection, protocol: PlaintextProtocol | null): boolean {
  if (protocol === null || (!ANSWERED.has(protocol) && !isUnansweredConnect(connection))) return false;
  const usual = PROTOCOL_AT.get(connection.server.port);
  // At a port of HTTP, the server may not know HTTP/2.
  if (protocol === 'http2' && usual === 'http') return false;
  if (!SHARES_PORT.has(protocol) && usual === protocol) return false;
  return overTcp(connection)?.server.bytes === 0;
}

function remediesFor(
  data: { readonly client: string; readonly server: string; readonly protocol: string },
  protocol: PlaintextProtocol | null,
): Verdict['remedies'] {
  if (protocol === 'ssh') return [{ who: 'client', id: 'elsewhere', command: 'confirm', data }];
  if (protocol === 'postgres') {
    return [
      { who: 'client', id: 'direct', command: 'confirm', data },
      { who: 'client', id: 'port', data },
    ];
  }
  const isHttp = protocol === 'http' || protocol === 'http2';
  const [plain, secure] = (protocol === null ? undefined : TLS_OF_PROTOCOLS[protocol]?.schemes) ?? [];
  return [
    plain === undefined || secure === undefined
      ? { who: 'client', id: isHttp ? 'https' : 'client', command: 'confirm', data }
      : { who: 'client', id: 'scheme', command: 'confirm', data: { ...data, plain, secure } },
    { who: 'client', id: 'port', data },
  ];
}

/** A server's demand for TLS, in words where its protocol is binary: the result of LDAP (RFC 4511 §4.1.9), the text of MySQL's error. */
function demandIn({ protocol, text }: PlaintextWords): string {
  if (protocol === 'ldap') return 'confidentialityRequired (13)';
  return protocol === 'mysql' ? text.replace(MYSQL_ERROR, '') : text;
}

/** What precedes the text in an error packet: length, number, 0xff, code, and mostly an SQL state. */
const MYSQL_ERROR = /^[^]{4}\xff[^]{2}(?:#[0-9A-Z]{5})?/;

/** The server says that it serves the client over TLS only, which the client did not ask for. */
function judgeDemand(connection: Connection, words: PlaintextWords): Verdict | undefined {
  const { client, preamble } = connection;
  const state = preamble === null ? null : innermost(preamble).state;
  // Where the server's offer was overwritten or removed, see starttls-not-offered.
  if (state === 'masked' || state === 'not-offered' || isAsking(connection)) return undefined;
  const { protocol } = words;
  const way = protocol === null ? undefined : TLS_OF_PROTOCOLS[protocol]?.preamble;
  const data = {
    client: client.address,
    server: connectTo(connection),
    protocol: protocol === null ? '' : PLAINTEXT_NAMES[protocol],
    answer: demandIn(words),
    way: way === undefined ? '' : preambleName(way),
  };
  const starttls = way === undefined ? undefined : starttlsOption(way);
  return {
    support: lacksSegments(connection) ? 'open' : 'confirmed',
    basis: 'fact',
    explanation: { id: 'demanded', data },
    evidence: [...plaintextEvidence(connection), ...closeEvidence(connection)],
    remedies: [
      starttls === undefined
        ? { who: 'client', id: 'client', data }
        : { who: 'client', id: 'start', command: 'starttls', data: { ...data, starttls } },
    ],
  };
}

/** A connection without TLS: the fault shows in the server's answer or close, and in what it speaks with others. */
function judgePlaintext(connection: Connection, context: Context, words: PlaintextWords): Verdict | undefined {
  const { client, server, ending } = connection;
  const answer = connection.plaintext.find(({ from }) => from === 'server');
  const { protocol } = words;
  const data = {
    client: client.address,
    server: connectTo(connection),
    words: words.text,
    answer: answer?.text ?? '',
    port: server.port,
    protocol: protocol === null ? '' : PLAINTEXT_NAMES[protocol],
  };
  const base = { basis: 'fact', remedies: remediesFor(data, protocol) } as const;
  if (answer?.expectsTls === true) {
    return {
      ...base,
      support: 'confirmed',
      explanation: { id: 'said', data },
      evidence: plaintextEvidence(connection),
    };
  }
  if (isCancelRequest(words)) return undefined;
  const other = startingWithTls(connection, context);
  const isWeak = protocol === null || WEAKLY_RECOGNISED.has(protocol);
  // SSH and others are used on port 443: only HTTP is certainly a mistake there. On other ports, what the port speaks
  // with others shows it.
  const isShown = other !== undefined || isAmiss(protocol, server.port);
  if (!isShown && !mayExpectTls(connection, protocol)) return undefined;
  const unread = resetUnread(connection);
  const end = unread ?? (ending.by === 'server' ? ending : undefined);
  const isForged = forgedReset(connection) !== null;
  const isClosed = overTcp(connection)?.server.bytes === 0 && end !== undefined && !isForged;
  const isRefused = answer !== undefined && isBadRequest(answer.text);
  // An unanswered request for TLS may have been meant for a proxy or another server, unless TLS comes first there.
  const isSecure = other !== undefined || isSecurePort(protocol, server.port);
  const isUnclear = isAsking(connection) && !isUnansweredConnect(connection) && !isSecure;
  if (!isRefused && (!isClosed || isUnclear)) return undefined;
  // A port that speaks both closes for another reason.
  if (!isRefused && context.serverHistory.plaintextAt(connection) !== undefined) return undefined;
  const endedAt = end?.at ?? null;
  const passed = endedAt === null ? Infinity : millisecondsBetween(words.at, endedAt);
  const needsHaste = !isShown || (other === undefined && protocol !== null && UNANSWERED.has(protocol));
  if (needsHaste && passed > AT_ONCE_MS) return undefined;
  const closing =
    unread === undefined ? closeEvidence(connection) : [evidence(unread, 'seenReset', { ttl: unread.ttl })];
  const seen = [
    ...plaintextEvidence(connection),
    ...(isClosed ? closing : []),
    ...(other === undefined ? [] : otherConnectionEvidence(other, other.serverHello?.version ?? '')),
  ];
  if (!isShown) {
    const explanation = { id: 'closedAtOnce', data: { ...data, passed: duration(passed) } } as const;
    return { ...base, support: 'open', explanation, evidence: seen };
  }
  const isHttp = protocol === 'http' || protocol === 'http2';
  const closed = isWeak ? 'closedUnknown' : 'closed';
  const id = isRefused ? (isHttp ? 'badRequest' : 'answered') : other === undefined ? 'closedByPort' : closed;
  // A server of HTTP does not serve another protocol over TLS either.
  const elsewhere: Verdict['remedies'] = [{ who: 'client', id: 'elsewhere', command: 'confirm', data }];
  const remedies = id === 'answered' && protocol !== null ? elsewhere : base.remedies;
  const support =
    other !== undefined && isRefused ? 'confirmed' : isWeak || beginsBothWays(connection) ? 'open' : 'supported';
  return { ...base, support, explanation: { id, data }, evidence: seen, remedies };
}

/**
 * The server's reset after the client had left: it did not read what the client sent (rsyslog on GnuTLS, for whose answer
 * `logger` does not wait).
 */
function resetUnread({ ending, transport }: Connection): TcpReset | undefined {
  if (transport.kind !== 'tcp' || ending.by !== 'client' || ending.how !== 'close') return undefined;
  return transport.resets.find(({ from, frame }) => from === 'server' && frame > (ending.frame ?? Infinity));
}

/** A connection on which neither side sent anything, at a port where a client waits for a greeting. */
function judgeBothSilent(connection: Connection, context: Context): Verdict | undefined {
  const { client, server, ending } = connection;
  const synAck = overTcp(connection)?.synAck ?? null;
  const waited = bothSilentFor(connection);
  const protocol = GREETING_PORTS.get(server.port);
  if (waited === null || synAck === null || protocol === undefined) return undefined;
  const beginsWithTls = TLS_PORTS.has(server.port);
  // A server that greets others does not expect TLS first.
  if (!beginsWithTls && context.serverHistory.plaintextAt(connection) !== undefined) return undefined;
  const way = TLS_OF_PROTOCOLS[protocol]?.preamble;
  const data = {
    client: client.address,
    server: connectTo(connection),
    port: server.port,
    protocol: PLAINTEXT_NAMES[protocol],
    waited: duration(waited),
    way: way === undefined ? '' : preambleName(way),
  };
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: beginsWithTls ? 'waited' : 'ungreeted', data },
    evidence: [evidence(synAck, 'seenSynAck'), ...(ending.frame === null ? [] : closeEvidence(connection))],
    remedies: beginsWithTls
      ? remediesFor(data, protocol)
      : [
          { who: 'server', id: 'greet', command: 'confirm', data },
          { who: 'server', id: 'hung', data },
        ],
  };
}

/** A ClientHello behind something that is not TLS, which the server refused without an answer to it. */
function judgeBefore(connection: Connection, context: Context): VerdictOf<typeof messages> | undefined {
  const { client, clientHello, serverHello, preamble, ending } = connection;
  const words = connection.plaintext.find(({ from }) => from === 'client');
  if (words === undefined || preamble !== null || serverHello !== null || isDoubtful(connection)) return undefined;
  if (connection.plaintext.length > 1 || words.frame > (clientHello?.frame ?? 0)) return undefined;
  const alert = fatalAlert(connection, 'server');
  if (alert === undefined && ending.by !== 'server') return undefined;
  const how =
    alert === undefined
      ? phrase(ending.how === 'reset' ? 'byReset' : 'byClosing')
      : phrase('withAlert', { alert: alertText(alert) });
  const first = context.serverHistory.acceptedBy(connection).beginnings.get(null);
  // What others say first as well may be a way to TLS that is not known here.
  const other = first?.plaintext.length === 0 ? first : undefined;
  const data = { client: client.address, server: connectTo(connection), how };
  return {
    support: other === undefined ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: 'before', data },
    evidence: [
      evidence(words, 'seenBefore'),
      ...clientHelloEvidence(connection),
      ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
      ...(other === undefined ? [] : otherConnectionEvidence(other, other.serverHello?.version ?? '')),
    ],
    remedies: [{ who: 'client', id: 'rest', command: 'confirm', data }],
  };
}

/** Whether servers of the protocol also take clients that begin with TLS at once, at the same port (PostgreSQL 17). */
const beginsBothWays = ({ preamble }: Connection): boolean => preamble?.kind === 'postgres';

/** PostgreSQL's request to cancel a query, which no server answers; clients send it without TLS. */
const isCancelRequest = ({ text }: PlaintextWords): boolean => text.startsWith('\0\0\0\x10\x04\xd2\x16\x2e');

/** Whether TLS, or another server, was asked for, in the client's protocol. */
const isAsking = ({ preamble }: Connection): boolean => preamble !== null && asksForTls(preamble);

/** Whether the request for TLS, or for another server, may have gone to one that does not speak the protocol. */
const isMisdirected = ({ kind, state }: Preamble): boolean =>
  state === 'requested' || (kind === 'http-connect' && state === 'refused');

/** The server's plaintext close_notify, sent before the client left. */
const closeNotify = (connection: Connection): Alert | undefined =>
  alertsBeforePeerClosed(connection).find(({ from, name, encrypted }) => {
    return from === 'server' && name === 'close_notify' && !encrypted;
  });

const lacksSegments = ({ notes }: Connection): boolean => notes.some(({ code }) => code === 'missing-segments');

export const clientSpeaksPlaintext = defineRule({
  id: 'client-speaks-plaintext',
  title: 'Client speaks plaintext to a TLS server',
  description: 'The client begins with something other than TLS, and the server refuses it.',
  settledBy:
    "The server's log shows the plaintext as a bad request, or that no handshake came. The client's configuration shows the address that it was given.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1', 'RFC 8446 §6.2'],
  messages,
  applies: ({ outcome, clientHello, plaintext, preamble, server, transport }) =>
    (outcome === 'failed' || outcome === 'not-tls') &&
    (clientHello === null || preamble === null) &&
    (plaintext.some(({ demandsTls }) => demandsTls) ||
      (plaintext[0] === undefined
        ? transport.kind === 'tcp' && transport.client.bytes === 0 && GREETING_PORTS.has(server.port)
        : plaintext[0].from === 'client')) &&
    (preamble === null || !asksForTls(preamble) || isMisdirected(preamble)),
  judge(connection, context) {
    if (connection.clientHello !== null) return judgeBefore(connection, context);
    const demand = connection.plaintext.find(({ demandsTls }) => demandsTls);
    if (demand !== undefined) return judgeDemand(connection, demand);
    const words = connection.plaintext.find(({ from }) => from === 'client');
    if (words === undefined) return judgeBothSilent(connection, context);
    // GnuTLS answers anything but TLS with close_notify.
    const alert = fatalAlert(connection, 'server') ?? closeNotify(connection);
    if (alert === undefined) return judgePlaintext(connection, context, words);
    if (words.frame > alert.frame) return undefined;
    const data = {
      client: connection.client.address,
      server: connectTo(connection),
      words: words.text,
      alert: alertText(alert),
      protocol: words.protocol === null ? '' : PLAINTEXT_NAMES[words.protocol],
    };
    return {
      // If the capture lacks the bytes before it, it may be a part of a record.
      support: lacksSegments(connection) || (words.protocol === null && isDoubtful(connection)) ? 'open' : 'confirmed',
      basis: 'fact',
      explanation: { id: 'explanation', data },
      evidence: [...plaintextEvidence(connection), ...alertEvidence(alert)],
      remedies: remediesFor(data, words.protocol),
    };
  },
});
