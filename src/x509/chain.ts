import type { TrustAnchor, TrustAnchors } from './anchors.js';
import type { Certificate } from './certificate.js';
import { nameKey } from './distinguished-name.js';
import { hasPublicIssuer } from './purpose.js';
import { retiredRoot } from './data/retired-roots.js';
import { checkSignature } from './signature.js';
import { validityOf } from './validity.js';

/** One step of a path. */
export interface ChainLink {
  readonly certificate: Certificate;
  /** Position among the certificates sent (the first such), or null for one that was not sent. */
  readonly index: number | null;
  /** `anchor`: it ends the path, sent or not. `elsewhere`: it was not sent, and is known from another connection. */
  readonly origin: 'sent' | 'anchor' | 'elsewhere';
}

/**
 * A certificate that was sent and is not part of the path.
 * - `duplicate`: it was sent before.
 * - `alternative`: it continues the chain another way, as cross-certificates do.
 * - `unrelated`: it issued nothing in this chain: the wrong intermediate, or a leftover.
 * - `unreadable`: it could not be parsed.
 */
export interface SuperfluousCertificate {
  readonly certificate: Certificate;
  /** Position among the certificates sent. */
  readonly index: number;
  readonly why: 'duplicate' | 'alternative' | 'unrelated' | 'unreadable';
}

/** The issuer that a path lacks. */
export interface MissingIssuer {
  /** As RFC 4514 writes it. */
  readonly name: string;
  /** Its subject key identifier, lower-case hexadecimal, or null if the certificate does not tell. */
  readonly keyIdentifier: string | null;
  /** Where it can be fetched (caIssuers), as far as the certificate says. */
  readonly locations: readonly string[];
}

/**
 * What hints at the nature of a missing or unknown issuer. The chain alone cannot tell a missing intermediate from a
 * private root that issued directly, nor a private root from one that trust stores used to have.
 * - `issuer-location`: the certificate says where its issuer can be fetched. Authorities with intermediates do so.
 * - `known-intermediate`: the issuer is known from elsewhere, and is an intermediate.
 * - `named-intermediate`, `named-root`: the issuer's common name says that it is one.
 * - `retired-public-root`: the issuer, or root, was in Mozilla's trust store once, and no longer is in that of Node.js.
 * - `vendor-root`: it is in the trust stores of an operating system (Apple's, Microsoft's), and not in Mozilla's.
 * - `public-authority`: the certificates carry marks of a public authority: policies of the CA/Browser Forum, or signed
 *   certificate timestamps.
 */
export type IssuerClue =
  | 'issuer-location'
  | 'known-intermediate'
  | 'named-intermediate'
  | 'named-root'
  | 'retired-public-root'
  | 'vendor-root'
  | 'public-authority';

/** How the path would go on with certificates that were not sent. */
export interface ChainCompletion {
  /** The certificates that would have had to be sent, nearest to the leaf first. */
  readonly certificates: readonly Certificate[];
  /** Where the completed path ends: an anchor, a self-signed root that is none, or neither. */
  readonly anchor: TrustAnchor | null;
  readonly root: Certificate | null;
}

/** Facts about every chain, whatever its verdict. */
export interface ChainFacts {
  /** From the leaf on; ends with the anchor where there is one. */
  readonly path: readonly ChainLink[];
  /** An issuer was sent before a certificate that it issued (RFC 5246 §7.4.2 wants each after it; RFC 8446 §4.4.2 is lenient). */
  readonly outOfOrder: boolean;
  readonly superfluous: readonly SuperfluousCertificate[];
  /** Some signature in the path could not be checked, since its algorithm is unknown here. */
  readonly unverified: boolean;
}

/**
 * What becomes of a chain.
 * - `empty`: no certificate was sent. `unreadable`: the leaf could not be parsed.
 * - `trusted`: the path ends in a trust anchor.
 * - `self-signed`: the leaf is signed with its own key and is no anchor.
 * - `private-root`: the path ends in a self-signed root that is no anchor.
 * - `incomplete`: the path stops at a certificate whose issuer was not sent and is no anchor.
 * - `bad-signature`: the path stops at a certificate whose issuer is there by name, and did not sign it.
 */
