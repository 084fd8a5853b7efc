import { BlockList, isIP } from 'node:net';
import type { Certificate, NameSubtrees } from './certificate.js';
import type { ChainLink } from './chain.js';
import { nameKey } from './distinguished-name.js';
import { allowsCertSign, allowsKeyUsage, allowsPurpose, type Purpose } from './purpose.js';
import { signatureStrength, keyStrength } from './strength.js';

/** Types of names that constraints are held against. */
export type ConstrainedNameType = 'dns' | 'ip' | 'email' | 'directory';

/** What one certificate of a path does that makes verifiers refuse the path, although every signature is right. */
export type ConstraintProblem = {
  /** The certificate at fault; in the path at `position`, 0 being the leaf. */
  readonly certificate: Certificate;
  readonly position: number;
} & (
  | {
      /**
       * It issues, and may not (RFC 5280 §6.1.4 k, n).
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
      /** It may not be the authority for a name below it (§4.2.1.10). */
      readonly kind: 'name-constraint';
      readonly why: 'excluded' | 'not-permitted';
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
      /** `broken` keys everybody refuses; `weak` ones are refused at today's default security levels. */
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
}

/**
 * Judges what the certificates of a path demand of each other, as OpenSSL and Go do: who may issue, how many follow,
 * for which purpose and names, with which keys and hashes. The leaf is first; an anchor at the end is judged too, since
 * both of them do so, but nobody needs its signature, and before version 3 it could not say that it is an authority.
 */
export function judgeConstraints(
  path: readonly ChainLink[],
  { purpose }: ConstraintOptions,
): readonly ConstraintProblem[] {
  const problems: ConstraintProblem[] = [];
  /** Intermediates between the leaf and the certificate in hand; self-issued ones do not count. */
  let between = 0;
  for (const [position, link] of path.entries()) {
    const { certificate } = link;
    if (certificate.error !== null) continue;
    const at = { certificate, position };
    const isLast = position === path.length - 1;
    if (position > 0) {
      const why = unfitness(certificate, isLast);
      if (why !== null) problems.push({ ...at, kind: 'unfit-issuer', why });
      const { pathLength } = certificate;
      if (pathLength !== null && between > pathLength) {
        problems.push({ ...at, kind: 'path-too-long', limit: pathLength, length: between });
      }
      if (!certificate.selfIssued) between++;
      problems.push(...nameProblems(path, position));
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

function unfitness(issuer: Certificate, isLast: boolean): 'no-basic-constraints' | 'not-a-ca' | 'no-cert-sign' | null {
  if (!allowsCertSign(issuer)) return 'no-cert-sign';
  if (issuer.isCa) return null;
  if (issuer.hasBasicConstraints) return 'not-a-ca';
  return issuer.version < 3 && isLast && issuer.selfIssued ? null : 'no-basic-constraints';
}

/** Names compared on a path with as many are too many: bounds a product of what two hostile certificates list. */
const MAX_COMPARISONS = 20_000;

function nameProblems(path: readonly ChainLink[], position: number): ConstraintProblem[] {
  const certificate = path[position]?.certificate;
  const constraints = certificate?.nameConstraints;
  if (!certificate || !constraints) return [];
  const problems: ConstraintProblem[] = [];
  let comparisons = 0;
  const isIn = (subtrees: readonly string[], type: ConstrainedNameType, name: string): boolean =>
    subtrees.some((base) => ++comparisons <= MAX_COMPARISONS && covers[type](base, name));
  for (const { certificate: bearer } of path.slice(0, position)) {
    // What an authority issued to itself is about its keys, not its names (RFC 5280 §6.1.3 b, c); the leaf always counts.
    if (bearer.selfIssued && bearer !== path[0]?.certificate) continue;
    for (const [type, name] of namesOf(bearer, bearer === path[0]?.certificate)) {
      const permitted = subtreesOf(constraints.permitted, type);
      const excluded = subtreesOf(constraints.excluded, type);
      const why = isIn(excluded, type, name)
        ? 'excluded'
        : permitted.length > 0 && !isIn(permitted, type, name)
          ? 'not-permitted'
          : null;
      if (why !== null) problems.push({ certificate, position, kind: 'name-constraint', why, type, name, bearer });
    }
  }
  return problems;
}

function subtreesOf(subtrees: NameSubtrees, type: ConstrainedNameType): readonly string[] {
  return subtrees[type];
}

function namesOf(certificate: Certificate, isLeaf: boolean): (readonly [ConstrainedNameType, string])[] {
  const { subjectAltNames, subject, emailAddresses, commonNames } = certificate;
  // OpenSSL takes a common name that looks like a host name for one where no DNS name is presented.
  const dns =
    subjectAltNames.dns.length > 0 || !isLeaf ? subjectAltNames.dns : commonNames.filter((name) => hostLike.test(name));
  return [
    ...dns.map((name) => ['dns', name] as const),
    ...subjectAltNames.ip.map((name) => ['ip', name] as const),
    ...emailAddresses.map((name) => ['email', name] as const),
    ...(subject === '' ? [] : [['directory', subject] as const]),
  ];
}

const hostLike = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)+$/i;

/** Whether a name of each type lies in a subtree. */
const covers: Readonly<Record<ConstrainedNameType, (base: string, name: string) => boolean>> = {
  dns: (base, name) => isDomainIn(base, name.replace(/\.$/, '')),
  ip: isAddressIn,
  email(base, name) {
    const [, local = '', host = ''] = /^(.*)@([^@]*)$/s.exec(name) ?? [];
    if (base.includes('@')) {
      const [, baseLocal = '', baseHost = ''] = /^(.*)@([^@]*)$/s.exec(base) ?? [];
      return local === baseLocal && host.toLowerCase() === baseHost.toLowerCase();
    }
    return base.startsWith('.') ? isDomainIn(base, host) : host.toLowerCase() === base.toLowerCase();
  },
  directory(base, name) {
    const inner = nameKey(base);
    const outer = nameKey(name);
    if (inner === '' || inner === outer) return true;
    // A comma that is not escaped is before the base: an even number of backslashes is.
    return outer.endsWith(`,${inner}`) && /(?:^|[^\\])(?:\\\\)*$/.test(outer.slice(0, -inner.length - 1));
  },
};

/** A base without a dot in front covers itself as well; an empty one everything. */
function isDomainIn(base: string, name: string): boolean {
  const domain = base.toLowerCase();
  const host = name.toLowerCase();
  if (domain === '' || host === domain) return true;
  return host.endsWith(domain.startsWith('.') ? domain : `.${domain}`);
}

function isAddressIn(base: string, address: string): boolean {
  const [network = '', prefix = ''] = base.split('/');
  const family = isIP(network);
  if (family === 0 || family !== isIP(address) || !/^\d+$/.test(prefix)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}
