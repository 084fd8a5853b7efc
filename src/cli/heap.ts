/** How soon V8 collects garbage. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';

/**
 * Flags of V8 (`node --v8-options`), only for work on captures. Set at run time, since a `#!` line cannot pass flags to
 * Node.js on every system.
 */
const ENGINE_FLAGS = [
  // By default, V8 lets the heap grow to three times what is in use before it collects. Collecting sooner takes a
  // quarter less memory with many short connections, and a twentieth more time.
  '--heap-growing-percent=100',
  // By default, the space for new objects starts at 1 MiB and doubles when much of it survives. Growing to its full 16
  // MiB in one step is better: most captures end before it would have grown in small steps, and each collection copies
  // what connections in progress hold.
  '--semi-space-growth-factor=16',
  // By default, V8 makes objects old from the start where the first ones made by the same code lived long. The first thousand
  // connections do, as the report shows them; of all that follow, what such an object refers to would become old with it. A tenth
  // less time with many short connections.
  '--no-allocation-site-pretenuring',
];

/** To be called before the work begins. */
export function setUpHeap(): void {
  for (const flag of ENGINE_FLAGS) setFlagsFromString(flag);
}

const MEBI = 2 ** 20;
/** From so many bytes in use on, garbage is collected after the heap has grown by so many per cent. */
const GROWTHS: readonly (readonly [used: number, percent: number])[] = [
  [64 * MEBI, 50],
  [96 * MEBI, 25],
  [128 * MEBI, 12],
];
let growth = 0;
/** The check takes as long as reading ten packets, so it is made only once in so many chunks. */
const ASKED_EVERY = 4;
let asked = 0;

/** To be called now and then while memory use grows. */
export function collectSooner(): void {
  if (growth === GROWTHS.length || ++asked % ASKED_EVERY !== 0) return;
  const used = getHeapStatistics().used_heap_size;
  const reached = GROWTHS.filter(([from]) => used >= from).length;
  if (reached <= growth) return;
  growth = reached;
  setFlagsFromString(`--heap-growing-percent=${GROWTHS[reached - 1]?.[1] ?? 100}`);
}
