import { decodeFault } from '../decode-faults.js';
import { notice } from '../notices.js';
import { compressionOf, decompressed } from './compression.js';
import type { CompressionName } from './compressions/compression.js';
import { CaptureError } from './error.js';
import { createFiles, type Files } from './files.js';
import {
  interrupted,
  newMetadataBudget,
  RECOGNITION_BYTES,
  unreadable,
  type DecryptionSecrets,
  type FormatReader,
  type ResolvedNames,
  type MetadataBudget,
} from './format.js';
import { formats } from './formats/index.js';
import { newFrame, type CaptureWarning, type Frame } from './frame.js';
import { linkTypeName } from './linktypes.js';
import { openSource, reasonOf, type Source } from './source.js';
import type { Timestamp } from './timestamp.js';
import { newTimes, noteTime, timeWarning } from './times.js';
import { appearance } from './unrecognised.js';
import { CHUNK, newWindow, type Window } from './window.js';

/** What is known of a capture as a whole so far. */
export interface CaptureSummary {
  readonly path: string;
  /** Of the file: `pcap`, `pcapng`, `snoop`. */
  readonly format: string;
  /** How the file is compressed; null if it is not. */
  readonly compression: CompressionName | null;
  /** Frames read. */
  readonly packets: number;
  /** Bytes of the (uncompressed) file that were read: all of it, unless it is damaged or cut short. */
  readonly bytes: number;
  /** The earliest and the latest time of a frame; null if there is none. */
  readonly firstPacketAt: Timestamp | null;
  readonly lastPacketAt: Timestamp | null;
  /** Names of the link types that the file declares, e.g. `ETHERNET`. */
  readonly linkTypes: readonly string[];
  /** Frames cut by the snapshot length. */
  readonly truncatedPackets: number;
  readonly warnings: readonly CaptureWarning[];
}

/**
 * A capture read frame by frame, in constant memory:
 *
 *     do {
 *       while (capture.next()) use(capture.frame);
 *     } while (await capture.fill());
 */
export interface Capture {
  /** The frame that `next` read: one object, reused, valid until the next `next` or `fill`. */
  readonly frame: Frame;
  /** Its time; if that is years away from its neighbours, the time of the frame before it. */
  readonly time: Pick<Timestamp, 'seconds' | 'nanoseconds'>;
  /** Reads the next frame, if it is in memory. */
  next(): boolean;
  /** Reads more of the input; false at its end. Damage and read errors also end it, with a warning in the summary. */
  fill(): Promise<boolean>;
  summary(): CaptureSummary;
  /** Bytes read so far of the file as stored, compressed or not. */
  readonly bytesRead: () => number;
  /** Names of addresses found in the capture so far. */
  names(): readonly ResolvedNames[];
  /** Releases the file; a warning is added if it was not read to its end. Reading to the end releases it too. */
  close(): Promise<void>;
}

/** What captures that are read as one share. */
export interface ReadContext {
  readonly files: Files;
  readonly metadata: MetadataBudget;
  /** Bytes to read of each at a time. */
  readonly chunk: number;
  /** Aborts waiting for a pipe. */
  readonly signal: AbortSignal | undefined;
  /** Called with the keys that captures carry, as they are read. */
  readonly onSecrets: TakeSecrets | undefined;
  /** Whether to wait for more at the end of a file. */
  readonly follow: boolean;
}

/**
 * Receives keys that a capture carries. With several captures read as one, those before the first frame may come more
 * than once.
 */
export type TakeSecrets = (secrets: DecryptionSecrets, path: string) => void;

export const newReadContext = (
  chunk = CHUNK,
  signal?: AbortSignal,
  onSecrets?: TakeSecrets,
  follow = false,
): ReadContext => ({
  files: createFiles(),
  metadata: newMetadataBudget(),
  chunk,
  signal,
  onSecrets,
  follow,
});

/**
 * Opens a capture file, or standard input for `-`.
 * @throws CaptureError if there is no such file, or it is no capture
 */
