import { BOUNDS } from '../../bounds.js';
import type { ConnectionId } from './connection-id.js';
import { bytesOfId, idAt, isId } from './connection-id.js';
import type { LongPacket, Range } from './packet.js';
import type { InitialKeys, OpenedPacket, PacketKeys } from './protection.js';
import { initialKeys, isRetryIntact, keysOfSide, openLongPacket } from './protection.js';
import type { QuicVersion } from './versions.js';

/** Packets that their keys did not open, over all connections of an analysis. */
export interface Failures {
  /** Failures minus packets that opened; after `quicFailures` of them no more are tried. */
  failures: number;
}

type Side = 'client' | 'server';

/** The Initial keys derived from one connection ID and version. */
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

/**
 * The connection IDs from which the Initial keys of a connection are derived (RFC 9001 §5.2): one, and another after
 * each Retry.
 */
export class InitialSecrets {
  private all: readonly InitialSecret[] = NONE;

  constructor(private readonly context: Failures) {}

  get isEmpty(): boolean {
    return this.all.length === 0;
  }

  /** Nominal bytes of the keys. */
  get bytes(): number {
    let bytes = 0;
    for (const { keys } of this.all) bytes += keys.length * KEYS_BYTES;
    return bytes;
  }

  /** So many packets did not open that no more are tried. */
  get isExhausted(): boolean {
    return this.context.failures >= MAX_FAILURES;
  }

  /** Whether Initial keys are derived from this ID: the client made it up, or a Retry set it. */
  has(bytes: Uint8Array, range: Range): boolean {
    for (const { id } of this.all) if (isId(bytes, range, id)) return true;
    return false;
  }

  add(bytes: Uint8Array, range: Range): void {
    this.all = this.all.concat({ id: idAt(bytes, range), keys: NONE });
  }

  /** Opens a packet of the client with the keys of its own ID; adds the ID if that works. */
  openFirst(bytes: Uint8Array, packet: LongPacket, isWanted: (opened: OpenedPacket) => boolean): OpenedPacket | null {
    const secret: InitialSecret = { id: idAt(bytes, packet.header.destinationId), keys: NONE };
    const opened = this.tryOne(secret, bytes, packet, 'client', -1);
    if (opened === null || !isWanted(opened)) return null;
    this.all = this.all.concat(secret);
    return opened;
  }

  /**
   * Opens a packet with the keys of a known ID: the one that the packet names, else the last one, else any. `largest`
   * is the largest known packet number of its sender. With `takesAltered`, the content of a packet that does not open
   * with the first ID is returned all the same.
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
   * Processes a Retry, which names the ID that it answers only through its integrity tag. `isNew`: the client continues
   * with its ID.
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

  /** Drops the keys, which can be derived again. */
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
