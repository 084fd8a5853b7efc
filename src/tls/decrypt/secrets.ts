import { createSecretSlots, NO_SLOT } from './secret-slots.js';
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
/** The premaster secret of the largest group, of 8192 bits (RFC 7919). */
export const MAX_PREMASTER_LENGTH = 1024;

const NONE: readonly Uint8Array[] = [];

export function createSecrets(): Secrets {
  /** The first slot of each random. */
  const entries = new Map<string, number>();
  const slots = createSecretSlots();
  let hasPremasters = false;
  let leftOut = 0;
  /** Keys of secrets from which others were derived: a handshake counts once, by the random of the derived ones. */
  const sourceRandoms = new Set<string>();
  /** Number of randoms whose secrets were given up or wiped, and how many of these had opened something. */
  let pastRandoms = 0;
  let pastUsed = 0;

  /** Overwrites and forgets the secrets of a random; returns how many there were. */
  const forget = (random: string, first: number): number => {
    const isUsed = slots.isUsed(first);
    let count = 0;
    for (let slot = first; slot !== NO_SLOT; count++) {
      const next = slots.next(slot);
      slots.free(slot);
      slot = next;
    }
    if (!sourceRandoms.delete(random)) {
      pastRandoms++;
      if (isUsed) pastUsed++;
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
    add(random, name, secret, derivedFrom = random) {
      if (derivedFrom !== random && entries.has(derivedFrom)) sourceRandoms.add(derivedFrom);
      const label = LABELS.indexOf(name);
      hasPremasters ||= name === 'PMS_CLIENT_RANDOM' || name === 'RSA' || name === 'RSA Session-ID';
      const first = entries.get(random) ?? NO_SLOT;
      let last = NO_SLOT;
      let same = 0;
      for (let slot = first; slot !== NO_SLOT; slot = slots.next(slot)) {
        last = slot;
        if (slots.label(slot) !== label) continue;
        if (Buffer.compare(slots.secret(slot), secret) === 0) return;
        same++;
      }
      if (slots.count() >= MAX_SECRETS || same >= MAX_PER_LABEL || secret.length > MAX_PREMASTER_LENGTH) {
        leftOut++;
        return;
      }
      const slot = slots.add(label, secret, last);
      if (last === NO_SLOT) entries.set(random, slot);
    },
    has: (random) => entries.has(random),
    of(random, name) {
      const first = entries.get(random);
      if (first === undefined) return NONE;
      const label = LABELS.indexOf(name);
      const found: Uint8Array[] = [];
      for (let slot = first; slot !== NO_SLOT; slot = slots.next(slot)) {
        if (slots.label(slot) === label) found.push(slots.secret(slot));
      }
      return found;
    },
    used(random) {
      const first = entries.get(random);
      if (first !== undefined) slots.noteUsed(first);
    },
    usedRandoms: () => [...entries].flatMap(([random, first]) => (slots.isUsed(first) ? [random] : [])),
    counts() {
      let count = pastUsed;
      let randoms = pastRandoms;
      for (const [random, first] of entries) {
        if (sourceRandoms.has(random)) continue;
        randoms++;
        if (slots.isUsed(first)) count++;
      }
      return { randoms, unused: randoms - count, leftOut };
    },
    wipe() {
      for (const [random, first] of entries) forget(random, first);
      slots.clear();
    },
    holder: {
      what: 'secrets',
      bytes: () => slots.count() * SECRET_COST,
      giveUp() {
        const [oldest] = entries;
        return oldest === undefined ? 0 : forget(...oldest);
      },
    },
  };
}

/** Used where no keys are given. */
export const NO_SECRETS: Secrets = { ...createSecrets(), add: () => undefined };
