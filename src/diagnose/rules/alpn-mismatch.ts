import { party } from '../../message.js';
import type { Alert, Connection, EncryptedRecord, Sighting } from '../../connection/connection.js';
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
import { alertText, fatalAlert, encryptedRejection } from '../evidence/alerts.js';
import { encryptedDataRecords, openedMessage, protectionOf } from '../evidence/progress.js';
import { nameOption, placesOf } from '../evidence/places.js';
import { refusalByClient } from '../evidence/refusals.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { PROTOCOL_AT } from '../../knowledge/tls-of-protocols.js';
import { versionRank } from '../evidence/offers.js';
import { defineRule } from '../rule.js';

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
    if (extensions === undefined || opened === undefined || !isUnanswered) return undefined;
    return leftAtOnce(connection, opened, extensions);
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
  return leftAtOnce(connection, finished, extensions);
}

/** Extensions whose answer may make up for the length of a protocol's name. */
const OF_ODD_ANSWER: ReadonlySet<string> = new Set([
  'max_fragment_length',
  'heartbeat',
  'client_certificate_type',
  'server_certificate_type',
]);

/** Whether the client left as soon as it had sent its Finished, and before anyone else. */
function leftAtOnce(
  connection: Connection,
  finished: Sighting,
  extensions: EncryptedRecord,
): { readonly extensions: EncryptedRecord; readonly end: readonly Citation[] } | undefined {
  const { clientHello, ending } = connection;
  if (ending.at === null || millisecondsBetween(finished.at, ending.at) > AT_ONCE_MS) return undefined;
  const closeAlert = connection.alerts.find(({ from }) => from === 'client');
  // `openssl s_client` and monitors ask for a protocol, look at the answer, and send close_notify.
  if (closeAlert !== undefined && clientHello !== null && libraryOf(clientHello) === 'OpenSSL') return undefined;
  // A server that sends close_notify first has ended it.
  if (
    connection.alerts.some(
      ({ from, frame }) => from === 'server' && frame < (closeAlert?.frame ?? ending.frame ?? Infinity),
    )
  )
    return undefined;
  return { extensions, end: closeAlert === undefined ? closeEvidence(connection) : alertEvidence(closeAlert) };
}

/**
 * The end of a connection that began directly with TLS, if a PostgreSQL server closed it as soon as the handshake was complete
 * and the client had offered no protocol: for direct TLS, which came with version 17, it requires "postgresql".
 */
function endedByPostgres(connection: Connection): Sighting | undefined {
  const { outcome, clientHello, serverHello, ending, alerts } = connection;
  if ((outcome !== 'established' && outcome !== 'failed') || clientHello === null || serverHello === null)
    return undefined;
  const said = alerts.find(({ from, encrypted }) => from === 'server' && encrypted);
  const closed = ending.by === 'server' && ending.how === 'close' && ending.frame !== null && ending.at !== null;
  const end = said ?? (closed ? { frame: ending.frame, at: ending.at, from: 'server' as const } : undefined);
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
      notOffered:
        'The client names no application protocol (ALPN). The server requires one and ended the handshake with alert {alert}.',
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
        run: 'openssl s_client -connect {connect} {sni} -alpn {protocols} </dev/null',
        does: 'shows which application protocol the server chooses',
        where: 'from-client',
      },
      confirmQuic: {
        run: 'openssl s_client -connect {connect} -quic -alpn {protocols} {name} </dev/null',
        does: 'shows which application protocol the server chooses',
        where: 'from-client',
      },
    },
  },
  applies: ({ clientHello, serverHello, alerts, preamble, server }) =>
    (serverHello?.alpn === null && clientHello !== null && clientHello.alpn.length > 0) ||
    alerts.some(({ code }) => code === 120) ||
    isDirectPostgres({ clientHello, preamble, server }),
  judge(connection, context) {
    const offered = connection.clientHello?.alpn ?? [];
    const alert = fatalAlert(connection);
    const isSaid = alert?.name === 'no_application_protocol';
    const ended = isSaid || !isDirectPostgres(connection) ? undefined : endedByPostgres(connection);
    if (ended !== undefined) {
      const data = { ...placesOf(connection), protocols: 'postgresql' };
      return {
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'demanded', data },
        evidence: [
          ...clientHelloEvidence(connection),
          ...serverHelloEvidence(connection),
          ...(connection.alerts.find((one) => one === ended) === undefined ? closeEvidence(connection) : []),
          ...connection.alerts.filter((one) => one === ended).flatMap((one) => alertEvidence(one)),
        ],
        remedies: [{ who: 'client', id: 'postgres', command: 'confirm', data }],
      };
    }
    const refusal = isSaid ? undefined : refusalByClient(connection);
    const refused = isSaid ? undefined : refusedExtensions(connection);
    const unanswered = isSaid || refused !== undefined ? undefined : leftWithoutProtocol(connection);
    if (!isSaid && refused === undefined && unanswered === undefined && refusal?.how !== 'after-handshake')
      return undefined;
    const known = context.serverHistory.acceptedBy(connection).applicationProtocols;
    const isQuic = connection.protocol === 'quic';
    const data = {
      ...placesOf(connection),
      offered,
      accepted: [...known.keys()],
      from: party(alert?.from ?? 'client'),
      alert: alert === undefined ? '' : alertText(alert),
      protocols: isChallenge(offered)
        ? ACME
        : known.size > 0
          ? [...known.keys()].join(',')
          : isQuic
            ? 'h3'
            : 'h2,http/1.1',
      name: nameOption(connection),
    };
    const remedies = isChallenge(offered)
      ? ([{ who: 'server', id: 'challenge', command: 'confirm', data }] as const)
      : ([
          {
            who: 'client',
            id: known.size > 0 ? 'client' : 'clientUnknown',
            command: isQuic ? 'confirmQuic' : 'confirm',
            data,
          },
          { who: 'server', id: 'server', data },
        ] as const);
    if (isSaid) {
      const isKnown = known.size > 0 && alert.from === 'server';
      return {
        support: 'confirmed',
        basis: 'fact',
        explanation: {
          id: offered.length === 0 && alert.from === 'server' ? 'notOffered' : isKnown ? 'saidKnown' : 'said',
          data,
        },
        evidence: [
          ...offerEvidence(connection),
          ...serverHelloEvidence(connection),
          ...alertEvidence(alert),
          ...[...known].flatMap(([protocol, other]) => otherConnectionEvidence(other, protocol)),
        ],
        remedies,
      };
    }
    const { serverHello } = connection;
    if (refused !== undefined) {
      return {
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'hidden', data },
        evidence: [...offerEvidence(connection), ...serverHelloEvidence(connection), ...alertEvidence(refused)],
        remedies,
      };
    }
    if (unanswered !== undefined) {
      const { extensions, end } = unanswered;
      return {
        support: 'supported',
        basis: 'fact',
        explanation: { id: 'unansweredHidden', data },
        evidence: [
          ...offerEvidence(connection),
          ...serverHelloEvidence(connection),
          evidence(extensions, 'seenExtensions', { length: extensions.length }),
          ...end,
        ],
        remedies,
      };
    }
    // TLS 1.3 encrypts what the server chose.
    const isUnanswered = serverHello?.alpn === null && versionRank(serverHello.version) < versionRank('TLS 1.3');
    if (!isUnanswered || offered.length === 0 || offered.some(isFallback) || refusal?.how !== 'after-handshake')
      return undefined;
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: 'unanswered', data },
      evidence: [...offerEvidence(connection), ...serverHelloEvidence(connection), ...refusal.evidence],
      remedies,
    };
  },
});
