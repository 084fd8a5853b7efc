/** What a full map does when it is given a new key. */
export type WhenFull = 'refuse' | 'forget oldest' | 'forget least recently used';

export interface BoundedMapOptions<Value> {
  /** Entries that the map holds at most. */
  readonly size: number;
  readonly whenFull: WhenFull;
  /** What all entries may weigh together, and what one of them weighs, which must never change: bytes, mostly. */
  readonly weight?: { readonly limit: number; readonly of: (value: Value) => number };
}

/** A map whose size, and whose weight if that is asked for, never pass their limits. It is walked in the order of `set`. */
export interface BoundedMap<Key, Value> extends Iterable<readonly [Key, Value]> {
  readonly size: number;
  /** What all entries weigh together. */
  readonly weight: number;
  /** With `forget least recently used`, this is a use. */
  get(key: Key): Value | undefined;
  /** Is no use. */
  has(key: Key): boolean;
  /**
   * Sets the value of a key, for which others may be forgotten; says whether it is kept. What alone weighs more than the
   * limit is not, and changes nothing. A key that is set again is as new.
   */
  set(key: Key, value: Value): boolean;
  /** The value of a key; if there is none, what `make` gives, which is kept as by `set`. */
  getOrMake(key: Key, make: (key: Key) => Value): Value;
  delete(key: Key): boolean;
  clear(): void;
  keys(): Iterable<Key>;
  values(): Iterable<Value>;
}

export function createBoundedMap<Key, Value extends object | string | number>({
  size,
  whenFull,
  weight = { limit: Infinity, of: () => 0 },
}: BoundedMapOptions<Value>): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();
  let total = 0;

  const remove = (key: Key, value: Value): void => {
    entries.delete(key);
    total -= weight.of(value);
  };

  const get = (key: Key): Value | undefined => {
    const value = entries.get(key);
    if (value !== undefined && whenFull === 'forget least recently used') {
      entries.delete(key);
      entries.set(key, value);
    }
    return value;
  };

  const set = (key: Key, value: Value): boolean => {
    const known = entries.get(key);
    const added = weight.of(value);
    const others = known === undefined ? entries.size : entries.size - 1;
    const othersWeight = known === undefined ? total : total - weight.of(known);
    if (size < 1 || added > weight.limit) return false;
    if (whenFull === 'refuse' && (others >= size || othersWeight + added > weight.limit)) return false;
    if (known !== undefined) remove(key, known);
    // In the order of `set`, or of use, as each use sets anew.
    for (const [oldest, forgotten] of entries) {
      if (entries.size < size && total + added <= weight.limit) break;
      remove(oldest, forgotten);
    }
    entries.set(key, value);
    total += added;
    return true;
  };

  return {
    get size() {
      return entries.size;
    },
    get weight() {
      return total;
    },
    get,
    has: (key) => entries.has(key),
    set,
    getOrMake(key, make) {
      const known = get(key);
      if (known !== undefined) return known;
      const made = make(key);
      set(key, made);
      return made;
    },
    delete(key) {
      const value = entries.get(key);
      if (value !== undefined) remove(key, value);
      return value !== undefined;
    },
    clear() {
      entries.clear();
      total = 0;
    },
    keys: () => entries.keys(),
    values: () => entries.values(),
    [Symbol.iterator]: () => entries[Symbol.iterator](),
  };
}
