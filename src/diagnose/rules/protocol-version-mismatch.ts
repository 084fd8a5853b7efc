import { type List, listOf } from '../../message.js';
import { phrase } from '../phrases.js';
import type { Alert, ClientHello, Connection, ServerHello, Sighting } from '../../connection/connection.js';
import { acceptedForName, lackedKeys, offeredGroups, offersVersion } from '../evidence/offer-comparison.js';
import type { Context } from '../context.js';
import {
  type Citation,
  alertEvidence,
  clientHelloEvidence,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
  serverHelloEvidence,
} from '../evidence/citations.js';
import { alertText, fatalAlert, helloRejection } from '../evidence/alerts.js';
import { connectTo, placesOf, nameOption, quicOption } from '../evidence/places.js';
import { offerOptions, versionOptions } from '../evidence/openssl-offer.js';
import { quicVersionRefusal, withoutReservedVersions } from '../evidence/quic.js';
import { eapRefusal } from '../evidence/eap.js';
import { closedWithoutAlert } from '../evidence/endings.js';
import {
  isSinceTls12,
  newestOffered,
  offeredCipherSuites,
  versionRank,
  withoutGreaseAndSignals,
} from '../evidence/offers.js';
import { ambiguousVersionAlert, REMAINING, remainingFault } from '../evidence/hello-refusals.js';
import { plaintextBefore } from '../evidence/plaintext.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    left: REMAINING,
    serverRefuses: 'The client offers {offered}. The server rejected that with alert protocol_version (70).',
    unseen:
      'The server refuses every version that the client offers, with alert protocol_version (70). What the client offers is not in the capture.',
    serverRefusesKnown:
      'The client offers {offered}. The server rejected that with alert protocol_version (70). It accepts {accepted} from other clients.',
    serverRefusesElsewhere:
      'The client offers {offered}. The server rejected that with alert protocol_version (70), but accepted {accepted} in other connections: several servers may share the address and differ in their versions, or the alert is about something else.',
    quic: 'Of the versions of QUIC, the client speaks {offered}. {server} answered that it speaks {accepted}, and the client went no further.',
    clientRefuses: 'The client offers {offered}. The server answered with {chosen}, which the client does not accept.',
    clientTooWeak:
      'The client offers {offered}. The server answered with {chosen}, and the client gave up with alert internal_error (80). A client on OpenSSL 3 sends this alert when a version signs with SHA-1 or MD5, which its security level forbids.',
    cookieRefused:
      'The client offers only {offered}. The server answered with HelloVerifyRequest, which DTLS 1.3 does not have, so it speaks DTLS 1.2 at most. The client refused that.',
    closeNotify:
      'The client offers {offered}. The server answered at once with a fatal close_notify in a {record} record: it knows nothing newer than {record}.',
    otherConnections:
      'The client offers {offered}. The server rejected it with alert {alert}. With other clients it agreed only on {accepted}.',
    dropped:
      'The client offers {offered}. The server ended the connection in answer to the ClientHello, without an alert. With other clients it agreed only on {accepted}.',
    oldRecord:
      'The client offers {offered} with cipher suites that only TLS 1.2 has, and the server rejected it with alert {alert} in a {record} record: either it knows nothing newer than {record}, where these suites do not exist, or it refused the connection before it chose a version, for example for the server name.',
    newerRecord:
      'The client offers {offered}, and the server rejected it with alert {alert} in a {record} record: a server that speaks {offered} would answer in that version, so this one probably wants {record} or later. Servers on rustls refuse in this way.',
    ssl3: 'The client offers SSL 3.0 and nothing newer. The server rejected it with alert {alert}. Hardly any server accepts SSL 3.0 (RFC 7568 forbids it).',
    onlyNewest:
      'The client offers only TLS 1.3, with parameters that every TLS 1.3 server can accept. The server rejected it with alert {alert}: probably it speaks TLS 1.2 at most, where it has no cipher suite in common with this client. Servers on GnuTLS refuse in this way.',
    eap: 'The client offers {offered}. The RADIUS server answered with EAP-Failure and no alert, as FreeRADIUS does when it accepts none of the versions. Most servers accept nothing older than TLS 1.2.',
    tooWeak:
      'The client offers {offered}; the server gave up with alert internal_error (80). A server on OpenSSL 3 sends this alert when it allows the version itself, but the version signs only with SHA-1 or MD5, which its security level forbids.',
  },
  evidence: {
    seenVersionNegotiation: 'Version Negotiation: the server speaks {accepted}',
    seenQuicVersion: 'a packet of {offered}',
    seenVerifyRequest: 'HelloVerifyRequest, as servers of DTLS 1.2 and before send it',
  },
  remedies: {
    upgradeServer: 'Make the server speak {modern}: enable it, or upgrade its TLS library.',
    modernizeServer: 'Make the server speak TLS 1.2 or later: enable it, or upgrade its TLS library.',
    pinClient:
      'Or allow in the client, for this one server, the version that the server speaks. If that is TLS 1.0 or 1.1, only as a stopgap: they are deprecated (RFC 8996), and what they carry is less well protected.',
    upgradeClient:
      'Make {client} speak a version that the server accepts: upgrade its TLS library or runtime, or lift its maximum version.',
    quicClient:
      'Make {client} speak a version of QUIC that the server accepts: QUIC v1 (RFC 9000) is in general use; its drafts are not.',
    quicServer: 'Make the server {connect} speak QUIC v1 (RFC 9000), which is in general use.',
    allowOld:
      'Only if the client cannot be changed: allow its version at the server for a while. TLS 1.0 and 1.1 are deprecated (RFC 8996).',
  },
  commands: {
    confirmQuic: {
      run: 'curl --http3-only -vk {url}',
      does: 'shows whether QUIC works, without falling back to TCP',
      where: 'from-client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} {option} </dev/null',
      does: 'shows whether the server accepts this version',
      where: 'from-client',
    },
    compare: {
      run: 'openssl s_client -connect {connect} {offer} </dev/null; openssl s_client -connect {connect} {sni} {option} </dev/null',
      does: "shows whether the server accepts the client's version, and whether it accepts the other",
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

interface AcceptedVersions {
  readonly versions: readonly string[];
  readonly evidence: readonly Citation[];
}

/** What the capture says of the versions that the server takes. */
function acceptedVersions(connection: Connection, context: Context): AcceptedVersions {
  const { versions } = context.serverHistory.acceptedBy(connection);
  return {
    versions: [...versions.keys()],
    evidence: [...versions].flatMap(([version, other]) => otherConnectionEvidence(other, version)),
  };
}

function remedies(connection: Connection, serverIsOld: boolean, versions: readonly string[]): Verdict['remedies'] {
  const offered = connection.clientHello?.supportedVersions ?? [];
  const modern = offered.filter((version) => /^D?TLS 1\.[23]$/.test(version));
  const option = versionOptions(versions[0] ?? modern.at(-1) ?? '') ?? [
    connection.protocol === 'dtls' ? '-dtls1_2' : '-tls1_2',
  ];
  const data = {
    connect: connectTo(connection),
    sni: nameOption(connection),
    offer: offerOptions(connection),
    option:
      connection.protocol === 'quic' ? quicOption(withoutGreaseAndSignals(connection.clientHello?.alpn ?? [])) : option,
    client: connection.client.address,
    modern: listOf(modern, 'alternatives'),
  };
  const hasOther =
    connection.clientHello !== null && connection.protocol === 'tls' && (versions.length > 0 || !serverIsOld);
  const command = hasOther ? 'compare' : 'confirm';
  return serverIsOld
    ? [
        { who: 'server', id: modern.length === 0 ? 'modernizeServer' : 'upgradeServer', command, data },
        { who: 'client', id: 'pinClient', data },
      ]
    : [
        { who: 'client', id: 'upgradeClient', command, data },
        { who: 'server', id: 'allowOld', data },
      ];
}

export const protocolVersionMismatch = defineRule({
  id: 'protocol-version-mismatch',
  title: 'No TLS version in common',
  description: 'Client and server have no protocol version that both are willing to speak.',
  settledBy: 'A handshake with each version in turn shows which ones the server accepts.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 9000 §6', 'RFC 8446 §4.2.1', 'RFC 8446 §6.2', 'RFC 5246 §E.1', 'RFC 8996'],
  messages,
  applies: ({ outcome }) => outcome === 'failed',
  judge(connection, context) {
    // Over QUIC, only the alert protocol_version is about the version of TLS, as over TCP.
    if (connection.protocol === 'quic' && fatalAlert(connection)?.name !== 'protocol_version') {
      return judgeQuic(connection);
    }
    const offer = offerOf(connection);
    if (offer === undefined) return judgeUnseenOffer(connection) ?? judgeUnseenRefusal(connection, context);
    const { serverHello } = connection;
    if (serverHello !== null) return judgeServerHello(connection, serverHello, offer);
    const verified = verifiedInVain(connection);
    if (verified !== undefined) return judgeVerifyRequest(connection, verified, offer);

    const refusal: Refusal = { connection, context, offer, known: acceptedVersions(connection, context) };
    const failure = eapRefusal(connection);
    if (failure !== undefined && isDeprecated(offer.newest)) return judgeEap(refusal, failure);
    const alert = helloRejection(connection);
    if (alert === undefined) return judgeClose(refusal);
    switch (alert.name) {
      case 'protocol_version':
        return judgeVersionAlert(refusal, alert);
      case 'handshake_failure':
        return judgeHandshakeFailure(refusal, alert);
      case 'internal_error':
        return isDeprecated(offer.newest) ? judgeInternalError(refusal, alert) : remaining(refusal);
      case 'close_notify': {
        // Servers of TLS 1.3 write TLS 1.2 in their records, too.
        const known = offer.newest === 'TLS 1.3' ? 'TLS 1.2' : offer.newest;
        const isOld = alert.level === 'fatal' && isOlder(alert, known);
        return isOld ? judgeCloseNotify(refusal, alert) : remaining(refusal);
      }
      case null:
      default:
        return remaining(refusal);
    }
  },
});

/** The versions that a client offers. */
interface Offer {
  readonly clientHello: ClientHello;
  readonly versions: readonly string[];
  readonly newest: string;
  /** In the form for messages. */
  readonly offered: List;
}

/** A ClientHello that the server did not answer with a ServerHello. */
interface Refusal {
  readonly connection: Connection;
  readonly context: Context;
  readonly offer: Offer;
  readonly known: AcceptedVersions;
}

function offerOf(connection: Connection): Offer | undefined {
  const { clientHello } = connection;
  const newest = newestOffered(connection);
  if (clientHello === null || newest === null) return undefined;
  const versions = withoutGreaseAndSignals(clientHello.supportedVersions);
  return { clientHello, versions, newest, offered: described(versions, clientHello.extensions) };
}

function oldestOf({ versions, newest }: Offer): string {
  return versions.reduce((a, b) => (versionRank(a) <= versionRank(b) ? a : b), newest);
}

const offersAny = (connection: Connection, versions: readonly string[]): boolean =>
  versions.some((version) => offersVersion(connection, version));

/** Whether the client offers a cipher suite that the server agreed on with others: then the suites are not the reason. */
function offersAnySuite({ connection, context }: Refusal): boolean {
  const { cipherSuites } = acceptedForName(connection, context);
  return offeredCipherSuites(connection).some((suite) => cipherSuites.has(suite));
}

function isDeprecated(version: string): boolean {
  return versionRank(version) < versionRank('TLS 1.2');
}

function judgeUnseenOffer(connection: Connection): Verdict | undefined {
  const alert = fatalAlert(connection, 'server');
  if (connection.clientHello !== null || alert?.name !== 'protocol_version') return undefined;
  // Plaintext offers no version: see client-speaks-plaintext and tls-never-began.
  if (plaintextBefore(connection, alert) !== undefined) return undefined;
  return {
    // Nothing visible supports it: it may be an old health check (HAProxy), and OpenSSL 3.0 sends this alert for other reasons, too.
    support: 'open',
    basis: 'fact',
    explanation: { id: 'unseen', data: {} },
    evidence: alertEvidence(alert),
    remedies: remedies(connection, false, []),
  };
}

/** The server refuses a ClientHello that the capture lacks, for a reason that it does not say. */
function judgeUnseenRefusal(connection: Connection, context: Context): Verdict | undefined {
  const left = remainingFault(connection, context, 'protocol-version-mismatch');
  return left && { ...left, remedies: remedies(connection, false, []) };
}

/** The server chose a version, and the client did not continue. */
function judgeServerHello(
  connection: Connection,
  serverHello: ServerHello,
  { clientHello, versions, newest, offered }: Offer,
): Verdict | undefined {
  const byClient = fatalAlert(connection, 'client');
  const isOnlyNewest = clientHello.supportedVersions.length === 1;
  const wasOffered =
    versions.includes(serverHello.version) || (isOnlyNewest && versionRank(serverHello.version) <= versionRank(newest));
  // OpenSSL 3 accepts an old version, but its security level forbids the signatures of that version.
  const isTooWeak = byClient?.name === 'internal_error' && isDeprecated(serverHello.version);
  const isEnded = byClient !== undefined || closedWithoutAlert(connection);
  // For a version that the client offered itself, the alert is about a record that was none (see protocol-violation).
  const isRefused =
    byClient?.name === 'protocol_version' ? !versions.includes(serverHello.version) : isEnded && !wasOffered;
  if (!(isRefused || isTooWeak)) return undefined;
  return {
    support: isRefused ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: {
      id: isRefused ? 'clientRefuses' : 'clientTooWeak',
      data: { offered, chosen: serverHello.version },
    },
    evidence: [
      ...clientHelloEvidence(connection),
      ...serverHelloEvidence(connection),
      ...(byClient === undefined ? closeEvidence(connection) : alertEvidence(byClient)),
    ],
    remedies: remedies(connection, true, [serverHello.version]),
  };
}

function judgeVerifyRequest(connection: Connection, verified: Verdict['evidence'], { offered }: Offer): Verdict {
  return {
    support: 'confirmed',
    basis: 'fact',
    explanation: { id: 'cookieRefused', data: { offered } },
    evidence: [...clientHelloEvidence(connection), ...verified],
    remedies: remedies(connection, true, []),
  };
}

/** EAP-Failure in answer to the ClientHello. */
function judgeEap({ connection, offer, known }: Refusal, failure: Sighting): Verdict | undefined {
  if (known.versions.includes(offer.newest)) return undefined;
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'eap', data: { offered: offer.offered } },
    evidence: [...clientHelloEvidence(connection), evidence(failure, 'seenEapFailure')],
    remedies: remedies(connection, false, []),
  };
}