export type ChainVerdict = ChainFacts &
  (
    | { readonly status: 'empty' | 'unreadable' | 'self-signed' }
    | { readonly status: 'trusted'; readonly anchor: TrustAnchor }
    | {
        readonly status: 'private-root';
        readonly root: Certificate;
        readonly rootSent: boolean;
        readonly clues: readonly IssuerClue[];
      }
    | {
        readonly status: 'incomplete';
        /** Where the path stops: the leaf, or an intermediate. */
        readonly at: ChainLink;
        readonly missing: MissingIssuer;
        readonly clues: readonly IssuerClue[];
        readonly completion: ChainCompletion | null;
      }
    | {
        readonly status: 'bad-signature';
        readonly at: ChainLink;
        /** Bears the issuer's name; the certificate itself for a damaged self-signed one. */
        readonly issuer: Certificate;
        /** Both certificates carry the same key identifier: a damaged signature rather than another key of that name. */
        readonly sameKeyIdentifier: boolean;
      }
  );

export interface ChainOptions {
  /** Certificates known from elsewhere, to say what a broken chain lacks. They never make a chain trusted. */
  readonly intermediates?: readonly Certificate[];
  /** Where several certificates could continue the path, prefer those valid then (milliseconds since 1970). */
  readonly at?: number;
}

/** Paths longer than this are given up; real ones have two to five certificates. */
const MAX_PATH = 16;

/** Pairs of certificates looked at in one search: bounds the work on a hostile chain whose names are all the same. */
const MAX_LINKS = 256;

/** Certificates beyond this many are not sorted into related and unrelated: bounds a quadratic comparison. */
const MAX_RELATED = 256;

/**
 * Judges the certificates that one side sent, the leaf first: finds the path from the leaf to a trust anchor, through
 * the others in whatever order they came, each link by name, key identifier and signature (RFC 5280 §6.1, RFC 4158).
 * Dates and constraints are judged apart, on the path that this finds: `validityAt`, `judgeConstraints`.
 */
export function judgeChain(
  sent: readonly Certificate[],
  anchors: TrustAnchors,
  { intermediates = [], at: time }: ChainOptions = {},
): ChainVerdict {
  const [leaf] = sent;
  if (leaf === undefined) return { ...factsOf([], sent, null), status: 'empty' };
  if (leaf.error !== null) return { ...factsOf([leaf], sent, null), status: 'unreadable' };

  const end = findPath(leaf, poolOf(sent), anchors, time);
  const facts = factsOf(end.path, sent, end.anchor);
  const last = end.path.at(-1) ?? leaf;
  const at: ChainLink = { certificate: last, index: sentIndex(sent, last), origin: 'sent' };

  if (end.anchor !== null) return { ...facts, status: 'trusted', anchor: end.anchor };
  if (end.root) {
    return last === leaf
      ? { ...facts, status: 'self-signed', unverified: checkSignature(leaf, leaf) === 'unsupported' }
      : { ...facts, status: 'private-root', root: last, rootSent: true, clues: rootClues(end.path) };
  }
  if (end.impostor !== null) {
    const sameKeyIdentifier = keyIdentifiersAgree(last, end.impostor) === true;
    return { ...facts, status: 'bad-signature', at, issuer: end.impostor, sameKeyIdentifier };
  }

  const completion = complete(last, intermediates, anchors, time);
  if (completion?.root && completion.certificates.length === 1) {
    // Only the root itself was not sent, as the protocol allows.
    const path = [...end.path, completion.root];
    const { root } = completion;
    return { ...factsOf(path, sent, null), status: 'private-root', root, rootSent: false, clues: rootClues(path) };
  }
  return {
    ...facts,
    status: 'incomplete',
    at,
    missing: { name: last.issuer, keyIdentifier: last.authorityKeyIdentifier, locations: last.caIssuers },
    clues: issuerClues(end.path, last, completion),
    completion,
  };
}

/** Certificates by subject. */
type Pool = ReadonlyMap<string, readonly Certificate[]>;

