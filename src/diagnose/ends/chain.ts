import type { Connection } from '../../connection/connection.js';
import type { Certificate } from '../../x509/certificate.js';
import type { Context } from '../context.js';
import { encryptsHandshake } from '../evidence/offers.js';
import { encryptedDataRecords } from '../evidence/progress.js';
import { wantedName } from '../evidence/chains.js';

/** The chain that the server is configured to send in this connection, or null if unknown. */
export function configuredChainOf(connection: Connection, { ends }: Context): readonly Certificate[] | null {
  return ends === null ? null : ends.configuredChain(wantedName(connection));
}

/**
 * The connection with the configured chain of the server in place of the one that TLS 1.3 encrypts; null if none is
 * encrypted, it is unknown which chain was sent, or the server's flight is too short for it.
 */
export function withConfiguredChain(connection: Connection, context: Context): Connection | null {
  const { outcome, serverHello, serverCertificates } = connection;
  if ((context.ends?.serverCertificates ?? null) === null || outcome !== 'failed' || serverCertificates.length > 0)
    return null;
  if (serverHello === null || serverHello.resumed || !encryptsHandshake(serverHello.version)) return null;
  const chain = configuredChainOf(connection, context);
  if (chain === null || isTooShortFor(connection, chain)) return null;
  return { ...connection, serverCertificates: chain, hasStandInChain: true };
}

/** Whether the server's encrypted flight, as far as seen, is too short for a chain. */
export function isTooShortFor(connection: Connection, chain: readonly Certificate[]): boolean {
  const bytes = encryptedDataRecords(connection, 'server').reduce((sum, { length }) => sum + length, 0);
  const length = chain.reduce((sum, { der }) => sum + der.length, 0);
  // Certificates may be compressed (RFC 8879), and the capture may lack a part of the flight.
  const isWhole = bytes > 0 && connection.transport.server.missing === 0 && connection.encryptedRecords.length < 16;
  return isWhole && bytes < length && connection.clientHello?.extensions.includes('compress_certificate') === false;
}
