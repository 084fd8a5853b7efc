/**
 * Structured mutations: real handshakes are read as trees of vectors, changed in one place, and written again with all
 * lengths around it right, so that the change gets as deep as it can.
 */
import type { Random } from '../bench/random.js';
import { be16, be32, concat } from '../test/support/captures.js';
import { conversation, type ConversationOptions, type Segment } from '../test/support/conversation.js';
import { recordedStream, type Chunk } from '../test/support/recorded.js';
import { below } from './mutate.js';

/** Bytes, or a vector whose length stands before it in `width` bytes, of parts. `lie` is added to that length. */
type Node =
  | { readonly bytes: Uint8Array }
  | { readonly width: 1 | 2 | 3; readonly parts: readonly Node[]; readonly lie?: number };

/** A record as it was sent, its handshake messages taken apart. */
export interface Flight {
  readonly from: 'client' | 'server';
  readonly type: number;
  readonly version: number;
  /** Null for a record that is no plaintext handshake: then `bytes` is its body. */
  readonly messages: readonly { readonly type: number; readonly body: Node }[] | null;
  readonly bytes: Uint8Array;
}

/** Reads forward through bytes; wrong lengths end in what is left. */
function reader(bytes: Uint8Array) {
  let at = 0;
  const take = (count: number): Uint8Array => bytes.subarray(at, (at = Math.min(bytes.length, at + count)));
  const integer = (width: number): number => take(width).reduce((value, byte) => value * 256 + byte, 0);
  return {
    take,
    isDone: () => at >= bytes.length,
    vector: (width: 1 | 2 | 3, parts: (inside: Uint8Array) => readonly Node[]): Node => ({
      width,
      parts: parts(take(integer(width))),
    }),
    integer,
  };
}

const leaf = (bytes: Uint8Array): readonly Node[] => [{ bytes }];
const list =
  (read: (inside: ReturnType<typeof reader>) => Node[]) =>
  (bytes: Uint8Array): readonly Node[] => {
    const inside = reader(bytes);
    const nodes: Node[] = [];
    while (!inside.isDone()) nodes.push(...read(inside));
    return nodes;
  };
const pairs = list((inside) => [{ bytes: inside.take(2) }]);
/** Most extensions are a vector of two-byte codes, of vectors, or nothing; the first guess is good enough to mutate. */
const extensions = list((inside) => [
  { bytes: inside.take(2) },
  inside.vector(2, (body) => {
    if (body.length < 3 || body[0] !== 0) return leaf(body);
    return [reader(body).vector(2, pairs), { bytes: body.subarray(2 + (body[1] ?? 0)) }];
  }),
]);

function bodyOf(type: number, bytes: Uint8Array): Node {
  const inside = reader(bytes);
  const fixed = (count: number): Node => ({ bytes: inside.take(count) });
  const parts: Node[] = [];
  if (type === 1) {
    parts.push(fixed(34), inside.vector(1, leaf), inside.vector(2, pairs), inside.vector(1, leaf));
    parts.push(inside.vector(2, extensions));
  } else if (type === 2) {
    parts.push(fixed(34), inside.vector(1, leaf), fixed(3));
    if (!inside.isDone()) parts.push(inside.vector(2, extensions));
  } else if (type === 11) {
    parts.push(
      inside.vector(
        3,
        list((certificates) => [certificates.vector(3, (der) => [derOf(der)])]),
      ),
    );
  } else if (type === 13) {
    parts.push(inside.vector(1, leaf), inside.vector(2, pairs));
    parts.push(
      inside.vector(
        2,
        list((names) => [names.vector(2, (der) => [derOf(der)])]),
      ),
    );
  }
  parts.push(fixed(bytes.length));
  return { width: 3, parts };
}

/** DER down to where a length takes one byte or two (after 0x81 or 0x82): enough to nest in. */
function derOf(bytes: Uint8Array): Node {
  const isNested = ((bytes[0] ?? 0) & 0x20) !== 0;
  const long = bytes[1] === 0x82 ? 2 : bytes[1] === 0x81 ? 1 : 0;
  if (!isNested || bytes.length < 4) return { bytes };
  const head = long === 0 ? 1 : 2;
  const inside = reader(bytes.subarray(head));
  const vector = inside.vector(long === 2 ? 2 : 1, (content) => {
    const nodes: Node[] = [];
    for (let at = 0; at < content.length;) {
      const size = content[at + 1] ?? 0;
      const length =
        size === 0x82
          ? 4 + (((content[at + 2] ?? 0) << 8) | (content[at + 3] ?? 0))
          : size === 0x81
            ? 3 + (content[at + 2] ?? 0)
            : 2 + size;
      nodes.push(derOf(content.subarray(at, at + length)));
      at += length;
    }
    return nodes;
  });
  return {
    width: 3,
    parts: [{ bytes: bytes.subarray(0, head) }, vector, { bytes: inside.take(bytes.length) }],
    lie: NO_LENGTH,
  };
}

/** Marks a node that only joins its parts. */
const NO_LENGTH = Number.NEGATIVE_INFINITY;

function write(node: Node): Uint8Array {
  if ('bytes' in node) return node.bytes;
  const content = concat(...node.parts.map(write));
  if (node.lie === NO_LENGTH) return content;
  const length = Math.max(0, content.length + (node.lie ?? 0));
  return concat(be32(length).slice(4 - node.width), content);
}

