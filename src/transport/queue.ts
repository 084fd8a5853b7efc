/** What an object needs in order to be in a queue: its neighbours. */
export interface Queued<T> {
  before: T | null;
  after: T | null;
}

/**
 * Objects in the order in which they were added, oldest first; adding and removing take constant time. A Set keeps this
 * order too, but the more entries were removed, the longer it takes to find its first; and when it grows, or makes room,
 * it seems to leave a table behind that keeps what was in it from being collected while that is young.
 */
export interface Queue<T> {
  readonly first: T | null;
  readonly length: number;
  add(entry: T): void;
  /** Removes an entry, which must be in this queue. */
  remove(entry: T): void;
}

/** An empty queue. An object can be in one queue at a time. */
export function createQueue<T extends Queued<T>>(): Queue<T> {
  let first: T | null = null;
  let last: T | null = null;
  let length = 0;
  return {
    get first() {
      return first;
    },
    get length() {
      return length;
    },
    add(entry) {
      length++;
      entry.before = last;
      entry.after = null;
      if (last === null) first = entry;
      else last.after = entry;
      last = entry;
    },
    remove(entry) {
      length--;
      if (entry.before === null) first = entry.after;
      else entry.before.after = entry.after;
      if (entry.after === null) last = entry.before;
      else entry.after.before = entry.before;
      entry.before = null;
      entry.after = null;
    },
  };
}
