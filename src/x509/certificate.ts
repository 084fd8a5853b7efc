import type { DecodeFault } from '../message.js';
import type { GeneralNames } from './general-name.js';

/** One X.509 certificate (RFC 5280) as plain data. Distinguished names are written as RFC 4514 says. */
export interface Certificate {
  /** SHA-256 of the DER encoding, lower-case hexadecimal. */
  readonly sha256: string;
  readonly der: Uint8Array;
  /**
   * Why the DER could not be parsed, or null. If set, only `sha256` and `der` are reliable; what was read before the
   * damage (often the names) is kept for display, the rest is empty.
   */
  readonly error: DecodeFault | null;
  /** 1, 2 or 3; only version 3 has extensions. 0 if unknown. */
  readonly version: number;
  readonly subject: string;
  readonly issuer: string;
  /** Common names of the subject, in order; mostly one. */
  readonly commonNames: readonly string[];
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  /** ISO 8601, UTC, seconds. */
  readonly notBefore: string;
  /** ISO 8601, UTC, seconds. */
  readonly notAfter: string;
  readonly subjectAltNames: { readonly dns: readonly string[]; readonly ip: readonly string[] };
  /** URIs among the subject alternative names, mostly SPIFFE identities. */
  readonly uriNames: readonly string[];
  /**
   * Names with types of their own (otherName) among them, mostly user principal names: object identifier, colon, value.
   */
  readonly otherNames: readonly string[];
  /** Mail addresses of the subject: in its alternative names, and as attributes of its name. */
  readonly emailAddresses: readonly string[];
  /** `RSA`, `ECDSA`, `Ed25519`, … or the algorithm's object identifier. */
  readonly keyType: string;
  /** Size of the key in bits; 0 when unknown. */
  readonly keyBits: number;
  /** Elliptic curve by its SEC 2 or RFC 5639 name (`secp256r1`), or its object identifier; null for other keys. */
  readonly keyCurve: string | null;
  /** Public exponent of an RSA key in decimal, null for other keys. */
  readonly keyExponent: string | null;
  /** As OpenSSL names it, e.g. `sha256WithRSAEncryption`; an unknown one by its object identifier. */
  readonly signatureAlgorithm: string;
  /** The hash that is signed: `sha256`, `sha1`, `md5`, … or null where the algorithm has its own (Ed25519, ML-DSA). */
  readonly signatureHash: string | null;
  /** Basic constraints: cA (RFC 5280 §4.2.1.9). */
  readonly isCa: boolean;
  /** Whether it has basic constraints. A certificate of version 3 without them is not a CA's. */
  readonly hasBasicConstraints: boolean;
  /** Basic constraints: how many intermediates may follow (pathLenConstraint), or null for any number. */
  readonly pathLength: number | null;
  /** Subject and issuer are the same name. */
  readonly selfIssued: boolean;
  /** Key usage bits by their RFC 5280 §4.2.1.3 names (`digitalSignature`, `keyCertSign`, …), or null if absent. */
  readonly keyUsage: readonly string[] | null;
  /** Extended key usages by name (`serverAuth`, `clientAuth`, …) or object identifier, or null if absent. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Which names certificates below an authority may have; null if there are no name constraints. */
  readonly nameConstraints: NameConstraints | null;
  /** Lower-case hexadecimal, or null. */
  readonly subjectKeyIdentifier: string | null;
  /** Lower-case hexadecimal, or null. */
  readonly authorityKeyIdentifier: string | null;
  /** caIssuers locations of the authority information access extension (RFC 5280 §4.2.2.1). */
  readonly caIssuers: readonly string[];
  /** OCSP locations of the same extension. */
  readonly ocspResponders: readonly string[];
  /** It says where its authority's revocation list is (CRL distribution points, RFC 5280 §4.2.1.13). */
  readonly namesRevocationList: boolean;
  /** The TLS feature extension asks for a stapled OCSP response: "must-staple" (RFC 7633). */
  readonly mustStaple: boolean;
  /** Number of signed certificate timestamps in the certificate (RFC 6962 §3.3). */
  readonly signedCertificateTimestamps: number;
  /** Certificate policies as object identifiers (RFC 5280 §4.2.1.4). */
  readonly policies: readonly string[];
  /** Critical extensions, as object identifiers, that TLS libraries do not know and must therefore refuse. */
  readonly unknownCriticalExtensions: readonly string[];
}

/** Name constraints of an authority (RFC 5280 §4.2.1.10). */
export interface NameConstraints {
  /** For each type with an entry here, a name of that type must match one. */
  readonly permitted: NameSubtrees;
  /** No name may match one of these. */
  readonly excluded: NameSubtrees;
}

/**
 * Sets of names, by type of name. `example.com` is that domain and all below it, `.example.com` only what is below. An
 * address has its prefix, `192.0.2.0/24`; a mask that is no prefix is written out. `a@example.com` is a mailbox,
 * `example.com` all mailboxes of a host, `.example.com` those of the hosts below; URIs likewise by their host. A
 * directory name stands for all that begin (there: end) with it.
 */
export type NameSubtrees = GeneralNames;
