import { ACK } from '../src/packet/packet.js';
import { HELLO_RANDOM, isClientHello, type Conversation } from './conversation.js';
import type { Endpoint, Flow, Outgoing, OutgoingDatagram } from './pcap-writer.js';
import { createRandom, exponential, randomBytes, type Random } from './random.js';

/** A connection that is to happen. */
export interface Planned {
  readonly flow: Flow;
  /** In order of time. */
  readonly segments: Iterator<Sent>;
  /** Microseconds since 1970. */
  readonly start: number;
  /** What a correct tool says of it; null when nothing failed. */
  readonly cause: string | null;
  /** Lines of a key log that open it. */
  readonly keyLog?: string;
}

/** Addresses and ports of the connection number `index` to one of the servers of a sample. */
export function flowOf(
  random: Random,
  { ipVersion, serverPort }: Pick<Conversation, 'ipVersion' | 'serverPort'>,
  index: number,
  sample: number,
  server: number,
): Flow {
  const client = index + 1;
  const endpoint = (v4: readonly number[], v6: readonly number[], port: number): Endpoint => ({
    address: Uint8Array.from(ipVersion === 4 ? v4 : [0x20, 0x01, 0x0d, 0xb8, ...v6]),
    port,
    initialSequence: random(),
  });
  const low = [(client >>> 16) & 0xff, (client >>> 8) & 0xff, client & 0xff];
  return {
    client: endpoint([10, ...low], [0, 1, 0, 0, 0, 0, 0, 0, 0, ...low], 32_768 + ((index * 7919) % 28_232)),
    server: endpoint([198, 18, sample, server + 1], [0, 2, 0, 0, 0, 0, 0, 0, 0, 0, sample, server + 1], serverPort),
  };
}

/** Application data in one direction, put in before a conversation closes. */
export interface Transfer {
  readonly fromClient: boolean;
  readonly bytes: number;
}

/** Replays a conversation with a ClientHello.random of its own: `helloRandom`, or one that is drawn. */
export function* replay(
  random: Random,
  { segments, opening }: Conversation,
  start: number,
  transfer?: Transfer,
  helloRandom?: Uint8Array,
): Generator<Outgoing> {
  let delay = 0;
  let moved = 0;
  for (const [index, segment] of segments.entries()) {
    if (transfer !== undefined && index === opening) {
      const sent = { client: sentBefore(segments, opening, true), server: sentBefore(segments, opening, false) };
      const before = segments[index - 1];
      let now = start + (before?.at ?? 0);
      for (const outgoing of transmit(random, transfer, sent, now)) {
        now = outgoing.at;
        yield outgoing;
      }
      delay = now - start - (before?.at ?? 0);
      moved = transfer.bytes;
    }
    const isSender = segment.fromClient === transfer?.fromClient;
    yield {
      ...segment,
      at: start + segment.at + delay,
      sequence: segment.sequence + (isSender ? moved : 0),
      acknowledgment: segment.acknowledgment === 0 ? 0 : segment.acknowledgment + (isSender ? 0 : moved),
      payload: isClientHello(segment.payload)
        ? withRandom(segment.payload, helloRandom ?? randomBytes(random, 32))
        : segment.payload,
    };
  }
}

/** Sequence number behind what a side sent in the first `count` segments, its SYN included. */
function sentBefore(segments: Conversation['segments'], count: number, fromClient: boolean): number {
  const own = segments.slice(0, count).filter((segment) => segment.fromClient === fromClient);
  return Math.max(1, ...own.map(({ sequence, payload }) => sequence + payload.length));
}

function withRandom(payload: Uint8Array, helloRandom: Uint8Array): Uint8Array {
  const changed = payload.slice();
  changed.set(helloRandom, HELLO_RANDOM);
  return changed;
}

const SEGMENT_LENGTH = 1448;
/** Microseconds between two segments of a burst: 1 Gbit/s. */
const SPACING = 12;
const FIRST_WINDOW = 10;
const LARGEST_WINDOW = 44;
/** As servers cut their records: mostly full, some smaller to show a first part early. */
const RECORD_LENGTHS = [16_408, 16_408, 16_408, 8216, 4120, 1411] as const;

