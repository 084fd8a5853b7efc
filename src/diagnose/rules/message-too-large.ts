import { certificateMessage } from '../../connection/certificate-message.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import type { Context } from '../context.js';
import { fatalAlert } from '../evidence/alerts.js';
import { depthBeyond } from '../evidence/chain-depth.js';
import {
  alertEvidence,
  certificateEvidence,
  closeEvidence,
  clientHelloEvidence,
  evidence,
} from '../evidence/citations.js';
import { howEnded } from '../evidence/endings.js';
import { encryptedDataRecords } from '../evidence/progress.js';
import { placesOf } from '../evidence/places.js';
import { refusalByClient } from '../evidence/refusals.js';
import { LONGEST_MESSAGES } from '../../knowledge/stacks/message-limits.js';
import { isAlwaysAccepted } from '../../tls/record/sizes.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

/** Milliseconds within which a client leaves that does not accept what it got. */
const AT_ONCE_MS = 1000;
/**
 * Stacks for small devices: their buffers may be smaller than a record, and Mbed TLS before 3.6.3 does not join
 * fragments.
 */
const SMALL: ReadonlySet<Library> = new Set(['Mbed TLS', 'wolfSSL']);

const messages = defineMessages({
  explanations: {
    tooMany:
      'The server sends {count} certificates. The client looks like {library} (by its ClientHello), which accepts {limit} by default. The client rejected them {how}.',
    tooLong:
      "The server's Certificate message has {bytes} bytes. The client looks like Java (by its ClientHello), which accepts {limit} by default (jdk.tls.maxHandshakeMessageSize). The client rejected it {how}.",
    longChain:
      "The server's Certificate message has {bytes} bytes. The client looks like {library} (by its ClientHello), which does not accept messages of such a length. The client rejected it {how}.",
    longFlight:
      'The server sent {bytes} encrypted bytes, its certificates among them. The client looks like {library} (by its ClientHello), which does not accept messages of more than {limit}. It ended the connection {how} within them.',
    requestTooLong:
      "The server's CertificateRequest has {bytes} bytes: it lists {authorities} authorities. The client looks like Java (by its ClientHello), which accepts messages of {limit} by default (jdk.tls.maxHandshakeMessageSize). The client rejected it {how}.",
    longRequest:
      "The server's CertificateRequest has {bytes} bytes: it lists {authorities} authorities. The client looks like {library} (by its ClientHello), which does not accept messages of such a length. The client rejected it {how}.",
    lowDepth:
      'The server sends {count} certificates. The client looks like {library} (by its ClientHello), and rejected them {how}: its alert for a chain with more intermediates than its option depth allows, which programs set, and older versions set low.',
    manyCertificates:
      'The server sends {count} certificates, more than some clients accept (Java: {limit}). The client rejected them {how}.',
    record:
      'The server announces a record of {bytes} bytes. The client, whose buffer may be smaller, rejected it {how} before the record was complete: {received} bytes of it had come.',
    fragments:
      "The server's Certificate message comes in {records} records. The client looks like {library} (by its ClientHello), which in many versions cannot join the fragments of a handshake message. It rejected the message {how} at once.",
  },
  evidence: {
    seenBeginning: 'the last that came of a record of {bytes} bytes: {received} of them',
    seenRequest: 'CertificateRequest of {bytes} bytes',
    seenFragments: 'Certificate message of {bytes} bytes in {records} records',
  },
  remedies: {
    shorten:
      'Let {connect} send its own certificate and the intermediates that lead to the root, each once, and nothing else.',
    shortenRequest:
      'Let {connect} list only the authorities that issue for its clients: not a whole trust store (nginx: ssl_client_certificate; Apache: SSLCADNRequestFile), or none (an empty list).',
    raise:
      'Or raise the limit at {client} (Java: -Djdk.tls.maxCertificateChainLength={count}; Mbed TLS: MBEDTLS_X509_MAX_INTERMEDIATE_CA, wolfSSL: MAX_CHAIN_DEPTH, when they are built; Erlang: depth).',
    deepen: 'See in the log of {client} whether it says max_path_length_reached: then raise its option depth.',
    raiseLength: 'Or raise the limit at {client} (Java: -Djdk.tls.maxHandshakeMessageSize={bytes}).',
    enlarge:
      'Give {client} a larger input buffer (Mbed TLS: MBEDTLS_SSL_IN_CONTENT_LEN), up to 16384 bytes, or let it ask for smaller records (max_fragment_length, record_size_limit).',
    whole: 'Let {connect} send each handshake message in one record: raise its record or fragment size.',
    upgrade: 'Or upgrade the TLS library of {client} to one that joins fragments (Mbed TLS: 3.6.3 or later).',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts </dev/null',
      does: 'shows the chain that the server sends',
      where: 'from-client',
    },
    confirmRequest: {
      run: "openssl s_client -connect {connect} {sni} </dev/null | sed -n '/^Acceptable client certificate CA names/,/^Requested/p' | wc -lc",
      does: 'counts the authorities that the server lists, in lines, and their characters',
      where: 'from-client',
    },
    confirmSmall: {
      run: 'openssl s_client -connect {connect} {sni} -maxfraglen 4096 -msg </dev/null',
      does: 'shows whether the handshake works with small records',
      where: 'from-client',
    },
  },
});

