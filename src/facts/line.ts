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
 * The lines of a file of facts: a heading, then certificates and connections in the order in which these ended, then names, and
 * what else there is to say of the slice. `schema/facts.schema.json` is the contract.
 */
export type FactsLine = Heading | CertificateLine | ConnectionLine | LookupLine | NamesLine | Closing;

/** Raised when lines of an older version cannot be read any more. */
export const FACTS_VERSION = 2;

/** Says of what recording, and of which part of it, the facts are. */
export interface Heading {
  readonly kind: 'facts';
  readonly factsVersion: number;
  readonly generator: string;
  readonly recording: Recording;
  readonly slice: SliceNumber;
  /** Where the slice begins and ends; null where the recording does. */
  readonly begin: Cut | null;
  readonly end: Cut | null;
  /** Index, in the recording's order, of the first file that was read: frames of the lines count from its first one. */
  readonly firstRead: number;
}

/** A certificate that connections behind it refer to. */
export interface CertificateLine {
  readonly kind: 'certificate';
  readonly sha256: string;
  /** In base64. */
  readonly der: string;
}

export interface ConnectionLine {
  readonly kind: 'connection';
  /** The frame at which its end was known; null: when there were no more. */
  readonly endedBy: number | null;
  /** As `Connection`; certificates by their SHA-256, what stands in the transcript too by its index there. */
  readonly connection: EncodedConnection;
}

/** What was looked up in the slice. */
export interface LookupLine {
  readonly kind: 'lookup';
  readonly lookup: Lookup;
}

/** What the files of the slice call a host. */
export interface NamesLine extends CapturedNames {
  readonly kind: 'names';
}

/** A connection that goes beyond an end of the slice, as far as that tells which one it is. */
export interface Crossing {
  readonly id: number;
  readonly carrier: 'tcp' | 'udp' | 'eapol' | 'radius';
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly firstFrame: number;
  /** Null: it was still open where following it ended. */
  readonly lastFrame: number | null;
}

export interface Closing {
  readonly kind: 'end';
  /** Flows that begin in the slice: the ids of its connections are among their numbers. */
  readonly flows: number;
  readonly counts: ReadCounts;
  readonly unread: readonly UnreadPackets[];
  /** Of each file of the recording, what was read of it; null: nothing. */
  readonly files: readonly (ReadFile | null)[];
  /** From which frame on, counted as in the lines, frames are those of which file, in order. */
  readonly turns: readonly FrameRun[];
  /** Connections that may go on behind its end. */
  readonly leaving: readonly Crossing[];
  /** Connections that may have begun before it. */
  readonly entering: readonly Crossing[];
  /** The keys that were given, or that the files carry; null without any. */
  readonly keys: UsedKeys | null;
  /** Reading was ended by a signal. */
  readonly isPartial: boolean;
  /** SHA-256 of the lines before it, in hexadecimal: tells what was changed from what was written wrongly. */
  readonly digest: string;
}

/** The keys of a slice. */
export interface UsedKeys extends Omit<KeyResults, 'connections'> {
  /** The beginning of each ClientHello.random, or of what else secrets are known by, whose secrets opened something. */
  readonly used: readonly string[];
}

export interface ReadFile {
  /** It was read from its beginning to its end. */
  readonly isWhole: boolean;
  readonly summary: CaptureSummary;
  /** What is odd about it besides. */
  readonly warnings: readonly CaptureWarning[];
}

type Indexed = Pick<Connection, 'messages' | 'alerts' | 'encryptedRecords'>;

/** A connection as its line has it; certificates are given to `refer` first. */
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

/** A connection as its line has it. */
export type EncodedConnection = Omit<
  Connection,
  'serverCertificates' | 'clientCertificates' | 'certificateStatus' | keyof Indexed
> & {
  readonly serverCertificates: readonly string[];
  readonly clientCertificates: readonly string[];
  readonly certificateStatus:
    (Omit<NonNullable<Connection['certificateStatus']>, 'response'> & { response: string | null }) | null;
} & { readonly [Key in keyof Indexed]: readonly (number | Indexed[Key][number])[] };

/** The connection of a line that `encodeConnection` made. */
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

/** Lists that come again and again, each once. */
export type Interner = <Facts extends object>(facts: Facts) => Facts;

/** Clients send the same lists again and again: they are shared, as those are that come from a capture. */
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
