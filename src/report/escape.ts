import { BOUNDS } from '../bounds.js';

/**
 * What a terminal obeys, reorders or hides instead of showing: control characters (C0, DEL, C1), format characters (bidi
 * overrides and isolates, zero widths), line and paragraph separators, lone surrogates, fillers and variation selectors.
 */
const UNSHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** Nearly all text: searching it for invisible characters one by one takes far longer. */
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/** Longest value from the wire that a report shows in full; a subject alternative name has at most 253 characters. */
const LONGEST = BOUNDS.shownCharacters.value;

function written(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/**
 * Text with every invisible character written out, e.g. `\x1b`, `\u202e`. Backslashes stay as they are: the result is
 * for reading, not for decoding, and distinguished names are full of them.
 */
export function showUnprintable(text: string): string {
  return PRINTABLE_ASCII.test(text) ? text : text.replace(UNSHOWN, written);
}

/** Text with everything beyond ASCII written out, for terminals that can show nothing else. */
export function spellOut(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, written);
}

/** Text of at most `longest` characters, and how many were left out. Never splits a surrogate pair. */
export function bound(text: string, longest: number = LONGEST): string {
  if (text.length <= longest) return text;
  const end = /[\uD800-\uDBFF]/.test(text.charAt(longest - 1)) ? longest - 1 : longest;
  const more = text.length - end;
  return `${text.slice(0, end)}… (${more} more character${more === 1 ? '' : 's'})`;
}

/** Text from outside (wire, file names) made safe and readable in a terminal. */
export function escapeTerminal(text: string): string {
  return showUnprintable(bound(text));
}

/** JSON with everything unprintable as `\u` escapes: the same value to a parser, and inert when shown in a terminal. */
export function escapeJson(json: string): string {
  // A text with as many bytes in UTF-8 as characters is ASCII, where JSON.stringify has escaped all but DEL. To test
  // PRINTABLE_ASCII instead takes 7 µs for a connection, not 1.
  if (Buffer.byteLength(json) === json.length && !json.includes('\x7f')) return json;
  return json.replace(UNSHOWN, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