/** The server ended the connection in answer to the ClientHello, without an alert. */
function judgeClose(refusal: Refusal): Verdict | undefined {
  const { connection, context, offer, known } = refusal;
  const left = remainingFault(connection, context, 'protocol-version-mismatch');
  if (left === undefined) return undefined;
  const { newest, offered } = offer;
  // Other handshakes with TLS 1.3 do not show that the server speaks nothing else.
  const isKnown = known.versions.length > 0 && !offersAny(connection, known.versions) && newest !== 'TLS 1.2';
  const isTheReason = isKnown && offersAnySuite(refusal) && context.serverHistory.isServing(connection);
  return {
    ...left,
    support: isTheReason ? 'supported' : 'open',
    basis: newest === 'TLS 1.2' ? left.basis : 'fact',
    ...(isKnown && { explanation: { id: 'dropped', data: { offered, accepted: known.versions } } }),
    evidence: [...left.evidence, ...(isKnown ? known.evidence : [])],
    remedies: remedies(connection, !isDeprecated(newest), known.versions),
  };
}

function judgeVersionAlert(refusal: Refusal, alert: Alert): Verdict | undefined {
  const { connection, context, offer, known } = refusal;
  const { newest, offered } = offer;
  const isAmbiguous = ambiguousVersionAlert(connection, context) !== undefined;
  const isOfHeader = mayAnswerHeader(connection, context, newest);
  // The server speaks it with others: the alert is about something else, unless another name leads to another server.
  const isSpoken = known.versions.some((version) => versionRank(version) === versionRank(newest));
  const isServed = context.serverHistory.acceptedBy(connection).serverNames.has(offer.clientHello.serverName);
  if (isSpoken && (isOfHeader || (isAmbiguous && isServed))) return undefined;
  // It speaks an older one that this client offers, too, perhaps as another service at this port.
  const isContradicted = isOfHeader || (isAmbiguous && offersAny(connection, known.versions));
  const isTakenElsewhere = known.versions.some((version) => offer.versions.includes(version));
  const oldest = versionRank(oldestOf(offer));
  const serverIsOld =
    known.versions.length > 0
      ? known.versions.every((version) => versionRank(version) < oldest)
      : !isDeprecated(newest);
  const data = { offered, accepted: known.versions };
  const kind = isTakenElsewhere ? 'serverRefusesElsewhere' : 'serverRefusesKnown';
  return {
    support: isContradicted
      ? isOfHeader && newest === 'TLS 1.2'
        ? 'supported'
        : 'open'
      : supportOfVersionAlert(refusal, isAmbiguous, isTakenElsewhere),
    basis: 'fact',
    explanation: known.versions.length > 0 && !isContradicted ? { id: kind, data } : { id: 'serverRefuses', data },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(connection, serverIsOld, known.versions),
  };
}

