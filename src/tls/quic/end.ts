import { BOUNDS } from '../../bounds.js';
import type { FrameStamp } from '../../capture/frame.js';
import { timestampOf } from '../../capture/timestamp.js';
import type { Direction } from '../../transport/flow.js';
import type { Seen } from '../handshake/transcript.js';
import type { ConnectionId } from './connection-id.js';
import { idAt, isId } from './connection-id.js';
import type { Range } from './packet.js';

/** A packet that is encrypted with keys that are not public. */
export interface ProtectedPacket extends Seen {
  readonly level: ProtectedLevel;
  /** Bytes of the packet. */
  readonly length: number;
}

const LEVELS = ['0rtt', 'handshake', '1rtt'] as const;
type ProtectedLevel = (typeof LEVELS)[number];

/** Unreadable packets kept: the first ones and the last; of those with application keys only the first. */
const MAX_PROTECTED = BOUNDS.encryptedRecords.value;
const MAX_IDS = BOUNDS.quicEvents.value;
/** Of each kept packet: frame, seconds, nanoseconds, digits, level and length. */
const FIELDS = 6;
const LEVEL = 4;
const NONE: readonly never[] = [];

/** What one end of a connection sent. */
export class QuicEnd {
  /**
   * Packets at each level. `1rtt`: those to a connection ID that the handshake shows. `short`: others with a short
   * header; their ID was announced encrypted, or they belong to an older connection, or are a stateless reset.
   */
  readonly packets = { initial: 0, '0rtt': 0, handshake: 0, '1rtt': 0, short: 0 };
  /** UDP payload of its longest datagram, in bytes. */
  longestDatagram = 0;
  /**
   * The connection IDs to which its packets are known to be addressed; first those that it chose itself in its long
   * headers.
   */
  ids: readonly ConnectionId[] = NONE;
  /** The largest known packet number of its Initial packets; -1 before the first. */
  largest = -1;
  /** Number of Initial packets that ask again. */
  resent = 0;
  /** It acknowledged Initial packets. */
  hasAcknowledged = false;
  /** In one list, as many more wait like this one: an object for each would take more memory. */
  private kept: readonly number[] = NONE;

  constructor(private readonly direction: Direction) {}

  /** The first packets that cannot be read, in order, and the last one; of `1rtt` only the first. */
  get protectedPackets(): ProtectedPacket[] {
    const packets: ProtectedPacket[] = [];
    for (let at = 0; at < this.kept.length; at += FIELDS) packets.push(this.keptAt(at));
    return packets;
  }

  /** The first of them at this level. */
  firstProtected(level: ProtectedLevel): ProtectedPacket | null {
    for (let at = 0; at < this.kept.length; at += FIELDS) if (this.isAtLevel(at, level)) return this.keptAt(at);
    return null;
  }

  private isAtLevel(at: number, level: ProtectedLevel): boolean {
    return this.kept[at + LEVEL] === LEVELS.indexOf(level);
  }

  private keptAt(start: number): ProtectedPacket {
    const field = (index: number): number => this.kept[start + index] ?? 0;
    return {
      direction: this.direction,
      frame: field(0),
      at: timestampOf({ seconds: field(1), nanoseconds: field(2), digits: field(3) }),
      level: LEVELS[field(LEVEL)] ?? '1rtt',
      length: field(5),
    };
  }

  /** Notes a packet of `length` bytes that cannot be read. */
  noteProtected(level: ProtectedLevel, length: number, { number, seconds, nanoseconds, digits }: FrameStamp): void {
    const { packets } = this;
    packets[level]++;
    if (level === '1rtt' && packets['1rtt'] > 1) return;
    const packet = [number, seconds, nanoseconds, digits, LEVELS.indexOf(level), length];
    if (this.kept.length >= MAX_PROTECTED * FIELDS) this.keepLast(packet);
    // `push` would reserve room that is never used.
    else this.kept = this.kept.concat(packet);
  }

  /** Replaces the last kept packet by this one, unless that is the one of `1rtt`. */
  private keepLast(packet: readonly number[]): void {
    const last = this.kept.length - FIELDS;
    const at = this.isAtLevel(last, '1rtt') ? last - FIELDS : last;
    this.kept = [...this.kept.slice(0, at), ...this.kept.slice(at + FIELDS), ...packet];
  }

  /** Number of datagrams with packets of a level after a frame, as far as they are kept. */
  datagramsBehind(frame: number, level: ProtectedLevel): number {
    let count = 0;
    let last = frame;
    for (let at = 0; at < this.kept.length; at += FIELDS) {
      const number = this.kept[at] ?? 0;
      if (number <= last || !this.isAtLevel(at, level)) continue;
      last = number;
      count++;
    }
    return count;
  }

  hasId(bytes: Uint8Array, range: Range): boolean {
    for (const id of this.ids) if (isId(bytes, range, id)) return true;
    return false;
  }

  learnId(bytes: Uint8Array, range: Range): void {
    if (this.ids.length < MAX_IDS && !this.hasId(bytes, range)) this.ids = this.ids.concat(idAt(bytes, range));
  }
}
