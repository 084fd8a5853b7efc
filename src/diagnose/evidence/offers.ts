import { createBoundedMap } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import type { Connection } from '../../connection/connection.js';
import { isNoGrease } from '../../tls/wire/registry/names.js';
import { memoize, memoizeByFields } from '../../memoize.js';

/** What a ClientHello offers, without what differs in each connection: GREASE values (RFC 8701), order, padding. */
export interface Offer {
  readonly supportedVersions: readonly string[];
  readonly cipherSuites: readonly string[];
  readonly extensions: readonly string[];
  readonly supportedGroups: readonly string[];
  readonly keyShareGroups: readonly string[];
  readonly signatureSchemes: readonly string[];
  readonly alpn: readonly string[];
}

/** Tells apart clients with the same address. */
export interface Offers {
  /** A short name for what the client supports: versions, cipher suites, groups, signature schemes. */
  abilityOf(connection: Connection): string;
  /** The offer, the same object for equal offers; null without a complete ClientHello, or without room for another. */
  offerOf(connection: Connection): Offer | null;
}

/** Different offers that are told apart. */
const MAX_OFFERS = BOUNDS.offers.value;
/** No real ClientHello has lists this long. */
const MAX_VALUES = BOUNDS.offerValues.value;

/** Fields that show what a client supports. Extensions do not: they depend on whether there is a session to resume. */
const ABILITY = ['cipherSuites', 'supportedVersions', 'supportedGroups', 'signatureSchemes'] as const;
const OFFER = [
  'cipherSuites',
  'supportedVersions',
  'extensions',
  'supportedGroups',
  'keyShareGroups',
  'signatureSchemes',
  'alpn',
] as const;

/** For a missing ClientHello. */
export const NO_ABILITY = '*';
const TOO_MANY = '?';

/** No offer is known yet. */
export function createOffers(): Offers {
  const abilities = createBoundedMap<string, string>({ size: MAX_OFFERS, whenFull: 'refuse' });
  const offers = createBoundedMap<string, Offer>({ size: MAX_OFFERS, whenFull: 'refuse' });

  const ability = memoizeByFields(ABILITY, (hello) => {
    if (ABILITY.some((field) => hello[field].length > MAX_VALUES)) return TOO_MANY;
    const key = ABILITY.map((field) => withoutGrease(hello[field]).join()).join('\n');
    return abilities.getOrAdd(key, () => String(abilities.size)) ?? TOO_MANY;
  });

  const offered = memoizeByFields(OFFER, (hello) => {
    const offer: Offer = {
      supportedVersions: withoutGrease(hello.supportedVersions),
      cipherSuites: withoutGrease(hello.cipherSuites),
      // Which extensions there are counts, not their order: browsers shuffle them.
      extensions: withoutGrease(hello.extensions)
        .filter((name) => !name.startsWith('padding'))
        .sort(),
      supportedGroups: withoutGrease(hello.supportedGroups),
      keyShareGroups: withoutGrease(hello.keyShareGroups),
      signatureSchemes: withoutGrease(hello.signatureSchemes),
      alpn: withoutGrease(hello.alpn),
    };
    if (OFFER.some((field) => offer[field].length > MAX_VALUES)) return null;
    const key = OFFER.map((field) => offer[field].join()).join('\n');
    return offers.getOrAdd(key, () => offer) ?? null;
  });

  return {
    abilityOf: ({ clientHello }) => (clientHello === null ? NO_ABILITY : ability(clientHello)),
    offerOf: ({ clientHello }) => (clientHello === null ? null : offered(clientHello)),
  };
}

/** The names without GREASE values and signalling suites: what can be negotiated. */
export const withoutGreaseAndSignals = memoize((names: readonly string[]): readonly string[] =>
  names.filter(isNoGrease),
);

const VERSION_ORDER = ['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'];

/** The TLS version that each version of DTLS is based on. */
const TLS_OF_DTLS: Readonly<Record<string, string>> = {
  'DTLS 0.9': 'TLS 1.1',
  'DTLS 1.0': 'TLS 1.1',
  'DTLS 1.2': 'TLS 1.2',
  'DTLS 1.3': 'TLS 1.3',
};

/**
 * Orders versions by age; a draft of TLS 1.3 counts as TLS 1.3, a version of DTLS as the TLS version that it is based
 * on.
 */
export function versionRank(version: string): number {
  const rank = VERSION_ORDER.indexOf(TLS_OF_DTLS[version] ?? version);
  return rank >= 0 ? rank : VERSION_ORDER.length - 1;
}

