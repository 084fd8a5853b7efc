import { BOUNDS } from '../../bounds.js';
import { createBoundedMap } from '../../bounded-map.js';
import { hex } from '../../bytes.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import { createRepeatSearch } from '../../repeat-search.js';
import type { HandshakePlaces } from '../../tls/fast-path/pattern/state.js';
import type { Secrets } from '../../tls/decrypt/secrets.js';
import { createPatternReader } from '../../tls/fast-path/pattern/reader.js';
import type { QuicConnection } from '../../tls/quic/connection.js';
import type { TlsSession } from '../../tls/session.js';
import { FIN, RST } from '../../packet/packet.js';
import { opposite } from '../../transport/flow.js';
import type { ConnectionPattern, TcpConnection } from '../../transport/tcp/connection.js';
import { lastSeen } from '../../transport/tcp/connection.js';
import { flagsAt, frameAt, timeAt, type SegmentLog } from '../../transport/tcp/fast-path/segment-log.js';
import type { SegmentRecogniser } from '../../transport/tcp/fast-path/waiting-segments.js';
import type { UdpAssociation } from '../../transport/udp/association.js';
import { createQuicPatterns, repeatedQuic } from './repeated-quic.js';
import { elapsed } from '../build.js';
import type { Connection, Side, Timing } from '../connection.js';
import { endpointOf } from '../ended.js';
import { repeatedConnection } from './repeated-facts.js';

/**
 * Connections that repeat an earlier one: the same pattern (tls/fast-path/pattern/) at the same server, in the same hour, ended
 * in the same way by the same side. They differ only in client, times and frames. Where a report needs only sums, the
 * first of a pattern is decoded and judged, and the others reuse its result.
 *
 * Plain version: `createConnectionReader` without `repeated`, which reads each in full. Held equal by:
 * test/connection/fast-path/repeated.test.ts. Gain and cost: as for the segments that wait for it
 * (transport/tcp/fast-path/segment-log.ts).
 */
export interface RepeatedConnections {
  /** For the tracker. */
  readonly recogniser: Pick<SegmentRecogniser<TlsSession>, 'isWanted' | 'recognise'>;
  /**
   * Handles an association over QUIC that is over, at the capture's time `now`: hands it on if it repeats an earlier
   * one; otherwise returns its pattern, or null if it has none.
   */
  readonly quic: (
    association: UdpAssociation<QuicConnection>,
    now: Timestamp,
  ) => 'handed on' | ConnectionPattern | null;
  /** Learns a connection of this pattern that was built in full. */
  learn(pattern: ConnectionPattern, connection: Connection): void;
  readonly holder: MemoryHolder;
}

export interface RepeatedOptions {
  /** Whether such connections may be handed on now: nobody asks for each of them in full. */
  readonly isWanted: () => boolean;
  /** Whether the report says nothing about this connection alone, nor about others of its pattern, as far as is known now. */
  readonly isPlain: (connection: Connection) => boolean;
  /** Whether the report shows the times of a connection that repeats an earlier one. */
  readonly isSlow: (timing: Timing) => boolean;
  /** Changes when `isPlain` may change. */
  readonly generation: () => number;
  /** Keys that open records here count as used, as when the connection is read in full. */
  readonly secrets: Secrets;
  /** The capture of a frame. */
  readonly captureOf: (frame: number) => number;
  /**
   * Receives a connection that repeats an earlier one. Messages, records and segments are the earlier one's; id,
   * client, hellos, frames, times and ending are its own.
   */
  readonly take: (connection: Connection) => void;
}

/**
 * After so many connections in a row with the same hellos that repeat none, further ones are read in full at once:
 * what is decrypted here to no avail has to be decrypted again.
 */
const MOST_VAIN = 4;
/** One repeated connection saves as much time as this many cost whose segments wait although they repeat none. */
const GAIN = 1;
const HOUR_SECONDS = 3600;
/** Bytes of an example, the first connection of its pattern, without the name of the pattern. */
const EXAMPLE_BYTES = 8192;

interface Example {
  readonly connection: Connection;
  readonly pattern: ConnectionPattern;
  /** When it was last found plain. */
  generation: number;
}

