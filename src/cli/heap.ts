/** How soon V8 collects garbage. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * Flags of V8 (`node --v8-options`), for work on captures alone. Set while the program runs, as a first line cannot pass any
 * to Node.js everywhere.
 */
const ENGINE_FLAGS = [
  // V8 would let the heap grow to three times of what is in use before it collects. Sooner takes a quarter less memory for
  // many short connections, and a twentieth more time.
  '--heap-growing-percent=100',
  // The space for new objects begins at 1 MiB and would double when much of it survives. To its full 16 MiB in one step: most
  // captures are over before it has grown in small ones, and what is copied each time is what connections in progress hold.
  '--semi-space-growth-factor=16',
];

/** To be called before the work begins. */
export function setUpHeap(): void {
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);
}

const MEBI = 2 ** 20;
/** Once so much of the heap is in use, in bytes, garbage is collected after it has grown by so many per cent of that. */
const GROWTHS: readonly (readonly [used: number, percent: number])[] = [
  [64 * MEBI, 50],
  [96 * MEBI, 25],
  [128 * MEBI, 12],
];
let growth = 0;
/** Asking takes as long as reading ten packets: it is done every so many chunks. */
const ASKED_EVERY = 4;
let asked = 0;

/** To be called now and then, while more and more is held. */
export function collectSooner(): void {
  if (growth === GROWTHS.length || ++asked % ASKED_EVERY !== 0) return;
  const used = getHeapStatistics().used_heap_size;
  const reached = GROWTHS.filter(([from]) => used >= from).length;
  if (reached <= growth) return;
  growth = reached;
  setFlagsFromString(`--heap-growing-percent=${GROWTHS[reached - 1]?.[1] ?? 100}`);
}
