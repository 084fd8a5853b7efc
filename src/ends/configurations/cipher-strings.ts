import { BOUNDS } from '../../bounds.js';
import type { ExpandedCiphers } from './configuration.js';
import { LEGACY_SUITES, OPENSSL_SUITES, type OpensslSuite } from './openssl-suites.js';

/** What a word of a cipher string selects (openssl-ciphers(1)). */
const WORDS: Readonly<Record<string, (suite: OpensslSuite) => boolean>> = {
  ALL: ({ enc }) => enc !== 'None',
  COMPLEMENTOFALL: ({ enc }) => enc === 'None',
  COMPLEMENTOFDEFAULT: ({ isDefault, enc }) => !isDefault && enc !== 'None',
  HIGH: ({ strength }) => strength === 'HIGH' || strength === 'ANY',
  MEDIUM: ({ strength }) => strength === 'MEDIUM' || strength === 'ANY',
  LOW: ({ strength }) => strength === 'ANY',
  ...words(['eNULL', 'NULL'], ({ enc }) => enc === 'None'),
  FIPS: ({ enc, mac, kx }) => /^(?:AES|AESGCM|3DES)\(/.test(enc) && kx !== 'SRP' && mac !== 'MD5',
  aNULL: ({ au }) => au === 'None',
  kRSA: ({ kx }) => kx === 'RSA',
  RSA: ({ kx, au }) => kx === 'RSA' && au === 'RSA',
  ...words(['kDHE', 'kEDH', 'DH'], ({ kx }) => kx === 'DH'),
  ...words(['DHE', 'EDH'], ({ kx, au }) => kx === 'DH' && au !== 'None'),
  ADH: ({ kx, au }) => kx === 'DH' && au === 'None',
  ...words(['kECDHE', 'kEECDH', 'ECDH'], ({ kx }) => kx === 'ECDH'),
  ...words(['ECDHE', 'EECDH'], ({ kx, au }) => kx === 'ECDH' && au !== 'None'),
  AECDH: ({ kx, au }) => kx === 'ECDH' && au === 'None',
  aRSA: ({ au }) => au === 'RSA',
  ...words(['aDSS', 'DSS'], ({ au }) => au === 'DSS'),
  ...words(['aECDSA', 'ECDSA'], ({ au }) => au === 'ECDSA'),
  aPSK: ({ au }) => au === 'PSK',
  aSRP: ({ au }) => au === 'SRP',
  kPSK: ({ kx }) => kx === 'PSK',
  kRSAPSK: ({ kx }) => kx === 'RSAPSK',
  ...words(['kDHEPSK'], ({ kx }) => kx === 'DHEPSK'),
  kECDHEPSK: ({ kx }) => kx === 'ECDHEPSK',
  PSK: ({ kx }) => kx.endsWith('PSK'),
  ...words(['SRP', 'kSRP'], ({ kx }) => kx === 'SRP'),
  'TLSv1.2': ({ version }) => version === 'TLSv1.2',
  ...words(['TLSv1', 'TLSv1.0'], ({ version }) => version === 'TLSv1'),
  SSLv3: ({ version }) => version === 'SSLv3',
  AES: ({ enc }) => enc.startsWith('AES'),
  AES128: ({ enc }) => /^AES.*\(128\)$/.test(enc),
  AES256: ({ enc }) => /^AES.*\(256\)$/.test(enc),
  AESGCM: ({ enc }) => enc.startsWith('AESGCM'),
  AESCCM: ({ enc }) => enc.startsWith('AESCCM'),
  AESCCM8: ({ enc }) => enc.startsWith('AESCCM8'),
  ...words(['ARIA', 'ARIAGCM'], ({ enc }) => enc.startsWith('ARIA')),
  ARIA128: ({ enc }) => /^ARIA.*\(128\)$/.test(enc),
  ARIA256: ({ enc }) => /^ARIA.*\(256\)$/.test(enc),
  CAMELLIA: ({ enc }) => enc.startsWith('Camellia'),
  CAMELLIA128: ({ enc }) => enc === 'Camellia(128)',
  CAMELLIA256: ({ enc }) => enc === 'Camellia(256)',
  CHACHA20: ({ enc }) => enc.startsWith('CHACHA20'),
  '3DES': ({ enc }) => enc.startsWith('3DES'),
  SEED: ({ enc }) => enc.startsWith('SEED'),
  IDEA: ({ enc }) => enc.startsWith('IDEA'),
  RC4: ({ enc }) => enc.startsWith('RC4'),
  CBC: ({ enc }) => /^(?:AES|Camellia|3DES|SEED|IDEA)\(/.test(enc),
  MD5: ({ mac }) => mac === 'MD5',
  ...words(['SHA', 'SHA1'], ({ mac }) => mac === 'SHA1'),
  SHA256: ({ mac }) => mac === 'SHA256',
  SHA384: ({ mac }) => mac === 'SHA384',
};

function words(
  names: readonly string[],
  picks: (suite: OpensslSuite) => boolean,
): Record<string, (suite: OpensslSuite) => boolean> {
  return Object.fromEntries(names.map((name) => [name, picks]));
}

const SUITE_B_128 = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
const SUITE_B_192 = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384';
/** Words of RFC 6460: at the beginning of a string they replace all of it, whatever follows. */
const SUITE_B: readonly (readonly [word: string, suites: readonly string[]])[] = [
  ['SUITEB128ONLY', [SUITE_B_128]],
  ['SUITEB128C2', [SUITE_B_192]],
  ['SUITEB128', [SUITE_B_128, SUITE_B_192]],
  ['SUITEB192', [SUITE_B_192]],
];

/** The suites of a cipher string, by our own table and with IANA's names. Unknown words are ignored, as by OpenSSL. */
export function expandByTable(
  list: string,
  suites: readonly OpensslSuite[] = [...OPENSSL_SUITES, ...LEGACY_SUITES],
): readonly string[] {
  const ofSuiteB = SUITE_B.find(([word]) => list.startsWith(word))?.[1];
  if (ofSuiteB !== undefined) return suites.map(({ iana }) => iana).filter((iana) => ofSuiteB.includes(iana));
  const chosen = new Set<OpensslSuite>();
  const killed = new Set<OpensslSuite>();
  const rules = list
    .replaceAll('@', ':@')
    .split(/[:,; ]+/)
    .filter((rule) => rule !== '');
  // Only at the beginning is it a word.
  if (rules[0] === 'DEFAULT') for (const suite of suites) if (suite.isDefault) chosen.add(suite);
  for (const rule of rules) {
    if (rule.startsWith('@')) continue;
    const sign = /^[!+-]/.exec(rule)?.[0] ?? '';
    const names = rule.slice(sign.length).split('+');
    for (const suite of suites) {
      const isPicked = names.every((name) =>
        Object.hasOwn(WORDS, name) ? WORDS[name]?.(suite) === true : name === suite.name || name === suite.iana,
      );
      if (!isPicked) continue;
      if (sign === '!') killed.add(suite);
      if (sign === '!' || sign === '-') chosen.delete(suite);
      else if (sign === '' && !killed.has(suite)) chosen.add(suite);
    }
  }
  return [...chosen].map(({ iana }) => iana);
}

/** By the installed OpenSSL; null if there is none, or it rejects the string. */
export function expandByOpenssl(list: string): readonly string[] | null {
  // Anything but a cipher string could be an option, or nonsense.
  if (!/^[\w!+@=:,. ][\w!+@=:,. -]*$/.test(list)) return null;
  const { spawnSync } = process.getBuiltinModule('node:child_process');
  const { status, stdout } = spawnSync('openssl', ['ciphers', '-stdname', list], { encoding: 'utf8', timeout: 10_000 });
  if (status !== 0) return null;
  return stdout.split('\n').flatMap((line) => {
    const [iana = '', , , version] = line.trim().split(/\s+/);
    return iana === '' || version === 'TLSv1.3' ? [] : [iana];
  });
}

const BY_IANA: ReadonlyMap<string, OpensslSuite> = new Map(
  [...OPENSSL_SUITES, ...LEGACY_SUITES].map((suite) => [suite.iana, suite]),
);

/** A suite up to TLS 1.2 that cipher strings can select, by IANA's name. */
export const suiteOf = (iana: string): OpensslSuite | undefined => BY_IANA.get(iana);

const LEGACY: ReadonlySet<string> = new Set(LEGACY_SUITES.map(({ iana }) => iana));

/** The suites up to TLS 1.2 of a cipher string; undefined if it selects none that is known. */
export function expandCiphers(list: string): ExpandedCiphers | undefined {
  // The value of a variable is unknown.
  if (list.includes('$') || list.length > BOUNDS.cipherString.value) return undefined;
  const installed = expandByOpenssl(list);
  // The server's OpenSSL may be older, and have more suites.
  const found = new Set(
    installed === null ? expandByTable(list) : [...installed, ...expandByTable(list, LEGACY_SUITES)],
  );
  if (found.size === 0) return undefined;
  const level = /@SECLEVEL=(\d)/i.exec(list)?.[1];
  const securityLevel = level === undefined ? null : Number(level);
  const allowed = [...found].filter((iana) => securityLevel === null || levelOf(iana) >= securityLevel);
  // Releases start with level 1 or 2, which exclude the same suites, except RC4.
  const isSure = (iana: string): boolean => !LEGACY.has(iana) && (securityLevel !== null || levelOf(iana) >= 2);
  return {
    sure: allowed.filter(isSure),
    perhaps: allowed.filter((iana) => !isSure(iana)),
    securityLevel,
  };
}

/** The highest security level that accepts a suite (SSL_CTX_set_security_level(3)). */
function levelOf(iana: string): number {
  const suite = suiteOf(iana);
  if (suite === undefined) return 5;
  const { enc, mac, kx, au } = suite;
  if (enc === 'None' || au === 'None' || mac === 'MD5') return 0;
  if (enc.startsWith('RC4')) return 1;
  const bits = enc.startsWith('3DES') ? 112 : Number(/\d+/.exec(enc.replace(/^.*\(/, ''))?.[0] ?? 256);
  // Above level 2, each session needs a key of its own; above level 3, SHA-1 is too short.
  const limit = !/^(?:DH|ECDH)/.test(kx) ? 2 : mac === 'SHA1' ? 3 : 5;
  return Math.min(limit, bits >= 256 ? 5 : bits >= 192 ? 4 : bits >= 128 ? 3 : 2);
}
