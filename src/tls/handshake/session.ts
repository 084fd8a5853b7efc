import { notice, type Notice } from '../../notices.js';
import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { Direction } from '../../transport/flow.js';
import type { MasterSecrets } from '../decrypt/master-secret.js';
import type { ClientHelloMessage } from '../wire/messages/client-hello.js';
import type { Negotiated } from '../wire/messages/handshake.js';
import { readZstdCertificate } from '../wire/messages/handshake.js';
import type { SharedContent } from '../wire/messages/shared.js';
import type { Seen, Transcript, TranscriptEvent } from './transcript.js';
import { addEvent, MAX_ALERTS, MAX_MESSAGES, newTranscript } from './transcript.js';

/** Where and how the decoding had to give up something. */
export interface Problem extends Seen {
  readonly said: Notice;
}

/** The first ClientHello that cannot be read to its end, as far as it can be. */
export interface PartialClientHello extends Seen {
  readonly hello: ClientHelloMessage;
  readonly recordVersion: number;
}

/** What keys did for a handshake that they were given for. */
export interface KeyUse {
  /** Encrypted records, or packets, that they opened. */
  opened: number;
  /**
   * The first that they do not open although they opened others of the same key, where none behind it opens either: it was
   * altered on its way. Whoever reads datagrams passes over such a packet, so of these it takes two.
   */
  altered: Seen | null;
  /** The cipher suite, where it is one that is not read. */
  unreadable: string | null;
}

const MAX_PROBLEMS = BOUNDS.problems.value;
/** Shared, as nearly all sessions have none. */
const NONE: readonly Problem[] = [];

/** What was read of one TLS handshake, whatever carries it: each carrier extends this with how it reads. */
export abstract class HandshakeSession {
  readonly transcript: Transcript = newTranscript();
  /** Version and cipher suite of the last ServerHello or HelloRetryRequest. */
  negotiated: Negotiated = { version: 0, cipherSuite: 0 };
  partialHello: PartialClientHello | null = null;
  /** Somebody sent a heartbeat in the clear: before the handshake was complete, where RFC 6520 §3 wants none. */
  hasEarlyHeartbeat = false;
  /** null where no keys were given for its ClientHello.random. */
  keys: KeyUse | null = null;
  masterSecrets: MasterSecrets | null = null;
  /** Bounded. */
  problems: readonly Problem[] = NONE;
  /** It has certificates that `readLate` reads. */
  isLate = false;
  /** Bytes that what is kept, messages above all, had on the wire. */
  protected keptBytes = 0;

  /** Adds an event to the transcript; says so where there is no room. */
  protected add(event: TranscriptEvent): void {
    if (event.kind === 'message') {
      this.keptBytes += event.length;
      if (event.content.kind === 'zstd_certificate') this.isLate = true;
    }
    const full = addEvent(this.transcript, event);
    if (full === 'messages') {
      this.boundReached(event, notice('too-many-messages', 'connection', { limit: MAX_MESSAGES }));
    } else if (full === 'alerts') {
      this.boundReached(event, notice('too-many-alerts', 'connection', { limit: MAX_ALERTS }));
    }
  }

  /** By direction, the first packet that was altered since one opened; of datagrams alone. */
  private readonly alteredAt: [Seen | null, Seen | null] = [null, null];

  /** A packet does not open, and its key is right. Its receiver passes over it (RFC 9147 §4.5.2, RFC 9001 §5.5). */
  protected packetAltered({ direction, frame, at }: Seen): void {
    const first = this.alteredAt[direction];
    if (first !== null) {
      if (this.keys !== null) this.keys.altered ??= first;
      return;
    }
    this.alteredAt[direction] = { direction, frame, at };
    this.noteProblem({ direction, frame, at, said: notice('altered-packet', 'connection') });
  }

  /** A packet was opened with keys. */
  protected packetOpened(direction: Direction): void {
    if (this.keys === null) return;
    this.keys.opened++;
    this.alteredAt[direction] = null;
    if (this.keys.altered?.direction === direction) this.keys.altered = null;
  }

  /** Reads what is decompressed by code that is loaded when it is needed. */
  async readLate(shared: SharedContent): Promise<void> {
    this.isLate = false;
    const { events } = this.transcript;
    for (const [index, event] of events.entries()) {
      if (event.kind !== 'message' || event.content.kind !== 'zstd_certificate') continue;
      events[index] = { ...event, content: await readZstdCertificate(event.content, shared) };
    }
  }

  /** Keeps the first ClientHello that cannot be read to its end. */
  partialClientHello(
    { direction, recordVersion }: { direction: Direction; recordVersion: number },
    hello: ClientHelloMessage,
    stamp: FrameStamp,
  ): void {
    this.partialHello ??= { direction, frame: stamp.number, at: timestampOf(stamp), hello, recordVersion };
  }

  /** Notes a message that announces more than is ever kept of one; its length is in bytes. */
  tooLong({ direction }: { direction: Direction }, type: number, length: number, stamp: FrameStamp): void {
    const at = timestampOf(stamp);
    this.problem({ direction }, stamp, notice('message-too-long', 'connection', { bytes: length }));
    this.add({
      ...{ kind: 'bad_length', direction, frame: stamp.number, at, protection: 'none' },
      ...{ what: 'message-too-long', type, length, limit: BOUNDS.handshakeLength.value, isBehindGap: false },
    });
  }

  protected problem({ direction }: { direction: Direction }, stamp: FrameStamp, said: Notice): void {
    if (this.problems.length >= MAX_PROBLEMS) return;
    this.noteProblem({ direction, frame: stamp.number, at: timestampOf(stamp), said });
  }

  private noteProblem(problem: Problem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems = [...this.problems, problem];
  }

  /** Says once that a bound was reached, and where: what lies beyond it is not kept. */
  private boundReached({ direction, frame, at }: Seen, said: Notice): void {
    if (this.problems.some((one) => one.said.code === said.code)) return;
    this.problems = [...this.problems, { direction, frame, at, said }];
  }
}
