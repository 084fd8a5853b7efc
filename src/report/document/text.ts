/**
 * Text in a report: the report's own words, in which values from outside (the wire, file names, the command line) are marked
 * with their kind. Each format draws the two in its own way. A forgotten mark is no risk: formats also escape the report's own
 * words.
 */
import { bound, showUnprintable } from '../escape.js';

export type Text = string;

/**
 * `strong`: emphasised words of the report. `wire`: a value within a sentence. `prose`: a sentence with such values. `code`:
 * something to copy. `connection`: the id of a connection.
 */
export type Kind = 'strong' | 'wire' | 'prose' | 'code' | 'connection';

const KINDS: Readonly<Record<string, Kind>> = { s: 'strong', w: 'wire', p: 'prose', c: 'code', i: 'connection' };
/** STX, a letter for the kind, the value, ETX: written-out values have no control characters. */
const MARKED = /\x02([swpci])([^\x02\x03]*)\x03/g; // eslint-disable-line no-control-regex -- made of them

const mark =
  (letter: string, longest?: number) =>
  (value: string): Text =>
    `\x02${letter}${showUnprintable(bound(value, longest))}\x03`;

/** Emphasised words of the report. */
export const strong = mark('s');
/** A value from outside, within a sentence. */
export const wire = mark('w');
/** A sentence of the report that contains text from outside. */
export const prose = mark('p');
/** A value from outside that a reader may want to copy: an address, a name, an id. */
export const code = mark('c');
/** A word of a command, which is not cut: its value was cut before it was quoted. */
export const word = mark('c', Number.POSITIVE_INFINITY);
/** The id of a connection of this report. */
export const connectionId = mark('i');

/** Draws a text: the report's own words by `own`, values by their kind. */
export function draw(
  text: Text,
  own: (words: string) => string,
  values: Readonly<Record<Kind, (value: string) => string>>,
): string {
  let drawn = '';
  let end = 0;
  for (const found of text.matchAll(MARKED)) {
    const [whole, letter = '', value = ''] = found;
    drawn += own(text.slice(end, found.index)) + values[KINDS[letter] ?? 'wire'](value);
    end = found.index + whole.length;
  }
  return drawn + own(text.slice(end));
}

/** The text without its marks. */
export function plain(text: Text): string {
  return text.replace(MARKED, '$2');
}

/** A statement with a label of at most nine letters, which fits next to its text. */
export interface Fact {
  readonly label: string;
  readonly text: Text;
  /** It is meant to be copied as a whole. */
  readonly isToCopy?: true;
}
