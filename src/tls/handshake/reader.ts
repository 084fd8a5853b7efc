import { BOUNDS } from '../../bounds.js';
import { u24, u8 } from '../../bytes.js';
import type { FrameStamp } from '../../capture/frame.js';
import type { Packing } from '../../packing.js';
import type { Direction } from '../../transport/flow.js';
import type { MasterSecrets } from '../decrypt/master-secret.js';
import type { ClientHelloMessage } from '../wire/messages/client-hello.js';
import { decodeClientHelloStart } from '../wire/messages/client-hello.js';
import type { HandshakeContent, Negotiated } from '../wire/messages/handshake.js';
import { decodeHandshake } from '../wire/messages/handshake.js';
import type { SharedContent } from '../wire/messages/shared.js';
import { isHandshakeType } from '../wire/registry/names.js';

/**
 * The largest handshake message that is decoded, in bytes: OpenSSL accepts 100 KiB of certificates, few stacks more.
 */
export const MAX_HANDSHAKE_LENGTH = BOUNDS.handshakeLength.value;

const HEADER_LENGTH = 4;
const CLIENT_HELLO = 1;

const EMPTY = new Uint8Array(0);

/** Receives what a `HandshakeReader` reads. */
export interface HandshakeSink {
  readonly shared: SharedContent;
  /** What was agreed on so far. */
  readonly negotiated: Negotiated;
  /** Derives master secrets from premaster secrets; null if there are none. */
  readonly masterSecrets: MasterSecrets | null;
  /** A message of HandshakeType `type`, whose body has `length` bytes. */
  message(reader: HandshakeReader, type: number, length: number, content: HandshakeContent, stamp: FrameStamp): void;
  /** The readable part of a ClientHello that is malformed or incomplete. */
  partialClientHello(reader: HandshakeReader, hello: ClientHelloMessage, stamp: FrameStamp): void;
  /** A message of `length` bytes, more than are decoded, is skipped. */
  tooLong(reader: HandshakeReader, type: number, length: number, stamp: FrameStamp): void;
  /** No message begins where one should, `length` bytes before the end of the bytes read: they are encrypted. */
  ciphertext(reader: HandshakeReader, length: number, stamp: FrameStamp): void;
}

/**
 * Reads the handshake messages of one direction (RFC 8446 §4) from bytes in order, whatever carries them (the content
 * of TLS records, the CRYPTO frames of QUIC), or from whole messages (DTLS).
 */
export class HandshakeReader {
  /** Version of the record in which the current message began; 0 without records. */
  recordVersion = 0;
  /** In how many pieces (records, frames) the current message came. */
  pieces = 1;
  /** Bytes of an incomplete message. */
  private held: Uint8Array = EMPTY;
  private heldLength = 0;
  /** Bytes to skip: of a message that is partly lost, or too long. */
  private skip = 0;

  constructor(
    readonly direction: Direction,
    private readonly sink: HandshakeSink,
  ) {}

  /** Whether a message has begun whose rest is still to come. */
  get isInsideMessage(): boolean {
    return this.heldLength > 0;
  }

  /** The type of the message that has begun, null if none has. */
  get begun(): number | null {
    return this.heldLength > 0 ? u8(this.held, 0) : null;
  }

  /** The size of its buffer, in bytes. */
  get heldBytes(): number {
    return this.held.length;
  }

  /** Whether it holds nothing: it is between two messages. */
  get isIdle(): boolean {
    return this.heldLength === 0 && this.skip === 0;
  }

  /** Packs its state while it is idle. */
  pack({ put }: Packing): void {
    put(this.recordVersion);
    put(this.pieces);
  }

  /** Restores the state that another reader packed. */
  unpack({ take }: Packing): void {
    this.recordVersion = take();
    this.pieces = take();
  }

  /** Whether the rest of a message is being skipped. */
  get isSkipping(): boolean {
    return this.skip > 0;
  }

