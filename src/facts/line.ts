import type { CaptureWarning } from '../capture/frame.js';
import type { CaptureSummary } from '../capture/open.js';
import type { FrameRun } from '../capture/places.js';
import { createBoundedMap } from '../bounded-map.js';
import { BOUNDS } from '../bounds.js';
import type { Connection, Endpoint } from '../connection/connection.js';
import type { UnreadPackets } from '../connection/unread.js';
import type { ReadCounts } from '../analysis/read.js';
import type { KeyResults } from '../diagnose/results.js';
import type { Lookup } from '../names/lookups.js';
import type { CapturedNames } from '../names/results.js';
import type { X509Reader } from '../x509/reader.js';
import type { Cut, Recording, SliceNumber } from './recording.js';

/**
 * The lines of a file of facts: a heading, then certificates and connections in the order in which these ended, then
 * names, and the rest of the slice. `schema/facts.schema.json` is the contract.
 */
export type FactsLine = Heading | CertificateLine | ConnectionLine | LookupLine | NamesLine | Closing;

/** Raised when lines of an older version can no longer be read. */
export const FACTS_VERSION = 3;

/** Which recording, and which part of it, the facts are from. */
export interface Heading {
  readonly kind: 'facts';
  readonly factsVersion: number;
  readonly generator: string;
  readonly recording: Recording;
  readonly slice: SliceNumber;
  /** Where the slice begins and ends; null where the recording does. */
  readonly begin: Cut | null;
  readonly end: Cut | null;
  /**
   * Index, in the recording's order, of the first file that was read: frames in the lines are counted from its first
   * one.
   */
  readonly firstRead: number;
}

/** A certificate to which later connections refer. */
export interface CertificateLine {
  readonly kind: 'certificate';
  readonly sha256: string;
  /** In base64. */
  readonly der: string;
}

export interface ConnectionLine {
  readonly kind: 'connection';
  /** The frame at which its end was known; null if there were no more frames. */
  readonly endedBy: number | null;
  /** As `Connection`, but with certificates as their SHA-256, and parts of the transcript as their index there. */
  readonly connection: EncodedConnection;
}

/** What was looked up in the slice. */
export interface LookupLine {
  readonly kind: 'lookup';
  readonly lookup: Lookup;
}

/** The names of a host in the slice's files. */
export interface NamesLine extends CapturedNames {
  readonly kind: 'names';
}

/** A connection that crosses an end of the slice: as much as identifies it. */
export interface BoundaryConnection {
  readonly id: number;
  readonly carrier: 'tcp' | 'udp' | 'eapol' | 'radius';
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly firstFrame: number;
  /** Null if it was still open where following it stopped. */
  readonly lastFrame: number | null;
}

export interface Closing {
  readonly kind: 'end';
  /** Number of flows that begin in the slice: the ids of its connections are among their numbers. */
  readonly flows: number;
  readonly counts: ReadCounts;
  readonly unread: readonly UnreadPackets[];
  /** For each file of the recording, what was read of it; null if nothing. */
  readonly files: readonly (ReadFile | null)[];
  /** Which frames, counted as in the lines, come from which file, in order. */
  readonly turns: readonly FrameRun[];
  /** Connections that may continue after its end. */
  readonly leaving: readonly BoundaryConnection[];
  /** Connections that may have begun before it. */
  readonly entering: readonly BoundaryConnection[];
  /** The keys that were given, or that the files carry; null without any. */
  readonly keys: UsedKeys | null;
  /** Reading was ended by a signal. */
  readonly isPartial: boolean;
  /** SHA-256 of the lines before it, in hexadecimal: shows whether the file was changed. */
  readonly digest: string;
}

/** The keys of a slice. */
export interface UsedKeys extends Omit<KeyResults, 'connections'> {
  /** The first digits of each ClientHello.random, or other lookup key, whose secrets opened something. */
  readonly used: readonly string[];
}

export interface ReadFile {
  /** It was read from beginning to end. */
  readonly isWhole: boolean;
  readonly summary: CaptureSummary;
  /** Other warnings about it. */
  readonly warnings: readonly CaptureWarning[];
}

type Indexed = Pick<Connection, 'messages' | 'alerts' | 'encryptedRecords'>;

/** A connection as in its line; `refer` is called for its certificates first. */
export function encodeConnection(
  connection: Connection,
  refer: (certificate: Connection['serverCertificates'][number]) => string,
): EncodedConnection {
  const { transcript, certificateStatus, messages, alerts, encryptedRecords } = connection;
  const places = new Map<unknown, number>(transcript.map((sent, index) => [sent, index]));
  const indexed = <Item>(items: readonly Item[]): (number | Item)[] => items.map((item) => places.get(item) ?? item);
  return {
    ...connection,
    serverCertificates: connection.serverCertificates.map(refer),
    clientCertificates: connection.clientCertificates.map(refer),
    certificateStatus: certificateStatus && {
      ...certificateStatus,
      response: certificateStatus.response && Buffer.from(certificateStatus.response.der).toString('base64'),
    },
    messages: indexed(messages),
    alerts: indexed(alerts),
    encryptedRecords: indexed(encryptedRecords),
  };
}

/** A connection as in its line. */
export type EncodedConnection = Omit<
  Connection,
  'serverCertificates' | 'clientCertificates' | 'certificateStatus' | keyof Indexed
> & {
  readonly serverCertificates: readonly string[];
  readonly clientCertificates: readonly string[];
  readonly certificateStatus:
    (Omit<NonNullable<Connection['certificateStatus']>, 'response'> & { response: string | null }) | null;
} & { readonly [Key in keyof Indexed]: readonly (number | Indexed[Key][number])[] };

/** The connection in a line that `encodeConnection` made. */
export function decodeConnection(
  encoded: EncodedConnection,
  certificateOf: (sha256: string) => Connection['serverCertificates'][number],
  x509: X509Reader,
  intern: Interner,
): Connection {
  const { transcript, certificateStatus } = encoded;
  const resolved = <Item>(items: readonly (number | Item)[]): Item[] =>
    items.map((item) => (typeof item === 'number' ? (transcript[item] as Item) : item));
  return {
    ...encoded,
    serverCertificates: encoded.serverCertificates.map(certificateOf),
    clientCertificates: encoded.clientCertificates.map(certificateOf),
    certificateStatus: certificateStatus && {
      ...certificateStatus,
      response:
        certificateStatus.response === null
          ? null
          : x509.ocspResponse(Buffer.from(certificateStatus.response, 'base64')),
    },
    messages: resolved(encoded.messages),
    alerts: resolved(encoded.alerts),
    encryptedRecords: resolved(encoded.encryptedRecords),
    clientHello: encoded.clientHello && intern(encoded.clientHello),
  };
}

/** Lists of ClientHellos that are shared. */
const MAX_LISTS = BOUNDS.factsLists.value;

/** Shares equal lists. */
export type Interner = <Facts extends object>(facts: Facts) => Facts;

/** Clients send the same lists again and again: they are shared, as when read from a capture. */
export function createInterner(): Interner {
  const known = createBoundedMap<string, readonly unknown[]>({ size: MAX_LISTS, whenFull: 'forget oldest' });
  return (facts) =>
    Object.fromEntries(
      Object.entries(facts).map(([key, value]: [string, unknown]) => [
        key,
        Array.isArray(value) ? known.getOrMake(value.join(), () => value) : value,
      ]),
    ) as typeof facts;
}
