import { faultInEnglish } from '../decode-faults.js';
import { isObject } from '../is-object.js';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, Transform, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BOUNDS } from '../bounds.js';
import { reasonOf } from '../capture/source.js';
import { memoizeLast } from '../memoize.js';
import type { Lookup } from '../names/lookups.js';
import { FactsError } from './error.js';
import { FACTS_VERSION, type Closing, type FactsLine, type Heading, type LookupLine, type NamesLine } from './line.js';

const NO_FACTS = { id: 'noFacts', data: {} } as const;

const damaged = (line: number) => ({ id: 'damaged', data: { line } }) as const;

/** In characters: the facts of a connection are bounded to less. */
const LONGEST_LINE = BOUNDS.factsLine.value;
/** Decompressed bytes before the ratio is checked, and how many there may be for one that is read. */
const UNCHECKED_BYTES = BOUNDS.factsUncheckedBytes.value;
const MOST_RATIO = BOUNDS.factsRatio.value;

/** The beginning of lines of a kind, as written. */
const beginningOf = (kind: FactsLine['kind']): string => `{"kind":"${kind}"`;

/** A file of facts without its connections. */
export interface Survey {
  readonly heading: Heading;
  readonly closing: Closing;
  readonly lookups: readonly LookupLine['lookup'][];
  readonly names: readonly NamesLine[];
}

/** A line as it is written. */
export const lineText = memoizeLast((line: FactsLine): string => `${JSON.stringify(line)}\n`);

/** For the digest of all lines but the last, which says what that digest must be. */
export const newDigest = (): Hash => createHash('sha256');

/** Whether a file of facts is unchanged: then errors in it are faults of this program. */
export async function isAsWritten(path: string): Promise<boolean> {
  const digest = newDigest();
  try {
    for await (const text of textLinesOf(path)) {
      if (text.startsWith(beginningOf('end'))) {
        const last: unknown = JSON.parse(text);
        return isObject(last) && last['digest'] === digest.digest('hex');
      }
      digest.update(`${text}\n`);
    }
  } catch {
    // What cannot be read is not.
  }
  return false;
}

/**
 * Everything in a file of facts but the connections.
 * @throws FactsError if the first or the last line is missing, or has another version
 */
export async function surveyFacts(path: string): Promise<Survey> {
  const lookups: LookupLine['lookup'][] = [];
  const names: NamesLine[] = [];
  let heading: Heading | undefined;
  let closing: Closing | undefined;
  let count = 0;
  for await (const text of textLinesOf(path)) {
    count++;
    if (closing !== undefined) throw new FactsError(path, { id: 'behindLast', data: { line: count } });
    if (count === 1) {
      const first = parse(path, count, text);
      if (first.kind !== 'facts') throw new FactsError(path, NO_FACTS);
      if (first.factsVersion !== FACTS_VERSION) {
        throw new FactsError(path, { id: 'otherVersion', data: { version: first.factsVersion, known: FACTS_VERSION } });
      }
      if (!isHeading(first)) throw new FactsError(path, damaged(count));
      heading = first;
    } else if (text.startsWith(beginningOf('end'))) {
      const last = parse(path, count, text);
      if (last.kind !== 'end' || !isClosing(last)) throw new FactsError(path, damaged(count));
      closing = last;
    } else if (text.startsWith(beginningOf('lookup'))) {
      const line = parse(path, count, text);
      if (line.kind !== 'lookup' || !isLookup(line.lookup)) throw new FactsError(path, damaged(count));
      lookups.push(line.lookup);
    } else if (text.startsWith(beginningOf('names'))) {
      const line = parse(path, count, text);
      if (line.kind !== 'names' || !areNames(line)) throw new FactsError(path, damaged(count));
      names.push(line);
    }
  }
  if (heading === undefined) throw new FactsError(path, { id: 'empty', data: {} });
  if (closing === undefined) throw new FactsError(path, { id: 'cutShort', data: { line: count } });
  return { heading, closing, lookups, names };
}

// Anybody may have written a file of facts: the parts of lines without a connection that are used are checked.

function isHeading({ recording, slice }: { readonly [Key in keyof Heading]: unknown }): boolean {
  return (
    isObject(recording) &&
    areObjects(recording['files'], 1) &&
    Array.isArray(recording['order']) &&
    isObject(slice) &&
    Number.isSafeInteger(slice['index']) &&
    Number.isSafeInteger(slice['count'])
  );
}

