import { BOUNDS } from '../../../bounds.js';
import type { Cursor } from '../cursor.js';
import { DecodeError } from '../cursor.js';

const MAX_LENGTH = BOUNDS.handshakeLength.value;

/** Of the fields of the body. */
const LENGTH_OFFSET = 2;
const BODY_OFFSET = 8;

type Decompress = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Uint8Array;

/** By CertificateCompressionAlgorithm (RFC 8879 §7.3); Node.js has zstd since 22.15. */
const ALGORITHMS: ReadonlyMap<number, 'inflateSync' | 'brotliDecompressSync' | 'zstdDecompressSync'> = new Map([
  [1, 'inflateSync'],
  [2, 'brotliDecompressSync'],
  [3, 'zstdDecompressSync'],
]);

/** null if it is none that is known. */
function decompressor(algorithm: number): Decompress | null {
  const name = ALGORITHMS.get(algorithm);
  if (name === undefined) return null;
  // Loaded when it is needed: nearly all captures do without.
  const zlib: Partial<Record<typeof name, Decompress>> = process.getBuiltinModule('node:zlib');
  return zlib[name] ?? null;
}

/**
 * Decodes a CompressedCertificate body (RFC 8879 §4): the body of the Certificate message in it, or null if it is compressed
 * by an algorithm that is not known. May throw DecodeError.
 */
export function decompressCertificate(cursor: Cursor): Uint8Array | null {
  const decompress = decompressor(cursor.u16('algorithm'));
  const length = cursor.u24('uncompressed_length');
  const compressed = cursor.vector24('compressed_certificate_message').rest('compressed certificate');
  if (decompress === null) return null;
  if (length > MAX_LENGTH) throw new DecodeError(`uncompressed_length of ${length} bytes`, LENGTH_OFFSET);
  let body: Uint8Array;
  try {
    body = decompress(compressed, { maxOutputLength: Math.max(1, length) });
  } catch {
    throw new DecodeError('the certificate cannot be decompressed', BODY_OFFSET);
  }
  if (body.length !== length)
    throw new DecodeError(`${body.length} bytes where ${length} are announced`, LENGTH_OFFSET);
  return body;
}
