import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import { overTcp, type Alert, type Connection } from '../../connection/connection.js';
import { listOf, type Phrase } from '../../message.js';
import { innermost, isProxy } from '../../preamble/preamble.js';
import type { Context } from '../context.js';
import { isOfHaproxy } from '../../knowledge/probes.js';
import { phrase } from '../phrases.js';
import type { Support } from '../verdict.js';
import { fatalAlert, helloRejection } from './alerts.js';
import { alertEvidence, clientHelloEvidence, closeEvidence, evidence, type Citation } from './citations.js';
import {
  acceptedForName,
  compareOffer,
  hasAllOrdinaryGroups,
  hasOrdinaryOffer,
  hasOrdinaryGroups,
  hasOrdinarySuites,
  isAloneWithName,
  isTls13Alone,
  lackedKeys,
} from './offer-comparison.js';
import { eapRefusal } from './eap.js';
import { isDoubtful } from './gaps.js';
import {
  isCurrentSuite,
  isPskSuite,
  newestOffered,
  offeredCipherSuites,
  versionRank,
  withoutGreaseAndSignals,
} from './offers.js';
import { closingAt, startingWithTls } from './plaintext.js';
import { hasServerAnswered } from './progress.js';
import { isEndedByServer } from './resets.js';

// The possible reasons for a refusal of the ClientHello that names none.

/** The rules whose fault may lead to a refusal without a reason. */
type HelloFault =
  | 'protocol-version-mismatch'
  | 'sni-missing'
  | 'sni-unrecognized'
  | 'cipher-suite-mismatch'
  | 'group-mismatch'
  | 'signature-scheme-mismatch'
  | 'server-certificate-missing'
  | 'psk-rejected';

/** A fault that the facts leave as the reason. */
interface HelloCandidate {
  readonly fault: HelloFault;
  readonly reason: Phrase;
  readonly rarity: Rarity;
}

/** Alerts that name no reason. */
const VAGUE: ReadonlySet<string | null> = new Set(['handshake_failure', 'close_notify', 'access_denied']);
/**
 * How common the part of the ClientHello is that a fault is about. `unusual`: few clients send it. `frequent`: many do, but
 * servers differ. `ordinary`: nearly every server accepts it.
 */
type Rarity = 'unusual' | 'frequent' | 'ordinary';
/** This alert is about the strength of what is offered (RFC 8446 §6.2). */
const INSUFFICIENT = 'insufficient_security';
const OF_STRENGTH: ReadonlySet<HelloFault> = new Set([
  'protocol-version-mismatch',
  'cipher-suite-mismatch',
  'group-mismatch',
  'signature-scheme-mismatch',
]);

/** What a ClientHello may be refused for, if the capture lacks it. */
const UNSEEN: readonly HelloCandidate[] = [
  { fault: 'cipher-suite-mismatch', reason: phrase('noCipherSuite'), rarity: 'frequent' },
  { fault: 'protocol-version-mismatch', reason: phrase('noVersion'), rarity: 'frequent' },
  { fault: 'group-mismatch', reason: phrase('theGroups'), rarity: 'frequent' },
  { fault: 'signature-scheme-mismatch', reason: phrase('noSignatureScheme'), rarity: 'frequent' },
  { fault: 'sni-missing', reason: phrase('theMissingServerName'), rarity: 'frequent' },
  { fault: 'sni-unrecognized', reason: phrase('theServerName'), rarity: 'frequent' },
  { fault: 'server-certificate-missing', reason: phrase('theMissingCertificate'), rarity: 'ordinary' },
];

/** The alert without a reason with which a server answers a ClientHello that the capture lacks: it sent nothing before. */
export function refusalOfUnseenHello(connection: Connection): Alert | undefined {
  const { outcome, clientHello, partialClientHello, messages } = connection;
  if (
    outcome !== 'failed' ||
    (clientHello ?? partialClientHello) !== null ||
    messages.some(({ type }) => type !== 'hello_verify_request') ||
    !isFirstAnswer(connection)
  )
    return undefined;
  const alert = fatalAlert(connection, 'server');
  return alert?.name === 'handshake_failure' || alert?.name === INSUFFICIENT ? alert : undefined;
}

