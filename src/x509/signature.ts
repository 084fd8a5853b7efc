import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { BOUNDS } from '../bounds.js';
import { memoize } from '../memoize.js';
import type { Certificate } from './certificate.js';
import type { Work } from './work.js';

/** `unsupported`: Node's crypto does not support the algorithm or the key, or cannot read the certificate. */
export type SignatureCheck = 'valid' | 'invalid' | 'unsupported';

/**
 * Algorithms that Node's crypto certainly verifies, so that "invalid" means a wrong signature, not an unknown
 * algorithm.
 */
const verifiable =
  /^(?:(?:md5|sha1|sha224|sha256|sha384|sha512)WithRSAEncryption|rsassaPss|ecdsa-with-SHA(?:1|224|256|384|512)|dsaWithSHA1|dsa_with_SHA(?:224|256)|ED25519|ED448)$/;

/** Microseconds to read the key of a certificate. */
const DECODING_COST = 50;
/** The largest field of a curve that OpenSSL accepts. */
const MAX_CURVE_BITS = 661;

/** Larger keys and exponents are not used: to verify with them takes seconds, and OpenSSL refuses most of them too. */
const MAX_KEY_BITS = BOUNDS.keyBits.value;
const MAX_EXPONENT_BITS = BOUNDS.exponentBits.value;

/**
 * What it costs to verify a signature, in microseconds of a current processor, without using a key; null if the
 * algorithm is unknown, or key or exponent are larger than anybody uses.
 */
export function signatureCost(
  signatureAlgorithm: string,
  { keyType, keyBits, keyCurve, keyExponent }: Certificate,
): number | null {
  if (!verifiable.test(signatureAlgorithm) || keyBits > MAX_KEY_BITS) return null;
  switch (keyType) {
    case 'RSA':
    case 'RSA-PSS': {
      const exponentBits = exponentSize(keyExponent ?? '');
      return exponentBits > MAX_EXPONENT_BITS ? null : DECODING_COST + (keyBits / 2048) ** 2 * exponentBits * 2;
    }
    case 'ECDSA':
      // OpenSSL has special code for P-256. A key with explicit curve parameters may have any curve, up to the largest
      // one.
      if (keyCurve === 'secp256r1') return DECODING_COST + 60;
      return DECODING_COST + 300 * Math.max(1, (keyBits === 0 ? MAX_CURVE_BITS : keyBits) / 256) ** 3;
    case 'DSA':
      return DECODING_COST + (keyBits / 2048) ** 2 * 500;
    default:
      return 500;
  }
}

/** Bits of a number in decimal. */
function exponentSize(decimal: string): number {
  return decimal.length > 10 ? decimal.length * 3.3 : Math.log2(Number(decimal) + 1);
}

interface Decoded {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject | null;
}

// Certificates are shared objects (see store.ts), so the same question about two of them comes up again and again.
const decode = memoize(({ der }: Certificate): Decoded | null => decodeDer(der));
/** By issuer. Checks skipped for lack of work are not stored. */
const checksOf = memoize<Certificate, WeakMap<Certificate, SignatureCheck>>(() => new WeakMap());

/**
 * Whether `certificate` was signed with `issuer`'s key. Never throws; the answer is cached.
 * @param work what the check may take; if it is not enough, the answer is `unsupported`
 */
export function checkSignature(certificate: Certificate, issuer: Certificate, work?: Work): SignatureCheck {
  const checks = checksOf(certificate);
  let check = checks.get(issuer);
  if (check === undefined) {
    const cost = signatureCost(certificate.signatureAlgorithm, issuer) ?? 1;
    if (work?.spend(cost) === false) return 'unsupported';
    check = checkOnce(certificate, issuer);
    checks.set(issuer, check);
  }
  return check;
}

function checkOnce(certificate: Certificate, issuer: Certificate): SignatureCheck {
  if (signatureCost(certificate.signatureAlgorithm, issuer) === null) return 'unsupported';
  const signed = decode(certificate);
  const key = decode(issuer)?.publicKey;
  if (!signed || !key) return 'unsupported';
  try {
    if (signed.x509.verify(key)) return 'valid';
  } catch {
    return 'unsupported';
  }
  return 'invalid';
}

/** Signed bytes other than a certificate. */
export interface SignedData {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** As OpenSSL names it. */
  readonly signatureAlgorithm: string;
  readonly signatureHash: string | null;
}

/** Whether data was signed with a certificate's key, if `work` suffices to check. Never throws. */
export function checkSignedData(data: SignedData, signer: Certificate, work: Work): SignatureCheck {
  const cost = signatureCost(data.signatureAlgorithm, signer);
  if (cost === null || !work.spend(cost)) return 'unsupported';
  const key = decode(signer)?.publicKey;
  if (!key) return 'unsupported';
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  try {
    const options = data.signatureAlgorithm === 'rsassaPss' ? { key, ...pss } : key;
    return verify(data.signatureHash, data.signed, options, data.signature) ? 'valid' : 'invalid';
  } catch {
    return 'unsupported';
  }
}

function decodeDer(der: Uint8Array): Decoded | null {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(der);
  } catch {
    return null;
  }
  try {
    return { x509, publicKey: x509.publicKey };
  } catch {
    // The certificate's own signature can be checked even if its key has an unknown type.
    return { x509, publicKey: null };
  }
}
