/**
 * Text in a report: a string of our own words in which what comes from outside (the wire, file names, the command line)
 * stands between marks that say what it is. Each format draws the two in its own way. Whoever forgets a mark is not at risk:
 * formats escape our own words too.
 */
import { bound, showUnprintable } from '../escape.js';

export type Text = string;

/**
 * `strong`: our own words, which stand out. `wire`: part of a sentence. `prose`: a sentence with such parts in it. `code`: something to be copied. `connection`: the id
 * of a connection.
 */
export type Kind = 'strong' | 'wire' | 'prose' | 'code' | 'connection';

const KINDS: Readonly<Record<string, Kind>> = { s: 'strong', w: 'wire', p: 'prose', c: 'code', i: 'connection' };
/** STX, a letter for the kind, the value, ETX: written-out values have no control characters. */
const MARKED = /\x02([swpci])([^\x02\x03]*)\x03/g; // eslint-disable-line no-control-regex -- made of them

const mark =
  (letter: string, longest?: number) =>
  (value: string): Text =>
    `\x02${letter}${showUnprintable(bound(value, longest))}\x03`;

/** Words of ours that stand out. */
export const strong = mark('s');
/** A value from outside, within a sentence. */
export const wire = mark('w');
/** A sentence of ours that contains text from outside. */
export const prose = mark('p');
/** A value from outside that a reader may want to copy: an address, a name, an id. */
export const code = mark('c');
/** A word of a command, which is not cut: its value was cut before it was quoted. */
export const word = mark('c', Number.POSITIVE_INFINITY);
/** The id of a connection of this report. */
export const connectionId = mark('i');

/** Draws a text: our own words by `own`, values by their kind. */
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
