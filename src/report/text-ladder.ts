import type { DiagnosedConnection } from '../diagnose/rule.js';
import { labelOf, ladderOf, LONG_GAP, type Rung } from './ladder.js';
import { columnsOf, pad, shorten, wrap, wrapAtMost } from './layout.js';
import { count, endpointText, gapText as breakless } from './phrases.js';
import type { Page, TextFormat } from './text-page.js';

/** Wider ladders part what belongs together. */
const WIDEST = 66;
const MOST_RUNGS = 14;
/** Lines of detail to a message. */
const MOST_DETAILS = 3;
const GAP_WIDTH = 10;
const MARGIN = 3;

/**
 * The handshake as a diagram between two rails, client left and server right: frame, time since the frame before, and what
 * was sent; the failing step marked.
 */
export function ladderLines(diagnosed: DiagnosedConnection, page: Page, isWhole: boolean): string[] {
  const { style, escape } = page;
  const { connection } = diagnosed;
  const { rungs, silence } = ladderOf(diagnosed, isWhole ? undefined : MOST_RUNGS);
  const places = rungs.map(({ capture, frame }) => (capture === undefined ? '' : `${capture + 1}:`) + String(frame));
  const placeWidth = Math.max('Frame'.length, ...places.map(columnsOf));
  const left = MARGIN + placeWidth + GAP_WIDTH + 1;
  const inner = Math.min(page.width - left, WIDEST) - 2;
  const blank = ' '.repeat(left);

  const rails = (text: string, side: 'client' | 'server' | 'both', format: TextFormat = 'dim'): string => {
    const rail = style('dim', '│');
    const room = inner - columnsOf(text) - 2;
    const placed = style(format, text);
    if (side === 'client') return `${blank}${rail} ${placed}${' '.repeat(room + 1)}${rail}`;
    if (side === 'server') return `${blank}${rail}${' '.repeat(room + 1)}${placed} ${rail}`;
    return `${blank}${style('dim', '┊')} ${placed}${' '.repeat(room + 1)}${style('dim', '┊')}`;
  };
  const arrow = (label: string, { from, isFailure }: Rung): string => {
    const shaft = '─'.repeat(inner - columnsOf(label) - 4);
    const format: TextFormat = isFailure ? ['bold', 'red'] : from === 'client' ? 'cyan' : 'magenta';
    return from === 'client' ? style(format, `├─ ${label} ${shaft}▶│`) : style(format, `│◀${shaft} ${label} ─┤`);
  };
  const rungLines = (rung: Rung, index: number): string[] => {
    const { from, runs, gap, skipped, isFailure } = rung;
    const mark = isFailure ? style(['bold', 'red'], '✗') : ' ';
    const place = ` ${mark} ${(places[index] ?? '').padStart(placeWidth)}`;
    const since = style('dim', (index === 0 ? '' : gapText(gap)).padStart(GAP_WIDTH));
    const [label = '', ...more] = wrap(labelOf(rung, escape), inner - 6);
    const details = runs.flatMap(({ details: own }) =>
      own === '' ? [] : wrapAtMost(escape(own), inner - 4, MOST_DETAILS),
    );
    return [
      ...(skipped > 0 ? [rails(`${count(skipped, 'more frame')} not shown; --verbose shows all`, 'both')] : []),
      ...(gap >= LONG_GAP && skipped === 0 && index > 0
        ? [rails(`nothing for ${gapText(gap).slice(1)}`, 'both', 'yellow')]
        : []),
      `${place}${since} ${arrow(label, rung)}`,
      ...more.map((line) => rails(line, from, isFailure ? ['bold', 'red'] : 'dim')),
      ...details.map((line) => rails(line, from)),
    ];
  };

  const client = shorten(`client ${endpointText(connection.client)}`, inner + 2, 'middle');
  const server = shorten(`server ${endpointText(connection.server)}`, inner + 2, 'middle');
  const isBeside = columnsOf(client) + columnsOf(server) < inner + 2;
  return [
    `   ${style('dim', pad('Frame', placeWidth))}${style('dim', 'Since'.padStart(GAP_WIDTH))} ` +
      style('bold', isBeside ? pad(client, inner + 2 - columnsOf(server)) + server : client),
    ...(isBeside ? [] : [blank + style('bold', ' '.repeat(inner + 2 - columnsOf(server)) + server)]),
    ...rungs.flatMap(rungLines),
    ...(silence === null ? [] : [rails(silence, 'both', connection.outcome === 'failed' ? ['bold', 'red'] : 'dim')]),
  ];
}

function gapText(milliseconds: number): string {
  return breakless(milliseconds).replaceAll('\u00a0', ' ');
}
