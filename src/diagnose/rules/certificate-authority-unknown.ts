import type { Connection } from '../../connection/connection.js';
import { intermediateAnchorsOf } from '../../knowledge/stacks/anchors.js';
import type { Certificate } from '../../x509/certificate.js';
import { periodOf } from '../../x509/validity.js';
import type { ChainVerdict, IssuerClue } from '../../x509/chain.js';
import { alertText } from '../evidence/alerts.js';
import { certificateData, certificateEvidence, otherConnectionEvidence } from '../evidence/citations.js';
import { depthBeyond } from '../evidence/chain-depth.js';
import {
  hasAlternatePaths,
  isAddressUnnamed,
  isSignedDespiteKeyIdentifier,
  cannotFindIssuer,
  needsOrder,
} from '../evidence/chains.js';
import { inspectionOf, inspectionSign } from '../evidence/inspection.js';
import { interceptionOf } from '../evidence/path.js';
import { connectTo, sniOption } from '../evidence/places.js';
import type { Answered } from '../evidence/last-accepted.js';
import { phrase } from '../phrases.js';
import {
  howRefused,
  mayLackList,
  type Refusal,
  refusalByClient,
  speaksAgainstTrust,
  supportOf,
  whyUnseen,
} from '../evidence/refusals.js';
import type { Context } from '../context.js';
import { defineMessages, defineRule } from '../rule.js';
import type { ExclusionOf, VerdictOf } from '../verdict.js';
import { mayRootHaveExpired } from './certificate-expired.js';
import { lacksIntermediate, lacksIntermediateByName, mayBeIntermediate } from './chain-incomplete.js';
import { lackAtClient } from './revocation-check-failed.js';

const messages = defineMessages({
  explanations: {
    privateRoot:
      "The server's certificate ({subject}) was issued by the private authority {authority}. The client does not trust that authority: it rejected the certificate {how}.",
    unknownIssuer:
      "The server's certificate ({subject}) was issued by {authority}, which is not among the public authorities (Mozilla's list). The client does not trust that authority: it rejected the certificate {how}.",
    unknownIntermediate:
      "The server's certificate ({subject}) was issued by {authority}, which is not among the public authorities (Mozilla's list). The client does not trust that authority: it rejected the certificate {how}. If {authority} is an intermediate, the server should send its certificate, but does not.",
    publicRoot:
      "The server's certificate ({subject}) was issued by the public authority {authority}. The client does not know that authority: it rejected the certificate {how}. Its trust store is old, or was replaced.",
    trustedHere:
      "The server's certificate ({subject}) was issued by {authority}, which is among the trusted certificates given. The client rejected it anyway {how}: it does not use these certificates, or has not reloaded them since they changed.",
    trustedHereOrUnlisted:
      "The server's certificate ({subject}) was issued by {authority}, which is among the trusted certificates given. The client rejected it anyway {how}: it does not use these certificates, or has not reloaded them since they changed; or it checks revocation lists (CRL) and lacks one, for which OpenSSL sends the same alert.",
    intermediateTrusted:
      'The server\'s certificate ({subject}) was issued by {authority}, which is among the trusted certificates given, but is not a root. The client rejected it anyway {how}: programs on OpenSSL accept only a root as the end of a chain ("unable to get issuer certificate"), unless they set X509_V_FLAG_PARTIAL_CHAIN; or the client does not use these certificates.',
    takenElsewhere:
      "The server's certificate ({subject}) was issued by {authority}, and the client rejected it {how}. A client on the same host, perhaps the same program (by what the capture has of their ClientHellos), accepted the same chain in another connection: this one may lack the authority, where the other one has it or does not verify; or it knows it, too, and lacks a revocation list (CRL), for which OpenSSL sends the same alert.",
    namesake:
      "The server's certificate ({subject}) was issued by {authority}. The client rejected it {how}. A trusted certificate (--ca, --client-trusts) has the same name but another key (SHA-256 {namesake}): the authority was recreated under its old name, and the trust store has the other key.",
    said: "The client rejected the server's certificate with alert unknown_ca (48): it does not know the authority, or an intermediate is missing. The capture does not show which of the two: {unseen}.",
  },
  evidence: {},
  remedies: {
    trust:
      'Add the root certificate of {authority} to the trust store of {client} (Java: cacerts; Node.js: NODE_EXTRA_CA_CERTS; OpenSSL: the CA file that the program uses).',
    trustHidden: 'See who issued the certificate of {connect}, and add its root to the trust store of {client}.',
    replaceTrusted:
      "Replace the certificate of {authority} (SHA-256 {namesake}) in the trust store of {client} by the one that issued the chain of {connect}, or have the server's certificate issued again by the authority that is trusted.",
    changeServer: 'Or install a certificate of an authority that the client trusts at {connect}.',
    chain: 'Check that {connect} sends its intermediate certificates.',
  },
  commands: {
    confirm: {
      run: 'openssl s_client -connect {connect} {sni} -showcerts -CAfile root.pem </dev/null',
      does: 'shows the chain that the server sends, and whether it leads to this root',
      where: 'from-client',
    },
  },
  exclusions: {
    otherAlert:
      'The client looks like {library} (by its ClientHello), which does not send {alert} for an unknown authority.',
    noAlert:
      'The client looks like {library} (by its ClientHello), which sends an alert for an unknown authority; this client sent none.',
  },
});

