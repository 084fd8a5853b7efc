import type { Connection } from '../../connection/connection.js';
import { matchHostName } from '../../x509/names.js';
import { periodOf } from '../../x509/validity.js';
import { certificateData, certificateEvidence } from '../evidence/citations.js';
import { duration } from '../../message.js';
import {
  howRefused,
  isAnswerTo,
  mayOnlyHaveLooked,
  type Refusal,
  refusalByClient,
  supportOf,
  whyUndated,
} from '../evidence/refusals.js';
import { isOnPath } from '../evidence/chains.js';
import { placesOf } from '../evidence/places.js';
import type { Context } from '../context.js';
import { expiredData, expiredInStore } from '../ends/trust.js';
import { lacksIntermediate } from './chain-incomplete.js';
import { defineMessages, defineRule } from '../rule.js';
import type { VerdictOf } from '../verdict.js';

/** The root that a chain leads to, if it had expired by then: an anchor, or a known public one that was not sent. */
export function expiredRoot(
  context: Context,
  connection: Connection,
  at: number,
): { readonly name: string; readonly notAfter: string } | undefined {
  const chain = context.chainOf(connection.serverCertificates, at);
  const hasExpired = (notAfter: string | null): notAfter is string => notAfter !== null && Date.parse(notAfter) < at;
  const last = chain.path.at(-1)?.certificate;
  if (chain.status === 'incomplete' && hasExpired(chain.missing.root?.notAfter ?? null)) {
    return { name: chain.missing.name, notAfter: chain.missing.root?.notAfter ?? '' };
  }
  if (last !== undefined && !connection.serverCertificates.some(({ sha256 }) => sha256 === last.sha256)) {
    if (hasExpired(last.notAfter)) return { name: last.subject, notAfter: last.notAfter };
  }
  // Another path: a sent certificate whose issuer is a known root that was not sent, and has expired.
  for (const { issuer, authorityKeyIdentifier } of connection.serverCertificates) {
    if (connection.serverCertificates.some(({ subject }) => subject === issuer)) continue;
    const root = context.rootNamed(issuer, authorityKeyIdentifier);
    if (root !== null && hasExpired(root.notAfter)) return { name: issuer, notAfter: root.notAfter };
  }
  return undefined;
}

/** Whether the chain ends in an authority that was not sent and is unknown: its root may have expired. */
export function isRootUnseen(connection: Connection, context: Context): boolean {
  const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
  return chain.status === 'incomplete' && chain.missing.root === null;
}

/**
 * A root that itself issued something so lately is assumed to be still valid: of roots that live for years, hardly one ends in the
 * month after it signs, while clients without a root are common.
 */
const ALIVE_MS = 30 * 86_400_000;
/**
 * A certificate that is valid for no longer comes from a program that makes it anew every day, as in a service mesh. Such a
 * program goes on when its root has expired.
 */
const AUTOMATIC_MS = 8 * 86_400_000;

/**
 * Whether the root that the chain leads to may have expired: it was not sent and is unknown, and the client says that
 * something expired, or what its stack says of an expired root too, and the root issued nothing lately.
 */
export function mayRootHaveExpired(connection: Connection, context: Context, refusal: Refusal): boolean {
  const at = context.judgedAt(connection);
  if (Number.isNaN(at) || !isRootUnseen(connection, context)) return false;
  if (refusal.alert === 'certificate_expired') return true;
  // A client that sends close_notify, or has already checked the chain, does not refuse a root.
  if (supportOf(refusal, [], 'trust', 'issuer-expired') === undefined) return false;
  const last = context.chainOf(connection.serverCertificates, at).path.at(-1)?.certificate;
  if (last === undefined) return false;
  const { begins, ends } = periodOf(last);
  const isAutomatic = ends - begins <= AUTOMATIC_MS && looksSound(connection, context);
  if (at - begins < ALIVE_MS && !isAutomatic) return false;
  return isSaidOfRoot(connection, context, refusal) ?? refusal.alert !== 'unknown_ca';
}

/**
 * Whether the client's stack says it of an expired root; undefined if that is unknown. Java 17.0.15 and 25 accept such a root where
 * it issued the leaf, and find no path to it through an intermediate; their alert says the same of many other faults in view.
 */
function isSaidOfRoot(connection: Connection, context: Context, refusal: Refusal): boolean | undefined {
  const { library, alert } = refusal;
  if (library === 'JSSE' && alert === 'certificate_unknown')
    return connection.serverCertificates.length > 1 && looksSound(connection, context);
  return isAnswerTo(refusal, 'issuer-expired');
}

