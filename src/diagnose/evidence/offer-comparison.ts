import type { ClientHello, Connection } from '../../connection/connection.js';
import {
  lacksForwardSecrecy,
  newestOffered,
  offeredCipherSuites,
  versionRank,
  withoutGreaseAndSignals,
} from './offers.js';
import type { Context } from '../context.js';
import { type Accepted, NOTHING_ACCEPTED } from './server-history.js';
import { memoize, memoizeByFields } from '../../memoize.js';

/**
 * A client's offer compared with what the server accepted from others: whether they have something in common, or null
 * if one of the two is unknown.
 */
export interface OfferComparison {
  readonly versions: boolean | null;
  readonly cipherSuites: boolean | null;
  readonly groups: boolean | null;
  readonly signatures: boolean | null;
}

const NOTHING_KNOWN: OfferComparison = { versions: null, cipherSuites: null, groups: null, signatures: null };

/** Compares a ClientHello with what its server is known to accept. */
export function compareOffer(connection: Connection, accepted: Accepted): OfferComparison {
  if (accepted.count === 0) return NOTHING_KNOWN;
  const { clientHello } = connection;
  const newest = newestOffered(connection);
  const groups = offeredGroups(connection);
  const suites = offeredCipherSuites(connection);
  const schemes = clientHello?.signatureSchemes ?? [];
  const sharedSuites = [...accepted.cipherSuites.keys()].filter((suite) => suites.includes(suite));
  const some = <T>(values: Iterable<T>, supportOf: (value: T) => boolean): boolean | null => {
    const all = [...values];
    return all.length === 0 ? null : all.some(supportOf);
  };
  // Without (EC)DHE or TLS 1.3, neither groups nor the server's signatures matter.
  const needsGroup = sharedSuites.every((suite) => !lacksForwardSecrecy(suite));
  return {
    versions: newest === null ? null : some(accepted.versions.keys(), (version) => offersVersion(connection, version)),
    cipherSuites: suites.length === 0 ? null : some(accepted.cipherSuites.keys(), (suite) => suites.includes(suite)),
    groups: groups.length === 0 || !needsGroup ? null : some(accepted.groups.keys(), (group) => groups.includes(group)),
    signatures:
      schemes.length === 0 || !needsGroup
        ? null
        : some(accepted.keys.keys(), (key) => canTake(key, schemes, groups, clientHello?.supportedVersions ?? [])),
  };
}

/** Whether a client offers a version: supported_versions lists them all; without it, those up to the newest (RFC 8446 §4.2.1). */
export function offersVersion(connection: Connection, version: string): boolean {
  const { clientHello } = connection;
  const newest = newestOffered(connection);
  const isListed = clientHello?.extensions.includes('supported_versions') === true;
  return isListed
    ? clientHello.supportedVersions.some((one) => versionRank(one) === versionRank(version))
    : newest !== null && versionRank(version) <= versionRank(newest);
}

const TLS_1_3 = versionRank('TLS 1.3');

/** What a program offers, whatever it wants to resume. Each is compared with those of many connections. */
const offerOf = memoize((hello: ClientHello): string =>
  JSON.stringify([
    hello.legacyVersion,
    hello.supportedVersions,
    hello.cipherSuites,
    hello.supportedGroups,
    hello.keyShareGroups,
    hello.signatureSchemes,
    hello.serverName,
    hello.alpn,
  ]),
);

/** Whether two ClientHellos offer the same, but for sessions to resume. */
export const isSameOffer = (one: ClientHello, other: ClientHello): boolean => offerOf(one) === offerOf(other);

/** Whether the client offers everything that others succeeded with, as far as known. */
export function isShared({ versions, cipherSuites, groups, signatures }: OfferComparison): boolean {
  return versions === true && cipherSuites === true && groups !== false && signatures !== false;
}

/**
 * What the server accepted, if anybody got through with this connection's server name: another name may lead to another server,
 * or to other settings.
 */
export function acceptedForName(connection: Connection, { serverHistory }: Context): Accepted {
  const accepted = serverHistory.acceptedBy(connection);
  const name = connection.clientHello?.serverName ?? null;
  return accepted.serverNames.has(name) ? accepted : NOTHING_ACCEPTED;
}

