import { memoizeByKey } from '../../memoize.js';

/**
 * What the size of an encrypted record says about its content; nothing else in the program derives that. Sizes follow
 * from the cipher suite (RFC 8446 §5.2, RFC 5246 §6.2.3), and show what a record can and cannot hold.
 */

/** What determines how much longer a record is than its content, with IANA's names. */
export interface RecordProtection {
  /** As `TLS 1.2`; null if the capture lacks the ServerHello. */
  readonly version: string | null;
  readonly cipherSuite: string | null;
}

/** The most that versions before TLS 1.3 add to content without optional padding: an IV, a MAC, a block. */
const MAX_EXPANSION = 16 + 48 + 16;

/** Java pads every TLS 1.3 record with so many zeros. */
const JAVA_PADDING = 16;

// Contents, in bytes.

/**
 * The header of a handshake message; DTLS adds its number, and where the fragment lies (RFC 6347 §4.2.2, RFC 9147
 * §5.2).
 */
const headerOf = (protection: RecordProtection): number => (isDtls(protection) ? 12 : 4);
/** AlertLevel and AlertDescription (RFC 8446 §6). */
const ALERT = 2;
/** certificate_list (RFC 5246 §7.4.6), in TLS 1.3 behind request_context (RFC 8446 §4.4.2), all empty. */
const emptyCertificate = (protection: RecordProtection): number =>
  headerOf(protection) + (isTls13(protection) ? 1 : 0) + 3;
/** update_requested (RFC 8446 §4.6.3). */
const keyUpdate = (protection: RecordProtection): number => headerOf(protection) + 1;

const isDtls = ({ version }: RecordProtection): boolean => version?.startsWith('DTLS') === true;

/** What the name of a cipher suite says; looked up for every record. */
interface Suite {
  readonly isTls13: boolean;
  /** Bytes of the authentication tag. */
  readonly tags: readonly number[];
}

const suiteNamed = memoizeByKey((cipherSuite: string): Suite => ({
  // TLS 1.3 has suites of its own, which name no key exchange.
  isTls13: !cipherSuite.includes('_WITH_'),
  // 8 for CCM_8 (RFC 6655 §4).
  tags: cipherSuite.includes('_CCM_8') ? [8] : [16],
}));

/** If no suite is known, TLS 1.3 is assumed, which encrypts the most. */
const UNKNOWN_SUITE: Suite = { isTls13: true, tags: [16, 8] };

const suiteOf = ({ cipherSuite }: RecordProtection): Suite =>
  cipherSuite === null ? UNKNOWN_SUITE : suiteNamed(cipherSuite);

const isTls13 = (protection: RecordProtection): boolean => suiteOf(protection).isTls13;

/** Bytes of the hash of a TLS 1.3 suite; both possible values if the suite is unknown. */
function hashLengths({ cipherSuite }: RecordProtection): readonly number[] {
  if (cipherSuite === null) return ANY_HASH;
  return cipherSuite.endsWith('SHA384') ? SHA_384 : SHA_256;
}

const SHA_256 = [32] as const;
const SHA_384 = [48] as const;
const ANY_HASH = [32, 48] as const;

/** Content of a Finished (RFC 8446 §4.4.4, RFC 5246 §7.4.9, RFC 6101 §5.6.9). */
function finishedContents(protection: RecordProtection): readonly number[] {
  if (isTls13(protection)) return hashLengths(protection).map((length) => headerOf(protection) + length);
  return [headerOf(protection) + (protection.version === 'SSL 3.0' ? 36 : 12)];
}

/** Bytes of the MAC of a suite up to TLS 1.2 that is not an AEAD. */
function macLength(cipherSuite: string): number {
  if (cipherSuite.endsWith('_SHA384')) return 48;
  if (cipherSuite.endsWith('_SHA256')) return 32;
  return cipherSuite.endsWith('_MD5') ? 16 : 20;
}

/** The possible lengths of a record with so many bytes of content, without optional padding. */
function recordLengths(protection: RecordProtection, content: number): readonly number[] {
  const { version, cipherSuite } = protection;
  // The content type and the tag (RFC 8446 §5.2).
  const { isTls13, tags } = suiteOf(protection);
  if (cipherSuite === null || isTls13) return tags.map((tag) => content + 1 + tag);
  const [tag = 16] = tags;
  // Each record carries its nonce, except with ChaCha20 (RFC 5288 §3, RFC 6655 §3, RFC 7905 §2).
  if (/_(GCM|CCM(_8)?)(_|$)/.test(cipherSuite)) return [8 + content + tag];
  if (cipherSuite.includes('CHACHA20')) return [content + tag];
  const mac = macLength(cipherSuite);
  if (!cipherSuite.includes('_CBC_')) return [content + mac];
  const block = /_(3DES|DES|DES40|RC2|IDEA)_/.test(cipherSuite) ? 8 : 16;
  const hasVector = version === 'TLS 1.2' || version === 'TLS 1.1' || isDtls(protection);
  const vector = hasVector ? block : 0;
  const padded = (length: number): number => (Math.floor(length / block) + 1) * block;
  // MAC, then encryption; or the other way round (RFC 7366).
  return [vector + padded(content + mac), vector + padded(content) + mac];
}

