/**
 * Classic pcap: draft-ietf-opsawg-pcap. One link type and one time resolution for the whole file. The variants are
 * those that libpcap's sf-pcap.c and Wireshark's wiretap/libpcap.c read.
 */
import { notice } from '../../notices.js';
import { u16, u16le, u32, u32le } from '../../bytes.js';
import {
  cutShort,
  damaged,
  MAX_CAPTURED_LENGTH,
  readUpTo,
  type Format,
  type FormatReader,
  type Step,
} from '../format.js';
import type { CaptureWarning, Frame } from '../frame.js';
import type { Window } from '../window.js';

const FILE_HEADER = 24;

/** What a file's magic number means. */
interface Variant {
  /** Decimal digits of the fraction of a second. */
  readonly digits: number;
  /** Bytes of the file header; those after FILE_HEADER are not needed. */
  readonly fileHeader: number;
  /** Bytes before each packet; those after 16 are not needed. */
  readonly recordHeader: number;
}

const variants: readonly (readonly [magic: number, Variant])[] = [
  [0xa1b2c3d4, { digits: 6, fileHeader: FILE_HEADER, recordHeader: 16 }],
  [0xa1b23c4d, { digits: 9, fileHeader: FILE_HEADER, recordHeader: 16 }],
  // Kuznetzov's: interface, protocol and packet type in each record header.
  [0xa1b2cd34, { digits: 6, fileHeader: FILE_HEADER, recordHeader: 24 }],
  // Ixia's lcap, by hardware and by software: its file header ends with the size of all records.
  [0x1c0001ac, { digits: 9, fileHeader: 28, recordHeader: 16 }],
  [0x1c0001ab, { digits: 6, fileHeader: 28, recordHeader: 16 }],
];
const bigEndianVariants: ReadonlyMap<number, Variant> = new Map(variants);

/** AIX writes ifType numbers (RFC 1573) as link types, and nanoseconds; recognised by these and its version 2.2. */
const aixLinkTypes: ReadonlyMap<number, number> = new Map([
  [6, 1],
  [9, 6],
  [15, 10],
  [24, 0],
]);

/** Where a record header has the captured length: the two lengths were swapped in version 2.3. */
type Lengths = 'captured-first' | 'captured-last' | 'smaller-is-captured';

/**
 * Some writers of 2.3 kept the old order, so there the smaller length counts; DG/UX writes 543.0, and the old order.
 */
function lengthsOf(major: number, minor: number): Lengths {
  if (major === 543 || (major === 2 && minor < 3)) return 'captured-last';
  return major === 2 && minor === 3 ? 'smaller-is-captured' : 'captured-first';
}

function variantOf({ bytes, start, end }: Window): (Variant & { readonly littleEndian: boolean }) | undefined {
  if (end - start < 4) return undefined;
  const big = bigEndianVariants.get(u32(bytes, start));
  if (big !== undefined) return { ...big, littleEndian: false };
  const little = bigEndianVariants.get(u32le(bytes, start));
  return little && { ...little, littleEndian: true };
}

/** What the header of a file says about its records. */
interface FileHeader {
  /** Its first FILE_HEADER bytes; zeros where the file ends earlier. */
  readonly bytes: Uint8Array;
  readonly littleEndian: boolean;
  /** Bytes of the file's header, and of the header of each record. */
  readonly length: number;
  readonly recordHeader: number;
  readonly lengths: Lengths;
  readonly linkType: number;
  readonly digits: number;
}

function readFileHeader(window: Window): FileHeader {
  const variant = variantOf(window);
  if (variant === undefined) throw new Error('not a pcap file');
  const { littleEndian, recordHeader } = variant;
  const bytes = new Uint8Array(FILE_HEADER);
  bytes.set(window.bytes.subarray(window.start, Math.min(window.start + FILE_HEADER, window.end)));
  const u16InOrder = littleEndian ? u16le : u16;
  const major = u16InOrder(bytes, 4);
  const minor = u16InOrder(bytes, 6);
  // The upper half of the field describes frame check sequences, which do not matter here.
  const declared = (littleEndian ? u32le : u32)(bytes, 20) & 0xffff;
  const aix = major === 2 && minor === 2 ? aixLinkTypes.get(declared) : undefined;
  return {
    bytes,
    littleEndian,
    length: variant.fileHeader,
    recordHeader,
    lengths: lengthsOf(major, minor),
    linkType: aix ?? declared,
    digits: aix === undefined ? variant.digits : 9,
  };
}

