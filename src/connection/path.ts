import type { Timestamp } from '../capture/timestamp.js';
import type { FrameRef } from '../transport/flow.js';
import type { Endpoint, Outcome, Side, Sighting } from './common.js';

// What captures at several points of the path show of one connection.

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
  /** The connection as seen there; null if that point does not show it. */
  readonly seen: {
    /** Index of its capture, if it is another than the connection's. */
    readonly capture?: number;
    readonly firstFrame: number;
    readonly client: Endpoint;
    readonly server: Endpoint;
    readonly startedAt: Timestamp;
    /** How this point alone would say that it ended, and why: the id of a rule, or null. */
    readonly outcome: Outcome;
    readonly diagnosis: string | null;
  } | null;
  /** How far this point's clock is ahead of that of the connection's own point, in milliseconds; null if unknown. */
  readonly aheadMs: number | null;
}

/** Two neighbouring points that show the connection, by their place in the path, the one nearer to the client first. */
export type Between = readonly [number, number];

/**
 * A difference between two points. `isProven`: the captures leave no other explanation; otherwise the capture may have
 * missed the packet, or ended before it.
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
      /** The message that begins or continues in it, named as in `messages`; null if unknown. */
      readonly message: string | null;
      /** How many, copies included, and how many packets with payload this side sent. */
      readonly packets: number;
      readonly of: number;
      /**
       * If size tells lost packets from others: the smallest that was lost and the largest that arrived, in bytes of
       * payload.
       */
      readonly bySize: { readonly lost: number; readonly arrived: number } | null;
      readonly isProven: boolean;
    }
  | {
      /** One point does not show the connection at all. */
      readonly kind: 'absent';
      readonly between: Between;
      /** Whether the side behind that point answered all the same: then something in between answered in its place. */
      readonly isAnswered: boolean;
      readonly at: Sighting;
      readonly isProven: boolean;
    }
  | {
      /** A packet that arrived, although the side in whose name it came never sent it. */
      readonly kind: 'inserted';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly what: PathPacket['what'];
      readonly bytes: number;
      readonly ttl: number;
      /** TTL of that side's other packets there; null if there are none. */
      readonly usualTtl: number | null;
      readonly isProven: boolean;
      /** The packet is only missing from a capture that shows nothing later, and may have ended by then. */
      readonly mayBeOver: boolean;
    }
  | {
      /** Bytes that changed on the way. */
      readonly kind: 'altered';
      readonly between: Between;
      readonly from: Side;
      readonly at: Sighting;
      readonly arrived: Sighting;
      /** Offset of the first changed byte in the packet's payload. */
      readonly offset: number;
      /** How many bytes were changed. */
      readonly bytes: number;
      /** The first changed ones, as sent and as they arrived: lower-case hexadecimal. */
      readonly sent: string;
      readonly received: string;
      /** The message that they belong to, if known. */
      readonly message: string | null;
    }
  | {
      /** The same bytes of a stream, cut into other segments. */
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
      /** TCP sequence numbers that differ in the same packets. */
      readonly kind: 'sequence-rewritten';
      readonly between: Between;
      readonly from: Side;
    }
  | {
      /** Two TCP connections that carry one TLS connection. */
      readonly kind: 'tcp-terminated';
      readonly between: Between;
    }
  | {
      /** Two TLS connections, one in place of the other. */
      readonly kind: 'tls-terminated';
      readonly between: Between;
      /** The ClientHello of the other one. */
      readonly at: Sighting;
      readonly client: Endpoint;
      readonly server: Endpoint;
      /** Issuer of the certificate at each point; null if not seen. */
      readonly issuers: readonly [string | null, string | null];
      readonly isProven: boolean;
    };

/** What captures at several points of its path show of one connection together. */
export interface PathFacts {
  /** In order from the client to the server. */
  readonly points: readonly PathPoint[];
  /** The point whose view gives all other facts of the connection. */
  readonly own: number;
  readonly differences: readonly PathDifference[];
  /** In the order of time (the first 64). */
  readonly packets: readonly PathPacket[];
}

/** How the clocks of two neighbouring points compare. `aheadMs`, and all other values, are of the second point. */
export interface PathClock {
  readonly between: Between;
  /**
   * How this is known. `both-ways`: packets went both ways; `one-way`: packets went one way only, so that it is a
   * bound; `nested`: a proxy opened one connection while another waited for it.
   */
  readonly basis: 'both-ways' | 'one-way' | 'nested' | 'none';
  /** At the first packet; null if only a bound is known. */
  readonly aheadMs: number | null;
  /** How far it may be off either way. */
  readonly errorMs: number | null;
  /** Bounds that hold whatever the delay was; null if there is none. */
  readonly atLeastMs: number | null;
  readonly atMostMs: number | null;
  /** Half the round-trip time; null if packets went one way only. */
  readonly delayMs: number | null;
  /** By how much the second clock runs faster, in parts per million; null if the captures are too short to tell. */
  readonly driftPpm: number | null;
  /** Packets that both points show. */
  readonly packets: number;
}

/** What captures at several points of a path show of all connections together. */
export interface PathSummary {
  /** The first capture of each point, in order from the client to the server. */
  readonly points: readonly { readonly capture: number; readonly captures: number; readonly connections: number }[];
  readonly clocks: readonly PathClock[];
  /** Connections that several points show. */
  readonly matched: number;
}
