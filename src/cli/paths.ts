import { basename, isAbsolute } from 'node:path';

/**
 * The name of a capture in a report: only the file name if the path is absolute, so that it reveals nothing about the
 * machine.
 */
export function shownPath(path: string, isFull: boolean): string {
  return !isFull && isAbsolute(path) ? basename(path) : path;
}
