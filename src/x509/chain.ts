import { BOUNDS } from '../bounds.js';
import type { TrustAnchor, TrustAnchors } from './anchors.js';
import type { Certificate } from './certificate.js';
import { nameKey } from './distinguished-name.js';
import { judgeConstraints } from './constraints.js';
import type { ChainLink } from './path.js';
import { hasPublicIssuer, type Purpose } from './purpose.js';
import { type KnownRoot, standingAt } from './roots.js';
import { checkSignature } from './signature.js';
import { validityOf } from './validity.js';
import { createWorkBudget, type Work, type WorkBudget } from './work.js';

export type { ChainLink } from './path.js';

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

/** The issuer that is missing from a path. */
export interface MissingIssuer {
  /** As RFC 4514 writes it. */
  readonly name: string;
  /** Its subject key identifier, lower-case hexadecimal, or null if the certificate does not tell. */
  readonly keyIdentifier: string | null;
  /** Where it can be fetched (caIssuers), if the certificate says so. */
  readonly locations: readonly string[];
  /**
   * The public root of that name, with its dates; null if none is known. It was not sent, and is not an anchor at that
   * time.
   */
  readonly root: KnownRoot | null;
}

/**
 * A certificate with the name of the missing issuer that is another one.
 * - `key-identifier`: its key identifier is not the one that the certificate names. - `signature`: its key did not
 * sign. This happens when an authority is recreated under its old name: the trust store has one, the server's chain
 * comes from the other.
 */
export interface Namesake {
  readonly certificate: Certificate;
  readonly origin: 'sent' | 'mozilla' | 'extra';
  readonly why: 'key-identifier' | 'signature';
}

/**
 * Hints at what a missing or unknown issuer is. The chain alone cannot tell a missing intermediate from a private root
 * that issued directly, nor a private root from a former public one.
 * - `issuer-location`: the certificate says where to fetch its issuer, as those of authorities with intermediates do.
 * - `known-intermediate`: the issuer is known from elsewhere, and is an intermediate.
 * - `named-intermediate`, `named-root`: the issuer's common name says what it is.
 * - `retired-public-root`: the issuer, or root, was in Mozilla's trust store once, and had been removed by then.
 * - `upcoming-public-root`: it was added to Mozilla's trust store later.
 * - `vendor-root`: it is in the trust stores of an operating system (Apple's, Microsoft's), and not in Mozilla's.
 * - `public-authority`: the certificates carry marks of a public authority: policies of the CA/Browser Forum, or signed
 * certificate timestamps.
 */
export type IssuerClue =
  | 'issuer-location'
  | 'known-intermediate'
  | 'named-intermediate'
  | 'named-root'
  | 'retired-public-root'
  | 'upcoming-public-root'
  | 'vendor-root'
  | 'public-authority';

/** How the path would continue with certificates that were not sent. */
export interface ChainCompletion {
  /** The certificates that should have been sent, nearest to the leaf first. */
  readonly certificates: readonly Certificate[];
  /** Where the completed path ends: at an anchor, at a self-signed root that is not one, or neither. */
  readonly anchor: TrustAnchor | null;
  readonly root: Certificate | null;
}

/** Facts that every chain has, whatever its verdict. */
export interface ChainFacts {
  /** From the leaf on; ends with the anchor if there is one. */
  readonly path: readonly ChainLink[];
  /**
   * An issuer was sent before a certificate that it issued (RFC 5246 §7.4.2 wants each after it; RFC 8446 §4.4.2 is
   * lenient).
   */
  readonly outOfOrder: boolean;
  readonly superfluous: readonly SuperfluousCertificate[];
  /**
   * A signature in the path could not be checked: its algorithm is unknown here, or its key is larger than anybody
   * uses.
   */
  readonly unverified: boolean;
  /** Certificates with the name of the missing issuer, or of the root, but another key. */
  readonly namesakes: readonly Namesake[];
  /**
   * The chain takes more work to judge than is allowed: there may be a better path, and some names were not checked
   * against constraints. Anything not stated is unknown then.
   */
  readonly isUndecided: boolean;
}

