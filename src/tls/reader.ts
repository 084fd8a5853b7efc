import type { Packing } from '../packing.js';
import type { ByteSink } from '../transport/flow.js';
import { NO_SECRETS, type Secrets } from './decrypt/secrets.js';
import type { SharedPart } from './fast-path/packed-transcript.js';
import { plaintextBytes, type SeenPlaintext } from './plaintext.js';
import { createBufferPool } from './record/buffer-pool.js';
import { TlsSession } from './session.js';
import { createSharedContent } from './wire/messages/shared.js';

/** What a packed session keeps outside: what it shares with others, and what was said before TLS. */
export interface PackedRest {
  readonly shared: readonly SharedPart[];
  readonly plaintextTurns: readonly SeenPlaintext[];
}

/** Reads TLS from flows, each into a session of its own. */
export interface TlsReader extends ByteSink<TlsSession> {
  /** Bytes of all sessions that are not released. */
  readonly heldBytes: () => number;
  /** A session is over, and no longer counts: its keys are overwritten. */
  release(session: TlsSession): void;
  /** Packs a session that is not used again, and returns the rest of it; null if it has something unusual. */
  pack(session: TlsSession, packing: Packing): PackedRest | null;
  /** Makes a session from what `pack` wrote and returned. */
  unpack(rest: PackedRest, packing: Packing): TlsSession;
}

/** @param secrets records of handshakes that these belong to are decrypted */
export function createTlsReader(secrets: Secrets = NO_SECRETS, shared = createSharedContent()): TlsReader {
  const context = { buffers: createBufferPool(), secrets, shared };
  const sharedParts = createSharedParts();
  let bytesHeld = 0;
  const count = (session: TlsSession): void => {
    const { bytes } = session;
    bytesHeld += bytes - session.countedBytes;
    session.countedBytes = bytes;
  };
  return {
    heldBytes: () => bytesHeld + sharedParts.bytes(),
    release(session) {
      session.wipeKeys();
      bytesHeld -= session.countedBytes;
      session.countedBytes = 0;
    },
    pack(session, packing) {
      const parts: (readonly [part: SharedPart, bytes: number])[] = [];
      const isPacked = session.pack(packing, (...part) => parts.push(part));
      if (!isPacked || !packing.fits()) return null;
      for (const [part, bytes] of parts) sharedParts.keep(part, bytes);
      const { plaintextTurns, countedBytes } = session;
      bytesHeld += plaintextBytes(plaintextTurns) - countedBytes;
      return { shared: parts.map(([part]) => part), plaintextTurns };
    },
    unpack({ shared: parts, plaintextTurns }, packing) {
      const session = new TlsSession(context);
      let at = 0;
      session.unpack(packing, () => parts[at++] as SharedPart);
      session.plaintextTurns = plaintextTurns;
      for (const part of parts) sharedParts.letGo(part);
      bytesHeld -= plaintextBytes(plaintextTurns);
      count(session);
      return session;
    },
    open: () => new TlsSession(context),
    data(session, direction, { bytes, offset, end }, stamp) {
      session.records[direction].read(bytes, offset, end, stamp);
      count(session);
    },
    gap(session, direction, length, stamp) {
      session.records[direction].gap(length, stamp);
    },
    end(session, direction, stamp) {
      session.end(direction, stamp);
    },
    skippable: (session, direction) => session.records[direction].skippable,
    skip(session, direction, length) {
      session.records[direction].skip(length);
    },
  };
}

/** Counts the memory that packed sessions share, each thing once. */
function createSharedParts() {
  const held = new Map<SharedPart, { holders: number; readonly bytes: number }>();
  let total = 0;
  return {
    bytes: () => total,
    keep(part: SharedPart, bytes: number): void {
      const known = held.get(part);
      if (known !== undefined) {
        known.holders++;
        return;
      }
      held.set(part, { holders: 1, bytes });
      total += bytes;
    },
    letGo(part: SharedPart): void {
      const known = held.get(part);
      if (known === undefined || --known.holders > 0) return;
      held.delete(part);
      total -= known.bytes;
    },
  };
}
