import { createBoundedMap } from '../../bounded-map.js';
import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { type Timestamp, timestampOf } from '../../capture/timestamp.js';
import type { MemoryHolder } from '../../memory.js';
import type { ByteSink } from '../flow.js';
import { createQueue } from '../queue.js';
import { EapConversation, type HeldBytes } from './conversation.js';
import { type EapEndpoint, type EapFlow, type FlowEntry, isAboutTls } from './flow.js';
import { type EapPacket, REQUEST } from './packet.js';

/** The conversations that are followed, in the order of their last packets. */
export interface EapFlows<Content> {
  /** Begins to follow a conversation; another one may have to end for it. */
  add(client: EapEndpoint, server: EapEndpoint, isRadius: boolean, stamp: FrameStamp): EapFlow<Content>;
  /** Begins one after `flow` between the same ends; what is known of the ends is carried over. */
  addAfter(flow: EapFlow<Content>, packet: EapPacket, stamp: FrameStamp): EapFlow<Content>;
  /** Notes a packet of a conversation. */
  note(flow: EapFlow<Content>, stamp: FrameStamp): void;
  /** The conversation with a key, while it is followed. */
  readonly find: (key: string) => EapFlow<Content> | undefined;
  /** Gives a conversation one more key by which it is found. */
  addKey(key: string, flow: EapFlow<Content>): void;
  removeKey(key: string): void;
  /** The last RADIUS request with a key: its authenticator, and its conversation while that is followed. */
  readonly findRequest: (key: string) => FoundRequest<Content> | undefined;
  /** Notes the last RADIUS request with a key. */
  addRequest(key: string, authenticator: string, flow: EapFlow<Content>): void;
  /** Ends up to `most` at the capture's end (`EapTracker`). */
  endSome(most: number, now: Timestamp, isAlone: boolean): boolean;
  readonly evicted: () => number;
  readonly holder: MemoryHolder;
}

export interface FoundRequest<Content> {
  readonly authenticator: string;
  readonly flow: EapFlow<Content> | undefined;
}

/** Called when conversations are over. */
export interface EapListeners<Content> {
  /** With each conversation about TLS; `now` is the capture's time. */
  readonly ended: (flow: EapFlow<Content>, now: Timestamp) => void;
  /** With each other conversation. */
  readonly other: (flow: EapFlow<Content>) => void;
}

/** The last RADIUS request with this identifier between two ends. */
interface Request<Content> {
  readonly authenticator: string;
  readonly entry: FlowEntry<Content>;
}

export const MAX_CONVERSATIONS = BOUNDS.eapConversations.value;
const MAX_REQUESTS = BOUNDS.eapRequests.value;
/** A conversation that was silent for so many seconds is over: supplicants and switches give up after 30 or 60. */
const SILENT_SECONDS = 120;
/** Bytes of a conversation, with the packets kept for its ladder but not its content, and of a key that leads to it. */
const CONVERSATION_BYTES = 4096;
const KEY_BYTES = 512;

export function createEapFlows<Content>(
  sink: ByteSink<Content>,
  { ended, other }: EapListeners<Content>,
  nextId: () => number,
  maxConversations: number,
): EapFlows<Content> {
  type Flow = EapFlow<Content>;
  const held: HeldBytes = { bytes: 0 };
  const queue = createQueue<Flow>();
  const requests = createBoundedMap<string, Request<Content>>({ size: MAX_REQUESTS, whenFull: 'forget oldest' });
  /** By key; each conversation has several. */
  const entries = createBoundedMap<string, FlowEntry<Content>>({ size: MAX_REQUESTS, whenFull: 'forget oldest' });
  let added = 0;
  let evicted = 0;

  const end = (flow: Flow, now: Timestamp): void => {
    queue.remove(flow);
    flow.entry.flow = null;
    flow.conversation.end();
    if (!isAboutTls(flow)) {
      other(flow);
      return;
    }
    if (flow.id === 0) flow.id = nextId();
    ended(flow, now);
  };

  const makeRoom = (stamp: FrameStamp): void => {
    const now = timestampOf(stamp);
    while (queue.first !== null && stamp.seconds - queue.first.last.seconds > SILENT_SECONDS) end(queue.first, now);
    if (queue.first !== null && queue.length >= maxConversations) {
      evicted++;
      end(queue.first, now);
    }
  };

  const add: EapFlows<Content>['add'] = (client, server, isRadius, stamp) => {
    makeRoom(stamp);
    const { number, seconds, nanoseconds, digits } = stamp;
    const entry: FlowEntry<Content> = { flow: null };
    const flow: Flow = {
      id: 0,
      conversation: new EapConversation(sink, held),
      client,
      server,
      radius: isRadius ? { stationId: null, framedMtu: null, answers: 0, unanswered: null, icmp: [] } : null,
      firstFrame: number,
      startedAt: timestampOf(stamp),
      last: { number, seconds, nanoseconds, digits },
      packets: 0,
      isAlone: false,
      entry,
      before: null,
      after: null,
    };
    entry.flow = flow;
    queue.add(flow);
    added++;
    return flow;
  };

  return {
    add,
    addAfter({ client, server, radius, conversation }, packet, stamp) {
      const next = add(client, server, radius !== null, stamp);
      if (radius !== null && next.radius !== null) next.radius.stationId = radius.stationId;
      // A server that starts a method again does not ask for the identity again.
      if (conversation.result === null && packet.code === REQUEST) next.conversation.identity = conversation.identity;
      return next;
    },
    note(flow, { number, seconds, nanoseconds, digits }) {
      flow.packets++;
      flow.last = { number, seconds, nanoseconds, digits };
      queue.remove(flow);
      queue.add(flow);
      if (flow.id === 0 && flow.conversation.isAboutTls) flow.id = nextId();
    },
    find: (key) => entries.get(key)?.flow ?? undefined,
    addKey(key, { entry }) {
      entries.set(key, entry);
    },
    removeKey(key) {
      entries.delete(key);
    },
    findRequest(key) {
      const request = requests.get(key);
      return request && { authenticator: request.authenticator, flow: request.entry.flow ?? undefined };
    },
    addRequest(key, authenticator, { entry }) {
      requests.set(key, { authenticator, entry });
    },
    endSome(most, now, isAlone) {
      if (queue.first !== null && added === 1) queue.first.isAlone = isAlone;
      for (let count = 0; count < most; count++) {
        if (queue.first === null) return false;
        end(queue.first, now);
      }
      return true;
    },
    evicted: () => evicted,
    holder: {
      what: 'openEap',
      bytes: () => queue.length * CONVERSATION_BYTES + (requests.size + entries.size) * KEY_BYTES + held.bytes,
      giveUp() {
        const { first } = queue;
        if (first === null) {
          // No conversation is left that keys could lead to.
          requests.clear();
          entries.clear();
          return 0;
        }
        end(first, timestampOf(first.last));
        return 1;
      },
    },
  };
}
