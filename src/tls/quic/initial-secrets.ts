import { BOUNDS } from '../../bounds.js';
import type { ConnectionId } from './connection-id.js';
import { bytesOfId, idAt, isId } from './connection-id.js';
import type { LongPacket, Range } from './packet.js';
import type { InitialKeys, OpenedPacket, PacketKeys } from './protection.js';
import { initialKeys, isRetryIntact, keysOfSide, openLongPacket } from './protection.js';
import type { QuicVersion } from './versions.js';

/** Packets that their keys did not open, over all connections of an analysis. */
export interface Failures {
  /** Beyond those that opened: as many as `quicFailures` are tried. */
  failures: number;
}

type Side = 'client' | 'server';

/** Keys of Initial packets follow from a connection ID and a version: those of one ID. */
interface InitialSecret {
  readonly id: ConnectionId;
  /** Of a version, rarely two. */
  keys: readonly InitialKeys[];
}

const MAX_FAILURES = BOUNDS.quicFailures.value;
const MAX_SECRETS = BOUNDS.quicEvents.value;
/** Nominal bytes of the keys of one ID. */
const KEYS_BYTES = 2560;
const NONE: readonly never[] = [];

/** The connection IDs from which the Initial keys of a connection follow (RFC 9001 §5.2): one, and another behind each Retry. */
export class InitialSecrets {
  private all: readonly InitialSecret[] = NONE;

  constructor(private readonly context: Failures) {}

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  /** What the keys weigh, in nominal bytes. */
  get bytes(): number {
    let bytes = 0;
    for (const { keys } of this.all) bytes += keys.length * KEYS_BYTES;
    return bytes;
  }

  /** So many packets did not open that none is tried any more. */
  get isExhausted(): boolean {
    return this.context.failures >= MAX_FAILURES;
  }

  /** Whether Initial keys follow from an ID: the client made it up, or a Retry gave it. */
  has(bytes: Uint8Array, range: Range): boolean {
    for (const { id } of this.all) if (isId(bytes, range, id)) return true;
    return false;
  }

  add(bytes: Uint8Array, range: Range): void {
    this.all = this.all.concat({ id: idAt(bytes, range), keys: NONE });
  }

  /** Opens a packet of the client with the keys that follow from its own ID, which is added if it does. */
  openFirst(bytes: Uint8Array, packet: LongPacket, isWanted: (opened: OpenedPacket) => boolean): OpenedPacket | null {
    const secret: InitialSecret = { id: idAt(bytes, packet.header.destinationId), keys: NONE };
    const opened = this.tryOne(secret, bytes, packet, 'client', -1);
    if (opened === null || !isWanted(opened)) return null;
    this.all = this.all.concat(secret);
    return opened;
  }

  /**
   * Opens a packet with the keys of an ID that is known: the one that the packet names, or else the last one, or else any other.
   * `largest` is the largest packet number that its sender is known to have used. What does not open is given with what it says
   * all the same where `takesAltered` and the ID is the first that was tried.
   */
  open(
    bytes: Uint8Array,
    packet: LongPacket,
    side: Side,
    { largest, takesAltered }: { readonly largest: number; readonly takesAltered: boolean },
  ): OpenedPacket | null {
    const { all } = this;
    const named = all.find(({ id }) => isId(bytes, packet.header.destinationId, id)) ?? all.at(-1);
    for (let at = all.length; at >= 0; at--) {
      const secret = at === all.length ? named : all[at];
      if (secret === undefined || (secret === named && at < all.length)) continue;
      const opened = this.tryOne(secret, bytes, packet, side, largest);
      if (opened !== null && (opened.isAuthentic || (takesAltered && secret === named))) return opened;
    }
    return null;
  }

  /** Whether a packet opens with the server's keys of the last ID. */
  opensAsAnswer(bytes: Uint8Array, packet: LongPacket): boolean {
    const secret = this.all.at(-1);
    if (secret === undefined || this.isExhausted) return false;
    return this.tryOne(secret, bytes, packet, 'server', -1)?.isAuthentic === true;
  }

  /**
   * Takes a Retry, which names the ID that it answers in nothing but its integrity tag. `isNew`: the client goes on with its ID.
   */
  retry(
    bytes: Uint8Array,
    packet: LongPacket,
  ): { readonly isIntact: boolean | null; readonly isAgain: boolean; readonly isNew: boolean } {
    const answered = this.all.findLast(({ id }) => {
      if (this.isExhausted) return false;
      const isIntact = isRetryIntact(bytes, packet, bytesOfId(id)) !== false;
      if (!isIntact) this.context.failures++;
      return isIntact;
    });
    const { sourceId } = packet.header;
    const isNew = answered !== undefined && this.all.length < MAX_SECRETS && !this.has(bytes, sourceId);
    const isAgain = answered !== undefined && answered !== this.all[0];
    if (isNew) this.add(bytes, sourceId);
    return { isIntact: packet.version.retry === null ? null : answered !== undefined, isAgain, isNew };
  }

  /** Drops the keys, which can be made again. */
  release(): void {
    for (const secret of this.all) secret.keys = NONE;
  }

  private tryOne(
    secret: InitialSecret,
    bytes: Uint8Array,
    packet: LongPacket,
    side: Side,
    largest: number,
  ): OpenedPacket | null {
    const opened = openLongPacket(bytes, packet, keysOf(secret, packet.version, side), largest);
    const { context } = this;
    if (opened?.isAuthentic !== true) context.failures++;
    else if (context.failures > 0) context.failures--;
    return opened;
  }
}

function keysOf(secret: InitialSecret, version: QuicVersion, side: Side): PacketKeys {
  for (const known of secret.keys) if (known.version === version) return keysOfSide(known, side);
  const made = initialKeys(version, bytesOfId(secret.id));
  secret.keys = secret.keys.concat(made);
  return keysOfSide(made, side);
}
