import { phrase } from '../phrases.js';
import { party } from '../../message.js';
import type { Alert, Connection, EncryptedRecord, Sighting } from '../../connection/connection.js';
import type { Context } from '../context.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { canBeAlert, canBeEncryptedExtensions, canBeFinished, canBePaddedAlert } from '../../tls/record/sizes.js';
import {
  type Citation,
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { alertText, fatalAlert, encryptedRejection, helloRejection } from '../evidence/alerts.js';
import { encryptedDataRecords, openedMessage, protectionOf } from '../evidence/progress.js';
import { alpnArgument, nameOption, placesOf } from '../evidence/places.js';
import { refusalByClient } from '../evidence/refusals.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { PROTOCOL_AT } from '../../knowledge/tls-of-protocols.js';
import { versionRank, withoutGreaseAndSignals } from '../evidence/offers.js';
import { defineRule } from '../rule.js';
import type { AcceptedConnection } from '../evidence/server-history.js';

/** The ClientHello, by the protocols that it offers. */
function offerEvidence({ clientHello }: Connection) {
  if (clientHello === null) return [];
  return [evidence({ ...clientHello, from: 'client' }, 'seenOffer', { offered: clientHello.alpn })];
}

/**
 * The encrypted alert (TLS 1.3) that a server sends instead of its encrypted extensions. It means something else if the
 * client offers both HTTP protocols: one of them would do.
 */
function refusedExtensions(connection: Connection): Alert | undefined {
  const offered = connection.clientHello?.alpn ?? [];
  if (offered.includes('h2') && offered.includes('http/1.1')) return undefined;
  const alert = encryptedRejection(connection);
  const [first, ...more] = encryptedDataRecords(connection, 'server');
  return alert !== undefined && first?.frame === alert.frame && more.length === 0 ? alert : undefined;
}

/**
 * A TLS 1.3 server whose encrypted extensions are too short for a protocol, and a client without a fallback to those it
 * offers: it completes the handshake and leaves at once, without data.
 */
function leftWithoutProtocol(
  connection: Connection,
): { readonly extensions: EncryptedRecord; readonly end: readonly Citation[] } | undefined {
  const { outcome, clientHello, serverHello, ending } = connection;
  const offered = clientHello?.alpn ?? [];
  if (outcome !== 'established' || serverHello?.version !== 'TLS 1.3' || ending.by !== 'client') return undefined;
  if (clientHello === null) return undefined;
  if (offered.length === 0 || offered.some(isFallback)) return undefined;
  const protection = protectionOf(connection);
  if (openedMessage(connection, 'server', 'encrypted_extensions') !== undefined) {
    const extensions = connection.encryptedRecords.find(({ from, decrypted }) => from === 'server' && decrypted);
    const opened = openedMessage(connection, 'client', 'finished');
    const isUnanswered = serverHello.alpn === null && encryptedDataRecords(connection, 'client').length === 0;
    const end = opened !== undefined && isUnanswered ? leftAtOnce(connection, opened) : undefined;
    return extensions === undefined || end === undefined ? undefined : { extensions, end };
  }
  const [extensions] = encryptedDataRecords(connection, 'server');
  if (clientHello.extensions.some((extension) => OF_ODD_ANSWER.has(extension))) return undefined;
  if (extensions === undefined || !canBeEncryptedExtensions(protection, extensions.length, null)) return undefined;
  if (offered.some((one) => canBeEncryptedExtensions(protection, extensions.length, one))) return undefined;
  const [finished, ...more] = encryptedDataRecords(connection, 'client').filter(
    ({ frame }) => frame > serverHello.frame,
  );
  if (finished === undefined || !canBeFinished(protection, finished.length)) return undefined;
  if (!more.every(({ length }) => canBeAlert(protection, length) || canBePaddedAlert(protection, length)))
    return undefined;
  const end = leftAtOnce(connection, finished);
  return end === undefined ? undefined : { extensions, end };
}

/** Extensions whose answer may make up for the length of a protocol's name. */
const OF_ODD_ANSWER: ReadonlySet<string> = new Set([
  'max_fragment_length',
  'heartbeat',
  'client_certificate_type',
  'server_certificate_type',
]);

/** How the client left as soon as the handshake was complete, and before anyone else; undefined if it did not. */
function leftAtOnce(connection: Connection, finished: Sighting): readonly Citation[] | undefined {
  const { clientHello, ending } = connection;
  if (ending.at === null || millisecondsBetween(finished.at, ending.at) > AT_ONCE_MS) return undefined;
  const closeAlert = connection.alerts.find(({ from }) => from === 'client');
  const mayLook = closeAlert !== undefined || clientHello?.alpn.every((one) => one === 'h2') === true;
  // `openssl s_client` and monitors ask for a protocol, look at the answer, and send close_notify; scripts in Python that ask for
  // HTTP/2 alone just leave.
  if (mayLook && clientHello !== null && libraryOf(clientHello) === 'OpenSSL') return undefined;
  // A server that sends close_notify first has ended it.
  if (
    connection.alerts.some(
      ({ from, frame }) => from === 'server' && frame < (closeAlert?.frame ?? ending.frame ?? Infinity),
    )
  )
    return undefined;
  return closeAlert === undefined ? closeEvidence(connection) : alertEvidence(closeAlert);
}

/** How a client left a server that chose no protocol before TLS 1.3. */
function leftBeforeTls13(connection: Connection): readonly Citation[] | undefined {
  const refusal = refusalByClient(connection);
  if (refusal?.how === 'after-handshake') return refusal.evidence;
  const { outcome, ending } = connection;
  // Health checks end with a reset (HAProxy).
  if (outcome !== 'established' || ending.by !== 'client' || ending.how !== 'close') return undefined;
  const finished = finishedOf(connection);
  const isUnused = encryptedDataRecords(connection, 'client').length === 0;
  return finished !== undefined && isUnused ? leftAtOnce(connection, finished) : undefined;
}

/**
 * The end of a connection that began directly with TLS, if a PostgreSQL server closed it as soon as the handshake was complete
 * and the client had offered no protocol: for direct TLS, which came with version 17, it requires "postgresql".
 */
function endedByPostgres(connection: Connection): Sighting | undefined {
  const { outcome, clientHello, serverHello, ending, alerts } = connection;
  if ((outcome !== 'established' && outcome !== 'failed') || clientHello === null || serverHello === null)
    return undefined;
  const alert = alerts.find(({ from, encrypted }) => from === 'server' && encrypted);
  const isClosed = ending.by === 'server' && ending.how === 'close' && ending.frame !== null && ending.at !== null;
  const end = alert ?? (isClosed ? { frame: ending.frame, at: ending.at, from: 'server' as const } : undefined);
  const finished = finishedOf(connection);
  if (end === undefined || finished === undefined || finished.frame > end.frame) return undefined;
  // A client that only looks at the certificate and leaves, as monitors do, is not refused.
  if (ending.by === 'client' && (ending.frame ?? 0) < end.frame) return undefined;
  if (alerts.some(({ from, frame }) => from === 'client' && frame < end.frame)) return undefined;
  if (millisecondsBetween(finished.at, end.at) > AT_ONCE_MS) return undefined;
  const isServed = encryptedDataRecords(connection, 'server').some(
    ({ frame }) => frame > finished.frame && frame < end.frame,
  );
  return isServed ? undefined : end;
}

/** The Finished of the client, or the server's before TLS 1.3, which comes last; undefined if there is none. */
function finishedOf(connection: Connection): Sighting | undefined {
  const { serverHello, messages } = connection;
  if (serverHello?.version !== 'TLS 1.3')
    return messages.findLast(({ from, encrypted }) => from === 'server' && encrypted);
  const [first] = encryptedDataRecords(connection, 'client');
  return first !== undefined && canBeFinished(protectionOf(connection), first.length) ? first : undefined;
}

/** Milliseconds within which a client leaves a connection that it cannot use. */
const AT_ONCE_MS = 1000;

/** Protocols that a client offers as a fallback: without the others, it still works. */
const isFallback = (protocol: string): boolean => /^http\/1\.|^GREASE/i.test(protocol);

/** The protocol by which an authority checks that a name is under control (RFC 8737); it offers nothing else. */
const ACME = 'acme-tls/1';
const isChallenge = (offered: readonly string[]): boolean => offered.length === 1 && offered[0] === ACME;

/** Whether a client that offers no protocol begins directly with TLS at the port of PostgreSQL. */
const isDirectPostgres = ({
  clientHello,
  preamble,
  server,
}: Pick<Connection, 'clientHello' | 'preamble' | 'server'>): boolean =>
  clientHello?.alpn.length === 0 && preamble === null && PROTOCOL_AT.get(server.port) === 'postgres';

export const alpnMismatch = defineRule({
  id: 'alpn-mismatch',
  title: 'No application protocol in common',
  description: 'Client and server have no application protocol (ALPN: h2, http/1.1) that both speak.',
  settledBy: 'A handshake that offers other protocols ("openssl s_client -alpn") shows which ones the server accepts.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 7301 §3.2', 'RFC 9113 §3.3', 'RFC 8737 §3'],
  messages: {
    explanations: {
      said: 'The client offers {offered} as application protocol (ALPN). The {from} ended the handshake with alert {alert}: it speaks none of what is offered.',
      saidKnown:
        'The client offers {offered} as application protocol (ALPN). The server ended the handshake with alert {alert}: it speaks none of what is offered. With other clients it spoke {accepted}.',
      internal:
        'The client offers only {offered} as application protocol (ALPN), and the server gave up with alert {alert}, which names no reason. Over QUIC, some servers say that if they speak none of the protocols offered.',
      notOffered:
        'The client names no application protocol (ALPN). The server requires one and ended the handshake with alert {alert}.',
      saidElsewhere:
        'The server ended the handshake with alert {alert}: it finds no application protocol (ALPN) in what the client offers ({offered}). But in another connection, it accepted the same offer: probably several servers share the address, and differ in their protocols.',
      notOfferedElsewhere:
        'The client names no application protocol (ALPN), and the server ended the handshake with alert {alert}. But in another connection, it accepted a client that names none: probably several servers share the address, and one requires a protocol.',
      hidden:
        'The client offers {offered} as application protocol (ALPN). The server chose version and cipher suite, then sent an encrypted alert in place of EncryptedExtensions, the message that names the application protocol. Probably it speaks none of what is offered. Servers in Go refuse in this way.',
      demanded:
        'The client began directly with TLS, as PostgreSQL allows since version 17, and names no application protocol (ALPN). The server {connect} completed the handshake, and ended the connection at once: with that beginning, PostgreSQL demands the protocol "postgresql" ("received direct SSL connection request without ALPN protocol negotiation extension").',
      unansweredHidden:
        "The client offers only {offered} as application protocol (ALPN). The server's encrypted extensions are too short to choose one, so the client could not use the connection: it left as soon as the handshake was complete.",
      unanswered:
        'The client offers only {offered} as application protocol (ALPN). The server chose none, so the client could not use the connection: it closed it as soon as the handshake was complete.',
    },
    evidence: {
      seenOffer: 'ClientHello; application protocols (ALPN): {offered}',
      seenExtensions: 'encrypted extensions in a record of {length} bytes: no room for an application protocol',
    },
    remedies: {
      client:
        'Configure {client} to offer a protocol that the server speaks: {accepted}. The names are "h3" for HTTP/3 (over QUIC only), "h2" for HTTP/2 and "http/1.1" for HTTP/1.1.',
      clientUnknown:
        'Configure {client} to offer a protocol that the server speaks. The names are "h3" for HTTP/3 (over QUIC only), "h2" for HTTP/2 and "http/1.1" for HTTP/1.1.',
      challenge:
        'Let the program that answers ACME challenges (TLS-ALPN-01) accept connections for acme-tls/1 at {connect}, which must be port 443 as the authority sees it: no proxy or load balancer in front of it may end TLS. Or have the certificate issued by HTTP-01 or DNS-01.',
      postgres:
        'Let {client} offer the application protocol "postgresql" (an upgrade of its driver may be needed), or ask for TLS in the way of older versions (sslnegotiation=postgres).',
      server: 'Or enable one of the protocols that the client offers at {connect}, and at every proxy in front of it.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {sni} -alpn {wanted} </dev/null; openssl s_client -connect {connect} {sni} -alpn {protocols} </dev/null',
        does: "shows whether the server takes the client's application protocol, and which it chooses of these",
        where: 'from-client',
      },
      choose: {
        run: 'openssl s_client -connect {connect} {sni} -alpn {protocols} </dev/null',
        does: 'shows which application protocol the server chooses',
        where: 'from-client',
      },
      confirmQuic: {
        run: 'openssl s_client -connect {connect} -quic -alpn {wanted} {name} </dev/null; openssl s_client -connect {connect} -quic -alpn {protocols} {name} </dev/null',
        does: "shows whether the server takes the client's application protocol, and which it chooses of these",
        where: 'from-client',
      },
    },
  },
  applies: ({ clientHello, serverHello, alerts, preamble, server }) =>
    (serverHello?.alpn === null && clientHello !== null && clientHello.alpn.length > 0) ||
    alerts.some(({ code }) => code === 120 || code === INTERNAL_ERROR) ||
    isDirectPostgres({ clientHello, preamble, server }),
  judge(connection, context) {
    const alert = fatalAlert(connection);
    if (alert?.name === 'no_application_protocol') return judgeAlert(connection, context, alert);
    return (
      judgeInternalError(connection, context) ??
      judgePostgres(connection) ??
      judgeEncryptedRefusal(connection, context) ??
      judgeClientLeavingInTls13(connection, context) ??
      judgeClientLeaving(connection, context)
    );
  },
});

