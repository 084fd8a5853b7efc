/**
 * pcapng: draft-ietf-opsawg-pcapng. A file is a sequence of blocks in sections; each section has its own byte order and
 * interfaces, each interface its own link type and time resolution.
 */
import { notice } from '../../notices.js';
import { BOUNDS } from '../../bounds.js';
import { u32, u8 } from '../../bytes.js';
import {
  cutShort,
  damaged,
  MAX_CAPTURED_LENGTH,
  type Damage,
  type Format,
  type FormatReader,
  type Step,
} from '../format.js';
import type { CaptureWarning, Frame } from '../frame.js';
import { newNameTable } from '../names.js';
import { readTime, resolutionOf, type Resolution } from '../resolution.js';

// Block types, section 4. The type of a section header is the same in both byte orders.
const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const NAME_RESOLUTION = 4;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const SWAPPED_BYTE_ORDER_MAGIC = 0x4d3c2b1a;

const END_OF_OPTIONS = 0;
// Options of the interface description, section 4.2.
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
// Of the enhanced packet, section 4.3.
const EPB_DROPCOUNT = 4;
// Of interface statistics, section 4.6.
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;
/** In an obsolete packet block. */
const UNKNOWN_DROPS = 0xffff;

// Records of name resolution, section 4.5.
const END_OF_NAMES = 0;
const IPV4_NAMES = 1;
const IPV6_NAMES = 2;

/** Type and length before a block's body, and the length again after it. */
const BLOCK_HEAD = 8;
const BLOCK_FRAME = 12;
/** Blocks that are read must fit into memory, with libpcap's bound. Others are skipped, whatever their size. */
const MAX_BLOCK_LENGTH = BOUNDS.pcapngBlockLength.value;
/** Nominal bytes of a small block of secrets, since something is kept of each. */
const LEAST_SECRETS_COST = 256;
const MAX_INTERFACES = BOUNDS.pcapngInterfaces.value;

/** The fixed part of the body of the blocks that are read, in bytes. */
const BODY_LENGTHS: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 16],
  [INTERFACE_DESCRIPTION, 8],
  [OBSOLETE_PACKET, 20],
  [SIMPLE_PACKET, 4],
  [NAME_RESOLUTION, 0],
  [INTERFACE_STATISTICS, 12],
  [DECRYPTION_SECRETS, 8],
  [ENHANCED_PACKET, 20],
]);

interface Interface {
  readonly linkType: number;
  /** Maximum captured length of a packet; 0 for no limit. */
  readonly snapLength: number;
  readonly resolution: Resolution;
  /** Seconds to add to every time. */
  readonly offset: number;
  /** Packets dropped by the interface and by the system, from its last statistics. */
  droppedByInterface: number;
  droppedBySystem: number;
  /** Packets dropped according to later packets: between each and the one before. */
  droppedBetween: number;
}

