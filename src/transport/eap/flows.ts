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
  /** The conversation of a name, while it is followed. */
  readonly named: (name: string) => EapFlow<Content> | undefined;
  /** Gives a conversation one more name. */
  name(name: string, flow: EapFlow<Content>): void;
  forgetName(name: string): void;
  /** The conversation of the last RADIUS request of a key, while it is followed, and that request's authenticator. */
  readonly requested: (key: string) => Requested<Content> | undefined;
  /** Notes the last request of a key. */
  request(key: string, authenticator: string, flow: EapFlow<Content>): void;
  /** Ends up to `most` at the capture's end (`EapTracker`). */
  endSome(most: number, now: Timestamp, isAlone: boolean): boolean;
  readonly evicted: () => number;
  readonly holder: MemoryHolder;
}

export interface Requested<Content> {
  readonly authenticator: string;
  readonly flow: EapFlow<Content> | undefined;
}

/** Callbacks for conversations that are over. */
export interface EapListeners<Content> {
  /** Called for each one about TLS, at the capture's time `now`. */
  readonly ended: (flow: EapFlow<Content>, now: Timestamp) => void;
  /** Of each other one. */
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
  /** Each conversation has several names. */
  const names = createBoundedMap<string, FlowEntry<Content>>({ size: MAX_REQUESTS, whenFull: 'forget oldest' });
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
    named: (name) => names.get(name)?.flow ?? undefined,
    name(name, { entry }) {
      names.set(name, entry);
    },
    forgetName(name) {
      names.delete(name);
    },
    requested(key) {
      const request = requests.get(key);
      return request && { authenticator: request.authenticator, flow: request.entry.flow ?? undefined };
    },
    request(key, authenticator, { entry }) {
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
      bytes: () => queue.length * CONVERSATION_BYTES + (requests.size + names.size) * KEY_BYTES + held.bytes,
      giveUp() {
        const { first } = queue;
        if (first === null) {
          // Names lead to conversations, and none is left.
          requests.clear();
          names.clear();
          return 0;
        }
        end(first, timestampOf(first.last));
        return 1;
      },
    },
  };
}
