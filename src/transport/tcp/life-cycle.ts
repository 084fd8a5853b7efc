import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { type Timestamp, timestampOf } from '../../capture/timestamp.js';
import type { Packet, PacketEndpoints, QuotedPacket } from '../../packet/packet.js';
import { ACK, FIN, RST, SYN } from '../../packet/packet.js';
import { flowEndpoints } from '../endpoints.js';
import { createFlowTable } from '../flow-table.js';
import type { ByteSink, Direction } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import { type Queue, createQueue } from '../queue.js';
import { createCaptureClock } from './capture-clock.js';
import { lastStamp, type TcpConnection } from './connection.js';
import type { EarlySegments } from './early.js';
import { newEnd } from './end.js';
import type { Outputs } from './outputs.js';
import type { OpenConnections } from './fast-path/packed.js';
import { LINGER_SECONDS, type RecentlyClosed } from './recently-closed.js';
import { flush, isDelivered } from './stream.js';

/** The connections that are followed: when each begins, changes its state, and ends. */
export interface LifeCycle<Content> {
  /** The one connection with nothing but a SYN that a cut error in a packet can be about; null if there are none, or several. */
  soleOpeningOf(packet: Packet): TcpConnection<Content> | null;
  /** Advances the clock to a segment's time, and ends what has been silent for too long by then. */
  tick(stamp: FrameStamp): void;
  /** The latest connection with the endpoints of a packet (`FlowTable`). */
  readonly find: (packet: PacketEndpoints, hash: number, direction: Direction) => TcpConnection<Content> | null;
  /** Begins to follow the connection of a packet; another one may have to end for it. */
  begin(packet: Packet, stamp: FrameStamp, hash: number, direction: Direction): TcpConnection<Content>;
  /** Notes that a connection has more than a SYN. */
  open(connection: TcpConnection<Content>): void;
  /** Notes that the end of a connection was seen; it is kept for late segments. */
  close(connection: TcpConnection<Content>): void;
  /** Ends a closed connection, but remembers it, so that late segments do not look like a new one. */
  retire(connection: TcpConnection<Content>): void;
  /** Ends a connection: delivers the rest of its streams, and calls `ended`. */
  end(connection: TcpConnection<Content>): void;
  /** Ends closed connections that have been silent for so many seconds at `now`. */
  readonly endSilentClosed: (now: number, seconds: number) => void;
  /** Ends every connection, in the order of their beginnings. */
  readonly endAll: () => void;
  /** Ends up to `most` connections; false when none is left. */
  readonly endSome: (most: number) => boolean;
  /** Ends up to `most` open connections, the oldest first; returns how many. */
  endOpen(most: number): number;
  readonly count: (state: TcpConnection['state']) => number;
  /** Connections ended early because there were more than the bound. */
  readonly evicted: () => number;
  /** Connections with nothing but a SYN, dropped silently because there were more than the bound. */
  readonly forgotten: () => number;
}

/** The parts of the tracker that a life cycle needs. */
export interface LifeCycleParts<Content> {
  readonly limits: { readonly connections: number; readonly opening: number };
  readonly nextId: () => number;
  readonly sink: ByteSink<Content>;
  readonly outputsOf: Outputs<Content>;
  readonly early: EarlySegments<Content>;
  readonly opened: OpenConnections<Content>;
  readonly recentlyClosed: RecentlyClosed;
  /** Updates a connection's fields from packed state, logs and slots, before it ends. */
  readonly writeBack: (connection: TcpConnection<Content>) => void;
  /** Called with each connection when it is over, at the capture's time `now`. */
  readonly ended: (connection: TcpConnection<Content>, now: Timestamp) => void;
}

/**
 * A closed connection that lacks a byte or an acknowledgment is kept until so many have closed, itself included; then
 * late segments are ignored.
 */
export const MAX_LINGERING = BOUNDS.lingeringConnections.value;
/** After so many seconds without an answer, no SYN is sent again (Linux: 127). */
const OPENING_SECONDS = 150;
/** A SYN that was sent again, or is this many seconds old, is a failed connection, and is reported. */
const FAILED_SYN_SECONDS = 3;
/** With more connections that wait for an answer, which of them an error without ports is about is not looked for. */
const MOST_OPENING_SEEN = BOUNDS.openingCompared.value;
const NO_ICMP: readonly IcmpEvent[] = [];

