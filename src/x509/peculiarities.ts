import { decodeFault } from '../decode-faults.js';
import type { DecodeFault } from '../message.js';
import { BOUNDS } from '../bounds.js';
import { isIP } from 'node:net';
import { latin1, u8 } from '../bytes.js';
import type { Certificate } from './certificate.js';
import { type Refusal, REFUSALS } from './data/refusals.js';
import type { PeculiarityKind } from './peculiarity-kind.js';
import { children, content, contextTag, encoding, readElement, tag, type DerElement } from './der.js';
import { nameKey } from './distinguished-name.js';
import { matchHostName } from './names.js';
import { memoize } from '../memoize.js';
import { type CertificateOutline, outlineCertificate, serialNumberText } from './outline.js';

export interface Peculiarity {
  readonly kind: PeculiarityKind;
  /** Position in the chain as given; null if it concerns the whole chain. */
  readonly index: number | null;
  /** Details, such as a name, object identifiers, a curve, the parser's error; from the certificate, so hostile. */
  readonly details: readonly (string | DecodeFault)[];
  /** The clients known to refuse it. Others may. */
  readonly refusedBy: readonly Refusal[];
}

export interface PeculiarityOptions {
  /** The host name or address that the client wants; null if unknown. */
  readonly name?: string | null;
  /** The cipher suite that was chosen, by IANA's name, or null. */
  readonly cipherSuite?: string | null;
  /** The groups that the client offers, by IANA's names; null if it offers none, or they are unknown. */
  readonly groups?: readonly string[] | null;
}

/** A certificate in its chain. */
interface Member {
  readonly certificate: Certificate;
  readonly outline: CertificateOutline;
  readonly isLeaf: boolean;
  /** The next one in the chain, if it has the name of its issuer. */
  readonly issuer: { readonly certificate: Certificate; readonly outline: CertificateOutline } | null;
}

/** Names of one certificate that are looked at, as it may have thousands. */
const MAX_NAMES = BOUNDS.peculiarNames.value;

type Finding = readonly [kind: PeculiarityKind, ...details: string[]];

/**
 * What some clients refuse in a server's chain although its signatures and dates are right: facts about each
 * certificate, and who is known to refuse them. Never throws; after a thousand names of one certificate, the rest is
 * ignored.
 * @param chain as sent, the leaf first
 */
export function peculiarities(chain: readonly Certificate[], options: PeculiarityOptions = {}): readonly Peculiarity[] {
  const outlines = chain.map(({ der, error }) => (error === null ? outlineOf(der) : null));
  const found: Peculiarity[] = [];
  const add = (index: number | null, [kind, ...details]: Finding): void => {
    found.push({ kind, index, details, refusedBy: REFUSALS[kind] });
  };
  const subjects = chain.map(({ subject }) => nameKey(subject));
  const issuers = chain.map(({ issuer }) => nameKey(issuer));
  const misplaced = issuers.findIndex((issuer, i) => {
    const next = subjects[i + 1];
    return next !== undefined && next !== issuer && subjects.some((subject, j) => j !== i && subject === issuer);
  });
  // A certificate that issued another one is not the server's.
  const isIssuerFirst = chain.some(({ sha256, selfIssued }, i) => {
    return sha256 !== chain[0]?.sha256 && !selfIssued && issuers[i] === subjects[0];
  });
  if (misplaced >= 0 || isIssuerFirst) add(null, ['out-of-order']);
  for (const [index, certificate] of chain.entries()) {
    const outline = outlines[index];
    if (!outline) {
      found.push({
        kind: 'unreadable',
        index,
        details: [certificate.error ?? decodeFault('notACertificate')],
        refusedBy: isDamaged(certificate) ? REFUSALS.unreadable : [],
      });
      continue;
    }
    const next = chain.find(({ sha256, error }, i) => {
      return error === null && sha256 !== certificate.sha256 && subjects[i] === issuers[index];
    });
    const nextOutline = next && outlines[chain.indexOf(next)];
    const issuer = next && nextOutline ? { certificate: next, outline: nextOutline } : null;
    const member = { certificate, outline, isLeaf: index === 0, issuer };
    for (const finding of ofAny(member, options)) add(index, finding);
    for (const finding of index === 0 ? ofLeaf(member, options) : ofAuthority(member)) add(index, finding);
  }
  return found;
}

/**
 * Whether the structure of a certificate, its names or its times cannot be read: every library rejects such a
 * certificate when parsing it. Broken extensions do not count, as few libraries read all of them, nor do certificates
 * that only exceed our own size limit.
 */
const isDamaged = ({ version, der }: Certificate): boolean =>
  version === 0 && der.length <= BOUNDS.certificateLength.value;

const outlineOf = memoize((der: Uint8Array): CertificateOutline | null => {
  try {
    return outlineCertificate(der);
  } catch {
    return null;
  }
});

