import type { Results } from '../../diagnose/results.js';
import { code, type Text } from './text.js';

/** Says whose an address is. */
export interface Naming {
  /** The name that it was looked up as, or else is known by; null without one. */
  of(address: string): string | null;
  /** ` (shop.example)`, to stand behind `address` or `address:port`; empty without a name, or where one is among those told. */
  behind(end: string, told?: readonly string[]): Text;
}

export function namingOf({ names: { addresses } }: Pick<Results, 'names'>): Naming {
  const table = new Map(addresses.map(({ address, names }) => [address, names.map(({ name }) => name)]));
  return {
    of: (address) => table.get(address)?.[0] ?? null,
    behind(end, told = []) {
      const names = table.get(end) ?? table.get(addressOf(end)) ?? [];
      const [name] = names;
      return name === undefined || names.some((one) => told.includes(one)) ? '' : ` (${code(name)})`;
    },
  };
}

/** The address of `address:port`, with or without brackets. */
function addressOf(end: string): string {
  return end.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
