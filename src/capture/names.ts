import { BOUNDS } from '../bounds.js';
import { createBoundedMap } from '../bounded-map.js';
import { hex } from '../bytes.js';
import type { ResolvedNames } from './format.js';

/** Text kept of all the names in a file: some fifty thousand of the usual length. */
export const MAX_NAME_BYTES = BOUNDS.nameBytes.value;

/** Collects the names that a capture has for addresses, which come again and again. */
export interface NameTable {
  /** `text` holds names, each with a zero behind it. */
  add(address: Uint8Array, text: Uint8Array): void;
  readonly entries: readonly ResolvedNames[];
  /** Whether names were left out. */
  isFull(): boolean;
}

interface Entry extends ResolvedNames {
  readonly names: string[];
}

export function newNameTable(): NameTable {
  const entries: Entry[] = [];
  const byAddress = new Map<string, Entry>();
  const known = createBoundedMap<string, string>({
    size: Infinity,
    weight: { limit: MAX_NAME_BYTES, of: (pair) => pair.length },
    whenFull: 'refuse',
  });
  let full = false;
  return {
    entries,
    isFull: () => full,
    add(address, text) {
      const key = hex(address);
      for (const name of Buffer.from(text).toString('utf8').split('\0')) {
        const pair = `${key} ${name}`;
        if (name === '' || known.has(pair)) continue;
        if (!known.set(pair, pair)) {
          full = true;
          return;
        }
        let entry = byAddress.get(key);
        if (entry === undefined) {
          entry = { address: address.slice(), names: [] };
          byAddress.set(key, entry);
          entries.push(entry);
        }
        entry.names.push(name);
      }
    },
  };
}
