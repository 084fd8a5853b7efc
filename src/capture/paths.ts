import { decodeFault } from '../decode-faults.js';
import type { DecodeFault, List, Phrase } from '../message.js';
import { notice, noticePhrase } from '../notices.js';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CaptureError } from './error.js';
import type { CaptureWarning } from './frame.js';
import { newReadContext, openCapture } from './open.js';
import { reasonOf } from './source.js';
import { SMALLEST_CHUNK } from './window.js';

/** A file to be read, and warnings about how it was found. */
export interface FoundCapture {
  readonly path: string;
  readonly warnings: readonly CaptureWarning[];
}

/** Names of captures. An empty file with such a name is a capture whose packets are lost. */
const CAPTURE_NAME = /\.(?:pcap|pcapng|cap)\d*(?:\.\w+)?$/i;

/** Number of left-out files that are named. */
const MOST_NAMES = 10;

/**
 * The captures that paths stand for: a file for itself, a directory for the captures in it, in the order of their
 * names; repeated files count once. Named files are not checked.
 * @throws CaptureError if a path does not exist, or a directory holds no capture
 */
export async function findCaptures(paths: readonly string[]): Promise<FoundCapture[]> {
  const found: FoundCapture[] = [];
  const met = new Set<string>();
  for (const path of paths) {
    const status = path === '-' ? undefined : statusOf(path);
    const here = status?.isDirectory() === true ? await capturesIn(path) : [{ path, warnings: [] }];
    for (const each of here) {
      const file = each.path === '-' ? undefined : statusOf(each.path);
      const identity = file?.isFile() === true ? `${file.dev}:${file.ino}` : each.path;
      if (!met.has(identity)) found.push(each);
      met.add(identity);
    }
  }
  return found;
}

function statusOf(path: string) {
  return orCaptureError(path, () => statSync(path, { bigint: true }));
}

function orCaptureError<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new CaptureError(path, reasonOf(error), { cause: error });
  }
}

async function capturesIn(directory: string): Promise<FoundCapture[]> {
  const entries = orCaptureError(directory, () => readdirSync(directory));
  const captures: string[] = [];
  const others: Phrase[] = [];
  /** Files that could not be read, and so may be captures. */
  const unread: Phrase[] = [];
  // Numbers in names are compared as numbers, as in `trace.pcap2` and `trace.pcap10`.
  const byName = new Intl.Collator('en', { numeric: true }).compare;
  for (const name of entries.sort(byName)) {
    const path = join(directory, name);
    const status = existing(path);
    if (name.startsWith('.')) {
      others.push(named(name, decodeFault('hiddenFile')));
      continue;
    }
    if (status !== undefined && !status.isFile()) {
      others.push(named(name, decodeFault(status.isDirectory() ? 'directory' : 'noFile')));
      continue;
    }
    try {
      await (await openCapture(path, newReadContext(SMALLEST_CHUNK))).close();
      captures.push(path);
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
      // A file of another kind is rejected without an underlying error.
      const isLost = error.cause !== undefined || (status?.size === 0 && CAPTURE_NAME.test(name));
      (isLost ? unread : others).push(named(name, error.reason));
    }
  }
  const [first, ...rest] = captures;
  if (first === undefined) throw new CaptureError(directory, decodeFault('noCaptureInDirectory'));
  const warnings = [
    ...listed(unread, (files) => notice('files-unread', 'ofDirectory', { directory, files })),
    ...listed(others, (files) => notice('files-left-out', 'ofDirectory', { directory, files })),
  ];
  return [{ path: first, warnings }, ...rest.map((path) => ({ path, warnings: [] }))];
}

/** undefined for what cannot be examined, such as a broken link. */
function existing(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** A file of a directory, and why it is not read. */
const named = (name: string, reason: DecodeFault | string): Phrase => noticePhrase('fileAndReason', { name, reason });

function listed(names: readonly Phrase[], warning: (files: List) => CaptureWarning): CaptureWarning[] {
  if (names.length === 0) return [];
  const items = names.slice(0, MOST_NAMES);
  return [warning({ style: 'names', items, more: names.length - items.length })];
}
