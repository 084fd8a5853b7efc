import { hex } from '../bytes.js';
import type { ResolvedNames, MetadataBudget } from './format.js';

/** Collects the names of addresses in a capture, which are often repeated. */
export interface NameTable {
  /** `text` holds names, each followed by a zero. */
  add(address: Uint8Array, text: Uint8Array): void;
  readonly entries: readonly ResolvedNames[];
  /** Whether names were left out. */
  isFull(): boolean;
}

interface Entry extends ResolvedNames {
  readonly names: string[];
}

/** @param budget how much text of names may still be kept */
export function newNameTable(budget: MetadataBudget): NameTable {
  const entries: Entry[] = [];
  const byAddress = new Map<string, Entry>();
  const known = new Set<string>();
  let full = false;
  return {
    entries,
    isFull: () => full,
    add(address, text) {
      const key = hex(address);
      for (const name of Buffer.from(text).toString('utf8').split('\0')) {
        const pair = `${key} ${name}`;
        if (name === '' || known.has(pair)) continue;
        if (pair.length > budget.names) {
          full = true;
          return;
        }
        budget.names -= pair.length;
        known.add(pair);
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