/** Whether the capture has all that the server sent over TCP, from its SYN-ACK on. Over UDP nothing shows that, and it is assumed. */
function isFirstAnswer(connection: Connection): boolean {
  const tcp = overTcp(connection);
  return tcp === null ? connection.eap === null : tcp.synAck !== null && tcp.server.missing === 0;
}

/** Whether the server refuses a server name, or that there is none, and the capture lacks the ClientHello. */
export const isNameUnseen = (connection: Connection): boolean =>
  connection.outcome === 'failed' &&
  connection.clientHello === null &&
  fatalAlert(connection, 'server')?.name === 'unrecognized_name';

/**
 * Faults of the ClientHello that servers report as their own (internal_error): a name for which the program finds no
 * certificate (Go, so Caddy), or groups (GnuTLS, if the client offers DHE). For old versions, see
 * protocol-version-mismatch.
 */
const INTERNAL = 'internal_error';
const SAID_AS_INTERNAL: ReadonlySet<HelloFault> = new Set(['sni-missing', 'sni-unrecognized', 'group-mismatch']);

/**
 * The possible reasons for a refusal of the ClientHello, the most likely first; empty if the server has not refused it,
 * or has given its reason.
 */
export function helloCandidates(connection: Connection, context: Context): readonly HelloCandidate[] {
  if (connection.outcome !== 'failed') return [];
  const unseen = refusalOfUnseenHello(connection);
  if (unseen !== undefined)
    return unseen.name === INSUFFICIENT ? UNSEEN.filter(({ fault }) => OF_STRENGTH.has(fault)) : UNSEEN;
  const alert = helloRejection(connection);
  if (alert === undefined) {
    if (eapRefusal(connection) !== undefined) return candidatesOf(connection, context, alert);
    return isDropped(connection) ? candidatesOfDrop(connection, context) : [];
  }
  const { name } = alert;
  if (name !== INSUFFICIENT && name !== INTERNAL && !VAGUE.has(name)) return [];
  const found = candidatesOf(connection, context, alert);
  if (name === INSUFFICIENT) return found.filter(({ fault }) => OF_STRENGTH.has(fault));
  if (name !== INTERNAL) return found;
  const own = found.filter(({ fault, rarity }) => SAID_AS_INTERNAL.has(fault) && rarity !== 'ordinary');
  // A missing file: internal_error itself says that the fault is the server's (nginx), so there is no reason to doubt
  // it.
  return own.length === 0 ? own : [...own, ...found.filter(({ fault }) => fault === 'server-certificate-missing')];
}

/** What a server that ended the connection without an alert may not accept, or lack. */
const candidatesOfDrop = (connection: Connection, context: Context): readonly HelloCandidate[] =>
  candidatesOf(connection, context, undefined).filter(
    ({ fault, rarity }) =>
      OF_SERVER.has(fault) || (OF_DROP.has(fault) && (rarity !== 'ordinary' || isOrdinaryDrop(connection, fault))),
  );

/**
 * What servers that close without an alert may not accept in a ClientHello: Dovecot 2.3.19 was recorded to close on an
 * old version, and without a common cipher suite. A missing name is another possible reason, which nothing excludes.
 */
const OF_DROP: ReadonlySet<HelloFault> = new Set(['protocol-version-mismatch', 'cipher-suite-mismatch', 'sni-missing']);

/**
 * What else it may be, whatever the client offers. Upon a name that they do not serve, Node.js and filters of names in front of a
 * server (HAProxy 2.6.12) close; without a certificate, the HTTPS server of OpenJDK 17 closes, and a process that crashes for want
 * of its key resets (Erlang/OTP 25). A proxy that was asked first passes on how its target ends the connection.
 */
const OF_SERVER: ReadonlySet<HelloFault> = new Set(['sni-unrecognized', 'server-certificate-missing']);

