import { setImmediate as nextTurn } from 'node:timers/promises';
import { createJudge, type Judge, type JudgeOptions } from './analysis/judge.js';
import { createConnectionReader } from './analysis/read.js';
import { BOUNDS } from './bounds.js';
import { openCaptures, type Captures } from './capture/merge.js';
import { newReadContext, openCapture, type Capture } from './capture/open.js';
import { findCaptures } from './capture/paths.js';
import { timestampOf, toMilliseconds } from './capture/timestamp.js';
import { createRepeatedConnections } from './connection/fast-path/repeated.js';
import { buildConnection } from './connection/build.js';
import type { Connection } from './connection/connection.js';
import type { EndedConnection } from './connection/ended.js';
import type { Results } from './diagnose/results.js';
import { isSlow } from './diagnose/rules/slow-handshake.js';
import { hasEndFiles, type EndFiles } from './ends/ends.js';
import { createFaults } from './fault.js';
import { createMemoryBudget } from './memory.js';
import { createLookups } from './names/lookups.js';
import { capturedNames, type CapturedNames } from './names/results.js';
import { createKeySources, type KeySources } from './tls/decrypt/key-sources.js';
import { createX509Reader } from './x509/reader.js';

export interface AnalyzeOptions
  extends Omit<JudgeOptions, 'anchors' | 'ends' | 'otherEnd' | 'lookups' | 'mostHeld'>, EndFiles {
  /**
   * Key log files (SSLKEYLOGFILE), in addition to keys in the captures. What they open is read as if it had been
   * plaintext.
   */
  readonly keys?: readonly string[];
  /** Bytes for everything that is buffered and cached, by nominal costs; 256 MiB by default. */
  readonly memory?: number;
  /** When aborted, reading stops, and what was read so far is analysed; a warning says so. */
  readonly signal?: AbortSignal;
  /**
   * Whether to wait for more at the end of a capture that is still being written, until `signal` is aborted; only for a
   * single capture.
   */
  readonly follow?: boolean;
  /**
   * Whether to read the host names in capture files before everything else, for callers that select by them. Each file
   * is then read twice.
   */
  readonly readsNamesFirst?: boolean;
  /** Called now and then while the capture is read. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Progress so far. */
export interface Progress {
  /** Bytes of the files read so far, and of all of them; null if one is a pipe. */
  readonly bytesRead: number;
  readonly bytes: number | null;
  /** Connections with a final result, and those of them that failed. */
  readonly connections: number;
  readonly failed: number;
}

export { findCaptures } from './capture/paths.js';
export { EndFileError } from './ends/file.js';
export { KeyLogError } from './tls/decrypt/key-sources.js';

/**
 * Analyses captures, read as one in the order of time: the whole pipeline, stage by stage. `-` is standard input, a
 * directory stands for the captures in it.
 * @throws CaptureError if an input is not a capture or cannot be read; EndFileError if a file of `ca` or of the ends is
 * unusable; KeyLogError if one of `keys` is
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const known = await loadEnds(options);
  const keys = createKeySources();
  try {
    for (const path of options.keys ?? []) await keys.readFile(path);
    const results = await analyzeOnce(paths, { ...options, ...known }, keys);
    if (results !== null) return results;
    await readSecrets(paths, keys, options.signal);
    return (await analyzeOnce(paths, { ...options, ...known }, keys, false)) as Results;
  } finally {
    keys.secrets.wipe();
  }
}

/** What the user's files say; the code that reads them is loaded only if there are any. */
export async function loadEnds(options: EndFiles): Promise<Pick<JudgeOptions, 'anchors' | 'ends' | 'otherEnd'>> {
  return hasEndFiles(options) ? (await import('./ends/read.js')).readEnds(options) : { anchors: [] };
}

/** The files that a configuration names, and that are read with it; none of what is no configuration. */
export async function filesOfConfiguration(path: string): Promise<string[]> {
  const files = new Set<string>();
  const { readConfiguration } = await import('./ends/configurations/read.js');
  await readConfiguration(path, undefined, (file) => files.add(file)).catch(() => undefined);
  return [...files];
}

/**
 * Reads all secrets that captures carry, wherever they are.
 * @param signal ends reading
 */
export async function readSecrets(paths: readonly string[], keys: KeySources, signal?: AbortSignal): Promise<void> {
  for (const { path } of await findCaptures(paths)) {
    const reading = newReadContext(undefined, signal, (block, of) => keys.takeBlock(block, of));
    await passOver(await openCapture(path, reading), signal);
  }
}

/** The names of hosts in captures, wherever they are. */
async function readNames(paths: readonly string[], signal: AbortSignal | undefined): Promise<CapturedNames[]> {
  const found: CapturedNames[] = [];
  for (const { path } of await findCaptures(paths)) {
    const capture = await openCapture(path, newReadContext(undefined, signal));
    // No other format has any.
    if (capture.summary().format === 'pcapng') {
      await passOver(capture, signal);
      found.push(...capturedNames({ names: () => [...capture.names()] }));
    }
    await capture.close();
  }
  return found;
}

/** Chunks read between two turns of the event loop, whose signals synchronous reading would block. */
const CHUNKS_PER_TURN = 32;

/** Reads a capture for what is between its frames. */
async function passOver(capture: Capture, signal: AbortSignal | undefined): Promise<void> {
  let chunks = 0;
  do {
    while (capture.next());
    if (++chunks % CHUNKS_PER_TURN === 0) await nextTurn();
  } while (signal?.aborted !== true && (await capture.fill()));
  await capture.close();
}

/**
 * Reads the captures once. Secrets may come after the packets that they belong to: if so, and the captures are files
 * and can be read again with them, returns null. Nothing was handed on then.
 */
async function analyzeOnce(
  paths: readonly string[],
  { onConnection, ...options }: AnalyzeOptions & Pick<JudgeOptions, 'anchors' | 'ends' | 'otherEnd'>,
  keys: KeySources,
  mayReadAgain = true,
): Promise<Results | null> {
  const x509 = createX509Reader();
  const stop = createStop(options.signal);
  const state = { isHandedOn: false, isReadAgain: false };
  const captures = await openCaptures(
    paths,
    stop.signal,
    (block, path) => {
      if (!keys.takeBlock(block, path) || !block.isBehindFrames) return;
      state.isReadAgain ||= mayReadAgain && !state.isHandedOn && captures.bytes !== null;
      if (state.isReadAgain) stop.abort();
      else keys.noteLate();
    },
    options.follow,
  );
  const faults = createFaults();
  const lookups = createLookups();
  const named = options.readsNamesFirst === true ? await readNames(paths, options.signal) : null;
  const judged = { ...captures, names: () => named ?? capturedNames(captures) };
  const judge = createJudge(x509, judged, faults, {
    ...options,
    lookups,
    ...(onConnection === undefined
      ? {}
      : {
          onConnection: (connection) => {
            state.isHandedOn = true;
            return onConnection(connection);
          },
        }),
  });
  const ended: (EndedConnection | Connection)[] = [];
  const repeated = createRepeatedConnections({
    isWanted: judge.wantsSums,
    isPlain: judge.isPlain,
    isSlow,
    generation: judge.generation,
    secrets: keys.secrets,
    captureOf: (frame) => captures.placeOf(frame).capture,
    take: (connection) => ended.push(connection),
  });
  const reader = createConnectionReader(captures, {
    secrets: keys.secrets,
    faults,
    ended: (connection) => ended.push(connection),
    lookups,
    repeated,
  });
  const [early, ...open] = reader.holders;
  const holders = [repeated.holder, early, ...judge.holders, ...open, keys.secrets.holder, lookups.holder];
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, holders);

  /** Makes the facts of a connection; null if a fault of this program prevents it. */
  const complete = (each: EndedConnection): Connection | null => {
    const { capture } = captures.placeOf(each.firstFrame);
    const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, x509), null);
    if (connection !== null && each.pattern !== undefined) repeated.learn(each.pattern, connection);
    return connection;
  };

  const clock = captureClock(captures);
  const progress = createProgress(captures, judge);
  const addAll = async (views: readonly (EndedConnection | Connection)[]): Promise<void> => {
    for (const each of views) {
      const connection = 'outcome' in each ? each : complete(each);
      const loading = connection === null ? undefined : judge.add(connection);
      if (loading !== undefined) await loading;
    }
  };
  const build = async (): Promise<void> => {
    if (state.isReadAgain) ended.length = 0;
    await addAll(judge.firstViews(ended));
    ended.length = 0;
    memory.relieve();
    await judge.handOn(clock());
    options.onProgress?.(progress);
  };
  const read = await reader.read(build, stop.signal, options.onEarly === undefined ? undefined : clock);
  stop.release();
  if (state.isReadAgain) return null;
  await addAll(judge.lastViews());
  return judge.finish(read, memory, keys);
}

