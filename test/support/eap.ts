/**
 * EAP conversations written by hand: packets of EAP, what carries them, and what a tracker makes of them.
 *
 *     const talk = [request(1, 13, START), response(1, 13, flight), …];
 *     const flows = overEapol(talk);
 */
import type { FrameStamp } from '../../src/capture/frame.js';
import type { Timestamp } from '../../src/capture/timestamp.js';
import { createDecoder, EAPOL_FRAME, ICMP_MESSAGE, UDP_DATAGRAM } from '../../src/packet/decode.js';
import { newPacket } from '../../src/packet/packet.js';
import type { EapFlow } from '../../src/transport/eap/flow.js';
import { createEapTracker } from '../../src/transport/eap/tracker.js';
import type { ByteSink, Direction } from '../../src/transport/flow.js';
import { be16, be32, concat, frameOf, ipv4 } from './captures.js';

export type Bytes = Uint8Array<ArrayBuffer>;

export const IDENTITY = 1;
export const NAK = 3;
export const EAP_TLS = 13;
export const PEAP = 25;
export const TEAP = 55;

/** Flags of a packet of a method with TLS. */
export const LENGTH = 0x80;
export const MORE = 0x40;
export const START = 0x20;

const packet = (code: number, id: number, body: Uint8Array | readonly number[]): Bytes =>
  concat([code, id], be16(4 + body.length), body);

export const request = (id: number, type: number, body: Uint8Array | readonly number[] = []): Bytes =>
  packet(1, id, concat([type], body));
export const response = (id: number, type: number, body: Uint8Array | readonly number[] = []): Bytes =>
  packet(2, id, concat([type], body));
export const success = (id: number): Bytes => packet(3, id, []);
export const failure = (id: number): Bytes => packet(4, id, []);
export const text = (words: string): Bytes => new TextEncoder().encode(words);

/** Bytes of TLS cut into the bodies of EAP packets, none longer than `size`, as RFC 5216 section 3.1 has it. */
export function fragments(data: Uint8Array, size: number): Bytes[] {
  if (data.length <= size) return [concat([0], data)];
  const bodies: Bytes[] = [];
  for (let at = 0; at < data.length; at += size) {
    const flags = (at === 0 ? LENGTH : 0) | (at + size < data.length ? MORE : 0);
    bodies.push(concat([flags], at === 0 ? be32(data.length) : [], data.subarray(at, at + size)));
  }
  return bodies;
}

/** What the two sides say in turns, as EAP packets in lock-step, from identifier `id` on; the peer begins. */
export function lockStep(turns: readonly Uint8Array[], size: number, id = 2, type = EAP_TLS): Bytes[] {
  const packets: Bytes[] = [request(id, type, [START])];
  turns.forEach((data, turn) => {
    const isPeer = turn % 2 === 0;
    fragments(data, size).forEach((body, index) => {
      if (isPeer) {
        if (index > 0) packets.push(request(++id, type, [0]));
        packets.push(response(id, type, body));
      } else {
        if (index > 0) packets.push(response(id, type, [0]));
        packets.push(request(++id, type, body));
      }
    });
  });
  return packets;
}

export const SUPPLICANT = [2, 0, 0, 0, 0, 1];
export const AUTHENTICATOR = [2, 0, 0, 0, 0, 2];
export const GROUP = [1, 0x80, 0xc2, 0, 0, 3];
const isResponse = (eap: Uint8Array): boolean => eap[0] === 2;

/** The body of an IEEE 802.1X frame that carries an EAP packet. */
export const eapol = (eap: Uint8Array): Bytes => concat([1, 0], be16(eap.length), eap);

/** An Ethernet frame with an EAP packet, from the side that sends such a packet. */
export function eapolFrame(eap: Uint8Array, supplicant = SUPPLICANT, authenticator = AUTHENTICATOR): Bytes {
  const [to, from] = isResponse(eap) ? [authenticator, supplicant] : [supplicant, authenticator];
  return concat(to, from, [0x88, 0x8e], eapol(eap));
}

export interface RadiusOptions {
  readonly code: number;
  readonly id: number;
  readonly authenticator?: number;
  readonly eap?: Uint8Array;
  readonly state?: string;
  readonly station?: string;
  readonly clientPort?: number;
  readonly serverPort?: number;
}

const attribute = (type: number, value: Uint8Array): Bytes => concat([type, value.length + 2], value);

/** A RADIUS packet (RFC 2865 section 3). */
export function radius({ code, id, authenticator = id, eap, state, station }: RadiusOptions): Bytes {
  const messages: Bytes[] = [];
  for (let at = 0; eap !== undefined && at < eap.length; at += 253)
    messages.push(attribute(79, eap.slice(at, at + 253)));
  const attributes = concat(
    state === undefined ? [] : attribute(24, text(state)),
    station === undefined ? [] : attribute(31, text(station)),
    ...messages,
  );
  return concat([code, id], be16(20 + attributes.length), new Uint8Array(16).fill(authenticator), attributes);
}