/** A peer says that it speaks none of the protocols. */
function judgeAlert(connection: Connection, context: Context, alert: Alert) {
  const accepted = acceptedProtocols(connection, context);
  const data = dataOf(connection, context);
  const isServer = alert.from === 'server';
  const taken = isServer ? acceptedOffer(connection, context) : undefined;
  const ofServer =
    data.offered.length === 0
      ? taken === undefined
        ? 'notOffered'
        : 'notOfferedElsewhere'
      : taken !== undefined
        ? 'saidElsewhere'
        : accepted.size > 0
          ? 'saidKnown'
          : 'said';
  return {
    support: taken === undefined ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: { id: isServer ? ofServer : 'said', data },
    evidence: [
      ...helloEvidence(connection),
      ...alertEvidence(alert),
      ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameProtocols'))),
      ...[...accepted].flatMap(([protocol, other]) => otherConnectionEvidence(other, protocol)),
    ],
    remedies: remediesOf(connection, data),
  } as const;
}

/** A connection in which the server accepted the protocols that this client offers; they matter to it alone with the same name. */
function acceptedOffer(connection: Connection, context: Context): AcceptedConnection | undefined {
  const { clientHello } = connection;
  if (clientHello === null) return undefined;
  const { full, resumed, serverNames } = context.serverHistory.acceptedBy(connection);
  const offered = clientHello.alpn.join();
  return (
    [serverNames.get(clientHello.serverName), full, resumed].find(
      (other) => other?.clientHello?.serverName === clientHello.serverName && other.clientHello.alpn.join() === offered,
    ) ?? undefined
  );
}

