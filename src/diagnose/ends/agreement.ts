import type { ClientHello } from '../../connection/connection.js';
import { suiteOf } from '../../ends/configurations/cipher-strings.js';
import type { Accepted, Accepts, Service } from '../../ends/configurations/configuration.js';
import { versionRange } from '../../ends/configurations/values.js';
import type { Certificate } from '../../x509/certificate.js';
import { canSign, isObsoleteScheme } from '../evidence/offer-comparison.js';
import { withoutGreaseAndSignals } from '../evidence/offers.js';
import { keyName } from '../evidence/server-history.js';

/** What a client offers of one kind, and what a server accepts of it. */
export interface Shared {
  readonly offered: readonly string[];
  /** What both have for sure. */
  readonly shared: readonly string[];
  /** `perhaps`: nothing is certainly shared, but something may be. */
  readonly state: 'shared' | 'perhaps' | 'apart';
}

/** What a ClientHello and a configuration have in common. */
export interface Agreement {
  readonly versions: Shared;
  /** Suites up to TLS 1.2; shared only if such a version is. */
  readonly suites: Shared;
  /** Suites of TLS 1.3; not shared if the version is not. */
  readonly tls13: Shared;
  readonly groups: Shared;
  /** Schemes by which the server may sign. Before TLS 1.2 none is negotiated. */
  readonly schemes: Shared;
}

/** What is known of a server besides its configuration. */
export interface ServerKnowledge {
  /** Its certificates. It uses the one that fits, or any one of them if `isAnyOne`. */
  readonly leaves?: readonly Certificate[];
  /** It uses one of its certificates, and which one is not known. */
  readonly isAnyOne?: boolean;
  /** Whether these are all that it has. */
  readonly areAll?: boolean;
  /** Suites that it was seen to choose, with its certificate. */
  readonly chosen?: ReadonlySet<string>;
}

export const TLS13_SUITE = /^TLS_(?:AES|CHACHA20|SM4)_/;

/** The suites of TLS 1.3 that OpenSSL has by default, as all servers do. */
const TLS13_DEFAULTS = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** @param seen says which suites up to TLS 1.2 fit the server's certificate; without it, none is certainly shared */
export function agreement(hello: ClientHello, accepts: Accepts, seen: ServerKnowledge = {}): Agreement {
  const offeredVersions = withoutGreaseAndSignals(hello.supportedVersions).map((name) =>
    name.replace(/^DTLS /, 'TLS '),
  );
  const offered = withoutGreaseAndSignals(hello.cipherSuites);
  const old = offered.filter((name) => !TLS13_SUITE.test(name));
  const recent = offered.filter((name) => TLS13_SUITE.test(name));
  const offeredGroups = withoutGreaseAndSignals(hello.supportedGroups);
  const versions = common(all(hello, offeredVersions), accepts.versions);
  const groups = common(offeredGroups, accepts.groups);
  const may = (isVersion: (version: string) => boolean): Shared['state'] => {
    if (versions.shared.some(isVersion)) return 'shared';
    const { perhaps } = accepts.versions ?? { perhaps: 'any' };
    const isPossible = (version: string): boolean =>
      isVersion(version) && (perhaps === 'any' || perhaps?.includes(version) === true);
    return all(hello, offeredVersions).some(isPossible) ? 'perhaps' : 'apart';
  };
  return {
    versions: { ...versions, offered: offeredVersions },
    suites: within(
      may((version) => version !== 'TLS 1.3'),
      oldSuites(old, accepts.cipherSuites, groups, seen),
    ),
    tls13: within(
      may((version) => version === 'TLS 1.3'),
      common(recent, accepts.tls13CipherSuites ?? { value: TLS13_DEFAULTS }),
    ),
    groups,
    schemes: schemesOf(hello, versions, accepts),
  };
}

function schemesOf({ signatureSchemes }: ClientHello, versions: Shared, accepts: Accepts): Shared {
  const offered = withoutGreaseAndSignals(signatureSchemes);
  const isSigned = (version: string): boolean => SIGNED_BY_SCHEME.has(version);
  const isSettled = offered.length > 0 && (versions.shared.some(isSigned) || versions.offered.every(isSigned));
  return isSettled ? common(offered, accepts.signatureSchemes) : { offered, shared: [], state: 'perhaps' };
}