export function createLifeCycle<Content>({
  limits,
  nextId,
  sink,
  outputsOf,
  early,
  opened,
  recentlyClosed,
  writeBack: settle,
  ended,
}: LifeCycleParts<Content>): LifeCycle<Content> {
  type Connection = TcpConnection<Content>;
  const clock = createCaptureClock();
  const table = createFlowTable<Connection>();
  const queues: Readonly<Record<Connection['state'], Queue<Connection>>> = {
    opening: createQueue(),
    open: createQueue(),
    closed: createQueue(),
  };
  const { opening, open, closed } = queues;
  let closings = 0;
  let evicted = 0;
  let forgotten = 0;

  const remove = (connection: Connection): void => {
    table.remove(connection);
    queues[connection.state].remove(connection);
    opened.drop(connection);
  };

  const move = (connection: Connection, state: Connection['state']): void => {
    queues[connection.state].remove(connection);
    connection.state = state;
    queues[state].add(connection);
    if (state === 'open') opened.touch(connection);
    else opened.drop(connection);
  };

  /** Delivers what is left of a connection's streams, and their ends. */
  const deliverRest = (connection: Connection): void => {
    const stamp = lastStamp(connection);
    early.startHeld(connection);
    for (const direction of [0, 1] as const) {
      const { stream } = connection.ends[direction];
      if (!isDelivered(stream)) flush(stream, stamp, outputsOf(connection)[direction]);
    }
    for (const direction of [0, 1] as const) {
      const { lastData } = connection.ends[direction];
      if (connection.content !== null && lastData !== null) sink.end(connection.content, direction, lastData);
    }
    early.count(connection);
  };

  const end = (connection: Connection): void => {
    settle(connection);
    remove(connection);
    if (!isHandedOn(connection)) deliverRest(connection);
    ended(connection, clock.now());
  };

  const retire = (connection: Connection): void => {
    end(connection);
    recentlyClosed.add(connection);
  };

  /** Drops a connection with nothing but a SYN, or ends it if that shows a failure. */
  const forget = (connection: Connection): void => {
    const isWaiting = clock.seconds() - connection.lastSeconds >= FAILED_SYN_SECONDS;
    if (isWaiting || connection.ends.some(({ syns }) => syns.length > 1)) {
      end(connection);
    } else {
      forgotten++;
      remove(connection);
    }
  };

  /** Ends the least important connection: a closed one, else one with nothing but a SYN, else the oldest. */
  const makeRoom = (): void => {
    if (closed.first !== null) {
      end(closed.first);
    } else if (opening.first !== null) {
      forget(opening.first);
    } else if (open.first !== null) {
      evicted++;
      end(open.first);
    }
  };

  /** Ends those of a queue that have been silent for so many seconds at `now`. */
  const endSilent = (queue: Queue<Connection>, now: number, seconds: number): void => {
    for (let at = queue.first; at !== null && now - at.lastSeconds >= seconds; at = queue.first) end(at);
  };

  return {
    soleOpeningOf({ icmp: { quoted } }) {
      let sole: Connection | null = null;
      for (let at = opening.first, seen = 0; at !== null; at = at.after, seen++) {
        if (seen === MOST_OPENING_SEEN) return null;
        const { ends, addresses: own } = at;
        const client = ends[0].syns.length > 0 ? 0 : 4;
        if (at.ipVersion !== 6 || !isQuoted(own, client, quoted)) continue;
        if (sole !== null) return null;
        sole = at;
      }
      return sole;
    },
    tick(stamp) {
      if (!clock.tick(stamp)) return;
      endSilent(closed, stamp.seconds, LINGER_SECONDS);
      endSilent(opening, stamp.seconds, OPENING_SECONDS);
    },
    find: (packet, hash, direction) => table.find(packet, hash, direction),
    begin(packet, stamp, hash, direction) {
      if (table.size() >= limits.connections) makeRoom();
      if (opening.length >= limits.opening && opening.first !== null) forget(opening.first);
      const connection = newConnection<Content>(nextId(), packet, stamp, hash, direction);
      table.add(connection);
      queues[connection.state].add(connection);
      if (connection.state === 'open') opened.touch(connection);
      return connection;
    },
    open(connection) {
      move(connection, 'open');
    },
    close(connection) {
      if (connection.state === 'closed') return;
      connection.closeOrder = ++closings;
      move(connection, 'closed');
      const { first } = closed;
      if (first !== null && closings - first.closeOrder >= MAX_LINGERING) retire(first);
    },
    retire,
    end,
    endSilentClosed(now, seconds) {
      endSilent(closed, now, seconds);
    },
    endAll() {
      const rest: Connection[] = [];
      for (const { first } of [opening, open, closed]) for (let at = first; at !== null; at = at.after) rest.push(at);
      for (const connection of rest.sort((a, b) => a.id - b.id)) end(connection);
    },
    endSome(most) {
      for (let count = 0; count < most; count++) {
        const next = closed.first ?? open.first ?? opening.first;
        if (next === null) return false;
        end(next);
      }
      return true;
    },
    endOpen(most) {
      let count = 0;
      for (; count < most && open.first !== null; count++) end(open.first);
      return count;
    },
    count: (state) => queues[state].length,
    evicted: () => evicted,
    forgotten: () => forgotten,
  };
}

/** Whether a connection repeats a known one, so that there is nothing to read of it. */
export function isHandedOn<Connection extends TcpConnection>(
  connection: Connection,
): connection is Connection & { readonly recognised: { readonly handOn: () => void } } {
  return connection.recognised !== null && connection.recognised.handOn !== null;
}

/** Whether a segment has nothing but a SYN. */
export function isBareSyn({ flags, offset, end, missing }: Packet): boolean {
  return (flags & (SYN | ACK | RST | FIN)) === SYN && end === offset && missing === 0;
}

function newConnection<Content>(
  id: number,
  packet: Packet,
  stamp: FrameStamp,
  hash: number,
  direction: Direction,
): TcpConnection<Content> {
  const { addresses, ipVersion, ports } = flowEndpoints(packet, direction);
  return {
    id,
    ends: [newEnd(), newEnd()],
    icmp: NO_ICMP,
    content: null,
    addresses,
    ipVersion,
    ports,
    firstFrame: stamp.number,
    startedAt: timestampOf(stamp),
    lastFrame: stamp.number,
    lastSeconds: stamp.seconds,
    lastNanoseconds: stamp.nanoseconds,
    digits: stamp.digits,
    slot: -1,
    log: null,
    packed: null,
    unpackedPlace: null,
    recognised: null,
    state: isBareSyn(packet) ? 'opening' : 'open',
    startsMidStream: (packet.flags & SYN) === 0,
    closeOrder: 0,
    heldBytes: 0,
    earlyWeight: 0,
    hash,
    chained: null,
    before: null,
    after: null,
  };
}

/** Whether the addresses of a connection, that of its client at `client`, begin with the words that are left of a quoted packet. */
function isQuoted(own: readonly number[], client: number, { addresses, words }: QuotedPacket): boolean {
  for (let word = 0; word < words; word++) if (own[word ^ client] !== addresses[word]) return false;
  return true;
}
