import type { TextTable } from '../document/ends.js';
import { columnsOf, pad, wrap } from './layout.js';
import type { Page } from './page.js';

const GAP = '  ';
const INDENT = 3;

/**
 * A table in columns if the terminal is wide enough; else each row as a list of its cells, with the values in one
 * column.
 */
export function tableLines({ title, head, rows }: TextTable, page: Page): string[] {
  const { style, say, fullWidth, width } = page;
  const cells = rows.map((row) => row.map(say));
  const heading = wrap(say(title), width - INDENT).map((line) => ' '.repeat(INDENT) + style('bold', line));
  const widths = head.map((name, index) =>
    Math.max(columnsOf(name), ...cells.map((row) => columnsOf(row[index] ?? ''))),
  );
  const total = widths.reduce((sum, each) => sum + each, INDENT + GAP.length * (widths.length - 1));
  const indent = ' '.repeat(INDENT);
  const line = (row: readonly string[]): string =>
    (indent + row.map((cell, index) => pad(cell, widths[index] ?? 0)).join(GAP)).trimEnd();
  if (total <= fullWidth) return ['', ...heading, style('dim', line(head)), ...cells.map(line)];
  const labels = Math.max(...head.map(columnsOf));
  const room = Math.max(fullWidth - INDENT - labels - GAP.length - 1, 20);
  return [
    '',
    ...heading,
    ...cells.flatMap((row) =>
      row.flatMap((cell, index) =>
        wrap(cell, room).map((part, at) => {
          const label = at === 0 ? (head[index] ?? '') : '';
          return `${index === 0 && at === 0 ? ' - ' : indent}${style('dim', pad(label, labels))}${GAP}${part}`;
        }),
      ),
    ),
  ];
}
