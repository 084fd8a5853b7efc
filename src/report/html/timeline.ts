import type { HistogramView } from '../document/histogram.js';
import type { Lane, Timeline } from '../document/timeline.js';
import { shorten } from '../text/layout.js';
import { count } from '../phrases.js';
import { html, px, type Content, type Markup } from './markup.js';

const WIDTH = 960;
const LEFT = 275;
const RIGHT = 20;
const TOP = 10;
/** Above a lane's line: room for bars, and for the label of where they begin. */
const ABOVE = 42;
const BAR = 26;
/** Below it, where there is something to compare. */
const BELOW = 26;
const GAP = 8;
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

/** Connections over time, a lane for each way in which they went: when it began is seen at a glance. */
export function timelineFigure({ counts, lanes }: Timeline): Markup {
  const view = spread(counts);
  const span = view.bins * view.step;
  const x = (time: number): number => LEFT + ((time - view.start) / span) * (WIDTH - LEFT - RIGHT);
  const rows = lanes.map((lane) => ({ lane, up: sumOf(view, lane.keys), down: sumOf(view, lane.worked ?? []) }));
  const highest = Math.max(1, ...rows.flatMap(({ up, down }) => [...up.values(), ...down.values()]));
  let bottom = TOP;
  const drawn = rows.map(({ lane, up, down }) => {
    const base = bottom + ABOVE;
    bottom = base + (lane.worked === null ? 0 : BELOW) + GAP;
    return laneGroup({ lane, up, down, base, highest, view, x });
  });
  const step = STEPS.find((candidate) => span / candidate <= MOST_TICKS) ?? span;
  const ticks: number[] = [];
  for (
    let tick = Math.ceil(view.start / step) * step;
    tick <= view.start + span && ticks.length <= MOST_TICKS;
    tick += step
  ) {
    ticks.push(tick);
  }
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Timeline">
    <svg
      class="timeline"
      viewBox="0 0 ${px(WIDTH)} ${px(bottom + 30)}"
      role="img"
      aria-labelledby="timeline-title timeline-description"
    >
      <title id="timeline-title">Connections over time, by how they ended</title>
      <desc id="timeline-description">
        ${rows.map(({ lane, up }) => `${lane.label}: ${sumText(lane, up, view)}. `).join('')}
      </desc>
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${px(TOP)}" y2="${px(bottom)}" />
            <text
              class="tick"
              x="${px(x(tick))}"
              y="${px(bottom + 18)}"
              text-anchor="${x(tick) > WIDTH - 45 ? 'end' : 'middle'}"
              >${clock(tick, step, view)}</text
            >`,
      )}
      ${drawn}
    </svg>
  </div>`;
}

type Bins = ReadonlyMap<number, number>;

function sumOf({ lanes }: HistogramView, keys: readonly string[]): Bins {
  const sum = new Map<number, number>();
  for (const key of new Set(keys)) {
    for (const [bin, number] of lanes.get(key) ?? []) sum.set(bin, (sum.get(bin) ?? 0) + number);
  }
  return sum;
}

function totalOf(bins: Bins): number {
  return [...bins.values()].reduce((sum, each) => sum + each, 0);
}

function sumText({ since, until }: Lane, bins: Bins, view: HistogramView): string {
  const sum = count(totalOf(bins), 'connection');
  if (since === null) return sum;
  const start = clock(since, SECOND, view);
  return until === null ? `${sum} since ${start}` : `${sum}, ${start} to ${clock(until, SECOND, view)}`;
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
    lanes: new Map(Array.from(view.lanes, ([name, bins]) => [name, shifted(bins)])),
  };
}

interface LaneFigure {
  readonly lane: Lane;
  readonly up: Bins;
  readonly down: Bins;
  /** Where its line is. */
  readonly base: number;
  readonly highest: number;
  readonly view: HistogramView;
  readonly x: (time: number) => number;
}

function laneGroup({ lane, up, down, base, highest, view, x }: LaneFigure): Content {
  const { label, diagnosis, since, worked } = lane;
  const style = diagnosis === null ? 'ok' : styleOf(diagnosis);
  const { start, step } = view;
  const width = Math.max(2.5, x(start + step) - x(start) - 0.5);
  const bars = (bins: Bins, most: number, direction: 1 | -1, what: string): Content =>
    Array.from(bins, ([bin, number]) => {
      const tall = Math.max(5, most * Math.sqrt(number / highest));
      const from = start + bin * step;
      const top = direction === 1 ? base - tall : base + 1;
      return html`<rect x="${px(x(from))}" y="${px(top)}" width="${px(width)}" height="${px(tall)}"
        ><title>${clock(from, step, view)}: ${number} ${what}</title></rect
      >`;
    });
  return html`<g class="lane ${style}">
      <text class="name" x="0" y="${px(base - 16)}">${shorten(label, 36)}</text>
      <text class="sum" x="0" y="${px(base)}">${sumText(lane, up, view)}</text>
      ${worked === null ? null : html`<text class="${totalOf(down) > 0 ? 'sum worked' : 'sum'}" x="0" y="${px(base + 15)}">${count(totalOf(down), 'success', 'successes')} at the same ${new Set(worked).size === 1 ? 'server' : 'servers'}</text>`}
      <line class="base" x1="${px(LEFT)}" x2="${px(WIDTH - RIGHT)}" y1="${px(base)}" y2="${px(base)}" />
      ${bars(up, BAR, 1, label)}
      ${since === null ? null : onset(x(since), clock(since, SECOND, view), base, worked === null ? 0 : BELOW)}
    </g>
    ${worked === null ? null : html`<g class="lane ok">${bars(down, BELOW - 6, -1, 'succeeded')}</g>`}`;
}

/** The class that colours a diagnosis: the last one for all that come late, or are not told. */
export function styleOf(diagnosis: number): string {
  return `c${diagnosis === 0 ? 8 : Math.min(diagnosis, 8)}`;
}

/** Where a cause begins. */
function onset(at: number, text: string, base: number, below: number): Markup {
  const isRight = at < WIDTH - 120;
  return html`<g class="onset">
    <line x1="${px(at)}" x2="${px(at)}" y1="${px(base - ABOVE + 4)}" y2="${px(base + below)}" />
    <text x="${px(isRight ? at + 5 : at - 5)}" y="${px(base - ABOVE + 13)}" text-anchor="${isRight ? 'start' : 'end'}"
      >began ${text}</text
    >
  </g>`;
}

// The range of ECMAScript's Date; a hostile capture may claim any time.
const LATEST = 8.64e15;

/** A time as fine as `step` needs, with its date where the whole takes more than a day. */
function clock(milliseconds: number, step: number, { start, step: bin, bins }: HistogramView): string {
  const iso = new Date(Math.min(Math.max(milliseconds, -LATEST), LATEST)).toISOString();
  const [date = '', time = ''] = iso.split('T');
  if (step >= DAY) return date;
  const day = bins * bin > DAY && start > 0 ? `${date.slice(-5)} ` : '';
  if (step >= MINUTE) return day + time.slice(0, 5);
  return day + (step >= SECOND ? time.slice(0, 8) : time.slice(0, 12));
}