function* ofAny({ certificate, outline, issuer }: Member, { groups = null }: PeculiarityOptions): Iterable<Finding> {
  const { keyType, keyBits, keyCurve, selfIssued, unknownCriticalExtensions, nameConstraints } = certificate;
  if (outline.version === 1) yield ['version-1'];
  if (outline.version < 3 && outline.extensions.size > 0)
    yield ['extensions-before-version-3', String(outline.version)];
  if (u8(outline.serialNumber, 0) >= 0x80) yield ['negative-serial-number', certificate.serialNumber];
  if (outline.repeatedExtensions.size > 0) yield ['repeated-extension', ...outline.repeatedExtensions];
  if (unknownCriticalExtensions.length > 0) yield ['unknown-critical-extension', ...unknownCriticalExtensions];
  if (outline.extensions.get('2.5.29.30')?.critical && nameConstraints !== null) {
    const names = [...nameConstraints.permitted.directory, ...nameConstraints.excluded.directory];
    if (names.length > 0) yield ['critical-directory-constraint', ...names.slice(0, MAX_NAMES)];
    yield ['critical-name-constraint'];
    const { permitted, excluded } = nameConstraints;
    if (permitted.uri.length + excluded.uri.length > 0) yield ['critical-uri-constraint'];
    if (permitted.other.length + excluded.other.length > 0) yield ['critical-other-name-constraint'];
    if (permitted.others + excluded.others > 0) yield ['critical-identifier-constraint'];
  }
  if (outline.extensions.get('2.5.29.36')?.critical) yield ['critical-policy-constraint'];
  if (outline.extensions.get('2.5.29.32')?.critical) yield ['critical-certificate-policies'];
  if ([outline.notBefore, outline.notAfter].some(isMalformedTime)) yield ['malformed-time'];
  if (outline.notAfter !== undefined && latin1(content(outline.notAfter)) === NO_EXPIRATION)
    yield ['no-expiration-date'];
  if (outline.innerSignatureAlgorithm !== outline.signatureAlgorithm) {
    yield ['signature-algorithms-differ', outline.innerSignatureAlgorithm, outline.signatureAlgorithm];
  }
  if (!certificate.isCa && certificate.pathLength !== null) yield ['path-length-without-authority'];
  const isExplicit = keyType === 'ECDSA' && outline.keyParameters?.tag === tag.sequence;
  if (isExplicit) yield ['explicit-curve'];
  else if (keyCurve !== null && groups !== null && !groups.includes(keyCurve)) yield ['curve-not-offered', keyCurve];
  if (keyType === 'RSA' && keyBits > 0 && keyBits < 2048) yield ['small-rsa-key', String(keyBits)];
  if (keyType === 'RSA' && keyBits > 8192) yield ['large-rsa-key', String(keyBits)];
  if (keyType === 'RSA' && keyBits > 4096) yield ['rsa-key-over-4096-bits', String(keyBits)];
  if (keyCurve !== null && !COMMON_CURVES.has(keyCurve)) yield ['uncommon-curve', keyCurve];
  if (keyType === 'Ed25519' || keyType === 'Ed448') yield ['edwards-key', keyType];
  if (certificate.signatureAlgorithm === 'rsassaPss') yield ['pss-signature'];
  const { authorityKeyIdentifier } = certificate;
  if (authorityKeyIdentifier === null && !selfIssued) yield ['authority-key-identifier-missing'];
  if (issuer === null) return;
  const { subjectKeyIdentifier } = issuer.certificate;
  if (
    authorityKeyIdentifier !== null &&
    subjectKeyIdentifier !== null &&
    authorityKeyIdentifier !== subjectKeyIdentifier
  ) {
    yield ['key-identifier-differs', authorityKeyIdentifier, subjectKeyIdentifier];
  }
  const namedSerial = issuerSerial(outline);
  if (namedSerial !== null && namedSerial !== issuer.certificate.serialNumber) {
    yield ['issuer-serial-differs', namedSerial, issuer.certificate.serialNumber];
  }
  if (Buffer.compare(encoding(outline.issuer), encoding(issuer.outline.subject)) !== 0) {
    yield ['name-encoding-differs', certificate.issuer];
    if ([outline.issuer, issuer.outline.subject].some(hasWideCharacters)) yield ['name-in-16-bit-characters'];
    if (certificate.issuer.toLowerCase() !== issuer.certificate.subject.toLowerCase()) {
      yield ['name-spacing-differs', certificate.issuer, issuer.certificate.subject];
    }
  }
}

const BMP_STRING = 0x1e;

/** Whether a name has a value in characters of 16 bits (BMPString). */
const hasWideCharacters = (name: DerElement): boolean =>
  children(name).some((set) => children(set).some((attribute) => children(attribute)[1]?.tag === BMP_STRING));

/** "No well-defined expiration date" (RFC 5280 §4.1.2.5). */
const NO_EXPIRATION = '99991231235959Z';

/** Those of FIPS 186-4 that RFC 8446 §4.2.3 has signature schemes for. */
export const COMMON_CURVES: ReadonlySet<string> = new Set(['secp256r1', 'secp384r1', 'secp521r1']);

