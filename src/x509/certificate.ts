/** One X.509 certificate (RFC 5280) as plain data. Distinguished names are written as RFC 4514 says. */
export interface Certificate {
  /** SHA-256 of the DER encoding, lower-case hexadecimal. */
  readonly sha256: string;
  readonly der: Uint8Array;
  /**
   * Why the DER could not be parsed, or null. When set, only `sha256` and `der` can be relied on; what was read before
   * the damage (often the names) is kept for display, the rest is empty.
   */
  readonly error: string | null;
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
  /** `RSA`, `ECDSA`, `Ed25519`, … or the algorithm's object identifier. */
  readonly keyType: string;
  /** Size of the key in bits; 0 when unknown. */
  readonly keyBits: number;
  /** As OpenSSL names it, e.g. `sha256WithRSAEncryption`; an unknown one by its object identifier. */
  readonly signatureAlgorithm: string;
  /** Basic constraints: cA (RFC 5280 §4.2.1.9). */
  readonly isCa: boolean;
  /** Subject and issuer are the same name. */
  readonly selfIssued: boolean;
  /** Key usage bits by their RFC 5280 §4.2.1.3 names (`digitalSignature`, `keyCertSign`, …), or null if absent. */
  readonly keyUsage: readonly string[] | null;
  /** Extended key usages by name (`serverAuth`, `clientAuth`, …) or object identifier, or null if absent. */
  readonly extendedKeyUsage: readonly string[] | null;
  /** Lower-case hexadecimal, or null. */
  readonly subjectKeyIdentifier: string | null;
  /** Lower-case hexadecimal, or null. */
  readonly authorityKeyIdentifier: string | null;
  /** caIssuers locations of the authority information access extension (RFC 5280 §4.2.2.1). */
  readonly caIssuers: readonly string[];
}