/**
 * The verdict on a chain.
 * - `empty`: no certificate was sent. `unreadable`: the leaf could not be parsed.
 * - `trusted`: the path ends in a trust anchor.
 * - `undecided`: the search for a path took too much work, and was given up.
 * - `self-signed`: the leaf is signed with its own key and is not an anchor.
 * - `private-root`: the path ends in a self-signed root that is not an anchor.
 * - `incomplete`: the path stops at a certificate whose issuer was not sent and is not an anchor.
 * - `bad-signature`: the path stops at a certificate whose apparent issuer did not sign it.
 */
export type ChainVerdict = ChainFacts &
  (
    | { readonly status: 'empty' | 'unreadable' | 'undecided' | 'self-signed' }
    | {
        readonly status: 'trusted';
        readonly anchor: TrustAnchor;
        /**
         * The anchor is self-issued, or other anchors lead on from the chain to one that is: some programs want that.
         */
        readonly isRooted: boolean;
      }
    | {
        readonly status: 'private-root';
        readonly root: Certificate;
        readonly rootSent: boolean;
        /** The public root of its name, with its dates; null if none is known. */
        readonly known: KnownRoot | null;
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
        /** The certificate with the issuer's name; for a damaged self-signed one, itself. */
        readonly issuer: Certificate;
        /**
         * Both have the same key identifier: the signature is damaged, rather than made with another key of that name.
         */
        readonly sameKeyIdentifier: boolean;
      }
  );

export interface ChainOptions {
  /** Certificates known from elsewhere, which show what a broken chain lacks. They never make a chain trusted. */
  readonly intermediates?: Issuers;
  /**
   * The time of judgement, in milliseconds since 1970: it decides which roots are anchors, and which of several paths
   * is valid. If absent or NaN, every root that ever was an anchor is one, and dates do not matter.
   */
  readonly at?: number;
  /**
   * What the leaf is used for; by default a server's. Of several paths, one whose certificates allow it is preferred.
   */
  readonly purpose?: Purpose;
  /** The work that this and other questions may take together; without it, each question has a bound of its own. */
  readonly budget?: WorkBudget;
}

/** Certificates by the key of their subject, each once. */
export interface Issuers {
  bySubject(name: string): readonly Certificate[];
}

/** Certificates by their subjects; more can be added. Unreadable ones are left out. */
export function createIssuers(certificates: readonly Certificate[] = []): Issuers & { add(issuer: Certificate): void } {
  const known = new Set<string>();
  const bySubject = new Map<string, Certificate[]>();
  const add = (issuer: Certificate): void => {
    if (issuer.error !== null || known.has(issuer.sha256)) return;
    known.add(issuer.sha256);
    const key = nameKey(issuer.subject);
    const others = bySubject.get(key);
    if (others === undefined) bySubject.set(key, [issuer]);
    else others.push(issuer);
  };
  for (const certificate of certificates) add(certificate);
  return { add, bySubject: (name) => bySubject.get(nameKey(name)) ?? [] };
}

/** Paths longer than this are given up; real ones have two to five certificates. */
const MAX_PATH = BOUNDS.pathLength.value;

/** Issuers with the same name, known from other connections, that are tried for a chain which lacks one. */
const MAX_KNOWN_ISSUERS = BOUNDS.knownIssuers.value;

/** After so many certificates, related ones are no longer told from unrelated ones: bounds a quadratic comparison. */
const MAX_RELATED = BOUNDS.relatedCertificates.value;

/**
 * Work for a chain, in microseconds: a fixed amount, and one for each byte, so that time stays in proportion to the
 * capture. Five signatures with today's keys take less than a thousand.
 */
const WORK_PER_CHAIN = BOUNDS.chainWork.value;

/**
 * Judges the certificates that one side sent, the leaf first: finds a path from the leaf to a trust anchor, through the
 * others in any order, each link by name, key identifier and signature (RFC 5280 §6.1, RFC 4158). Of several paths, it
 * takes the first without a fault of dates or constraints, else the one with the fewest. Faults of the path itself are
 * judged by `validityOf` and `judgeConstraints`.
 */
