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
   * exceeds the limit is refused, and changes nothing. Setting a key again makes it the newest, unless the map refuses
   * new keys when it is full.
   */
  set(key: Key, value: Value): boolean;
  /** The value of a key; if there is none, that of `make`, which is kept as by `set`. */
  getOrMake(key: Key, make: (key: Key) => Value): Value;
  /**
   * As `getOrMake`, for values that are changed later: undefined if the map refuses the key because it is full, and
   * then nothing is made.
   */
  getOrAdd(key: Key, make: (key: Key) => Value): Value | undefined;
  delete(key: Key): boolean;
  clear(): void;
  keys(): Iterable<Key>;
  values(): Iterable<Value>;
}

export function createBoundedMap<Key, Value extends object | string | number>(
  options: BoundedMapOptions<Value>,
): BoundedMap<Key, Value> {
  return new Bounded(options);
}

/** A set that takes no new values once it has `size`. */
export function createBoundedSet<Value>(size: number): Set<Value> {
  return new BoundedSet(size);
}

/** A class, because there are thousands: closures would take a kilobyte for each. */
class Bounded<Key, Value extends object | string | number> implements BoundedMap<Key, Value> {
  private readonly entries = new Map<Key, Value>();
  private readonly options: BoundedMapOptions<Value>;
  private total = 0;

  constructor(options: BoundedMapOptions<Value>) {
    this.options = options;
  }

  get size(): number {
    return this.entries.size;
  }

  get weight(): number {
    return this.total;
  }

  get(key: Key): Value | undefined {
    const value = this.entries.get(key);
    if (value !== undefined && this.options.whenFull === 'forget least recently used') {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  has(key: Key): boolean {
    return this.entries.has(key);
  }

  set(key: Key, value: Value): boolean {
    const { entries } = this;
    const { size, whenFull, weight } = this.options;
    const limit = weight?.limit ?? Infinity;
    const known = entries.get(key);
    const added = this.weigh(value);
    if (size < 1 || added > limit) return false;
    if (whenFull === 'refuse') {
      const total = this.total + added - (known === undefined ? 0 : this.weigh(known));
      if ((known === undefined && entries.size >= size) || total > limit) return false;
      entries.set(key, value);
      this.total = total;
      return true;
    }
    if (known !== undefined) this.remove(key, known);
    // A Map iterates in the order of `set`, and `get` re-inserts an entry when a use counts.
    for (const [oldest, forgotten] of entries) {
      if (entries.size < size && this.total + added <= limit) break;
      this.remove(oldest, forgotten);
    }
    entries.set(key, value);
    this.total += added;
    return true;
  }

  getOrMake(key: Key, make: (key: Key) => Value): Value {
    const known = this.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    this.set(key, made);
    return made;
  }

  getOrAdd(key: Key, make: (key: Key) => Value): Value | undefined {
    const known = this.get(key);
    if (known !== undefined) return known;
    const { size, whenFull } = this.options;
    if (whenFull === 'refuse' && this.entries.size >= size) return undefined;
    const made = make(key);
    return this.set(key, made) ? made : undefined;
  }

  delete(key: Key): boolean {
    const value = this.entries.get(key);
    if (value !== undefined) this.remove(key, value);
    return value !== undefined;
  }

  clear(): void {
    this.entries.clear();
    this.total = 0;
  }

  keys(): Iterable<Key> {
    return this.entries.keys();
  }

  values(): Iterable<Value> {
    return this.entries.values();
  }

  [Symbol.iterator](): Iterator<readonly [Key, Value]> {
    return this.entries[Symbol.iterator]();
  }

  private weigh(value: Value): number {
    return this.options.weight?.of(value) ?? 0;
  }

  private remove(key: Key, value: Value): void {
    this.entries.delete(key);
    this.total -= this.weigh(value);
  }
}

class BoundedSet<Value> extends Set<Value> {
  private readonly most: number;

  constructor(most: number) {
    super();
    this.most = most;
  }

  override add(value: Value): this {
    return this.size < this.most ? super.add(value) : this;
  }
}