/** Whether the server itself agreed to TLS in plaintext, so that it speaks some version of it. */
export function hasAgreedToTls({ preamble }: Connection): boolean {
  const last = preamble === null ? null : innermost(preamble);
  return last?.state === 'accepted' && !isProxy(last);
}

/**
 * Whether servers also close on an offer that nearly every server accepts. Servers that speak only TLS 1.3 do so with a client of
 * TLS 1.2, those that speak only older versions (SQL Server 2012) with a new one, and those whose few suites of TLS 1.2 the client
 * lacks (slapd 2.5.13, Dovecot 2.3.19). A server of TLS 1.3 has a suite in common with every client.
 */
const isOrdinaryDrop = ({ clientHello }: Connection, fault: HelloFault): boolean =>
  fault === 'protocol-version-mismatch' || clientHello?.supportedVersions.includes('TLS 1.3') === false;

/** Milliseconds within which a server refuses a ClientHello, with room for a slow path. */
const AT_ONCE_MS = 2000;

/** Whether the server ended a TCP connection on the ClientHello, at once and without an alert. */
export function isDropped(connection: Connection): boolean {
  const { outcome, ending, clientHello, preamble } = connection;
  const tcp = overTcp(connection);
  if (outcome !== 'failed' || tcp === null || connection.eap !== null || clientHello === null) return false;
  if (ending.by !== 'server' || ending.how === 'timeout' || ending.at === null) return false;
  // OpenSSL's clients answer the close with an alert.
  if (hasServerAnswered(connection) || connection.alerts.some(({ frame }) => frame <= (ending.frame ?? 0)))
    return false;
  // What it sent instead of a ServerHello says more.
  if (preamble === null && tcp.server.bytes > 0) return false;
  if ((ending.frame ?? 0) < clientHello.frame || isDoubtful(connection) || !isEndedByServer(connection)) return false;
  return millisecondsBetween(clientHello.at, ending.at) <= AT_ONCE_MS;
}

/**
 * Whether a server that closed on the ClientHello may be unable to read one: plaintext usually begins at its port, and
 * nothing shows that this one speaks TLS.
 */
export const isUnreadable = (connection: Connection, context: Context): boolean =>
  isDropped(connection) && closingAt(connection) !== undefined && startingWithTls(connection, context) === undefined;

/**
 * Whether a refusal by an alert is about the name alone, where others got through with another. What a server accepts for one
 * name need not do for another, which may lead to another server. And if it refused in the same way a name that it serves, it
 * may refuse everybody for a while, or one of several servers does. Where a server has more names than are remembered, this may be
 * one of them.
 */
export function isAboutName(connection: Connection, { serverHistory }: Context): boolean {
  // One that accepted nobody since may refuse everybody by now.
  if (!serverHistory.isServing(connection)) return false;
  const { serverNames, full } = serverHistory.acceptedBy(connection);
  const isServedNameRefused = [...serverHistory.refusedNames(connection)].some((name) => serverNames.has(name));
  // Of a server that accepted pre-shared keys alone, it is unknown whether it has a certificate.
  return (
    full !== null && serverNames.size < BOUNDS.serverNames.value && hasOrdinaryOffer(connection) && !isServedNameRefused
  );
}

/** Whether the server accepted nobody, and refused ClientHellos with a name just as this one: a name alone does not help. */
export const refusesWithName = (connection: Connection, { serverHistory }: Context): boolean =>
  serverHistory.acceptedBy(connection).count === 0 &&
  [...serverHistory.refusedNames(connection)].some((name) => name !== null);