export function judgeChain(
  sent: readonly Certificate[],
  anchors: TrustAnchors,
  {
    intermediates = createIssuers(),
    at: when,
    purpose = 'server',
    budget = createWorkBudget(Infinity),
  }: ChainOptions = {},
): ChainVerdict {
  const time = Number.isNaN(when) ? undefined : when;
  const bytes = sent.reduce((sum, { der }) => sum + der.length, 0);
  const work = budget.question(WORK_PER_CHAIN + bytes, bytes);
  const none = { path: [], anchor: null, namesakes: [] };
  const [leaf] = sent;
  if (leaf === undefined) return { ...factsOf(none, sent, work), status: 'empty' };
  if (leaf.error !== null) return { ...factsOf({ ...none, path: [leaf] }, sent, work), status: 'unreadable' };

  const search: Search = { anchors, time, purpose, work };
  const end = findPath(leaf, createIssuers(sent), search);
  const facts = factsOf(end, sent, work);
  const last = end.path.at(-1) ?? leaf;
  const at: ChainLink = { certificate: last, index: sentIndex(sent, last), origin: 'sent' };

  if (end.anchor !== null) {
    const isRooted = end.anchor.certificate.selfIssued || leadsToRoot(leaf, createIssuers(sent), search);
    return { ...facts, status: 'trusted', anchor: end.anchor, isRooted };
  }
  if (work.isExhausted) return { ...facts, status: 'undecided' };
  const rootFacts = (path: readonly Certificate[], root: Certificate) => {
    const known = anchors.knownRoot(root.subject, root.subjectKeyIdentifier);
    return { root, known, clues: authorityClues(path.slice(0, -1), known, time) };
  };
  if (end.root) {
    return last === leaf
      ? { ...facts, status: 'self-signed', unverified: checkSignature(leaf, leaf) === 'unsupported' }
      : { ...facts, status: 'private-root', rootSent: true, ...rootFacts(end.path, last) };
  }
  if (end.nonSigner !== null) {
    const sameKeyIdentifier = keyIdentifiersAgree(last, end.nonSigner) === true;
    return { ...facts, status: 'bad-signature', at, issuer: end.nonSigner, sameKeyIdentifier };
  }

  const { completion, isUndecided } = complete(last, intermediates, {
    ...search,
    work: budget.question(WORK_PER_CHAIN),
  });
  // A certificate that was not looked at might show whether the missing issuer is an intermediate or a root.
  if (isUndecided) return { ...facts, isUndecided, status: 'undecided' };
  if (completion?.root && completion.certificates.length === 1) {
    // Only the root itself was not sent, as the protocol allows.
    const path = [...end.path, completion.root];
    return {
      ...factsOf({ ...end, path, anchor: null }, sent, work),
      status: 'private-root',
      rootSent: false,
      ...rootFacts(path, completion.root),
    };
  }
  const root = anchors.knownRoot(last.issuer, last.authorityKeyIdentifier);
  return {
    ...facts,
    status: 'incomplete',
    at,
    missing: { name: last.issuer, keyIdentifier: last.authorityKeyIdentifier, locations: last.caIssuers, root },
    clues: issuerClues(end.path, last, completion, search),
    completion,
  };
}

/** Work to sort a certificate behind others. */
const ORDERED_COST = 1;
/** Work for a possible issuer, without its signature: its dates, its name, the path so far. */
const CANDIDATE_COST = 8;

/** How a path ends. */
interface PathEnd {
  /** From the first certificate to the last; the anchor included. */
  readonly path: readonly Certificate[];
  readonly anchor: TrustAnchor | null;
  /** The last certificate is self-signed. */
  readonly root: boolean;
  /**
   * A certificate with the name, and no other key identifier than, the last one's issuer, but which did not sign it.
   */
  readonly nonSigner: Certificate | null;
  readonly namesakes: readonly Namesake[];
  /** Dates and constraints that the path violates; 0 for one without an anchor. */
  readonly faults: number;
}

/** What holds for one search. */
interface Search {
  readonly anchors: TrustAnchors;
  readonly time: number | undefined;
  readonly purpose: Purpose;
  readonly work: Work;
}

/**
 * Searches depth first, anchors before other certificates (OpenSSL's "trusted first"). The first path to an anchor
 * without a fault wins, then the one with the fewest faults, then the best other end.
 */
