import { BOUNDS } from '../../bounds.js';
import type { MemoryHolder } from '../../memory.js';

/** A secret that opens records, by its label in a key log (RFC 9850 §2). */
export type SecretLabel =
  /** The 48 bytes of the master secret, up to TLS 1.2. */
  | 'CLIENT_RANDOM'
  /**
   * From which the master secret is derived; by the ClientHello.random, or by the first bytes of the RSA-encrypted
   * premaster secret.
   */
  | 'PMS_CLIENT_RANDOM'
  | 'RSA'
  /** The master secret, up to TLS 1.2, by the session ID: an OpenSSL format older than key logs. */
  | 'RSA Session-ID'
  | 'CLIENT_EARLY_TRAFFIC_SECRET'
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0';

/** How many ClientHello.randoms have secrets, and how many of these opened nothing. */
export interface SecretCounts {
  readonly randoms: number;
  readonly unused: number;
  /** Secrets beyond what is kept. */
  readonly leftOut: number;
}

/** Bytes of an encrypted premaster secret that identify it. */
export const ENCRYPTED_PREMASTER_START = 8;

/**
 * Secrets by the ClientHello.random that they belong to (lower-case hexadecimal, 64 digits); those of label `RSA` by
 * the first bytes of the encrypted premaster secret (16 digits), those of `RSA Session-ID` by the session ID.
 */
export interface Secrets {
  /** Whether there are none at all, so that their users can skip work. */
  readonly isEmpty: boolean;
  /** Whether some cannot be found by the ClientHello: master secrets have to be derived, or found by session ID. */
  readonly hasPremasters: boolean;
  /** Keeps a copy, unless the secret is known. `derivedFrom`: the key of the secret from which this one was derived. */
  add(random: string, label: SecretLabel, secret: Uint8Array, derivedFrom?: string): void;
  has(random: string): boolean;
  /** Secrets of a label, in the order added: several if connections share a random. Not to be kept after `wipe`. */
  of(random: string, label: SecretLabel): readonly Uint8Array[];
  /** Notes that a secret of this random opened something. */
  used(random: string): void;
  counts(): SecretCounts;
  /** The randoms whose secrets opened something, except forgotten ones. */
  usedRandoms(): readonly string[];
  /** Overwrites all of them with zeros and forgets them; `counts` stays. */
  wipe(): void;
  readonly holder: MemoryHolder;
}

/** A slot stores its label as an index in this list. */
const LABELS: readonly SecretLabel[] = [
  'CLIENT_RANDOM',
  'PMS_CLIENT_RANDOM',
  'RSA',
  'RSA Session-ID',
  'CLIENT_EARLY_TRAFFIC_SECRET',
  'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
  'SERVER_HANDSHAKE_TRAFFIC_SECRET',
  'CLIENT_TRAFFIC_SECRET_0',
  'SERVER_TRAFFIC_SECRET_0',
];

const MAX_SECRETS = BOUNDS.secrets.value;
/** Bytes of a secret's entry in a typical engine. */
const SECRET_COST = 100;
/** Secrets of one label and random: each of them is tried. */
const MAX_PER_LABEL = BOUNDS.secretsPerLabel.value;
/**
 * Secrets are in slots of this size, the usual longest, and slots in slabs: an object for each would take more memory.
 * A premaster secret may take several slots of one slab.
 */
const SLOT_LENGTH = 48;
const SLAB_SLOTS = 1024;
/** The premaster secret of the largest group, of 8192 bits (RFC 7919). */
export const MAX_PREMASTER_LENGTH = 1024;

const NONE: readonly Uint8Array[] = [];

const slotsOf = (length: number): number => Math.max(1, Math.ceil(length / SLOT_LENGTH));

