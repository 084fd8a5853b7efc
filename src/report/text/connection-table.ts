import Table from 'cli-table3';
import type { Outcome } from '../../connection/connection.js';
import type { ConnectionList, ConnectionRow } from '../document/connections.js';
import type { Text } from '../document/text.js';
import type { Wording } from '../wording.js';
import { columnsOf, shorten, wrap } from './layout.js';
import type { Page } from './page.js';

/** Host names and rule ids up to so many columns are not cut: a reader needs nearly all of them to tell two apart. */
const LEGIBLE = 36;
const NARROWEST = 6;
const GAP = '  ';
const BELOW = '    ';

const COLORS: Readonly<Record<Outcome, 'red' | 'yellow' | 'green' | 'dim'>> = {
  failed: 'red',
  incomplete: 'yellow',
  established: 'green',
  'not-tls': 'dim',
};

interface Column {
  readonly head: (words: Wording['connections']) => string;
  readonly value: (row: ConnectionRow) => Text;
  /** Where to cut a value that is too long; numbers and times are never cut. */
  readonly cut?: 'end' | 'middle';
  /** Cut only if nothing else is left to cut. */
  readonly isLast?: boolean;
  readonly align?: 'right';
}

const id: Column = { head: () => '#', value: (row) => row.id, align: 'right' };
const frame: Column = { head: (words) => words.frame, value: (row) => row.frame, align: 'right' };
const time: Column = { head: (words) => words.time, value: ({ shortTime }) => shortTime };
const client: Column = { head: (words) => words.client, value: ({ clientAddress }) => clientAddress, cut: 'middle' };
const clientEndpoint: Column = { head: (words) => words.client, value: (row) => row.client, cut: 'middle' };
const server: Column = { head: (words) => words.server, value: (row) => row.server, cut: 'middle' };
const name: Column = { head: (words) => words.name, value: ({ serverName }) => serverName ?? '-', cut: 'middle' };
const serverByName: Column = {
  head: (words) => words.server,
  value: (row) => (row.serverName === null ? row.server : `${row.serverName}:${row.serverPort}`),
  cut: 'middle',
};
const version: Column = { head: () => 'TLS', value: (row) => row.version ?? '-' };
const result: Column = { head: (words) => words.result, value: (row) => row.result, cut: 'end', isLast: true };

/**
 * From the fullest to the narrowest; the first that fits is used. Without a column of its own, the result is below its
 * row.
 */
const LAYOUTS: readonly (readonly Column[])[] = [
  [id, frame, time, clientEndpoint, server, name, version, result],
  [id, frame, time, client, serverByName, version, result],
  [id, frame, time, client, serverByName, result],
  [id, frame, client, serverByName, result],
  [id, frame, serverByName, result],
  [id, frame, serverByName],
];

/** The connections as a table that fits the width. */
export function connectionTable({ rows, others }: ConnectionList, page: Page): string[] {
  if (rows.length === 0) return [];
  const { style, say, words } = page;
  const { columns, widths } = fit(rows, page);
  const table = new Table({
    chars: { ...NO_BORDERS, middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colWidths: widths,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    head: columns.map(({ head }) => style('bold', head(words.connections))),
  });
  for (const row of rows) {
    table.push(
      columns.map((column, index) => {
        const text = shorten(say(column.value(row)), widths[index] ?? 0, column.cut);
        return column === result ? style(COLORS[row.outcome], text) : text;
      }),
    );
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
  const below = (row: ConnectionRow | undefined): string[] =>
    row === undefined || columns.includes(result)
      ? []
      : wrap(say(row.result), page.width - BELOW.length).map((line) => BELOW + style(COLORS[row.outcome], line));
  return [
    '',
    style('bold', words.connections.heading),
    // The head is before the rows.
    ...lines.flatMap((line, index) => [line, ...below(rows[index - 1])]),
    ...others.flatMap((line) => wrap(say(line), page.width)).map((line) => style('dim', line)),
  ];
}

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};

interface Fit {
  readonly columns: readonly Column[];
  readonly widths: number[];
}

/** The fullest layout that fits with its long values still readable; else the narrowest, cut as far as necessary. */
function fit(rows: readonly ConnectionRow[], { say, fullWidth, words }: Page): Fit {
  let last: Fit = { columns: [], widths: [] };
  for (const columns of LAYOUTS) {
    const widths = columns.map(({ head, value }) =>
      Math.max(columnsOf(head(words.connections)), ...rows.map((row) => columnsOf(say(value(row))))),
    );
    last = { columns, widths };
    if (shrink(last, fullWidth, LEGIBLE, ({ isLast }) => isLast !== true)) return last;
  }
  if (!shrink(last, fullWidth, NARROWEST, ({ isLast }) => isLast !== true)) {
    shrink(last, fullWidth, NARROWEST, () => true);
  }
  return last;
}

/** Cuts the widest column that may be cut, repeatedly, none below `least`; returns whether everything now fits. */
function shrink({ columns, widths }: Fit, width: number, least: number, mayCut: (column: Column) => boolean): boolean {
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (column.cut !== undefined && mayCut(column) && own > least && own > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return false;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return true;
}
