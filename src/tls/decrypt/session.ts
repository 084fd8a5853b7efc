import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import { opposite, type Direction, type FrameRef } from '../../transport/flow.js';
import type { KeyUse } from '../handshake/session.js';
import type { ClientHelloMessage } from '../wire/messages/client-hello.js';
import type { ServerHelloMessage } from '../wire/messages/server-hello.js';
import type { MasterSecrets } from './master-secret.js';
import type { Secrets } from './secrets.js';
import type { OpenedRecord, ProtectedRecord } from './direction.js';
import { createStreamDecryption, type StreamDecryption } from './stream.js';
import { recordCipher } from './suites.js';

/** The header of an encrypted record, and whether the capture lacks bytes before it. */
export interface RecordHeader extends ProtectedRecord {
  readonly hasGap: boolean;
}

/** The session whose records are decrypted; it receives them opened, or as they are. */
export interface DecryptedSession {
  /** What the keys opened; null while there are no keys for it. */
  keys: KeyUse | null;
  readonly masterSecrets: MasterSecrets | null;
  /** A record whose body was wanted is not opened. `began`: the frame with its header. */
  closedRecord(header: RecordHeader, began: FrameRef): void;
  /** A record is opened; `stamp` is the frame that completed it. */
  openedRecord(header: RecordHeader, opened: OpenedRecord, began: FrameRef, stamp: FrameStamp): void;
}

/** An encrypted record that waits for the ServerHello. */
interface WaitingRecord {
  readonly header: RecordHeader;
  readonly body: Uint8Array;
  readonly began: FrameRef;
  readonly stamp: FrameStamp;
}

/** Bytes of encrypted records held until the ServerHello. */
const MAX_EARLY_DATA = BOUNDS.earlyDataBytes.value;

/** The extension (RFC 8446 §4.2.10). */
const EARLY_DATA = 42;

const newKeyUse = (): KeyUse => ({ opened: 0, altered: null, unreadable: null });

/** Decrypts the records of one TLS session: looks up secrets by its hellos, and holds records that come before them. */
export class SessionDecryption {
  /** Set if there are secrets for the session, or nothing is encrypted. */
  private stream: StreamDecryption | null = null;
  /** Where the current encrypted record of each direction began, if its body is wanted. */
  private readonly wanted: [FrameRef | null, FrameRef | null] = [null, null];
  private readonly waiting: WaitingRecord[] = [];
  private waitingBytes = 0;
  /** ClientHello.random, once secrets were looked up for it. */
  private random = '';

  constructor(
    private readonly secrets: Secrets,
    private readonly session: DecryptedSession,
  ) {}

  /** Bytes of the records that wait. */
  get heldBytes(): number {
    return this.waitingBytes;
  }

  /** Whether it has looked up and holds nothing. */
  get isUnused(): boolean {
    return this.waiting.length === 0 && this.random === '' && this.stream === null;
  }

  /** The cipher suite does not encrypt. */
  get isNull(): boolean {
    return this.stream?.isNull === true;
  }

  /** Overwrites the keys: nothing more will be opened. */
  wipe(): void {
    this.stream?.wipe();
    this.stream = null;
  }

  /** Up to TLS 1.2: new keys are used from here on. */
  changeCipherSpec(direction: Direction): void {
    this.stream?.changeCipherSpec(direction);
  }

  /** A handshake message was read: in TLS 1.3, some change the keys. */
  message(direction: Direction, type: number): void {
    this.stream?.message(direction, type);
  }

  /** Bytes of the stream are missing. */
  gap(direction: Direction): void {
    this.stream?.gap(direction);
  }

  /** Whether the body of the encrypted record that begins in a frame is wanted: then it is passed to `record`. */
  wants(header: RecordHeader, stamp: FrameStamp): boolean {
    if (this.stream?.wants(header) !== true) return false;
    this.wanted[header.direction] = { frame: stamp.number, at: timestampOf(stamp) };
    return true;
  }

