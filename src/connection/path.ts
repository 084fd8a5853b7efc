import type { Timestamp } from '../capture/timestamp.js';
import type { FrameRef } from '../transport/flow.js';
import type { Endpoint, Outcome, Side, Sighting } from './common.js';

// What captures at several points of the path show of a connection.

/** Where a packet was seen at one point of its path. */
export interface PacketSighting extends FrameRef {
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
}

/** A packet of a connection, as captures at several points of its path show it. */
export interface PathPacket {
  readonly from: Side;
  readonly what: 'SYN' | 'SYN-ACK' | 'FIN' | 'reset' | 'acknowledgment' | 'data';
  /** Bytes of its payload. */
  readonly bytes: number;
  /** By point: where it was seen, or null where it was not. */
  readonly seen: readonly (PacketSighting | null)[];
}

/** What captures at one point of the path show of a connection. */
export interface PathPoint {
  /** Index of the first capture of this point. */
  readonly capture: number;
  /** The connection as it is seen there; null where it is not. */
  readonly seen: {
    /** Index of its capture, if it is another than the connection's. */
    readonly capture?: number;
    readonly firstFrame: number;
    readonly client: Endpoint;
    readonly server: Endpoint;
    readonly startedAt: Timestamp;
    /** What this point alone shows of how it ended, and why: the id of a rule, or null. */
    readonly outcome: Outcome;
    readonly diagnosis: string | null;
  } | null;
  /** How far its clock is ahead of that of the connection's own point, in milliseconds; null where nothing tells. */
  readonly aheadMs: number | null;
}

/** Two points next to each other among those that show a connection, by their place in the path, the client's first. */
export type Between = readonly [number, number];

/**
 * What differs between two points. `isProven`: the captures leave no other explanation; else the packet may have been missed
 * by the capture, or come after its end.
 */
export type PathDifference =
  | {
      /** Packets that were sent, and did not arrive. */
      readonly kind: 'lost';
      readonly between: Between;
      readonly from: Side;
      /** The first of them, where it was sent. */
      readonly at: Sighting;
      readonly what: PathPacket['what'];
      /** The message that it begins or goes on with, by the name that `messages` has; null where it shows none. */
      readonly message: string | null;
      /** How many, copies counted, and of how many that this side sent with as much as a byte. */
      readonly packets: number;
      readonly of: number;
      /** The smallest of them, and the largest that arrived, in bytes of payload, if size is what tells them apart. */
      readonly bySize: { readonly lost: number; readonly arrived: number } | null;
      readonly isProven: boolean;
    }
  | {
      /** The connection is not seen at a point at all. */
      readonly kind: 'absent';
      readonly between: Between;
      /** Whether the side that is behind that point answered all the same: then something in between answered for it. */
      readonly isAnswered: boolean;
      readonly at: Sighting;
      readonly isProven: boolean;
    }
  | {
      /** A packet that arrived, and that the side in whose name it came never sent. */
      readonly kind: 'inserted';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly what: PathPacket['what'];
      readonly bytes: number;
      readonly ttl: number;
      /** Of the other packets of that side there; null if there are none. */
      readonly usualTtl: number | null;
      readonly isProven: boolean;
      /** Nothing but its absence speaks for it, and the capture that lacks it shows nothing later: it may have been over by then. */
      readonly mayBeOver: boolean;
    }
  | {
      /** Bytes that arrived other than they were sent. */
      readonly kind: 'altered';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly arrived: Sighting;
      /** Of the first changed byte in the payload of the packet. */
      readonly offset: number;
      /** How many bytes were changed. */
      readonly bytes: number;
      /** The first changed ones, as sent and as they arrived: lower-case hexadecimal. */
      readonly sent: string;
      readonly received: string;
      /** The message that they are of, where it shows. */
      readonly message: string | null;
    }
  | {
      /** The same bytes of a stream in other segments. */
      readonly kind: 'recut';
      readonly between: Between;
      readonly from: Side;
      /** Segments with payload, as they were sent and as they arrived. */
      readonly sent: number;
      readonly arrived: number;
    }
  | {
      /** A smaller maximum segment size arrived than was announced. */
      readonly kind: 'mss-clamped';
      readonly between: Between;
      readonly from: Side;
      readonly sent: number;
      readonly arrived: number;
    }
  | {
      readonly kind: 'address-translated';
      readonly between: Between;
      /** Whose address or port it is. */
      readonly side: Side;
      /** At the first point, and at the second. */
      readonly here: Endpoint;
      readonly there: Endpoint;
    }
  | {
      /** Other sequence numbers of TCP in the same packets. */
      readonly kind: 'sequence-rewritten';
      readonly between: Between;
      readonly from: Side;
    }
  | {
      /** Two connections of TCP with one TLS connection through both. */
      readonly kind: 'tcp-terminated';
      readonly between: Between;
    }
  | {
      /** Two TLS connections, one for the other. */
      readonly kind: 'tls-terminated';
      readonly between: Between;
      /** The ClientHello of the other one. */
      readonly at: Sighting;
      readonly client: Endpoint;
      readonly server: Endpoint;
      /** Issuer of the certificate here and there; null where it does not show. */
      readonly issuers: readonly [string | null, string | null];
      readonly isProven: boolean;
    };

/** What captures at several points of its path show of one connection together. */
export interface PathFacts {
  /** In order from the client to the server. */
  readonly points: readonly PathPoint[];
  /** The point whose view of the connection all other facts are. */
  readonly own: number;
  readonly differences: readonly PathDifference[];
  /** In the order of time (the first 64). */
  readonly packets: readonly PathPacket[];
}

/** How the clocks of two neighbouring points compare. `aheadMs`: of the second, in milliseconds, as of all these. */
export interface PathClock {
  readonly between: Between;
  /**
   * What it is known by. `both-ways`: packets that went either way; `one-way`: packets that went one way alone, so that it is
   * a bound; `nested`: a connection that a proxy opened while another waited for it.
   */
  readonly basis: 'both-ways' | 'one-way' | 'nested' | 'none';
  /** At the first packet; null where there is no more than a bound. */
  readonly aheadMs: number | null;
  /** How far it may be off either way. */
  readonly errorMs: number | null;
  /** Bounds that no delay can break; null where there is none. */
  readonly atLeastMs: number | null;
  readonly atMostMs: number | null;
  /** The way there and back, halved; null where packets went one way alone. */
  readonly delayMs: number | null;
  /** By how much the second clock goes faster, in millionths; null where the captures are too short to tell. */
  readonly driftPpm: number | null;
  /** Packets that both points show. */
  readonly packets: number;
}

/** Captures at several points of a path, of all connections together. */
export interface PathSummary {
  /** The first capture of each point, in order from the client to the server. */
  readonly points: readonly { readonly capture: number; readonly captures: number; readonly connections: number }[];
  readonly clocks: readonly PathClock[];
  /** Connections that several points show. */
  readonly matched: number;
}
