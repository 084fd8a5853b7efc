import type { Certificate } from '../x509/certificate.js';
import type { Connection } from './connection.js';

/** The bytes that connections take while they are held, certificates that they share counted once. */
export interface HeldConnections {
  hold(connection: Connection): void;
  /** Takes back one `hold` of a connection. */
  release(connection: Connection): void;
  readonly bytes: () => number;
}

/** Bytes of a connection's facts without certificates, and of what is read of a certificate, for each of its bytes. */
const CONNECTION_BYTES = 6144;
const CERTIFICATE_BYTES = 4;

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
  const count = ({ serverCertificates, clientCertificates }: Connection, change: 1 | -1): void => {
    bytes += change * CONNECTION_BYTES;
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