/** How far the alert protocol_version supports its own meaning, where no other fault is in view. */
function supportOfVersionAlert(
  { connection, context, offer }: Refusal,
  isAmbiguous: boolean,
  isTakenElsewhere: boolean,
): Verdict['support'] {
  if (isAmbiguous) return supportOfAmbiguous(connection, context);
  if (!isTakenElsewhere) return 'confirmed';
  // One of several servers behind the address: without a usable certificate there, OpenSSL 3.0 says the same to clients of TLS 1.3.
  return offer.newest === 'TLS 1.3' ? supportOfAmbiguous(connection, context) : 'supported';
}

/**
 * Whether the server may mean the version that it read in a PROXY header instead of a record: no client that sent one was accepted,
 * and this one offers a version in general use.
 */
function mayAnswerHeader(connection: Connection, { serverHistory }: Context, newest: string): boolean {
  if (connection.preamble?.kind !== 'proxy-protocol' || isDeprecated(newest)) return false;
  return !serverHistory.acceptedBy(connection).beginnings.has('proxy-protocol');
}

function judgeCloseNotify({ connection, offer, known }: Refusal, alert: Alert): Verdict {
  return {
    // Programs that want no connection say the same; what a record is marked with need not be all that the server knows.
    support: known.versions.includes(alert.recordVersion) ? 'confirmed' : 'open',
    basis: 'fact',
    explanation: { id: 'closeNotify', data: { offered: offer.offered, record: alert.recordVersion } },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(connection, true, [alert.recordVersion]),
  };
}

