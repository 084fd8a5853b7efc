import type { ClientHello } from '../../connection/connection.js';
import { KNOWN_SUITES } from '../../ends/configurations/cipher-strings.js';
import type { Accepts } from '../../ends/configurations/configuration.js';
import { versionRange } from '../../ends/configurations/values.js';
import { withoutGreaseAndSignals } from '../evidence/offers.js';

/** What a client offers of one kind, and what of it a server accepts: null where that cannot be known. */
export interface Shared {
  readonly offered: readonly string[];
  readonly shared: readonly string[] | null;
}

/** What a ClientHello and a configuration have in common. */
export interface Agreement {
  readonly versions: Shared;
  /** Suites up to TLS 1.2; in common only where such a version is. */
  readonly suites: Shared;
  /** Suites of TLS 1.3; none in common where the version is not. */
  readonly tls13: Shared;
  readonly groups: Shared;
}

export const TLS13_SUITE = /^TLS_(?:AES|CHACHA20|SM4)_/;

/** Without a word about them, OpenSSL has these three of TLS 1.3, as all servers have. */
const TLS13_DEFAULTS = ['TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_AES_128_GCM_SHA256'];

export function agreement(
  hello: ClientHello,
  { versions, cipherSuites, tls13CipherSuites, groups }: Accepts,
): Agreement {
  const offeredVersions = withoutGreaseAndSignals(hello.supportedVersions).map((name) =>
    name.replace(/^DTLS /, 'TLS '),
  );
  const offered = withoutGreaseAndSignals(hello.cipherSuites);
  const old = offered.filter((name) => !TLS13_SUITE.test(name));
  const recent = offered.filter((name) => TLS13_SUITE.test(name));
  const offeredGroups = withoutGreaseAndSignals(hello.supportedGroups);
  const offers = new Set(all(hello, offeredVersions));
  const sharedVersions = versions === null ? null : versions.value.filter((version) => offers.has(version));
  const hasOld = sharedVersions?.some((version) => version !== 'TLS 1.3') ?? null;
  const hasRecent = sharedVersions?.includes('TLS 1.3') ?? (offers.has('TLS 1.3') ? null : false);
  const accepted = new Set(cipherSuites?.value);
  const sharedOld = old.filter((name) => accepted.has(name));
  // A suite that no cipher string is known to have may be one that the server accepts.
  const isTold = cipherSuites !== null && old.every((name) => KNOWN_SUITES.has(name));
  const acceptedRecent = new Set(tls13CipherSuites?.value ?? TLS13_DEFAULTS);
  const acceptedGroups = new Set(groups?.value);
  return {
    versions: { offered: offeredVersions, shared: sharedVersions },
    suites: {
      offered: old,
      shared: hasOld === false ? [] : isTold || (cipherSuites !== null && sharedOld.length > 0) ? sharedOld : null,
    },
    tls13: {
      offered: recent,
      shared: hasRecent === null ? null : hasRecent ? recent.filter((name) => acceptedRecent.has(name)) : [],
    },
    groups: {
      offered: offeredGroups,
      shared: groups === null ? null : offeredGroups.filter((name) => acceptedGroups.has(name)),
    },
  };
}

/** What a server may choose: without supported_versions, all up to the version named, whether the client then goes on or not. */
function all({ extensions }: ClientHello, versions: readonly string[]): readonly string[] {
  return extensions.includes('supported_versions') ? versions : versionRange('SSL 3.0', versions[0]);
}
