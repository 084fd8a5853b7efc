import { u8 } from '../../bytes.js';
import { varint, varintLength } from './packet.js';

/** A CONNECTION_CLOSE frame (RFC 9000 §19.19). */
export interface CloseFrame {
  /** Of the application (type 0x1d), or of QUIC itself (0x1c). */
  readonly application: boolean;
  readonly code: number;
  /** The type of the frame that caused it, 0 if unknown; null if the application closes. */
  readonly frameType: number | null;
  /** Meant to be UTF-8, but may be any bytes; a view. */
  readonly reason: Uint8Array;
}

/** Receives what `readFrames` finds. */
export interface FrameSink {
  /** Handshake bytes, from `start` to `end`, which belong at `offset` of their stream (RFC 9000 §19.6). */
  crypto(offset: number, bytes: Uint8Array, start: number, end: number): void;
  close(frame: CloseFrame): void;
  /** The packets with these numbers arrived, both ends included. */
  acknowledged(smallest: number, largest: number): void;
  /** The bytes from `start` to `end` are a connection ID for packets to the sender (RFC 9000 §19.15). */
  connectionId(bytes: Uint8Array, start: number, end: number): void;
  /** The server confirms that the handshake is complete (RFC 9000 §19.20). */
  handshakeDone(): void;
}

const PADDING = 0x00;
const ACK = 0x02;
const ACK_ECN = 0x03;
const CRYPTO = 0x06;
const NEW_TOKEN = 0x07;
const STREAM = 0x08;
const STREAM_LAST = 0x0f;
const NEW_CONNECTION_ID = 0x18;
const CONNECTION_CLOSE = 0x1c;
const APPLICATION_CLOSE = 0x1d;
const HANDSHAKE_DONE = 0x1e;
const DATAGRAM = 0x30;
const DATAGRAM_WITH_LENGTH = 0x31;

/** Number of variable-length integers in frames that have nothing else (RFC 9000 §19, PING to RETIRE_CONNECTION_ID). */
const INTEGERS: ReadonlyMap<number, number> = new Map([
  [0x01, 0],
  [0x04, 3],
  [0x05, 2],
  [0x10, 1],
  [0x11, 2],
  [0x12, 1],
  [0x13, 1],
  [0x14, 1],
  [0x15, 2],
  [0x16, 1],
  [0x17, 1],
  [0x19, 1],
]);
/** PATH_CHALLENGE and PATH_RESPONSE: eight bytes. */
const PATH_CHALLENGE = 0x1a;
const PATH_RESPONSE = 0x1b;

/** The current place in a payload; -1 once something did not fit. */
interface Place {
  readonly bytes: Uint8Array;
  at: number;
}

/** The next variable-length integer, or -1. */
function integer(place: Place): number {
  const { bytes, at } = place;
  const value = varint(bytes, at, bytes.length);
  place.at = value < 0 ? bytes.length : at + varintLength(bytes, at, bytes.length);
  return value;
}

function integers(place: Place, count: number): boolean {
  for (let left = count; left > 0; left--) if (integer(place) < 0) return false;
  return true;
}

function skip(place: Place, count: number): boolean {
  if (count < 0 || count > place.bytes.length - place.at) return false;
  place.at += count;
  return true;
}

/**
 * Reads the frames of a packet (RFC 9000 §12.4, §19; RFC 9221). Returns whether all could be read; frames before an
 * unreadable one are.
 */
export function readFrames(payload: Uint8Array, sink: FrameSink): boolean {
  const place: Place = { bytes: payload, at: 0 };
  while (place.at < payload.length) {
    if (u8(payload, place.at) === PADDING) place.at++;
    else if (!readFrame(place, integer(place), sink)) return false;
  }
  return true;
}

function readFrame(place: Place, type: number, sink: FrameSink): boolean {
  const count = INTEGERS.get(type);
  if (count !== undefined) return integers(place, count);
  if (type >= STREAM && type <= STREAM_LAST) return readStream(place, type);
  switch (type) {
    case ACK:
    case ACK_ECN:
      return readAck(place, type, sink);
    case CRYPTO:
      return readCrypto(place, sink);
    case NEW_TOKEN:
    case DATAGRAM_WITH_LENGTH:
      return skip(place, integer(place));
    case NEW_CONNECTION_ID:
      return readNewConnectionId(place, sink);
    case PATH_CHALLENGE:
    case PATH_RESPONSE:
      return skip(place, 8);
    case CONNECTION_CLOSE:
    case APPLICATION_CLOSE:
      return readClose(place, type, sink);
    case HANDSHAKE_DONE:
      sink.handshakeDone();
      return true;
    case DATAGRAM:
      return skip(place, place.bytes.length - place.at);
    default:
      return false;
  }
}

/** ACK: the largest number, then ranges downwards, each given by the gap before it (RFC 9000 §19.3.1). */
function readAck(place: Place, type: number, sink: FrameSink): boolean {
  let largest = integer(place);
  if (integer(place) < 0) return false;
  let ranges = integer(place);
  let length = integer(place);
  while (largest >= 0 && ranges >= 0 && length >= 0 && length <= largest) {
    const smallest = largest - length;
    sink.acknowledged(smallest, largest);
    if (ranges === 0) return integers(place, type === ACK_ECN ? 3 : 0);
    ranges--;
    const gap = integer(place);
    if (gap < 0) return false;
    length = integer(place);
    largest = smallest - gap - 2;
  }
  return false;
}

function readCrypto(place: Place, sink: FrameSink): boolean {
  const offset = integer(place);
  const length = integer(place);
  const start = place.at;
  if (offset < 0 || !skip(place, length)) return false;
  sink.crypto(offset, place.bytes, start, place.at);
  return true;
}

/** STREAM: its type says whether it has an offset (0x04) and a length (0x02); without a length it takes the rest. */
function readStream(place: Place, type: number): boolean {
  if (!integers(place, (type & 0x04) === 0 ? 1 : 2)) return false;
  return skip(place, (type & 0x02) === 0 ? place.bytes.length - place.at : integer(place));
}

function readNewConnectionId(place: Place, sink: FrameSink): boolean {
  const { bytes } = place;
  if (!integers(place, 2) || place.at >= bytes.length) return false;
  const start = place.at + 1;
  const end = start + u8(bytes, place.at);
  if (!skip(place, end - place.at + 16)) return false;
  sink.connectionId(bytes, start, end);
  return true;
}

function readClose(place: Place, type: number, sink: FrameSink): boolean {
  const application = type === APPLICATION_CLOSE;
  const code = integer(place);
  const frameType = application ? null : integer(place);
  const length = integer(place);
  const start = place.at;
  if (code < 0 || (frameType !== null && frameType < 0) || !skip(place, length)) return false;
  sink.close({ application, code, frameType, reason: place.bytes.subarray(start, place.at) });
  return true;
}
