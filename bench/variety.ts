import { u16, u8 } from '../src/bytes.js';
import type { Conversation, Segment } from './conversation.js';
import type { Flow, Outgoing } from './pcap-writer.js';
import { randomBytes, type Random } from './random.js';

// A handshake of the samples, as one of many: another client program, another server, another name, keys of its own.

/** A ClientHello or ServerHello at the beginning of a segment: a record header, a message header, the version, then the random. */
const RANDOM = 11;
const SESSION_ID = 43;

const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_NAME = 0;
const SIGNATURE_ALGORITHMS = 13;
const KEY_SHARE = 51;

/** Client programs: each offers cipher suites and signature schemes in an order of its own. */
const PROGRAMS = 300;
const SERVERS = 4000;

/** Which client program, server and name a connection is of. */
export interface Parties {
  readonly program: number;
  readonly server: number;
}

/** A few programs and servers have most of the connections, as everywhere. */
export function partiesOf(random: Random): Parties {
  const draw = (count: number): number => Math.floor(count ** ((random() >>> 0) / 2 ** 32)) - 1;
  return { program: draw(PROGRAMS), server: draw(SERVERS) };
}

/** Addresses and ports of connection number `index`: half of them over IPv6. */
export function flowOf(random: Random, { serverPort }: Conversation, index: number, { server }: Parties): Flow {
  const half = (number: number): number[] => [number >>> 8, number & 0xff];
  const address = (prefix: readonly number[], number: number): Uint8Array =>
    index % 2 === 0
      ? Uint8Array.from([prefix[0] as number, prefix[1] as number, ...half(number)])
      : Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, ...prefix, ...new Array<number>(8).fill(0), ...half(number)]);
  return {
    client: {
      address: address([10, 0], (index * 31) % 60_000),
      port: 1024 + (index % 60_000),
      initialSequence: random(),
    },
    server: { address: address([198, 18], server), port: serverPort, initialSequence: random() },
  };
}

/** The conversation between these parties. */
export function varied(
  random: Random,
  { segments, kind }: Conversation,
  { program, server }: Parties,
): readonly Segment[] {
  // A name that the certificate does not cover would be a fault of its own, where that one is in the clear.
  const parties = { program, server: kind === 'tls13' ? server : null };
  return segments.map((segment) => {
    const { payload } = segment;
    if (payload.length <= SESSION_ID || u8(payload, 0) !== 22) return segment;
    const type = u8(payload, 5);
    if (type !== CLIENT_HELLO && type !== SERVER_HELLO) return segment;
    const changed = payload.slice();
    // The last bytes of a server's random may mean something (RFC 8446 §4.1.3).
    changed.set(randomBytes(random, type === CLIENT_HELLO ? 32 : 24), RANDOM);
    vary(random, changed, type, parties);
    return { ...segment, payload: changed };
  });
}

interface Changes {
  readonly program: number;
  /** Null where the name stays as it is. */
  readonly server: number | null;
}

function vary(random: Random, hello: Uint8Array, type: number, { program, server }: Changes): void {
  let at = SESSION_ID + 1 + u8(hello, SESSION_ID);
  if (type === CLIENT_HELLO) {
    rotate(hello, at + 2, at + 2 + u16(hello, at), program);
    at += 2 + u16(hello, at);
    at += 1 + u8(hello, at);
  } else {
    at += 3;
  }
  const end = Math.min(hello.length, at + 2 + u16(hello, at));
  for (at += 2; at + 4 <= end; at += 4 + u16(hello, at + 2)) {
    const [start, stop] = [at + 4, Math.min(end, at + 4 + u16(hello, at + 2))];
    const extension = u16(hello, at);
    if (extension === KEY_SHARE) renew(random, hello, type === CLIENT_HELLO ? start + 2 : start, stop);
    if (type === SERVER_HELLO) continue;
    if (extension === SERVER_NAME && server !== null && stop - start > 5) rename(hello, start + 5, stop, server);
    if (extension === SIGNATURE_ALGORITHMS) rotate(hello, start + 2, stop, program >> 4);
  }
}

/** Turns a list of 16-bit codes round by `count`. */
function rotate(bytes: Uint8Array, start: number, end: number, count: number): void {
  const list = bytes.slice(start, end);
  const first = list.length === 0 ? 0 : (2 * count) % list.length;
  bytes.set(list.subarray(first), start);
  bytes.set(list.subarray(0, first), end - first);
}

/** Draws the keys of key shares anew: each is a group, a length, and a key. */
function renew(random: Random, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at + 4 <= end; at += 4 + u16(bytes, at + 2)) {
    bytes.set(randomBytes(random, Math.min(u16(bytes, at + 2), end - at - 4)), at + 4);
  }
}

/** Writes the number of the server, in letters, into the beginning of the name. */
function rename(bytes: Uint8Array, start: number, end: number, server: number): void {
  for (let at = start, rest = server; at < Math.min(end, start + 3) && u8(bytes, at) !== 0x2e; at++) {
    bytes[at] = 0x61 + (rest % 26);
    rest = Math.floor(rest / 26);
  }
}

/** A tenth of the segments with data overtake the one before, of the same sender: it stays when what was sent first arrives. */
export function* disordered(random: Random, segments: Iterable<Outgoing>): Generator<Outgoing> {
  let before: Outgoing | undefined;
  for (const segment of segments) {
    if (before === undefined) {
      before = segment;
      continue;
    }
    const mayOvertake =
      before.fromClient === segment.fromClient && before.payload.length > 0 && segment.payload.length > 0;
    if (mayOvertake && (random() >>> 0) % 10 === 0) {
      yield { ...segment, at: before.at };
      before = { ...before, at: segment.at };
    } else {
      yield before;
      before = segment;
    }
  }
  if (before !== undefined) yield before;
}
