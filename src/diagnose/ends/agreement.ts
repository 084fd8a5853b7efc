import type { ClientHello } from '../../connection/connection.js';
import { suiteOf } from '../../ends/configurations/cipher-strings.js';
import type { Accepted, Accepts } from '../../ends/configurations/configuration.js';
import { versionRange } from '../../ends/configurations/values.js';
import type { Certificate } from '../../x509/certificate.js';
import { canSign, isObsoleteScheme } from '../evidence/compare.js';
import { withoutGreaseAndSignals } from '../evidence/offers.js';
import { keyName } from '../evidence/server-history.js';

/** What a client offers of one kind, and what of it a server accepts. */
export interface Shared {
  readonly offered: readonly string[];
  /** What both have for sure. */
  readonly shared: readonly string[];
  /** `perhaps`: nothing is in common for sure, and it is not known that nothing is. */
  readonly state: 'shared' | 'perhaps' | 'apart';
}

/** What a ClientHello and a configuration have in common. */
export interface Agreement {
  readonly versions: Shared;
  /** Suites up to TLS 1.2; in common only where such a version is. */
  readonly suites: Shared;
  /** Suites of TLS 1.3; none in common where the version is not. */
  readonly tls13: Shared;
  readonly groups: Shared;
  /** By which the server may sign. Before TLS 1.2 none is settled. */
  readonly schemes: Shared;
}

/** What is known of a server besides its configuration. */
export interface ServerKnowledge {
  /** Its certificates; of several, it takes the one that fits. */
  readonly leaves?: readonly Certificate[];
  /** Whether these are all that it has. */
  readonly areAll?: boolean;
  /** Suites that it was seen to choose, with its certificate. */
  readonly chosen?: ReadonlySet<string>;
}

export const TLS13_SUITE = /^TLS_(?:AES|CHACHA20|SM4)_/;

/** Without a word about them, OpenSSL has these three of TLS 1.3, as all servers have. */
const TLS13_DEFAULTS = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

/** @param seen tells which suites up to TLS 1.2 the server's certificate fits; without, none is in common for sure */
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

/** Versions in which client and server settle a signature scheme. */
const SIGNED_BY_SCHEME: ReadonlySet<string> = new Set(['TLS 1.2', 'TLS 1.3']);

/**
 * Whether a server can sign with the key of a certificate by a scheme that the client takes, and its configuration leaves; where it
 * says nothing of schemes, by any. Hashes that servers of today refuse count only for `perhaps`.
 */
export function signing(
  leaf: Certificate,
  { schemes }: Agreement,
  accepts: Accepts,
  isTls13: boolean,
): Shared['state'] {
  const { offered, shared, state } = schemes;
  // Without a word of them, the client takes what its version has always had.
  if (offered.length === 0) return accepts.signatureSchemes === null ? 'shared' : 'perhaps';
  if (state === 'apart') return 'apart';
  const fits = (scheme: string): boolean => canSign(keyName(leaf), scheme, isTls13);
  const own = accepts.signatureSchemes === null ? offered : shared;
  if (own.some((scheme) => fits(scheme) && !isObsoleteScheme(scheme))) return 'shared';
  // Some may be in common besides, or none need be.
  if (accepts.signatureSchemes !== null && state === 'perhaps') return 'perhaps';
  const { perhaps } = accepts.signatureSchemes ?? {};
  const others = offered.filter((scheme) => perhaps === 'any' || perhaps?.includes(scheme) === true);
  return [...own, ...others].some(fits) ? 'perhaps' : 'apart';
}

/** What is offered and accepted. */
function common(offered: readonly string[], accepted: Pick<Accepted, 'value' | 'perhaps'> | null): Shared {
  if (accepted === null) return { offered, shared: [], state: 'perhaps' };
  const { value, perhaps } = accepted;
  const sure = new Set(value);
  const shared = offered.filter((name) => sure.has(name));
  const mayBe = perhaps === 'any' || perhaps?.some((name) => offered.includes(name)) === true;
  return { offered, shared, state: shared.length > 0 ? 'shared' : mayBe ? 'perhaps' : 'apart' };
}

/** What is in common of a version, which may be in common itself, or not. */
const within = (version: Shared['state'], suites: Shared): Shared =>
  version === 'apart'
    ? { ...suites, shared: [], state: 'apart' }
    : version === 'perhaps' && suites.state === 'shared'
      ? { ...suites, state: 'perhaps' }
      : suites;

/** Suites up to TLS 1.2, of which a server needs a certificate that fits, and a group for ECDHE. */
function oldSuites(
  offered: readonly string[],
  accepted: Accepted | null,
  groups: Shared,
  { leaves = [], areAll = false, chosen }: ServerKnowledge,
): Shared {
  const { shared, state } = common(offered, accepted);
  // A suite that no cipher string is known to have may be one that the server accepts.
  if (accepted === null || (shared.length === 0 && offered.some((name) => suiteOf(name) === undefined))) {
    return { offered, shared: [], state: 'perhaps' };
  }
  // Without the extension any curve will do (RFC 8422 §4).
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
  const isSure = possible.some((name) => chosen?.has(name) === true || leaves.some((leaf) => fits(name, leaf, groups)));
  return { offered, shared: possible, state: isSure ? 'shared' : 'perhaps' };
}

/** Groups that servers have unless they are told otherwise. */
const USUAL_GROUPS: ReadonlySet<string> = new Set(['x25519', 'secp256r1', 'secp384r1']);

/** Whether a suite up to TLS 1.2 is one for that certificate; undefined where its kind of key is not known. */
function isFor(name: string, { keyType, keyCurve }: Certificate, groups: Shared): boolean | undefined {
  const suite = suiteOf(name);
  if (suite === undefined || !/^(?:RSA|ECDSA)$/.test(suite.au) || !/^(?:RSA|ECDSA)$/.test(keyType)) return undefined;
  return (
    keyType === suite.au &&
    (suite.au === 'RSA' || groups.offered.length === 0 || groups.offered.includes(keyCurve ?? ''))
  );
}

/** Whether a suite up to TLS 1.2 is one for that certificate, and a group is there. */
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

/** What a server may choose: without supported_versions, all up to the version named, whether the client then goes on or not. */
function all({ extensions }: ClientHello, versions: readonly string[]): readonly string[] {
  return extensions.includes('supported_versions') ? versions : versionRange('SSL 3.0', versions[0]);
}
