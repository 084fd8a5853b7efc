import { isIP } from 'node:net';
import { BOUNDS } from '../bounds.js';
import type { Certificate } from './certificate.js';
import type { ChainLink } from './path.js';
import { nameKey } from './distinguished-name.js';
import { allowsCertSign, allowsKeyUsage, allowsPurpose, type Purpose } from './purpose.js';
import { signatureStrength, keyStrength } from './strength.js';
import { boundedWork, type Work } from './work.js';

/** Types of names that constraints apply to. */
export type ConstrainedNameType = 'dns' | 'ip' | 'email' | 'directory' | 'uri' | 'other';

/** Something in one certificate of a path for which verifiers refuse the path although every signature is right. */
export type ConstraintProblem = {
  /** The certificate at fault; in the path at `position`, 0 being the leaf. */
  readonly certificate: Certificate;
  readonly position: number;
} & (
  | {
      /**
       * It issues, but may not (RFC 5280 §6.1.4 k, n).
       * - `no-basic-constraints`: it does not say that it is an authority.
       * - `not-a-ca`: it says that it is none.
       * - `no-cert-sign`: its key usage lacks keyCertSign.
       */
      readonly kind: 'unfit-issuer';
      readonly why: 'no-basic-constraints' | 'not-a-ca' | 'no-cert-sign';
    }
  | {
      /** More intermediates follow than it allows (§6.1.4 l, m). */
      readonly kind: 'path-too-long';
      readonly limit: number;
      readonly length: number;
    }
  | {
      /** The leaf's extended key usage (§4.2.1.12), or that of an authority above it, lacks the purpose. */
      readonly kind: 'extended-key-usage';
      readonly wanted: 'serverAuth' | 'clientAuth';
      readonly allowed: readonly string[];
    }
  | {
      /** The leaf's key usage allows nothing that a handshake needs (§4.2.1.3). */
      readonly kind: 'key-usage';
      readonly allowed: readonly string[];
    }
  | {
      /** It must not be the authority for a name below it (§4.2.1.10). */
      readonly kind: 'name-constraint';
      /** `uncomparable`: verifiers know no comparison for this type of name, or the name is malformed. */
      readonly why: 'excluded' | 'not-permitted' | 'uncomparable';
      readonly type: ConstrainedNameType;
      readonly name: string;
      /** Bears the name. */
      readonly bearer: Certificate;
    }
  | {
      /** Critical extensions that verifiers do not know (§4.2), as object identifiers. */
      readonly kind: 'unknown-critical-extension';
      readonly oids: readonly string[];
    }
  | {
      readonly kind: 'weak-key';
      /** Everybody refuses `broken` keys; today's default security levels refuse `weak` ones. */
      readonly strength: 'weak' | 'broken';
    }
  | {
      readonly kind: 'weak-signature';
      readonly strength: 'weak' | 'broken';
      readonly hash: string;
    }
);

export interface ConstraintOptions {
  /** What the leaf is shown for. */
  readonly purpose: Purpose;
  /** What the comparison of names may take; once it is used up, names are skipped, and nothing is said about them. */
  readonly work?: Work;
}

/**
 * Judges what the certificates of a path demand of each other, as OpenSSL and Go do: who may issue, how many may
 * follow, for which purpose and names, with which keys and hashes. The leaf is first. An anchor at the end is judged
 * too, as OpenSSL and Go do, except for its signature and, before version 3, for being an authority.
 */
export function judgeConstraints(
  path: readonly ChainLink[],
  { purpose, work = boundedWork(BOUNDS.nameWork.value) }: ConstraintOptions,
): readonly ConstraintProblem[] {
  const problems: ConstraintProblem[] = [];
  /** Intermediates between the leaf and the current certificate; self-issued ones do not count. */
  let between = 0;
  for (const [position, link] of path.entries()) {
    const { certificate } = link;
    if (certificate.error !== null) continue;
    const at = { certificate, position };
    const isLast = position === path.length - 1;
    if (position > 0) {
      const why = whyNotAnIssuer(certificate, isLast);
      if (why !== null) problems.push({ ...at, kind: 'unfit-issuer', why });
      const { pathLength } = certificate;
      if (pathLength !== null && between > pathLength) {
        problems.push({ ...at, kind: 'path-too-long', limit: pathLength, length: between });
      }
      if (!certificate.selfIssued) between++;
      for (const problem of nameProblems(path, position, work)) problems.push(problem);
    } else if (!allowsKeyUsage(certificate, purpose)) {
      problems.push({ ...at, kind: 'key-usage', allowed: certificate.keyUsage ?? [] });
    }
    if (!allowsPurpose(certificate, purpose)) {
      const wanted = purpose === 'server' ? 'serverAuth' : 'clientAuth';
      problems.push({ ...at, kind: 'extended-key-usage', wanted, allowed: certificate.extendedKeyUsage ?? [] });
    }
    const oids = certificate.unknownCriticalExtensions;
    if (oids.length > 0) problems.push({ ...at, kind: 'unknown-critical-extension', oids });
    const keys = keyStrength(certificate);
    if (keys !== 'strong') problems.push({ ...at, kind: 'weak-key', strength: keys });
    const needsSignature = !isLast || (link.origin !== 'anchor' && !certificate.selfIssued);
    const signed = signatureStrength(certificate);
    if (needsSignature && signed !== 'strong') {
      problems.push({ ...at, kind: 'weak-signature', strength: signed, hash: certificate.signatureHash ?? '' });
    }
  }
  return problems;
}