function judgeInternalError({ connection, offer, known }: Refusal, alert: Alert): Verdict | undefined {
  if (known.versions.includes(offer.newest)) return undefined;
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'tooWeak', data: { offered: offer.offered } },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(connection, false, known.versions),
  };
}

/** The alert of a server that finds nothing in common, which may be the version or something else. */
function judgeHandshakeFailure(refusal: Refusal, alert: Alert): Verdict | undefined {
  const { connection, offer, known } = refusal;
  const byRecord = judgeRecordVersion(refusal, alert);
  if (byRecord !== undefined) return byRecord;
  if (known.versions.length === 0) return judgeUnknownServer(refusal, alert);
  if (offersAny(connection, known.versions)) return remaining(refusal);
  const { newest, offered } = offer;
  return {
    // Other handshakes with TLS 1.3 do not show that the server speaks nothing else; and an old client may lack its suites.
    support: newest === 'TLS 1.2' || !offersAnySuite(refusal) ? 'open' : 'supported',
    basis: 'fact',
    explanation: { id: 'otherConnections', data: { offered, accepted: known.versions, alert: alertText(alert) } },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(
      connection,
      known.versions.every((version) => versionRank(version) < versionRank(newest)),
      known.versions,
    ),
  };
}

/** What the version of the alert's record tells of the versions that the server speaks. */
function judgeRecordVersion({ connection, offer, known }: Refusal, alert: Alert): Verdict | undefined {
  const { newest, offered } = offer;
  const data = { offered, alert: alertText(alert), record: alert.recordVersion };
  const isNewOffer = offeredCipherSuites(connection).every(isSinceTls12);
  if (known.versions.length === 0 && isOlder(alert, 'TLS 1.2') && isNewOffer) {
    return {
      // BoringSSL (Envoy, Cloudflare) writes TLS 1.0 until it has chosen a version, and refuses a name before that.
      support: 'open',
      basis: 'fact',
      explanation: { id: 'oldRecord', data },
      evidence: refusalEvidence(connection, alert, known),
      remedies: remedies(connection, true, [alert.recordVersion]),
    };
  }
  // rustls writes TLS 1.2 in all its records, and knows nothing older.
  const isNewerRecord = versionRank(alert.recordVersion) > versionRank(newest);
  if (known.versions.includes(newest) || !isDeprecated(newest) || !isNewerRecord) return undefined;
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id: 'newerRecord', data },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(connection, false, known.versions),
  };
}

