import type { Connection } from '../../connection/connection.js';
import { libraryOf, type Library } from '../../knowledge/stacks/recognise.js';
import type { Context } from '../context.js';

/** How long a chain may be for a stack, by default, and what it says of a longer one. */
export interface DepthLimit {
  /** Certificates, the leaf included. */
  readonly most: number;
  /** Which are counted: all that the server sends, or those that lead to the root. */
  readonly counts: 'sent' | 'path';
  readonly alerts: ReadonlySet<string>;
}

/**
 * Recorded with chains of 5 to 13 certificates: OpenJDK 17 (jdk.tls.maxCertificateChainLength, of those that are sent), Mbed TLS
 * 2.28.3 (MBEDTLS_X509_MAX_INTERMEDIATE_CA), wolfSSL 5.5.4 (MAX_CHAIN_DEPTH), rustls of Deno 2.9 (webpki: six intermediates),
 * Erlang/OTP 25 (depth). OpenSSL, GnuTLS, NSS, Go, Node.js, Bun and Botan accepted all of them. GnuTLS 3.7.9 refuses more than 16
 * (DEFAULT_MAX_VERIFY_DEPTH), wherever they lead.
 */
const LIMITS: ReadonlyMap<Library | null, DepthLimit> = new Map([
  ['JSSE', { most: 10, counts: 'sent', alerts: new Set(['handshake_failure']) }],
  ['Mbed TLS', { most: 9, counts: 'path', alerts: new Set(['access_denied']) }],
  ['wolfSSL', { most: 9, counts: 'sent', alerts: new Set(['unknown_ca', 'decode_error']) }],
  ['rustls', { most: 7, counts: 'path', alerts: new Set(['certificate_unknown', 'unknown_ca']) }],
  ['Erlang', { most: 11, counts: 'path', alerts: new Set(['handshake_failure']) }],
  ['GnuTLS', { most: 16, counts: 'sent', alerts: new Set(['bad_certificate', 'certificate_unknown']) }],
  [
    null,
    {
      most: 10,
      counts: 'sent',
      alerts: new Set(['handshake_failure', 'internal_error', 'illegal_parameter', 'unexpected_message']),
    },
  ],
]);

/** The limit of this client, or of an unknown one, that the server's chain exceeds; undefined if it exceeds none. */
export function depthBeyond(connection: Connection, context: Context): DepthLimit | undefined {
  const { clientHello, serverCertificates } = connection;
  const limit = clientHello === null ? undefined : LIMITS.get(libraryOf(clientHello));
  if (limit === undefined || serverCertificates.length <= limit.most) return undefined;
  if (limit.counts === 'sent') return limit;
  const { path } = context.chainOf(serverCertificates, context.judgedAt(connection));
  const withoutRoot = path.filter(({ certificate }) => !certificate.selfIssued);
  return withoutRoot.length > limit.most ? limit : undefined;
}
