/** Values that several configuration formats share, translated to the names used in connections. */
import { BOUNDS } from '../../bounds.js';
import type { Setting } from './configuration.js';

/** From the oldest to the newest. */
export const VERSIONS = ['SSL 2.0', 'SSL 3.0', 'TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3'] as const;

/** `TLSv1.2`, `tls12`, `TLS1_2`, `SSLv3`; undefined for anything else. */
export function versionOf(word: string): string | undefined {
  const found = /^(ssl|tls)_?v?(\d)(?:[._]?(\d))?$/i.exec(word);
  if (found === null) return undefined;
  const name = `${(found[1] ?? '').toUpperCase()} ${found[2] ?? ''}.${found[3] ?? '0'}`;
  return VERSIONS.find((version) => version === name);
}

/**
 * The versions from one to another; without an upper bound, to the end of the list. SSL 2.0 and 3.0 are only included
 * from an explicit lower bound.
 */
export function versionRange(least: string | undefined, most: string | undefined): readonly string[] {
  const at = (name: string | undefined, otherwise: number): number =>
    name === undefined ? otherwise : VERSIONS.findIndex((version) => version === name);
  return VERSIONS.slice(at(least, 2), at(most, VERSIONS.length - 1) + 1);
}

const GROUPS: Readonly<Record<string, string>> = {
  'p-256': 'secp256r1',
  prime256v1: 'secp256r1',
  secp256r1: 'secp256r1',
  'p-384': 'secp384r1',
  secp384r1: 'secp384r1',
  'p-521': 'secp521r1',
  secp521r1: 'secp521r1',
  x25519: 'x25519',
  x448: 'x448',
  secp224r1: 'secp224r1',
  'p-224': 'secp224r1',
  prime192v1: 'secp192r1',
  secp256k1: 'secp256k1',
  brainpoolp256r1: 'brainpoolP256r1',
  brainpoolp384r1: 'brainpoolP384r1',
  brainpoolp512r1: 'brainpoolP512r1',
  ffdhe2048: 'ffdhe2048',
  ffdhe3072: 'ffdhe3072',
  ffdhe4096: 'ffdhe4096',
  ffdhe6144: 'ffdhe6144',
  ffdhe8192: 'ffdhe8192',
  x25519mlkem768: 'X25519MLKEM768',
  secp256r1mlkem768: 'SecP256r1MLKEM768',
  secp384r1mlkem1024: 'SecP384r1MLKEM1024',
};

/** Groups by IANA's names; undefined if one is unknown, since it may matter. */
export function groupsOf(list: string): readonly string[] | undefined {
  const names = list
    .split(/[:,/\s]+/)
    .map((name) => name.replace(/^[*?-]+/, ''))
    .filter((name) => name !== '');
  const groups = names.map((name) => GROUPS[name.toLowerCase()]);
  return groups.length > 0 && groups.every((group) => group !== undefined) ? groups : undefined;
}

const SCHEMES: ReadonlySet<string> = new Set([
  ...['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512', 'ed25519', 'ed448'],
  ...['rsa_pss_rsae_sha256', 'rsa_pss_rsae_sha384', 'rsa_pss_rsae_sha512'],
  ...['rsa_pss_pss_sha256', 'rsa_pss_pss_sha384', 'rsa_pss_pss_sha512'],
  ...['rsa_pkcs1_sha256', 'rsa_pkcs1_sha384', 'rsa_pkcs1_sha512', 'rsa_pkcs1_sha224', 'rsa_pkcs1_sha1'],
  ...['ecdsa_sha224', 'ecdsa_sha1', 'dsa_sha1', 'dsa_sha224', 'dsa_sha256', 'dsa_sha384', 'dsa_sha512'],
  ...['ecdsa_brainpoolP256r1tls13_sha256', 'ecdsa_brainpoolP384r1tls13_sha384', 'ecdsa_brainpoolP512r1tls13_sha512'],
  ...['mldsa44', 'mldsa65', 'mldsa87'],
]);
const ALGORITHMS: Readonly<Record<string, string>> = {
  rsa: 'rsa_pkcs1',
  'rsa-pss': 'rsa_pss_rsae',
  // As testssl.sh distinguishes them.
  'rsa-pss-rsae': 'rsa_pss_rsae',
  'rsa-pss-pss': 'rsa_pss_pss',
  pss: 'rsa_pss_rsae',
  ecdsa: 'ecdsa',
  dsa: 'dsa',
};
/** `ECDSA+SHA256` is a scheme that TLS 1.3 binds to one curve, and TLS 1.2 does not. */
const CURVES: Readonly<Record<string, string>> = { sha256: 'secp256r1_', sha384: 'secp384r1_', sha512: 'secp521r1_' };

