import { BOUNDS } from '../bounds.js';
import type { FrameStamp } from '../capture/frame.js';
import { timestampOf } from '../capture/timestamp.js';
import type { Packet } from '../packet/packet.js';
import type { Direction, FrameRef } from './flow.js';

/** An ICMP error about a packet of a flow. */
export interface IcmpEvent extends FrameRef {
  /** The direction of the packet that it quotes; the error goes to that packet's sender. */
  readonly direction: Direction;
  /** Who sent it, in the form of `Packet.addresses`, and its IP version. */
  readonly router: Uint32Array;
  readonly ipVersion: number;
  readonly type: number;
  readonly code: number;
  /** The largest packet that fits the next link; 0 if not said. */
  readonly mtu: number;
}

const MAX_ICMP = BOUNDS.icmpErrors.value;

/** Notes the ICMP error in `packet` about a packet of `flow` sent in `direction`; keeps the first few. */
export function noteIcmp(
  flow: { icmp: readonly IcmpEvent[] },
  direction: Direction,
  { icmp: { type, code, mtu }, addresses, ipVersion }: Packet,
  stamp: FrameStamp,
): void {
  if (flow.icmp.length >= MAX_ICMP) return;
  const seen = { frame: stamp.number, at: timestampOf(stamp), direction };
  flow.icmp = [...flow.icmp, { ...seen, router: addresses.slice(0, 4), ipVersion, type, code, mtu }];
}