/** Whether the server's chain is in order as far as the capture shows it, and is for the name that the client asked for. */
export function looksSound(connection: Connection, context: Context): boolean {
  const { clientHello, server, serverCertificates } = connection;
  const [leaf] = serverCertificates;
  // Who connects to an address sends no name, and checks that.
  if (leaf === undefined || !matchHostName(leaf, clientHello?.serverName ?? server.address).covered) return false;
  const chain = context.chainOf(serverCertificates, context.judgedAt(connection));
  const leadsUp =
    chain.status === 'trusted' ||
    chain.status === 'private-root' ||
    (chain.status === 'incomplete' && !lacksIntermediate(chain));
  return leadsUp && context.problemsOf(chain.path).length === 0;
}

/** Whether nothing in view explains the refusal, and an expired root that is not in view would. */
const leavesRoot = (connection: Connection, context: Context, refusal: Refusal): boolean =>
  isSaidOfRoot(connection, context, refusal) === true && looksSound(connection, context);

const messages = defineMessages({
  explanations: {
    leaf: "The server's certificate ({subject}) expired on {notAfter}, {ago} before this handshake. The client rejected it {how}.",
    issuer:
      'The certificate "{subject}" in the server\'s chain expired on {notAfter}, {ago} before this handshake. The client rejected it {how}.',
    root: 'Every certificate that the server sent was valid. But its chain leads to the root {root}, which the server does not send, and that root expired on {notAfter}, {ago} before this handshake. A client that relies on that root rejects the chain, as this one did {how}.',
    stored:
      "Every certificate that the server sent was valid. But the chain leads to {root}, whose certificate in the client's trust store expired on {notAfter}, {ago} before this handshake. The client rejected the chain {how}.",
    storedBeside:
      "Every certificate that the server sent was valid, that of {root} too. But the client's trust store has another one of {root}, for the same key, which expired on {notAfter}, {ago} before this handshake; programs on OpenSSL prefer the certificates of their store to those that were sent. The client rejected the chain {how}.",
    rootUnseen:
      'Every certificate that the server sent was valid. Its chain leads to {root}, whose certificate is neither sent nor known here: if that has expired, the client rejects the chain, as this one did {how}.',
    said: "The client rejected the server's certificate with alert certificate_expired (45); {unseen}, so its dates cannot be checked here.",
    undated: "The client rejected the server's certificate {how}; {unseen}, so its dates cannot be checked here.",
  },
  evidence: {},
  remedies: {
    renew:
      'Renew the certificate at {connect} and reload the service; check why the renewal did not happen (serial {serialNumber}, issued by {issuer}).',
    renewHidden: 'Look at the certificate that {connect} shows; renew it if it has expired, and reload the service.',
    replaceIssuer:
      'Install the current certificate of {subject} in the chain at {connect}; the leaf itself need not change.',
    updateStore:
      'Bring the trust store of {client} up to date: it needs the root that replaces {root}. Old clients may also need a setting to prefer it (OpenSSL 1.0.2: X509_V_FLAG_TRUSTED_FIRST).',
    otherPath:
      'Let {connect} send a chain that does not lead to {root}: without the cross-certificate that this root issued, if there is one.',
    checkRoot: 'Look at the dates of {root} in the trust store of {client}.',
    clock: 'If the certificate turns out to be valid, check the clock of {client}.',
  },
  commands: {
    confirmRoot: {
      run: 'openssl x509 -in root.pem -noout -subject -dates',
      does: "shows the dates of a root of the client's trust store",
      where: 'client',
    },
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} </dev/null | openssl x509 -noout -subject -serial -dates',
      does: 'shows the certificate that the server sends now, and its dates',
      where: 'from-client',
    },
  },
});

type Verdict = VerdictOf<typeof messages>;

export const certificateExpired = defineRule({
  id: 'certificate-expired',
  title: 'Server certificate expired',
  description: "The server's certificate, or one of its chain, had expired before the handshake.",
  settledBy: 'The client\'s log (OpenSSL: "certificate has expired") names the certificate that it rejected.',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 5280 §4.1.2.5', 'RFC 5280 §6.1.3', 'RFC 8446 §6.2'],
  messages,
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    if (refusal === undefined) return undefined;
    const support = supportOf(refusal, ['certificate_expired'], 'certificate', 'certificate-expired', 'issuer-expired');
    if (support === undefined) return undefined;
    const refused = { connection, context, refusal, at: context.judgedAt(connection) };
    // Monitors of certificates look at expired ones.
    const mayLook = support === 'supported' && mayOnlyHaveLooked(refusal);
    return (
      expiredCertificate(refused, mayLook ? 'open' : support) ??
      expiredInTrustStore(refused) ??
      expiredSentRoot(refused) ??
      unseenRoot(refused) ??
      unseenDates(refused)
    );
  },
});

/** A client's refusal of the server's certificate, and the time at which that is judged, in milliseconds since 1970. */
interface Refused {
  readonly connection: Connection;
  readonly context: Context;
  readonly refusal: Refusal;
  readonly at: number;
}

const isSaid = ({ alert }: Refusal): boolean => alert === 'certificate_expired';

/**
 * Whether the root at the end of the chain may be the reason: an expired anchor ends the path for every verifier, and a
 * client that says that something expired may mean any root.
 */
