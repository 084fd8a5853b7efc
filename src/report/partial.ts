/** What of the captures a report does not tell of, since it could not be read. */
import type { Results } from '../diagnose/results.js';
import { grouped } from './phrases.js';

/** What a warning with this code says of a capture, in a word or two. */
const PARTIAL: Readonly<Record<string, string>> = {
  damaged: 'damaged',
  'cut-short': 'cut short',
  'decompression-limit': 'not decompressed to its end',
  'slice-missing': 'lacking a slice',
  interrupted: 'not read to its end',
  'internal-error': 'not analysed whole',
};

/** `capture damaged`, `2 of 5 captures cut short`; null where all was read. */
export function partialText({ captures }: Pick<Results, 'captures'>): string | null {
  const parts = Object.entries(PARTIAL).flatMap(([code, what]) => {
    const number = captures.filter(({ warnings }) => warnings.some((warning) => warning.code === code)).length;
    if (number === 0) return [];
    return [captures.length === 1 ? what : `${grouped(number)} of ${grouped(captures.length)} captures ${what}`];
  });
  if (parts.length === 0) return null;
  return (captures.length === 1 ? 'capture ' : '') + parts.join(', ');
}
