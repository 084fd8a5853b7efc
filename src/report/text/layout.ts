import stringWidth from 'string-width';

/** Characters that are one column wide, and make up most lines. The library looks each character up. */
const NARROW = /^[\x20-\x7e\u00a0→…]*$/;

/** Columns that a text takes in a terminal; wide characters take two. cli-table3 counts with the same library. */
export function columnsOf(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** The text, and spaces up to `width` columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}

/** Spaces up to `width` columns, and the text. */
export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columnsOf(text))) + text;
}

/** As many characters from the start as fit in `width` columns, at least one. */
function head(text: string, width: number): string {
  let fitting = '';
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > width && fitting !== '') break;
    fitting += character;
  }
  return fitting;
}

/** The part of a word up to the last character after which it may be broken, if that leaves most of the line filled. */
function beforeBreak(part: string): string {
  const end = Math.max(...['_', ',', '/', '=', '.', '-', ';', ':'].map((mark) => part.lastIndexOf(mark))) + 1;
  return end * 2 > part.length ? part.slice(0, end) : part;
}

/** Lines of at most `width` columns, broken at spaces but not at U+00A0, and within words that are longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (let word of paragraph.split(' ').filter((part) => part !== '')) {
      const joined = line === '' ? word : `${line} ${word}`;
      if (columnsOf(joined) <= width) {
        line = joined;
        continue;
      }
      if (line !== '') lines.push(line);
      while (columnsOf(word) > width) {
        const part = beforeBreak(head(word, width));
        lines.push(part);
        word = word.slice(part.length);
      }
      line = word;
    }
    lines.push(line);
  }
  return lines.map((line) => line.replaceAll('\u00a0', ' '));
}

/** As `wrap`, in at most so many lines, the last one with an ellipsis if text was left out. */
export function wrapAtMost(text: string, width: number, most: number): string[] {
  const lines = wrap(text, width);
  if (lines.length <= most) return lines;
  const last = lines[most - 1] ?? '';
  return [...lines.slice(0, most - 1), columnsOf(last) < width ? `${last}…` : shorten(`${last} `, width)];
}

function reversed(text: string): string {
  return Array.from(text).reverse().join('');
}

/**
 * The text in at most `width` columns, with an ellipsis for what was cut from its end or its middle. Host names and
 * endpoints are cut in the middle, as their ends say most.
 */
export function shorten(text: string, width: number, where: 'end' | 'middle' = 'end'): string {
  if (columnsOf(text) <= width) return text;
  if (width <= 1) return '…'.slice(0, width);
  const tailWidth = where === 'middle' ? Math.floor((width - 1) / 2) : 0;
  const tail = tailWidth === 0 ? '' : reversed(head(reversed(text), tailWidth));
  const start = head(text, width - 1 - columnsOf(tail));
  return `${start}…${tail}`;
}

/**
 * A shell command in lines of at most `width` columns that is still the same command when copied: lines break at spaces
 * between words, with a backslash, and continue two columns further in. A word longer than a line is broken where the
 * shell allows it, and continues in the first column, since spaces before it would end the word. `indent` is the column
 * of the first line, which the caller fills.
 */
export function wrapCommand(command: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  const breakLine = (next: string): void => {
    lines.push(line);
    line = next;
    empty = true;
  };
  const words = shellUnits(command, width - indent - 4);
  for (const [index, word] of words.entries()) {
    // Room for the " \" before a following word.
    const reserve = index === words.length - 1 ? 0 : 2;
    if (!empty && columnsOf(line) + 1 + columnsOf(word) + reserve > width) {
      line += ' \\';
      breakLine(' '.repeat(indent + 2));
    }
    if (columnsOf(line) + 1 + columnsOf(word) + reserve <= width) {
      line += empty ? word : ` ${word}`;
      empty = false;
      continue;
    }
    if (!empty) line += ' ';
    let quote = '';
    let escaped = false;
    for (const character of word) {
      // Room for the character, a closing quote, an opening one escaped, and the backslash.
      if (!escaped && columnsOf(line) + columnsOf(character) + 4 > width) {
        line += quote === "'" ? "'\\" : '\\';
        breakLine(quote === "'" ? "'" : '');
      }
      line += character;
      empty = false;
      if (escaped) escaped = false;
      else if (character === '\\' && quote !== "'") escaped = true;
      else if (character === quote) quote = '';
      else if (quote === '' && (character === "'" || character === '"')) quote = character;
    }
  }
  lines.push(line);
  return lines;
}

/** The words of a shell command, split at spaces outside quotes; an option with its value, a pipe with its command. */
function shellUnits(command: string, room: number): string[] {
  const units: string[] = [];
  let previous = '';
  for (const word of command.match(/(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|['"\\])+/gsu) ?? []) {
    const belongs = /^(?:\||&&|;)$/.test(previous) || (previous.startsWith('-') && !/^[-<>|&;]/.test(word));
    const joined = `${units.at(-1) ?? ''} ${word}`;
    if (belongs && columnsOf(joined) <= room) units[units.length - 1] = joined;
    else units.push(word);
    previous = word;
  }
  return units;
}
