import { CIPHER_SUITES } from '../../tls/wire/registry/tables.js';
import type { Accepted, ConfigurationFormat, Setting } from './configuration.js';
import { UNKNOWN_SERVICE } from './configuration.js';
import { groupsOf, logicalLines, settingIf, settingOf, VERSIONS, versionOf } from './values.js';

const PROPERTY = /^\s*(jdk\.(?:tls|certpath)\.disabledAlgorithms|jdk\.tls\.namedGroups)\s*[=:]\s*(.*)$/;

/** Java's security properties: what JSSE refuses (`jdk.tls.disabledAlgorithms`, `jdk.certpath.disabledAlgorithms`). */
export const javaSecurity: ConfigurationFormat = {
  name: 'java.security',
  intermediateAnchors: 'accepted',
  recognise: (text) => /^\s*jdk\.(?:tls|certpath)\.disabledAlgorithms\s*[=:]/m.test(text),
  read(text, path) {
    let versions: Setting<readonly string[]> | null = null;
    let groups: Setting<readonly string[]> | null = null;
    let cipherSuites: Accepted | null = null;
    let tls13CipherSuites: Accepted | null = null;
    const refusals: Refused = { smallestKeys: {}, hashes: {} };
    for (const { line, text: own } of logicalLines(text)) {
      const [, name, list = ''] = PROPERTY.exec(own) ?? [];
      if (name === undefined) continue;
      if (name === 'jdk.tls.namedGroups') {
        groups = settingIf(groupsOf(list), own, path, line);
        continue;
      }
      const entries = list.split(',').map((entry) => entry.trim());
      if (name === 'jdk.tls.disabledAlgorithms') {
        const disabled = new Set(entries.map(versionOf));
        // Except SSLv2Hello, JSSE has every version from SSL 3.0 on.
        versions = settingOf(
          VERSIONS.slice(1).filter((version) => !disabled.has(version)),
          own,
          path,
          line,
        );
        // Which of the others it has depends on the release.
        const perhaps = [...CIPHER_SUITES.values()].filter((name) => !entries.some((entry) => disables(entry, name)));
        const isRecent = (name: string): boolean => !name.includes('_WITH_');
        cipherSuites = { ...settingOf([], own, path, line), perhaps: perhaps.filter((name) => !isRecent(name)) };
        tls13CipherSuites = { ...settingOf([], own, path, line), perhaps: perhaps.filter(isRecent) };
      }
      for (const entry of entries)
        takeEntry(entry, (value) => settingOf(value, `${name}: ${entry}`, path, line), refusals);
    }
    return { services: [{ ...UNKNOWN_SERVICE, versions, groups, cipherSuites, tls13CipherSuites }], refusals };
  },
};

/**
 * Whether an entry disables a suite: by its name, or, up to TLS 1.2, by an algorithm that is part of the name. Patterns
 * (`TLS_RSA_*`) do so only in recent releases: Java 17.0.15 ignores them.
 */
function disables(entry: string, suite: string): boolean {
  if (entry === suite || !suite.includes('_WITH_')) return entry === suite;
  const algorithm = entry === 'SHA1' ? 'SHA' : entry;
  return /^\w+$/.test(algorithm) && suite.replace(/^TLS_|$/g, '_').includes(`_${algorithm}_`);
}

/** `Refusals`, while they are gathered. */
interface Refused {
  readonly smallestKeys: Record<string, Setting<number>>;
  readonly hashes: Record<string, Setting<true>>;
}

/** `RSA keySize < 2048`, `MD5`, `SHA1 jdkCA & usage TLSServer`; an entry with unknown conditions refuses nothing. */
function takeEntry(
  entry: string,
  set: <Value>(value: Value) => Setting<Value>,
  { smallestKeys, hashes }: Refused,
): void {
  const [, algorithm = '', bits] = /^(\w+)\s+keySize\s*<\s*(\d{1,5})$/.exec(entry) ?? [];
  const type = { RSA: 'RSA', EC: 'ECDSA', DSA: 'DSA' }[algorithm];
  if (type !== undefined && bits !== undefined) {
    const known = smallestKeys[type];
    if (known === undefined || known.value < Number(bits)) smallestKeys[type] = set(Number(bits));
  }
  // A server's certificate has the usage `TLSServer`.
  const name = entry.replace(/\s+usage\s+TLSServer$/, '');
  const hash = { MD2: 'md2', MD5: 'md5', SHA1: 'sha1' }[name] ?? { MD5withRSA: 'md5', SHA1withRSA: 'sha1' }[entry];
  if (hash !== undefined) hashes[hash] ??= set(true as const);
}
