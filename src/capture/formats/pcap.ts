/** Classic pcap: draft-ietf-opsawg-pcap. One link type and one time resolution for the whole file. */
import { u32, u32le } from '../../bytes.js';
import { cutShort, damaged, MAX_CAPTURED_LENGTH, type Format, type FormatReader, type Step } from '../format.js';
import type { CaptureWarning, Frame } from '../frame.js';
import type { Window } from '../window.js';

const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** What a file's magic number, read big-endian, says of it. */
interface Variant {
  readonly littleEndian: boolean;
  /** Decimal digits of the fraction of a second. */
  readonly digits: number;
}

const variants: ReadonlyMap<number, Variant> = new Map([
  [0xa1b2c3d4, { littleEndian: false, digits: 6 }],
  [0xd4c3b2a1, { littleEndian: true, digits: 6 }],
  [0xa1b23c4d, { littleEndian: false, digits: 9 }],
  [0x4d3cb2a1, { littleEndian: true, digits: 9 }],
]);

function variantOf({ bytes, start, end }: Window): Variant | undefined {
  return end - start < 4 ? undefined : variants.get(u32(bytes, start));
}

export const pcap: Format = {
  name: 'pcap',
  recognises: (window) => variantOf(window) !== undefined,
  read(window): FormatReader {
    const variant = variantOf(window);
    if (variant === undefined) throw new Error('not a pcap file');
    const { littleEndian, digits } = variant;
    const nanosecondsPerUnit = 10 ** (9 - digits);

    const linkTypes = new Set<number>();
    const warnings: CaptureWarning[] = [];
    let linkType = -1;
    let frames = 0;

    function integer(offset: number): number {
      return littleEndian ? u32le(window.bytes, offset) : u32(window.bytes, offset);
    }

    function wait(bytes: number, what: string): Step {
      window.needed = bytes;
      if (!window.ended) return 'more';
      if (window.end > window.start) warnings.push(cutShort(what, window.base + window.start, frames));
      return 'end';
    }

    function readFileHeader(): void {
      // The upper half of the field is about frame check sequences, which nothing here needs.
      linkType = integer(window.start + 20) & 0xffff;
      linkTypes.add(linkType);
      window.start += FILE_HEADER;
    }

    function next(frame: Frame): Step {
      if (linkType < 0) {
        if (window.end - window.start < FILE_HEADER) return wait(FILE_HEADER, 'the file header');
        readFileHeader();
      }
      const { start } = window;
      const available = window.end - start;
      if (available < RECORD_HEADER) return wait(RECORD_HEADER, 'the record');
      const capturedLength = integer(start + 8);
      if (capturedLength > MAX_CAPTURED_LENGTH) {
        const what = `captured length ${capturedLength} is more than ${MAX_CAPTURED_LENGTH}`;
        warnings.push(damaged(what, window.base + start, frames));
        return 'end';
      }
      const length = RECORD_HEADER + capturedLength;
      if (available < length) return wait(length, 'the record');

      let seconds = integer(start);
      let nanoseconds = integer(start + 4) * nanosecondsPerUnit;
      if (nanoseconds >= 1e9) {
        // A fraction of a second or more is wrong, but some tools write it, and what it means is clear.
        seconds += Math.floor(nanoseconds / 1e9);
        nanoseconds %= 1e9;
      }
      frame.number = ++frames;
      frame.seconds = seconds;
      frame.nanoseconds = nanoseconds;
      frame.digits = digits;
      frame.linkType = linkType;
      frame.bytes = window.bytes;
      frame.start = start + RECORD_HEADER;
      frame.end = start + length;
      frame.originalLength = integer(start + 12);
      frame.fileOffset = window.base + start;
      window.start = start + length;
      return 'frame';
    }

    return { next, linkTypes, warnings };
  },
};