function candidatesOf(connection: Connection, context: Context, alert: Alert | undefined): HelloCandidate[] {
  const { clientHello, eap } = connection;
  if (clientHello === null) return [];
  const known = context.serverHistory.acceptedBy(connection);
  const accepted = acceptedForName(connection, context);
  // A server of SSL 3.0 wants none of what the check lacks.
  if (isOfHaproxy(clientHello)) {
    return [{ fault: 'protocol-version-mismatch', reason: phrase('theCheckOfHaproxy'), rarity: 'unusual' }];
  }
  const suites = offeredCipherSuites(connection);
  const found: HelloCandidate[] = [];
  /** Faults that cannot be excluded although nearly every server accepts the offer. */
  const ordinary: HelloCandidate[] = [];
  const add = (fault: HelloFault, reason: Phrase, rarity: Rarity = 'unusual'): void => {
    (rarity === 'ordinary' ? ordinary : found).push({ fault, reason, rarity });
  };
  // Possible whatever the client offers. RADIUS servers do not start without a certificate.
  if (eap === null && (alert === undefined ? accepted : known).full === null) {
    add('server-certificate-missing', phrase('theMissingCertificate'), 'ordinary');
  }
  const answered = alert?.recordVersion;
  const newest = newestOffered(connection);
  if (
    answered !== undefined &&
    accepted.versions.size === 0 &&
    versionRank(answered) < Math.min(versionRank('TLS 1.2'), newest === null ? Infinity : versionRank(newest))
  ) {
    add('protocol-version-mismatch', phrase('theRecordVersion', { version: answered }));
  }
  // A server that does not know a ticket continues without it. A client with an external PSK also offers it in suites of
  // TLS 1.2, and often accepts no certificate.
  const isKeyNeeded =
    clientHello.pskOffered && (isTls13Alone(clientHello.supportedVersions) || suites.some(isPskSuite));
  // Supplicants never name the server. A client with a key or a ticket of the server needs no certificate, and so no name.
  const isNameless = eap === null && clientHello.serverName === null && !known.serverNames.has(null);
  // Over DTLS few clients name it (WebRTC, CoAP), and behind STARTTLS many do not: servers have a certificate for all there.
  const isUsuallyNameless =
    connection.protocol === 'dtls' || hasAgreedToTls(connection) || refusesWithName(connection, context);
  if (isNameless && !isUsuallyNameless) {
    add('sni-missing', phrase('theMissingServerName'), isKeyNeeded ? 'frequent' : 'unusual');
  }
  const { groups, signatures } = compareOffer(connection, accepted);
  const lacking = signatures === true ? [] : lackedKeys(connection);
  if (lacking.length > 0) {
    add('signature-scheme-mismatch', phrase('theSignatureSchemes', { keys: listOf(lacking, 'alternatives') }));
  }
  if (![...accepted.cipherSuites.keys()].some((suite) => suites.includes(suite))) {
    add('cipher-suite-mismatch', phrase('theCipherSuites', { count: suites.length }), rarityOfSuites(connection));
  }
  const rank = newest === null ? null : versionRank(newest);
  if (newest !== null && rank !== null && !accepted.versions.has(newest)) {
    if (rank < versionRank('TLS 1.2')) add('protocol-version-mismatch', phrase('theOldVersion', { version: newest }));
    // A key, or a ticket, of TLS 1.3 comes from a server that speaks it.
    else if (isTls13Alone(clientHello.supportedVersions))
      add('protocol-version-mismatch', phrase('tls13Alone'), clientHello.pskOffered ? 'frequent' : 'unusual');
    else if (rank < versionRank('TLS 1.3')) {
      add(
        'protocol-version-mismatch',
        phrase('theVersion', { version: newest }),
        accepted.versions.size === 0 ? 'ordinary' : 'unusual',
      );
    } else if (alert === undefined && hasAgreedToTls(connection) && accepted.versions.size === 0) {
      add('protocol-version-mismatch', phrase('onlyOlderVersions'), 'ordinary');
    }
  }
  if (clientHello.supportedGroups.length > 0 && groups !== true) {
    add('group-mismatch', phrase('theGroups'), rarityOfGroups(connection));
  }
  if (clientHello.pskOffered) {
    const reason = phrase(known.full === null ? 'thePreSharedKey' : 'thePreSharedKeyOrTicket');
    add('psk-rejected', reason, isKeyNeeded ? 'unusual' : 'frequent');
  }
  if (clientHello.serverName !== null && !known.serverNames.has(clientHello.serverName)) {
    add('sni-unrecognized', phrase('theServerName'), isAloneWithName(connection, known) ? 'unusual' : 'frequent');
  }
  const own = new Set(clientHello.signatureSchemes);
  const suffices = [...accepted.signatureSchemes.keys()].some((list) => list.split(',').every((one) => own.has(one)));
  if (lacking.length === 0 && own.size > 0 && signatures !== true && !suffices) {
    add('signature-scheme-mismatch', phrase('noSignatureScheme'), 'ordinary');
  }
  if (isNameless && isUsuallyNameless) add('sni-missing', phrase('theMissingServerName'), 'ordinary');
  return [...found, ...ordinary];
}

