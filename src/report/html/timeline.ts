import type { HistogramView } from '../histogram.js';
import { shorten } from '../layout.js';
import { count } from '../phrases.js';
import { html, px, type Content, type Markup } from './markup.js';

/** A row of the timeline. */
export interface Lane {
  /** Lane of the histogram. */
  readonly key: string;
  readonly label: string;
  /** Class that colours it. */
  readonly style: string;
  /** Where its events begin, in milliseconds since 1970, if that is worth telling. */
  readonly since: number | null;
}

const WIDTH = 960;
const LEFT = 275;
const RIGHT = 20;
const TOP = 26;
const LANE = 44;
const BAR = 30;
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
export function timelineFigure(counts: HistogramView, lanes: readonly Lane[], firstFailure: number | null): Markup {
  const view = spread(counts);
  const height = TOP + lanes.length * LANE + 30;
  const plot = WIDTH - LEFT - RIGHT;
  const span = view.bins * view.step;
  const x = (time: number): number => LEFT + ((time - view.start) / span) * plot;
  const highest = Math.max(1, ...lanes.flatMap(({ key }) => [...(view.lanes.get(key)?.values() ?? [])]));
  const bottom = TOP + lanes.length * LANE;
  const step = STEPS.find((candidate) => span / candidate <= MOST_TICKS) ?? span;
  const ticks: number[] = [];
  for (
    let tick = Math.ceil(view.start / step) * step;
    tick <= view.start + span && ticks.length <= MOST_TICKS;
    tick += step
  ) {
    ticks.push(tick);
  }
  const onset =
    firstFailure === null
      ? null
      : html`<g class="onset">
          <line x1="${px(x(firstFailure))}" x2="${px(x(firstFailure))}" y1="16" y2="${px(bottom)}" />
          <text x="${px(x(firstFailure))}" y="11" text-anchor="${anchor(x(firstFailure))}"
            >first failure ${clock(firstFailure, 1)}</text
          >
        </g>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Timeline">
    <svg class="timeline" viewBox="0 0 ${px(WIDTH)} ${px(height)}" role="img" aria-labelledby="timeline-title">
      <title id="timeline-title">Connections over time, by how they ended</title>
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${px(TOP)}" y2="${px(bottom)}" />
            <text class="tick" x="${px(x(tick))}" y="${px(bottom + 18)}" text-anchor="middle"
              >${clock(tick, step)}</text
            >`,
      )}
      ${lanes.map((lane, index) => laneGroup(lane, index, view, highest, x))} ${onset}
    </svg>
  </div>`;
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

function anchor(position: number): string {
  return position > WIDTH - 90 ? 'end' : position < LEFT + 60 ? 'start' : 'middle';
}

function laneGroup(
  { key, label, style, since }: Lane,
  index: number,
  { lanes, start, step }: HistogramView,
  highest: number,
  x: (time: number) => number,
): Content {
  const base = TOP + (index + 1) * LANE - 6;
  const bins = lanes.get(key) ?? new Map<number, number>();
  const total = [...bins.values()].reduce((sum, each) => sum + each, 0);
  const width = Math.max(2.5, x(start + step) - x(start) - 0.5);
  return html`<g class="lane ${style}">
    <text class="name" x="0" y="${px(base - 14)}">${shorten(label, 36)}</text>
    <text class="sum" x="0" y="${px(base + 1)}"
      >${count(total, 'connection')}${since === null ? '' : `, since ${clock(since, SECOND)}`}</text
    >
    <line class="base" x1="${px(LEFT)}" x2="${px(WIDTH - RIGHT)}" y1="${px(base)}" y2="${px(base)}" />
    ${Array.from(bins, ([bin, number]) => {
      const tall = Math.max(6, BAR * Math.sqrt(number / highest));
      const from = start + bin * step;
      return html`<rect x="${px(x(from))}" y="${px(base - tall)}" width="${px(width)}" height="${px(tall)}"
        ><title>${clock(from, step)}: ${count(number, 'connection')}</title></rect
      >`;
    })}
  </g>`;
}

// The range of ECMAScript's Date; a hostile capture may claim any time.
const LATEST = 8.64e15;

/** A time as fine as `step` needs. */
function clock(milliseconds: number, step: number): string {
  const iso = new Date(Math.min(Math.max(milliseconds, -LATEST), LATEST)).toISOString();
  const [date = '', time = ''] = iso.split('T');
  if (step >= DAY) return date;
  if (step >= MINUTE) return time.slice(0, 5);
  return step >= SECOND ? time.slice(0, 8) : time.slice(0, 12);
}