/** The server accepted no other client in this capture: only the offer shows anything. */
function judgeUnknownServer(refusal: Refusal, alert: Alert): Verdict | undefined {
  const { connection, offer, known } = refusal;
  if (offer.newest === 'SSL 3.0') {
    return {
      support: 'supported',
      basis: 'fact',
      explanation: { id: 'ssl3', data: { alert: alertText(alert) } },
      evidence: refusalEvidence(connection, alert, known),
      remedies: remedies(connection, false, []),
    };
  }
  if (!isPlainTls13(connection)) return remaining(refusal);
  return {
    // Servers without a certificate say the same (GnuTLS, Node.js).
    support: 'open',
    basis: 'fact',
    explanation: { id: 'onlyNewest', data: { alert: alertText(alert) } },
    evidence: refusalEvidence(connection, alert, known),
    remedies: remedies(connection, true, []),
  };
}

/** Nothing supports the version more than the other faults that a refusal can mean. */
function remaining({ connection, context, offer }: Refusal): Verdict | undefined {
  const left = remainingFault(connection, context, 'protocol-version-mismatch');
  return left && { ...left, remedies: remedies(connection, !isDeprecated(offer.newest), []) };
}

function refusalEvidence(connection: Connection, alert: Alert, known: AcceptedVersions): Citation[] {
  return [...clientHelloEvidence(connection), ...alertEvidence(alert), ...known.evidence];
}

