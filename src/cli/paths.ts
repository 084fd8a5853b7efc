import { basename, isAbsolute } from 'node:path';

/** How a report names a capture: by file name where the path is absolute, so that it tells nothing of the machine. */
export function shownPath(path: string, isFull: boolean): string {
  return !isFull && isAbsolute(path) ? basename(path) : path;
}
