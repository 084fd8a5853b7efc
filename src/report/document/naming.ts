import type { Results } from '../../diagnose/results.js';
import type { Wording } from '../wording.js';
import { code, type Text } from './text.js';

/** Says whose an address is. */
export interface Naming {
  /** The name that was looked up, or else its known name; null without one. */
  of(address: string): string | null;
  /**
   * ` (shop.example)`, or ` (by its certificate shop.example)`, to follow `address` or `address:port`; empty without a
   * name, or if one of `known` is it.
   */
  behind(end: string, known?: readonly string[]): Text;
}

export function namingOf({ names: { addresses } }: Pick<Results, 'names'>, { names: say }: Wording): Naming {
  const table = new Map(addresses.map(({ address, names }) => [address, names]));
  return {
    of(address) {
      const [first] = table.get(address) ?? [];
      return first === undefined || first.source === 'certificate' ? null : first.name;
    },
    behind(end, known = []) {
      const names = table.get(end) ?? table.get(addressOf(end)) ?? [];
      const [first] = names;
      if (first === undefined || names.some(({ name }) => known.includes(name))) return '';
      return (first.source === 'certificate' ? say.behindByCertificate : say.behind)({ name: code(first.name) });
    },
  };
}

/** The address of `address:port`, with or without brackets. */
function addressOf(end: string): string {
  return end.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
