import { BOUNDS } from '../bounds.js';
import { DecompressionError } from './error.js';
import type { CaptureWarning, Frame } from './frame.js';
import { reasonOf } from './source.js';
import type { DataOf, Phrase } from '../message.js';
import { notice, noticePhrase, type NOTICES } from '../notices.js';
import type { Window } from './window.js';

/** A file format. Adding one: a file in formats/ and a line in formats/index.ts. */
export interface Format {
  readonly name: string;
  /** Whether the input begins like this format; looks at up to RECOGNITION_BYTES bytes of the window. */
  recognises(window: Window): boolean;
  /** A reader that starts at the window's current place. */
  read(window: Window, budget: MetadataBudget, onSecrets?: (secrets: DecryptionSecrets) => void): FormatReader;
}

/** How many bytes of secrets and of host names may still be kept, over all captures that are read as one. */
export interface MetadataBudget {
  secrets: number;
  names: number;
}

export const newMetadataBudget = (): MetadataBudget => ({
  secrets: BOUNDS.pcapngSecretBytes.value,
  names: BOUNDS.nameBytes.value,
});

/** How many bytes the formats may look at to recognise themselves (fewer if the input is shorter). */
export const RECOGNITION_BYTES = 24;

/** `frame`: one was read; `more`: first fill the window up to `needed`; `end`: nothing follows. */
export type Step = 'frame' | 'more' | 'end';

/** Turns the bytes of a window into frames. Does not know where the bytes come from. */
export interface FormatReader {
  /**
   * Reads the next frame into `frame`, which then points into the window, and is valid until the window is filled
   * again.
   */
  next(frame: Frame): Step;
  /** LINKTYPE_ numbers that the file has declared so far. */
  readonly linkTypes: ReadonlySet<number>;
  /** What was wrong with the file so far. */
  readonly warnings: readonly CaptureWarning[];
  /** Names of addresses that the file holds so far. */
  readonly names: readonly ResolvedNames[];
}

/** Keys in a capture, as a tool wrote them. */
export interface DecryptionSecrets {
  /** Four-letter code as pcapng has it: `TLSK` is a TLS key log. Hostile text, like `data`. */
  readonly type: string;
  /** Valid until the next frame is read. */
  readonly data: Uint8Array;
  /** Where in the file they are. */
  readonly fileOffset: number;
  /** Frames precede them, and may need them. */
  readonly isBehindFrames: boolean;
}

/** The name of a host when the capture was made. */
export interface ResolvedNames {
  /** 4 bytes of IPv4 or 16 of IPv6. */
  readonly address: Uint8Array;
  /** Each once; hostile text. */
  readonly names: readonly string[];
}

/** The largest captured length that is accepted: libpcap's MAXIMUM_SNAPLEN, which no sane capture exceeds. */
export const MAX_CAPTURED_LENGTH = BOUNDS.capturedLength.value;

/** What is wrong with a file: the id of its text, and its values. */
export type Damage = {
  [Id in keyof (typeof NOTICES)['damaged']]: {
    readonly id: Id;
    readonly data?: Omit<DataOf<(typeof NOTICES)['damaged'][Id]>, 'byteOffset' | 'reached'>;
  };
}[keyof (typeof NOTICES)['damaged']];

/** The warning that a file is damaged at `byteOffset`, after frame number `frame`. */
export function damaged({ id, data }: Damage, byteOffset: number, frame: number): CaptureWarning {
  return { code: 'damaged', id, data: { ...data, byteOffset, reached: readUpTo(frame) }, frame, byteOffset };
}

/** The warning that a file ends within what starts at `byteOffset`, after frame number `frame`. */
export function cutShort(what: 'fileHeader' | 'record' | 'block', byteOffset: number, frame: number): CaptureWarning {
  return { ...notice('cut-short', what, { byteOffset, reached: readUpTo(frame) }), frame, byteOffset };
}

/** The warning that the input failed at `byteOffset`, after frame number `frame`. */
export function unreadable(error: unknown, byteOffset: number, frame: number): CaptureWarning {
  const place = { byteOffset, reached: readUpTo(frame) };
  return error instanceof DecompressionError
    ? { ...notice(error.code, 'compressed', { ...place, reason: error.reason }), frame, byteOffset }
    : { ...notice('cut-short', 'reading', { ...place, reason: reasonOf(error) }), frame, byteOffset };
}

/** The warning that reading was given up after frame number `frame`. */
export function interrupted(frame: number): CaptureWarning {
  return frame === 0 ? notice('interrupted', 'unread') : { ...notice('interrupted', 'behind', { frame }), frame };
}

/** How far the capture was read, as in `after frame 12`. */
export function readUpTo(frame: number): Phrase {
  return frame === 0 ? noticePhrase('beforeFirstFrame') : noticePhrase('afterFrame', { frame });
}
