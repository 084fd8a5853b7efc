import { latin1, u16le, u32le, u8 } from '../../bytes.js';
import type { Datagram, DatagramProtocol, DatagramReader, Direction } from '../../transport/flow.js';
import { HandshakeSession } from '../handshake/session.js';

/** The first packet of a client of Google's QUIC, from before QUIC had TLS (Q024 to Q050). */
export interface GoogleHello {
  /** As `Q043`. */
  readonly version: string;
  /** The requested server name (tag SNI), or null. */
  readonly serverName: string | null;
}

const VERSION = /^Q0\d\d$/;
/**
 * The longest header before a client's hello: flags, connection ID, version, diversification nonce, packet number,
 * hash, frame.
 */
const MAX_HEADER = 96;
const CHLO = 0x4f4c4843;
const SNI = 0x00494e53;
/** Tags of a hello: Chrome's have some 25. */
const MAX_TAGS = 128;

/**
 * The version in the header of a client's packet, or null: until Q043 after flags and connection ID (flag 0x01
 * announces it, 0x08 an ID of eight bytes), later in a long header.
 */
function googleVersion(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start < 14) return null;
  const flags = u8(bytes, start);
  const at = (flags & 0x80) !== 0 ? start + 1 : (flags & 0x09) === 0x09 ? start + 9 : -1;
  if (at < 0) return null;
  const version = latin1(bytes, at, at + 4);
  return VERSION.test(version) ? version : null;
}

/**
 * Reads a client's hello, which is plaintext: a message CHLO of tags and values
 * (docs.google.com/document/d/1g5nIXAIkN_Y-7XJW5K45IblHd_L2f5LTaDUDwvZ5L6g). null if there is none.
 */
export function readGoogleHello(bytes: Uint8Array, start: number, end: number): GoogleHello | null {
  const version = googleVersion(bytes, start, end);
  if (version === null) return null;
  for (let at = start + 13; at + 8 <= end && at < start + MAX_HEADER; at++) {
    if (u32le(bytes, at) !== CHLO) continue;
    const count = u16le(bytes, at + 4);
    if (count > 0 && count <= MAX_TAGS) return { version, serverName: serverName(bytes, at + 8, count, end) };
  }
  return null;
}

/** Each tag says where its value ends, counted from after the last tag. */
function serverName(bytes: Uint8Array, tags: number, count: number, end: number): string | null {
  const values = tags + 8 * count;
  let valueStart = values;
  for (let at = tags; at < values && at + 8 <= end; at += 8) {
    const valueEnd = values + u32le(bytes, at + 4);
    if (valueEnd < valueStart || valueEnd > end) return null;
    if (u32le(bytes, at) === SNI) return latin1(bytes, valueStart, valueEnd);
    valueStart = valueEnd;
  }
  return null;
}

/** One connection of Google's QUIC, which has no TLS: everything between two endpoints. */
export class GoogleQuicConnection extends HandshakeSession implements DatagramReader {
  readonly protocol = 'gquic';
  client: Direction = 0;
  hello: GoogleHello | null = null;
  readonly bytes = 512;

  datagram(direction: Direction, { bytes, offset, end }: Datagram): boolean {
    if (this.hello === null) {
      this.hello = readGoogleHello(bytes, offset, end);
      this.client = direction;
    }
    return this.hello !== null;
  }

  retransmissions(): number {
    return 0;
  }

  strayAnswerOf(): null {
    return null;
  }

  end(): void {
    // Nothing is held.
  }
}

/** Google's QUIC, recognised by the hello in a client's first packet. */
export const googleQuicProtocol: DatagramProtocol<GoogleQuicConnection> = {
  recognise: ({ bytes, offset, end }) => googleVersion(bytes, offset, end) !== null,
  open: () => new GoogleQuicConnection(),
};