function findPath(first: Certificate, pool: Issuers, { anchors, time, purpose, work }: Search): PathEnd {
  const isValid = (certificate: Certificate): boolean =>
    time === undefined || validityOf(certificate, time).state === 'valid';
  const trusted = (path: readonly Certificate[], anchor: TrustAnchor): PathEnd => {
    const links = path.map((certificate, i): ChainLink => {
      return { certificate, index: null, origin: i === path.length - 1 ? 'anchor' : 'sent' };
    });
    const faults = path.filter((certificate) => !isValid(certificate)).length;
    return {
      ...{ path, anchor, root: false, nonSigner: null, namesakes: [] },
      faults: faults + judgeConstraints(links, { purpose, work }).length,
    };
  };

  const search = (path: readonly Certificate[], current: Certificate): PathEnd => {
    const itself = anchors.find(current, time);
    if (itself !== null) return trusted(path, itself);

    const impostors: Certificate[] = [];
    const namesakes: Namesake[] = [];
    const issued = (issuer: Certificate, origin: Namesake['origin']): boolean => {
      if (!work.spend(CANDIDATE_COST)) return false;
      if (keyIdentifiersAgree(current, issuer) === false) {
        namesakes.push({ certificate: issuer, origin, why: 'key-identifier' });
        return false;
      }
      if (checkSignature(current, issuer, work) !== 'invalid') return !work.isExhausted;
      impostors.push(issuer);
      namesakes.push({ certificate: issuer, origin, why: 'signature' });
      return false;
    };

    let best: PathEnd | undefined;
    /** Whether the search is over. */
    const isBest = (end: PathEnd): boolean => {
      if (best === undefined || rank(end) > rank(best)) best = end;
      return end.anchor !== null && end.faults === 0;
    };
    const known = anchors.bySubject(current.issuer, time);
    for (const anchor of preferredFirst(known, ({ certificate }) => isValid(certificate), work)) {
      if (!issued(anchor.certificate, anchor.origin)) continue;
      if (isBest(trusted([...path, anchor.certificate], anchor))) break;
    }
    if (best?.faults === 0) return best;
    if (best === undefined && isSelfSigned(current, work)) {
      return { path, anchor: null, root: true, nonSigner: null, namesakes, faults: 0 };
    }
    for (const issuer of preferredFirst(pool.bySubject(current.issuer), isValid, work)) {
      if (path.length >= MAX_PATH || path.includes(issuer) || !issued(issuer, 'sent')) continue;
      if (isBest(search([...path, issuer], issuer))) break;
    }
    if (best !== undefined) return best;
    // A self-issued certificate has no other issuer here, so its own key should have signed it.
    if (impostors.length === 0 && current.selfIssued && checkSignature(current, current, work) === 'invalid') {
      impostors.push(current);
    }
    return { path, anchor: null, root: false, nonSigner: impostors[0] ?? null, namesakes, faults: 0 };
  };
  return search([first], first);
}

/**
 * Whether there is a path to a self-issued anchor, also through other anchors; true if finding that out takes too much
 * work.
 */
function leadsToRoot(leaf: Certificate, pool: Issuers, search: Search): boolean {
  const { anchors, time, work } = search;
  const isRoot = ({ certificate }: TrustAnchor): boolean => certificate.selfIssued;
  const roots: TrustAnchors = {
    ...anchors,
    bySubject: (name, at) => anchors.bySubject(name, at).filter(isRoot),
    find(certificate, at) {
      const found = anchors.find(certificate, at);
      return found !== null && isRoot(found) ? found : null;
    },
  };
  const links: Issuers = {
    bySubject: (name) => [
      ...pool.bySubject(name),
      ...anchors.bySubject(name, time).flatMap((one) => (isRoot(one) ? [] : [one.certificate])),
    ],
  };
  return findPath(leaf, links, { ...search, anchors: roots }).anchor !== null || work.isExhausted;
}

/**
 * Yields the items, the preferred ones first, as long as there is work left: of thousands with one name, only a few.
 */
function* preferredFirst<T>(items: readonly T[], isPreferred: (item: T) => boolean, work: Work): Generator<T> {
  const others: T[] = [];
  for (const item of items) {
    if (work.isExhausted) return;
    if (isPreferred(item)) yield item;
    else if (work.spend(ORDERED_COST)) others.push(item);
  }
  for (const item of others) {
    if (work.isExhausted) return;
    yield item;
  }
}

