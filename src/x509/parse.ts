import './reflect.js';
import {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
} from '@peculiar/x509';
import { hash } from 'node:crypto';
import { keyTypeName, publicKeyBits, signatureAlgorithmName } from './algorithms.js';
import type { Certificate } from './certificate.js';
import { nameKey, readName } from './distinguished-name.js';
import { type CertificateOutline, outlineCertificate } from './outline.js';
import { readTime } from './time.js';

// This module loads @peculiar/x509, which takes a fifth of a second: import it through load.ts.

/** Bytes; larger than any real certificate by far. Bounds the time and memory that a hostile one can take. */
const maximumSize = 0x4_0000;

/** Extended key usages by object identifier (RFC 5280 §4.2.1.12, OpenSSL's names for the rest). */
const keyPurposes: Readonly<Record<string, string>> = {
  '2.5.29.37.0': 'anyExtendedKeyUsage',
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.5': 'ipsecEndSystem',
  '1.3.6.1.5.5.7.3.6': 'ipsecTunnel',
  '1.3.6.1.5.5.7.3.7': 'ipsecUser',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  '1.3.6.1.5.5.7.3.17': 'ipsecIKE',
  '1.3.6.1.4.1.311.10.3.3': 'msSGC',
  '1.3.6.1.4.1.311.20.2.2': 'msSmartcardLogin',
  '2.16.840.1.113730.4.1': 'nsSGC',
};

/** Key usages in the order of their bits (RFC 5280 §4.2.1.3). */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const satisfies readonly (keyof typeof KeyUsageFlags)[];

/** What a certificate that cannot be read has instead of facts. */
const nothing = {
  subject: '',
  issuer: '',
  commonNames: [],
  serialNumber: '',
  notBefore: '',
  notAfter: '',
  subjectAltNames: { dns: [], ip: [] },
  keyType: '',
  keyBits: 0,
  signatureAlgorithm: '',
  isCa: false,
  selfIssued: false,
  keyUsage: null,
  extendedKeyUsage: null,
  subjectKeyIdentifier: null,
  authorityKeyIdentifier: null,
  caIssuers: [],
} satisfies Omit<Certificate, 'sha256' | 'der' | 'error'>;

/**
 * Decodes one certificate (RFC 5280 §4.1). Never throws: what cannot be decoded comes back with `error` set, and with
 * the facts read up to there. The result keeps `der` itself, so hand over bytes that nobody writes to.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  let facts: Omit<Certificate, 'sha256' | 'der' | 'error'> = nothing;
  let error: string | null = null;
  try {
    if (der.length > maximumSize) throw new RangeError(`${der.length} bytes are too many for a certificate`);
    const outline = outlineCertificate(der);
    facts = { ...facts, ...outlineFacts(outline) };
    facts = { ...facts, serialNumber: new X509Certificate(der).serialNumber };
    facts = { ...facts, ...extensionFacts(outline.extensions) };
  } catch (reason) {
    error = reason instanceof Error && reason.message !== '' ? reason.message : 'not a certificate';
  }
  return { sha256: hash('sha256', der, 'hex'), der, error, ...facts };
}

/** What @peculiar/x509 does not give as it is encoded: names, object identifiers of algorithms, strictly read times. */
function outlineFacts(outline: CertificateOutline) {
  const subject = readName(outline.subject);
  const issuer = readName(outline.issuer).text;
  return {
    subject: subject.text,
    issuer,
    commonNames: subject.commonNames,
    selfIssued: nameKey(subject.text) === nameKey(issuer),
    keyType: keyTypeName(outline.keyAlgorithm),
    keyBits: publicKeyBits(outline),
    signatureAlgorithm: signatureAlgorithmName(outline.signatureAlgorithm),
    notBefore: readTime(outline.notBefore),
    notAfter: readTime(outline.notAfter),
  };
}

/** Decodes these extensions alone: `X509Certificate.extensions` decodes all, and is lost if one of them is broken. */
function extensionFacts(extensions: ReadonlyMap<string, Uint8Array>) {
  const decode = <T>(oid: string, type: new (raw: Uint8Array<ArrayBuffer>) => T): T | undefined => {
    const raw = extensions.get(oid);
    return raw && new type(new Uint8Array(raw));
  };
  const names = decode('2.5.29.17', SubjectAlternativeNameExtension)?.names.items ?? [];
  const usages = decode('2.5.29.15', KeyUsagesExtension)?.usages;
  const purposes = decode('2.5.29.37', ExtendedKeyUsageExtension)?.usages ?? null;
  const locations = decode('1.3.6.1.5.5.7.1.1', AuthorityInfoAccessExtension)?.caIssuers ?? [];
  return {
    subjectAltNames: {
      dns: names.filter(({ type }) => type === 'dns').map(({ value }) => value),
      ip: names.filter(({ type }) => type === 'ip').map(({ value }) => value),
    },
    isCa: decode('2.5.29.19', BasicConstraintsExtension)?.ca ?? false,
    keyUsage: usages === undefined ? null : keyUsages.filter((usage) => (usages & KeyUsageFlags[usage]) !== 0),
    extendedKeyUsage: purposes && Array.from(purposes, (purpose) => keyPurposes[String(purpose)] ?? String(purpose)),
    subjectKeyIdentifier: decode('2.5.29.14', SubjectKeyIdentifierExtension)?.keyId ?? null,
    authorityKeyIdentifier: decode('2.5.29.35', AuthorityKeyIdentifierExtension)?.keyId ?? null,
    caIssuers: locations.filter(({ type }) => type === 'url').map(({ value }) => value),
  };
}