export function createSecrets(): Secrets {
  /** The first slot of each random. */
  const entries = new Map<string, number>();
  const slabs: (Uint8Array | null)[] = [];
  /**
   * By slot: label and length of its secret; the next one of the same random, 0 if there is none; and whether the first
   * was used.
   */
  const labels: number[] = [];
  const lengths: number[] = [];
  const nexts: number[] = [];
  const used: boolean[] = [];
  /** By slab: how many of its secrets are not forgotten. */
  const left: number[] = [];
  /** Slots that are taken. */
  let kept = 0;
  let hasPremasters = false;
  let leftOut = 0;
  /** Keys of secrets from which others were derived: a handshake counts once, by the random of the derived ones. */
  const sourceRandoms = new Set<string>();
  /** Number of randoms whose secrets were given up or wiped, and how many of these had opened something. */
  let pastRandoms = 0;
  let pastUsed = 0;

  const secretAt = (slot: number): Uint8Array => {
    const start = (slot % SLAB_SLOTS) * SLOT_LENGTH;
    const slab = slabs[Math.floor(slot / SLAB_SLOTS)];
    return slab?.subarray(start, start + (lengths[slot] ?? 0)) ?? new Uint8Array(0);
  };

  const newSlot = (label: number, length: number): number => {
    const slot = labels.length;
    if (slot % SLAB_SLOTS === 0) {
      slabs.push(new Uint8Array(SLAB_SLOTS * SLOT_LENGTH));
      left.push(SLAB_SLOTS);
    }
    labels.push(label);
    lengths.push(length);
    nexts.push(0);
    used.push(false);
    return slot;
  };

  const store = (label: number, secret: Uint8Array): number => {
    const slots = slotsOf(secret.length);
    while ((labels.length % SLAB_SLOTS) + slots > SLAB_SLOTS) drop(newSlot(label, 0), 1);
    const slot = newSlot(label, secret.length);
    for (let more = 1; more < slots; more++) newSlot(label, 0);
    secretAt(slot).set(secret);
    kept += slots;
    return slot;
  };

  /** Frees some slots, from this one on. */
  const drop = (slot: number, slots: number): void => {
    const slab = Math.floor(slot / SLAB_SLOTS);
    left[slab] = (left[slab] ?? 0) - slots;
    if (left[slab] === 0) slabs[slab] = null;
  };

  /** How many secrets it had. */
  const forget = (random: string, first: number): number => {
    let count = 0;
    let slot = first;
    do {
      const slots = slotsOf(lengths[slot] ?? 0);
      secretAt(slot).fill(0);
      drop(slot, slots);
      kept -= slots;
      count++;
      slot = nexts[slot] ?? 0;
    } while (slot > 0);
    if (!sourceRandoms.delete(random)) {
      pastRandoms++;
      if (used[first] === true) pastUsed++;
    }
    entries.delete(random);
    return count;
  };

  return {
    get isEmpty() {
      return entries.size === 0;
    },
    get hasPremasters() {
      return hasPremasters;
    },
    add(random, name, secret, madeOf = random) {
      if (madeOf !== random && entries.has(madeOf)) sourceRandoms.add(madeOf);
      const label = LABELS.indexOf(name);
      hasPremasters ||= name === 'PMS_CLIENT_RANDOM' || name === 'RSA' || name === 'RSA Session-ID';
      const first = entries.get(random);
      let last = first;
      let same = 0;
      for (let slot = first; slot !== undefined; slot = nexts[slot] === 0 ? undefined : nexts[slot]) {
        last = slot;
        if (labels[slot] !== label) continue;
        if (Buffer.compare(secretAt(slot), secret) === 0) return;
        same++;
      }
      if (kept >= MAX_SECRETS || same >= MAX_PER_LABEL || secret.length > MAX_PREMASTER_LENGTH) {
        leftOut++;
        return;
      }
      const slot = store(label, secret);
      if (last === undefined) entries.set(random, slot);
      else nexts[last] = slot;
    },
    has: (random) => entries.has(random),
    of(random, name) {
      const first = entries.get(random);
      if (first === undefined) return NONE;
      const label = LABELS.indexOf(name);
      const found: Uint8Array[] = [];
      let slot = first;
      do {
        if (labels[slot] === label) found.push(secretAt(slot));
        slot = nexts[slot] ?? 0;
      } while (slot > 0);
      return found;
    },
    used(random) {
      const first = entries.get(random);
      if (first !== undefined) used[first] = true;
    },
    usedRandoms: () => [...entries].flatMap(([random, first]) => (used[first] === true ? [random] : [])),
    counts() {
      let count = pastUsed;
      let randoms = pastRandoms;
      for (const [random, first] of entries) {
        if (sourceRandoms.has(random)) continue;
        randoms++;
        if (used[first] === true) count++;
      }
      return { randoms, unused: randoms - count, leftOut };
    },
    wipe() {
      for (const [random, first] of entries) forget(random, first);
      for (const list of [slabs, labels, lengths, nexts, used, left]) list.length = 0;
    },
    holder: {
      what: 'secrets',
      bytes: () => kept * SECRET_COST,
      giveUp() {
        const [oldest] = entries;
        return oldest === undefined ? 0 : forget(...oldest);
      },
    },
  };
}

/** Used where no keys are given. */
export const NO_SECRETS: Secrets = { ...createSecrets(), add: () => undefined };
