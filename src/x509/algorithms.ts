import { hex } from '../bytes.js';
import {
  bigInteger,
  children,
  content,
  contextTag,
  type DerElement,
  expectTag,
  objectIdentifier,
  readElement,
  tag,
} from './der.js';
import { type CertificateOutline, integerBits } from './outline.js';

/** Signature algorithms by object identifier, as OpenSSL names them (`openssl list -signature-algorithms`, objects.txt). */
const signatureAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.113549.1.1.3': 'md4WithRSAEncryption',
  '1.2.840.113549.1.1.4': 'md5WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.3.14.3.2.29': 'sha1WithRSA',
  '1.2.840.113549.1.1.10': 'rsassaPss',
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.12': 'sha384WithRSAEncryption',
  '1.2.840.113549.1.1.13': 'sha512WithRSAEncryption',
  '1.2.840.113549.1.1.14': 'sha224WithRSAEncryption',
  '1.2.840.113549.1.1.15': 'sha512-224WithRSAEncryption',
  '1.2.840.113549.1.1.16': 'sha512-256WithRSAEncryption',
  '2.16.840.1.101.3.4.3.13': 'RSA-SHA3-224',
  '2.16.840.1.101.3.4.3.14': 'RSA-SHA3-256',
  '2.16.840.1.101.3.4.3.15': 'RSA-SHA3-384',
  '2.16.840.1.101.3.4.3.16': 'RSA-SHA3-512',
  '1.2.840.10040.4.3': 'dsaWithSHA1',
  '2.16.840.1.101.3.4.3.1': 'dsa_with_SHA224',
  '2.16.840.1.101.3.4.3.2': 'dsa_with_SHA256',
  '2.16.840.1.101.3.4.3.3': 'dsa_with_SHA384',
  '2.16.840.1.101.3.4.3.4': 'dsa_with_SHA512',
  '1.2.840.10045.4.1': 'ecdsa-with-SHA1',
  '1.2.840.10045.4.3.1': 'ecdsa-with-SHA224',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.2.840.10045.4.3.3': 'ecdsa-with-SHA384',
  '1.2.840.10045.4.3.4': 'ecdsa-with-SHA512',
  '2.16.840.1.101.3.4.3.9': 'ecdsa_with_SHA3-224',
  '2.16.840.1.101.3.4.3.10': 'ecdsa_with_SHA3-256',
  '2.16.840.1.101.3.4.3.11': 'ecdsa_with_SHA3-384',
  '2.16.840.1.101.3.4.3.12': 'ecdsa_with_SHA3-512',
  '1.3.101.112': 'ED25519',
  '1.3.101.113': 'ED448',
  '1.2.156.10197.1.501': 'SM2-with-SM3',
  '1.2.643.7.1.1.3.2': 'GOST R 34.10-2012 with GOST R 34.11-2012 (256 bit)',
  '1.2.643.7.1.1.3.3': 'GOST R 34.10-2012 with GOST R 34.11-2012 (512 bit)',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
  '2.16.840.1.101.3.4.3.20': 'SLH-DSA-SHA2-128s',
  '2.16.840.1.101.3.4.3.21': 'SLH-DSA-SHA2-128f',
  '2.16.840.1.101.3.4.3.22': 'SLH-DSA-SHA2-192s',
  '2.16.840.1.101.3.4.3.23': 'SLH-DSA-SHA2-192f',
  '2.16.840.1.101.3.4.3.24': 'SLH-DSA-SHA2-256s',
  '2.16.840.1.101.3.4.3.25': 'SLH-DSA-SHA2-256f',
  '2.16.840.1.101.3.4.3.26': 'SLH-DSA-SHAKE-128s',
  '2.16.840.1.101.3.4.3.27': 'SLH-DSA-SHAKE-128f',
  '2.16.840.1.101.3.4.3.28': 'SLH-DSA-SHAKE-192s',
  '2.16.840.1.101.3.4.3.29': 'SLH-DSA-SHAKE-192f',
  '2.16.840.1.101.3.4.3.30': 'SLH-DSA-SHAKE-256s',
  '2.16.840.1.101.3.4.3.31': 'SLH-DSA-SHAKE-256f',
};

/** Key algorithms that are not also signature algorithms. */
const keyAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10045.2.1': 'ECDSA',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
};

