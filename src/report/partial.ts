/** The parts of the captures that a report lacks because they could not be read. */
import type { Results } from '../diagnose/results.js';
import { ENGLISH_WORDING, type Wording } from './wording.js';

/** The warnings that say that something was not read, most of it first. */
const CODES = [
  'damaged',
  'cut-short',
  'decompression-limit',
  'slice-missing',
  'files-unread',
  'interrupted',
  'internal-error',
] as const;

/** `capture damaged, not read after frame 12`, `2 of 5 captures cut short`; null where all was read. */
export function partialText(
  { captures }: Pick<Results, 'captures'>,
  { partial, joins }: Wording = ENGLISH_WORDING,
): string | null {
  const isOne = captures.length === 1;
  const parts = CODES.flatMap((code) => {
    const found = captures.flatMap(({ warnings }) => warnings.find((warning) => warning.code === code) ?? []);
    if (found.length === 0) return [];
    const what = code === 'damaged' ? damageText(partial, isOne ? found[0]?.frame : undefined) : partial[code];
    return [isOne ? what : partial.several({ some: found.length, all: captures.length, what })];
  });
  if (parts.length === 0) return null;
  const what = parts.join(joins.items);
  return isOne ? partial.one({ what }) : what;
}

/** What damage costs: the rest of the capture. */
function damageText(partial: Wording['partial'], frame: number | undefined): string {
  if (frame === undefined) return partial.damagedSomewhere;
  return frame === 0 ? partial.damagedAtOnce : partial.damagedAfter({ frame });
}
