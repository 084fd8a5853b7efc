import type { Notice } from '../notices.js';
import { viewOf } from '../bytes.js';

/** Number and time of a frame: the part that may be kept. */
export interface FrameStamp {
  /** Number from 1, as in Wireshark; with several captures, counted over all of them (`Captures.placeOf`). */
  number: number;
  seconds: number;
  nanoseconds: number;
  /** Decimal digits of the time's resolution, 0 to 9. */
  digits: number;
}

/**
 * One captured frame. A reader reuses the object for each frame, and `bytes` is the reader's own buffer: whoever keeps
 * anything beyond the call must copy it.
 */
export interface Frame extends FrameStamp {
  /** LINKTYPE_ number as registered at tcpdump.org. */
  linkType: number;
  bytes: Uint8Array;
  /** The same bytes, to read multi-byte integers. */
  view: DataView;
  /** Where the frame starts in `bytes`. */
  start: number;
  /** Where the captured part ends in `bytes`. */
  end: number;
  /** Length on the wire in bytes; more than `end - start` if the snapshot length cut it. */
  originalLength: number;
  /** Where the frame's record starts in the (uncompressed) file, in bytes. */
  fileOffset: number;
}

/** A new frame, to be filled by a reader. */
export function newFrame(): Frame {
  const bytes = new Uint8Array(0);
  return {
    number: 0,
    seconds: 0,
    nanoseconds: 0,
    digits: 6,
    linkType: 0,
    bytes,
    view: viewOf(bytes),
    start: 0,
    end: 0,
    originalLength: 0,
    fileOffset: 0,
  };
}

/** Something about a capture that its reader should know; the analysis goes on. */
export interface CaptureWarning extends Notice {
  /** The frame concerned, or the last good one before damage. */
  readonly frame?: number;
  /** Byte offset in the file, if known. */
  readonly byteOffset?: number;
}