const NAS = [192, 0, 2, 1];
const RADIUS_SERVER = [198, 51, 100, 2];

/** An Ethernet frame with a RADIUS packet, from the side that sends such a packet. */
export function radiusFrame(options: RadiusOptions, packetBytes = radius(options)): Bytes {
  const { clientPort = 40000, serverPort = 1812 } = options;
  const [from, to] = options.code === 1 ? [clientPort, serverPort] : [serverPort, clientPort];
  const [source, destination] = options.code === 1 ? [NAS, RADIUS_SERVER] : [RADIUS_SERVER, NAS];
  const datagram = concat(be16(from), be16(to), be16(8 + packetBytes.length), [0, 0], packetBytes);
  return concat(new Uint8Array(12), [8, 0], ipv4(datagram, { protocol: 17, source, destination }));
}

/**
 * An Ethernet frame in which the RADIUS server says that no port takes a request, of which it quotes so many bytes of
 * IP.
 */
export function unreachableFrame(requestFrame: Bytes, most = 576): Bytes {
  const quoted = requestFrame.subarray(14, 14 + most);
  const error = concat([3, 3, 0, 0, 0, 0, 0, 0], quoted);
  return concat(new Uint8Array(12), [8, 0], ipv4(error, { protocol: 1, source: RADIUS_SERVER, destination: NAS }));
}

/** EAP packets as a switch and a RADIUS server exchange them, one challenge after the other. */
export function radiusFrames(
  talk: readonly Uint8Array[],
  options: Partial<RadiusOptions> & { readonly name?: string } = {},
) {
  const { id: first = 0, name = 'a', ...others } = options;
  let id = first - 1;
  let state: string | undefined;
  return talk.flatMap((eap) => {
    if (isResponse(eap))
      return [radiusFrame({ code: 1, id: ++id, eap, ...(state === undefined ? {} : { state }), ...others })];
    if (id < first) return [];
    const code = { 3: 2, 4: 3 }[eap[0] ?? 0] ?? 11;
    if (code === 11) state = `${name}${id}`;
    return [radiusFrame({ code, id, eap, ...(code === 11 && state !== undefined ? { state } : {}), ...others })];
  });
}

/** Bytes of TLS, or a gap of so many, as they came out, and in which frame. */
export type Piece = readonly [direction: Direction, what: string | number, frame: number];

/** A sink that keeps what it gets; bytes as text, one character a byte. */
export const recordingSink: ByteSink<Piece[]> = {
  open: () => [],
  data(pieces, direction, { bytes, offset: start, end }, { number }) {
    pieces.push([direction, Buffer.from(bytes.subarray(start, end)).toString('latin1'), number]);
  },
  gap(pieces, direction, length, { number }) {
    pieces.push([direction, length, number]);
  },
  end: () => undefined,
  skippable: () => 0,
  skip: () => undefined,
};

/** The flows in frames, one a millisecond or at the times given in seconds, in the order of their ends. */
export function follow(
  frames: readonly Uint8Array[],
  {
    times = [],
    linkType = 1,
    maxConversations,
  }: { times?: readonly number[]; linkType?: number; maxConversations?: number } = {},
) {
  const flows: { flow: EapFlow<Piece[]>; now: Timestamp }[] = [];
  const others: EapFlow<Piece[]>[] = [];
  let ids = 0;
  const tracker = createEapTracker(
    recordingSink,
    { ended: (flow, now) => flows.push({ flow, now }), other: (flow) => others.push(flow) },
    () => ++ids,
    maxConversations,
  );
  const taken: boolean[] = [];
  const take = (outcome: number, stamp: FrameStamp): boolean =>
    outcome === EAPOL_FRAME
      ? tracker.eapol(decoded, stamp)
      : outcome === ICMP_MESSAGE
        ? tracker.icmp(decoded, stamp)
        : outcome === UDP_DATAGRAM && tracker.radius(decoded, stamp);
  const decoded = newPacket();
  const decoder = createDecoder((partial, stamp) => tracker.radius(partial, stamp));
  let last: FrameStamp = frameOf(1, new Uint8Array(0));
  frames.forEach((bytes, index) => {
    const time = times[index] ?? index / 1000;
    const frame = {
      ...frameOf(linkType, bytes),
      number: index + 1,
      seconds: Math.floor(time),
      nanoseconds: Math.round((time % 1) * 1e9),
    };
    taken.push(take(decoder.decode(frame, decoded), frame));
    last = frame;
  });
  decoder.finish();
  while (tracker.finishSome(2, last, false));
  return { flows: flows.map(({ flow }) => flow), ends: flows, others, taken, tracker };
}

/** What one direction of a flow says, as text; gaps as their length in brackets. */
export const said = (flow: EapFlow<Piece[]> | undefined, direction: Direction): string =>
  (flow?.conversation.content ?? [])
    .filter(([from]) => from === direction)
    .map(([, what]) => (typeof what === 'string' ? what : `[${what}]`))
    .join('');