export async function openCapture(path: string, context = newReadContext()): Promise<Capture> {
  return readCapture(path, openSource(path, context.files, context.signal, context.follow), context);
}

/**
 * Reads a capture from any source of bytes, compressed or not.
 * @param path names the capture in errors and in the summary
 * @throws CaptureError if the input is no capture
 */
export async function readCapture(path: string, source: Source, context = newReadContext()): Promise<Capture> {
  let input = source;
  try {
    let window = await beginningOf(source, context);
    const compression = compressionOf(window);
    if (compression) {
      input = decompressed(compression, window, source, { signal: context.signal });
      window = await beginningOf(input, context);
    }
    const format = formats.find((candidate) => candidate.recognises(window));
    if (!format) {
      context.signal?.throwIfAborted();
      const inside = compression ? ` inside ${compression.name}` : '';
      throw new CaptureError(path, `not a packet capture (${appearance(window)}${inside})`);
    }
    return capture(
      { path, format: format.name, compression: compression?.name ?? null },
      format.read(window, context.metadata, (secrets) => context.onSecrets?.(secrets, path)),
      window,
      input,
      context.signal,
    );
  } catch (error) {
    await input.close();
    if (context.signal?.aborted === true) throw new CaptureError(path, decodeFault('interrupted'));
    throw error instanceof CaptureError ? error : new CaptureError(path, reasonOf(error), { cause: error });
  }
}

async function beginningOf(source: Source, { chunk }: ReadContext): Promise<Window> {
  const window = newWindow(chunk);
  window.needed = RECOGNITION_BYTES;
  await fillUp(window, source);
  return window;
}

function capture(
  identity: Pick<CaptureSummary, 'path' | 'format' | 'compression'>,
  reader: FormatReader,
  window: Window,
  source: Source,
  signal: AbortSignal | undefined,
): Capture {
  const frame = newFrame();
  const times = newTimes();
  let packets = 0;
  let truncatedPackets = 0;
  let ended = false;
  let closed = false;
  const warnings: CaptureWarning[] = [];

  function next(): boolean {
    const step = ended ? 'end' : reader.next(frame);
    if (step !== 'frame') {
      ended = step === 'end';
      return false;
    }
    packets++;
    noteTime(times, frame);
    if (frame.end - frame.start < frame.originalLength) truncatedPackets++;
    return true;
  }

  async function fill(): Promise<boolean> {
    if (!ended) {
      try {
        await fillUp(window, source);
        // A pipe that is no longer waited for ends anywhere, which is no fault of the capture.
        const left = window.end - window.start;
        const isGivenUp = signal?.aborted === true && window.ended && left > 0 && left < window.needed;
        if (!isGivenUp) return true;
      } catch (error) {
        if (signal?.aborted !== true) {
          ended = true;
          warnings.push(unreadable(error, window.base + window.end, packets));
        }
      }
    }
    await close();
    return false;
  }

  async function close(): Promise<void> {
    if (!ended) warnings.push(interrupted(packets));
    ended = true;
    if (closed) return;
    closed = true;
    await source.close();
  }

  function summary(): CaptureSummary {
    return {
      ...identity,
      packets,
      bytes: window.base + window.start,
      firstPacketAt: packets === 0 ? null : { ...times.first },
      lastPacketAt: packets === 0 ? null : { ...times.last },
      linkTypes: Array.from(reader.linkTypes, linkTypeName),
      truncatedPackets,
      warnings: [
        ...warnings,
        ...reader.warnings,
        ...timeWarning(times),
        ...truncationWarning(truncatedPackets, packets),
      ],
    };
  }

  return {
    frame,
    time: times.current,
    next,
    fill,
    summary,
    bytesRead: () => source.bytesRead(),
    names: () => reader.names,
    close,
  };
}

async function fillUp(window: Window, source: Source): Promise<void> {
  do {
    await source.fill(window);
  } while (!window.ended && window.end - window.start < window.needed);
}

function truncationWarning(truncated: number, packets: number): CaptureWarning[] {
  if (truncated === 0) return [];
  return [notice('truncated-packets', 'capture', { count: truncated, packets })];
}