/**
 * Whether the server accepted others that asked for a name, but none with the name of this client, or without one, whose offer
 * would do.
 */
export function isAloneWithName(connection: Connection, accepted: Accepted): boolean {
  const { clientHello } = connection;
  const isNamed = [...accepted.serverNames.keys()].some((name) => name !== null);
  return (
    clientHello !== null &&
    isNamed &&
    !accepted.serverNames.has(clientHello.serverName) &&
    isShared(compareOffer(connection, accepted))
  );
}

/**
 * Whether nothing but the cipher suites can keep the client from what the server accepted from others: they asked for the same
 * name, one with a version that it offers, and the rest of its offer fits theirs, or nearly every server accepts it.
 */
export function areSuitesAlone(connection: Connection, accepted: Accepted): boolean {
  const { clientHello } = connection;
  if (clientHello === null || clientHello.pskOffered || !accepted.serverNames.has(clientHello.serverName)) return false;
  const { versions, groups, signatures } = compareOffer(connection, accepted);
  if (versions !== true) return false;
  const areGroupsUsual = clientHello.supportedGroups.length === 0 || hasAllOrdinaryGroups(connection);
  return (groups ?? areGroupsUsual) && (signatures ?? lackedKeys(connection).length === 0);
}

/**
 * The signature schemes that this client lacks, although every client offered them with which the server completed a
 * full handshake: the server's key, which TLS 1.3 encrypts, may need one of them. Empty if an offer no larger than this
 * one was enough, or nothing is known.
 */
export function lackedSchemes({ clientHello }: Connection, accepted: Accepted): readonly string[] {
  const own = new Set(clientHello?.signatureSchemes ?? []);
  const lists = [...accepted.signatureSchemes.keys()].map((list) => list.split(','));
  const [first, ...more] = lists;
  if (first === undefined || own.size === 0) return [];
  const isUsable = (scheme: string): boolean => !/^dsa_|^rsa_pkcs1_|_(?:sha1|sha224|md5)$/.test(scheme);
  return first.filter((scheme) => isUsable(scheme) && !own.has(scheme) && more.every((list) => list.includes(scheme)));
}

/** The groups that a client supports, without GREASE. */
export function offeredGroups({ clientHello }: Connection): readonly string[] {
  return clientHello === null ? [] : withoutGreaseAndSignals(clientHello.supportedGroups);
}

/** Suites, for both kinds of key, that nearly every server has. */
const ORDINARY_SUITES = [
  /^TLS_AES_128_GCM|_ECDHE_RSA_WITH_AES_\d+_GCM/,
  /^TLS_AES_128_GCM|_ECDHE_ECDSA_WITH_AES_\d+_GCM/,
];
const ORDINARY_GROUPS = ['x25519', 'secp256r1'] as const;

/** A client with no more suites than this, TLS 1.3 aside, has been restricted. */
const FEW_SUITES = 4;

/**
 * Whether the client offers suites that nearly every server accepts, whatever its key: then a refusal is hardly about
 * suites.
 */
export function hasOrdinarySuites({ clientHello }: Connection): boolean {
  return clientHello !== null && areOrdinary(withoutGreaseAndSignals(clientHello.cipherSuites));
}

const areOrdinary = memoize((suites: readonly string[]): boolean => {
  const isRestricted = suites.length <= FEW_SUITES && !suites.some((suite) => suite.startsWith('TLS_AES_'));
  return !isRestricted && ORDINARY_SUITES.every((pattern) => suites.some((suite) => pattern.test(suite)));
});

/** Whether the client offers a group that nearly every server accepts. */
export function hasOrdinaryGroups(connection: Connection): boolean {
  const groups = offeredGroups(connection);
  return ORDINARY_GROUPS.some((group) => groups.includes(group));
}

/** Whether the client offers every group that an ordinary server may be restricted to. */
export function hasAllOrdinaryGroups(connection: Connection): boolean {
  const groups = offeredGroups(connection);
  return ORDINARY_GROUPS.every((group) => groups.includes(group));
}

