import Table from 'cli-table3';
import type { Connection, Outcome } from '../connection/connection.js';
import type { Results } from '../diagnose/results.js';
import type { DiagnosedConnection } from '../diagnose/rule.js';
import type { ReportOptions } from './format.js';
import { columnsOf, shorten } from './layout.js';
import { count, endpointText, frameText, outcomePhrases } from './phrases.js';
import type { Page } from './text-page.js';
import type { Escape } from './words.js';

const MOST_ROWS = 50;
/** A host name or rule id cut to this many columns can mostly still be recognised. */
const LEGIBLE = 18;
const NARROWEST = 6;
const GAP = '  ';

/** Failures first. */
const ORDER: Readonly<Record<Outcome, number>> = { failed: 0, incomplete: 1, established: 2, 'not-tls': 3 };

const COLORS: Readonly<Record<Outcome, 'red' | 'yellow' | 'green' | 'dim'>> = {
  failed: 'red',
  incomplete: 'yellow',
  established: 'green',
  'not-tls': 'dim',
};

interface Column {
  readonly head: string;
  readonly value: (row: DiagnosedConnection, page: Pick<Page, 'escape' | 'captures' | 'clock'>) => string;
  /** Where to cut a value that is too long; numbers and times are never cut. */
  readonly cut?: 'end' | 'middle';
  /** Cut only when nothing else is left to cut. */
  readonly isLast?: boolean;
  readonly align?: 'right';
}

const id: Column = { head: '#', value: ({ connection }) => connection.id, align: 'right' };
const frame: Column = {
  head: 'Frame',
  value: ({ connection }, { captures }) => frameText(connection.firstFrame, connection.capture, captures),
  align: 'right',
};
const time: Column = { head: 'Time', value: ({ connection }, { clock }) => clock.shortTime(connection.startedAt) };
const client: Column = { head: 'Client', value: ({ connection }) => connection.client.address, cut: 'middle' };
const clientEndpoint: Column = {
  head: 'Client',
  value: ({ connection }) => endpointText(connection.client),
  cut: 'middle',
};
const server: Column = { head: 'Server', value: ({ connection }) => endpointText(connection.server), cut: 'middle' };
const name: Column = {
  head: 'Name',
  value: ({ connection }, { escape }) => nameOf(connection, escape) ?? '-',
  cut: 'middle',
};
const serverByName: Column = {
  head: 'Server',
  value: ({ connection }, { escape }) => serverText(connection, escape),
  cut: 'middle',
};
const version: Column = {
  head: 'TLS',
  value: ({ connection }) => connection.serverHello?.version.replace(/^TLS /, '') ?? '-',
};
/** The id of a rule is something to search for. */
const result: Column = { head: 'Result', value: resultText, cut: 'end', isLast: true };

/** From the fullest to the narrowest: the first that fits is used. */
const LAYOUTS: readonly (readonly Column[])[] = [
  [id, frame, time, clientEndpoint, server, name, version, result],
  [id, frame, time, client, serverByName, version, result],
  [id, frame, time, client, serverByName, result],
  [id, frame, client, serverByName, result],
];

function nameOf({ clientHello }: Connection, escape: Escape): string | null {
  const serverName = clientHello?.serverName ?? null;
  return serverName === null ? null : escape(serverName);
}

function serverText(connection: Connection, escape: Escape): string {
  const serverName = nameOf(connection, escape);
  return serverName === null ? endpointText(connection.server) : `${serverName}:${connection.server.port}`;
}

function resultText({ connection, cause }: DiagnosedConnection): string {
  return cause?.rule.id ?? outcomePhrases[connection.outcome];
}

/** The TLS connections that a report lists, failures first. */
export function listedConnections(results: Results, only: ReportOptions['only']): DiagnosedConnection[] {
  return results.connections
    .filter(({ connection }) => connection.outcome === 'failed' || (only === 'all' && connection.outcome !== 'not-tls'))
    .sort((a, b) => ORDER[a.connection.outcome] - ORDER[b.connection.outcome]);
}

/** How many those are, held or not. */
export function wantedConnections({ summary }: Results, only: ReportOptions['only']): number {
  return only === 'failed' ? summary.failed : summary.connections - summary.notTls;
}

/** The TLS connections as a table that fits the width, failures first and at most 50 in all. */
export function connectionTable(results: Results, only: ReportOptions['only'], page: Page): string[] {
  const { style } = page;
  const all = listedConnections(results, only);
  const rows = all.slice(0, MOST_ROWS);
  if (rows.length === 0) return [];

  const { columns, widths } = fit(rows, page);
  const table = new Table({
    chars: { ...NO_BORDERS, middle: GAP },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    colWidths: widths,
    colAligns: columns.map(({ align }) => align ?? 'left'),
    head: columns.map(({ head }) => style('bold', head)),
  });
  for (const row of rows) {
    table.push(
      columns.map((column, index) => {
        const text = shorten(column.value(row, page), widths[index] ?? 0, column.cut);
        return column === result ? style(COLORS[row.connection.outcome], text) : text;
      }),
    );
  }
  const { connections, failed, notTls } = results.summary;
  const others = connections - notTls - failed;
  const missing = wantedConnections(results, only) - rows.length;
  const more = [
    ...(missing > 0 ? [`${count(missing, 'more connection')}, all in --format json`] : []),
    ...(only === 'failed' && others > 0 ? [`${count(others, 'other connection')} did not fail`] : []),
    ...(notTls > 0 ? [`${count(notTls, 'connection')} without TLS`] : []),
  ];
  return [
    '',
    style('bold', 'Connections'),
    ...table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd()),
    ...more.map((line) => style('dim', line)),
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

/** The fullest layout that fits with its long values still legible; else the narrowest, cut as far as it takes. */
function fit(rows: readonly DiagnosedConnection[], page: Page): Fit {
  let last: Fit = { columns: [], widths: [] };
  for (const columns of LAYOUTS) {
    const widths = columns.map(({ head, value }) =>
      Math.max(columnsOf(head), ...rows.map((row) => columnsOf(value(row, page)))),
    );
    last = { columns, widths };
    if (shrink(last, page.fullWidth, LEGIBLE, ({ isLast }) => isLast !== true)) return last;
  }
  if (!shrink(last, page.fullWidth, NARROWEST, ({ isLast }) => isLast !== true)) {
    shrink(last, page.fullWidth, NARROWEST, () => true);
  }
  return last;
}

/** Cuts the widest column that may be cut, again and again, none below `least`; tells whether all now fits. */
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