/** Alerts of a server that also refuses clients of TLS 1.2: then the version is not the reason. */
const OTHER_REFUSALS = ['handshake_failure (40)', 'internal_error (80)'];

/** How far the alert protocol_version supports that a TLS 1.3 client and the server have no version in common. */
function supportOfAmbiguous(connection: Connection, { serverHistory }: Context): 'supported' | 'open' {
  const { clientHello } = connection;
  // Sent to a client that also offers TLS 1.2: the server speaks only TLS 1.3 and has no key for it, or only versions before
  // 1.2. Both are rare.
  if (clientHello?.supportedVersions.includes('TLS 1.2') === true) return 'open';
  return OTHER_REFUSALS.some((alert) => serverHistory.refusedShort(connection, alert) !== undefined)
    ? 'open'
    : 'supported';
}

/** The version of QUIC in general use (RFC 9000). */
const QUIC_V1 = 'QUIC v1';

/** QUIC has versions of its own; that of TLS is always 1.3 (RFC 9001 §4.2). */
function judgeQuic(connection: Connection): Verdict | undefined {
  const { quic, firstFrame, startedAt, ending } = connection;
  const refusal = quicVersionRefusal(connection);
  if (quic === null || refusal === null) return undefined;
  const data = {
    ...placesOf(connection),
    server: connectTo(connection),
    offered: listOf(withoutReservedVersions(quic.offeredVersions), 'plain'),
    accepted: listOf(withoutReservedVersions(refusal.versions), 'plain'),
  };
  return {
    // If the capture ends here, the client may have continued.
    support: ending.how === 'none' ? 'supported' : 'confirmed',
    basis: 'fact',
    explanation: { id: 'quic', data },
    evidence: [
      evidence({ frame: firstFrame, at: startedAt, from: 'client' }, 'seenQuicVersion', data),
      evidence(refusal, 'seenVersionNegotiation', data),
    ],
    remedies: [
      quic.offeredVersions.includes(QUIC_V1)
        ? { who: 'server', id: 'quicServer', command: 'confirmQuic', data }
        : { who: 'client', id: 'quicClient', command: 'confirmQuic', data },
    ],
  };
}