function poolOf(certificates: readonly Certificate[]): Pool {
  const pool = new Map<string, Certificate[]>();
  for (const certificate of certificates) {
    if (certificate.error !== null) continue;
    const key = nameKey(certificate.subject);
    const others = pool.get(key);
    if (others === undefined) pool.set(key, [certificate]);
    else if (!others.some(({ sha256 }) => sha256 === certificate.sha256)) others.push(certificate);
  }
  return pool;
}

/** How a path ends. */
interface PathEnd {
  /** From the first certificate to the last; the anchor included. */
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor | null;
  /** The last certificate is self-signed. */
  readonly root: boolean;
  /** A certificate with the name (and not a contradicting key identifier) of the last one's issuer that did not sign it. */
  readonly impostor: Certificate | null;
}

/** Searches depth first, anchors before other certificates (as OpenSSL's "trusted first"); the best end wins. */
function findPath(first: Certificate, pool: Pool, anchors: TrustAnchors, time: number | undefined): PathEnd {
  let links = 0;
  const isValid = (certificate: Certificate): boolean =>
    time === undefined || validityOf(certificate, time).state === 'valid';

  const search = (path: readonly Certificate[], current: Certificate): PathEnd => {
    const itself = anchors.find(current);
    if (itself !== null) return { path, anchor: itself, root: false, impostor: null };

    const impostors: Certificate[] = [];
    const issued = (issuer: Certificate): boolean => {
      if (++links > MAX_LINKS || keyIdentifiersAgree(current, issuer) === false) return false;
      if (checkSignature(current, issuer) !== 'invalid') return true;
      impostors.push(issuer);
      return false;
    };

    for (const anchor of inFront(anchors.bySubject(current.issuer), ({ certificate }) => isValid(certificate))) {
      if (issued(anchor.certificate))
        return { path: [...path, anchor.certificate], anchor, root: false, impostor: null };
    }
    if (isSelfSigned(current)) return { path, anchor: null, root: true, impostor: null };

    let best: PathEnd | undefined;
    for (const issuer of inFront(pool.get(nameKey(current.issuer)) ?? [], isValid)) {
      if (path.length >= MAX_PATH || path.includes(issuer) || !issued(issuer)) continue;
      const end = search([...path, issuer], issuer);
      if (end.anchor !== null) return end;
      if (best === undefined || rank(end) > rank(best)) best = end;
    }
    if (best !== undefined) return best;
    // A self-issued certificate stands alone here, so its own key is the one that should have signed it.
    if (impostors.length === 0 && current.selfIssued) issued(current);
    return { path, anchor: null, root: false, impostor: impostors[0] ?? null };
  };
  return search([first], first);
}

function inFront<T>(items: readonly T[], isPreferred: (item: T) => boolean): readonly T[] {
  return items.length < 2 ? items : [...items.filter(isPreferred), ...items.filter((item) => !isPreferred(item))];
}

function rank({ root, path }: PathEnd): number {
  return (root ? MAX_PATH : 0) + path.length;
}

function isSelfSigned(certificate: Certificate): boolean {
  return (
    certificate.selfIssued &&
    keyIdentifiersAgree(certificate, certificate) !== false &&
    checkSignature(certificate, certificate) !== 'invalid'
  );
}

/** Whether the issuer's key identifier is the one that the certificate names; null if either has none. */
function keyIdentifiersAgree(certificate: Certificate, issuer: Certificate): boolean | null {
  const wanted = certificate.authorityKeyIdentifier;
  const offered = issuer.subjectKeyIdentifier;
  return wanted === null || offered === null ? null : wanted === offered;
}

/** Goes on from where the sent certificates end; null if nothing known from elsewhere issued that one. */
function complete(
  last: Certificate,
  intermediates: readonly Certificate[],
  anchors: TrustAnchors,
  time: number | undefined,
): ChainCompletion | null {
  const { path, anchor, root } = findPath(last, poolOf(intermediates), anchors, time);
  if (path.length < 2) return null;
  const end = path.at(-1) ?? last;
  return {
    certificates: path.slice(1).filter(({ sha256 }) => sha256 !== anchor?.certificate.sha256),
    anchor,
    root: root ? end : null,
  };
}