/** The length of the shortest record with so many bytes of content. */
export const leastLength = (protection: RecordProtection, content: number): number =>
  Math.min(...recordLengths(protection, content));

/** Whether a record of this length can hold so many bytes of content, without optional padding. */
export function canHold(protection: RecordProtection, content: number, length: number): boolean {
  // The content type and the tag (RFC 8446 §5.2). No list is made: this is called for every record.
  const { isTls13, tags } = suiteOf(protection);
  if (isTls13) return tags.includes(length - content - 1);
  if (length <= content || length > content + MAX_EXPANSION) return false;
  return recordLengths(protection, content).includes(length);
}

function isOneOf(protection: RecordProtection, contents: readonly number[], length: number): boolean {
  return contents.some((content) => canHold(protection, content, length));
}

/** Whether a record of this length can hold an alert and nothing else. */
export function canBeAlert(protection: RecordProtection, length: number): boolean {
  return canHold(protection, ALERT, length);
}

/**
 * Whether a record of this length can hold an alert of a TLS 1.3 stack that pads. A short request can have the same
 * length, and so can an ACK of DTLS, where no stack pads.
 */
export function canBePaddedAlert(protection: RecordProtection, length: number): boolean {
  return isTls13(protection) && !isDtls(protection) && canHold(protection, ALERT + JAVA_PADDING, length);
}

/** Whether a record of this length can hold a Finished and nothing else, without padding. */
export function canBeFinished(protection: RecordProtection, length: number): boolean {
  if (isTls13(protection)) return canEndWithFinished(protection, 0, length);
  return isOneOf(protection, finishedContents(protection), length);
}

/** Whether a TLS 1.3 record can hold so many bytes followed by a Finished. */
function canEndWithFinished(protection: RecordProtection, before: number, length: number): boolean {
  for (const hash of hashLengths(protection)) {
    if (canHold(protection, before + headerOf(protection) + hash, length)) return true;
  }
  return false;
}

/**
 * A record with only EncryptedExtensions is usually shorter than this, and one with a Finished always is, padded or
 * not.
 */
const SHORT_RECORD = 250;
const LONG_RECORD = 600;

/**
 * Whether the encrypted records of a TLS 1.3 server, of these lengths, end in the middle of its flight: each message
 * has a record of its own, since the first holds only EncryptedExtensions, and the last is too long for a Finished,
 * even one padded to 512 bytes.
 */
export function lacksFinished(lengths: readonly number[]): boolean {
  const [first = Infinity] = lengths;
  return first < SHORT_RECORD && (lengths.at(-1) ?? 0) > LONG_RECORD;
}

/**
 * Whether a TLS 1.3 record of this length can hold a KeyUpdate and nothing else, without padding.
 * @public Tested against recorded handshakes; no rule uses it yet.
 */
export function canBeKeyUpdate(protection: RecordProtection, length: number): boolean {
  return isTls13(protection) && canHold(protection, keyUpdate(protection), length);
}

/**
 * Whether a record of this length can hold an empty Certificate message and nothing else, without padding. Up to TLS
 * 1.2, only a renegotiation encrypts one.
 */
export function canBeEmptyCertificate(protection: RecordProtection, length: number): boolean {
  return canHold(protection, emptyCertificate(protection), length);
}

/** request_context of OpenSSL's CertificateRequest behind the handshake (RFC 8446 §4.6.2). */
const REQUEST_CONTEXT = 32;

/**
 * Whether a TLS 1.3 record of this length can hold the empty Certificate message with which a client answers a request
 * behind the handshake, and nothing else, without padding.
 */
export function canBeEmptyCertificateBehind(protection: RecordProtection, length: number): boolean {
  return isTls13(protection) && canHold(protection, emptyCertificate(protection) + REQUEST_CONTEXT, length);
}

/**
 * Whether the first TLS 1.3 record of a client, of this length, can begin with an empty Certificate message: alone, or
 * followed by the Finished (as rustls and GnuTLS send it), padded or not.
 */
export function canBeginWithEmptyCertificate(protection: RecordProtection, length: number): boolean {
  if (!isTls13(protection)) return false;
  const empty = emptyCertificate(protection);
  for (const unpadded of [length, length - JAVA_PADDING]) {
    if (canHold(protection, empty, unpadded) || canEndWithFinished(protection, empty, unpadded)) return true;
  }
  return false;
}