const INTERNAL_ERROR = 80;

/**
 * A QUIC server that refuses the ClientHello without a reason, although every connection over QUIC has a protocol (RFC 9001
 * §8.1): servers differ in those that they speak, apart from h3.
 */
function judgeInternalError(connection: Connection, context: Context) {
  const alert = connection.protocol === 'quic' ? helloRejection(connection) : undefined;
  const offered = connection.clientHello?.alpn ?? [];
  if (alert?.code !== INTERNAL_ERROR || offered.length === 0 || offered.includes('h3')) return undefined;
  const data = dataOf(connection, context);
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'internal', data },
    evidence: [...helloEvidence(connection), ...alertEvidence(alert)],
    remedies: remediesOf(connection, data),
  } as const;
}

/** PostgreSQL ends direct TLS without a protocol. */
function judgePostgres(connection: Connection) {
  const end = isDirectPostgres(connection) ? endedByPostgres(connection) : undefined;
  if (end === undefined) return undefined;
  const alert = connection.alerts.find((one) => one === end);
  const data = { ...placesOf(connection), protocols: 'postgresql' };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'demanded', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      ...(alert === undefined ? closeEvidence(connection) : alertEvidence(alert)),
    ],
    remedies: [{ who: 'client', id: 'postgres', command: 'choose', data }],
  } as const;
}

