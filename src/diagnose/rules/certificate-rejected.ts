import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Connection, EncryptedRecord } from '../../connection/connection.js';
import type { Context } from '../context.js';
import {
  type Citation,
  alertEvidence,
  certificateData,
  certificateEvidence,
  closeEvidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { alertText, unboundAt } from '../evidence/alerts.js';
import { encryptedCloseByServer } from '../evidence/encrypted-closes.js';
import { connectTo, sniOption } from '../evidence/places.js';
import { encryptedDataRecords, protectionOf } from '../evidence/progress.js';
import {
  howRefused,
  closedOnServerFlight,
  isCurlOnGnutls,
  mayBeCurlOnOpenssl,
  refusalByClient,
  isRefusedByProgram,
  type Refusal,
  isTooLong,
  mayBeFlight,
  whyUnseen,
} from '../evidence/refusals.js';
import { matchHostName } from '../../x509/names.js';
import { canBeEmptyCertificate, canBeFinished } from '../../tls/record/sizes.js';
import { innermost } from '../../preamble/preamble.js';
import { libraryOf } from '../../knowledge/stacks/recognise.js';
import { defineRule } from '../rule.js';
import type { AcceptedConnection } from '../evidence/server-history.js';

/**
 * The end of a GnuTLS client that verifies the certificate after the TLS 1.3 handshake: its Finished, then the end, and
 * nothing else. Programs on this stack that only look send close_notify first.
 */
function leftAfterFinished(connection: Connection): readonly Citation[] | undefined {
  const { clientHello, serverHello, ending, alerts, transport } = connection;
  if (clientHello === null || serverHello?.version !== 'TLS 1.3' || serverHello.resumed) return undefined;
  if (libraryOf(clientHello) !== 'GnuTLS' || clientHello.earlyData || transport.client.missing > 0) return undefined;
  if (alerts.some(({ from }) => from === 'client')) return undefined;
  const [finished, ...more] = dataWithoutEmptyCertificate(connection);
  if (finished === undefined || more.length > 0) return undefined;
  if (!canBeFinished(protectionOf(connection), finished.length)) return undefined;
  // After an UnbindRequest in plaintext, the server may close first.
  const hasLeft = ending.by === 'client' || unboundAt(connection) !== null;
  if (!hasLeft || ending.at === null) return undefined;
  if (millisecondsBetween(finished.at, ending.at) > LEAVE_MS) return undefined;
  return closeEvidence(connection);
}

/** What a TLS 1.3 client sent encrypted, without the answer to a server that asks for a certificate which it has not. */
function dataWithoutEmptyCertificate(connection: Connection): readonly EncryptedRecord[] {
  const protection = protectionOf(connection);
  const isEmpty = ({ length }: EncryptedRecord): boolean => canBeEmptyCertificate(protection, length);
  return encryptedDataRecords(connection, 'client').filter((record) => !isEmpty(record));
}

/** Milliseconds within which a client leaves that checks the name after the handshake. */
const LEAVE_MS = 500;

/**
 * How an HTTP client left right after the TLS 1.3 handshake, without a request: curl does so, which leaves the chain to
 * OpenSSL and then checks the name itself.
 */
function leftWithoutRequest(connection: Connection): readonly Citation[] | undefined {
  const { clientHello, serverHello, ending, alerts, transport } = connection;
  if (clientHello === null || serverHello === null) return undefined;
  if (serverHello.resumed || clientHello.earlyData || transport.client.missing > 0) return undefined;
  if (serverHello.version !== 'TLS 1.3') return leftWithoutRequestInView(connection);
  if (!mayBeCurlOnOpenssl(clientHello) && !isCurlOnGnutls(clientHello)) return undefined;
  const closeAlert = alerts.find(({ inferred }) => inferred);
  const [finished, last, ...more] = dataWithoutEmptyCertificate(connection);
  if (finished === undefined || more.length > 0) return undefined;
  if (!canBeFinished(protectionOf(connection), finished.length)) return undefined;
  if (closeAlert?.from !== 'client' || last?.frame !== closeAlert.frame) return undefined;
  // It is the first to leave, even if the server closes first.
  if (ending.frame === null || ending.frame < closeAlert.frame) return undefined;
  if (millisecondsBetween(finished.at, closeAlert.at) > LEAVE_MS) return undefined;
  return [...alertEvidence(closeAlert), ...closeEvidence(connection)];
}

/** As `leftWithoutRequest`, for curl on OpenSSL before TLS 1.3: the certificate is visible, and the chain was accepted. */
function leftWithoutRequestInView(connection: Connection): readonly Citation[] | undefined {
  const { clientHello, serverCertificates } = connection;
  const [leaf] = serverCertificates;
  if (clientHello === null || leaf === undefined || !mayBeCurlOnOpenssl(clientHello)) return undefined;
  // Otherwise hostname-mismatch says more.
  if (!matchHostName(leaf, clientHello.serverName ?? connection.server.address).covered) return undefined;
  // Only curl is known to offer post-handshake authentication and to close with close_notify.
  if (!clientHello.extensions.includes('post_handshake_auth')) return undefined;
  const refusal = refusalByClient(connection);
  return refusal?.how === 'after-handshake' && refusal.isOrderlyClose ? refusal.evidence : undefined;
}

/**
 * The end of a client that verifies after the handshake (Node.js, GnuTLS before TLS 1.3), and that left without an alert and
 * without a request after it got a certificate of a private authority.
 */
function leftSilently(connection: Connection, context: Context): readonly Citation[] | undefined {
  const refusal = refusalByClient(connection);
  const verifiesLate = refusal?.library === 'Node.js' || refusal?.library === 'GnuTLS';
  if (!verifiesLate || refusal.how !== 'after-handshake' || refusal.isOrderlyClose) return undefined;
  if (connection.serverCertificates.length === 0) return undefined;
  const { status } = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  return status === 'private-root' || status === 'incomplete' ? refusal.evidence : undefined;
}

/**
 * The end of a MySQL client that asked for TLS, completed the handshake, and left without a login: MariaDB's client
 * then checks the name itself. It leaves by a reset where it has not read the server's tickets. One that only looks
 * (`openssl s_client -starttls mysql`) sends close_notify.
 */
function leftWithoutLogin(connection: Connection): readonly Citation[] | undefined {
  const { preamble, serverHello, ending, alerts, messages, transport } = connection;
  if (preamble === null || innermost(preamble).kind !== 'mysql' || serverHello === null || serverHello.resumed)
    return undefined;
  if (transport.client.missing > 0 || ending.by !== 'client' || ending.at === null) return undefined;
  if (alerts.some(({ from }) => from === 'client')) return undefined;
  const data = dataWithoutEmptyCertificate(connection);
  const isTls13 = serverHello.version === 'TLS 1.3';
  if (data.length > (isTls13 ? 1 : 0)) return undefined;
  const last = (isTls13 ? data : messages.filter(({ encrypted }) => encrypted)).at(-1);
  if (last === undefined || millisecondsBetween(last.at, ending.at) > LEAVE_MS) return undefined;
  return closeEvidence(connection);
}

/** The explanation for a client that left without a request: it depends on when its library verifies. */
const unaskedBy = ({ clientHello }: Connection): 'withoutRequest' | 'withoutRequestLate' =>
  clientHello !== null && libraryOf(clientHello) === 'GnuTLS' ? 'withoutRequestLate' : 'withoutRequest';

/** What a rejection without a visible alert is inferred from; undefined if it is not inferred. */
function inferredFrom(connection: Connection, how: Refusal['how'], left: ReturnType<typeof closedOnServerFlight>) {
  if (how === 'encrypted-close') {
    if (encryptedCloseByServer(connection) !== undefined) return 'hiddenCloseOfEither';
    if (mayBeFlight(connection)) return 'hiddenCloseOrFlight';
    return left === 'unclear' ? 'hiddenCloseUnclear' : 'hiddenClose';
  }
  if (left !== undefined) return left === 'unclear' ? 'leftUnclear' : 'left';
  return how === 'encrypted-alert' ? 'hidden' : undefined;
}

/** A connection on which a client on the same host, with the same ClientHello and name, was served by the same server. */
function acceptedBefore(connection: Connection, context: Context): AcceptedConnection | undefined {
  const { client, clientHello } = connection;
  if (clientHello === null) return undefined;
  const other = context.serverHistory.acceptedBy(connection).serverNames.get(clientHello.serverName);
  const isAlike = other?.client.address === client.address && other.clientHello?.ja4 === clientHello.ja4;
  return isAlike && other.isServed ? other : undefined;
}

export const certificateRejected = defineRule({
  id: 'certificate-rejected',
  title: 'Client rejects the server certificate',
  description: "The client refuses the server's certificate, and the capture does not show why.",
  settledBy: "The client's log says why it rejected the certificate.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 8446 §4.4.2.4', 'RFC 5246 §7.2.2'],
  messages: {
    explanations: {
      said: "The client {client} rejected the server's certificate ({subject}) {how}. The reason is in the client's trust store or its policy, which the capture does not show.",
      saidUnreadable:
        "The client {client} rejected the server's certificate ({subject}) {how}. That certificate cannot be read here: {error}. If the client can read it, the reason is in its trust store or its policy, which the capture does not show.",
      saidHidden: "The client {client} rejected the server's certificate {how}; {unseen}.",
      hidden:
        "Right after the server's flight, which TLS 1.3 encrypts, the client {client} sent a single encrypted alert and no Finished: it rejected the certificate. Its reason is hidden. Check expiry, name, missing intermediate, unknown authority, in this order.",
      hiddenUnlike:
        "Right after the server's flight, which TLS 1.3 encrypts, the client {client} sent a single encrypted alert and no Finished. On another connection a client on the same host that looks the same (by its ClientHello) continued, with the same name. Either it is another program, or got another certificate, and rejected that; or a record was altered on the path, of which clients complain in the same way.",
      hiddenBeside:
        "Right after the server's flight, which TLS 1.3 encrypts, the client {client} sent a single encrypted alert and no Finished. Another client complained of this server's flight in the clear, with {said}: it could not decrypt or verify it. Either this client means the same, or it rejected the certificate.",
      hiddenClose:
        "The client {client} answered the server's flight, which QUIC encrypts, with a few packets but no Finished. Then both sides fell silent at once and for good: the client closed the connection in an encrypted packet, as clients do when they reject the certificate. Its reason is hidden. Check expiry, name, missing intermediate, unknown authority, in this order.",
      hiddenCloseOfEither:
        "The client {client} answered the server's flight, which QUIC encrypts. A short packet of the server followed, and then both sides fell silent at once and for good. Either the client closed the connection in an encrypted packet, as clients do when they reject the certificate, or the server did, as servers do that refuse the client's certificate, or miss one.",
      hiddenCloseOrFlight:
        "The client {client} answered the server's flight, which QUIC encrypts. Then both sides fell silent at once and for good. Either the client closed the connection in an encrypted packet, as clients do when they reject the certificate; or that packet was its own flight, and the server closed the connection, as servers do that refuse the client's certificate, or miss one, in a packet that the capture lacks.",
      hiddenCloseUnclear:
        "The client {client} acknowledged the server's flight, which QUIC encrypts, and sent no Finished. Then both sides fell silent at once and for good. Either the client closed the connection in an encrypted packet, as clients do when they reject the certificate, or it was stopped at that moment.",
      left: "As soon as the client {client} had the server's flight, which TLS 1.3 encrypts, it closed the connection, without an alert and without its Finished. Programs that check the certificate themselves (Node.js, Bun) reject it in this way. Its reason is hidden. Check expiry, name, missing intermediate, unknown authority, in this order.",
      leftUnclear:
        "As soon as the client {client} had the server's flight, which TLS 1.3 encrypts, it ended the connection, without an alert and without its Finished. Either it rejected the certificate, as programs do that check it themselves (Node.js, Bun), or it needed no more (a monitor that destroys the socket once it has seen the certificate), or it was stopped.",
      leftInView:
        "As soon as the client {client} had the server's flight, it closed the connection, without an alert and without its Finished. Programs that check the certificate themselves (Node.js, Bun) reject it in this way. What it did not like of the certificate ({subject}) is in its trust store or its policy, which the capture does not show.",
      leftInViewUnclear:
        "As soon as the client {client} had the server's flight, it ended the connection, without an alert and without its Finished. Either it rejected the certificate ({subject}), as programs do that check it themselves (Node.js, Bun), or it needed no more (a monitor that destroys the socket once it has seen the certificate), or it was stopped.",
      afterFinished:
        'The client {client} completed the handshake and ended the connection at once, without an alert and without data. It looks like GnuTLS (by its ClientHello): programs on this library verify the certificate after the handshake, and reject it in this way. Its reason is hidden. Check expiry, name, missing intermediate, unknown authority, in this order.',
      withoutRequest:
        'The client {client} completed the handshake and closed the connection at once, without a request. It offers HTTP and looks like OpenSSL (by its ClientHello). Such clients (curl is one) check the chain during the handshake, and the name ({name}) after it. The certificate, which TLS 1.3 hides, probably does not cover the name. Or the client was cancelled, or only checked that the server is there.',
      withoutRequestLate:
        'The client {client} completed the handshake and closed the connection at once, in order and without a request. It offers HTTP and looks like GnuTLS (by its ClientHello). Such clients (curl and git with this library) verify the certificate after the handshake, and reject it in this way. Its reason is hidden. Check expiry, name, missing intermediate, unknown authority, in this order. Or the client was cancelled, or only checked that the server is there.',
      withoutRequestInView:
        'The client {client} completed the handshake and closed the connection at once, in order and without a request. It looks like curl on OpenSSL (by its ClientHello), which had accepted the chain by then. The certificate ({subject}) has the name {name}. What curl checks after that is a pinned key (--pinnedpubkey), the OCSP response (--cert-status), or the issuer. Or the client was cancelled, or only checked that the server is there.',
      unsaid:
        'The client {client} completed the handshake and closed the connection at once, without an alert and without a request, as programs do that verify the certificate ({subject}) by themselves and reject it. If it knows the authority, it did not like something else: a pinned key, a revocation list, a rule of the program.',
      withoutLogin:
        "The client {client} completed the handshake and closed the connection at once, without a login and without close_notify. MariaDB's client (10.11) checks the chain during the handshake, and the name after it: probably the certificate does not cover the name that it was given, which it does not tell the server. Or the client was stopped.",
    },
    evidence: {},
    remedies: {
      lookName:
        'Look at the log of {client} at that time: curl says "no alternative certificate subject name matches". If the name {name} is not the one that is meant, correct it there.',
      showName:
        'See whether the certificate that {connect} sends covers {name} (the command says "hostname mismatch" if not); have it issued again with that name, or install the right one.',
      look: 'Look at the log of {client} for the reason; check its trust store and its clock.',
      show: 'Look at the certificate and chain that {connect} sends: dates, names, intermediates.',
    },
    commands: {
      confirm: {
        run: 'openssl s_client -connect {connect} {asked} -showcerts </dev/null',
        does: 'shows the chain that the server sends',
        where: 'from-client',
      },
    },
  },
  applies: ({ outcome }) => outcome === 'failed' || outcome === 'established',
  judge(connection, context) {
    // After an UnbindRequest in plaintext, the connection ends like an established one.
    return connection.outcome === 'established' || unboundAt(connection) !== null
      ? (judgeEarlyLeaving(connection) ?? judgeSilentLeaving(connection, context))
      : judgeRefusal(connection, context);
  },
});

/** The client completed the handshake, and left as its stack does when it rejects the certificate after that. */
function judgeEarlyLeaving(connection: Connection) {
  const afterFinished = leftAfterFinished(connection);
  const withoutRequest = leftWithoutRequest(connection);
  const end = afterFinished ?? withoutRequest ?? leftWithoutLogin(connection);
  if (end === undefined) return undefined;
  const [leaf] = connection.serverCertificates;
  if (leaf !== undefined && withoutRequest !== undefined)
    return judgeInView(connection, leaf, 'withoutRequestInView', end);
  const unasked = withoutRequest === undefined ? 'withoutLogin' : unaskedBy(connection);
  const id = afterFinished === undefined ? unasked : 'afterFinished';
  const data = nameData(connection);
  return {
    support: 'open',
    basis: 'ending',
    explanation: { id, data },
    evidence: [...certificateEvidence(connection, 'server', undefined), ...end],
    remedies: id === 'withoutRequest' ? nameRemedies(data) : remediesOf(data),
  } as const;
}

/** The client completed the handshake, got a certificate of a private authority, and left without a word. */
function judgeSilentLeaving(connection: Connection, context: Context) {
  const [leaf] = connection.serverCertificates;
  const end = leftSilently(connection, context);
  return leaf === undefined || end === undefined ? undefined : judgeInView(connection, leaf, 'unsaid', end);
}

/** The client completed the handshake and left, and the capture shows the certificate. */
function judgeInView(
  connection: Connection,
  leaf: Certificate,
  id: 'withoutRequestInView' | 'unsaid',
  end: readonly Citation[],
) {
  const data = nameData(connection);
  return {
    support: 'open',
    basis: 'ending',
    subject: leaf.sha256,
    explanation: { id, data: { ...data, ...certificateData(leaf) } },
    evidence: [...certificateEvidence(connection, 'server', leaf), ...end],
    remedies: remediesOf(data),
  } as const;
}

/** The client refused the certificate before the handshake was complete. */
function judgeRefusal(connection: Connection, context: Context) {
  const refusal = refusalByClient(connection);
  if (refusal === undefined) return undefined;
  const [leaf] = connection.serverCertificates;
  const left = closedOnServerFlight(connection);
  const inferred = inferredFrom(connection, refusal.how, left);
  const isByProgram = isRefusedByProgram(connection);
  if (inferred === undefined && !refusal.isExplicit && !isByProgram) return undefined;
  const other = inferred === 'hidden' ? acceptedBefore(connection, context) : undefined;
  // The alert may be about more than the certificate: see decryption-failed.
  const beside = inferred === 'hidden' ? context.serverHistory.unverifiedAt(connection) : undefined;
  // The flight before its end was decrypted: the certificate is visible, and the refusal still inferred.
  const decrypted = refusal.how === 'close' && left !== undefined ? leaf : undefined;
  const data = { ...addressesOf(connection), how: howRefused(refusal), unseen: whyUnseen(connection) };
  // That it refused the certificate is what happened; in a visible one, the reason should be visible too. For
  // unknown_ca, certificate-authority-unknown and its rivals are more specific.
  const isReasonHidden = inferred !== undefined || (leaf === undefined && refusal.alert !== 'unknown_ca');
  const isUnclear =
    other !== undefined || beside !== undefined || left === 'unclear' || isByProgram || isTooLong(connection);
  return {
    support: isReasonHidden && !isUnclear ? 'supported' : 'open',
    basis: 'ending',
    explanation: explainRefusal(),
    evidence: [
      ...certificateEvidence(connection, 'server', leaf),
      ...refusal.evidence,
      ...(other === undefined ? [] : otherConnectionEvidence(other, other.serverHello?.version ?? '')),
      ...(beside === undefined ? [] : alertEvidence(beside)),
    ],
    remedies: remediesOf(data),
  } as const;

  function explainRefusal() {
    if (decrypted !== undefined) {
      const id = left === 'unclear' ? 'leftInViewUnclear' : 'leftInView';
      return { id, data: { ...data, ...certificateData(decrypted) } } as const;
    }
    if (other !== undefined) return { id: 'hiddenUnlike', data } as const;
    if (beside !== undefined) return { id: 'hiddenBeside', data: { ...data, said: alertText(beside) } } as const;
    if (inferred !== undefined) return { id: inferred, data } as const;
    if (leaf === undefined) return { id: 'saidHidden', data } as const;
    const visible = { ...data, ...certificateData(leaf) };
    return leaf.error === null
      ? ({ id: 'said', data: visible } as const)
      : ({ id: 'saidUnreadable', data: { ...visible, error: leaf.error } } as const);
  }
}

function addressesOf(connection: Connection) {
  const name = connection.clientHello?.serverName ?? null;
  return {
    client: connection.client.address,
    connect: connectTo(connection),
    asked: [...sniOption(connection), ...(name === null ? [] : ['-verify_hostname', name])],
  };
}

const nameData = (connection: Connection) => ({
  ...addressesOf(connection),
  name: connection.clientHello?.serverName ?? connection.server.address,
});

const remediesOf = (data: ReturnType<typeof addressesOf>) =>
  [
    { who: 'client', id: 'look', data },
    { who: 'server', id: 'show', command: 'confirm', data },
  ] as const;

const nameRemedies = (data: ReturnType<typeof nameData>) =>
  [
    { who: 'client', id: 'lookName', data },
    { who: 'server', id: 'showName', command: 'confirm', data },
  ] as const;
