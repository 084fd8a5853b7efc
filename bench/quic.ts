import { u8 } from '../src/bytes.js';
import { openCapture } from '../src/capture/open.js';
import { toMilliseconds } from '../src/capture/timestamp.js';
import { decode, UDP_DATAGRAM } from '../src/packet/decode.js';
import { newPacket } from '../src/packet/packet.js';
import { readFrames } from '../src/tls/quic/frames.js';
import { hasLongHeader, lengthOf, readLongHeader, readLongPacket, type Range } from '../src/tls/quic/packet.js';
import { initialKeys, keysOfSide, openLongPacket, type InitialKeys } from '../src/tls/quic/protection.js';
import { seal } from '../test/support/quic.js';
import type { OutgoingDatagram } from './pcap-writer.js';
import { randomBytes, type Random } from './random.js';

// QUIC's Initial keys follow from the ID that the client makes up for its first packet: to be one of many, a handshake is opened,
// given IDs and a ClientHello.random of its own, and sealed again.

/** A connection ID that each connection draws anew: the one that the client makes up, or the server's own. */
type DrawnId = 'first' | 'server';

interface Packet {
  /** As recorded; of an Initial packet its header alone, without protection, up to the packet number. */
  readonly bytes: Uint8Array;
  readonly ids: readonly { readonly id: DrawnId; readonly at: number }[];
  /** null of packets that are left as they are. */
  readonly initial: Initial | null;
}

interface Initial {
  readonly number: number;
  readonly numberLength: number;
  readonly frames: Uint8Array;
  /** Where the bytes of the ClientHello.random lie in the frames. */
  readonly random: readonly { readonly at: number; readonly index: number }[];
}

interface RecordedDatagram {
  readonly fromClient: boolean;
  /** Microseconds since the first one. */
  readonly at: number;
  readonly packets: readonly Packet[];
}

/** A QUIC connection out of the samples, to be replayed between other addresses. */
export interface QuicConversation {
  readonly ipVersion: 4 | 6;
  readonly serverPort: number;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  /** Bytes of the IDs that are drawn. */
  readonly idLengths: Readonly<Record<DrawnId, number>>;
  readonly datagrams: readonly RecordedDatagram[];
}

/** Behind the header of the message and the version. */
const RANDOM = 6;
const RANDOM_LENGTH = 32;

/** Reads the one QUIC connection of a sample, which worked, in version 1 and without a Retry. */
export async function readQuicSample(file: URL): Promise<QuicConversation> {
  const capture = await openCapture(file.pathname);
  const packet = newPacket();
  const datagrams: RecordedDatagram[] = [];
  const reader = createPacketReader();
  let first: { ipVersion: 4 | 6; clientPort: number; serverPort: number; recordedAt: number } | null = null;
  do {
    while (capture.next()) {
      if (decode(capture.frame, packet) !== UDP_DATAGRAM) continue;
      const { ipVersion, sourcePort, destinationPort } = packet;
      first ??= {
        ipVersion: ipVersion === 4 ? 4 : 6,
        clientPort: sourcePort,
        serverPort: destinationPort,
        recordedAt: toMilliseconds(capture.frame),
      };
      const fromClient = sourcePort === first.clientPort;
      if (!fromClient && destinationPort !== first.clientPort) continue;
      datagrams.push({
        fromClient,
        at: Math.round((toMilliseconds(capture.frame) - first.recordedAt) * 1000),
        packets: reader.packets(packet.bytes.slice(packet.offset, packet.end), fromClient),
      });
    }
  } while (await capture.fill());
  if (first === null) throw new Error(`${file.pathname} has no datagram`);
  return { ...first, idLengths: reader.idLengths(), datagrams };
}

