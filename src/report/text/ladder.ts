import type { Ladder, Rung } from '../document/ladder.js';
import { columnsOf, pad, padStart, shorten, wrap, wrapAtMost } from './layout.js';
import type { Page, TextFormat } from './page.js';

/** Wider ladders tear apart what belongs together. */
const WIDEST = 66;
/** Lines of detail to a message. */
const MOST_DETAILS = 3;
/** Columns of the time since the frame before, and of what parts it from the frame; more where a gap is long. */
const LEAST_GAP = 10;
const MARGIN = 3;

/** Between the columns of two points. */
const BETWEEN_POINTS = '  ';

/**
 * The handshake as a diagram between two rails, client left and server right: its frame at each point, time since the
 * previous frame, and what was sent; the decisive step is marked.
 */
export function ladderLines(ladder: Ladder, { style, say, width, words: { ladder: words } }: Page): string[] {
  const { client, server, points, rungs, silence, resent } = ladder;
  const heads =
    points === 1 ? [words.frame] : Array.from({ length: points }, (_, point) => words.at({ point: point + 1 }));
  const widths = heads.map((head, point) =>
    Math.max(columnsOf(head), ...rungs.map(({ places }) => columnsOf(places[point] ?? ''))),
  );
  const placeWidth = widths.reduce((sum, each) => sum + each, BETWEEN_POINTS.length * (points - 1));
  const gapWidth = Math.max(LEAST_GAP, ...rungs.map(({ since }) => since.length + 1));
  const left = MARGIN + placeWidth + gapWidth + 1;
  const inner = Math.min(width - left, WIDEST) - 2;
  const blank = ' '.repeat(left);

  const between = (text: string, side: 'client' | 'server' | 'both', format: TextFormat): string => {
    const rail = style('dim', side === 'both' ? '┊' : '│');
    const room = ' '.repeat(inner - columnsOf(text) - 1);
    const placed = style(format, text);
    return rail + (side === 'server' ? `${room}${placed} ` : ` ${placed}${room}`) + rail;
  };
  const rails = (text: string, side: 'client' | 'server' | 'both', format: TextFormat = 'dim'): string[] =>
    wrap(text, inner - 2).map((line) => blank + between(line, side, format));
  const arrow = (label: string, { from, isDecisive }: Rung): string => {
    const shaft = '─'.repeat(inner - columnsOf(label) - 4);
    const format: TextFormat = isDecisive ? ['bold', 'red'] : from === 'client' ? 'cyan' : 'magenta';
    return from === 'client' ? style(format, `├─ ${label} ${shaft}▶│`) : style(format, `│◀${shaft} ${label} ─┤`);
  };
  const rungLines = (rung: Rung): string[] => {
    const { places, since, from, label, details, before, isDecisive, isElsewhere } = rung;
    const mark = isDecisive ? style(['bold', 'red'], '✗') : ' ';
    const gap = style('dim', since.replaceAll('\u00a0', ' ').padStart(gapWidth));
    const [first = '', ...more] = wrap(say(label), inner - (isElsewhere ? 2 : 6));
    const place = widths.map((each, point) => (places[point] ?? '').padStart(each)).join(BETWEEN_POINTS);
    const start = ` ${mark} ${place}${gap} `;
    return [
      ...(before === null ? [] : rails(before, 'both', 'yellow')),
      start + (isElsewhere ? between(first, 'both', 'dim') : arrow(first, rung)),
      ...more.flatMap((line) => rails(line, isElsewhere ? 'both' : from, isDecisive ? ['bold', 'red'] : 'dim')),
      ...details.flatMap((one) => wrapAtMost(say(one), inner - 2, MOST_DETAILS)).flatMap((line) => rails(line, from)),
    ];
  };

  const silenceLines = ({ text, isDecisive }: NonNullable<Ladder['silence']>): string[] =>
    rails(text, 'both', isDecisive ? ['bold', 'red'] : 'dim').map((line, index) =>
      index === 0 && isDecisive ? ` ${style(['bold', 'red'], '✗')}${line.slice(2)}` : line,
    );

  const [leftHead, rightHead] = [
    words.end.client({ address: say(client) }),
    words.end.server({ address: say(server) }),
  ].map((end) => shorten(end, inner + 2, 'middle')) as [string, string];
  const headLine = heads
    .map((head, point) => (points === 1 ? pad(head, placeWidth) : padStart(head, widths[point] ?? 0)))
    .join(BETWEEN_POINTS);
  const isBeside = columnsOf(leftHead) + columnsOf(rightHead) < inner + 2;
  const toRight = inner + 2 - columnsOf(rightHead);
  return [
    `   ${style('dim', headLine)}${style('dim', padStart(words.since, gapWidth))} ` +
      style('bold', isBeside ? pad(leftHead, toRight) + rightHead : leftHead),
    ...(isBeside ? [] : [blank + style('bold', ' '.repeat(toRight) + rightHead)]),
    ...rungs.flatMap(rungLines),
    ...(silence === null ? [] : silenceLines(silence)),
    ...(resent === null ? [] : rails(resent, 'both')),
  ];
}