export function createRepeatedConnections({
  isWanted,
  isPlain,
  isSlow,
  generation,
  secrets,
  captureOf,
  take,
}: RepeatedOptions): RepeatedConnections {
  /** By hash; of two patterns with the same hash the later is kept. */
  const known = newExamples();
  const knownQuic = newExamples();
  const quicPatterns = createQuicPatterns();
  /** How many connections in a row repeated none, by their beginning; only those whose records keys open. */
  const vain = createBoundedMap<number, number>({ size: BOUNDS.connectionPatterns.value, whenFull: 'forget oldest' });
  const reader = createPatternReader(secrets, (beginning) => (vain.get(beginning) ?? 0) < MOST_VAIN);
  const search = createRepeatSearch(GAIN);
  /** By hash, patterns without an example: it is `awaited` while their first connection is not yet judged; not plain, it is `none`. */
  const withoutExample = createBoundedMap<number, 'awaited' | 'none'>({
    size: BOUNDS.connectionPatterns.value,
    whenFull: 'forget oldest',
  });
  /** Notes the hash of a connection's pattern; null if it has none. */
  const noteUnknown = (hash: number | null): void => {
    noteOpened(false);
    if (hash !== null && withoutExample.get(hash) === 'awaited') return;
    search.notFound();
    if (hash !== null && !withoutExample.has(hash)) withoutExample.set(hash, 'awaited');
  };
  const noteRepeat = (): void => {
    search.found();
    noteOpened(true);
  };
  const noteOpened = (isRepeat: boolean): void => {
    const beginning = reader.beginning();
    if (beginning === null) return;
    if (isRepeat) vain.delete(beginning);
    else vain.set(beginning, (vain.get(beginning) ?? 0) + 1);
  };
  /** The example of a pattern, if the report still says nothing about it. */
  const exampleOf = (examples: typeof known, hash: number, key: Uint8Array, length: number): Example | null => {
    const example = examples.get(hash);
    if (example === undefined || !isSame(example.pattern.key, key, length)) return null;
    const now = generation();
    if (example.generation !== now && !isPlain(example.connection)) {
      examples.delete(hash);
      return null;
    }
    example.generation = now;
    return example;
  };
  return {
    recogniser: {
      // With keys, segments that wait are worth it by themselves (transport/tcp/fast-path/segment-log.ts).
      isWanted: () => isWanted() && (!secrets.isEmpty || search.isDue()),
      recognise(tcp, log) {
        const capture = captureOf(tcp.firstFrame);
        const places = reader.read(log, otherNumbers(tcp, log, capture));
        if (places === null) {
          noteUnknown(null);
          return null;
        }
        const hash = reader.hash();
        const length = reader.length();
        const example = exampleOf(known, hash, reader.key, length);
        const connection = example && repeatedTcp(example.connection, tcp, log, places, capture);
        if (example === null || connection === null || isSlow(connection.timing)) {
          noteUnknown(hash);
          return { pattern: { hash, key: new Uint8Array(reader.key.subarray(0, length)) }, handOn: null };
        }
        noteRepeat();
        return {
          pattern: example.pattern,
          handOn() {
            const { lastFrame } = tcp;
            take(
              lastFrame === connection.lastFrame ? connection : { ...connection, lastFrame, endedAt: lastSeen(tcp) },
            );
          },
        };
      },
    },
    quic(association, now) {
      if (!isWanted()) return null;
      const capture = captureOf(association.firstFrame);
      const hour = Math.floor(association.startedAt.seconds / HOUR_SECONDS);
      const pattern = quicPatterns.of(association, [capture, hour]);
      if (pattern === null) return null;
      const example = exampleOf(knownQuic, pattern.hash, pattern.key, pattern.key.length);
      if (example === null) return pattern;
      const connection = repeatedQuic(example.connection, association, now, capture);
      if (connection === null || isSlow(connection.timing)) return pattern;
      take(connection);
      return 'handed on';
    },
    learn(pattern, connection) {
      const examples = connection.protocol === 'quic' ? knownQuic : known;
      if (isPlain(connection)) {
        examples.set(pattern.hash, { connection, pattern, generation: generation() });
        withoutExample.delete(pattern.hash);
      } else {
        withoutExample.set(pattern.hash, 'none');
      }
    },
    holder: {
      what: null,
      bytes: () => known.weight + knownQuic.weight,
      giveUp() {
        const size = known.size + knownQuic.size;
        known.clear();
        knownQuic.clear();
        return size;
      },
    },
  };
}