type Verdict = VerdictOf<typeof messages>;

/** Clues that show a public authority. */
const PUBLIC: ReadonlySet<IssuerClue> = new Set([
  'retired-public-root',
  'upcoming-public-root',
  'vendor-root',
  'public-authority',
]);

export const certificateAuthorityUnknown = defineRule({
  id: 'certificate-authority-unknown',
  title: 'Client does not trust the issuer of the server certificate',
  description: "The chain of the server's certificate ends in an authority that is not in the client's trust store.",
  settledBy:
    'The client\'s trust store: it lacks the authority if this is the fault (OpenSSL: "unable to get local issuer certificate").',
  role: 'cause',
  severity: 'error',
  sources: ['RFC 8446 §6.2', 'RFC 5280 §6.1.1'],
  messages,
  applies: ({ clientHello, serverHello }) => clientHello !== null || serverHello !== null,
  judge(connection, context) {
    const refusal = refusalByClient(connection);
    const said = refusal === undefined ? undefined : supportOfDistrust(connection, context, refusal);
    if (refusal === undefined || said === undefined) return undefined;
    // Between two points, it is clear whose authority it is (tls-intercepted).
    if (interceptionOf(connection) !== undefined) return undefined;
    const leaf = connection.serverCertificates[0];
    if (leaf === undefined) return refusal.alert === 'unknown_ca' ? unseenChain(connection, refusal) : undefined;
    const chain = context.chainOf(connection.serverCertificates, context.judgedAt(connection));
    // An authority for inspection has a more specific rule (tls-intercepted).
    if (chain.status !== 'trusted' && inspectionOf(connection) !== null) return undefined;
    // Then it is open whether the authority is a device's or the server's.
    const sign = inspectionSign(connection, context);
    const distrust: Distrust = {
      connection,
      refusal,
      leaf,
      support: sign === undefined ? said : atMostSupported(said),
      taken: takenElsewhere(connection, context, refusal),
    };
    switch (chain.status) {
      case 'private-root':
      case 'incomplete':
        if (speaksAgainstTrust(refusal, 'certificate-authority-unknown')) return otherHabit(refusal);
        return recreated(distrust, chain) ?? untrusted(distrust, chain, sign?.kind === 'per-connection');
      case 'trusted': {
        // What was not checked may be at fault; some stacks send unknown_ca for an issuer that is no CA, or is at the wrong
        // depth.
        if (refusal.alert !== 'unknown_ca') return undefined;
        const id = trustedBy(connection, chain);
        // A client that was given exactly this root may instead lack a revocation list.
        const isListMissing =
          id === 'trustedHere' && lackAtClient(connection, context, context.judgedAt(connection)) === 'missing';
        const isOpen = isListMissing || chain.isUndecided || context.problemsOf(chain.path).length > 0;
        return distrusted(
          distrust,
          isListMissing ? 'trustedHereOrUnlisted' : id,
          chain.anchor.certificate.subject,
          isOpen ? 'open' : atMostSupported(distrust.support),
        );
      }
      case 'self-signed':
      case 'bad-signature':
      case 'unreadable':
      case 'undecided':
      case 'empty':
        return undefined;
    }
  },
});

