import cliProgress from 'cli-progress';
import type { Progress } from '../analyze.js';
import { grouped } from '../report/messages/english.js';
import { COMMAND_LINE } from '../report/messages/command-line.js';
import { WORDS } from './words.js';

const { Format, SingleBar } = cliProgress;

/** Work that takes less, in milliseconds, shows nothing. */
const PATIENCE_MS = 700;
/** The bar is redrawn after so many milliseconds at the earliest. */
const REFRESH_MS = 200;
const MEBI = 2 ** 20;

/** A progress bar on a terminal: progress, speed, remaining time, and what was found. */
export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  /** Hides the bar until it is redrawn, because something else is written. */
  readonly hide: () => void;
  /** Takes the bar away. */
  readonly end: () => void;
}

/** A bar that appears if the work takes long. */
export function createProgress(stream: NodeJS.WriteStream): ProgressBar {
  const started = performance.now();
  let bar: InstanceType<typeof SingleBar> | undefined;
  let drawnAt = started;
  return {
    show(progress) {
      const now = performance.now();
      if (now - drawnAt < (bar === undefined ? PATIENCE_MS : REFRESH_MS)) return;
      drawnAt = now;
      const { bytesRead, bytes, connections, failed } = progress;
      const values = {
        read: grouped(Math.round(bytesRead / MEBI)),
        rate: grouped(Math.round(bytesRead / MEBI / ((now - started) / 1000))),
        left: secondsLeft(bytesRead, bytes, now - started),
        connections: grouped(connections),
        failed: grouped(failed),
      };
      if (bar === undefined) {
        bar = new SingleBar({
          format: `${bytes === null ? '' : '{bar} {percentage} % '}${COMMAND_LINE.progress}`,
          formatBar: Format.BarFormat,
          barsize: 20,
          barCompleteChar: '█',
          barIncompleteChar: '░',
          hideCursor: true,
          gracefulExit: false,
          clearOnComplete: true,
          stream,
          linewrap: false,
        });
        bar.start(bytes ?? bytesRead, bytesRead, values);
      } else {
        bar.update(bytesRead, values);
      }
    },
    hide() {
      bar?.stop();
      bar = undefined;
    },
    end() {
      bar?.stop();
    },
  };
}

function secondsLeft(bytesRead: number, bytes: number | null, elapsedMs: number): string {
  if (bytes === null || bytesRead === 0) return '';
  const seconds = Math.ceil(((elapsedMs / 1000) * (bytes - bytesRead)) / bytesRead);
  return WORDS.progressLeft({ seconds });
}