function isClosing(line: { readonly [Key in keyof Closing]: unknown }): boolean {
  const { counts, unread, files, turns, leaving, entering, keys } = line;
  const isBoundaryConnection = (one: unknown): boolean =>
    isObject(one) && isObject(one['client']) && isObject(one['server']);
  return (
    isObject(counts) &&
    areObjects(unread) &&
    areObjects(turns) &&
    Array.isArray(files) &&
    files.every((one) => one === null || (isObject(one) && isSummary(one['summary']) && areNotices(one['warnings']))) &&
    [leaving, entering].every((some) => Array.isArray(some) && some.every(isBoundaryConnection)) &&
    (keys === null || (isObject(keys) && areObjects(keys['logs']) && isObject(keys['secrets'])))
  );
}

function isSummary(summary: unknown): boolean {
  return (
    isObject(summary) &&
    typeof summary['path'] === 'string' &&
    Array.isArray(summary['linkTypes']) &&
    areNotices(summary['warnings'])
  );
}

function areNotices(list: unknown): boolean {
  const isValue = (value: unknown): boolean => ['string', 'number'].includes(typeof value) || isObject(value);
  return (
    areObjects(list) &&
    list.every(({ code, id, data }) => areStrings([code, id]) && isObject(data) && Object.values(data).every(isValue))
  );
}

function isLookup(lookup: unknown): boolean {
  if (!isObject(lookup)) return false;
  const { name, client, firstAsked, lastAsked, answers }: { readonly [Key in keyof Lookup]?: unknown } = lookup;
  return (
    typeof name === 'string' &&
    (client === null || typeof client === 'string') &&
    (firstAsked === null || (isObject(firstAsked) && isObject(firstAsked['at']))) &&
    (lastAsked === null || isObject(lastAsked)) &&
    areObjects(answers) &&
    answers.every(({ at, addresses, aliases }) => isObject(at) && areStrings(addresses) && areStrings(aliases))
  );
}

function areNames({ address, names }: { readonly [Key in keyof NamesLine]: unknown }): boolean {
  return typeof address === 'string' && areStrings(names);
}

function areStrings(list: unknown): boolean {
  return Array.isArray(list) && list.every((one) => typeof one === 'string');
}

function areObjects(list: unknown, atLeast = 0): list is readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) && list.length >= atLeast && list.every(isObject);
}

/** The lines of a file of facts, in order. */
export async function* linesOf(path: string): AsyncGenerator<FactsLine, void, undefined> {
  let count = 0;
  for await (const text of textLinesOf(path)) yield parse(path, ++count, text);
}

const KINDS: readonly unknown[] = [
  'facts',
  'certificate',
  'connection',
  'lookup',
  'names',
  'end',
] satisfies FactsLine['kind'][];

function parse(path: string, line: number, text: string): FactsLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FactsError(path, line === 1 ? NO_FACTS : damaged(line));
  }
  if (!isOfKnownKind(value)) throw new FactsError(path, line === 1 ? NO_FACTS : damaged(line));
  return value;
}

/** Whether a value has the kind of a line; what else it has is checked where it is used. */
const isOfKnownKind = (value: unknown): value is FactsLine => isObject(value) && KINDS.includes(value['kind']);

/** The lines of a file, decompressed if it is compressed with gzip. */
async function* textLinesOf(path: string): AsyncGenerator<string, void, undefined> {
  let rest = '';
  try {
    const input = (await hasGzipMagic(path)) ? gunzipped(path) : createReadStream(path);
    input.setEncoding('utf8');
    for await (const chunk of input) {
      const lines = String(chunk).split('\n');
      lines[0] = rest + (lines[0] ?? '');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) throw new FactsError(path, { id: 'lineTooLong', data: { limit: LONGEST_LINE } });
      yield* lines;
    }
  } catch (error) {
    if (error instanceof FactsError) throw error;
    throw new FactsError(
      path,
      { id: 'unreadable', data: { reason: faultInEnglish(reasonOf(error)) } },
      { cause: error },
    );
  }
  if (rest !== '') yield rest;
}

function gunzipped(path: string): Readable {
  const unzipped = createGunzip();
  let bytes = 0;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      const isBomb = bytes > UNCHECKED_BYTES && bytes > unzipped.bytesWritten * MOST_RATIO;
      done(isBomb ? new FactsError(path, { id: 'bomb', data: {} }) : null, chunk);
    },
  });
  // Errors are thrown to whoever reads the output.
  return pipeline(createReadStream(path), unzipped, checked, () => undefined);
}

async function hasGzipMagic(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