/** A client's refusal of a certificate, and how well it fits an authority that the client does not know. */
interface Distrust {
  readonly connection: Connection;
  readonly refusal: Refusal;
  readonly leaf: Certificate;
  readonly support: Verdict['support'];
  /** See `takenElsewhere`. */
  readonly taken: Answered | undefined;
}

type Chain<Status extends ChainVerdict['status']> = Extract<ChainVerdict, { readonly status: Status }>;

const placeOf = (connection: Connection, refusal: Refusal) => ({
  connect: connectTo(connection),
  sni: sniOption(connection),
  client: connection.client.address,
  unseen: whyUnseen(connection),
  how: howRefused(refusal),
});

/** The client says that it does not know the authority; the capture does not show which one. */
function unseenChain(connection: Connection, refusal: Refusal): Verdict {
  const data = placeOf(connection, refusal);
  return {
    support: 'open',
    basis: 'fact',
    explanation: { id: 'said', data },
    evidence: [...certificateEvidence(connection, 'server', undefined), ...refusal.evidence],
    remedies: [
      { who: 'client', id: 'trustHidden', command: 'confirm', data },
      { who: 'server', id: 'chain', data },
    ],
  };
}

/** The client's stack ends the connection in another way if it does not know an authority. */
function otherHabit({ library, alert, code, evidence }: Refusal): ExclusionOf<typeof messages> {
  const data = { library: library ?? '' };
  return {
    support: 'excluded',
    because:
      code === null
        ? { id: 'noAlert', data }
        : { id: 'otherAlert', data: { ...data, alert: alertText({ name: alert, code }) } },
    evidence,
  };
}

/** A trusted certificate has the authority's name and another key; undefined if none has. */
function recreated(
  { connection, refusal, leaf, support }: Distrust,
  { namesakes, path }: Chain<'private-root' | 'incomplete'>,
): Verdict | undefined {
  const namesake = namesakes.find(({ origin }) => origin === 'extra')?.certificate;
  const last = path.findLast(({ origin }) => origin === 'sent')?.certificate ?? leaf;
  // The same key, and a key identifier that differs: see certificate-nonconforming.
  if (namesake === undefined || isSignedDespiteKeyIdentifier(last, [namesake])) return undefined;
  const place = placeOf(connection, refusal);
  const data = { ...certificateData(leaf), ...place, authority: namesake.subject, namesake: namesake.sha256 };
  return {
    support,
    basis: 'fact',
    subject: leaf.sha256,
    explanation: { id: 'namesake', data },
    evidence: [...certificateEvidence(connection, 'server', leaf), ...refusal.evidence],
    remedies: [{ who: 'client', id: 'replaceTrusted', command: 'confirm', data }],
  };
}

/** The chain ends in an authority that is not among the trusted ones. */
/** `isMinted`: a device may have made the certificate, or several servers have one each, and nothing shows which. */
function untrusted(
  distrust: Distrust,
  chain: Chain<'private-root' | 'incomplete'>,
  isMinted: boolean,
): Verdict | undefined {
  const { refusal } = distrust;
  // Whom the client trusts is not in the capture. An alert that does not name that, or none, may as well be about a pinned key, the
  // name or a check of the program's own, an expired root or a revocation list.
  const support = refusal.alert === 'unknown_ca' ? distrust.support : 'open';
  if (chain.status === 'private-root')
    return distrusted(distrust, 'privateRoot', chain.root.subject, isMinted ? 'open' : support);
  if (lacksIntermediate(chain) && !lacksIntermediateByName(chain)) return undefined;
  if (mayBeRetired(chain) && refusal.how === 'after-handshake') return undefined;
  const id = chain.clues.includes('named-root') ? 'unknownIssuer' : 'unknownIntermediate';
  if (isMinted || (mayBeRetired(chain) && refusal.how !== 'alert'))
    return distrusted(distrust, id, chain.missing.name, 'open');
  // Nothing shows whether it is a root, or an intermediate that should have been sent (chain-incomplete).
  const weight = mayBeIntermediate(chain) ? 'supported' : atMostSupported(support);
  return distrusted(distrust, id, chain.missing.name, weight);
}

function trustedBy({ clientHello }: Connection, { anchor, isRooted }: Chain<'trusted'>) {
  if (anchor.origin === 'mozilla') return 'publicRoot';
  return isRooted || intermediateAnchorsOf(clientHello) === 'accepted' ? 'trustedHere' : 'intermediateTrusted';
}