function whyNotAnIssuer(
  issuer: Certificate,
  isLast: boolean,
): 'no-basic-constraints' | 'not-a-ca' | 'no-cert-sign' | null {
  if (!allowsCertSign(issuer)) return 'no-cert-sign';
  if (issuer.isCa) return null;
  if (issuer.hasBasicConstraints) return 'not-a-ca';
  return issuer.version < 3 && isLast && issuer.selfIssued ? null : 'no-basic-constraints';
}

/** Names of one certificate that another must not vouch for, as far as they are listed: all for the same reason. */
const MAX_NAME_PROBLEMS = BOUNDS.nameProblems.value;

/** Whether a name, prepared by `comparable`, lies in a subtree; null if unknown. */
type Comparison = (name: string) => boolean | null;

/** The comparisons with some subtrees, prepared once. */
interface Subtrees {
  readonly compare: readonly Comparison[];
  /** Cost of one comparison, without the length of the name, in characters. */
  readonly cost: number;
}

/** Characters that are compared in a microsecond, rounded down: names come in a few representations. */
const CHARACTERS_PER_UNIT = 500;

function nameProblems(path: readonly ChainLink[], position: number, work: Work): ConstraintProblem[] {
  const certificate = path[position]?.certificate;
  const constraints = certificate?.nameConstraints;
  if (!certificate || !constraints) return [];
  const problems: ConstraintProblem[] = [];
  const prepared = new Map<string, Subtrees>();
  const subtreesOf = (kind: 'permitted' | 'excluded', type: ConstrainedNameType): Subtrees => {
    const key = `${kind} ${type}`;
    let subtrees = prepared.get(key);
    if (subtrees === undefined) {
      const bases = constraints[kind][type];
      const length = bases.reduce((sum, base) => sum + base.length, 0);
      const isAffordable = work.spend(bases.length + length / CHARACTERS_PER_UNIT);
      subtrees = { compare: isAffordable ? bases.map(comparisons[type]) : [], cost: length };
      prepared.set(key, subtrees);
    }
    return subtrees;
  };
  /** Whether a name is in one of the subtrees; null if unknown. */
  const isIn = ({ compare }: Subtrees, name: string): boolean | null => {
    let isUnknown = false;
    for (const covers of compare) {
      const answer = covers(name);
      if (answer === true) return true;
      isUnknown ||= answer === null;
    }
    return isUnknown ? null : false;
  };
  for (const { certificate: bearer } of path.slice(0, position)) {
    // A certificate that an authority issued to itself is about its keys, not its names (RFC 5280 §6.1.3 b, c); the
    // leaf always counts.
    if (bearer.selfIssued && bearer !== path[0]?.certificate) continue;
    for (const [type, name] of namesOf(bearer, bearer === path[0]?.certificate)) {
      const permitted = subtreesOf('permitted', type);
      const excluded = subtreesOf('excluded', type);
      const count = permitted.compare.length + excluded.compare.length;
      const characters = count * name.length + permitted.cost + excluded.cost;
      if (!work.spend((count * 20 + characters) / CHARACTERS_PER_UNIT)) return problems;
      const ready = comparable[type](name);
      const isExcluded = isIn(excluded, ready);
      const isPermitted = permitted.compare.length === 0 || isIn(permitted, ready);
      const why =
        isExcluded === true
          ? 'excluded'
          : isPermitted === false
            ? 'not-permitted'
            : isExcluded === null || isPermitted === null
              ? 'uncomparable'
              : null;
      if (why === null) continue;
      problems.push({ certificate, position, kind: 'name-constraint', why, type, name, bearer });
      if (problems.length === MAX_NAME_PROBLEMS) return problems;
    }
  }
  return problems;
}

