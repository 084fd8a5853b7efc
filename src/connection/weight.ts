import type { Certificate } from '../x509/certificate.js';
import { CERTIFICATE_BYTES } from '../x509/store.js';
import type { ClientHello, Connection } from './connection.js';
import type { PathFacts } from './path.js';

/** A connection, or a part of its facts, without which nothing of the rest is held. */
export type WeighedConnection = Pick<Connection, 'clientHello' | 'serverCertificates'> &
  Partial<Pick<Connection, 'transcript' | 'clientCertificates' | 'certificateRequest' | 'path' | 'repeats'>>;

/** The bytes that connections take while they are held; certificates that they share count once. */
export interface HeldConnections {
  hold(connection: WeighedConnection): void;
  /** Undoes one `hold` of a connection. */
  release(connection: WeighedConnection): void;
  readonly bytes: () => number;
}

/** Bytes of a connection's facts without certificates. */
const CONNECTION_BYTES = 6144;
/** Bytes of facts without the transcript. */
const PART_BYTES = 1536;
/** Bytes of a connection that repeats an earlier one, and shares nearly all of its facts. */
const REPEATED_BYTES = 1536;
/** Bytes of an entry in a ClientHello's lists: its place, its name, and its number in the fingerprint. */
const ENTRY_BYTES = 48;
/** A hello with more entries shares nothing with others, and rules derive more from its entries. */
const SHARED_ENTRIES = 512;
const OWN_ENTRY_BYTES = 80;

/** Bytes of a packet in the facts of a path, and of each place where it was seen. */
const PATH_PACKET_BYTES = 128;
const SIGHTING_BYTES = 48;

const entriesBytes = (entries: number): number =>
  entries * ENTRY_BYTES + Math.max(0, entries - SHARED_ENTRIES) * OWN_ENTRY_BYTES;

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
  return entriesBytes(entries) + (serverName?.length ?? 0) + lengthOf(alpn);
}

const pathBytes = ({ packets, points }: PathFacts): number =>
  packets.length * (PATH_PACKET_BYTES + points.length * SIGHTING_BYTES);

/** Characters of texts that are not in any table. */
const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, { length }) => sum + length, 0);

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
  const count = (connection: WeighedConnection, change: 1 | -1): void => {
    if (connection.repeats !== undefined) {
      bytes += change * REPEATED_BYTES;
      return;
    }
    const {
      transcript,
      serverCertificates,
      clientCertificates = [],
      clientHello,
      certificateRequest,
      path,
    } = connection;
    const authorities = certificateRequest?.certificateAuthorities ?? [];
    const hello = clientHello === null ? 0 : helloBytes(clientHello);
    const facts = transcript === undefined ? PART_BYTES : CONNECTION_BYTES;
    const own = facts + hello + (path === undefined ? 0 : pathBytes(path));
    bytes += change * (own + entriesBytes(authorities.length) + lengthOf(authorities));
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
