import { DecodeError } from '../cursor.js';
import { decodeCertificateRequest } from './certificate-request.js';
import type { CertificateRequestMessage } from './certificate-request.js';
import { decodeCertificateStatus } from './certificate-status.js';
import { decodeCertificate } from './certificate.js';
import { decodeClientHello } from './client-hello.js';
import type { ClientHelloMessage } from './client-hello.js';
import { decodeServerHello } from './server-hello.js';
import type { ServerHelloMessage } from './server-hello.js';
import { decodeServerKeyExchange } from './server-key-exchange.js';
import type { ServerKeyExchangeMessage } from './server-key-exchange.js';

/** The content of a handshake message whose type is decoded; `other` for the rest. */
export type HandshakeContent =
  | { readonly kind: 'client_hello'; readonly hello: ClientHelloMessage }
  | { readonly kind: 'server_hello'; readonly hello: ServerHelloMessage }
  | { readonly kind: 'certificate'; readonly certificates: readonly Uint8Array[] }
  | { readonly kind: 'certificate_request'; readonly request: CertificateRequestMessage }
  | { readonly kind: 'server_key_exchange'; readonly exchange: ServerKeyExchangeMessage }
  | { readonly kind: 'certificate_status'; readonly response: Uint8Array }
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly error: DecodeError };

/** What a message's structure depends on: the versions and suites agreed on before it. */
export interface Negotiated {
  /** Version code, 0 while unknown. */
  readonly version: number;
  /** Cipher suite code, 0 while unknown. */
  readonly cipherSuite: number;
}

const OTHER: HandshakeContent = { kind: 'other' };

function decode(type: number, body: Uint8Array, negotiated: Negotiated): HandshakeContent {
  switch (type) {
    case 1:
      return { kind: 'client_hello', hello: decodeClientHello(body) };
    case 2:
      return { kind: 'server_hello', hello: decodeServerHello(body) };
    case 11:
      return { kind: 'certificate', certificates: decodeCertificate(body) };
    case 12:
      return {
        kind: 'server_key_exchange',
        exchange: decodeServerKeyExchange(body, negotiated.version, negotiated.cipherSuite),
      };
    case 13:
      return { kind: 'certificate_request', request: decodeCertificateRequest(body, negotiated.version) };
    case 22:
      return { kind: 'certificate_status', response: decodeCertificateStatus(body) };
    default:
      return OTHER;
  }
}

/** Decodes a handshake message's body (HandshakeType code `type`). Total: what cannot be decoded is `malformed`. */
export function decodeHandshake(type: number, body: Uint8Array, negotiated: Negotiated): HandshakeContent {
  try {
    return decode(type, body, negotiated);
  } catch (error) {
    if (error instanceof DecodeError) return { kind: 'malformed', error };
    throw error;
  }
}
