import type { CaptureWarning } from '../capture/frame.js';
import type { CaptureSummary } from '../capture/open.js';
import type { FramePlace } from '../capture/places.js';
import { faultWarnings } from '../connection/warnings.js';
import type { Faults } from '../fault.js';
import type { MemoryBudget } from '../memory.js';
import { listOf } from '../message.js';
import type { Lookups } from '../names/lookups.js';
import { notice, noticePhrase } from '../notices.js';
import type { Read, ReadCounts } from './read.js';

/** What warnings about a whole analysis are made from. */
export interface Warned {
  readonly read: Read;
  readonly memory: MemoryBudget;
  /** Connections that were seen under other addresses, too, and are told once. */
  readonly seenTwice: number;
  /** How often work was given up at its limit. */
  readonly givenUp: number;
  readonly lookups: Lookups;
  /** Notes on connections, counted by capture. */
  readonly notes: ReadonlyMap<number, readonly CaptureWarning[]>;
  readonly faults: ReadonlyMap<number, readonly CaptureWarning[]>;
}

/** Adds the warnings of the analysis to those of the captures; a warning about all captures goes to the first one. */
export function withAllWarnings(
  summaries: readonly CaptureSummary[],
  { read, memory, seenTwice, givenUp, lookups, notes, faults }: Warned,
): CaptureSummary[] {
  return summaries.map((summary, index) => ({
    ...summary,
    warnings: [
      ...summary.warnings,
      ...(read.warnings.get(index) ?? []),
      ...(index === 0 ? [...countWarnings(read.counts), ...counted('seen-twice', seenTwice)] : []),
      ...(notes.get(index) ?? []),
      ...(faults.get(index) ?? []),
      ...(index === 0 ? [...memoryWarnings(memory), ...counted('work-limit', givenUp), ...nameWarnings(lookups)] : []),
    ],
  }));
}

function countWarnings({ incompleteFragments, duplicates, evicted, forgotten }: ReadCounts): CaptureWarning[] {
  return [
    ...counted('incomplete-fragments', incompleteFragments),
    ...counted('duplicate-packets', duplicates),
    ...counted('too-many-connections', evicted),
    ...(forgotten === 0
      ? []
      : [notice('too-many-connections', forgotten === 1 ? 'oneSyn' : 'severalSyns', { count: forgotten })]),
  ];
}

/** A warning about a number of things, unless it is 0. */
function counted(
  code: 'incomplete-fragments' | 'duplicate-packets' | 'seen-twice' | 'too-many-connections' | 'work-limit',
  count: number,
): CaptureWarning[] {
  return count === 0 ? [] : [notice(code, count === 1 ? 'one' : 'several', { count })];
}

function memoryWarnings(memory: MemoryBudget): CaptureWarning[] {
  const lost = memory.givenUp().map(([what, count]) => noticePhrase(what, { count }));
  return lost.length === 0 ? [] : [notice('memory-limit', 'givenUp', { lost: listOf(lost, 'plain') })];
}

function nameWarnings(lookups: Lookups): CaptureWarning[] {
  return lookups.isFull() ? [notice('names-left-out', 'lookups')] : [];
}

/** Warnings, by capture, about what is missing from the report because of faults of this program. */
export function faultsByCapture(
  faults: Faults,
  placeOf: (frame: number) => FramePlace,
): ReadonlyMap<number, readonly CaptureWarning[]> {
  const faulty = new Map<number, CaptureWarning[]>();
  for (const warning of faultWarnings(faults)) {
    const { capture, frame } = placeOf(warning.frame ?? 1);
    faulty.set(capture, [...(faulty.get(capture) ?? []), { ...warning, frame }]);
  }
  return faulty;
}