/** The client does not trust `authority`, as the explanation says. */
function distrusted(
  { connection, refusal, leaf, taken }: Distrust,
  id: 'privateRoot' | 'unknownIssuer' | 'unknownIntermediate' | 'trustedHereOrUnlisted' | ReturnType<typeof trustedBy>,
  authority: string,
  support: Verdict['support'],
): Verdict {
  const data = { ...certificateData(leaf), ...placeOf(connection, refusal), authority };
  return {
    support,
    basis: 'fact',
    subject: leaf.sha256,
    explanation: { id: taken === undefined ? id : 'takenElsewhere', data },
    evidence: [
      ...certificateEvidence(connection, 'server', leaf),
      ...(taken === undefined ? [] : otherConnectionEvidence(taken, phrase('theSameChain'))),
      ...refusal.evidence,
    ],
    remedies: [
      { who: 'client', id: 'trust', command: 'confirm', data },
      { who: 'server', id: 'changeServer', data },
    ],
  };
}

/**
 * How far a client's refusal supports an unknown authority, whatever its chain shows; undefined if it speaks against that.
 */
export function supportOfDistrust(
  connection: Connection,
  context: Context,
  refusal: Refusal,
): Verdict['support'] | undefined {
  const fitting = supportOf(refusal, ['unknown_ca'], 'trust', 'certificate-authority-unknown');
  if (fitting === undefined) return undefined;
  // Where its program took the chain, one that completes and leaves had another reason, such as a time limit.
  const isTaken = context.serverHistory.acceptedChain(connection, 'same-program') !== undefined;
  if (refusal.how === 'after-handshake' && isTaken) return undefined;
  // The name may be wrong as well, if it is unknown which one the client asked for.
  const isUnclear = connection.clientHello === null || isAddressUnnamed(connection);
  // Programs on one host seldom have different stores.
  const isAccepted = context.serverHistory.acceptedChain(connection, 'same-host') !== undefined;
  // For a client that uses certificates in the order sent, a chain out of order leads nowhere. And a certificate that has
  // expired for everybody is a better reason than an authority that this program does not know.
  const at = context.judgedAt(connection);
  const isOutdated =
    Number.isNaN(at) ||
    connection.serverCertificates.some((certificate) => {
      const { begins, ends } = periodOf(certificate);
      return ends < at || begins > at;
    });
  const isAmbiguousPath =
    needsOrder(connection) ||
    hasAlternatePaths(connection.serverCertificates) ||
    cannotFindIssuer(connection, context) ||
    depthBeyond(connection, context) !== undefined ||
    mayRootHaveExpired(connection, context, refusal);
  // A client that leaves without an alert may have any reason, and an unknown library has no known habit.
  // So may one that verifies after the handshake: its clock, a pinned key, a revocation list.
  const isSilent =
    refusal.how === 'after-handshake' ||
    (refusal.how === 'close' && refusal.library === null && connection.clientHello !== null);
  const isDoubted = fitting === 'supported' && (isUnclear || isAccepted || isOutdated);
  // A client may check revocation lists, and lack one that the certificate names.
  const isListLacking = mayLackList(refusal) && connection.serverCertificates[0]?.namesRevocationList === true;
  if (
    isAmbiguousPath ||
    isSilent ||
    isDoubted ||
    isListLacking ||
    takenElsewhere(connection, context, refusal) !== undefined
  )
    return 'open';
  return mayLackList(refusal) ? atMostSupported(fitting) : fitting;
}

/**
 * A connection in which the same program on the same host accepted exactly this chain, if its refusal may have another reason. It
 * may have had another setting there: a store of its own, or no verification.
 */
export const takenElsewhere = (
  connection: Connection,
  { serverHistory }: Context,
  refusal: Refusal,
): Answered | undefined => (mayLackList(refusal) ? serverHistory.acceptedChain(connection, 'same-program') : undefined);

/** What an alert about another fault may confirm is at most supported. */
const atMostSupported = (support: Verdict['support']): Verdict['support'] =>
  support === 'confirmed' ? 'supported' : support;

/** Public roots retire: if intermediates lead to an unknown one, only the client's alert counts. */
function mayBeRetired({ path, clues }: Chain<'incomplete'>): boolean {
  return path.length > 1 && clues.some((clue) => PUBLIC.has(clue));
}
