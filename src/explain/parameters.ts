import { isPostQuantum } from '../diagnose/evidence/offers.js';
import type { EXPLAIN } from '../report/messages/explain.js';
import type { ExplainWording } from './wording.js';

/** A protocol version that people look up. */
interface KnownVersion {
  readonly name: keyof (typeof EXPLAIN)['versions'];
  readonly aliases: readonly string[];
  readonly rules: readonly string[];
  /** Option of `openssl s_client` for only this version. */
  readonly option: string;
  readonly sources: readonly string[];
}

const OLD = ['protocol-version-mismatch', 'obsolete-protocol', 'fallback-rejected'];

export const VERSIONS: readonly KnownVersion[] = [
  {
    name: 'TLS 1.3',
    aliases: ['TLSv1.3', 'TLS1.3', '1.3', '0x0304'],
    rules: ['protocol-version-mismatch', 'certificate-rejected'],
    option: '-tls1_3',
    sources: ['RFC 8446'],
  },
  {
    name: 'TLS 1.2',
    aliases: ['TLSv1.2', 'TLS1.2', '1.2', '0x0303'],
    rules: ['protocol-version-mismatch', 'fallback-rejected'],
    option: '-tls1_2',
    sources: ['RFC 5246', 'RFC 9325'],
  },
  {
    name: 'TLS 1.1',
    aliases: ['TLSv1.1', 'TLS1.1', '1.1', '0x0302'],
    rules: OLD,
    option: '-tls1_1 -cipher DEFAULT:@SECLEVEL=0',
    sources: ['RFC 4346', 'RFC 8996'],
  },
  {
    name: 'TLS 1.0',
    aliases: ['TLSv1', 'TLSv1.0', 'TLS1.0', '1.0', '0x0301'],
    rules: OLD,
    option: '-tls1 -cipher DEFAULT:@SECLEVEL=0',
    sources: ['RFC 2246', 'RFC 8996'],
  },
  {
    name: 'SSL 3.0',
    aliases: ['SSLv3', 'SSL3', '0x0300'],
    rules: OLD,
    option: '-ssl3',
    sources: ['RFC 6101', 'RFC 7568'],
  },
];

/** OpenSSL's names of groups that differ from IANA's. */
export const GROUP_NAMES: Readonly<Record<string, string>> = {
  secp256r1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  x25519: 'X25519',
  x448: 'X448',
};

/** What a group's name means. */
export function describeGroup(name: string, { groups }: ExplainWording): string {
  if (isPostQuantum(name)) return groups.postQuantum;
  if (name === 'secp256r1' || name === 'x25519') return groups.common;
  return name.startsWith('ffdhe') ? groups.finiteField : groups.uncommon;
}

/** The first that the name of a signature scheme begins with. */
const SCHEMES: readonly (readonly [prefix: string, id: keyof (typeof EXPLAIN)['signatureSchemes']])[] = [
  ['rsa_pkcs1_', 'pkcs1'],
  ['rsa_pss_rsae_', 'pssRsae'],
  ['rsa_pss_pss_', 'pssPss'],
  ['ecdsa_', 'ecdsa'],
  ['dsa_', 'dsa'],
  ['', 'general'],
];

/** What a signature scheme's name means, in sentences. */
export function describeScheme(name: string, { signatureSchemes, joins }: ExplainWording): string {
  const [, id] = SCHEMES.find(([prefix]) => name.startsWith(prefix)) ?? ['', 'general'];
  const hash = /_(?:md5|sha1|sha224)$/.test(name) ? [signatureSchemes.weakHash] : [];
  return [signatureSchemes[id], ...hash].join(joins.sentences);
}