/** Named curves found in certificates: SEC 2's or RFC 5639's name, and the size of the field in bits. */
const curves: Readonly<Record<string, readonly [name: string, bits: number]>> = {
  '1.2.840.10045.3.1.1': ['secp192r1', 192],
  '1.3.132.0.6': ['secp112r1', 112],
  '1.3.132.0.28': ['secp128r1', 128],
  '1.3.132.0.9': ['secp160k1', 160],
  '1.3.132.0.8': ['secp160r1', 160],
  '1.3.132.0.30': ['secp160r2', 160],
  '1.3.132.0.31': ['secp192k1', 192],
  '1.3.132.0.32': ['secp224k1', 224],
  '1.3.132.0.33': ['secp224r1', 224],
  '1.2.840.10045.3.1.7': ['secp256r1', 256],
  '1.3.132.0.10': ['secp256k1', 256],
  '1.3.132.0.34': ['secp384r1', 384],
  '1.3.132.0.35': ['secp521r1', 521],
  '1.3.132.0.1': ['sect163k1', 163],
  '1.3.132.0.15': ['sect163r2', 163],
  '1.3.132.0.26': ['sect233k1', 233],
  '1.3.132.0.27': ['sect233r1', 233],
  '1.3.132.0.16': ['sect283k1', 283],
  '1.3.132.0.17': ['sect283r1', 283],
  '1.3.132.0.36': ['sect409k1', 409],
  '1.3.132.0.37': ['sect409r1', 409],
  '1.3.132.0.38': ['sect571k1', 571],
  '1.3.132.0.39': ['sect571r1', 571],
  '1.3.36.3.3.2.8.1.1.7': ['brainpoolP256r1', 256],
  '1.3.36.3.3.2.8.1.1.11': ['brainpoolP384r1', 384],
  '1.3.36.3.3.2.8.1.1.13': ['brainpoolP512r1', 512],
  '1.2.156.10197.1.301': ['curveSM2', 256],
};

/** Hash functions by object identifier, as Node's crypto names them. */
const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.2': 'md2',
  '1.2.840.113549.2.4': 'md4',
  '1.2.840.113549.2.5': 'md5',
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '2.16.840.1.101.3.4.2.5': 'sha512-224',
  '2.16.840.1.101.3.4.2.6': 'sha512-256',
  '2.16.840.1.101.3.4.2.7': 'sha3-224',
  '2.16.840.1.101.3.4.2.8': 'sha3-256',
  '2.16.840.1.101.3.4.2.9': 'sha3-384',
  '2.16.840.1.101.3.4.2.10': 'sha3-512',
};

/** Kind and size of a public key. */
export interface KeyDetails {
  /** RSA, DSA: modulus; elliptic curves: field; others: the encoded key; 0 if unreadable. */
  readonly keyBits: number;
  readonly keyCurve: string | null;
  readonly keyExponent: string | null;
}

/** The algorithm's OpenSSL name, or the object identifier of one that has none. */
export function signatureAlgorithmName(oid: string): string {
  return signatureAlgorithms[oid] ?? oid;
}

/** `RSA`, `RSA-PSS`, `ECDSA`, `Ed25519`, `ML-DSA-44`, … or the object identifier of one without a name. */
export function keyTypeName(oid: string): string {
  return keyAlgorithms[oid] ?? signatureAlgorithms[oid] ?? oid;
}

/** The hash function's name in Node's crypto, or the object identifier of one that has none. */
export function hashName(oid: string): string {
  return hashes[oid] ?? oid;
}

/**
 * The hash that a signature algorithm signs, as Node's crypto names it: from the algorithm's own name, or for RSASSA-PSS
 * from its parameters (RFC 4055 §3.1, SHA-1 if absent). null where there is none, or it is unknown.
 */
export function signatureHash(oid: string, parameters: DerElement | undefined): string | null {
  const name = signatureAlgorithmName(oid);
  if (name === 'rsassaPss') return pssHash(parameters);
  const found = /^(md\d|sha[\d-]+)with|with[-_]?(sha[\d-]+)$|^rsa-(sha[\d-]+)$/i.exec(name);
  return (found?.[1] ?? found?.[2] ?? found?.[3])?.toLowerCase() ?? null;
}

function pssHash(parameters: DerElement | undefined): string | null {
  try {
    const fields = parameters === undefined ? [] : children(expectTag(parameters, tag.sequence, 'PSS parameters'));
    const hashAlgorithm = fields.find((field) => field.tag === contextTag(0, 'constructed'));
    if (hashAlgorithm === undefined) return 'sha1';
    const algorithm = expectTag(children(hashAlgorithm)[0], tag.sequence, 'hash algorithm');
    return hashName(objectIdentifier(children(algorithm)[0]));
  } catch {
    return null;
  }
}

/** Size and kind of the public key. Never throws. */
export function keyDetails({ keyAlgorithm, keyParameters, publicKey }: CertificateOutline): KeyDetails {
  const none = { keyBits: 0, keyCurve: null, keyExponent: null };
  try {
    switch (keyTypeName(keyAlgorithm)) {
      case 'RSA':
      case 'RSA-PSS': {
        const [modulus, exponent] = children(expectTag(readElement(publicKey), tag.sequence, 'RSA key'));
        return { ...none, keyBits: integerBits(modulus), keyExponent: exponentText(exponent) };
      }
      case 'DSA':
        return { ...none, keyBits: integerBits(children(expectTag(keyParameters, tag.sequence, 'DSA parameters'))[0]) };
      case 'ECDSA': {
        const oid = objectIdentifier(keyParameters);
        const [keyCurve, keyBits] = curves[oid] ?? [oid, 0];
        return { ...none, keyBits, keyCurve };
      }
      default:
        return { ...none, keyBits: publicKey.length * 8 };
    }
  } catch {
    return none;
  }
}

/** An exponent in decimal; beyond 4096 bits, which nobody uses, in hexadecimal, because conversion would take long. */
function exponentText(exponent: DerElement | undefined): string {
  return integerBits(exponent) > 4096 && exponent ? `0x${hex(content(exponent))}` : bigInteger(exponent).toString();
}
