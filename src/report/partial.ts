/** What of the captures a report does not tell of, since it could not be read. */
import type { Results } from '../diagnose/results.js';
import { grouped } from './phrases.js';

/** What a warning with this code says of a capture, in a word or two. */
const PARTIAL: Readonly<Record<string, string>> = {
  damaged: 'damaged',
  'cut-short': 'cut short',
  'decompression-limit': 'not decompressed to its end',
  'slice-missing': 'lacking a slice',
  'files-unread': 'lacking a file of the directory',
  interrupted: 'not read to its end',
  'internal-error': 'not analysed whole',
};

/** `capture damaged, not read after frame 12`, `2 of 5 captures cut short`; null where all was read. */
export function partialText({ captures }: Pick<Results, 'captures'>): string | null {
  const isOne = captures.length === 1;
  const parts = Object.entries(PARTIAL).flatMap(([code, what]) => {
    const found = captures.flatMap(({ warnings }) => warnings.find((warning) => warning.code === code) ?? []);
    if (found.length === 0) return [];
    const lost = code === 'damaged' ? unreadText(isOne ? found[0]?.frame : undefined) : '';
    return [(isOne ? '' : `${grouped(found.length)} of ${grouped(captures.length)} captures `) + what + lost];
  });
  if (parts.length === 0) return null;
  return (isOne ? 'capture ' : '') + parts.join(', ');
}

/** What damage costs: the rest of the capture. */
function unreadText(frames: number | undefined): string {
  if (frames === undefined) return ', read only in part';
  return frames === 0 ? ', nothing of it read' : `, not read after frame ${grouped(frames)}`;
}
