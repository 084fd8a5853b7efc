import type { HistogramView } from '../document/histogram.js';
import type { Timeline, TimelineRow } from '../document/timeline.js';
import type { Wording } from '../wording.js';
import { html, px, type Content, type Markup } from './markup.js';

/** Above a row's line: room for bars, and for the label where they begin. */
const ABOVE = 42;
const BAR = 26;
/** Below it, if there is something to compare. */
const BELOW = 26;
const GAP = 8;
/** Height of the axis. */
const AXIS = 22;
const MOST_TICKS = 7;
const LEAST_BINS = 100;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365, 3650, 36500].map((n) => n * DAY),
];

/** Connections over time, a row for each outcome: when something began is visible at a glance. */
export function timelineFigure({ counts, rows }: Timeline, words: Wording): Markup {
  const view = spread(counts);
  const span = view.bins * view.step;
  const drawn = rows.map((row) => ({ row, up: sumOf(view, row.keys), down: sumOf(view, row.worked ?? []) }));
  const highest = Math.max(1, ...drawn.flatMap(({ up, down }) => [...up.values(), ...down.values()]));
  const step = STEPS.find((candidate) => span / candidate <= MOST_TICKS) ?? span;
  const ticks: number[] = [];
  for (
    let tick = Math.ceil(view.start / step) * step;
    tick <= view.start + span && ticks.length <= MOST_TICKS;
    tick += step
  ) {
    ticks.push(tick);
  }
  // Times are placed in per cent of the width, so that texts keep their size on any screen.
  const x = (time: number): string => `${px(((time - view.start) / span) * 100)}%`;
  const grid = ticks.map((tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="0" y2="100%" />`);
  return html`<div class="timeline" role="group" aria-label="${words.timeline.aloud}">
    ${drawn.map((one) => rowFigure({ ...one, highest, view, x, grid, words }))}
    <div class="row axis">
      <span></span>
      <svg class="ticks" height="${px(AXIS)}" aria-hidden="true">
        ${ticks.map((tick, index) => {
          const share = (tick - view.start) / span;
          const anchor = share > 0.93 ? 'end' : share < 0.07 ? 'start' : 'middle';
          return html`<text class="tick${index % 2 === 1 ? ' odd' : ''}" x="${x(tick)}" y="14" text-anchor="${anchor}"
            >${clock(tick, step, view)}</text
          >`;
        })}
      </svg>
    </div>
  </div>`;
}

type Bins = ReadonlyMap<number, number>;

function sumOf({ series }: HistogramView, keys: readonly string[]): Bins {
  const sum = new Map<number, number>();
  for (const key of new Set(keys)) {
    for (const [bin, number] of series.get(key) ?? []) sum.set(bin, (sum.get(bin) ?? 0) + number);
  }
  return sum;
}

function totalOf(bins: Bins): number {
  return [...bins.values()].reduce((sum, each) => sum + each, 0);
}

/** `9 connections since 19:53:15`, `4 connections, throughout`. */
function sumText(
  { occurrence, first, last }: TimelineRow,
  bins: Bins,
  view: HistogramView,
  { counts, timeline: say }: Wording,
): string {
  const sum = counts.connections({ count: totalOf(bins) });
  if (occurrence === null || first === null || last === null) return sum;
  const [start, end] = [clock(first, SECOND, view), clock(last, SECOND, view)];
  switch (occurrence) {
    case 'once':
      return say.at({ connections: sum, time: start });
    case 'began':
      return say.since({ connections: sum, time: start });
    case 'throughout':
      return say.throughout({ connections: sum });
    case 'on-and-off':
      return say.onAndOff({ connections: sum });
    case 'ended':
    case 'unknown':
      return start === end
        ? say.at({ connections: sum, time: start })
        : say.between({ connections: sum, first: start, last: end });
  }
}

/** A moment would fill the whole width: short captures are drawn with time around them. */
function spread(view: HistogramView): HistogramView {
  const margin = Math.max(0, Math.ceil((LEAST_BINS - view.bins) / 2));
  const shifted = (bins: ReadonlyMap<number, number>): Map<number, number> =>
    new Map(Array.from(bins, ([bin, number]) => [bin + margin, number]));
  return {
    start: view.start - margin * view.step,
    step: view.step,
    bins: view.bins + 2 * margin,
    series: new Map(Array.from(view.series, ([name, bins]) => [name, shifted(bins)])),
  };
}

interface RowFigure {
  readonly row: TimelineRow;
  readonly up: Bins;
  readonly down: Bins;
  readonly highest: number;
  readonly view: HistogramView;
  readonly x: (time: number) => string;
  readonly grid: Content;
  readonly words: Wording;
}

function rowFigure({ row, up, down, highest, view, x, grid, words }: RowFigure): Markup {
  const say = words.timeline;
  const { label, diagnosis, worked, occurrence, first } = row;
  const style = diagnosis === null ? 'ok' : styleOf(diagnosis);
  const { start, step } = view;
  const below = worked === null ? 0 : BELOW;
  const bars = (bins: Bins, most: number, direction: 1 | -1, what: string): Content =>
    Array.from(bins, ([bin, number]) => {
      const tall = Math.max(5, most * Math.sqrt(number / highest));
      const from = start + bin * step;
      const [top, middle] = [direction === 1 ? ABOVE - tall : ABOVE + 1, x(from + step / 2)];
      return html`<line x1="${middle}" x2="${middle}" y1="${px(top)}" y2="${px(top + tall)}"
        ><title>${say.bar({ time: clock(from, step, view), number, what })}</title></line
      >`;
    });
  const successes = totalOf(down);
  const sum = sumText(row, up, view, words);
  const isOneServer = worked !== null && new Set(worked).size === 1;
  const beside = (isOneServer ? say.besideAtServer : say.beside)({ count: successes });
  const height = ABOVE + below + GAP;
  return html`<div class="row">
    <p>
      ${diagnosis === null || diagnosis === 0 ? html`<strong>${label}</strong>` : html`<a href="#cause-${String(diagnosis)}">${label}</a>`}
      <span>${sum}</span>
      ${worked === null ? null : html`<span class="${successes > 0 ? 'good' : ''}">${beside}</span>`}
    </p>
    <svg height="${px(height)}" role="img" aria-label="${`${label}: ${sum}${worked === null ? '' : `; ${beside}`}`}">
      ${grid}
      <line class="base" x1="0" x2="100%" y1="${px(ABOVE)}" y2="${px(ABOVE)}" />
      <g class="bars ${style}">${bars(up, BAR, 1, label)}</g>
      ${worked === null ? null : html`<g class="bars ok">${bars(down, BELOW - 6, -1, say.barSucceeded)}</g>`}
      ${occurrence === 'began' && first !== null ? onset((first - start) / (view.bins * step), x(first), say.began({ time: clock(first, SECOND, view) }), height) : null}
    </svg>
  </div>`;
}

/**
 * The class with the colour of a diagnosis: the last one for all further ones, and for those that are not described.
 */
export function styleOf(diagnosis: number): string {
  return `c${diagnosis === 0 ? 8 : Math.min(diagnosis, 8)}`;
}

/** Where a cause begins: at this share of the width. */
function onset(share: number, at: string, text: string, height: number): Markup {
  const isRight = share < 0.6;
  return html`<g class="onset">
    <line x1="${at}" x2="${at}" y1="2" y2="${px(height)}" />
    <text x="${at}" dx="${isRight ? '5' : '-5'}" y="12" text-anchor="${isRight ? 'start' : 'end'}">${text}</text>
  </g>`;
}

// The range of ECMAScript's Date; a hostile capture may claim any time.
const LATEST = 8.64e15;

/**
 * A time as precise as `step` needs, with its date if the whole takes more than a day, and its year if that changes.
 */
function clock(milliseconds: number, step: number, { start, step: bin, bins }: HistogramView): string {
  const iso = (time: number): string => new Date(Math.min(Math.max(time, -LATEST), LATEST)).toISOString();
  const [date = '', time = ''] = iso(milliseconds).split('T');
  if (step >= DAY) return date;
  const yearOf = (at: number): string => iso(at).slice(0, -20);
  const isOneYear = yearOf(start) === yearOf(start + bin * bins);
  const day = bins * bin > DAY && start > 0 ? `${isOneYear ? date.slice(-5) : date} ` : '';
  if (step >= MINUTE) return day + time.slice(0, 5);
  return day + (step >= SECOND ? time.slice(0, 8) : time.slice(0, 12));
}
