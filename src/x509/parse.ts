import { decodeFault } from '../decode-faults.js';
import type { DecodeFault } from '../message.js';
import { WireError } from '../wire-error.js';
import { hash } from 'node:crypto';
import { BOUNDS } from '../bounds.js';
import { keyDetails, keyTypeName, signatureAlgorithmName, signatureHash } from './algorithms.js';
import type { Certificate } from './certificate.js';
import { nameKey, readName } from './distinguished-name.js';
import {
  countTimestamps,
  readAuthorityInfoAccess,
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readKeyUsage,
  readMustStaple,
  readNameConstraints,
  readPolicies,
  readSubjectAltNames,
  readSubjectKeyIdentifier,
} from './extensions.js';
import { type CertificateOutline, outlineCertificate, serialNumberText } from './outline.js';
import { readTime } from './time.js';

/** Bytes; far larger than any real certificate. Bounds the time and memory that a hostile one can take. */
const MAX_SIZE = BOUNDS.certificateLength.value;

/**
 * Critical extensions that TLS libraries know: OpenSSL's X509_supported_extension; Go and GnuTLS are close to it. Any
 * other critical extension makes a certificate unusable (RFC 5280 §4.2), such as a critical must-staple or key
 * identifier.
 */
const KNOWN_CRITICAL_EXTENSIONS: ReadonlySet<string> = new Set([
  '2.5.29.15', // key usage
  '2.5.29.17', // subject alternative name
  '2.5.29.19', // basic constraints
  '2.5.29.30', // name constraints
  '2.5.29.31', // CRL distribution points
  '2.5.29.32', // certificate policies
  '2.5.29.33', // policy mappings
  '2.5.29.36', // policy constraints
  '2.5.29.37', // extended key usage
  '2.5.29.54', // inhibit any policy
  '1.3.6.1.5.5.7.1.7', // IP address blocks
  '1.3.6.1.5.5.7.1.8', // autonomous system numbers
  '1.3.6.1.5.5.7.48.1.5', // OCSP no check
  '2.16.840.1.113730.1.1', // Netscape certificate type
]);

/** The facts of a certificate that cannot be read. */
const nothing = {
  version: 0,
  subject: '',
  issuer: '',
  commonNames: [],
  serialNumber: '',
  notBefore: '',
  notAfter: '',
  subjectAltNames: { dns: [], ip: [] },
  uriNames: [],
  otherNames: [],
  emailAddresses: [],
  keyType: '',
  keyBits: 0,
  keyCurve: null,
  keyExponent: null,
  signatureAlgorithm: '',
  signatureHash: null,
  isCa: false,
  hasBasicConstraints: false,
  pathLength: null,
  selfIssued: false,
  keyUsage: null,
  extendedKeyUsage: null,
  nameConstraints: null,
  subjectKeyIdentifier: null,
  authorityKeyIdentifier: null,
  caIssuers: [],
  ocspResponders: [],
  namesRevocationList: false,
  mustStaple: false,
  signedCertificateTimestamps: 0,
  policies: [],
  unknownCriticalExtensions: [],
} satisfies Omit<Certificate, 'sha256' | 'der' | 'error'>;

/**
 * Decodes one certificate (RFC 5280 §4.1). Never throws: what cannot be decoded comes back with `error` set, and with
 * the facts read up to there. The result keeps `der` itself, so pass bytes that nobody writes to.
 *
 * Certificates are read here and not by a library such as @peculiar/x509, which takes a tenth of a second to load and a
 * millisecond for each certificate, writes algorithms and times otherwise than they are encoded, and loses everything
 * if one extension is broken. Node.js's X509Certificate shows too little.
 */
export function parseCertificate(der: Uint8Array, sha256 = hash('sha256', der, 'hex')): Certificate {
  let facts: Omit<Certificate, 'sha256' | 'der' | 'error'> = nothing;
  let error: DecodeFault | null = null;
  try {
    if (der.length > MAX_SIZE) throw new WireError(decodeFault('certificateTooLong', { length: der.length }));
    const outline = outlineCertificate(der);
    facts = { ...facts, ...outlineFacts(outline) };
    facts = { ...facts, ...extensionFacts(outline, facts.emailAddresses) };
  } catch (reason) {
    error = reason instanceof WireError ? reason.fault : decodeFault('notACertificate');
  }
  return { sha256, der, error, ...facts };
}

function outlineFacts(outline: CertificateOutline) {
  const subject = readName(outline.subject);
  const issuer = readName(outline.issuer).text;
  return {
    version: outline.version,
    subject: subject.text,
    issuer,
    commonNames: subject.commonNames,
    emailAddresses: subject.emailAddresses,
    serialNumber: serialNumberText(outline.serialNumber),
    selfIssued: nameKey(subject.text) === nameKey(issuer),
    keyType: keyTypeName(outline.keyAlgorithm),
    ...keyDetails(outline),
    signatureAlgorithm: signatureAlgorithmName(outline.signatureAlgorithm),
    signatureHash: signatureHash(outline.signatureAlgorithm, outline.signatureParameters),
    notBefore: readTime(outline.notBefore),
    notAfter: readTime(outline.notAfter),
  };
}

function extensionFacts({ extensions }: CertificateOutline, subjectEmails: readonly string[]) {
  const decode = <T>(oid: string, read: (value: Uint8Array) => T): T | undefined => {
    const extension = extensions.get(oid);
    return extension && read(extension.value);
  };
  /** As `decode`, for an extension that only informs: if broken, it counts as absent. */
  const decodeInformative = <T>(oid: string, read: (value: Uint8Array) => T): T | undefined => {
    try {
      return decode(oid, read);
    } catch {
      return undefined;
    }
  };
  const names = decode('2.5.29.17', readSubjectAltNames);
  const basicConstraints = decode('2.5.29.19', readBasicConstraints);
  const access = decode('1.3.6.1.5.5.7.1.1', readAuthorityInfoAccess);
  return {
    subjectAltNames: { dns: names?.dns ?? [], ip: names?.ip ?? [] },
    uriNames: names?.uri ?? [],
    otherNames: names?.other ?? [],
    emailAddresses: [...subjectEmails, ...(names?.email ?? [])],
    isCa: basicConstraints?.isCa ?? false,
    hasBasicConstraints: basicConstraints !== undefined,
    pathLength: basicConstraints?.pathLength ?? null,
    keyUsage: decode('2.5.29.15', readKeyUsage) ?? null,
    extendedKeyUsage: decode('2.5.29.37', readExtendedKeyUsage) ?? null,
    nameConstraints: decode('2.5.29.30', readNameConstraints) ?? null,
    subjectKeyIdentifier: decode('2.5.29.14', readSubjectKeyIdentifier) ?? null,
    authorityKeyIdentifier: decode('2.5.29.35', readAuthorityKeyIdentifier) ?? null,
    caIssuers: access?.caIssuers ?? [],
    ocspResponders: access?.ocsp ?? [],
    namesRevocationList: extensions.has('2.5.29.31'),
    mustStaple: decodeInformative('1.3.6.1.5.5.7.1.24', readMustStaple) ?? false,
    signedCertificateTimestamps: decodeInformative('1.3.6.1.4.1.11129.2.4.2', countTimestamps) ?? 0,
    policies: decodeInformative('2.5.29.32', readPolicies) ?? [],
    unknownCriticalExtensions: [...extensions].flatMap(([oid, { critical }]) =>
      critical && !KNOWN_CRITICAL_EXTENSIONS.has(oid) ? [oid] : [],
    ),
  };
}
