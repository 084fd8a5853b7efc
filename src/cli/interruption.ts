import { realpathSync, rmSync, statSync } from 'node:fs';

/** How a run is ended before its time, and what becomes of the files that it writes. */
export interface Interruption {
  /** Aborted by the first signal: reading ends, and what was read is reported. */
  readonly signal: AbortSignal;
  /** The same for another reason. */
  abort(): void;
  /** A file is being written; unless it is complete when the program ends, it is removed. */
  begin(path: string): void;
  /** It is complete. */
  end(path: string): void;
  /** Removes incomplete files. */
  discard(): void;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Ctrl-C, or a request to terminate, ends reading, and what was read is reported; a second one ends the program.
 * @param writes whether there are files that it must not leave half written: otherwise the second one is left to the
 * system, which ends the program whatever it is doing
 */
export function createInterruption(writes: boolean): Interruption {
  const controller = new AbortController();
  const begun = new Set<string>();
  const discard = (): void => {
    for (const path of begun) removeFile(path);
    begun.clear();
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const isSecond = controller.signal.aborted;
    if (isSecond || !writes) for (const each of SIGNALS) process.off(each, onSignal);
    if (!isSecond) {
      controller.abort();
      return;
    }
    discard();
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    abort() {
      controller.abort();
    },
    begin(path) {
      begun.add(path);
    },
    end(path) {
      begun.delete(path);
    },
    discard,
  };
}

/** Removes a file, not a link to it, a pipe or a device. */
function removeFile(path: string): void {
  try {
    if (statSync(path).isFile()) rmSync(realpathSync(path));
  } catch {
    // It may be gone, or its directory closed to us: nothing more can be done.
  }
}
