/**
 * TCP conversations written by hand as scripts of segments, which a test may then reorder, cut, repeat or lose:
 *
 *     const talk = conversation();
 *     talk.open();
 *     talk.say('client', hello);
 *     talk.ack('server');
 *     const connections = connectionsOf(talk.segments);
 */
import { buildConnection } from '../../src/connection/build.js';
import type { EndedConnection } from '../../src/connection/ended.js';
import { endedTcp } from '../../src/connection/ended-tcp.js';
import type { Connection, Side, TcpFacts } from '../../src/connection/connection.js';
import { newFrame, type FrameStamp } from '../../src/capture/frame.js';
import { decode, TCP_SEGMENT } from '../../src/packet/decode.js';
import { ACK, FIN, newPacket, RST, SYN } from '../../src/packet/packet.js';
import { createTlsReader } from '../../src/tls/reader.js';
import { createIds, type ByteSink } from '../../src/transport/flow.js';
import { type TcpConnection } from '../../src/transport/tcp/connection.js';
import { createTcpTracker, type TcpLimits, type TcpTracker } from '../../src/transport/tcp/tracker.js';
import { createX509Reader } from '../../src/x509/reader.js';
import { be16, concat, ethernet, frameOf, ipv4, tcp } from './captures.js';

export interface Segment {
  readonly from: Side;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly data: Uint8Array;
  /** Bytes at the end of `data` that the snapshot length cuts off. */
  readonly cut: number;
  /** Capture time in seconds; of one that is not given, a millisecond after the one before it. */
  readonly time: number;
  /** Decimal digits of the time's resolution. */
  readonly digits: number;
  readonly ipId: number;
  readonly ttl: number;
  readonly clientPort: number;
  readonly serverPort: number;
  /** IPv6 instead of IPv4. */
  readonly ipv6: boolean;
}