function createPacketReader() {
  const known: Record<DrawnId, Uint8Array | null> = { first: null, server: null };
  let keys: InitialKeys | null = null;
  const idsAt = (bytes: Uint8Array, ...ranges: readonly Range[]): Packet['ids'] =>
    ranges.flatMap(({ start, end }) =>
      (['first', 'server'] as const).flatMap((id) =>
        known[id] !== null && Buffer.compare(known[id], bytes.subarray(start, end)) === 0 ? [{ id, at: start }] : [],
      ),
    );

  function shortPacket(bytes: Uint8Array): Packet {
    return { bytes, ids: idsAt(bytes, { start: 1, end: 1 + (known.server?.length ?? 0) }), initial: null };
  }

  /** The packet with a long header with which `rest` begins, and where it ends. */
  function longPacket(rest: Uint8Array, fromClient: boolean): { readonly packet: Packet; readonly end: number } {
    const header = readLongHeader(rest, 0, rest.length);
    const packet = header && readLongPacket(rest, header, rest.length);
    if (packet === null) throw new Error('a packet of the sample cannot be read');
    const { destinationId, sourceId } = packet.header;
    known.first ??= rest.slice(destinationId.start, destinationId.end);
    if (!fromClient) known.server ??= rest.slice(sourceId.start, sourceId.end);
    const ids = idsAt(rest, destinationId, sourceId);
    const { end } = packet;
    if (packet.type !== 'initial') return { packet: { bytes: rest.subarray(0, end), ids, initial: null }, end };
    if (lengthOf(packet.token) > 0) throw new Error('the sample has a token');
    keys ??= initialKeys(packet.version, known.first);
    const opened = openLongPacket(rest, packet, keysOfSide(keys, fromClient ? 'client' : 'server'), -1);
    if (opened?.isAuthentic !== true) throw new Error('an Initial packet of the sample does not open');
    const { number, payload: frames } = opened;
    const numberLength = end - packet.numberStart - frames.length - 16;
    const bytes = rest.slice(0, packet.numberStart);
    bytes[0] = (u8(bytes, 0) & 0xf0) | (numberLength - 1);
    const random = fromClient ? randomIn(frames) : [];
    return { packet: { bytes, ids, initial: { number, numberLength, frames, random } }, end };
  }

  return {
    packets(bytes: Uint8Array, fromClient: boolean): Packet[] {
      const packets: Packet[] = [];
      for (let at = 0; at < bytes.length;) {
        const rest = bytes.subarray(at);
        if (!hasLongHeader(u8(rest, 0))) {
          packets.push(shortPacket(rest));
          break;
        }
        const { packet, end } = longPacket(rest, fromClient);
        packets.push(packet);
        at += end;
      }
      return packets;
    },
    idLengths: (): QuicConversation['idLengths'] => ({
      first: known.first?.length ?? 0,
      server: known.server?.length ?? 0,
    }),
  };
}

/** Where frames of a client have bytes of the ClientHello.random. */
function randomIn(frames: Uint8Array): Initial['random'] {
  const found: { at: number; index: number }[] = [];
  readFrames(frames, {
    crypto(offset, _bytes, start, end) {
      for (let index = 0; index < RANDOM_LENGTH; index++) {
        const at = start + RANDOM + index - offset;
        if (at >= start && at < end) found.push({ at, index });
      }
    },
    close: () => undefined,
    acknowledged: () => undefined,
    connectionId: () => undefined,
    handshakeDone: () => undefined,
  });
  return found;
}

/** Replays a conversation with IDs, keys and a ClientHello.random of its own. */
export function* replayQuic(
  random: Random,
  { datagrams, idLengths }: QuicConversation,
  start: number,
): Generator<OutgoingDatagram> {
  const ids = { first: randomBytes(random, idLengths.first), server: randomBytes(random, idLengths.server) };
  const helloRandom = randomBytes(random, RANDOM_LENGTH);
  for (const { fromClient, at, packets } of datagrams) {
    const sealed = packets.map(({ bytes, ids: places, initial }) => {
      const changed = bytes.slice();
      for (const { id, at: place } of places) changed.set(ids[id], place);
      if (initial === null) return changed;
      const { number, numberLength } = initial;
      const frames = initial.frames.slice();
      for (const { at: place, index } of initial.random) frames[place] = u8(helloRandom, index);
      const from = fromClient ? 'client' : 'server';
      return seal(changed, frames, { secretId: ids.first, from, number, numberLength });
    });
    yield { at: start + at, fromClient, payload: Buffer.concat(sealed) };
  }
}