function rank({ anchor, faults, root, path }: PathEnd): number {
  if (anchor !== null) return Number.MAX_SAFE_INTEGER - faults;
  return (root ? MAX_PATH : 0) + path.length;
}

function isSelfSigned(certificate: Certificate, work: Work): boolean {
  return (
    certificate.selfIssued &&
    keyIdentifiersAgree(certificate, certificate) !== false &&
    checkSignature(certificate, certificate, work) !== 'invalid'
  );
}

/** Whether the issuer's key identifier is the one that the certificate names; null if either is missing. */
function keyIdentifiersAgree(certificate: Certificate, issuer: Certificate): boolean | null {
  const wanted = certificate.authorityKeyIdentifier;
  const offered = issuer.subjectKeyIdentifier;
  return wanted === null || offered === null ? null : wanted === offered;
}

/** How a path continues after the sent certificates. */
interface Completion {
  /** null if no known certificate issued the last one. */
  readonly completion: ChainCompletion | null;
  /** Not every possible issuer was looked at. */
  readonly isUndecided: boolean;
}

function complete(last: Certificate, intermediates: Issuers, search: Search): Completion {
  const tried = { areAll: true };
  const few: Issuers = {
    bySubject(name) {
      const all = intermediates.bySubject(name);
      if (all.length <= MAX_KNOWN_ISSUERS) return all;
      tried.areAll = false;
      return all.slice(0, MAX_KNOWN_ISSUERS);
    },
  };
  const { path, anchor, root } = findPath(last, few, search);
  if (path.length < 2) return { completion: null, isUndecided: !tried.areAll || search.work.isExhausted };
  const end = path.at(-1) ?? last;
  const certificates = path.slice(1).filter(({ sha256 }) => sha256 !== anchor?.certificate.sha256);
  return { completion: { certificates, anchor, root: root ? end : null }, isUndecided: false };
}

function issuerClues(
  path: readonly Certificate[],
  last: Certificate,
  completion: ChainCompletion | null,
  { anchors, time }: Search,
): readonly IssuerClue[] {
  const clues: IssuerClue[] = [];
  if (last.caIssuers.length > 0) clues.push('issuer-location');
  if (completion?.certificates.some((issuer) => !issuer.selfIssued)) clues.push('known-intermediate');
  const commonName = /(?:^|[,+])CN=((?:\\.|[^\\,+])*)/s.exec(last.issuer)?.[1] ?? '';
  if (/\b(?:intermediate|issuing|policy|sub(?:ordinate)?[ -]?ca)\b/i.test(commonName)) clues.push('named-intermediate');
  else if (/\broot\b/i.test(commonName)) clues.push('named-root');
  const root = completion?.root;
  const known = root ? anchors.knownRoot(root.subject, root.subjectKeyIdentifier) : null;
  clues.push(...authorityClues(path, known ?? anchors.knownRoot(last.issuer, last.authorityKeyIdentifier), time));
  return clues;
}

function authorityClues(
  issued: readonly Certificate[],
  root: KnownRoot | null,
  time: number | undefined,
): readonly IssuerClue[] {
  const clues: IssuerClue[] = [];
  if (root !== null) {
    const standing = standingAt(root, time);
    if (standing === 'vendor') clues.push('vendor-root');
    // If the stores had it, it would be an anchor: this root only has its name.
    else if (standing !== 'included') clues.push(`${standing}-public-root`);
  }
  if (issued.some(hasPublicIssuer)) clues.push('public-authority');
  return clues;
}

function factsOf(
  { path, anchor, namesakes }: Pick<PathEnd, 'path' | 'anchor' | 'namesakes'>,
  sent: readonly Certificate[],
  work: Work,
): ChainFacts {
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
    namesakes,
    isUndecided: work.isExhausted,
    unverified: path.some((certificate, i) => {
      const issuer = path[i + 1];
      return issuer !== undefined && checkSignature(certificate, issuer) === 'unsupported';
    }),
  };
}

/**
 * Which of the sent certificates belong to the leaf's chain, by name and key identifier, and whether they are in order.
 */
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
  // A set's iterator also returns elements added meanwhile, so this walks the whole chain, each certificate once.
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