/** Slow start, bursts of a window, an acknowledgment for every other segment. */
function* transmit(
  random: Random,
  { fromClient, bytes }: Transfer,
  sent: { readonly client: number; readonly server: number },
  start: number,
): Generator<Outgoing> {
  const cipher = ciphertext(random, bytes);
  const roundTrip = 10_000 + (random() % 50_000);
  const [sender, receiver] = fromClient ? [sent.client, sent.server] : [sent.server, sent.client];
  let now = start + SPACING;
  let done = 0;
  for (let window = FIRST_WINDOW; done < bytes; window = Math.min(2 * window, LARGEST_WINDOW)) {
    for (let count = 1; count <= window && done < bytes; count++) {
      const payload = cipher(Math.min(SEGMENT_LENGTH, bytes - done));
      const flags = ACK | (done + payload.length === bytes ? 0x08 : 0);
      yield {
        at: now,
        fromClient,
        flags,
        sequence: sender + done,
        acknowledgment: receiver,
        window: 501,
        payload,
      };
      done += payload.length;
      if (count % 2 === 0 || done === bytes) {
        yield {
          at: now + 4,
          fromClient: !fromClient,
          flags: ACK,
          sequence: receiver,
          acknowledgment: sender + done,
          window: 501,
          payload: NOTHING,
        };
      }
      now += SPACING;
    }
    now += roundTrip;
  }
}

const NOTHING = new Uint8Array(0);

// Encrypted bytes look random, so random bytes they are: drawn once, cut anywhere.
const POOL_LENGTH = 1 << 20;
let pool: Uint8Array | undefined;

/** Gives the next bytes of a stream of `total` bytes of application_data records. */
function ciphertext(random: Random, total: number): (length: number) => Uint8Array {
  const noise = (pool ??= randomBytes(createRandom(1), POOL_LENGTH));
  const full = RECORD_LENGTHS[random() % RECORD_LENGTHS.length] as number;
  let left = total;
  let inRecord = 0;
  const header = new Uint8Array(5);
  let headerLeft = 0;
  return (length) => {
    const from = random() % (POOL_LENGTH - length);
    const bytes = noise.slice(from, from + length);
    for (let at = 0; at < length;) {
      if (headerLeft === 0 && inRecord === 0) {
        inRecord = recordLength(left, full);
        left -= header.length + inRecord;
        header.set([23, 3, 3, inRecord >>> 8, inRecord & 0xff]);
        headerLeft = header.length;
      }
      if (headerLeft > 0) {
        bytes[at++] = header[header.length - headerLeft--] as number;
      } else {
        const part = Math.min(inRecord, length - at);
        inRecord -= part;
        at += part;
      }
    }
    return bytes;
  };
}

/** The next record when `left` bytes remain: never so long that the rest is too short for a record. */
function recordLength(left: number, full: number): number {
  const shortest = 64;
  if (left - 5 <= full) return left - 5;
  return left - 5 - full < shortest ? full - shortest : full;
}

/** How much a connection transfers: many little, a few much. */
export function transferOf(random: Random, mean: number): Transfer {
  const bytes = Math.round(Math.max(2000, exponential(random, mean)));
  // One in ten is an upload.
  return { fromClient: random() % 10 === 0, bytes };
}

type Sent = Outgoing | OutgoingDatagram;

/** All segments of connections that begin in the order given, in order of time. */
export function* merge(plan: Iterable<Planned>): Generator<{ readonly flow: Flow; readonly segment: Sent }> {
  const live = new Heap();
  const emit = function* (until: number): Generator<{ readonly flow: Flow; readonly segment: Sent }> {
    for (let first = live.first(); first !== undefined && first.segment.at <= until; first = live.first()) {
      yield { flow: first.flow, segment: first.segment };
      const next = first.rest.next();
      if (next.done === true) live.removeFirst();
      else live.replaceFirst({ ...first, segment: next.value });
    }
  };
  for (const { flow, segments, start } of plan) {
    yield* emit(start);
    const next = segments.next();
    if (next.done !== true) live.add({ flow, segment: next.value, rest: segments });
  }
  yield* emit(Infinity);
}

interface Live {
  readonly flow: Flow;
  readonly segment: Sent;
  readonly rest: Iterator<Sent>;
}

/** A binary heap by time. */
class Heap {
  readonly #items: Live[] = [];

  first(): Live | undefined {
    return this.#items[0];
  }

  add(item: Live): void {
    const items = this.#items;
    let at = items.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const other = items[parent] as Live;
      if (other.segment.at <= item.segment.at) break;
      items[at] = other;
      at = parent;
    }
    items[at] = item;
  }

  removeFirst(): void {
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.replaceFirst(last);
  }

  replaceFirst(item: Live): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && (items[child + 1] as Live).segment.at < (items[child] as Live).segment.at)
        child++;
      const other = items[child] as Live;
      if (other.segment.at >= item.segment.at) break;
      items[at] = other;
      at = child;
    }
    items[at] = item;
  }
}
