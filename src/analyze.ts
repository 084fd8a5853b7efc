import { readFile } from 'node:fs/promises';
import { createJudge, type JudgeOptions } from './analysis/judge.js';
import { createConnectionReader } from './analysis/read.js';
import { BOUNDS } from './bounds.js';
import { openCaptures } from './capture/merge.js';
import { reasonOf } from './capture/source.js';
import { buildConnection } from './connection/build.js';
import type { EndedConnection } from './connection/ended.js';
import type { Results } from './diagnose/results.js';
import { createFaults } from './fault.js';
import { createMemoryBudget } from './memory.js';
import { readCertificateFile } from './x509/anchors.js';
import { createX509Reader } from './x509/reader.js';

export interface AnalyzeOptions extends Omit<JudgeOptions, 'anchors'> {
  /** Files of trust anchors, PEM or DER, that join Mozilla's. */
  readonly ca?: readonly string[];
  /** Bytes for all that is buffered and remembered, by nominal costs; 256 MiB if not given. */
  readonly memory?: number;
  /** When aborted, reading stops, and what was read so far is analysed; a warning says so. */
  readonly signal?: AbortSignal;
  /** Called now and then while the capture is read. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How far the reading is. */
export interface Progress {
  /** Bytes of the files read so far, and of all of them: null when one is a pipe. */
  readonly bytesRead: number;
  readonly bytes: number | null;
  /** Connections that are settled, and those of them that failed. */
  readonly connections: number;
  readonly failed: number;
}

export { findCaptures } from './capture/paths.js';

/** A file of trust anchors that cannot be used; `message` is one line that names it. */
export class TrustAnchorError extends Error {
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path}: ${reason}`);
    this.name = 'TrustAnchorError';
  }
}

/**
 * Analyses captures, as one in the order of time: the whole pipeline, stage by stage. `-` is standard input, a directory
 * stands for the captures in it.
 * @throws CaptureError if an input is no capture or cannot be read; TrustAnchorError if a file of `ca` is unusable
 */
export async function analyze(paths: readonly string[], options: AnalyzeOptions = {}): Promise<Results> {
  const anchors = await readAnchors(options.ca ?? []);
  const x509 = createX509Reader();
  const captures = await openCaptures(paths, options.signal);
  const faults = createFaults();
  const judge = createJudge(x509, captures, faults, { ...options, anchors });
  const ended: EndedConnection[] = [];
  const reader = createConnectionReader(captures, faults, (connection) => ended.push(connection));
  const { others, context, list, failed } = judge.holders;
  const [early, open] = reader.holders;
  const holders = [early, others, context, list, open, failed];
  const memory = createMemoryBudget(options.memory ?? BOUNDS.memory.value, holders);

  const build = async (): Promise<void> => {
    for (const each of ended) {
      const { capture } = captures.placeOf(each.firstFrame);
      const connection = faults.attempt('build', each.firstFrame, () => buildConnection(each, capture, x509), null);
      const loading = connection === null ? undefined : judge.add(connection);
      if (loading !== undefined) await loading;
    }
    ended.length = 0;
    memory.relieve();
    await judge.handOn();
    const { connections, failed: failures } = judge.summary();
    const bytesRead = captures.bytesRead();
    options.onProgress?.({ bytesRead, bytes: captures.bytes, connections, failed: failures });
  };
  const read = await reader.read(build, options.signal);
  return judge.finish(read, memory);
}

async function readAnchors(paths: readonly string[]): Promise<Uint8Array[]> {
  const anchors: Uint8Array[] = [];
  for (const path of paths) {
    const file = await readFile(path).catch((error: unknown) => {
      throw new TrustAnchorError(path, reasonOf(error));
    });
    const { certificates, error } = readCertificateFile(file);
    if (certificates === null) throw new TrustAnchorError(path, error);
    anchors.push(...certificates);
  }
  return anchors;
}