/** Whether a version is TLS 1.3 or DTLS 1.3, which encrypts most of the handshake. */
export const encryptsHandshake = (version: string | undefined): boolean =>
  version === 'TLS 1.3' || version === 'DTLS 1.3';

/** The newest version that the client offers, or null without a ClientHello. */
export function newestOffered({ clientHello }: Connection): string | null {
  return clientHello === null ? null : newestOf(clientHello.supportedVersions);
}

const newestOf = memoize((versions: readonly string[]): string | null =>
  withoutGreaseAndSignals(versions).reduce<string | null>(
    (a, b) => (a !== null && versionRank(a) >= versionRank(b) ? a : b),
    null,
  ),
);

/** What the client offers without GREASE and signalling suites. */
export function offeredCipherSuites({ clientHello }: Connection): readonly string[] {
  return clientHello === null ? [] : withoutGreaseAndSignals(clientHello.cipherSuites);
}

/**
 * Whether the client offers DHE in TLS 1.2 or before. If GnuTLS 3.7.9 has none of the client's groups, it then sends
 * internal_error, otherwise handshake_failure (knowledge/stacks, `group-mismatch-dhe`).
 */
export function offersDhe(connection: Connection): boolean {
  return offeredCipherSuites(connection).some((suite) => suite.startsWith('TLS_DHE_'));
}

/**
 * Suites that current peers refuse: no or broken encryption, no authentication, export strength (RFC 9325 §4.1, §4.2).
 */
const OBSOLETE_SUITES = /NULL|EXPORT|anon|RC4|RC2|_DES_|_DES40|3DES|IDEA|SEED|_MD5$/i;

export function isObsoleteSuite(suite: string): boolean {
  return OBSOLETE_SUITES.test(suite);
}

/** Suites that TLS 1.2 brought: authenticated encryption, and those with newer hashes (RFC 5246 §1.2, RFC 5289). */
const SINCE_TLS_1_2 = /_GCM_|_CCM|_POLY1305_|_SHA256$|_SHA384$/;

export function isSinceTls12(suite: string): boolean {
  return SINCE_TLS_1_2.test(suite);
}

/** Key exchanges with a permanent key: RSA, static (EC)DH, and pre-shared keys alone. */
const STATIC = /^TLS_(?:RSA|DH|ECDH|PSK|KRB5)_/;

export function lacksForwardSecrecy(suite: string): boolean {
  return STATIC.test(suite);
}

/** Groups with key shares of more than a kilobyte. */
const POST_QUANTUM = /MLKEM|Kyber/i;

export function isPostQuantum(group: string): boolean {
  return POST_QUANTUM.test(group);
}

/** Whether a cipher suite authenticates by a pre-shared key (up to TLS 1.2). */
export const isPskSuite = (suite: string): boolean => suite.includes('_PSK_');

/** Whether a suite has forward secrecy and authenticated encryption, as current servers require. */
export function isCurrentSuite(suite: string): boolean {
  return /^TLS_(?:AES|CHACHA20)_|_(?:ECDHE|DHE)_.*(?:_GCM_|_CCM|_POLY1305_)/.test(suite);
}

function withoutGrease(names: readonly string[]): string[] {
  return names.filter((name) => !name.startsWith('GREASE'));
}

/** Minimum size of a Diffie-Hellman prime that current clients accept, in bits (RFC 9325 §4.4). */
export const LEAST_PRIME_BITS = 2048;

/** Whether the client asked for secure renegotiation, and the server did not confirm it (RFC 5746 §3.4). */
export function lacksSecureRenegotiation({ clientHello, serverHello }: Connection): boolean {
  if (clientHello === null || serverHello === null) return false;
  if (versionRank(serverHello.version) >= versionRank('TLS 1.3')) return false;
  return asksForSecureRenegotiation(clientHello) && !serverHello.extensions.includes('renegotiation_info');
}

/** The extension, or the signalling suite that stands for it. */
function asksForSecureRenegotiation({
  extensions,
  cipherSuites,
}: Pick<NonNullable<Connection['clientHello']>, 'extensions' | 'cipherSuites'>): boolean {
  return extensions.includes('renegotiation_info') || cipherSuites.includes('TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
}

/** The cipher suites of WPA3-Enterprise in its 192-bit mode. */
const SUITE_B: ReadonlySet<string> = new Set([
  'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'TLS_DHE_RSA_WITH_AES_256_GCM_SHA384',
]);

/** Whether the client offers no cipher suite but those of WPA3-Enterprise in its 192-bit mode. */
export function offersSuiteB(connection: Connection): boolean {
  const suites = offeredCipherSuites(connection);
  return suites.length > 0 && suites.every((suite) => SUITE_B.has(suite));
}
