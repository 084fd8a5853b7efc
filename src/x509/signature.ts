import { constants, type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Certificate } from './certificate.js';

/** `unsupported`: Node's crypto knows the algorithm or the key not, or cannot read the certificate. */
export type SignatureCheck = 'valid' | 'invalid' | 'unsupported';

/** Algorithms that Node's crypto certainly verifies, so that its "no" means a wrong signature and not an unknown one. */
const verifiable =
  /^(?:(?:md5|sha1|sha224|sha256|sha384|sha512)WithRSAEncryption|rsassaPss|ecdsa-with-SHA(?:1|224|256|384|512)|dsaWithSHA1|dsa_with_SHA(?:224|256)|ED25519|ED448)$/;

interface Decoded {
  readonly x509: X509Certificate;
  readonly publicKey: KeyObject | null;
}

// Certificates are shared objects (see store.ts), so the same question about two of them comes up again and again.
const decodedOf = new WeakMap<Certificate, Decoded | null>();
const checksOf = new WeakMap<Certificate, WeakMap<Certificate, SignatureCheck>>();

/** Whether `certificate` was signed with `issuer`'s key. Never throws; the answer is remembered. */
export function checkSignature(certificate: Certificate, issuer: Certificate): SignatureCheck {
  let checks = checksOf.get(certificate);
  if (checks === undefined) {
    checks = new WeakMap();
    checksOf.set(certificate, checks);
  }
  let check = checks.get(issuer);
  if (check === undefined) {
    check = checkOnce(certificate, issuer);
    checks.set(issuer, check);
  }
  return check;
}

function checkOnce(certificate: Certificate, issuer: Certificate): SignatureCheck {
  const signed = decode(certificate);
  const key = decode(issuer)?.publicKey;
  if (!signed || !key) return 'unsupported';
  try {
    if (signed.x509.verify(key)) return 'valid';
  } catch {
    return 'unsupported';
  }
  return verifiable.test(certificate.signatureAlgorithm) ? 'invalid' : 'unsupported';
}

/** Bytes that somebody signed, other than a certificate. */
export interface SignedData {
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  /** As OpenSSL names it. */
  readonly signatureAlgorithm: string;
  readonly signatureHash: string | null;
}

/** Whether data was signed with a certificate's key. Never throws. */
export function checkSignedData(data: SignedData, signer: Certificate): SignatureCheck {
  const key = decode(signer)?.publicKey;
  if (!key || !verifiable.test(data.signatureAlgorithm)) return 'unsupported';
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO };
  try {
    const options = data.signatureAlgorithm === 'rsassaPss' ? { key, ...pss } : key;
    return verify(data.signatureHash, data.signed, options, data.signature) ? 'valid' : 'invalid';
  } catch {
    return 'unsupported';
  }
}

function decode(certificate: Certificate): Decoded | null {
  let decoded = decodedOf.get(certificate);
  if (decoded === undefined) {
    decoded = decodeDer(certificate.der);
    decodedOf.set(certificate, decoded);
  }
  return decoded;
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
    // A key of an unknown type does not keep the certificate's own signature from being checked.
    return { x509, publicKey: null };
  }
}
