import { fstatSync, statSync } from 'node:fs';
import { access, constants, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError, type Options } from './options.js';
import { WORDS } from './words.js';

/** A file that is read or written: its name as given, and its identity. */
interface Named {
  readonly name: string;
  readonly identity: string;
  /** Whether it is read; if undefined, it certainly is, or is written. */
  readonly isRead?: () => Promise<boolean>;
}

interface Status {
  readonly dev: number;
  readonly ino: number;
  isFile(): boolean;
}

/**
 * Checks before the analysis, which may take long, that its result can be written. A capture is evidence: naming it as
 * the target by mistake, or redirecting the report into it, must not destroy it; nor may one target overwrite another.
 */
export async function checkTargets(options: Options): Promise<void> {
  const { captures, ca, keys, clientTrusts, serverTrusts, serverCertificates } = options;
  const { serverConfig = [], clientConfig = [], passwordFile = [], baseline = [] } = options;
  const { output, exportFrames, whatIf } = options;
  const ends = [
    clientTrusts,
    serverTrusts,
    serverCertificates,
    serverConfig,
    clientConfig,
    whatIf?.path ?? [],
    passwordFile,
  ].flat();
  const taken: Named[] = [
    ...(await Promise.all(captures.map((path) => capturesOf(path)))).flat(),
    ...(await Promise.all(ca.map((path) => filesOf(WORDS.files.anchors, path)))).flat(),
    ...(await Promise.all([baseline].flat().map((path) => filesOf(WORDS.files.baseline, path)))).flat(),
    ...(await Promise.all(keys.map((path) => filesOf(WORDS.files.keyLog, path)))).flat(),
    ...(await Promise.all(ends.map((path) => filesOf(WORDS.files.end, path)))).flat(),
    ...(await Promise.all([serverConfig, clientConfig, whatIf?.path ?? []].flat().map(includedIn))).flat(),
  ];
  const targets: readonly (readonly [option: string, path: string | undefined])[] = [
    ['--output', output],
    ['--export-frames', exportFrames],
  ];
  if (output === undefined) await claim(WORDS.files.report, openIdentity(1), taken);
  for (const [option, path] of targets) {
    if (path === undefined) continue;
    const existing = await stat(path).catch(() => undefined);
    if (existing?.isDirectory() === true) throw new UsageError(WORDS.errors.directory({ option, path }));
    await access(existing === undefined ? dirname(path) : path, constants.W_OK).catch((error: unknown) => {
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), { path });
    });
    await claim(option, existing === undefined ? await placeOf(path) : identityOf(existing), taken);
  }
}

/** Throws UsageError if standard output would go into one of these files, or directories of them. */
export async function checkStandardOutput(what: string, paths: readonly string[]): Promise<void> {
  const read = (await Promise.all(paths.map((path) => filesOf(what, path)))).flat();
  await claim(WORDS.files.standardOutput, openIdentity(1), read);
}

/** Links to links that are followed, as on Linux. */
const MAX_LINKS = 40;

/** A file that does not exist yet is identified by where it will be; a broken link, by where it points. */
async function placeOf(path: string): Promise<string> {
  let place = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) break;
    place = resolve(dirname(place), target);
  }
  return join(await realpath(dirname(place)), basename(place));
}

/** Takes a file to write to. */
async function claim(what: string, identity: string | null, taken: Named[]): Promise<void> {
  if (identity === null) return;
  const other = taken.find((each) => each.identity === identity);
  if (other !== undefined && (await other.isRead?.()) !== false) {
    const isEmptied = what === WORDS.files.report && fstatSync(1).size === 0;
    const { overwrites, overwritesEmptied } = WORDS.errors;
    throw new UsageError((isEmptied ? overwritesEmptied : overwrites)({ what, file: other.name }));
  }
  taken.push({ name: what, identity });
}

/** Files in a directory that are not captures are skipped: reports may be written there, too. */
async function capturesOf(path: string): Promise<Named[]> {
  const files = await filesOf(WORDS.files.capture, path);
  if (path === '-' || (await stat(path).catch(() => undefined))?.isDirectory() !== true) return files;
  return files.map((file) => ({ ...file, isRead: async () => isCaptureIn(path, file.identity) }));
}

/** The files that a path to read stands for; one that cannot be read is reported later. */
async function filesOf(what: string, path: string): Promise<Named[]> {
  if (path === '-') {
    const identity = openIdentity(0);
    return identity === null ? [] : [{ name: WORDS.files.onStandardInput({ what }), identity }];
  }
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory() === true) {
    const names = await readdir(path).catch(() => []);
    // With ten thousand files, waiting for each takes a second.
    return names.flatMap((name) => fileOf(what, join(path, name), existing(join(path, name))));
  }
  return fileOf(what, path, status);
}

/** undefined for what cannot be examined, such as a broken link. */
function existing(path: string): Status | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

async function isCaptureIn(directory: string, identity: string): Promise<boolean> {
  const { findCaptures } = await import('../analyze.js');
  const found = await findCaptures([directory]).catch(() => []);
  const statuses = await Promise.all(found.map(({ path }) => stat(path).catch(() => undefined)));
  return statuses.some((status) => status !== undefined && identityOf(status) === identity);
}

/** The files that a configuration names and that are read with it; a file that is no configuration is reported later. */
async function includedIn(path: string): Promise<Named[]> {
  // A pipe can be read once.
  if (existing(path)?.isFile() !== true) return [];
  const { filesOfConfiguration } = await import('../analyze.js');
  return (await filesOfConfiguration(path)).flatMap((file) =>
    fileOf(WORDS.files.included({ by: path }), file, existing(file)),
  );
}

function fileOf(what: string, path: string, status: Status | undefined): Named[] {
  const identity = status === undefined ? null : identityOf(status);
  return identity === null ? [] : [{ name: WORDS.files.at({ what, path }), identity }];
}

function openIdentity(descriptor: number): string | null {
  try {
    return identityOf(fstatSync(descriptor));
  } catch {
    return null;
  }
}

/** Null for pipes and devices, which cannot be overwritten. */
function identityOf(status: Status): string | null {
  return status.isFile() ? `${status.dev}:${status.ino}` : null;
}