/** Whether the first TLS 1.3 record of a client is longer than any without a certificate can be. */
export function mustHoldCertificate(protection: RecordProtection, length: number): boolean {
  const content = emptyCertificate(protection) + Math.max(...finishedContents(protection)) + JAVA_PADDING;
  return isTls13(protection) && length > Math.max(...recordLengths(protection, content));
}

/**
 * Whether the flight of a TLS 1.3 server, of so many bytes, can hold a Certificate and its CertificateVerify: the
 * smallest certificates in use, with P-256 keys, have some 300 bytes, and an ECDSA signature has 70.
 */
export function canHoldCertificate(bytes: number): boolean {
  return bytes >= 500;
}

/** What a Certificate message has at least: an empty list, in TLS 1.3 after an empty request_context. */
const EMPTY_CERTIFICATES: readonly number[] = [3, 4];

/** Whether the body of a plaintext Certificate message, of so many bytes, has no certificate. */
export const isEmptyCertificate = (bytes: number): boolean => EMPTY_CERTIFICATES.includes(bytes);

/** A Handshake packet with only an ACK of a few ranges, and the longest connection IDs (RFC 9000 §17.2.4). */
const LONGEST_ACK = 80;

/** Whether a Handshake packet of QUIC, of so many bytes, can hold an ACK and nothing else. */
export const canBeAcknowledgement = (bytes: number): boolean => bytes <= LONGEST_ACK;

/**
 * A Handshake packet of a client is no longer if it has its Finished and an empty Certificate, with the longest hash, ACK and
 * connection IDs; and no shorter if it has a certificate.
 */
const LONGEST_WITHOUT_CERTIFICATE = 160;
const SHORTEST_WITH_CERTIFICATE = 450;

/**
 * Whether a Handshake packet of QUIC, of so many bytes, can end with the client's flight. Between its sizes are those of
 * a close with a reason.
 */
export const canBeClientFlight = (bytes: number): boolean =>
  bytes > LONGEST_ACK && (bytes <= LONGEST_WITHOUT_CERTIFICATE || bytes >= SHORTEST_WITH_CERTIFICATE);

/** The content of a CertificateVerify with a signature of so many bytes (RFC 8446 §4.4.3). */
function certificateVerifyContent(protection: RecordProtection, signature: number): number {
  return headerOf(protection) + 2 + 2 + signature;
}

/**
 * Whether a TLS 1.3 record of this length can hold a CertificateVerify with a signature of so many bytes, and nothing
 * else.
 */
export function canBeCertificateVerify(protection: RecordProtection, length: number, signature: number): boolean {
  return isTls13(protection) && canHold(protection, certificateVerifyContent(protection, signature), length);
}

/** Bytes of signatures with keys in use: Ed25519, P-256, P-384, RSA of 2048 to 4096 bits. */
const USUAL_SIGNATURES: readonly number[] = [64, 70, 71, 72, 102, 103, 104, 256, 384, 512];

/** The same with a signature of a key as most certificates have one. */
export const canBeUsualCertificateVerify = (protection: RecordProtection, length: number): boolean =>
  USUAL_SIGNATURES.some((signature) => canBeCertificateVerify(protection, length, signature));

/** Bytes of an empty extension, and of one protocol in ALPN without its name (RFC 7301 §3.1). */
const EMPTY_EXTENSION = 4;
const ALPN = EMPTY_EXTENSION + 2 + 1;

/** Bytes of supported_groups with the groups that a server prefers (RFC 8446 §4.2.7), one to so many. */
const MOST_GROUPS = 16;
const GROUPS = Array.from({ length: MOST_GROUPS }, (_, index) => EMPTY_EXTENSION + 2 + 2 * (index + 1));

/**
 * Whether a TLS 1.3 record of this length can hold only EncryptedExtensions that select this protocol by ALPN, or none
 * (null), with or without the acknowledgement of server_name and the server's groups.
 */
export function canBeEncryptedExtensions(
  protection: RecordProtection,
  length: number,
  protocol: string | null,
): boolean {
  const content = headerOf(protection) + 2 + (protocol === null ? 0 : ALPN + protocol.length);
  const contents = [0, ...GROUPS].flatMap((groups) => [content + groups, content + groups + EMPTY_EXTENSION]);
  return isTls13(protection) && isOneOf(protection, contents, length);
}

/** Bytes by which tickets for one client at one server differ: the name that it asked for, for example. */
const TICKETS_DIFFER_BY = 64;

/** Whether two records, of these lengths, can both hold a ticket of one server for one client. */
export const canBeTicketsAlike = (one: number, other: number): boolean => Math.abs(one - other) <= TICKETS_DIFFER_BY;

/** The largest limit that a client may request (RFC 6066 §4): every stack accepts records up to it. */
const ALWAYS_ACCEPTED = 4096;

/** Whether every stack accepts a record of this length. */
export const isAlwaysAccepted = (length: number): boolean => length <= ALWAYS_ACCEPTED;
