/** Snoop, as Solaris and others write it: RFC 1761. Its numbers are big-endian. */
import { u32 } from '../../bytes.js';
import { cutShort, damaged, MAX_CAPTURED_LENGTH, type Format, type FormatReader, type Step } from '../format.js';
import type { CaptureWarning, Frame } from '../frame.js';
import type { Window } from '../window.js';

const FILE_HEADER = 16;
const RECORD_HEADER = 24;

/** LINKTYPE_ numbers of the datalink types (RFC 1761 §4) that have one: IEEE 802.3, 802.5, Ethernet, FDDI. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  [2, 6],
  [4, 1],
  [8, 10],
]);
/** LINKTYPE_USER15, which has no decoder: it stands for all other datalink types. */
const UNKNOWN = 162;

export const snoop: Format = {
  name: 'snoop',
  recognises: ({ bytes, start, end }) =>
    end - start >= 12 && u32(bytes, start) === 0x736e6f6f && u32(bytes, start + 4) === 0x70000000,
  read(window): FormatReader {
    const linkTypes = new Set<number>();
    const warnings: CaptureWarning[] = [];
    let linkType: number | null = null;
    let frames = 0;

    function wait(bytes: number, what: 'fileHeader' | 'record'): Step {
      window.needed = bytes;
      if (!window.ended) return 'more';
      if (window.end > window.start) warnings.push(cutShort(what, window.base + window.start, frames));
      return 'end';
    }

    function next(frame: Frame): Step {
      const { bytes } = window;
      if (linkType === null) {
        if (window.end - window.start < FILE_HEADER) return wait(FILE_HEADER, 'fileHeader');
        linkType = LINK_TYPES.get(u32(bytes, window.start + 12)) ?? UNKNOWN;
        linkTypes.add(linkType);
        window.start += FILE_HEADER;
      }
      const { start } = window;
      if (window.end - start < RECORD_HEADER) return wait(RECORD_HEADER, 'record');
      const capturedLength = u32(bytes, start + 4);
      const length = u32(bytes, start + 8);
      if (length > RECORD_HEADER + MAX_CAPTURED_LENGTH || length < RECORD_HEADER + capturedLength) {
        const data = { length: Math.max(length, capturedLength), limit: MAX_CAPTURED_LENGTH };
        warnings.push(damaged({ id: 'capturedLength', data }, window.base + start, frames));
        return 'end';
      }
      // Padding follows the frame's bytes. The last record may lack it.
      const needed = RECORD_HEADER + capturedLength;
      if (window.end - start < (window.ended ? needed : length)) return wait(window.ended ? needed : length, 'record');
      fill(frame, window, linkType, ++frames);
      window.start = Math.min(start + length, window.end);
      return 'frame';
    }

    return { next, linkTypes, warnings, names: [] };
  },
};

/** Describes the record at the window's current place. */
function fill(frame: Frame, window: Window, linkType: number, number: number): void {
  const { bytes, view, start, base } = window;
  const microseconds = u32(bytes, start + 20);
  frame.number = number;
  // A fraction of a second or more is wrong, but its meaning is clear.
  frame.seconds = u32(bytes, start + 16) + Math.floor(microseconds / 1e6);
  frame.nanoseconds = (microseconds % 1e6) * 1000;
  frame.digits = 6;
  frame.linkType = linkType;
  frame.bytes = bytes;
  frame.view = view;
  frame.start = start + RECORD_HEADER;
  frame.end = frame.start + u32(bytes, start + 4);
  frame.originalLength = u32(bytes, start);
  frame.fileOffset = base + start;
}
