import { notice, type Notice } from '../../notices.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { Direction } from '../../transport/flow.js';
import type { HandshakeSink } from '../handshake/reader.js';
import { HandshakeReader } from '../handshake/reader.js';
import { HandshakeSession } from '../handshake/session.js';
import type { EncryptionLevel, Protection } from '../handshake/transcript.js';
import type { ClientHelloMessage } from '../wire/messages/client-hello.js';
import type { HandshakeContent } from '../wire/messages/handshake.js';
import type { SharedContent } from '../wire/messages/shared.js';
import { CryptoStream } from './crypto-stream.js';
import { alertOfCode } from './error-codes.js';

/** The packet whose frames are being read. */
export interface CurrentPacket {
  readonly direction: Direction;
  readonly level: EncryptionLevel;
  readonly number: number;
  /** Its version; 0 where the header has none. */
  readonly version: number;
  readonly stamp: FrameStamp;
}

/** What one direction sends at one level. */
interface LevelStream {
  readonly stream: CryptoStream;
  readonly reader: HandshakeReader;
  /** Passes to the reader what the stream delivers. */
  readonly read: (bytes: Uint8Array, start: number, end: number) => void;
}

const bytesOf = ({ stream, reader }: LevelStream): number => stream.heldBytes + reader.heldBytes;

const FATAL = 2;
/** QUIC has no records. The version in records of TLS 1.3, which it carries, is always this (RFC 8446 §5.1). */
const LEGACY_VERSION = 0x0303;

/** Initial packets are encrypted, but with public keys. */
const protectionAt = (level: EncryptionLevel): Protection => (level === 'initial' ? 'none' : 'decrypted');

/** The TLS handshake of a QUIC connection (RFC 9001 §4.1): messages in CRYPTO frames, alerts in CONNECTION_CLOSE. */
export abstract class QuicHandshake extends HandshakeSession implements HandshakeSink {
  /** A ServerHello was read that is not a HelloRetryRequest. */
  protected hasServerHello = false;
  /** Of the first ClientHello, in hexadecimal; empty before. */
  protected clientRandom = '';
  /** null once its messages are complete: repeats are then ignored. */
  private initial: readonly [LevelStream, LevelStream] | null = [this.newStream(0), this.newStream(1)];
  /** Levels that only secrets of a key log open. */
  private protectedLevels: Map<EncryptionLevel, readonly [LevelStream, LevelStream]> | null = null;
  /** The level of the bytes being read. */
  private level: EncryptionLevel = 'initial';
  /** The frame that brought the last bytes. */
  private readonly last: { -readonly [Key in keyof FrameStamp]: FrameStamp[Key] } = {
    number: 0,
    seconds: 0,
    nanoseconds: 0,
    digits: 0,
  };

  constructor(readonly shared: SharedContent) {
    super();
  }

  /** The size of its buffers, in bytes. */
  get heldBytes(): number {
    let sum = this.initial === null ? 0 : bytesOf(this.initial[0]) + bytesOf(this.initial[1]);
    if (this.protectedLevels !== null)
      for (const sent of this.protectedLevels.values()) sum += bytesOf(sent[0]) + bytesOf(sent[1]);
    return sum;
  }

  /**
   * Adds handshake bytes, from `start` to `end` of a packet, which belong at `offset` of its sender's stream at this
   * level.
   */
  protected handshakeBytes(
    { direction, level, stamp }: CurrentPacket,
    offset: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): void {
    const sent = this.streamsAt(level);
    if (sent === null) return;
    const { stream, reader, read } = sent[direction];
    this.level = level;
    const { last } = this;
    last.number = stamp.number;
    last.seconds = stamp.seconds;
    last.nanoseconds = stamp.nanoseconds;
    last.digits = stamp.digits;
    if (!stream.add(offset, bytes, start, end, read)) {
      this.problemOnce(reader, stamp, notice('crypto-not-taken', 'connection'));
    }
  }

  /** The client starts again: with another version, or with a token. */
  protected restart(): void {
    this.initial = [this.newStream(0), this.newStream(1)];
    this.protectedLevels = null;
    this.clientRandom = '';
  }

  /** The messages of Initial packets are complete: drops what assembled them. */
  protected releaseInitial(): void {
    this.initial = null;
  }

  private streamsAt(level: EncryptionLevel): readonly [LevelStream, LevelStream] | null {
    if (level === 'initial') return this.initial;
    this.protectedLevels ??= new Map();
    let sent = this.protectedLevels.get(level);
    if (sent === undefined) this.protectedLevels.set(level, (sent = [this.newStream(0), this.newStream(1)]));
    return sent;
  }

  /** QUIC itself closes with `code`, which may stand for a TLS alert (RFC 9001 §4.8). */
  protected closed(direction: Direction, level: EncryptionLevel, code: number, stamp: FrameStamp): void {
    const description = alertOfCode(code);
    if (description === null) return;
    this.add({
      kind: 'alert',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: protectionAt(level),
      level: FATAL,
      description,
      recordVersion: LEGACY_VERSION,
    });
  }

  /** A frame of an Initial packet cannot be read: it is not allowed there, or does not fit. */
  protected badFrame(direction: Direction, stamp: FrameStamp): void {
    this.problemOnce({ direction }, stamp, notice('quic-frame-unreadable', 'connection'));
  }

  end(): void {
    if (this.initial !== null) for (const { reader } of this.initial) reader.cut(this.last);
  }

  // Callbacks of the handshake readers.

  message(
    { direction, pieces }: HandshakeReader,
    type: number,
    length: number,
    content: HandshakeContent,
    stamp: FrameStamp,
  ): void {
    const { level } = this;
    this.add({
      kind: 'message',
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      protection: protectionAt(level),
      type,
      length,
      content,
      recordVersion: LEGACY_VERSION,
      pieces,
      isBehindGap: false,
      level,
    });
    if (content.kind === 'client_hello' && this.clientRandom === '') this.clientRandom = content.hello.random;
    if (content.kind !== 'server_hello' || level !== 'initial') return;
    const { version, cipherSuite, isHelloRetryRequest } = content.hello;
    this.negotiated = { version, cipherSuite };
    this.hasServerHello ||= !isHelloRetryRequest;
  }

  override partialClientHello({ direction }: HandshakeReader, hello: ClientHelloMessage, stamp: FrameStamp): void {
    this.partialHello ??= {
      direction,
      frame: stamp.number,
      at: timestampOf(stamp),
      hello,
      recordVersion: LEGACY_VERSION,
    };
  }

  ciphertext(reader: HandshakeReader, _length: number, stamp: FrameStamp): void {
    this.problemOnce(reader, stamp, notice('malformed-message', 'noMessage'));
  }

  private newStream(direction: Direction): LevelStream {
    const reader = new HandshakeReader(direction, this);
    const read: LevelStream['read'] = (bytes, start, end) => {
      reader.read(bytes, start, end, this.last);
    };
    return { stream: new CryptoStream(), reader, read };
  }

  private problemOnce(by: { direction: Direction }, stamp: FrameStamp, said: Notice): void {
    if (!this.problems.some((one) => one.notice.code === said.code)) this.problem(by, stamp, said);
  }
}