export const pcapng: Format = {
  name: 'pcapng',
  recognises({ bytes, start, end }) {
    if (end - start < 12 || u32(bytes, start) !== SECTION_HEADER) return false;
    const magic = u32(bytes, start + 8);
    return magic === BYTE_ORDER_MAGIC || magic === SWAPPED_BYTE_ORDER_MAGIC;
  },
  read(window, room, onSecrets): FormatReader {
    const linkTypes = new Set<number>();
    const problems: CaptureWarning[] = [];
    const names = newNameTable(room);
    let secretsLeftOut = 0;
    let droppedByInterface = 0;
    let droppedBySystem = 0;
    let droppedElsewhere = 0;
    let littleEndian = false;
    let interfaces: Interface[] = [];
    /** Interfaces of this section beyond those kept, and packets from such interfaces in all sections. */
    let furtherInterfaces = 0;
    let packetsLeftOut = 0;
    let frames = 0;
    let timeless = 0;
    /** Bytes of an unread block that are still to be skipped. */
    let skipping = 0;

    function short(offset: number): number {
      return window.view.getUint16(offset, littleEndian);
    }

    function integer(offset: number): number {
      return window.view.getUint32(offset, littleEndian);
    }

    function end(warning?: CaptureWarning): Step {
      if (warning) problems.push(warning);
      return 'end';
    }

    function warnings(): CaptureWarning[] {
      const all = [...problems];
      if (timeless > 0) all.push(notice('missing-times', 'simplePackets', { count: timeless, packets: frames }));
      const [byInterface, bySystem, elsewhere] = drops();
      const dropped = byInterface + bySystem + elsewhere;
      if (dropped > 0) {
        const data = { count: dropped, byInterface, bySystem, elsewhere };
        all.push(notice('packets-dropped', 'whileCapturing', data));
      }
      if (secretsLeftOut > 0) {
        const bytes = BOUNDS.pcapngSecretBytes.value;
        all.push(notice('secrets-left-out', 'blocks', { count: secretsLeftOut, bytes }));
      }
      if (packetsLeftOut > 0) {
        const data = { count: packetsLeftOut, interfaces: MAX_INTERFACES };
        all.push(notice('packets-left-out', packetsLeftOut === 1 ? 'one' : 'several', data));
      }
      if (names.isFull()) all.push(notice('names-left-out', 'hosts'));
      return all;
    }

    function wait(bytes: number): Step {
      window.needed = bytes;
      if (!window.ended) return 'more';
      const complete = window.end === window.start && skipping === 0;
      return end(complete ? undefined : cutShort('block', window.base + window.start, frames));
    }

    function bad(damage: Damage): Step {
      return end(damaged(damage, window.base + window.start, frames));
    }

    /** Skips as much of `skipping` as the window holds; false if more is to come. */
    function skip(): boolean {
      const step = Math.min(skipping, window.end - window.start);
      window.start += step;
      skipping -= step;
      return skipping === 0;
    }

    function next(frame: Frame): Step {
      for (;;) {
        if (skipping > 0 && !skip()) return wait(1);
        const { bytes, start } = window;
        const available = window.end - start;
        if (available < BLOCK_FRAME) return wait(BLOCK_FRAME);

        if (u32(bytes, start) === SECTION_HEADER) {
          const magic = u32(bytes, start + 8);
          if (magic !== BYTE_ORDER_MAGIC && magic !== SWAPPED_BYTE_ORDER_MAGIC) return bad({ id: 'byteOrder' });
          littleEndian = magic === SWAPPED_BYTE_ORDER_MAGIC;
        }
        const type = integer(start);
        const length = integer(start + 4);
        const bodyLength = BODY_LENGTHS.get(type);
        if (length % 4 !== 0 || length < BLOCK_FRAME + (bodyLength ?? 0))
          return bad({ id: 'blockLength', data: { length } });
        if (bodyLength === undefined) {
          skipping = length;
          continue;
        }
        if (type === DECRYPTION_SECRETS && length > room.secrets) {
          secretsLeftOut++;
          skipping = length;
          continue;
        }
        if (length > MAX_BLOCK_LENGTH) return bad({ id: 'longBlock', data: { length, limit: MAX_BLOCK_LENGTH } });
        if (available < length) return wait(length);
        if (integer(start + length - 4) !== length) return bad({ id: 'blockLengths' });

        let problem: Damage | undefined;
        switch (type) {
          case SECTION_HEADER:
            problem = readSectionHeader(start);
            break;
          case INTERFACE_DESCRIPTION:
            problem = readInterface(start, start + length - 4);
            break;
          case NAME_RESOLUTION:
            readNames(start + BLOCK_HEAD, start + length - 4);
            break;
          case INTERFACE_STATISTICS:
            readStatistics(start, start + length - 4);
            break;
          case DECRYPTION_SECRETS:
            readSecrets(start, start + length - 4);
            break;
          default:
            problem = readPacket(type, start, length, frame);
            if (problem !== undefined) break;
            window.start = start + length;
            return 'frame';
        }
        if (problem !== undefined) return bad(problem);
        window.start = start + length;
      }
    }

    function readSectionHeader(start: number): Damage | undefined {
      const major = short(start + 12);
      if (major !== 1) return { id: 'version', data: { version: major } };
      [droppedByInterface, droppedBySystem, droppedElsewhere] = drops();
      interfaces = [];
      furtherInterfaces = 0;
      return undefined;
    }

    function readInterface(start: number, optionsEnd: number): Damage | undefined {
      if (interfaces.length === MAX_INTERFACES) {
        furtherInterfaces++;
        return undefined;
      }
      const linkType = short(start + BLOCK_HEAD);
      const snapLength = integer(start + BLOCK_HEAD + 4);
      let resolution = resolutionOf(6);
      let offset = 0;
      readOptions(start + BLOCK_HEAD + 8, optionsEnd, (code, value, length) => {
        if (code === IF_TSRESOL && length === 1) resolution = resolutionOf(u8(window.bytes, value));
        if (code === IF_TSOFFSET && length === 8) offset = signed64(value);
      });
      interfaces.push({
        linkType,
        snapLength,
        resolution,
        offset,
        droppedByInterface: 0,
        droppedBySystem: 0,
        droppedBetween: 0,
      });
      linkTypes.add(linkType);
      return undefined;
    }

    function readOptions(
      start: number,
      end: number,
      read: (code: number, value: number, length: number) => void,
    ): void {
      for (let option = start; option + 4 <= end;) {
        const code = short(option);
        const length = short(option + 2);
        const value = option + 4;
        if (code === END_OF_OPTIONS || value + length > end) return;
        read(code, value, length);
        option = value + Math.ceil(length / 4) * 4;
      }
    }

    /** The counts are totals since the capture began: the last ones of an interface are right. */
    function readStatistics(start: number, optionsEnd: number): void {
      const of = interfaces[integer(start + BLOCK_HEAD)];
      if (of === undefined) return;
      readOptions(start + BLOCK_HEAD + 12, optionsEnd, (code, value, length) => {
        if (code === ISB_IFDROP && length === 8) of.droppedByInterface = unsigned64(value);
        if (code === ISB_OSDROP && length === 8) of.droppedBySystem = unsigned64(value);
      });
    }

    /** Packets dropped in all sections. Packet options and interface statistics count the same packets. */
    function drops(): [byInterface: number, bySystem: number, elsewhere: number] {
      let [byInterface, bySystem, elsewhere] = [droppedByInterface, droppedBySystem, droppedElsewhere];
      for (const each of interfaces) {
        byInterface += each.droppedByInterface;
        bySystem += each.droppedBySystem;
        elsewhere += Math.max(0, each.droppedBetween - each.droppedByInterface - each.droppedBySystem);
      }
      return [byInterface, bySystem, elsewhere];
    }

    function readSecrets(start: number, end: number): void {
      const code = integer(start + BLOCK_HEAD);
      const data = start + BLOCK_HEAD + 8;
      const length = integer(start + BLOCK_HEAD + 4);
      if (length > end - data) return;
      room.secrets -= Math.max(end - start, LEAST_SECRETS_COST);
      const type = String.fromCharCode(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff);
      onSecrets?.({
        type,
        data: window.bytes.subarray(data, data + length),
        fileOffset: window.base + start,
        isBehindFrames: frames > 0,
      });
    }

    function readNames(start: number, end: number): void {
      for (let record = start; record + 4 <= end;) {
        const type = short(record);
        const length = short(record + 2);
        const value = record + 4;
        if (type === END_OF_NAMES || value + length > end) return;
        const addressLength = type === IPV4_NAMES ? 4 : type === IPV6_NAMES ? 16 : 0;
        if (addressLength > 0 && length > addressLength) {
          const text = value + addressLength;
          names.add(window.bytes.subarray(value, text), window.bytes.subarray(text, value + length));
        }
        record = value + Math.ceil(length / 4) * 4;
      }
    }

    function unsigned64(offset: number): number {
      const high = integer(offset + (littleEndian ? 4 : 0));
      return high * 2 ** 32 + integer(offset + (littleEndian ? 0 : 4));
    }

    function signed64(offset: number): number {
      const high = integer(offset + (littleEndian ? 4 : 0)) | 0;
      return high * 2 ** 32 + integer(offset + (littleEndian ? 0 : 4));
    }

    /** Fills the frame from a packet block, or returns what is wrong with the block. */
    function readPacket(type: number, start: number, blockLength: number, frame: Frame): Damage | undefined {
      const body = start + BLOCK_HEAD;
      const fixed = type === SIMPLE_PACKET ? 4 : 20;
      const id = type === ENHANCED_PACKET ? integer(body) : type === OBSOLETE_PACKET ? short(body) : 0;
      const isLeftOut = id >= MAX_INTERFACES && id < MAX_INTERFACES + furtherInterfaces;
      // It counts as a frame, as in other tools. Its format is unknown; its time is read as in the first interface.
      const from = isLeftOut ? interfaces[0] : interfaces[id];
      if (from === undefined) return { id: 'interface', data: { interface: id } };

      const room = blockLength - BLOCK_FRAME - fixed;
      const originalLength = integer(body + fixed - 4);
      const capturedLength =
        type === SIMPLE_PACKET
          ? Math.min(originalLength, room, from.snapLength === 0 ? room : from.snapLength)
          : integer(body + 12);
      if (capturedLength > room || capturedLength > MAX_CAPTURED_LENGTH) {
        return { id: 'capturedLength', data: { length: capturedLength, limit: Math.min(room, MAX_CAPTURED_LENGTH) } };
      }

      if (type === ENHANCED_PACKET) {
        const options = body + fixed + capturedLength + (-capturedLength & 3);
        const optionsEnd = start + blockLength - 4;
        if (optionsEnd - options >= 4 && !isLeftOut) readDropCount(from, options, optionsEnd);
      } else if (type === OBSOLETE_PACKET) {
        const dropped = short(body + 2);
        if (dropped !== UNKNOWN_DROPS && !isLeftOut) from.droppedBetween += dropped;
      }

      frame.number = ++frames;
      if (type === SIMPLE_PACKET) {
        // It has no time: the time of the packet before it is the best guess.
        timeless++;
      } else {
        readTime(integer(body + 4), integer(body + 8), from.resolution, frame);
        frame.seconds += from.offset;
      }
      frame.linkType = from.linkType;
      frame.bytes = window.bytes;
      frame.view = window.view;
      frame.start = body + fixed;
      frame.end = isLeftOut ? frame.start : frame.start + capturedLength;
      if (isLeftOut) packetsLeftOut++;
      frame.originalLength = isLeftOut ? 0 : originalLength;
      frame.fileOffset = window.base + start;
      return undefined;
    }

    function readDropCount(of: Interface, options: number, optionsEnd: number): void {
      readOptions(options, optionsEnd, (code, value, length) => {
        if (code === EPB_DROPCOUNT && length === 8) of.droppedBetween += unsigned64(value);
      });
    }

    return {
      next,
      linkTypes,
      names: names.entries,
      get warnings() {
        return warnings();
      },
    };
  },
};