type Own = VerdictOf<typeof messages>;

/** How the client ended, if it did so at once after `since`: by an alert that can mean a size, or without one. */
function refusedAtOnce(connection: Connection, since: Connection['endedAt'], fitting = FITTING) {
  const { ending } = connection;
  const alert = fatalAlert(connection, 'client');
  if (alert === undefined && ending.by !== 'client') return undefined;
  const end = alert ?? ending;
  if (end.at === null || end.frame === null || millisecondsBetween(since, end.at) > AT_ONCE_MS) return undefined;
  if (alert !== undefined && !fitting.has(alert.name ?? '')) return undefined;
  return {
    how: howEnded(connection, alert),
    frame: end.frame,
    evidence: alert === undefined ? closeEvidence(connection) : alertEvidence(alert),
  };
}

/** Alerts of stacks about sizes; the last one is that of Mbed TLS and wolfSSL for records. */
const FITTING: ReadonlySet<string> = new Set([
  'handshake_failure',
  'internal_error',
  'illegal_parameter',
  'unexpected_message',
  'decode_error',
  'record_overflow',
]);

/** A record that the client did not receive to its end. */
function judgeRecord(connection: Connection): Own | undefined {
  const { clientHello, unfinishedRecords, transport } = connection;
  const unfinished = unfinishedRecords.find(({ from }) => from === 'server');
  const last = transport.server.lastData;
  if (clientHello === null || unfinished === undefined || last === null) return undefined;
  const library = libraryOf(clientHello);
  if (isAlwaysAccepted(unfinished.length) || (library !== null && !SMALL.has(library))) return undefined;
  const refused = refusedAtOnce(connection, last.at);
  if (refused === undefined || refused.frame < last.frame) return undefined;
  const data = {
    ...placesOf(connection),
    bytes: unfinished.length,
    received: unfinished.bytes,
    how: refused.how,
  };
  return {
    // A program that only looks leaves as soon as it has seen enough.
    support: library === null && fatalAlert(connection, 'client') === undefined ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: 'record', data },
    evidence: [...clientHelloEvidence(connection), evidence(last, 'seenBeginning', data), ...refused.evidence],
    remedies: [
      { who: 'client', id: 'enlarge', command: 'confirmSmall', data },
      { who: 'server', id: 'shorten', data },
    ],
  };
}

/** The frame of the ServerHello: after it, a client may end the connection before the rest of the flight has arrived. */
const startOfFlight = ({ serverHello }: Connection): number => serverHello?.frame ?? Infinity;

