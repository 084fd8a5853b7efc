import { isPostQuantum } from '../diagnose/evidence/offers.js';
/** A protocol version that people look up. */
interface VersionText {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly rules: readonly string[];
  /** Option of `openssl s_client` for only this version. */
  readonly option: string;
  readonly sources: readonly string[];
}

const OLD = ['protocol-version-mismatch', 'obsolete-protocol', 'fallback-rejected'];

export const VERSIONS: readonly VersionText[] = [
  {
    name: 'TLS 1.3',
    aliases: ['TLSv1.3', 'TLS1.3', '1.3', '0x0304'],
    summary:
      'The current version (2018). It encrypts the certificate and most alerts, so that a capture shows less: sizes of records stand in for them.',
    rules: ['protocol-version-mismatch', 'certificate-rejected'],
    option: '-tls1_3',
    sources: ['RFC 8446'],
  },
  {
    name: 'TLS 1.2',
    aliases: ['TLSv1.2', 'TLS1.2', '1.2', '0x0303'],
    summary: 'The version before (2008), sound with ECDHE and authenticated encryption. Certificates are in the clear.',
    rules: ['protocol-version-mismatch', 'fallback-rejected'],
    option: '-tls1_2',
    sources: ['RFC 5246', 'RFC 9325'],
  },
  {
    name: 'TLS 1.1',
    aliases: ['TLSv1.1', 'TLS1.1', '1.1', '0x0302'],
    summary: 'Of 2006, deprecated since 2021: current clients and servers refuse it.',
    rules: OLD,
    option: '-tls1_1 -cipher DEFAULT:@SECLEVEL=0',
    sources: ['RFC 4346', 'RFC 8996'],
  },
  {
    name: 'TLS 1.0',
    aliases: ['TLSv1', 'TLSv1.0', 'TLS1.0', '1.0', '0x0301'],
    summary: 'Of 1999, deprecated since 2021: current clients and servers refuse it.',
    rules: OLD,
    option: '-tls1 -cipher DEFAULT:@SECLEVEL=0',
    sources: ['RFC 2246', 'RFC 8996'],
  },
  {
    name: 'SSL 3.0',
    aliases: ['SSLv3', 'SSL3', '0x0300'],
    summary: 'Of 1996, broken (POODLE) and forbidden: hardly any library still has it.',
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

/** What a group's name means, in sentences. */
export function describeGroup(name: string): string {
  if (isPostQuantum(name)) {
    return 'A post-quantum key exchange. Its key share of more than a thousand bytes makes the ClientHello span segments, which some devices on the way drop.';
  }
  if (name === 'secp256r1' || name === 'x25519') {
    return 'An elliptic curve that nearly everybody supports.';
  }
  if (name.startsWith('ffdhe')) return 'A Diffie-Hellman group over a prime of that many bits.';
  return 'An elliptic curve or group that not everybody supports: secp256r1 and x25519 suit nearly everybody.';
}

/** What a signature scheme's name means, in sentences. */
export function describeScheme(name: string): string {
  const hash = /_(?:md5|sha1|sha224)$/.test(name)
    ? ' Its hash is broken or too short: current software refuses it.'
    : '';
  if (name.startsWith('rsa_pkcs1_')) return `RSA in its old form; TLS 1.3 takes it within certificates alone.${hash}`;
  if (name.startsWith('rsa_pss_rsae_'))
    return `RSA in its current form (PSS), with an ordinary RSA certificate.${hash}`;
  if (name.startsWith('rsa_pss_pss_')) return `RSA in its current form (PSS), with a certificate for PSS alone.${hash}`;
  if (name.startsWith('ecdsa_')) return `Needs a certificate with a key on that elliptic curve (ECDSA).${hash}`;
  if (name.startsWith('dsa_')) return `Needs a certificate with a DSA key, which hardly anybody has.${hash}`;
  return `Needs a certificate with such a key.${hash}`;
}