/** Every place in a tree, as the way to it. */
function placesIn(node: Node, way: readonly number[] = []): (readonly number[])[] {
  return [way, ...('bytes' in node ? [] : node.parts.flatMap((part, index) => placesIn(part, [...way, index])))];
}

function changeAt(node: Node, way: readonly number[], change: (node: Node) => readonly Node[]): readonly Node[] {
  const [index, ...rest] = way;
  if (index === undefined || 'bytes' in node) return change(node);
  return [{ ...node, parts: node.parts.flatMap((part, at) => (at === index ? changeAt(part, rest, change) : [part])) }];
}

/** One change in one place: a length that lies, a part gone, many times, emptied, overlong, of other bytes, or nested. */
function changed(body: Node, random: Random): Node {
  const places = placesIn(body);
  const way = places[below(random, places.length)] ?? [];
  const kind = below(random, 8);
  const [result] = changeAt(body, way, (node): readonly Node[] => {
    const isList = 'parts' in node && node.lie !== NO_LENGTH;
    switch (kind) {
      case 0:
      case 1:
        if (!isList) break;
        return [{ ...node, lie: LIES[below(random, LIES.length)] ?? 1 }];
      case 2:
        return [];
      case 3:
        return new Array<Node>(1 + below(random, below(random, 50) === 0 ? 3000 : 20)).fill(node);
      case 4:
        return isList ? [{ ...node, parts: [] }] : [{ bytes: new Uint8Array(0) }];
      case 5:
        return [node, { bytes: new Uint8Array(below(random, 4000)).fill(below(random, 256)) }];
      case 6:
        return isList ? [{ ...node, parts: [node] }] : [node];
    }
    if (!('bytes' in node)) return [node];
    const bytes = node.bytes.slice();
    for (let times = 1 + below(random, 4); times > 0; times--) bytes[below(random, bytes.length)] = below(random, 256);
    return [{ bytes }];
  });
  return result ?? { bytes: new Uint8Array(0) };
}

const LIES = [-1, 1, -2, 2, 4, -4, 100, -100, 0x7fff, 0xffff, -0xffff, 0xffffff];

/** The flights of a recorded handshake. */
export async function recordedFlights(sample: string): Promise<readonly Flight[]> {
  const flights: Flight[] = [];
  const first = await recordedStream(sample);
  const pending: [Uint8Array, Uint8Array] = [new Uint8Array(0), new Uint8Array(0)];
  const clientDirection = first[0]?.direction ?? 0;
  for (const { direction, data } of first satisfies Chunk[]) {
    let rest: Uint8Array = concat(pending[direction], data);
    while (rest.length >= 5) {
      const length = ((rest[3] ?? 0) << 8) | (rest[4] ?? 0);
      if (rest.length < 5 + length) break;
      const bytes = rest.slice(5, 5 + length);
      const type = rest[0] ?? 0;
      const version = ((rest[1] ?? 0) << 8) | (rest[2] ?? 0);
      flights.push({
        from: direction === clientDirection ? 'client' : 'server',
        type,
        version,
        messages: type === 22 ? messagesIn(bytes) : null,
        bytes,
      });
      rest = rest.subarray(5 + length);
    }
    pending[direction] = rest;
  }
  return flights;
}

function messagesIn(bytes: Uint8Array): Flight['messages'] {
  const inside = reader(bytes);
  const messages: { type: number; body: Node }[] = [];
  while (!inside.isDone()) {
    const [type = 0] = inside.take(1);
    const length = inside.integer(3);
    const body = inside.take(length);
    // Ciphertext, or a message over several records.
    if (body.length !== length) return null;
    messages.push({ type, body: bodyOf(type, body) });
  }
  return messages;
}

/** What one side sends at a time: the content of a record. */
export type Content = Pick<Flight, 'from' | 'type' | 'version' | 'bytes'>;

/** The flights with one to three changes in their structure. */
export function changedFlights(flights: readonly Flight[], random: Random): Content[] {
  const plain = flights.flatMap(({ messages }, index) => (messages === null ? [] : [index]));
  const chosen = new Set([plain[below(random, plain.length)], plain[below(random, plain.length)]]);
  return flights.map((flight, index) => {
    const { messages } = flight;
    if (messages === null || !chosen.has(index)) return flight;
    const at = below(random, messages.length);
    const written = messages.map(({ type, body }, place) =>
      concat([type], write(place === at ? changed(body, random) : body)),
    );
    return { ...flight, bytes: concat(...written) };
  });
}

/** The handshake over TCP, changed. */
export function mutatedHandshake(
  flights: readonly Flight[],
  random: Random,
  options: ConversationOptions = {},
): Segment[] {
  const talk = conversation(options);
  talk.open();
  for (const { from, type, version, bytes: content } of changedFlights(flights, random)) {
    const room = below(random, 4) === 0 ? 1 + below(random, 600) : 16_384;
    for (let start = 0; start < Math.min(content.length, 400_000); start += room) {
      const part = content.subarray(start, start + room);
      const record = concat([type], be16(version), be16(part.length), part);
      for (let sent = 0; sent < record.length; sent += 1460) talk.say(from, record.subarray(sent, sent + 1460));
      if (room < 600 && start > 100 * room) break;
    }
  }
  talk.fin('client');
  return talk.segments;
}