/** A Certificate message in pieces, and a client that cannot join them. */
function judgeFragments(connection: Connection): Own | undefined {
  const { clientHello } = connection;
  const message = certificateMessage(connection, 'server');
  const library = clientHello === null ? null : libraryOf(clientHello);
  // Over DTLS, it joins fragments.
  if (connection.protocol !== 'tls' || message === undefined || message.records < 2 || library !== 'Mbed TLS')
    return undefined;
  const refused = refusedAtOnce(connection, message.at);
  // It can tell by the first of them.
  if (refused === undefined || refused.frame < startOfFlight(connection)) return undefined;
  const hasGoneOn = connection.messages.some(({ from, frame }) => from === 'client' && frame >= message.frame);
  if (hasGoneOn) return undefined;
  const data = {
    ...placesOf(connection),
    library,
    bytes: message.length,
    records: message.records,
    how: refused.how,
  };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'fragments', data },
    evidence: [...clientHelloEvidence(connection), evidence(message, 'seenFragments', data), ...refused.evidence],
    remedies: [
      { who: 'server', id: 'whole', command: 'confirm', data },
      { who: 'client', id: 'upgrade', data },
    ],
  };
}

/** A list of authorities that makes the CertificateRequest longer than Java or wolfSSL accepts. */
function judgeRequest(connection: Connection): Own | undefined {
  const { clientHello, certificateRequest, messages } = connection;
  const message = messages.find(({ from, type }) => from === 'server' && type === 'certificate_request');
  if (clientHello === null || message === undefined || message.length <= LONGEST_MESSAGES.java) return undefined;
  const refused = refusedAtOnce(connection, message.at);
  const library = libraryOf(clientHello);
  if (refused === undefined || refused.frame < message.frame) return undefined;
  // wolfSSL 5.5.4 was seen to refuse one of 54,048 bytes.
  if (library !== 'JSSE' && library !== 'wolfSSL') return undefined;
  const data = {
    ...placesOf(connection),
    bytes: message.length,
    authorities: certificateRequest?.certificateAuthorities.length ?? 0,
    library,
    limit: LONGEST_MESSAGES.java,
    how: refused.how,
  };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: library === 'JSSE' ? 'requestTooLong' : 'longRequest', data },
    evidence: [...clientHelloEvidence(connection), evidence(message, 'seenRequest', data), ...refused.evidence],
    remedies: [
      { who: 'server', id: 'shortenRequest', command: 'confirmRequest', data },
      ...(library === 'JSSE' ? ([{ who: 'client', id: 'raiseLength', data }] as const) : []),
    ],
  };
}

/** Whether the connection ended within the server's flight, before the message of this frame was complete. */
function isCutShort(connection: Connection, frame: number): boolean {
  const end = connection.ending.frame ?? 0;
  return startOfFlight(connection) <= end && end <= frame;
}

/** More certificates, or a longer message, than the client accepts. */
function judgeChain(connection: Connection, context: Context): Own | undefined {
  const { clientHello, serverCertificates } = connection;
  const refusal = refusalByClient(connection);
  const message = certificateMessage(connection, 'server');
  if (clientHello === null || message === undefined) return undefined;
  const library = libraryOf(clientHello);
  // wolfSSL leaves as soon as it has read the length.
  const isUnread = library === 'wolfSSL' && connection.ending.by === 'client' && isCutShort(connection, message.frame);
  if (refusal?.how !== 'close' && refusal?.how !== 'alert' && !isUnread) return undefined;
  const depth = depthBeyond(connection, context);
  const refused = refusedAtOnce(connection, message.at, depth?.alerts);
  if (refused === undefined) return undefined;
  const isLong = message.length > (library === 'wolfSSL' ? LONGEST_MESSAGES.wolfssl : LONGEST_MESSAGES.java);
  if (depth === undefined && !(isLong && (library === null || library === 'JSSE' || library === 'wolfSSL')))
    return undefined;
  const data = {
    ...placesOf(connection),
    count: serverCertificates.length,
    bytes: message.length,
    library: library ?? '',
    limit: depth?.most ?? LONGEST_MESSAGES.java,
    how: refused.how,
  };
  const known = depth !== undefined ? 'tooMany' : library === 'JSSE' ? 'tooLong' : 'longChain';
  return {
    support: library === null ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: library === null ? 'manyCertificates' : known, data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', serverCertificates[0]),
      ...refused.evidence,
    ],
    remedies: [
      { who: 'server', id: 'shorten', command: 'confirm', data },
      ...(depth !== undefined
        ? ([{ who: 'client', id: 'raise', data }] as const)
        : library === 'wolfSSL'
          ? []
          : ([{ who: 'client', id: 'raiseLength', data }] as const)),
    ],
  };
}

