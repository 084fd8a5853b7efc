/**
 * Text for Markdown as GitHub and GitLab read it (CommonMark, and GFM's tables, strikethrough and bare links). Text
 * from outside becomes a code span, or prose without any markup.
 */
import { draw, type Text } from '../document/text.js';
import { showUnprintable } from '../escape.js';
import { linkRfcs } from '../rfc.js';

/** Prose of letters, digits and plain punctuation, which is no Markdown anywhere in a line. */
const PLAIN = /^[\p{L}\p{N} ,;()'"%]*(?:[.:?-][\p{L}\p{N} ,;()'"%]*)*$/u;

/** Characters that can be markup within a line. */
const MARKS = /[\\`*_[\]<>|~&$]/g;

/** A word in prose that renderers interpret without markup: a link, an address, a mention, an issue. */
const LIVE = /:\/\/|^www\.|@|^[#!~%&$]\w/i;

/**
 * Our own text: markup is escaped, and RFCs become links. Phrases keep words together with no-break spaces, which are
 * awkward to edit.
 */
function ownText(text: string): string {
  return linkRfcs(text.replaceAll('\u00a0', ' ').replace(MARKS, '\\$&'), (words, address) => `[${words}](${address})`);
}

function bold(words: string): string {
  return `**${ownText(words)}**`;
}

/** A text within a paragraph. */
export function sentence(text: Text): string {
  return draw(text, ownText, {
    strong: bold,
    wire: inSentence,
    prose: (value) => prose(value, code),
    code,
    connection: ownText,
  });
}

/** A text within a table. */
export function cell(text: Text): string {
  return draw(text, ownText, {
    strong: bold,
    wire: inCell,
    prose: (value) => prose(value, codeCell),
    code: codeCell,
    connection: ownText,
  });
}

/** A code span with any content. */
export function code(text: string): string {
  const shown = shownOf(text);
  if (shown === '') return '—';
  const fence = '`'.repeat(longestRun(shown, 0) + 1);
  const padding = shown.includes('`') ? ' ' : '';
  return `${fence}${padding}${shown}${padding}${fence}`;
}

/**
 * A code span within a table. Renderers differ about a bar or a backslash there, even in a code span, so text with one
 * is written as HTML of only letters, digits and character references.
 */
export function codeCell(text: string): string {
  const shown = shownOf(text);
  if (!/[\\|]/.test(shown)) return code(text);
  return `<code>${shown.replace(/[^\p{L}\p{N} ]/gu, (mark) => `&#${mark.codePointAt(0) ?? 0};`)}</code>`;
}

function shownOf(text: string): string {
  return showUnprintable(text).trim();
}

function longestRun(text: string, least: number): number {
  return Math.max(least, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

/**
 * Makes a value part of a sentence: a phrase as prose, anything else as a code span. Rules pass both: `3 days`, ` with
 * alert bad_certificate (42)`, `CN=www.example.com`.
 */
const within =
  (asCode: (value: string) => string) =>
  (value: string): string => {
    const isPhrase = value === '' || value.startsWith(' ') || (PLAIN.test(value) && /^(?:\p{Ll}|\d+ )/u.test(value));
    return isPhrase ? prose(value, asCode) : asCode(value);
  };

/** For sentences. */
export const inSentence = within(code);
/** For sentences within tables. */
export const inCell = within(codeCell);

function prose(value: string, asCode: (value: string) => string): string {
  return showUnprintable(value)
    .replaceAll('\u00a0', ' ')
    .split(' ')
    .map((word) => (LIVE.test(word) ? asCode(word) : ownText(word)))
    .join(' ');
}

/** A block of code with any content. */
export function codeBlock(text: string, language = ''): string {
  const fence = '`'.repeat(longestRun(text, 2) + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A table; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