/** The length of UTCTime and of GeneralizedTime as RFC 5280 §4.1.2.5 wants them, to the second and in UTC. */
const TIME_LENGTHS: ReadonlyMap<number, number> = new Map([
  [0x17, 13],
  [0x18, 15],
]);

function isMalformedTime(element: DerElement | undefined): boolean {
  return element !== undefined && content(element).length !== TIME_LENGTHS.get(element.tag);
}

/**
 * The serial number of the issuer's certificate, as named by the authority key identifier (RFC 5280 §4.2.1.1), or null.
 */
function issuerSerial({ extensions }: CertificateOutline): string | null {
  const identifier = extensions.get('2.5.29.35');
  if (identifier === undefined) return null;
  try {
    const serial = children(readElement(identifier.value)).find((one) => one.tag === contextTag(2, 'primitive'));
    return serial === undefined ? null : serialNumberText(content(serial));
  } catch {
    return null;
  }
}

function* ofAuthority({ certificate, outline }: Member): Iterable<Finding> {
  if (!certificate.isCa) return;
  const { extendedKeyUsage: purposes } = certificate;
  if (purposes !== null && !purposes.includes('serverAuth') && purposes.includes('anyExtendedKeyUsage')) {
    yield ['authority-for-any-purpose', ...purposes];
  }
  if (certificate.subjectKeyIdentifier === null) yield ['subject-key-identifier-missing'];
  if (certificate.keyUsage === null) yield ['authority-without-key-usage'];
  if (outline.extensions.get('2.5.29.19')?.critical === false) yield ['basic-constraints-not-critical'];
}

function* ofLeaf(
  { certificate, outline }: Member,
  { name = null, cipherSuite = null }: PeculiarityOptions,
): Iterable<Finding> {
  const { isCa, extendedKeyUsage, keyUsage, uriNames, commonNames } = certificate;
  const dns = certificate.subjectAltNames.dns.slice(0, MAX_NAMES);
  if (isCa) yield ['authority-as-leaf'];
  if (keyUsage?.includes('keyCertSign') === true && !outline.extensions.has('2.5.29.19')) {
    yield ['signs-without-basic-constraints'];
  }
  // RFC 5280 §4.1.2.6: then the alternative names must be critical.
  if (certificate.subject === '' && outline.extensions.get('2.5.29.17')?.critical !== true) yield ['empty-subject'];
  if (extendedKeyUsage !== null && !extendedKeyUsage.includes('serverAuth')) {
    if (extendedKeyUsage.includes('anyExtendedKeyUsage')) yield ['any-purpose-alone', ...extendedKeyUsage];
    else if (extendedKeyUsage.some((usage) => usage.endsWith('SGC')))
      yield ['server-gated-crypto-alone', ...extendedKeyUsage];
  }
  const needed = cipherSuite === null ? null : usageFor(cipherSuite);
  if (needed !== null && keyUsage !== null && !keyUsage.includes(needed)) {
    yield ['key-usage-against-suite', needed, ...keyUsage];
  }
  const malformed = dns.filter((each) => !/^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/i.test(each));
  if (malformed.length > 0) yield ['malformed-name', ...malformed];
  const hasNames = dns.length + certificate.subjectAltNames.ip.length > 0;
  if (!hasNames && uriNames.length > 0) yield ['uri-names-alone', ...uriNames.slice(0, MAX_NAMES)];
  if (name === null) return;
  const match = matchHostName(certificate, name);
  if (match.kind === 'ip' && !match.covered && isIP(match.name) !== 0) {
    yield ['address-not-named', match.name];
    if (dns.includes(match.name)) yield ['address-as-host-name', match.name];
  }
  if (!hasNames && match.commonNameMatches) yield ['name-in-common-name-alone', ...commonNames.slice(0, MAX_NAMES)];
  // A fault counts only if all matching names have it: otherwise a client accepts another one.
  const { matches } = match;
  if (match.kind !== 'dns' || matches.length === 0) return;
  if (matches.every((each) => each.startsWith('*'))) yield ['wildcard-alone', ...matches];
  if (matches.every((each) => /^\*\.[^.]+\.?$/.test(each))) yield ['wildcard-over-one-label', ...matches];
  if (matches.every((each) => each.endsWith('.'))) yield ['final-dot', ...matches];
  const [label = ''] = match.name.split('.');
  if (label.includes('_') && matches.every((each) => each.startsWith('*')))
    yield ['underscore-under-wildcard', ...matches];
}

/** The key usage that a server's leaf needs for a suite (RFC 5246 §7.4.2, RFC 8446 §4.4.2.2); null if it depends. */
function usageFor(cipherSuite: string): string | null {
  if (cipherSuite.startsWith('TLS_RSA_WITH')) return 'keyEncipherment';
  return /^TLS_(?:EC)?DH_(?!anon|E)|_anon_|PSK_WITH/.test(cipherSuite) ? null : 'digitalSignature';
}