/** Versions in which client and server negotiate a signature scheme. */
const SIGNED_BY_SCHEME: ReadonlySet<string> = new Set(['TLS 1.2', 'TLS 1.3']);

/**
 * Whether the client may refuse the server's signature although it offers the version: up to TLS 1.1 that is made with
 * SHA-1, which a client without a scheme for it does not take (OpenSSL 3 by default).
 */
export function mayRefuseSha1({ versions, suites, schemes }: Agreement): boolean {
  if (versions.shared.some((version) => SIGNED_BY_SCHEME.has(version))) return false;
  const isSigned = suites.shared.some((suite) => !suite.startsWith('TLS_RSA_'));
  return isSigned && schemes.offered.length > 0 && !schemes.offered.some((scheme) => scheme.endsWith('_sha1'));
}

/**
 * Which of a service's certificates a client gets. A server that only looks at signatures (HAProxy) sends an ECDSA
 * certificate to clients that can verify it, and an RSA certificate to others. For a client that accepts only RSA-PSS, some
 * releases send the RSA certificate, and others, such as 2.6, still the ECDSA certificate.
 */
export function certificatesFor(
  { signatureSchemes, cipherSuites }: ClientHello,
  { choosesBy }: Pick<Service, 'choosesBy'>,
  certificates: readonly Certificate[],
): Required<Pick<ServerKnowledge, 'leaves' | 'isAnyOne'>> {
  const kinds = new Set(certificates.map(({ keyType }) => keyType));
  if (choosesBy !== 'signatures' || kinds.size < 2)
    return { leaves: certificates, isAnyOne: choosesBy === 'unknown' && kinds.size > 1 };
  const hasSuite = cipherSuites.some((name) => TLS13_SUITE.test(name) || name.startsWith('TLS_ECDHE_ECDSA_'));
  const isEcdsa = hasSuite && signatureSchemes.some((scheme) => /^ecdsa_(?!brainpool)/.test(scheme));
  const isRsa = signatureSchemes.length === 0 || signatureSchemes.some((scheme) => scheme.startsWith('rsa_pkcs1_'));
  const chosen = certificates.filter(({ keyType }) => keyType === (isEcdsa ? 'ECDSA' : 'RSA'));
  if ((isEcdsa || isRsa) && chosen.length > 0) return { leaves: chosen, isAnyOne: false };
  return { leaves: certificates, isAnyOne: true };
}

/**
 * Whether a server can sign with a certificate's key by a scheme that the client accepts and the configuration allows;
 * any scheme, if the configuration names none. Hashes that current servers refuse only count as `perhaps`.
 */
export function signing(
  leaf: Certificate,
  { schemes }: Agreement,
  accepts: Accepts,
  isTls13: boolean,
): Shared['state'] {
  const { offered, shared, state } = schemes;
  // Without the extension, the client accepts what its version always had.
  if (offered.length === 0) return accepts.signatureSchemes === null ? 'shared' : 'perhaps';
  if (state === 'apart') return 'apart';
  const fits = (scheme: string): boolean => canSign(keyName(leaf), scheme, isTls13);
  const own = accepts.signatureSchemes === null ? offered : shared;
  if (own.some((scheme) => fits(scheme) && !isObsoleteScheme(scheme))) return 'shared';
  // More may be shared, or nothing at all.
  if (accepts.signatureSchemes !== null && state === 'perhaps') return 'perhaps';
  const { perhaps } = accepts.signatureSchemes ?? {};
  const others = offered.filter((scheme) => perhaps === 'any' || perhaps?.includes(scheme) === true);
  return [...own, ...others].some(fits) ? 'perhaps' : 'apart';
}