/** The keys of nearly all certificates. */
const COMMON_KEYS = ['RSA', 'ECDSA secp256r1'] as const;

/**
 * Which of the common kinds of key, `RSA` and `ECDSA`, can make no signature that the client accepts, except obsolete
 * ones.
 */
export function lackedKeys({ clientHello }: Connection): readonly string[] {
  return clientHello === null ? [] : keysLackedBy(clientHello);
}

const keysLackedBy = memoizeByFields(
  ['signatureSchemes', 'supportedVersions'],
  ({ signatureSchemes, supportedVersions }): readonly string[] => {
    if (signatureSchemes.length === 0) return [];
    const usable = signatureSchemes.filter((scheme) => !isObsoleteScheme(scheme));
    const isTls13Only = isTls13Alone(supportedVersions);
    const lacked = COMMON_KEYS.filter((key) => !usable.some((scheme) => canSign(key, scheme, isTls13Only)));
    return lacked.map((key) => key.split(' ')[0] ?? key);
  },
);

/**
 * Whether nearly every server accepts what the client offers, whatever name it asks for. An offer of a session is not ordinary: in TLS
 * 1.2, a session id shows it. Nor are groups without secp256r1, which ECDSA certificates need.
 */
export function hasOrdinaryOffer(connection: Connection): boolean {
  const { clientHello } = connection;
  return (
    clientHello?.supportedVersions.includes('TLS 1.2') === true &&
    !clientHello.pskOffered &&
    (clientHello.sessionIdLength === 0 || clientHello.supportedVersions.includes('TLS 1.3')) &&
    hasOrdinarySuites(connection) &&
    clientHello.supportedGroups.includes('secp256r1') &&
    lackedKeys(connection).length === 0
  );
}

/** Whether a client offers TLS 1.3 and nothing older; GREASE does not count. */
export const isTls13Alone = (versions: readonly string[]): boolean =>
  versions.every((version) => versionRank(version) >= TLS_1_3);

/** Whether a signature scheme uses a hash that current servers no longer sign with. */
export const isObsoleteScheme = (scheme: string): boolean => /_(?:md5|sha1|sha224)$/.test(scheme);

/**
 * Whether a client accepts certificates with that kind of key (see `keyName`): in TLS 1.2 the curve of an ECDSA key must be
 * among its groups (RFC 8422 §5.3), in TLS 1.3 its scheme among the schemes.
 */
function canTake(
  key: string,
  schemes: readonly string[],
  groups: readonly string[],
  versions: readonly string[],
): boolean {
  const inTls13 = schemes.some((scheme) => canSign(key, scheme, true));
  if (isTls13Alone(versions)) return inTls13;
  const inTls12 = schemes.some((scheme) => canSign(key, scheme, false)) && !isCurveLacking(key, groups);
  return inTls12 || (inTls13 && versions.includes('TLS 1.3'));
}

/** Whether an ECDSA key (see `keyName`) is on a curve that is not among a client's groups; false if these are unknown. */
export function isCurveLacking(key: string, groups: readonly string[]): boolean {
  const [type, curve] = key.split(' ');
  return type === 'ECDSA' && curve !== undefined && groups.length > 0 && !groups.includes(curve);
}

/** Whether a kind of key, by `keyName`, can sign a handshake with that scheme (RFC 8446 §4.2.3). */
export function canSign(key: string, scheme: string, isTls13Only: boolean): boolean {
  const [type = '', curve = ''] = key.split(' ');
  switch (type) {
    case 'RSA':
      return scheme.startsWith('rsa_pss_rsae_') || (!isTls13Only && scheme.startsWith('rsa_pkcs1_'));
    case 'RSA-PSS':
      return scheme.startsWith('rsa_pss_pss_');
    case 'ECDSA':
      // TLS 1.3 binds a scheme to one curve.
      return scheme.startsWith(isTls13Only && curve !== '' ? `ecdsa_${curve}` : 'ecdsa_');
    case 'Ed25519':
      return scheme === 'ed25519';
    case 'Ed448':
      return scheme === 'ed448';
    case 'DSA':
      return scheme.startsWith('dsa_');
    default:
      return true;
  }
}
