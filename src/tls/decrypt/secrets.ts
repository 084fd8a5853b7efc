import { BOUNDS } from '../../bounds.js';
import type { MemoryHolder } from '../../memory.js';

/** A secret that opens records, by its label in a key log (RFC 9850 §2). */
export type SecretLabel =
  /** The 48 bytes of the master secret, up to TLS 1.2. */
  | 'CLIENT_RANDOM'
  | 'CLIENT_EARLY_TRAFFIC_SECRET'
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0';

/** How many ClientHello.randoms have secrets, and of how many nothing was opened. */
export interface SecretCounts {
  readonly randoms: number;
  readonly unused: number;
  /** Secrets beyond what is kept. */
  readonly leftOut: number;
}

/** Secrets by the ClientHello.random that they are for (lower-case hexadecimal, 64 digits). */
export interface Secrets {
  /** Whether there are none at all: what then need not be done costs nothing. */
  readonly isEmpty: boolean;
  /** Keeps a copy. One that is known is not kept twice. */
  add(random: string, label: SecretLabel, secret: Uint8Array): void;
  has(random: string): boolean;
  /** Those of a label, in the order added: several where different connections have the same random. Not to be kept after `wipe`. */
  of(random: string, label: SecretLabel): readonly Uint8Array[];
  /** A secret of this random opened something. */
  used(random: string): void;
  counts(): SecretCounts;
  /** Overwrites all of them with zeros, and forgets them; `counts` stay. */
  wipe(): void;
  readonly holder: MemoryHolder;
}

interface Stored {
  readonly label: SecretLabel;
  readonly secret: Uint8Array;
}

interface Entry {
  readonly stored: Stored[];
  isUsed: boolean;
}

const MAX_SECRETS = BOUNDS.secrets.value;
/** What one of them takes, in bytes of a typical engine. */
const SECRET_COST = 250;
/** Of one label and random: each is tried. */
const MAX_PER_LABEL = BOUNDS.secretsPerLabel.value;
/** Secrets lie in slabs of so many bytes, which are fewer objects than one array each. */
const SLAB_LENGTH = 65_536;

const NONE: readonly Uint8Array[] = [];

export function createSecrets(): Secrets {
  const entries = new Map<string, Entry>();
  const slabs: Uint8Array[] = [];
  let free = 0;
  let kept = 0;
  let leftOut = 0;
  /** Randoms that had secrets when these were given up or wiped, and those that had been used. */
  let pastRandoms = 0;
  let pastUsed = 0;

  const copy = (secret: Uint8Array): Uint8Array => {
    let slab = slabs.at(-1);
    if (slab === undefined || free + secret.length > SLAB_LENGTH) {
      slab = new Uint8Array(Math.max(SLAB_LENGTH, secret.length));
      slabs.push(slab);
      free = 0;
    }
    const place = slab.subarray(free, free + secret.length);
    place.set(secret);
    free += secret.length;
    return place;
  };

  const forget = (random: string, { stored, isUsed }: Entry): void => {
    for (const { secret } of stored) secret.fill(0);
    kept -= stored.length;
    pastRandoms++;
    if (isUsed) pastUsed++;
    entries.delete(random);
  };

  return {
    get isEmpty() {
      return entries.size === 0;
    },
    add(random, label, secret) {
      const entry = entries.get(random);
      const same = entry?.stored.filter((one) => one.label === label) ?? [];
      if (same.some((one) => Buffer.compare(one.secret, secret) === 0)) return;
      if (kept >= MAX_SECRETS || same.length >= MAX_PER_LABEL) {
        leftOut++;
        return;
      }
      kept++;
      const stored = { label, secret: copy(secret) };
      if (entry === undefined) entries.set(random, { stored: [stored], isUsed: false });
      else entry.stored.push(stored);
    },
    has: (random) => entries.has(random),
    of(random, label) {
      const stored = entries.get(random)?.stored;
      if (stored === undefined) return NONE;
      return stored.filter((one) => one.label === label).map(({ secret }) => secret);
    },
    used(random) {
      const entry = entries.get(random);
      if (entry !== undefined) entry.isUsed = true;
    },
    counts() {
      let used = pastUsed;
      for (const { isUsed } of entries.values()) if (isUsed) used++;
      const randoms = pastRandoms + entries.size;
      return { randoms, unused: randoms - used, leftOut };
    },
    wipe() {
      for (const [random, entry] of entries) forget(random, entry);
      for (const slab of slabs) slab.fill(0);
      slabs.length = 0;
      free = 0;
    },
    holder: {
      what: 'secrets of key logs',
      bytes: () => kept * SECRET_COST,
      giveUp() {
        const [oldest] = entries;
        if (oldest === undefined) return 0;
        const [random, entry] = oldest;
        forget(random, entry);
        return entry.stored.length;
      },
    },
  };
}

/** What is there where no keys are given. */
export const NO_SECRETS: Secrets = { ...createSecrets(), add: () => undefined };
