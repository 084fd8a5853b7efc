import { BOUNDS } from '../bounds.js';
import { closeSync, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';

/** Any number of files being read, with a bounded number of descriptors. */
export interface Files {
  /** Takes over the descriptor of a regular file. */
  add(path: string, descriptor: number): OpenFile;
}

export interface OpenFile {
  /**
   * Reads up to `length` bytes at `position` of the file to `offset`; returns the count. Throws if the file cannot be
   * read.
   */
  read(bytes: Uint8Array, offset: number, length: number, position: number): number;
  close(): void;
}

const MAX_DESCRIPTORS = BOUNDS.openFiles.value;

/**
 * An empty set of files. If there are too many, the least recently used descriptor is closed, and reopened when needed.
 */
export function createFiles(most = MAX_DESCRIPTORS): Files {
  // In the order of use.
  const descriptors = new Map<OpenFile, number>();

  const hold = (file: OpenFile, descriptor: number): void => {
    for (const [oldest, other] of descriptors) {
      if (descriptors.size < most) break;
      closeSync(other);
      descriptors.delete(oldest);
    }
    descriptors.set(file, descriptor);
  };

  return {
    add(path, descriptor) {
      const file: OpenFile = {
        read(bytes, offset, length, position) {
          const open = descriptors.get(file) ?? reopen(path, identity);
          descriptors.delete(file);
          hold(file, open);
          return readSync(open, bytes, offset, length, position);
        },
        close() {
          const open = descriptors.get(file);
          if (open !== undefined) closeSync(open);
          descriptors.delete(file);
        },
      };
      const identity = identityOf(fstatSync(descriptor, { bigint: true }));
      hold(file, descriptor);
      return file;
    },
  };
}

const identityOf = ({ dev, ino }: BigIntStats): string => `${dev} ${ino}`;

function reopen(path: string, identity: string): number {
  const descriptor = openSync(path, 'r');
  if (identityOf(fstatSync(descriptor, { bigint: true })) === identity) return descriptor;
  closeSync(descriptor);
  throw new Error('another file has taken its place');
}
