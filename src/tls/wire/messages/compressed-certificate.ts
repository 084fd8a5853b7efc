import { decodeFault } from '../../../decode-faults.js';
import { BOUNDS } from '../../../bounds.js';
import { decompressZstd } from '../../../capture/compressions/zstd.js';
import type { Cursor } from '../cursor.js';
import { DecodeError } from '../cursor.js';

const MAX_LENGTH = BOUNDS.handshakeLength.value;

/** Of the fields of the body. */
const LENGTH_OFFSET = 2;
const BODY_OFFSET = 8;

const ZSTD = 3;

/** By CertificateCompressionAlgorithm (RFC 8879 §7.3): those that Node.js supports. */
const ALGORITHMS: ReadonlyMap<number, 'inflateSync' | 'brotliDecompressSync'> = new Map([
  [1, 'inflateSync'],
  [2, 'brotliDecompressSync'],
]);

/** A certificate message whose decompression code is loaded later: its bytes, and its decompressed length. */
export interface ZstdCertificate {
  readonly kind: 'zstd_certificate';
  readonly compressed: Uint8Array;
  readonly length: number;
}

/**
 * Decodes a CompressedCertificate body (RFC 8879 §4). Returns the body of its Certificate message, or the input for
 * `decompressZstd`, or null if the algorithm is unknown. May throw DecodeError.
 */
export function decompressCertificate(cursor: Cursor): Uint8Array | ZstdCertificate | null {
  const algorithm = cursor.u16('algorithm');
  const length = cursor.u24('uncompressed_length');
  const compressed = cursor.vector24('compressed_certificate_message').rest('compressed certificate');
  const name = ALGORITHMS.get(algorithm);
  if (name === undefined && algorithm !== ZSTD) return null;
  if (length > MAX_LENGTH) throw new DecodeError(decodeFault('uncompressedTooLong', { length }), LENGTH_OFFSET);
  if (name === undefined) return { kind: 'zstd_certificate', compressed: compressed.slice(), length };
  // Loaded when needed: nearly all captures do without.
  const decompress = process.getBuiltinModule('node:zlib')[name];
  try {
    return ofLength(length, decompress(compressed, { maxOutputLength: Math.max(1, length) }));
  } catch (error) {
    throw error instanceof DecodeError ? error : new DecodeError(decodeFault('notDecompressed'), BODY_OFFSET);
  }
}

/** The body of the Certificate message. May throw DecodeError, and rejects if the code cannot be loaded. */
export async function decompressZstdCertificate({ compressed, length }: ZstdCertificate): Promise<Uint8Array> {
  const body = await decompressZstd(compressed, Math.max(1, length)).catch(() => null);
  if (body === null) throw new DecodeError(decodeFault('notDecompressed'), BODY_OFFSET);
  return ofLength(length, body);
}

function ofLength(length: number, body: Uint8Array): Uint8Array {
  if (body.length === length) return body;
  throw new DecodeError(
    decodeFault('otherUncompressedLength', { length: body.length, announced: length }),
    LENGTH_OFFSET,
  );
}
