import { type Damage, MAX_CAPTURED_LENGTH } from '../format.js';
import type { Frame } from '../frame.js';
import { readTime } from '../resolution.js';
import type { Window } from '../window.js';
import { BLOCK_FRAME, BLOCK_HEAD, ENHANCED_PACKET, OBSOLETE_PACKET, SIMPLE_PACKET } from './blocks.js';
import type { Fields } from './fields.js';
import type { Interface, Interfaces } from './interfaces.js';

/** Reads the packets of a file into a frame. */
export interface Packets {
  /** Fills `frame` from the packet block of a type that begins at `start`; or returns what is wrong with the block. */
  read(type: number, start: number, blockLength: number, frame: Frame): Damage | undefined;
  /** Packets read so far. */
  readonly count: () => number;
  /** Packets without a time, and packets whose content is left out because their interface is. */
  readonly timeless: () => number;
  readonly leftOut: () => number;
}

/** An option of the enhanced packet, section 4.3. */
const EPB_DROPCOUNT = 4;
/** In an obsolete packet block. */
const UNKNOWN_DROPS = 0xffff;

export function createPackets(window: Window, fields: Fields, interfaces: Interfaces): Packets {
  const { short, integer } = fields;
  let count = 0;
  let timeless = 0;
  let leftOut = 0;

  const interfaceOf = (type: number, body: number): number =>
    type === ENHANCED_PACKET ? integer(body) : type === OBSOLETE_PACKET ? short(body) : 0;

  /** Notes the packets that an interface dropped before this one. */
  const noteDrops = (type: number, body: number, options: number, optionsEnd: number, from: Interface): void => {
    if (type === ENHANCED_PACKET) {
      if (optionsEnd - options < 4) return;
      fields.list(options, optionsEnd, (code, value, length) => {
        if (code === EPB_DROPCOUNT && length === 8) from.droppedBetween += fields.unsigned64(value);
      });
    } else if (type === OBSOLETE_PACKET) {
      const dropped = short(body + 2);
      if (dropped !== UNKNOWN_DROPS) from.droppedBetween += dropped;
    }
  };

  return {
    read(type, start, blockLength, frame) {
      const body = start + BLOCK_HEAD;
      const fixed = type === SIMPLE_PACKET ? 4 : 20;
      const id = interfaceOf(type, body);
      const isLeftOut = interfaces.isLeftOut(id);
      // It counts as a frame, as in other tools. Its format is unknown; its time is read as in the first interface.
      const from = interfaces.find(isLeftOut ? 0 : id);
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
      const options = body + fixed + capturedLength + (-capturedLength & 3);
      if (!isLeftOut) noteDrops(type, body, options, start + blockLength - 4, from);

      frame.number = ++count;
      if (type === SIMPLE_PACKET) {
        // It has no time, so it keeps the time of the packet before it.
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
      if (isLeftOut) leftOut++;
      frame.originalLength = isLeftOut ? 0 : originalLength;
      frame.fileOffset = window.base + start;
      return undefined;
    },
    count: () => count,
    timeless: () => timeless,
    leftOut: () => leftOut,
  };
}
