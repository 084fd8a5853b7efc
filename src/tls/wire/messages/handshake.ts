import type { TrailingBytes } from '../cursor.js';
import { Cursor, DecodeError } from '../cursor.js';
import type { Extension } from '../extensions/extension.js';
import { handshakeTypeName, isTls13 } from '../registry/names.js';
import { decodeCertificateRequest } from './certificate-request.js';
import type { CertificateRequestMessage } from './certificate-request.js';
import { decodeCertificateStatus } from './certificate-status.js';
import type { CertificateMessage } from './certificate.js';
import { decodeCertificate, decodeCertificate13 } from './certificate.js';
import { decodeClientHello } from './client-hello.js';
import type { ClientHelloMessage } from './client-hello.js';
import type { ZstdCertificate } from './compressed-certificate.js';
import { decompressCertificate, decompressZstdCertificate } from './compressed-certificate.js';
import { decodeEncryptedExtensions } from './encrypted-extensions.js';
import { decodeServerHello } from './server-hello.js';
import type { ServerHelloMessage } from './server-hello.js';
import { decodeServerKeyExchange } from './server-key-exchange.js';
import type { ServerKeyExchangeMessage } from './server-key-exchange.js';
import type { SharedContent } from './shared.js';

/**
 * The decoded content of a handshake message, with the bytes that should not be there; `other` for types that are not
 * decoded.
 */
export type HandshakeContent = DecodedContent & { readonly trailingBytes?: readonly TrailingBytes[] };

type DecodedContent =
  | { readonly kind: 'client_hello'; readonly hello: ClientHelloMessage }
  | { readonly kind: 'server_hello'; readonly hello: ServerHelloMessage }
  | { readonly kind: 'encrypted_extensions'; readonly extensions: readonly Extension[] }
  /** Also from a CompressedCertificate. */
  | ({ readonly kind: 'certificate' } & CertificateMessage)
  /** Until `readZstdCertificate`. */
  | ZstdCertificate
  | { readonly kind: 'certificate_request'; readonly request: CertificateRequestMessage }
  | { readonly kind: 'server_key_exchange'; readonly exchange: ServerKeyExchangeMessage }
  | { readonly kind: 'certificate_status'; readonly response: Uint8Array }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly error: DecodeError };

/** What a message's structure depends on: the version and suite negotiated before it. */
export interface Negotiated {
  /** Version code, 0 while unknown. */
  readonly version: number;
  /** Cipher suite code, 0 while unknown. */
  readonly cipherSuite: number;
}

/** What decoding depends on besides the bytes: what was negotiated, and what messages share. */
interface DecodeContext {
  readonly negotiated: Negotiated;
  readonly shared: SharedContent;
}

const OTHER: HandshakeContent = { kind: 'other' };

type Decode = (cursor: Cursor, context: DecodeContext) => HandshakeContent;

/** By HandshakeType. May throw DecodeError. */
const DECODERS: ReadonlyMap<number, Decode> = new Map([
  [1, (cursor, { shared }): HandshakeContent => ({ kind: 'client_hello', hello: decodeClientHello(cursor, shared) })],
  [2, (cursor, { shared }): HandshakeContent => ({ kind: 'server_hello', hello: decodeServerHello(cursor, shared) })],
  [8, (cursor): HandshakeContent => ({ kind: 'encrypted_extensions', extensions: decodeEncryptedExtensions(cursor) })],
  [
    11,
    (cursor, { shared, negotiated }): HandshakeContent => ({
      kind: 'certificate',
      ...(isTls13(negotiated.version) ? decodeCertificate13(cursor, shared) : decodeCertificate(cursor, shared)),
    }),
  ],
  [
    12,
    (cursor, { negotiated: { version, cipherSuite } }): HandshakeContent => ({
      kind: 'server_key_exchange',
      exchange: decodeServerKeyExchange(cursor, version, cipherSuite),
    }),
  ],
  [
    13,
    (cursor, { negotiated }): HandshakeContent => ({
      kind: 'certificate_request',
      request: decodeCertificateRequest(cursor, negotiated.version),
    }),
  ],
  [
    25,
    (cursor, { shared }): HandshakeContent => {
      const body = decompressCertificate(cursor);
      if (body === null) return OTHER;
      return 'kind' in body ? body : { kind: 'certificate', ...decodeCertificate13(new Cursor(body), shared) };
    },
  ],
  [22, (cursor): HandshakeContent => ({ kind: 'certificate_status', response: decodeCertificateStatus(cursor) })],
]);

/**
 * Decodes the body of a handshake message (HandshakeType code `type`): the bytes from `start` to `end`. Total: what
 * cannot be decoded is `malformed`.
 */
export function decodeHandshake(
  type: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  context: DecodeContext,
): HandshakeContent {
  const decode = DECODERS.get(type);
  if (decode === undefined) return OTHER;
  const cursor = new Cursor(bytes, start, end);
  try {
    const content = decode(cursor, context);
    if (cursor.remaining > 0) cursor.end(handshakeTypeName(type));
    const { trailingBytes } = cursor;
    return trailingBytes.length === 0 ? content : { ...content, trailingBytes };
  } catch (error) {
    if (error instanceof DecodeError) return { kind: 'malformed', error };
    throw error;
  }
}

/** Decodes a certificate whose decompression code had to be loaded first. Total, as `decodeHandshake`. */
export async function readZstdCertificate(content: ZstdCertificate, shared: SharedContent): Promise<HandshakeContent> {
  try {
    const body = await decompressZstdCertificate(content);
    return { kind: 'certificate', ...decodeCertificate13(new Cursor(body), shared) };
  } catch (error) {
    if (error instanceof DecodeError) return { kind: 'malformed', error };
    throw error;
  }
}