/** The suite that every TLS 1.3 server has (RFC 8446 §9.1). */
const MANDATORY_SUITE = 'TLS_AES_128_GCM_SHA256';

function rarityOfSuites(connection: Connection): Rarity {
  if (hasOrdinarySuites(connection)) return 'ordinary';
  const suites = offeredCipherSuites(connection);
  const versions = connection.clientHello?.supportedVersions ?? [];
  if (isTls13Alone(versions)) return suites.includes(MANDATORY_SUITE) ? 'frequent' : 'unusual';
  return suites.some(isCurrentSuite) ? 'frequent' : 'unusual';
}

function rarityOfGroups(connection: Connection): Rarity {
  if (hasAllOrdinaryGroups(connection)) return 'ordinary';
  return hasOrdinaryGroups(connection) ? 'frequent' : 'unusual';
}

/** A fault that has no support, but that no fact excludes. */
interface RemainingFault {
  readonly support: Exclude<Support, 'confirmed' | 'excluded'>;
  readonly basis: 'fact' | 'alert';
  readonly explanation: { readonly id: 'left'; readonly data: { readonly reason: Phrase } };
  readonly evidence: readonly Citation[];
}

/** The text of a rule about such a fault, for the explanation `left`. */
export const REMAINING = 'The server did not say why, and the capture does not exclude this reason: {reason}.';

/** The text of a rule about a fault that an alert about the version may hide, for the explanation `leftVersion`. */
export const REMAINING_VERSION =
  'The server answered with alert protocol_version (70). OpenSSL 3.0 sends it for another reason, too, where client or server speaks TLS 1.3 alone, which nothing in the capture excludes: {reason}.';

/**
 * The alert protocol_version in answer to a client of TLS 1.3, if no other connection shows that the server has a
 * certificate for the same name. OpenSSL 3.0 rules TLS 1.3 out if it has no usable certificate (s_server, Python 3.11),
 * or if the program rejects the name (nginx 1.22); a client or server that only speaks TLS 1.3 then has no version
 * left.
 */
export function ambiguousVersionAlert(connection: Connection, context: Context): Alert | undefined {
  const { clientHello } = connection;
  const alert = helloRejection(connection);
  if (clientHello === null || alert?.name !== 'protocol_version') return undefined;
  const { full, serverNames, versions } = context.serverHistory.acceptedBy(connection);
  if (!isTls13Alone(withoutGreaseAndSignals(clientHello.supportedVersions))) {
    if (!clientHello.supportedVersions.includes('TLS 1.3')) return undefined;
    // An old server: it speaks a version that this client does not offer, or its record has an old one.
    const isOldOne = (version: string): boolean =>
      versionRank(version) < versionRank('TLS 1.3') && !clientHello.supportedVersions.includes(version);
    if ([...versions.keys()].some(isOldOne) || versionRank(alert.recordVersion) < versionRank('TLS 1.2'))
      return undefined;
  }
  return full !== null && serverNames.has(clientHello.serverName) ? undefined : alert;
}

/** A fault that that alert may hide. */
export function faultBehindVersionAlert(
  connection: Connection,
  context: Context,
  fault: 'sni-missing' | 'sni-unrecognized' | 'server-certificate-missing',
) {
  const alert = ambiguousVersionAlert(connection, context);
  if (alert === undefined) return undefined;
  const isNamed = (connection.clientHello?.serverName ?? null) !== null;
  if (fault === (isNamed ? 'sni-missing' : 'sni-unrecognized')) return undefined;
  if (fault === 'server-certificate-missing' && context.serverHistory.acceptedBy(connection).full !== null) {
    return undefined;
  }
  return {
    support: 'open',
    basis: 'alert',
    explanation: { id: 'leftVersion', data: { reason: phrase(BEHIND_VERSION[fault]) } },
    evidence: [...clientHelloEvidence(connection), ...alertEvidence(alert)],
  } as const;
}