/** The server sends an encrypted alert in place of its encrypted extensions. */
function judgeEncryptedRefusal(connection: Connection, context: Context) {
  const alert = refusedExtensions(connection);
  if (alert === undefined) return undefined;
  const data = dataOf(connection, context);
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'hidden', data },
    evidence: [...helloEvidence(connection), ...alertEvidence(alert)],
    remedies: remediesOf(connection, data),
  } as const;
}

/** The server chooses no protocol in TLS 1.3, and the client leaves. */
function judgeClientLeavingInTls13(connection: Connection, context: Context) {
  const left = leftWithoutProtocol(connection);
  if (left === undefined) return undefined;
  const data = dataOf(connection, context);
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'unansweredHidden', data },
    evidence: [
      ...helloEvidence(connection),
      evidence(left.extensions, 'seenExtensions', { length: left.extensions.length }),
      ...left.end,
    ],
    remedies: remediesOf(connection, data),
  } as const;
}

/** The server chooses no protocol before TLS 1.3, which encrypts that, and the client leaves. */
function judgeClientLeaving(connection: Connection, context: Context) {
  const { serverHello } = connection;
  const isUnanswered = serverHello?.alpn === null && versionRank(serverHello.version) < versionRank('TLS 1.3');
  const offered = connection.clientHello?.alpn ?? [];
  if (!isUnanswered || offered.length === 0 || offered.some(isFallback)) return undefined;
  const end = leftBeforeTls13(connection);
  if (end === undefined) return undefined;
  const data = dataOf(connection, context);
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'unanswered', data },
    evidence: [...helloEvidence(connection), ...end],
    remedies: remediesOf(connection, data),
  } as const;
}