/**
 * Signature schemes by IANA's names, from a list in OpenSSL's form: `RSA+SHA256:ed25519`
 * (SSL_CTX_set1_sigalgs_list(3)). Undefined if one is unknown, since it may matter; an unknown one after `?` is left
 * out, as in OpenSSL.
 */
export function signatureSchemesOf(list: string): readonly string[] | undefined {
  const words = list.split(':').filter((word) => word !== '');
  const schemes = words.map((word) => schemeOf(word.replace(/^\?/, '').toLowerCase()));
  const isKnown = words.every((word, index) => word.startsWith('?') || schemes[index] !== undefined);
  const known = schemes.filter((scheme) => scheme !== undefined);
  return isKnown && known.length > 0 ? [...new Set(known)] : undefined;
}

function schemeOf(word: string): string | undefined {
  const [, algorithm, hash = ''] = /^([a-z-]+)\+(sha\d+)$/.exec(word) ?? [];
  if (algorithm === undefined) return SCHEMES_BY_LOWER_CASE.get(word);
  const name = ALGORITHMS[algorithm];
  const scheme = `${name ?? ''}_${name === 'ecdsa' ? (CURVES[hash] ?? '') : ''}${hash}`;
  return SCHEMES.has(scheme) ? scheme : undefined;
}

const SCHEMES_BY_LOWER_CASE: ReadonlyMap<string, string> = new Map(
  [...SCHEMES].map((name) => [name.toLowerCase(), name]),
);

const TLS13_SUITES: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_CCM_SHA256',
  'TLS_AES_128_CCM_8_SHA256',
]);

/** Suites of TLS 1.3, for which OpenSSL uses IANA's names. */
export function tls13SuitesOf(list: string): readonly string[] {
  return list.split(/[:,\s]+/).filter((name) => TLS13_SUITES.has(name));
}

/** The directive of a line, shortened for display. */
export function settingOf<Value>(value: Value, text: string, path: string, line: number | null): Setting<Value> {
  return { value, text: text.replace(/\s+/g, ' ').trim().slice(0, 200), path, line };
}

/** A setting, or null if its value is not understood. */
export function settingIf<Value>(
  value: Value | undefined,
  text: string,
  path: string,
  line: number | null,
): Setting<Value> | null {
  return value === undefined ? null : settingOf(value, text, path, line);
}

/** The lines of a file, joined where a backslash continues them, by the number of the first. */
export function logicalLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  const lines: { line: number; text: string }[] = [];
  let open: { line: number; text: string } | undefined;
  for (const [index, own] of text.split(/\r?\n/).entries()) {
    const isContinued = /(?:^|[^\\])(?:\\\\)*\\$/.test(own);
    const part = isContinued ? own.slice(0, -1) : own;
    if (open === undefined) open = { line: index + 1, text: part };
    else open.text += part.trimStart();
    if (isContinued) continue;
    lines.push(open);
    open = undefined;
  }
  if (open !== undefined) lines.push(open);
  return lines;
}

/** Returns whether there is room to expand values, which may contain each other again and again. */
export function createExpansionLimit(): (value: string) => boolean {
  let room = BOUNDS.filledCharacters.value;
  return ({ length }) => length <= room && ((room -= length), true);
}

/** Words, also in quotes. */
export function wordsOf(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  );
}

/**
 * Whether a name matches a pattern, as in glob(3): `*` is any number of characters, `?` one, `[ab]` one of them,
 * `[!ab]` another one. Takes no longer than the product of their lengths.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  // A configuration may have very many patterns: most differ after their last `*`.
  if (!name.endsWith(pattern.slice(lastSpecial(pattern) + 1))) return false;
  const tokens = [...pattern.matchAll(/\[!?[^\]]+\]|[^]/g)].map(([token]) => token);
  const isFor = (token: string | undefined, character: string | undefined): boolean => {
    if (token === undefined || character === undefined) return false;
    if (token === '?' || token === character) return true;
    if (token.length < 3) return false;
    const isNot = token[1] === '!';
    return isWithin(token.slice(isNot ? 2 : 1, -1), character) !== isNot;
  };
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < name.length) {
    if (tokens[at] === '*') [star, mark, at] = [at, from, at + 1];
    else if (isFor(tokens[at], name[from])) [at, from] = [at + 1, from + 1];
    else if (star >= 0) [mark, at, from] = [mark + 1, star + 1, mark + 1];
    else return false;
  }
  return tokens.slice(at).every((token) => token === '*');
}

/** Index of the last wildcard character; -1 if there is none. */
function lastSpecial(pattern: string): number {
  return Math.max(pattern.lastIndexOf('*'), pattern.lastIndexOf('?'), pattern.lastIndexOf(']'));
}

/** Whether a character is in a set such as `a-f0`. */
function isWithin(set: string, character: string): boolean {
  return [...set.matchAll(/([^])-([^])|([^])/g)].some(([, first, last, only]) =>
    first === undefined || last === undefined ? only === character : first <= character && character <= last,
  );
}