const newExamples = () =>
  createBoundedMap<number, Example>({
    size: BOUNDS.connectionPatterns.value,
    weight: { limit: BOUNDS.connectionPatternBytes.value, of: ({ pattern }) => pattern.key.length + EXAMPLE_BYTES },
    whenFull: 'forget oldest',
  });

function isSame(one: Uint8Array, other: Uint8Array, length: number): boolean {
  return one.length === length && Buffer.compare(one, other.subarray(0, length)) === 0;
}

const BY = { client: 0, server: 1 } as const;
const HOW = { close: 0, reset: 2 } as const;

/** What all connections of one pattern share besides their messages and records. */
function otherNumbers(tcp: TcpConnection, log: SegmentLog, capture: number): readonly number[] {
  const { addresses, ipVersion, ports, startedAt } = tcp;
  const server = opposite(log.client);
  const hour = Math.floor(startedAt.seconds / HOUR_SECONDS);
  const last = endOf(log);
  const ending = BY[byOf(log, last)] | HOW[howOf(log, last)];
  const [at, port] = [server * 4, ports[server]];
  const [a = 0, b = 0, c = 0, d = 0] = [addresses[at], addresses[at + 1], addresses[at + 2], addresses[at + 3]];
  return [capture, hour, ipVersion, a, b, c, d, port, ending];
}

/** The segment of the log that first ended the connection, counted from 0; who sent it, and how it did. */
function endOf(log: SegmentLog): number {
  let index = 0;
  while (index < log.count - 1 && (flagsAt(log, index) & (FIN | RST)) === 0) index++;
  return index;
}
const byOf = (log: SegmentLog, index: number): Side => (log.directionOf(index) === log.client ? 'client' : 'server');
const howOf = (log: SegmentLog, index: number): 'close' | 'reset' =>
  (flagsAt(log, index) & FIN) === 0 ? 'reset' : 'close';

/** The connection, copied from the example of its pattern; null if the example lacks a hello, which none does. */
function repeatedTcp(
  example: Connection,
  tcp: TcpConnection,
  log: SegmentLog,
  pattern: Readonly<HandshakePlaces>,
  capture: number,
): Connection | null {
  const last = endOf(log);
  const seen = (index: number, random: number) => ({
    frame: frameAt(log, index),
    at: timeAt(log, index),
    random: hex(log.bytes, random, random + 32),
  });
  return repeatedConnection(example, {
    id: tcp.id,
    capture,
    client: endpointOf(tcp, log.client),
    firstFrame: tcp.firstFrame,
    lastFrame: tcp.lastFrame,
    startedAt: tcp.startedAt,
    endedAt: lastSeen(tcp),
    clientHello: seen(pattern.clientHello, pattern.clientRandom),
    serverHello: seen(pattern.serverHello, pattern.serverRandom),
    ending: { by: byOf(log, last), how: howOf(log, last), frame: frameAt(log, last), at: timeAt(log, last) },
    timing: timingOf(tcp, log, pattern),
  });
}

function timingOf(
  { ends }: TcpConnection,
  log: SegmentLog,
  { clientHello, serverHello, finished }: Readonly<HandshakePlaces>,
): Timing {
  const hello = timeAt(log, clientHello);
  const [one, other] = [finishedAt(log, finished[0]), finishedAt(log, finished[1])];
  const isOther = one === undefined || (other !== undefined && millisecondsBetween(one, other) > 0);
  const end = isOther ? other : one;
  return {
    tcpConnectMs: elapsed(ends[log.client].syns[0]?.at, ends[opposite(log.client)].synAcks[0]?.at),
    serverHelloMs: elapsed(hello, timeAt(log, serverHello)),
    handshakeMs: elapsed(hello, end),
  };
}

const finishedAt = (log: SegmentLog, index: number): Timestamp | undefined =>
  index < 0 ? undefined : timeAt(log, index);