/** Ends reading: when it is called, or with a signal, which it listens to until it is released. */
function createStop(signal: AbortSignal | undefined) {
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  if (signal?.aborted === true) abort();
  else signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: stop.signal,
    abort,
    release(): void {
      signal?.removeEventListener('abort', abort);
    },
  };
}

/** Computed only if shown: there may be ten thousand files. */
function createProgress(captures: Captures, judge: Judge): Progress {
  return {
    get bytesRead() {
      return captures.bytesRead();
    },
    bytes: captures.bytes,
    get connections() {
      return judge.counts().connections;
    },
    get failed() {
      return judge.counts().failed;
    },
  };
}

/**
 * Judges facts that `writeFacts` wrote, of some or all slices of a recording, as `analyze` judges captures.
 * @throws FactsError if a file has no facts; EndFileError if a file of `ca` or of the ends is unusable
 */
export async function analyzeFacts(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const { mergeFacts } = await import('./facts/merge.js');
  return mergeFacts(paths, { ...options, ...(await loadEnds(options)) });
}

/** The capture time, in milliseconds since 1970: that of the latest frame, and the time that passed since. */
function captureClock(captures: Pick<Captures, 'frame'>): () => number {
  let latest = 0;
  let seenAt = 0;
  return () => {
    const time = toMilliseconds(timestampOf(captures.frame));
    // Accessing `performance` would load it.
    const now = process.uptime() * 1000;
    if (time !== latest) [latest, seenAt] = [time, now];
    return latest + now - seenAt;
  };
}
