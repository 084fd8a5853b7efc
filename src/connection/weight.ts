import type { Certificate } from '../x509/certificate.js';
import type { ClientHello, Connection } from './connection.js';

/** The bytes that connections take while they are held, certificates that they share counted once. */
export interface HeldConnections {
  hold(connection: Connection): void;
  /** Takes back one `hold` of a connection. */
  release(connection: Connection): void;
  readonly bytes: () => number;
}

/** Bytes of a connection's facts without certificates, and of what is read of a certificate, for each of its bytes. */
const CONNECTION_BYTES = 6144;
/** Of an entry of a ClientHello's lists: its place, its name, and its number in the fingerprint. */
const ENTRY_BYTES = 48;
const CERTIFICATE_BYTES = 4;

function helloBytes({
  serverName,
  cipherSuites,
  extensions,
  supportedGroups,
  signatureSchemes,
  alpn,
}: ClientHello): number {
  const entries =
    cipherSuites.length + extensions.length + supportedGroups.length + signatureSchemes.length + alpn.length;
  return entries * ENTRY_BYTES + (serverName?.length ?? 0);
}

export function createHeldConnections(): HeldConnections {
  const holders = new Map<Certificate, number>();
  let bytes = 0;
  const countAll = (certificates: readonly Certificate[], change: 1 | -1): void => {
    for (const certificate of certificates) {
      const before = holders.get(certificate) ?? 0;
      const after = before + change;
      if (after === 0) holders.delete(certificate);
      else holders.set(certificate, after);
      if ((before === 0) !== (after === 0)) bytes += change * certificate.der.length * CERTIFICATE_BYTES;
    }
  };
  const count = ({ serverCertificates, clientCertificates, clientHello }: Connection, change: 1 | -1): void => {
    bytes += change * (CONNECTION_BYTES + (clientHello === null ? 0 : helloBytes(clientHello)));
    countAll(serverCertificates, change);
    countAll(clientCertificates, change);
  };
  return {
    hold(connection) {
      count(connection, 1);
    },
    release(connection) {
      count(connection, -1);
    },
    bytes: () => bytes,
  };
}
