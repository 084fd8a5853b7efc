import type { Timestamp } from '../capture/timestamp.js';
import type { PlaintextProtocol } from '../preamble/plaintext.js';
import type { EncryptionLevel } from '../tls/handshake/transcript.js';
import type { OcspResponse } from '../x509/ocsp.js';
import type { Side, Sighting } from './common.js';

// What the two sides said: hellos, messages, alerts and records, with the names of the RFCs.

/** Names throughout are IANA's; a code without a name is `0x1234`, a GREASE value (RFC 8701) `GREASE_0x0A0A`. */
export interface ClientHello {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** Version field of the record that carried it, which some servers mirror; `SSL 2.0` for the SSLv2 format. */
  readonly recordVersion: string;
  readonly legacyVersion: string;
  /**
   * The versions it offers, most preferred first: supported_versions, or else the one name in legacy_version, which
   * stands for all up to it.
   */
  readonly supportedVersions: readonly string[];
  /** Lower-case hexadecimal. */
  readonly random: string;
  /** Length in bytes of the session id. */
  readonly sessionIdLength: number;
  readonly serverName: string | null;
  readonly cipherSuites: readonly string[];
  readonly compressionMethods: readonly number[];
  readonly extensions: readonly string[];
  readonly supportedGroups: readonly string[];
  readonly keyShareGroups: readonly string[];
  readonly signatureSchemes: readonly string[];
  readonly alpn: readonly string[];
  readonly pskOffered: boolean;
  readonly earlyData: boolean;
  readonly ja3: string;
  readonly ja4: string;
}

export interface ServerHello {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** The negotiated version: supported_versions where present, else the legacy field. */
  readonly version: string;
  readonly random: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  /** The key exchange group (key_share, or ServerKeyExchange's named curve); null if none is seen. */
  readonly group: string | null;
  /** Bits of the prime of a Diffie-Hellman exchange (ServerKeyExchange); null if none is seen. */
  readonly dhBits: number | null;
  /** Signature scheme of ServerKeyExchange, which only TLS 1.2 names in plaintext; else null. */
  readonly signatureScheme: string | null;
  /** From ServerHello; in TLS 1.3, which encrypts it, from EncryptedExtensions if keys open it; else null. */
  readonly alpn: string | null;
  readonly ja3s: string;
  /** The handshake resumes a session (session id or ticket), or uses a pre-shared key. */
  readonly resumed: boolean;
}

export interface HelloRetryRequest {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly version: string;
  readonly cipherSuite: string;
  readonly extensions: readonly string[];
  /** The group the server asks for; null if it asks only for a cookie. */
  readonly group: string | null;
}

export interface CertificateRequest {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** TLS ClientCertificateType names; empty for TLS 1.3. */
  readonly certificateTypes: readonly string[];
  readonly signatureSchemes: readonly string[];
  /** Distinguished names as RFC 4514 writes them. */
  readonly certificateAuthorities: readonly string[];
}

/** What a CertificateStatus message staples (RFC 6066 §8). */
export interface CertificateStatus {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  readonly responseLength: number;
  /** The response decoded, or null if the server stapled none (a length of 0). */
  readonly response: OcspResponse | null;
}

export interface Alert extends Sighting {
  readonly kind: 'alert';
  /** null when encrypted. */
  readonly level: 'warning' | 'fatal' | null;
  readonly code: number | null;
  /** RFC name, `0x..` for one without; null when encrypted. */
  readonly name: string | null;
  readonly encrypted: boolean;
  /** It was encrypted on the wire, and the given keys opened it. */
  readonly decrypted?: true;
  /** Version field of the record that carried it. */
  readonly recordVersion: string;
  /** TLS 1.3 encrypts the record type too: this is an alert by its size alone (2 + 1 + 16 bytes, RFC 8446 §5.2). */
  readonly inferred: boolean;
}

export interface HandshakeMessage extends Sighting {
  readonly kind: 'message';
  /** RFC name in lower case (`client_hello`); `encrypted_handshake` for a record whose content is encrypted. */
  readonly type: string;
  /** Bytes of the message's body, without its 4-byte header; of the record for an encrypted one. */
  readonly length: number;
  readonly encrypted: boolean;
  /** As of an alert. */
  readonly decrypted?: true;
  /** In how many records it came. */
  readonly records: number;
  /** The capture lacks bytes of this side before it. */
  readonly isBehindGap: boolean;
  /** Over DTLS: the epoch of the record that carries it. */
  readonly epoch?: number;
  /** Over QUIC: the encryption level of the packet that carries it. */
  readonly level?: EncryptionLevel;
}

/** An encrypted record of which only the header is read, among the first of each side. */
export interface EncryptedRecord extends Sighting {
  readonly kind: 'encrypted_record';
  /** TLS ContentType by name, as the header shows it. */
  readonly contentType: 'change_cipher_spec' | 'alert' | 'handshake' | 'application_data';
  /** Bytes of the record body. */
  readonly length: number;
  /** The given keys opened it, so its true type is known, which TLS 1.3 encrypts. Its content is not kept. */
  readonly decrypted?: true;
  /** Over DTLS: the epoch. In DTLS 1.3, 2 is the handshake, and 3 what follows it. */
  readonly epoch?: number;
}

export interface ChangeCipherSpec extends Sighting {
  readonly kind: 'change_cipher_spec';
}

/**
 * One thing that a side sent, as in the transcript. Anything encrypted is there as a record, whatever it holds.
 */
export type Sent = HandshakeMessage | Alert | ChangeCipherSpec | EncryptedRecord;

/**
 * A plaintext record that its sender began and never finished, although the capture has everything that the side sent.
 */
export interface UnfinishedRecord {
  readonly from: Side;
  /** Bytes of its body: announced by its header, and actually received. */
  readonly length: number;
  readonly bytes: number;
}

/** The first words of a side that were not TLS. From the wire: hostile. */
export interface PlaintextWords extends Sighting {
  /** The first line, one character a byte, at most 120. */
  readonly text: string;
  /** The protocol of these words, by their content; null if none of the known ones. */
  readonly protocol: PlaintextProtocol | null;
  /** The server says that it expected TLS. */
  readonly expectsTls: boolean;
  /** The server says that it serves this client over TLS only, and the client did nothing but leave after that. */
  readonly demandsTls: boolean;
}
