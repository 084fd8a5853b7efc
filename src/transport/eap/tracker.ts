import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import type { Packet } from '../../packet/packet.js';
import type { ByteSink } from '../flow.js';
import { noteIcmp } from '../icmp.js';
import { PEER } from './conversation.js';
import { takeEapol } from './over-eapol.js';
import { flowOfQuoted, takeRadius } from './over-radius.js';
import { createEapFlows, type EapListeners, MAX_CONVERSATIONS } from './flows.js';

export interface EapTracker {
  /** Processes the frame of IEEE 802.1X in `packet`; false if it belongs to no conversation. */
  eapol(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Processes a UDP datagram; false if it is not RADIUS, or belongs to no conversation. Of an incomplete one
   * (`packet.missing`, as when IP fragments are missing) only its existence is noted.
   */
  radius(packet: Packet, stamp: FrameStamp): boolean;
  /** Processes an ICMP message; false if it is not about a RADIUS request. */
  icmp(packet: Packet, stamp: FrameStamp): boolean;
  /**
   * Ends up to `most` conversations when the capture is over at `now`; false when none is left. `isAlone`: the capture
   * has no packets but theirs.
   */
  finishSome(most: number, now: Timestamp, isAlone: boolean): boolean;
  /** Conversations ended early because there were more than the bound. */
  readonly evicted: () => number;
  /** Memory of the conversations being followed, without their TLS; the longest silent one is given up first. */
  readonly holder: MemoryHolder;
}

/** UDP's IP protocol number. */
const UDP = 17;

/** Follows EAP conversations over IEEE 802.1X (over-eapol.ts) and over RADIUS (over-radius.ts). */
export function createEapTracker<Content>(
  sink: ByteSink<Content>,
  listeners: EapListeners<Content>,
  nextId: () => number,
  maxConversations = MAX_CONVERSATIONS,
): EapTracker {
  const flows = createEapFlows(sink, listeners, nextId, maxConversations);
  return {
    eapol: (packet, stamp) => takeEapol(flows, packet, stamp),
    radius: (packet, stamp) => takeRadius(flows, packet, stamp),
    icmp(packet, stamp) {
      const flow = packet.icmp.quoted.protocol === UDP ? flowOfQuoted(flows, packet) : undefined;
      if (flow === undefined || flow.radius === null) return false;
      noteIcmp(flow.radius, PEER, packet, stamp);
      return true;
    },
    finishSome: (most, now, isAlone) => flows.endSome(most, now, isAlone),
    evicted: flows.evicted,
    holder: flows.holder,
  };
}
