import { BOUNDS } from '../../bounds.js';

/** Counts over time, in bins that get wider as the time span grows: any number of events in bounded memory. */
export interface Histogram {
  add(series: string, milliseconds: number): void;
  /** Null until something is added. */
  view(): HistogramView | null;
}

export interface HistogramView {
  /** Start of the first bin, in milliseconds since 1970. */
  readonly start: number;
  /** Width of a bin in milliseconds. */
  readonly step: number;
  readonly bins: number;
  /** Counts by bin (from 0), of each series in order of first sight. */
  readonly series: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

/** Further series are counted together under the last one's name. */
const MAX_SERIES = BOUNDS.timelineSeries.value;

export function createHistogram(most = 200): Histogram {
  let origin: number | undefined;
  let step = 1;
  let first = 0;
  let last = 0;
  let all = new Map<string, Map<number, number>>();

  const widen = (): void => {
    step *= 2;
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
    all = new Map(
      Array.from(all, ([name, bins]) => {
        const wider = new Map<number, number>();
        for (const [bin, count] of bins) {
          const index = Math.floor(bin / 2);
          wider.set(index, (wider.get(index) ?? 0) + count);
        }
        return [name, wider];
      }),
    );
  };

  return {
    add(series, milliseconds) {
      origin ??= Math.floor(milliseconds);
      const binOf = (): number => Math.floor((milliseconds - (origin ?? 0)) / step);
      while (Math.max(last, binOf()) - Math.min(first, binOf()) >= most) widen();
      const bin = binOf();
      first = Math.min(first, bin);
      last = Math.max(last, bin);
      let bins = all.get(series);
      if (bins === undefined && all.size >= MAX_SERIES) bins = [...all.values()].at(-1);
      if (bins === undefined) all.set(series, (bins = new Map<number, number>()));
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    },
    view() {
      if (origin === undefined) return null;
      return {
        start: origin + first * step,
        step,
        bins: last - first + 1,
        series: new Map(
          Array.from(all, ([name, bins]) => [name, new Map(Array.from(bins, ([bin, count]) => [bin - first, count]))]),
        ),
      };
    },
  };
}
