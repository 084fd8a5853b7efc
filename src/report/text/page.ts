/** What the sections of the report for a terminal share. */
import { styleText } from 'node:util';
import { draw, plain, type Text } from '../document/text.js';
import { showUnprintable, spellOut } from '../escape.js';
import type { ReportOptions } from '../format.js';
import type { Wording } from '../wording.js';
import { pad, wrap } from './layout.js';

/** Longer lines are hard to read, however wide the terminal. Tables may use all of it. */
const WIDEST_PROSE = 100;
/** Narrower terminals get lines that the terminal itself will wrap. */
const NARROWEST = 60;
/** Column where a value starts, after its label. */
export const INDENT = 13;

export type TextFormat = Parameters<typeof styleText>[0];
export type Style = (format: TextFormat, text: string) => string;

export interface Page {
  readonly words: Wording;
  readonly style: Style;
  /** A text as the terminal can show it, on one line or more. */
  readonly say: (text: Text) => string;
  /** Columns for running text. */
  readonly width: number;
  /** Columns of the terminal. */
  readonly fullWidth: number;
  /** The block's lines as text, in the characters that the terminal has. */
  readonly print: (block: readonly string[]) => string;
}

export function createPage(
  { color, width, ascii }: Pick<ReportOptions, 'color' | 'width' | 'ascii'>,
  words: Wording,
): Page {
  const fullWidth = Math.max(width, NARROWEST);
  const own = (words: string): string => words.split('\n').map(showUnprintable).join('\n');
  const spelled = { strong: own, wire: spellOut, prose: spellOut, code: spellOut, connection: spellOut };
  return {
    words,
    // The caller has decided on colour; newer Node.js would otherwise check the terminal again.
    style: color ? (format, text) => styleText(format, text, { validateStream: false }) : (_, text) => text,
    say: ascii ? (text) => draw(text, own, spelled) : (text) => own(plain(text)),
    width: Math.min(fullWidth, WIDEST_PROSE),
    fullWidth,
    print(block) {
      if (block.length === 0) return '';
      const text = `${block.join('\n')}\n`;
      return ascii ? inAscii(text) : text;
    },
  };
}

/** A label, and its text next to it. */
export function row(label: string, text: Text, page: Page, format?: TextFormat): string[] {
  const { style, width, say } = page;
  return wrap(say(text), width - INDENT).map(
    (line, index) =>
      (index === 0 ? labelText(label, page) : ' '.repeat(INDENT)) + (format === undefined ? line : style(format, line)),
  );
}

/** A label up to the column of its text. */
export function labelText(label: string, { style }: Pick<Page, 'style'>): string {
  return `   ${style('bold', label)}${pad(`${label} `, INDENT - 3).slice(label.length)}`;
}

/** The report's own characters in ASCII, each one column wide: text from outside was written out before. */
const IN_ASCII: Readonly<Record<string, string>> = {
  '─': '-',
  '│': '|',
  '├': '|',
  '┤': '|',
  '┊': ':',
  '▶': '>',
  '◀': '<',
  '✗': 'X',
  '…': '~',
  '→': '>',
  '×': 'x',
  '—': '-',
  '–': '-',
  '’': "'",
  '§': 's',
  '\u00a0': ' ',
};

function inAscii(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, (character) => IN_ASCII[character] ?? '?');
}