/** A TLS 1.3 flight so long that it must hold a message that wolfSSL does not accept: Certificate or CertificateRequest. */
function judgeEncryptedFlight(connection: Connection): Own | undefined {
  const { clientHello, serverHello, serverCertificates } = connection;
  if (clientHello === null || serverHello?.version !== 'TLS 1.3' || serverCertificates.length > 0) return undefined;
  const library = libraryOf(clientHello);
  const flight = encryptedDataRecords(connection, 'server');
  const bytes = flight.reduce((sum, { length }) => sum + length, 0);
  const refused = refusedAtOnce(connection, serverHello.at);
  if (library !== 'wolfSSL' || bytes <= LONGEST_MESSAGES.wolfssl || refused === undefined) return undefined;
  const data = { ...placesOf(connection), bytes, library, limit: LONGEST_MESSAGES.wolfssl, how: refused.how };
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: 'longFlight', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', undefined),
      ...refused.evidence,
    ],
    remedies: [{ who: 'server', id: 'shorten', command: 'confirm', data }],
  };
}

/**
 * A chain with intermediates, and Erlang's alert for a chain longer than its `depth` option, which it sends for few other
 * faults.
 */
function judgeDepth(connection: Connection): Own | undefined {
  const { clientHello, serverCertificates } = connection;
  const message = certificateMessage(connection, 'server');
  const library = clientHello === null ? null : libraryOf(clientHello);
  if (message === undefined || library !== 'Erlang' || fatalAlert(connection, 'client')?.name !== DEPTH_ALERT)
    return undefined;
  const intermediates = serverCertificates.slice(1).filter(({ selfIssued }) => !selfIssued);
  const refused = refusedAtOnce(connection, message.at);
  if (intermediates.length === 0 || refused === undefined || refused.frame < message.frame) return undefined;
  const count = serverCertificates.length;
  const data = { ...placesOf(connection), library, count, how: refused.how };
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: 'lowDepth', data },
    evidence: [
      ...clientHelloEvidence(connection),
      ...certificateEvidence(connection, 'server', serverCertificates[0]),
      ...refused.evidence,
    ],
    remedies: [{ who: 'client', id: 'deepen', command: 'confirm', data }],
  };
}

/** Erlang/OTP 25, for max_path_length_reached: recorded with a depth of 0 and one certificate in between. */
const DEPTH_ALERT = 'handshake_failure';

export const messageTooLarge = defineRule({
  id: 'message-too-large',
  title: 'Message is larger than the peer accepts',
  description:
    'The server sends a message, a record or a chain of certificates beyond what the client accepts, or in pieces that it cannot join.',
  settledBy:
    'The same handshake with a shorter chain, or a client with a larger limit, works if the size is the fault.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §5.1', 'RFC 6066 §4', 'RFC 8449 §4'],
  messages,
  applies: ({ outcome, clientHello }) => outcome === 'failed' && clientHello !== null,
  judge: (connection, context) =>
    judgeRecord(connection) ??
    judgeFragments(connection) ??
    judgeRequest(connection) ??
    judgeChain(connection, context) ??
    judgeEncryptedFlight(connection) ??
    judgeDepth(connection),
});