const mayBeRoot = ({ connection, context, refusal, at }: Refused): boolean =>
  isSaid(refusal) || context.chainOf(connection.serverCertificates, at).status === 'trusted';

const evidenceOf = ({ connection, refusal }: Refused, certificate = connection.serverCertificates[0]) => [
  ...certificateEvidence(connection, 'server', certificate),
  ...refusal.evidence,
];

/** A certificate that the server sent had expired. */
function expiredCertificate(refused: Refused, support: Verdict['support']): Verdict | undefined {
  const { connection, context, refusal, at } = refused;
  const { serverCertificates } = connection;
  // Outside of the path, as with expired cross-certificates, it matters only to a client that says so.
  const index = serverCertificates.findIndex(
    (certificate) =>
      periodOf(certificate).ends < at &&
      (isSaid(refusal) || isOnPath(context.chainOf(serverCertificates, at), certificate)),
  );
  const expired = serverCertificates[index];
  if (expired === undefined) return undefined;
  const data = {
    ...certificateData(expired),
    ...placesOf(connection),
    unseen: whyUndated(connection),
    ago: duration(at - periodOf(expired).ends),
    how: howRefused(refusal),
  };
  return {
    support,
    basis: 'fact',
    subject: expired.sha256,
    explanation: { id: index === 0 ? 'leaf' : 'issuer', data },
    evidence: evidenceOf(refused, expired),
    remedies: [{ who: 'server', id: index === 0 ? 'renew' : 'replaceIssuer', command: 'confirm', data }],
  };
}

/** The root had expired in the client's trust store, as its file shows. */
function expiredInTrustStore(refused: Refused): Verdict | undefined {
  const { connection, context, refusal, at } = refused;
  const expired = mayBeRoot(refused) ? expiredInStore(connection, context, 'server') : null;
  if (expired === null || (!isSaid(refusal) && expired.isSentValid)) return undefined;
  const data = { ...placesOf(connection), ...expiredData(expired, at), how: howRefused(refusal) };
  return {
    support: 'supported',
    basis: 'fact',
    subject: data.root,
    explanation: { id: expired.isSentValid ? 'storedBeside' : 'stored', data },
    evidence: evidenceOf(refused),
    remedies: [{ who: 'client', id: 'checkRoot', command: 'confirmRoot', data }],
  };
}

/** The root that the chain leads to had expired. */
function expiredSentRoot(refused: Refused): Verdict | undefined {
  const { connection, context, refusal, at } = refused;
  const root = mayBeRoot(refused) ? expiredRoot(context, connection, at) : undefined;
  if (root === undefined) return undefined;
  const data = {
    ...placesOf(connection),
    root: root.name,
    notAfter: root.notAfter,
    ago: duration(at - Date.parse(root.notAfter)),
    how: howRefused(refusal),
  };
  return {
    support: 'supported',
    basis: 'fact',
    subject: root.name,
    explanation: { id: 'root', data },
    evidence: evidenceOf(refused),
    remedies: [
      { who: 'client', id: 'updateStore', command: 'confirm', data },
      { who: 'server', id: 'otherPath', data },
    ],
  };
}

/** The root was not sent and is unknown; it may have expired. */
function unseenRoot(refused: Refused): Verdict | undefined {
  const { connection, context, refusal, at } = refused;
  const chain = context.chainOf(connection.serverCertificates, at);
  if (chain.status !== 'incomplete' || chain.missing.root !== null) return undefined;
  if (!mayRootHaveExpired(connection, context, refusal) && !leavesRoot(connection, context, refusal)) return undefined;
  const data = { ...placesOf(connection), root: chain.missing.name, how: howRefused(refusal) };
  return {
    support: 'open',
    basis: 'alert',
    subject: chain.missing.name,
    explanation: { id: 'rootUnseen', data },
    evidence: evidenceOf(refused),
    remedies: [{ who: 'client', id: 'checkRoot', command: 'confirmRoot', data }],
  };
}

/** The capture shows no certificate, or no time at which to judge it. */
function unseenDates(refused: Refused): Verdict | undefined {
  const { connection, refusal, at } = refused;
  const isSeen = connection.serverCertificates.length > 0;
  if (isSeen ? !Number.isNaN(at) : !isSaid(refusal)) return undefined;
  const data = { ...placesOf(connection), unseen: whyUndated(connection) };
  return {
    support: isSaid(refusal) ? 'supported' : 'open',
    basis: isSaid(refusal) ? 'fact' : 'alert',
    explanation: isSaid(refusal)
      ? { id: 'said', data }
      : { id: 'undated', data: { ...data, how: howRefused(refusal) } },
    evidence: evidenceOf(refused),
    remedies: [
      { who: 'server', id: 'renewHidden', command: 'confirm', data },
      { who: 'client', id: 'clock', data },
    ],
  };
}
