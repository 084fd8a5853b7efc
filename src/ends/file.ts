/** Files of the two ends, stores and configurations: read whole, within bounds, with errors of one line. */
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BOUNDS } from '../bounds.js';
import { fileReason } from '../file-reasons.js';

const MAX_BYTES = BOUNDS.endFileBytes.value;
const MAX_FILES = BOUNDS.endFiles.value;

/** A file of an end that cannot be used; `message` is one line that names it, and the line in it if there is one. */
export class EndFileError extends Error {
  override readonly name = 'EndFileError';
  constructor(
    readonly path: string,
    reason: string,
    line?: number,
  ) {
    super(`${path}${line === undefined ? '' : `:${line}`}: ${reason}`);
  }
}

/** The content of a file, or of a named pipe in its place. */
export async function readEndFile(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw new EndFileError(path, `${size} bytes are too many (at most ${MAX_BYTES})`);
      // A pipe has no size, and a file may grow while it is read.
      const bytes = Buffer.alloc(Math.max(size, size === 0 ? MAX_BYTES : 0) + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length);
        if (bytesRead === 0) break;
        length += bytesRead;
        if (length === bytes.length) throw new EndFileError(path, `more than ${length - 1} bytes are too many`);
      }
      return new Uint8Array(bytes.subarray(0, length));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw error instanceof EndFileError ? error : new EndFileError(path, reasonOf(error));
  }
}

/** The files that a path stands for: itself, or those in the directory, by name; `isDirectory` tells which. */
export async function filesIn(
  path: string,
): Promise<{ readonly isDirectory: boolean; readonly files: readonly string[] }> {
  try {
    if (!(await stat(path)).isDirectory()) return { isDirectory: false, files: [path] };
    const names = (await readdir(path)).sort();
    if (names.length > MAX_FILES)
      throw new EndFileError(path, `${names.length} files are too many (at most ${MAX_FILES})`);
    const files: string[] = [];
    for (const name of names) {
      const file = join(path, name);
      const isFile = await stat(file).then(
        (status) => status.isFile(),
        () => false,
      );
      if (isFile) files.push(file);
    }
    return { isDirectory: true, files };
  } catch (error) {
    throw error instanceof EndFileError ? error : new EndFileError(path, reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  return fileReason(error) ?? (error instanceof Error ? error.message : String(error));
}