  /** Opens a wanted record, whose body is complete, or holds it until the ServerHello. */
  record({ direction, type, version, length, hasGap }: RecordHeader, body: Uint8Array, stamp: FrameStamp): void {
    const began = this.wanted[direction];
    this.wanted[direction] = null;
    if (began === null || this.stream === null) return;
    const header = { direction, type, version, length, hasGap };
    if (!this.stream.isWaiting) this.open(this.stream, header, body, began, stamp);
    else if (this.waitingBytes + body.length > MAX_EARLY_DATA) this.session.closedRecord(header, began);
    else {
      this.waitingBytes += body.length;
      const { number, seconds, nanoseconds, digits } = stamp;
      this.waiting.push({ header, body: body.slice(), began, stamp: { number, seconds, nanoseconds, digits } });
    }
  }

  /** The current record will not become complete. */
  cut(header: RecordHeader): void {
    const began = this.wanted[header.direction];
    if (began !== null) this.session.closedRecord(header, began);
    this.wanted[header.direction] = null;
    // Records that wait for the ServerHello have waited long enough.
    if (this.waiting.length > 0) this.openWaiting();
  }

  /** Looks up secrets for a ClientHello. `isDecrypted`: it begins a renegotiation. */
  clientHello(direction: Direction, { random, extensions }: ClientHelloMessage, isDecrypted: boolean): void {
    if (isDecrypted) this.stream?.clientHello(random);
    if (isDecrypted || this.secrets.isEmpty || this.random === random) return;
    this.random = random;
    this.stream = null;
    if (!this.secrets.has(random)) return;
    this.decrypt(
      direction,
      extensions.some(({ type }) => type === EARLY_DATA),
    );
  }

  /** Secrets of RSA are found by this message: only now is it known whether there are any. */
  clientKeyExchange(client: Direction): void {
    const serverHello = this.session.masterSecrets?.serverHello ?? null;
    if (serverHello === null || this.stream !== null || !this.secrets.has(this.random)) return;
    this.decrypt(client, false).serverHello(serverHello);
  }

  /** The ServerHello says how records are protected. */
  serverHello(direction: Direction, hello: ServerHelloMessage): void {
    // Without encryption, no keys are needed.
    if (this.stream === null && recordCipher(hello.cipherSuite)?.kind === 'null') {
      const offer = { random: '', offersEarlyData: false };
      this.stream = createStreamDecryption(this.secrets, opposite(direction), offer, newKeyUse());
    }
    // Only now is it known whether there is a secret for its session ID.
    if (this.stream === null && this.session.masterSecrets !== null && this.secrets.has(this.random)) {
      this.decrypt(opposite(direction), false);
    }
    this.stream?.serverHello(hello);
    if (this.isNull) this.session.keys = null;
    if (this.waiting.length > 0) this.openWaiting();
  }

  private decrypt(client: Direction, offersEarlyData: boolean): StreamDecryption {
    const keys = newKeyUse();
    this.session.keys = keys;
    const stream = createStreamDecryption(this.secrets, client, { random: this.random, offersEarlyData }, keys);
    this.stream = stream;
    return stream;
  }

  private open(
    stream: StreamDecryption,
    header: RecordHeader,
    body: Uint8Array,
    began: FrameRef,
    stamp: FrameStamp,
  ): void {
    const opened = stream.open(header, body);
    const { direction } = header;
    const { keys } = this.session;
    if (typeof opened === 'string') {
      this.session.closedRecord(header, began);
      if (opened === 'altered' && keys !== null) keys.altered ??= { direction, ...began };
      return;
    }
    if (keys?.altered?.direction === direction) keys.altered = null;
    this.session.openedRecord(header, opened, began, stamp);
  }

  /** Opens the records that waited for the ServerHello. */
  private openWaiting(): void {
    for (const { header, body, began, stamp } of this.waiting.splice(0)) {
      if (this.stream?.wants(header) === true) this.open(this.stream, header, body, began, stamp);
      else this.session.closedRecord(header, began);
    }
    this.waitingBytes = 0;
  }
}
