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

/** What could not be decoded, and where. */
export interface Problem extends Seen {
  readonly notice: Notice;
}

/** The readable part of the first ClientHello that cannot be decoded completely. */
export interface PartialClientHello extends Seen {
  readonly hello: ClientHelloMessage;
  readonly recordVersion: number;
}

/** What the keys given for a handshake opened. */
export interface KeyUse {
  /** Encrypted records, or packets, that they opened. */
  opened: number;
  /**
   * The first record that does not open although its key opened others, if none after it opens either: it was altered
   * on the way. A receiver of datagrams ignores such a packet, so over datagrams it takes two.
   */
  altered: Seen | null;
  /** The cipher suite, if it cannot be decrypted here. */
  unreadable: string | null;
}

const MAX_PROBLEMS = BOUNDS.problems.value;
/** Shared, as nearly all sessions have none. */
const NONE: readonly Problem[] = [];

/** What was read of one TLS handshake, whatever carries it. Each carrier extends this with the way it is read. */
export abstract class HandshakeSession {
  readonly transcript: Transcript = newTranscript();
  /** Version and cipher suite of the last ServerHello or HelloRetryRequest. */
  negotiated: Negotiated = { version: 0, cipherSuite: 0 };
  partialHello: PartialClientHello | null = null;
  /** A side sent a plaintext heartbeat before the handshake was complete, which RFC 6520 §3 forbids. */
  hasEarlyHeartbeat = false;
  /** null where no keys were given for its ClientHello.random. */
  keys: KeyUse | null = null;
  masterSecrets: MasterSecrets | null = null;
  /** Bounded. */
  problems: readonly Problem[] = NONE;
  /** It has certificates compressed with zstd, which `readZstdCertificates` reads. */
  hasZstdCertificates = false;
  /** Wire bytes of what is kept, mostly messages. */
  protected keptBytes = 0;

  /** Adds an event to the transcript; notes it if there is no room. */
  protected add(event: TranscriptEvent): void {
    if (event.kind === 'message') {
      this.keptBytes += event.length;
      if (event.content.kind === 'zstd_certificate') this.hasZstdCertificates = true;
    }
    const full = addEvent(this.transcript, event);
    if (full === 'messages') {
      this.boundReached(event, notice('too-many-messages', 'connection', { limit: MAX_MESSAGES }));
    } else if (full === 'alerts') {
      this.boundReached(event, notice('too-many-alerts', 'connection', { limit: MAX_ALERTS }));
    }
  }

  /** By direction: the first altered packet since one opened; only for datagrams. */
  private readonly alteredAt: [Seen | null, Seen | null] = [null, null];

  /** A packet does not open although its key is right. Its receiver ignores it (RFC 9147 §4.5.2, RFC 9001 §5.5). */
  protected packetAltered({ direction, frame, at }: Seen): void {
    const first = this.alteredAt[direction];
    if (first !== null) {
      if (this.keys !== null) this.keys.altered ??= first;
      return;
    }
    this.alteredAt[direction] = { direction, frame, at };
    this.noteProblem({ direction, frame, at, notice: notice('altered-packet', 'connection') });
  }

  /** A packet was opened with keys. */
  protected packetOpened(direction: Direction): void {
    if (this.keys === null) return;
    this.keys.opened++;
    this.alteredAt[direction] = null;
    if (this.keys.altered?.direction === direction) this.keys.altered = null;
  }

  /** Reads certificates compressed with zstd, whose decoder is loaded only when needed. */
  async readZstdCertificates(shared: SharedContent): Promise<void> {
    this.hasZstdCertificates = false;
    const { events } = this.transcript;
    for (const [index, event] of events.entries()) {
      if (event.kind !== 'message' || event.content.kind !== 'zstd_certificate') continue;
      events[index] = { ...event, content: await readZstdCertificate(event.content, shared) };
    }
  }

  /** Keeps the first ClientHello that cannot be decoded completely. */
  partialClientHello(
    { direction, recordVersion }: { direction: Direction; recordVersion: number },
    hello: ClientHelloMessage,
    stamp: FrameStamp,
  ): void {
    this.partialHello ??= { direction, frame: stamp.number, at: timestampOf(stamp), hello, recordVersion };
  }

  /** Notes a message that announces more bytes than are ever kept of one. */
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
    this.noteProblem({ direction, frame: stamp.number, at: timestampOf(stamp), notice: said });
  }

  private noteProblem(problem: Problem): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems = [...this.problems, problem];
  }

  /** Notes once that a bound was reached, and where: anything beyond it is dropped. */
  private boundReached({ direction, frame, at }: Seen, said: Notice): void {
    if (this.problems.some((one) => one.notice.code === said.code)) return;
    this.problems = [...this.problems, { direction, frame, at, notice: said }];
  }
}