/**
 * A client that offers only DTLS 1.3 and refuses a HelloVerifyRequest, which DTLS 1.3 no longer has: the server speaks an older
 * version (RFC 9147 §5.1).
 */
function verifiedInVain(connection: Connection) {
  const { clientHello, messages, protocol } = connection;
  // Over TCP, no version has this message: the type of a message was altered.
  if (protocol !== 'dtls') return undefined;
  const request = messages.find(({ type }) => type === 'hello_verify_request');
  const alert = fatalAlert(connection, 'client');
  if (clientHello?.supportedVersions.some((version) => version === 'DTLS 1.2' || version === 'DTLS 1.0') !== false) {
    return undefined;
  }
  if (request === undefined || alert === undefined || alert.frame < request.frame) return undefined;
  if (alert.name !== 'protocol_version' && alert.name !== 'unexpected_message') return undefined;
  return [evidence(request, 'seenVerifyRequest'), ...alertEvidence(alert)];
}

/** What TLS 1.3 makes mandatory, and what servers with a stricter policy accept instead (RFC 8446 §9.1). */
const MANDATORY_SUITES = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'];
const MANDATORY_GROUPS = ['secp256r1', 'secp384r1'];

/** Whether the client offers only TLS 1.3, with parameters that every server of that version accepts, and a server name. */
function isPlainTls13(connection: Connection): boolean {
  const { clientHello } = connection;
  if (clientHello === null) return false;
  if (clientHello.serverName === null || clientHello.pskOffered) return false;
  return (
    withoutGreaseAndSignals(clientHello.supportedVersions).every(
      (version) => versionRank(version) === versionRank('TLS 1.3'),
    ) &&
    MANDATORY_SUITES.every((suite) => clientHello.cipherSuites.includes(suite)) &&
    MANDATORY_GROUPS.every((group) => offeredGroups(connection).includes(group)) &&
    lackedKeys(connection).length === 0
  );
}

/** A ClientHello without supported_versions names only its newest version, and so offers all older ones. */
function described(offered: readonly string[], extensions: readonly string[]): List {
  if (extensions.includes('supported_versions')) return listOf(offered, 'plain');
  return listOf(
    offered.map((version) => phrase('atMost', { quantity: version })),
    'plain',
  );
}

function isOlder(alert: Alert, newest: string): boolean {
  return versionRank(alert.recordVersion) < versionRank(newest);
}
