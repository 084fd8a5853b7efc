/** What a full map does when it is given a new key. */
export type WhenFull = 'refuse' | 'forget oldest' | 'forget least recently used';

export interface BoundedMapOptions<Value> {
  /** The most entries that the map holds. */
  readonly size: number;
  readonly whenFull: WhenFull;
  /** Limit of the weight of all entries (bytes, mostly), and the weight of one, which must never change. */
  readonly weight?: { readonly limit: number; readonly of: (value: Value) => number };
}

/** A map whose size, and weight if given, never exceed their limits. Iterates in the order of `set`. */
export interface BoundedMap<Key, Value> extends Iterable<readonly [Key, Value]> {
  readonly size: number;
  /** Weight of all entries. */
  readonly weight: number;
  /** With `forget least recently used`, this counts as a use. */
  get(key: Key): Value | undefined;
  /** Does not count as a use. */
  has(key: Key): boolean;
  /**
   * Sets the value of a key, for which other entries may be dropped; returns whether it is kept. A value that alone
   * exceeds the limit is refused, and changes nothing. Setting a key again makes it the newest.
   */
  set(key: Key, value: Value): boolean;
  /** The value of a key; if there is none, that of `make`, which is kept as by `set`. */
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
    // A Map iterates in the order of `set`, and `get` re-inserts an entry when a use counts.
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
