import type { FrameStamp } from '../../capture/frame.js';
import type { Timestamp } from '../../capture/timestamp.js';
import { millisecondsBetween, timestampOf } from '../../capture/timestamp.js';
import type { Ending, FrameRef } from '../flow.js';
import { isSilence, SILENCE_MS } from '../flow.js';
import type { IcmpEvent } from '../icmp.js';
import type { Queued } from '../queue.js';
import type { EapConversation } from './conversation.js';
import { SERVER } from './conversation.js';
import type { RadiusPacket } from './radius.js';

/** An end of a conversation: a MAC address with port 0, or the address and port of RADIUS packets. */
export interface EapEndpoint {
  readonly address: string;
  readonly port: number;
}

/** The last RADIUS request, while it has no answer. */
export interface UnansweredRequest {
  readonly first: FrameRef;
  last: FrameRef;
  /** How often it was sent. */
  times: number;
  /** Whether the capture has only its first IP fragment. */
  readonly isCut: boolean;
}

/** What RADIUS shows of a conversation. */
export interface RadiusExchange {
  stationId: string | null;
  framedMtu: number | null;
  answers: number;
  unanswered: UnansweredRequest | null;
  /** ICMP errors about its requests, the first few. */
  icmp: readonly IcmpEvent[];
}

/** An EAP conversation and what carries it. */
export interface EapFlow<Content = unknown> extends Queued<EapFlow<Content>> {
  /** Counts from 1 over the flows of all carriers; 0 until it is known to be about TLS. */
  id: number;
  readonly conversation: EapConversation<Content>;
  /** Supplicant, or sender of RADIUS requests; the address is empty until it has been seen. */
  client: EapEndpoint;
  /** Authenticator (access point, switch), or RADIUS server; likewise. */
  server: EapEndpoint;
  /** Null of a conversation over IEEE 802.1X. */
  readonly radius: RadiusExchange | null;
  readonly firstFrame: number;
  readonly startedAt: Timestamp;
  /** The last packet, and how many there were. */
  last: FrameStamp;
  packets: number;
  /** The capture has no packets but those of this conversation. */
  isAlone: boolean;
  /** What keys refer to instead of the flow, so that they do not keep a finished flow in memory. */
  readonly entry: FlowEntry<Content>;
}

/** What a key leads to: null once that flow is over. */
export interface FlowEntry<Content> {
  flow: EapFlow<Content> | null;
}

/** Whether a conversation carries TLS, was going to, or ended before this was known. */
export const isAboutTls = ({ conversation }: EapFlow): boolean => conversation.isAboutTls || conversation.isUnanswered;

/** As SILENCE_MS, for a peer, which may have to ask its user. */
const PEER_SILENCE_MS = 10_000;

/** How a conversation ended; `now` is the capture's time when it was over. */
export function endingOf({ conversation, last }: EapFlow, now: Timestamp): Ending {
  const { result } = conversation;
  if (result !== null) return { by: SERVER, how: 'close', frame: result.frame, at: result.at };
  const at = timestampOf(last);
  const silence = conversation.lastFrom === SERVER ? PEER_SILENCE_MS : SILENCE_MS;
  if (!isSilence(millisecondsBetween(at, now), silence)) return { by: 'none', how: 'none', frame: null, at: null };
  return { by: 'none', how: 'timeout', frame: last.number, at };
}

/** Notes what a RADIUS packet says about its conversation. */
export function noteRadius(exchange: RadiusExchange, packet: RadiusPacket, stamp: FrameStamp, isRepeat: boolean): void {
  exchange.stationId = packet.callingStationId ?? exchange.stationId;
  if (!packet.isRequest) {
    exchange.answers++;
    exchange.unanswered = null;
    return;
  }
  exchange.framedMtu = packet.framedMtu ?? exchange.framedMtu;
  const seen: FrameRef = { frame: stamp.number, at: timestampOf(stamp) };
  const { unanswered } = exchange;
  if (isRepeat && unanswered !== null) {
    unanswered.last = seen;
    unanswered.times++;
  } else {
    exchange.unanswered = { first: seen, last: seen, times: 1, isCut: packet.missing > 0 };
  }
}
