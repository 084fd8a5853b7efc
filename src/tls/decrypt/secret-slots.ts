/**
 * Memory for secrets: slots in slabs, because an object for each secret would take more. A slot has a label, links to the
 * next secret of the same random, and whether it was used.
 */
export interface SecretSlots {
  /** Stores a secret behind `last`, the last one of the same random, or as its first one if that is NO_SLOT. */
  add(label: number, secret: Uint8Array, last: number): number;
  /** Overwrites a secret with zeros. */
  free(slot: number): void;
  /** A view of a secret. */
  readonly secret: (slot: number) => Uint8Array;
  readonly label: (slot: number) => number;
  /** The next secret of the same random, or NO_SLOT. */
  readonly next: (slot: number) => number;
  noteUsed(slot: number): void;
  readonly isUsed: (slot: number) => boolean;
  /** Slots in use: a long secret takes several. */
  readonly count: () => number;
  /** Forgets all slots, which have been freed. */
  clear(): void;
}

export const NO_SLOT = -1;

/** Bytes of a slot: the usual longest secret. A premaster secret may take several slots of one slab. */
const SLOT_LENGTH = 48;
const SLAB_SLOTS = 1024;
const NO_SECRET = new Uint8Array(0);

const slotsOf = (length: number): number => Math.max(1, Math.ceil(length / SLOT_LENGTH));

export function createSecretSlots(): SecretSlots {
  const slabs: (Uint8Array | null)[] = [];
  /** By slab: how many of its slots are not freed. */
  const left: number[] = [];
  /** By slot: label and length of its secret; the next one of the same random; and whether it was used. */
  const labels: number[] = [];
  const lengths: number[] = [];
  const nexts: number[] = [];
  const used: boolean[] = [];
  let count = 0;

  const secretAt = (slot: number): Uint8Array => {
    const start = (slot % SLAB_SLOTS) * SLOT_LENGTH;
    const slab = slabs[Math.floor(slot / SLAB_SLOTS)];
    return slab?.subarray(start, start + (lengths[slot] ?? 0)) ?? NO_SECRET;
  };
  const newSlot = (label: number, length: number): number => {
    const slot = labels.length;
    if (slot % SLAB_SLOTS === 0) {
      slabs.push(new Uint8Array(SLAB_SLOTS * SLOT_LENGTH));
      left.push(SLAB_SLOTS);
    }
    labels.push(label);
    lengths.push(length);
    nexts.push(NO_SLOT);
    used.push(false);
    return slot;
  };
  /** Marks some slots from this one on as free; drops a slab without others. */
  const drop = (slot: number, slots: number): void => {
    const slab = Math.floor(slot / SLAB_SLOTS);
    left[slab] = (left[slab] ?? 0) - slots;
    if (left[slab] === 0) slabs[slab] = null;
  };

  return {
    add(label, secret, last) {
      const slots = slotsOf(secret.length);
      // A secret lies in one slab: the rest of the current one stays free if it is too small.
      while ((labels.length % SLAB_SLOTS) + slots > SLAB_SLOTS) drop(newSlot(label, 0), 1);
      const slot = newSlot(label, secret.length);
      for (let more = 1; more < slots; more++) newSlot(label, 0);
      secretAt(slot).set(secret);
      count += slots;
      if (last !== NO_SLOT) nexts[last] = slot;
      return slot;
    },
    free(slot) {
      const slots = slotsOf(lengths[slot] ?? 0);
      secretAt(slot).fill(0);
      drop(slot, slots);
      count -= slots;
    },
    secret: secretAt,
    label: (slot) => labels[slot] ?? 0,
    next: (slot) => nexts[slot] ?? NO_SLOT,
    noteUsed(slot) {
      used[slot] = true;
    },
    isUsed: (slot) => used[slot] === true,
    count: () => count,
    clear() {
      for (const list of [slabs, labels, lengths, nexts, used, left]) list.length = 0;
    },
  };
}