function issuerClues(
  path: readonly Certificate[],
  last: Certificate,
  completion: ChainCompletion | null,
): readonly IssuerClue[] {
  const clues: IssuerClue[] = [];
  if (last.caIssuers.length > 0) clues.push('issuer-location');
  if (completion?.certificates.some((issuer) => !issuer.selfIssued)) clues.push('known-intermediate');
  const commonName = /(?:^|[,+])CN=((?:\\.|[^\\,+])*)/s.exec(last.issuer)?.[1] ?? '';
  if (/\b(?:intermediate|issuing|sub(?:ordinate)?[ -]?ca)\b/i.test(commonName)) clues.push('named-intermediate');
  else if (/\broot\b/i.test(commonName)) clues.push('named-root');
  const root = completion?.root;
  const known = root ? retiredRoot(root.subject, root.subjectKeyIdentifier) : null;
  clues.push(...authorityClues(path, known ?? retiredRoot(last.issuer, last.authorityKeyIdentifier)));
  return clues;
}

function rootClues(path: readonly Certificate[]): readonly IssuerClue[] {
  const root = path.at(-1);
  return authorityClues(path.slice(0, -1), root ? retiredRoot(root.subject, root.subjectKeyIdentifier) : null);
}

function authorityClues(issued: readonly Certificate[], root: ReturnType<typeof retiredRoot>): readonly IssuerClue[] {
  const clues: IssuerClue[] = [];
  if (root !== null) clues.push(root === 'vendor' ? 'vendor-root' : 'retired-public-root');
  if (issued.some(hasPublicIssuer)) clues.push('public-authority');
  return clues;
}

function factsOf(path: readonly Certificate[], sent: readonly Certificate[], anchor: TrustAnchor | null): ChainFacts {
  const { related, outOfOrder } = relate(sent.slice(0, MAX_RELATED));
  const inPath = new Set(path.map(({ sha256 }) => sha256));
  const seen = new Set<string>();
  const superfluous: SuperfluousCertificate[] = [];
  for (const [index, certificate] of sent.entries()) {
    const { sha256, error } = certificate;
    if (seen.has(sha256)) superfluous.push({ certificate, index, why: 'duplicate' });
    else if (error !== null && index > 0) superfluous.push({ certificate, index, why: 'unreadable' });
    else if (!inPath.has(sha256)) {
      superfluous.push({ certificate, index, why: related.has(index) ? 'alternative' : 'unrelated' });
    }
    seen.add(sha256);
  }
  return {
    path: path.map((certificate): ChainLink => {
      const index = sentIndex(sent, certificate);
      const isAnchor = certificate.sha256 === anchor?.certificate.sha256;
      return { certificate, index, origin: isAnchor ? 'anchor' : index === null ? 'elsewhere' : 'sent' };
    }),
    outOfOrder,
    superfluous,
    unverified: path.some((certificate, i) => {
      const issuer = path[i + 1];
      return issuer !== undefined && checkSignature(certificate, issuer) === 'unsupported';
    }),
  };
}

/** Which of the certificates sent issued something in the leaf's chain, by name and key identifier, and in what order. */
function relate(sent: readonly Certificate[]): { related: ReadonlySet<number>; outOfOrder: boolean } {
  const bySubject = new Map<string, number[]>();
  for (const [index, { subject, error }] of sent.entries()) {
    if (error !== null) continue;
    const key = nameKey(subject);
    const others = bySubject.get(key);
    if (others === undefined) bySubject.set(key, [index]);
    else others.push(index);
  }
  const related = new Set([0]);
  let outOfOrder = false;
  // A set hands out what is added while it is walked, so this goes through the whole chain, each certificate once.
  for (const index of related) {
    const certificate = sent[index];
    if (certificate?.error !== null) continue;
    for (const issuer of bySubject.get(nameKey(certificate.issuer)) ?? []) {
      const candidate = sent[issuer] ?? certificate;
      if (related.has(issuer) || keyIdentifiersAgree(certificate, candidate) === false) continue;
      related.add(issuer);
      outOfOrder ||= issuer < index;
    }
  }
  return { related, outOfOrder };
}

function sentIndex(sent: readonly Certificate[], { sha256 }: Certificate): number | null {
  const index = sent.findIndex((certificate) => certificate.sha256 === sha256);
  return index < 0 ? null : index;
}