/** Each protocol that the server spoke with other clients, with a connection that shows it. */
const acceptedProtocols = (connection: Connection, context: Context) =>
  context.serverHistory.acceptedBy(connection).applicationProtocols;

const helloEvidence = (connection: Connection) => [...offerEvidence(connection), ...serverHelloEvidence(connection)];

function dataOf(connection: Connection, context: Context) {
  const alert = fatalAlert(connection);
  const accepted = [...acceptedProtocols(connection, context).keys()];
  return {
    ...placesOf(connection),
    offered: connection.clientHello?.alpn ?? [],
    accepted,
    from: party(alert?.from ?? 'client'),
    alert: alert === undefined ? '' : alertText(alert),
    wanted: alpnArgument(withoutGreaseAndSignals(connection.clientHello?.alpn ?? [])),
    protocols: protocolsToTry(connection, accepted),
    name: nameOption(connection),
  };
}

/** What a test of the server offers. */
function protocolsToTry({ clientHello, protocol }: Connection, accepted: readonly string[]): string {
  if (isChallenge(clientHello?.alpn ?? [])) return ACME;
  return alpnArgument(accepted) || (protocol === 'quic' ? 'h3' : 'h2,http/1.1');
}

function remediesOf({ protocol }: Connection, data: ReturnType<typeof dataOf>) {
  if (isChallenge(data.offered)) return [{ who: 'server', id: 'challenge', command: 'choose', data }] as const;
  return [
    {
      who: 'client',
      id: data.accepted.length > 0 ? 'client' : 'clientUnknown',
      command: data.wanted === '' ? 'choose' : protocol === 'quic' ? 'confirmQuic' : 'confirm',
      data,
    },
    { who: 'server', id: 'server', data },
  ] as const;
}