  /** Reads the next bytes, from `start` to `end`; `stamp` is the frame that completed them. Keeps copies of what it needs. */
  read(bytes: Uint8Array, start: number, end: number, stamp: FrameStamp, recordVersion = 0): void {
    const passed = Math.min(this.skip, end - start);
    this.skip -= passed;
    const from = start + passed;
    if (this.heldLength === 0) {
      this.pieces = 1;
      this.recordVersion = recordVersion;
      if (from < end) this.keep(bytes, this.readMessages(bytes, from, end, stamp, recordVersion), end);
      return;
    }
    this.pieces++;
    this.append(bytes, from, end);
    const { held, heldLength } = this;
    const read = this.readMessages(held, 0, heldLength, stamp, recordVersion);
    if (read > 0) this.keep(held, read, heldLength);
  }

  /** Reads one complete message: its body is the bytes from `start` to `end`. */
  readMessage(type: number, bytes: Uint8Array, start: number, end: number, stamp: FrameStamp): void {
    const content = decodeHandshake(type, bytes, start, end, this.sink);
    if (type === CLIENT_HELLO && content.kind === 'malformed') {
      this.readClientHelloStart(bytes.subarray(start, end), stamp);
    }
    this.sink.masterSecrets?.message(type, content, bytes, start, end);
    this.sink.message(this, type, end - start, content, stamp);
  }

  /**
   * The next `length` bytes are missing. Returns whether the end of the current message, which has lost some, is known.
   */
  gap(length: number): boolean {
    const rest = this.heldLength >= HEADER_LENGTH ? HEADER_LENGTH + u24(this.held, 1) - this.heldLength : this.skip;
    this.drop();
    if (rest < length) return false;
    this.skip = rest - length;
    return true;
  }

  /** Drops the current message: what follows begins a new one. */
  drop(): void {
    this.held = EMPTY;
    this.heldLength = 0;
    this.skip = 0;
  }

  /** The current message will not become complete. */
  cut(stamp: FrameStamp): void {
    if (this.heldLength > HEADER_LENGTH && u8(this.held, 0) === CLIENT_HELLO) {
      this.readClientHelloStart(this.held.subarray(HEADER_LENGTH, this.heldLength), stamp);
    }
  }

  /** Reads the complete messages at the front. Returns where the first incomplete one begins. */
  private readMessages(
    bytes: Uint8Array,
    start: number,
    end: number,
    stamp: FrameStamp,
    recordVersion: number,
  ): number {
    let at = start;
    while (end - at >= HEADER_LENGTH) {
      const type = u8(bytes, at);
      const length = u24(bytes, at + 1);
      if (!isHandshakeType(type)) {
        this.drop();
        this.sink.ciphertext(this, end - at, stamp);
        return end;
      }
      const body = at + HEADER_LENGTH;
      if (length > MAX_HANDSHAKE_LENGTH) {
        this.sink.tooLong(this, type, length, stamp);
        this.skip = length - (end - body);
        return end;
      }
      if (end - body < length) break;
      at = body + length;
      this.readMessage(type, bytes, body, at, stamp);
      this.recordVersion = recordVersion;
      this.pieces = 1;
    }
    return at;
  }

  private readClientHelloStart(body: Uint8Array, stamp: FrameStamp): void {
    const hello = decodeClientHelloStart(body);
    if (hello !== null) this.sink.partialClientHello(this, hello, stamp);
  }

  private append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.heldLength + end - start;
    if (length > this.held.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.held.length));
      grown.set(this.held.subarray(0, this.heldLength));
      this.held = grown;
    }
    this.held.set(bytes.subarray(start, end), this.heldLength);
    this.heldLength = length;
  }

  /** Keeps a copy of the beginning of a message. */
  private keep(bytes: Uint8Array, start: number, end: number): void {
    this.held = start === end ? EMPTY : bytes.slice(start, end);
    this.heldLength = end - start;
  }
}
