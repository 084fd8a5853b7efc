import { createReadStream, existsSync, fstatSync, statSync } from 'node:fs';
import type { analyze as Analyze } from '../analyze.js';
import { BOUNDS } from '../bounds.js';
import { commandLike, UsageError, type Options } from './options.js';
import { WORDS } from './words.js';

/**
 * The analysis for these captures, and their order: `analyze` reads them as one recording; captures from several points
 * of one path, in which every packet would seem to be sent twice, are compared.
 */
export async function analysisOf(captures: readonly string[]): Promise<readonly [typeof Analyze, readonly string[]]> {
  if (captures.length > 1 || statSync(captures[0] ?? '', { throwIfNoEntry: false })?.isDirectory() === true) {
    const { compareCaptures, findPoints } = await import('../compare.js');
    const points = await findPoints(captures);
    if (points !== null) return [compareCaptures, points];
  }
  return [(await import('../analyze.js')).analyze, captures];
}

/** Throws a UsageError where these captures cannot be read in the way asked for. */
export async function checkCaptures(options: Options): Promise<void> {
  const { captures } = options;
  if (captures.includes('-') && process.stdin.isTTY) {
    throw new UsageError(WORDS.errors.terminal);
  }
  if (options.follow && (captures.length > 1 || captures.includes('-'))) {
    throw new UsageError(WORDS.errors.follow);
  }
  if (options.exportFrames !== undefined && captures.includes('-')) {
    throw new UsageError(WORDS.errors.exportFromPipe);
  }
  const [first = ''] = captures;
  const command = first === '-' || existsSync(first) ? undefined : commandLike(first);
  if (command !== undefined) throw new UsageError(WORDS.errors.noCommand({ word: first, command }));
  await (await import('./targets.js')).checkTargets(options);
}

/** Whether a capture arrives while it is made: from a pipe. */
export function isStream(path: string): boolean {
  try {
    return !(path === '-' ? fstatSync(0) : statSync(path)).isFile();
  } catch {
    return false;
  }
}

/** Known failures, and the code to compare with them, which is loaded only if there is a baseline. */
export async function readBaseline(path: string) {
  const { BaselineError, compareWithBaseline, parseBaseline } = await import('../index.js');
  const { readWithoutConnections } = await import('./baseline.js');
  try {
    const text = await readWithoutConnections(createReadStream(path));
    if (text === null) {
      const most = BOUNDS.baselineBytes.value;
      throw new BaselineError({ id: 'tooLong', data: { most } });
    }
    return { known: parseBaseline(text), compareWithBaseline };
  } catch (error) {
    if (error instanceof BaselineError) throw new UsageError(WORDS.errors.baseline({ path, message: error.message }));
    // Errors of reading, unlike those of opening, do not name the file.
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** What the command is given besides captures: keys, and the files of both ends. */
export async function filesOf(options: Options) {
  return {
    ca: options.ca,
    keys: options.keys,
    clientTrusts: options.clientTrusts,
    serverTrusts: options.serverTrusts,
    serverCertificates: options.serverCertificates,
    ...(options.serverConfig === undefined ? {} : { serverConfig: options.serverConfig }),
    ...(options.clientConfig === undefined ? {} : { clientConfig: options.clientConfig }),
    ...(options.whatIf === undefined ? {} : { whatIf: options.whatIf }),
    ...(await passwordsFor(options)),
  };
}

/** Nothing unless there are stores, only some of which are encrypted. */
async function passwordsFor({ ca, clientTrusts, serverTrusts, serverCertificates, whatIf, passwordFile }: Options) {
  const isNone = [ca, clientTrusts, serverTrusts, serverCertificates].every(({ length }) => length === 0);
  if (isNone && whatIf === undefined) return {};
  return { passwords: await (await import('./passwords.js')).passwordsOf(passwordFile) };
}