/** What is both offered and accepted. */
function common(offered: readonly string[], accepted: Pick<Accepted, 'value' | 'perhaps'> | null): Shared {
  if (accepted === null) return { offered, shared: [], state: 'perhaps' };
  const { value, perhaps } = accepted;
  const sure = new Set(value);
  const shared = offered.filter((name) => sure.has(name));
  const mayBe = perhaps === 'any' || perhaps?.some((name) => offered.includes(name)) === true;
  return { offered, shared, state: shared.length > 0 ? 'shared' : mayBe ? 'perhaps' : 'apart' };
}

/** What is shared within a version, which itself may be shared or not. */
const within = (version: Shared['state'], suites: Shared): Shared =>
  version === 'apart'
    ? { ...suites, shared: [], state: 'apart' }
    : version === 'perhaps' && suites.state === 'shared'
      ? { ...suites, state: 'perhaps' }
      : suites;

/** Suites up to TLS 1.2, which need a fitting certificate, and for ECDHE a group. */
function oldSuites(
  offered: readonly string[],
  accepted: Accepted | null,
  groups: Shared,
  { leaves = [], isAnyOne = false, areAll = false, chosen }: ServerKnowledge,
): Shared {
  const { shared, state } = common(offered, accepted);
  // A server may accept a suite that is in no known cipher string.
  if (accepted === null || (shared.length === 0 && offered.some((name) => suiteOf(name) === undefined))) {
    return { offered, shared: [], state: 'perhaps' };
  }
  // Without the extension, any curve is allowed (RFC 8422 §4).
  const hasGroup = groups.offered.length === 0 || groups.state !== 'apart';
  const hasCertificate = (name: string): boolean =>
    !areAll || leaves.some((leaf) => isFor(name, leaf, groups) !== false);
  const isPossible = (name: string): boolean => (hasGroup || suiteOf(name)?.kx !== 'ECDH') && hasCertificate(name);
  const possible = shared.filter(isPossible);
  const mayBeOthers =
    accepted.perhaps === 'any' ? offered : (accepted.perhaps ?? []).filter((name) => offered.includes(name));
  if (state === 'apart' || (possible.length === 0 && !mayBeOthers.some(isPossible))) {
    return { offered, shared: [], state: 'apart' };
  }
  const isSafe = (leaf: Certificate): boolean => possible.some((name) => fits(name, leaf, groups));
  const isSure =
    possible.some((name) => chosen?.has(name) === true) || (isAnyOne ? leaves.every(isSafe) : leaves.some(isSafe));
  return { offered, shared: possible, state: isSure ? 'shared' : 'perhaps' };
}

/** Groups that servers have by default. */
const USUAL_GROUPS: ReadonlySet<string> = new Set(['x25519', 'secp256r1', 'secp384r1']);

/** Whether a suite up to TLS 1.2 works with that certificate; undefined if its kind of key is unknown. */
function isFor(name: string, { keyType, keyCurve }: Certificate, groups: Shared): boolean | undefined {
  const suite = suiteOf(name);
  if (suite === undefined || !/^(?:RSA|ECDSA)$/.test(suite.au) || !/^(?:RSA|ECDSA)$/.test(keyType)) return undefined;
  return (
    keyType === suite.au &&
    (suite.au === 'RSA' || groups.offered.length === 0 || groups.offered.includes(keyCurve ?? ''))
  );
}

/** Whether a suite up to TLS 1.2 works with that certificate and a shared group. */
function fits(name: string, leaf: Certificate, groups: Shared): boolean {
  return isFor(name, leaf, groups) === true && hasGroupFor(name, groups);
}

function hasGroupFor(name: string, groups: Shared): boolean {
  return (
    suiteOf(name)?.kx !== 'ECDH' ||
    groups.offered.length === 0 ||
    (groups.state === 'perhaps' ? groups.offered.some((group) => USUAL_GROUPS.has(group)) : groups.shared.length > 0)
  );
}

/**
 * What a server may choose: without supported_versions, everything up to the version named, even if the client then
 * refuses.
 */
function all({ extensions }: ClientHello, versions: readonly string[]): readonly string[] {
  return extensions.includes('supported_versions') ? versions : versionRange('SSL 3.0', versions[0]);
}