/**
 * A fault of the server name where nothing but the refusal shows it. Most clients send a name: where the capture lacks the
 * ClientHello, a wrong name comes before a missing one.
 */
export function unsettledName(connection: Connection, context: Context, fault: 'sni-missing' | 'sni-unrecognized') {
  const alert = fatalAlert(connection, 'server');
  if (alert !== undefined && isNameUnseen(connection)) {
    return {
      support: 'open',
      basis: fault === 'sni-missing' ? 'alert' : 'fact',
      explanation: { id: 'unseen', data: { client: connection.client.address } },
      evidence: alertEvidence(alert),
    } as const;
  }
  return faultBehindVersionAlert(connection, context, fault) ?? remainingFault(connection, context, fault);
}

const BEHIND_VERSION = {
  'sni-missing': 'theMissingServerName',
  'sni-unrecognized': 'theServerName',
  'server-certificate-missing': 'theMissingCertificate',
} as const;

const onlyOf = (candidates: readonly HelloCandidate[], rarity: Rarity): HelloCandidate | undefined => {
  const [first, ...more] = candidates.filter((one) => one.rarity === rarity);
  return more.every(({ fault }) => fault === first?.fault) ? first : undefined;
};

/** The only candidate that few ClientHellos have, if there is exactly one. */
export const onlyUnusual = (candidates: readonly HelloCandidate[]): HelloCandidate | undefined =>
  onlyOf(candidates, 'unusual');

/**
 * The candidate to tell first: the only one that few ClientHellos have, or else the only one that servers differ in. Nearly
 * every client names the server, so the name alone says nothing.
 */
export function likeliestOf(candidates: readonly HelloCandidate[]): HelloCandidate | undefined {
  if (candidates.some(({ rarity }) => rarity === 'unusual')) return onlyUnusual(candidates);
  const only = onlyOf(candidates, 'frequent');
  return only?.fault === 'sni-unrecognized' ? undefined : only;
}

/**
 * A fault as one of the possible reasons for a refusal of the ClientHello; undefined if it is not one. It is supported
 * if it is the only one, and ranks before the others if it is the likeliest.
 */
export function remainingFault(
  connection: Connection,
  context: Context,
  fault: HelloFault,
): RemainingFault | undefined {
  const candidates = helloCandidates(connection, context);
  const own = candidates.find((one) => one.fault === fault);
  if (own === undefined) return undefined;
  const alert = helloRejection(connection) ?? refusalOfUnseenHello(connection);
  // If the server reports a fault of its own, or only says close_notify, no fault of the ClientHello is the only
  // possible one. What nearly every server accepts is not at fault because nothing else is left: the server may have changed.
  const failure = eapRefusal(connection);
  const isSaid = alert !== undefined || failure !== undefined;
  const isAlone =
    isSaid &&
    own.rarity !== 'ordinary' &&
    alert?.name !== INTERNAL &&
    alert?.level !== 'warning' &&
    alert?.name !== 'close_notify' &&
    candidates.every((one) => one.fault === fault);
  const first = alert?.name === INTERNAL ? onlyUnusual(candidates) : likeliestOf(candidates);
  return {
    support: isAlone ? 'supported' : 'open',
    basis: isAlone || first?.fault === fault ? 'fact' : 'alert',
    explanation: { id: 'left', data: { reason: own.reason } },
    evidence: [
      ...clientHelloEvidence(connection),
      ...(alert === undefined ? [] : alertEvidence(alert)),
      ...(failure === undefined ? [] : [evidence(failure, 'seenEapFailure')]),
      ...(isSaid ? [] : closeEvidence(connection)),
    ],
  };
}