function* namesOf(certificate: Certificate, isLeaf: boolean): Iterable<readonly [ConstrainedNameType, string]> {
  const { subjectAltNames, subject, emailAddresses, commonNames, uriNames, otherNames } = certificate;
  // If there is no DNS name, OpenSSL uses a common name that looks like a host name.
  const dns =
    subjectAltNames.dns.length > 0 || !isLeaf ? subjectAltNames.dns : commonNames.filter((name) => hostLike.test(name));
  for (const name of dns) yield ['dns', name];
  for (const name of subjectAltNames.ip) yield ['ip', name];
  for (const name of emailAddresses) yield ['email', name];
  if (subject !== '') yield ['directory', subject];
  for (const name of uriNames) yield ['uri', name];
  for (const name of otherNames) yield ['other', name];
}

const hostLike = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/i;

/** By type: the part of a name that is compared. */
const comparable: Readonly<Record<ConstrainedNameType, (name: string) => string>> = {
  dns: (name) => name.toLowerCase().replace(/\.$/, ''),
  ip: bitsOf,
  email(name) {
    const [local, host] = mailbox(name);
    return `${local}@${host}`;
  },
  directory: nameKey,
  uri: (name) => hostOf(name) ?? '',
  other: typeOf,
};

/** By type: the comparison with a subtree. */
const comparisons: Readonly<Record<ConstrainedNameType, (base: string) => Comparison>> = {
  dns: domainIn,
  ip(base) {
    const [network = '', prefix = ''] = base.split('/');
    const bits = bitsOf(network);
    if (bits === '' || !/^\d+$/.test(prefix)) return () => false;
    const start = bits.slice(0, Number(prefix));
    return (name) => name.length === bits.length && name.startsWith(start);
  },
  email(base) {
    if (base.includes('@')) {
      const [local, host] = mailbox(base);
      return (name) => name === `${local}@${host}`;
    }
    const end = base.startsWith('.') ? base.toLowerCase() : `@${base.toLowerCase()}`;
    return (name) => name.endsWith(end);
  },
  directory(base) {
    const inner = nameKey(base);
    return (name) => {
      if (inner === '' || inner === name) return true;
      if (!name.endsWith(`,${inner}`)) return false;
      // A comma before the base has to be unescaped: an even number of backslashes precedes it.
      const comma = name.length - inner.length - 1;
      let at = comma - 1;
      while (at >= 0 && name[at] === '\\') at--;
      return (comma - at) % 2 === 1;
    };
  },
  // RFC 5280 §4.2.1.10: the host part of the URI, which must be there and no address.
  uri(base) {
    const end = base.toLowerCase();
    return (host) => (host === '' ? null : end.startsWith('.') ? host.endsWith(end) : host === end);
  },
  // Verifiers agree on no comparison for these types: OpenSSL refuses a name of the same type as a constraint.
  other(base) {
    const type = typeOf(base);
    return (name) => (name === type ? null : false);
  },
};

/** A base without a leading dot also covers itself; an empty one covers everything. */
function domainIn(base: string): Comparison {
  const domain = base.toLowerCase();
  const suffix = domain.startsWith('.') ? domain : `.${domain}`;
  return (host) => domain === '' || host === domain || host.endsWith(suffix);
}

/** The local part and, in lower case, the host of a mail address. */
function mailbox(address: string): readonly [local: string, host: string] {
  const at = address.lastIndexOf('@');
  return at < 0 ? ['', ''] : [address.slice(0, at), address.slice(at + 1).toLowerCase()];
}

/** The host of a URI with an authority part, in lower case; null if it has none, or an address. */
function hostOf(uri: string): string | null {
  const start = uri.indexOf('://');
  if (start < 0) return null;
  const rest = uri.slice(start + 3);
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const host = authority
    .slice(authority.lastIndexOf('@') + 1)
    .replace(/:\d*$/, '')
    .toLowerCase();
  return host === '' || host.startsWith('[') || isIP(host) !== 0 ? null : host;
}

/** The type of an otherName: the part before the colon. */
function typeOf(otherName: string): string {
  return otherName.slice(0, otherName.indexOf(':'));
}

/** The bits of an address as text, `0` and `1`; empty if it is not one. */
function bitsOf(address: string): string {
  const binary = (digits: string, radix: number, width: number): string =>
    Number.parseInt(digits, radix).toString(2).padStart(width, '0');
  switch (isIP(address)) {
    case 4:
      return address
        .split('.')
        .map((octet) => binary(octet, 10, 8))
        .join('');
    case 6: {
      // In the form of RFC 5952, from `addressText`: zero groups are omitted in one place.
      const [front = [], back = []] = address.split('::').map((part) => part.split(':').filter((each) => each !== ''));
      const zeros = Array<string>(8 - front.length - back.length).fill('0');
      return [...front, ...zeros, ...back].map((group) => binary(group, 16, 16)).join('');
    }
    default:
      return '';
  }
}