export interface ConversationOptions {
  readonly clientStart?: number;
  readonly serverStart?: number;
  readonly clientPort?: number;
  readonly serverPort?: number;
  readonly ipv6?: boolean;
  /** Time of the first segment in seconds. */
  readonly time?: number;
  /** Seconds from each segment to the next. */
  readonly interval?: number;
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

const EMPTY = new Uint8Array(0);

export interface Conversation {
  readonly segments: Segment[];
  /** The segment is as it should be next, but for what `overrides` says. */
  send(from: Side, overrides?: Partial<Segment>): Segment;
  /** SYN, SYN-ACK, ACK. */
  open(): void;
  say(from: Side, data: Uint8Array | string, overrides?: Partial<Segment>): Segment;
  /** An ACK of everything sent so far. */
  ack(from: Side, overrides?: Partial<Segment>): Segment;
  fin(from: Side): Segment;
  reset(from: Side): Segment;
  /** Lets time pass. */
  pass(seconds: number): void;
  /** Takes the newest segment out: it was sent, but not captured. */
  lose(): void;
}

export function conversation(options: ConversationOptions = {}): Conversation {
  const { clientPort = 40000, serverPort = 443, ipv6 = false, interval = 0.001 } = options;
  const next = { client: options.clientStart ?? 1000, server: options.serverStart ?? 5000 };
  const segments: Segment[] = [];
  let time = options.time ?? 100;
  let ipId = 1;
  const send = (from: Side, overrides: Partial<Segment> = {}): Segment => {
    const peer = from === 'client' ? 'server' : 'client';
    const segment: Segment = {
      from,
      sequence: next[from],
      acknowledgment: next[peer],
      flags: ACK,
      data: EMPTY,
      cut: 0,
      time,
      digits: 6,
      ipId: ipId++ & 0xffff,
      ttl: 64,
      clientPort,
      serverPort,
      ipv6,
      ...overrides,
    };
    time = segment.time + interval;
    const length = segment.data.length + ((segment.flags & SYN) > 0 ? 1 : 0) + ((segment.flags & FIN) > 0 ? 1 : 0);
    if (overrides.sequence === undefined) next[from] += length;
    segments.push(segment);
    return segment;
  };
  return {
    segments,
    send,
    open() {
      send('client', { flags: SYN, acknowledgment: 0 });
      send('server', { flags: SYN | ACK });
      send('client');
    },
    say: (from, data, overrides = {}) =>
      send(from, { data: typeof data === 'string' ? bytesOf(data) : data, ...overrides }),
    ack: (from, overrides) => send(from, overrides),
    fin: (from) => send(from, { flags: FIN | ACK }),
    reset: (from) => send(from, { flags: RST | ACK }),
    pass(seconds) {
      time += seconds;
    },
    lose() {
      segments.pop();
    },
  };
}

const CLIENT = [192, 0, 2, 1];
const SERVER = [198, 51, 100, 2];

function ipv6Packet(from: Side, payload: Uint8Array, hopLimit: number): Uint8Array {
  const address = (last: number): number[] => [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
  const [source, destination] = from === 'client' ? [1, 2] : [2, 1];
  return concat([0x60, 0, 0, 0], be16(payload.length), [6, hopLimit], address(source), address(destination), payload);
}

/** The whole Ethernet frame, before any snapshot length. */
export function frameBytes(segment: Segment): Uint8Array<ArrayBuffer> {
  const { from, clientPort, serverPort, sequence, acknowledgment, flags, ttl, ipId } = segment;
  const isClient = from === 'client';
  const payload = tcp(segment.data, {
    sourcePort: isClient ? clientPort : serverPort,
    destinationPort: isClient ? serverPort : clientPort,
    sequence: sequence >>> 0,
    acknowledgment: acknowledgment >>> 0,
    flags,
  });
  return segment.ipv6
    ? ethernet(0x86dd, ipv6Packet(from, payload, ttl))
    : ethernet(
        0x0800,
        ipv4(payload, {
          source: isClient ? CLIENT : SERVER,
          destination: isClient ? SERVER : CLIENT,
          ttl,
          id: ipId,
        }),
      );
}

/** Gives the segments to a tracker, as frames numbered from `first`. */
export function feed(tracker: TcpTracker, segments: readonly Segment[], first = 1): void {
  const packet = newPacket();
  const stamp: FrameStamp = newFrame();
  for (const [index, segment] of segments.entries()) {
    const bytes = frameBytes(segment);
    const frame = frameOf(1, bytes.subarray(0, bytes.length - segment.cut), bytes.length);
    if (decode(frame, packet) !== TCP_SEGMENT) throw new Error('the script does not make a TCP segment');
    stamp.number = first + index;
    stamp.seconds = Math.floor(segment.time);
    stamp.nanoseconds = Math.round((segment.time % 1) * 1e6) * 1000;
    stamp.digits = segment.digits;
    tracker.segment(packet, stamp);
    // Whoever keeps a view of the frame instead of a copy sees this.
    frame.bytes.fill(0xdd);
  }
}

/** One piece of a stream as the tracker delivered it. */
export type Piece = { readonly data: Uint8Array; readonly frame: number } | { readonly gap: number };

export interface FollowedConnection {
  readonly tcp: TcpConnection;
  readonly pieces: Readonly<Record<Side, readonly Piece[]>>;
}

/** What a connection's two streams brought. */
type Pieces = readonly [Piece[], Piece[]];

/** A sink that keeps everything. */
export const keeper: ByteSink<Pieces> = {
  open: () => [[], []],
  data(pieces, direction, { bytes, offset: start, end }, { number }) {
    pieces[direction].push({ data: bytes.slice(start, end), frame: number });
  },
  gap(pieces, direction, length) {
    pieces[direction].push({ gap: length });
  },
  end: () => undefined,
  skippable: () => 0,
  skip: () => undefined,
};

export interface Recorder {
  readonly tracker: TcpTracker;
  /** The connections that have ended so far. */
  readonly ended: FollowedConnection[];
  /** The number that the next connection has. */
  readonly nextId: () => number;
}

/** A tracker, and what it says of connections; which numbers them from `firstId`. */
export function recorder(firstId = 1, limits: Partial<TcpLimits> = {}, sink: ByteSink<Pieces> = keeper): Recorder {
  const ended: FollowedConnection[] = [];
  const nextId = createIds(firstId);
  const tracker = createTcpTracker(
    sink,
    (tcp) => {
      if (ended.some((one) => one.tcp === tcp)) throw new Error('ended twice');
      // The client's address comes first in the tracker's order.
      const [client, server] = tcp.content ?? [[], []];
      ended.push({ tcp, pieces: { client, server } });
    },
    nextId,
    { limits },
  );
  return { tracker, ended, nextId };
}

/** The connections that the tracker sees in these segments. */
export function follow(segments: readonly Segment[]): FollowedConnection[] {
  const { tracker, ended } = recorder();
  feed(tracker, segments);
  tracker.finish();
  return ended;
}

/** A stream as text; a gap of n bytes as `<n>`. */
export function textOf(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => ('gap' in piece ? `<${piece.gap}>` : Buffer.from(piece.data).toString('latin1')))
    .join('');
}

/** A connection over TCP. */
export type TcpConnectionFacts = Connection & { readonly transport: TcpFacts };

/** What the stages up to `connection/` make of TCP connections that are over, in order of their first frames. */
export function builtOverTcp(ended: readonly EndedConnection[]): TcpConnectionFacts[] {
  const reader = createX509Reader();
  return ended
    .map((each) => buildConnection(each, 0, reader))
    .filter((each): each is TcpConnectionFacts => each.transport.kind === 'tcp')
    .sort((a, b) => Number(a.id) - Number(b.id));
}

/** The connections that the stages up to `connection/` make of these segments. */
export function connectionsOf(segments: readonly Segment[]): TcpConnectionFacts[] {
  const ended: EndedConnection[] = [];
  const tracker = createTcpTracker(createTlsReader(), (tcp, now) => ended.push(endedTcp(tcp, now)));
  feed(tracker, segments);
  tracker.finish();
  return builtOverTcp(ended);
}
