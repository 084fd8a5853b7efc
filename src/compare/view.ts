import type { Connection, Outcome, PathPacket, Side, Sighting } from '../connection/connection.js';
import { ACK, FIN, RST, SYN } from '../packet/packet.js';
import { sourceOf, type Trace, type TracedPacket } from './trace.js';

/** The result that one point alone gives for a connection. */
export interface PointVerdict {
  readonly outcome: Outcome;
  /** Why it failed: the id of a rule, or null. */
  readonly diagnosis: string | null;
}

/** A connection as seen at one point. */
export interface View extends PointVerdict {
  /** Index of the point in the path, from 0, the client's first. */
  readonly point: number;
  readonly connection: Connection;
  /** Its packets by side, without repeats, in the order of the capture. */
  readonly packets: Readonly<Record<Side, readonly TracedPacket[]>>;
  /** Whether these are all that the capture has of it. */
  readonly isWhole: boolean;
}

/** Copies closer than this, in microseconds, are one packet captured twice (on two interfaces, on both sides of a router). */
const COPY_US = 5000;

export function viewOf(
  point: number,
  connection: Connection,
  trace: Trace,
  { outcome, diagnosis }: PointVerdict,
): View {
  const client = sourceOf(connection.client);
  const packets: Record<Side, TracedPacket[]> = { client: [], server: [] };
  for (const packet of trace.packets) {
    const side = packets[packet.source === client ? 'client' : 'server'];
    const isCopy = side
      .slice(-4)
      .some(
        (other) =>
          other.hash === packet.hash &&
          other.length === packet.length &&
          other.ipId === packet.ipId &&
          other.sequence === packet.sequence &&
          other.acknowledgment === packet.acknowledgment &&
          other.flags === packet.flags &&
          other.timestamp === packet.timestamp &&
          packet.time - other.time < COPY_US,
      );
    if (!isCopy) side.push(packet);
  }
  return { point, connection, outcome, diagnosis, packets, isWhole: trace.isWhole };
}

/** What a packet is for. */
export function whatOf({ flags, length }: TracedPacket): PathPacket['what'] {
  if ((flags & RST) !== 0) return 'reset';
  if ((flags & SYN) !== 0) return (flags & ACK) !== 0 ? 'SYN-ACK' : 'SYN';
  if (length > 0) return 'data';
  if ((flags & FIN) !== 0) return 'FIN';
  return flags === 0 ? 'data' : 'acknowledgment';
}

/** Where a packet was seen. */
export function sightingOf({ frame, at }: TracedPacket, from: Side): Sighting {
  return { frame, at, from };
}

/** The first packet of a side that has a SYN. */
export function synOf(view: View, side: Side): TracedPacket | undefined {
  return view.packets[side].find(({ flags }) => (flags & SYN) !== 0);
}