export const pcap: Format = {
  name: 'pcap',
  recognises: (window) => variantOf(window) !== undefined,
  read: createReader,
};

function createReader(window: Window): FormatReader {
  const {
    bytes: header,
    littleEndian,
    length: fileHeader,
    recordHeader,
    lengths,
    linkType,
    digits,
  } = readFileHeader(window);
  // An integer for the engine, which then stores it without a heap object: a time takes a quarter less.
  const nanosecondsPerUnit = (10 ** (9 - digits)) | 0;
  const linkTypes = new Set<number>();
  const warnings: CaptureWarning[] = [];
  let isInRecords = false;
  let isJoined = false;
  let frames = 0;

  function integer(offset: number): number {
    return window.view.getUint32(offset, littleEndian);
  }

  function wait(bytes: number, what: 'fileHeader' | 'record'): Step {
    window.needed = bytes;
    if (!window.ended) return 'more';
    if (window.end > window.start) warnings.push(cutShort(what, window.base + window.start, frames));
    return 'end';
  }

  /** Whether the bytes of the file's header are repeated at `start`. */
  function repeatsHeader(start: number, from: number, to: number): boolean {
    for (let at = from; at < to; at++) if (window.bytes[start + at] !== header[at]) return false;
    return true;
  }

  /** Skips the header of another capture where a record should be, as in files joined by `cat`. */
  function skipRepeatedHeader(start: number): Step | null {
    if (window.end - start < fileHeader) return wait(fileHeader, 'fileHeader');
    const byteOffset = window.base + start;
    if (!repeatsHeader(start, 20, FILE_HEADER)) {
      warnings.push(damaged({ id: 'otherLinkType' }, byteOffset, frames));
      return 'end';
    }
    if (!isJoined) {
      const reached = readUpTo(frames);
      warnings.push({ ...notice('joined-captures', 'joined', { byteOffset, reached }), frame: frames, byteOffset });
      isJoined = true;
    }
    window.start += fileHeader;
    return null;
  }

  function next(frame: Frame): Step {
    if (!isInRecords) {
      if (window.end - window.start < fileHeader) return wait(fileHeader, 'fileHeader');
      window.start += fileHeader;
      isInRecords = true;
      linkTypes.add(linkType);
    }
    while (window.end - window.start >= recordHeader && repeatsHeader(window.start, 0, 8)) {
      const step = skipRepeatedHeader(window.start);
      if (step !== null) return step;
    }
    const { start } = window;
    const available = window.end - start;
    if (available < recordHeader) return wait(recordHeader, 'record');
    let capturedLength = integer(start + 8);
    let originalLength = integer(start + 12);
    if (lengths !== 'captured-first' && (lengths === 'captured-last' || capturedLength > originalLength)) {
      [capturedLength, originalLength] = [originalLength, capturedLength];
    }
    if (capturedLength > MAX_CAPTURED_LENGTH) {
      const data = { length: capturedLength, limit: MAX_CAPTURED_LENGTH };
      warnings.push(damaged({ id: 'capturedLength', data }, window.base + start, frames));
      return 'end';
    }
    const length = recordHeader + capturedLength;
    if (available < length) return wait(length, 'record');

    let seconds = integer(start);
    if (seconds === 0 && capturedLength === 0 && originalLength === 0 && integer(start + 4) === 0) {
      // After a crash, preallocated space of a file is left as zeros, and each 16 bytes look like an empty packet.
      warnings.push(damaged({ id: 'zeros' }, window.base + start, frames));
      return 'end';
    }
    let nanoseconds = integer(start + 4) * nanosecondsPerUnit;
    if (nanoseconds >= 1e9) {
      // A fraction of a second or more is wrong, but some tools write it, and its meaning is clear.
      seconds += Math.floor(nanoseconds / 1e9);
      nanoseconds %= 1e9;
    }
    frame.number = ++frames;
    frame.seconds = seconds;
    frame.nanoseconds = nanoseconds;
    frame.digits = digits;
    frame.linkType = linkType;
    frame.bytes = window.bytes;
    frame.view = window.view;
    frame.start = start + recordHeader;
    frame.end = start + length;
    frame.originalLength = originalLength;
    frame.fileOffset = window.base + start;
    window.start = start + length;
    return 'frame';
  }

  return { next, linkTypes, warnings, names: [] };
}
