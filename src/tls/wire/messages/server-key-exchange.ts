import type { Cursor } from '../cursor.js';
import { cipherSuiteName, tlsVersion } from '../registry/names.js';

/** What ServerKeyExchange shows of an ephemeral key exchange. */
export interface ServerKeyExchangeMessage {
  /** Supported group of an ECDHE exchange, or null. */
  readonly group: number | null;
  /** Bits of the prime of a DHE exchange, or null. */
  readonly dhBits: number | null;
  /** Scheme of the signature: only in TLS 1.2, and not in anonymous exchanges; else null. */
  readonly signatureScheme: number | null;
}

const NAMED_CURVE = 3;

/** Decodes a ServerKeyExchange body (RFC 5246 §7.4.3, RFC 8422 §5.4). May throw DecodeError. */
export function decodeServerKeyExchange(
  cursor: Cursor,
  version: number,
  cipherSuite: number,
): ServerKeyExchangeMessage {
  const name = cipherSuiteName(cipherSuite);
  let group: number | null = null;
  let dhBits: number | null = null;
  // PSK exchanges (RFC 4279 §3, RFC 5489 §2) put an identity hint first and sign nothing.
  const isPsk = name.includes('_PSK_');
  if (isPsk) cursor.vector16('psk_identity_hint');
  if (/^TLS_ECDHE?_/.test(name)) {
    const curveType = cursor.u8('curve_type');
    if (curveType !== NAMED_CURVE) return unread(cursor);
    group = cursor.u16('namedcurve');
    cursor.vector8('ec point');
  } else if (/^(TLS|SSL)_DHE?_/.test(name)) {
    const prime = cursor.vector16('dh_p').rest('dh_p');
    dhBits = bitLength(prime);
    cursor.vector16('dh_g');
    cursor.vector16('dh_Ys');
  } else {
    return unread(cursor);
  }
  if (isPsk || /anon/i.test(name)) return { group, dhBits, signatureScheme: null };
  const signatureScheme = tlsVersion(version) >= 0x0303 ? cursor.u16('signature algorithm') : null;
  cursor.vector16('signature');
  return { group, dhBits, signatureScheme };
}

/** Other key exchanges, and what follows a curve without a name, are not decoded. */
function unread(cursor: Cursor): ServerKeyExchangeMessage {
  cursor.rest('parameters');
  return { group: null, dhBits: null, signatureScheme: null };
}

function bitLength(bigEndian: Uint8Array): number {
  const first = bigEndian.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (bigEndian.length - first) * 8 - Math.clz32(bigEndian[first] ?? 0) + 24;
}
