import type { Cursor, TrailingBytes } from '../cursor.js';
import { DecodeError } from '../cursor.js';
import { extensionName } from '../registry/names.js';

/** The message that contains the extension: some extensions differ between messages. */
export type ExtensionPlace =
  'client_hello' | 'server_hello' | 'hello_retry_request' | 'encrypted_extensions' | 'certificate_request';

/** Decodes the content of one extension type. Also the key for looking the content up. */
export interface ExtensionDecoder<T> {
  /** ExtensionType code. */
  readonly type: number;
  /** May throw DecodeError. */
  decode(cursor: Cursor, place: ExtensionPlace): T;
}

/** One extension in a message. */
export interface Extension {
  readonly type: number;
  readonly length: number;
  /** The decoded content; undefined without a decoder, or when malformed. */
  readonly content: unknown;
  /** What is wrong with the content, or null. */
  readonly error: DecodeError | null;
  readonly trailingBytes: readonly TrailingBytes[];
}

/** The content of the first extension that this decoder decoded, or undefined. */
export function contentOf<T>(extensions: readonly Extension[], decoder: ExtensionDecoder<T>): T | undefined {
  return extensions.find(({ type, error }) => type === decoder.type && error === null)?.content as T | undefined;
}

/**
 * Reads an extension block (RFC 8446 §4.2) into `extensions`; a malformed extension affects no other. May throw
 * DecodeError; the extensions before the error are read.
 */
export function readExtensions(
  block: Cursor,
  place: ExtensionPlace,
  decoders: ReadonlyMap<number, ExtensionDecoder<unknown>>,
  extensions: Extension[] = [],
): Extension[] {
  while (block.remaining > 0) {
    const type = block.u16('extension type');
    extensions.push(readExtension(type, block.structure16('extension'), place, decoders));
  }
  return extensions;
}

/** Reads one extension, whose content is all of `body`. */
export function readExtension(
  type: number,
  body: Cursor,
  place: ExtensionPlace,
  decoders: ReadonlyMap<number, ExtensionDecoder<unknown>>,
): Extension {
  const length = body.remaining;
  let content: unknown;
  let error: DecodeError | null = null;
  try {
    const decoder = decoders.get(type);
    if (decoder !== undefined) {
      content = decoder.decode(body, place);
      if (body.remaining > 0) body.end(extensionName(type));
    }
  } catch (thrown) {
    if (!(thrown instanceof DecodeError)) throw thrown;
    error = thrown;
  }
  return { type, length, content, error, trailingBytes: body.trailingBytes };
}
