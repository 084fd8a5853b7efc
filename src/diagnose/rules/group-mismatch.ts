import type { Accepted } from '../evidence/server-history.js';
import type { Alert, Connection } from '../../connection/connection.js';
import { acceptedForName, compareOffer, offeredGroups } from '../evidence/offer-comparison.js';
import type { Context } from '../context.js';
import {
  alertEvidence,
  type Citation,
  closeEvidence,
  evidence,
  otherConnectionEvidence,
} from '../evidence/citations.js';
import { alertText, fatalAlert, helloRejection } from '../evidence/alerts.js';
import { howEnded, closedWithoutAlert } from '../evidence/endings.js';
import { placesOf } from '../evidence/places.js';
import { LEAST_PRIME_BITS, offeredCipherSuites, offersDhe } from '../evidence/offers.js';
import { offerOptions } from '../evidence/openssl-offer.js';
import { helloCandidates, refusalOfUnseenHello, REMAINING, remainingFault } from '../evidence/hello-refusals.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

const messages = defineMessages({
  explanations: {
    left: REMAINING,
    foreign:
      'The server asks for a key share of the group {group} (HelloRetryRequest), which the client does not support: it offers only {groups}.',
    loop: "The server asks again (HelloRetryRequest) for a key share that it already has ({group}): it does not understand the client's answer. The client gave up.",
    chosen:
      'The server uses the group {group}, which the client does not support (it offers only {groups}). The client rejected it {how}.',
    small:
      'The server exchanges keys by Diffie-Hellman with a prime of {bits} bits ({cipherSuite}). The client rejected it {how}: current clients accept none below 1024 or 2048 bits (OpenSSL and curl say "dh key too small").',
    otherConnections:
      'The client offers no key exchange group but {groups}. The server rejected it with alert {alert}. With other clients it agreed on {accepted}, which this client lacks; versions and cipher suites would fit.',
    saidOfGroups:
      'The client offers no key exchange group but {groups}. The server rejected it with alert {alert}. With other clients it agreed on {accepted}, which this client lacks. Servers on GnuTLS send this alert when they support none of the groups and the client offers DHE cipher suites.',
    unusual:
      "The client supports only unusual groups ({groups}), without the common secp256r1 and x25519. The server rejected it with alert {alert}. The client's cipher suites are ordinary ones.",
    unexpected:
      'The client offers no key exchange group but {groups}. The server answered the ClientHello with alert {alert}. Servers on Java send this alert when they support none of the groups.',
  },
  evidence: {
    seenOffer: 'ClientHello; supported groups: {groups}; key shares: {shares}',
    seenRetry: 'HelloRetryRequest; group: {group}',
    seenGroup: 'key exchange with group {group}',
    seenPrime: 'ServerKeyExchange; Diffie-Hellman with a prime of {bits} bits',
  },
  remedies: {
    server:
      'Enable at {connect} a group that the client supports: secp256r1 (P-256) and x25519 suit nearly everybody (nginx: ssl_ecdh_curve; OpenSSL: Groups).',
    client:
      'Or lift the restriction of the groups at {client} (OpenSSL: Groups; Java: jdk.tls.namedGroups; Go: CurvePreferences), or upgrade its TLS library.',
    largerPrime:
      'Use elliptic curves (ECDHE cipher suites) at {connect}, or Diffie-Hellman parameters of 2048 bits or more (nginx, HAProxy: ssl-dh-param; Java: jdk.tls.ephemeralDHKeySize=2048).',
    avoidPrime: 'Until then, let {client} not offer TLS_DHE cipher suites, so that the server chooses another.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {offer} </dev/null; openssl s_client -connect {connect} {sni} -groups P-256:X25519 </dev/null',
      does: "shows whether the server accepts the client's groups, as far as OpenSSL has them, and whether it accepts the usual ones",
      where: 'from-client',
    },
    confirmPrime: {
      run: 'openssl s_client -connect {connect} {sni12} -cipher DHE:@SECLEVEL=0 </dev/null',
      does: 'shows the size of the Diffie-Hellman prime that the server uses ("Temp Key")',
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

/** Groups that nearly every server has: TLS 1.3 requires the first of them (RFC 8446 §9.1). */
const COMMON: ReadonlySet<string> = new Set(['secp256r1', 'x25519']);

/** Nearly every server has one of these, so that a refusal is not about suites. */
const ORDINARY_SUITE = /^TLS_AES_128_GCM|_ECDHE_RSA_WITH_AES_128_GCM/;

function offerEvidence({ clientHello }: Connection) {
  if (clientHello === null) return [];
  const { supportedGroups, keyShareGroups } = clientHello;
  return [
    evidence({ ...clientHello, from: 'client' }, 'seenOffer', { groups: supportedGroups, shares: keyShareGroups }),
  ];
}

/** How a side ended it: its alert, or its close. */
function endEvidence(connection: Connection): Citation[] {
  const alert = fatalAlert(connection);
  return alert === undefined ? closeEvidence(connection) : alertEvidence(alert);
}

function remediesFor(data: ReturnType<typeof dataOf>): Verdict['remedies'] {
  return [
    { who: 'server', id: 'server', command: 'confirm', data },
    { who: 'client', id: 'client', data },
  ];
}

/** The values that all of the rule's messages need. */
function dataOf(connection: Connection) {
  const alert = fatalAlert(connection);
  return {
    ...placesOf(connection),
    offer: offerOptions(connection, 'groups'),
    groups: offeredGroups(connection),
    alert: alert === undefined ? '' : alertText(alert),
    how: howEnded(connection, alert),
  };
}

/** A HelloRetryRequest that the client cannot follow (RFC 8446 §4.1.4). */
function judgeRetry(connection: Connection): Verdict | undefined {
  const { clientHello, helloRetryRequest: retry, serverHello, messages } = connection;
  if (clientHello === null || retry === null || serverHello !== null || connection.outcome !== 'failed')
    return undefined;
  // A second one breaks the rules, whatever it asks for: see protocol-violation.
  if (messages.filter(({ type }) => type === 'hello_retry_request').length > 1) return undefined;
  const { group } = retry;
  // A ClientHello behind it is the answer: the capture lacks the one that it answers.
  if (group === null || retry.frame < clientHello.frame) return undefined;
  const isForeign = !offeredGroups(connection).includes(group);
  if (!isForeign && !clientHello.keyShareGroups.includes(group)) return undefined;
  const data = dataOf(connection);
  return {
    support: 'confirmed',
    basis: 'fact',
    explanation: { id: isForeign ? 'foreign' : 'loop', data: { ...data, group } },
    evidence: [
      ...offerEvidence(connection),
      evidence({ ...retry, from: 'server' }, 'seenRetry', { group }),
      ...endEvidence(connection),
    ],
    remedies: remediesFor(data),
  };
}

/** The client refuses the server's group, or that it is so small. */
function judgeChoice(connection: Connection): Verdict | undefined {
  const { serverHello } = connection;
  const alert = fatalAlert(connection, 'client');
  const isRefused = alert === undefined ? closedWithoutAlert(connection) : CHOICE_ALERTS.has(alert.name ?? '');
  if (serverHello === null || !isRefused) return undefined;
  const exchange = connection.messages.find(({ type }) => type === 'server_key_exchange');
  const { group, dhBits, cipherSuite } = serverHello;
  const groups = offeredGroups(connection);
  if (group !== null && groups.length > 0 && !groups.includes(group) && alert?.name !== 'internal_error') {
    const data = dataOf(connection);
    return {
      support: 'confirmed',
      basis: 'fact',
      explanation: { id: 'chosen', data: { ...data, group } },
      evidence: [
        ...offerEvidence(connection),
        evidence(exchange ?? { ...serverHello, from: 'server' }, 'seenGroup', { group }),
        ...endEvidence(connection),
      ],
      remedies: remediesFor(data),
    };
  }
  if (dhBits === null || dhBits >= LEAST_PRIME_BITS || exchange === undefined) return undefined;
  const found = { ...dataOf(connection), bits: dhBits, cipherSuite };
  return {
    support: alert?.name === 'insufficient_security' ? 'confirmed' : 'supported',
    basis: 'fact',
    explanation: { id: 'small', data: found },
    evidence: [evidence(exchange, 'seenPrime', { bits: dhBits }), ...endEvidence(connection)],
    remedies: [
      { who: 'server', id: 'largerPrime', command: 'confirmPrime', data: found },
      { who: 'client', id: 'avoidPrime', data: found },
    ],
  };
}

const CHOICE_ALERTS: ReadonlySet<string> = new Set([
  'illegal_parameter',
  'handshake_failure',
  'insufficient_security',
  'internal_error',
]);

/** The server has none of the client's groups. */
function judgeOffer(connection: Connection, context: Context): Verdict | undefined {
  const alert = helloRejection(connection);
  const groups = offeredGroups(connection);
  if (alert === undefined || groups.length === 0 || !OFFER_ALERTS.has(alert.name ?? '')) return undefined;
  const accepted = acceptedForName(connection, context);
  const comparison = compareOffer(connection, accepted);
  if (comparison.groups === false && comparison.cipherSuites === true && comparison.versions === true) {
    const refused = refusedOffer(connection, alert, 'otherConnections', accepted.groups);
    const isReason = ALERTS_OF_GROUPS.has(alert.name ?? '') && context.serverHistory.isServing(connection);
    return { ...refused, support: isReason && isOnlyCandidate(connection, context) ? 'supported' : 'open' };
  }
  // GnuTLS sends this alert because of groups, whatever else differs; a server may also mean itself (internal-error).
  if (comparison.groups === false && alert.name === 'internal_error' && offersDhe(connection)) {
    return refusedOffer(connection, alert, 'saidOfGroups', accepted.groups);
  }
  const isJsse = alert.name === 'unexpected_message';
  if (isJsse && (comparison.groups === true || connection.clientHello?.keyShareGroups.length === 0)) return undefined;
  if (isJsse) {
    // A server that accepts neither of these is rare, and only Java uses this alert for it.
    const isUsual = ['x25519', 'secp256r1'].every((group) => groups.includes(group));
    const support = isUsual ? 'open' : 'supported';
    return { ...refusedOffer(connection, alert, 'unexpected'), support };
  }
  const isOrdinary = offeredCipherSuites(connection).some((suite) => ORDINARY_SUITE.test(suite));
  if (
    alert.name === 'internal_error' ||
    comparison.groups !== null ||
    groups.some((group) => COMMON.has(group)) ||
    !isOrdinary
  )
    return undefined;
  // A server that does not speak the client's only version says the same (Mbed TLS 2.28).
  const mayBeVersion = helloCandidates(connection, context).some(
    ({ fault, rarity }) => fault === 'protocol-version-mismatch' && rarity === 'unusual',
  );
  // Where some of its suites need no group, a server of TLS 1.2 may refuse these (a Java runtime without elliptic curves).
  const mayBeSuites = offeredCipherSuites(connection).some((suite) => NEEDS_NO_CURVE.test(suite));
  const support = mayBeVersion || mayBeSuites ? 'open' : 'supported';
  return { ...refusedOffer(connection, alert, 'unusual'), support };
}

/** Suites of TLS 1.2 with RSA or finite fields in place of elliptic curves. */
const NEEDS_NO_CURVE = /^TLS_(?:RSA|DHE?)_/;

/**
 * Whether nothing but the groups is a likely reason for the refusal. That others agreed on some group shows what the server
 * prefers, not all that it has: it may as well lack a certificate for this name.
 */
function isOnlyCandidate(connection: Connection, context: Context): boolean {
  return helloCandidates(connection, context).every(
    ({ fault, rarity }) =>
      fault === 'group-mismatch' || (rarity === 'ordinary' && fault !== 'server-certificate-missing'),
  );
}

/** Nothing shows it, and nothing excludes it. */
function judgeRemaining(connection: Connection, context: Context): Verdict | undefined {
  const left = remainingFault(connection, context, 'group-mismatch');
  return left && { ...left, remedies: remediesFor(dataOf(connection)) };
}

function refusedOffer(
  connection: Connection,
  alert: Alert,
  id: 'otherConnections' | 'saidOfGroups' | 'unusual' | 'unexpected',
  accepted: Accepted['groups'] = new Map(),
): Verdict {
  const data = { ...dataOf(connection), accepted: [...accepted.keys()] };
  return {
    support: 'supported',
    basis: 'fact',
    explanation: { id, data },
    evidence: [
      ...offerEvidence(connection),
      ...alertEvidence(alert),
      ...[...accepted].flatMap(([group, other]) => otherConnectionEvidence(other, group)),
    ],
    remedies: remediesFor(data),
  };
}

/**
 * GnuTLS sends internal_error if DHE is offered, Erlang and wolfSSL insufficient_security, and Java unexpected_message
 * to a TLS 1.3 client.
 */
const OFFER_ALERTS: ReadonlySet<string> = new Set([
  'handshake_failure',
  'insufficient_security',
  'illegal_parameter',
  'internal_error',
  'unexpected_message',
]);

/** Of these, the ones that servers do not also send of a fault of their own, or of an offer that contradicts itself. */
const ALERTS_OF_GROUPS: ReadonlySet<string> = new Set([
  'handshake_failure',
  'insufficient_security',
  'unexpected_message',
]);

export const groupMismatch = defineRule({
  id: 'group-mismatch',
  title: 'No key exchange group in common',
  description:
    "Client and server have no key exchange group (elliptic curve, Diffie-Hellman group) that both support, or one finds the other's too weak.",
  settledBy: "The server's log, or a handshake with each group in turn.",
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §4.2.7', 'RFC 8446 §4.1.4', 'RFC 8446 §9.1', 'RFC 8422 §4', 'RFC 9325 §4.4'],
  messages,
  applies: (connection) =>
    connection.outcome === 'failed' &&
    (connection.clientHello !== null || refusalOfUnseenHello(connection) !== undefined),
  judge: (connection, context) =>
    judgeRetry(connection) ??
    judgeChoice(connection) ??
    judgeOffer(connection, context) ??
    judgeRemaining(connection, context),
});
