import { BOUNDS } from '../../bounds.js';
import { u8 } from '../../bytes.js';
import { resolutionOf, type Resolution } from '../resolution.js';
import type { Window } from '../window.js';
import type { Fields } from './fields.js';

/** What captured the packets of a section, and what it dropped. */
export interface Interface {
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

/** Packets dropped while capturing, in all sections. */
export interface Drops {
  readonly byInterface: number;
  readonly bySystem: number;
  readonly elsewhere: number;
}

/** The interfaces of the current section, by their numbers. */
export interface Interfaces {
  /** Begins a section: interfaces are numbered anew. */
  beginSection(): void;
  /** Adds the interface that a block describes, between two offsets. */
  describe(body: number, end: number): void;
  /** Reads the statistics of an interface from a block. */
  readStatistics(body: number, end: number): void;
  readonly find: (id: number) => Interface | undefined;
  /** Whether this is an interface of the section beyond those that are kept. */
  readonly isLeftOut: (id: number) => boolean;
  readonly drops: () => Drops;
  /** The link types of all sections. */
  readonly linkTypes: ReadonlySet<number>;
}

/** Interfaces of a section that are kept. */
export const MAX_INTERFACES = BOUNDS.pcapngInterfaces.value;

// Options of the interface description, section 4.2.
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
// Of interface statistics, section 4.6.
const ISB_IFDROP = 5;
const ISB_OSDROP = 7;

export function createInterfaces(window: Window, fields: Fields): Interfaces {
  const linkTypes = new Set<number>();
  /** Those of the sections before. */
  let earlier: Drops = { byInterface: 0, bySystem: 0, elsewhere: 0 };
  let interfaces: Interface[] = [];
  let leftOut = 0;

  /** Packet options and interface statistics count the same packets. */
  const drops = (): Drops => {
    let { byInterface, bySystem, elsewhere } = earlier;
    for (const each of interfaces) {
      byInterface += each.droppedByInterface;
      bySystem += each.droppedBySystem;
      elsewhere += Math.max(0, each.droppedBetween - each.droppedByInterface - each.droppedBySystem);
    }
    return { byInterface, bySystem, elsewhere };
  };

  return {
    beginSection() {
      earlier = drops();
      interfaces = [];
      leftOut = 0;
    },
    describe(body, end) {
      if (interfaces.length === MAX_INTERFACES) {
        leftOut++;
        return;
      }
      const linkType = fields.short(body);
      const snapLength = fields.integer(body + 4);
      let resolution = resolutionOf(6);
      let offset = 0;
      fields.list(body + 8, end, (code, value, length) => {
        if (code === IF_TSRESOL && length === 1) resolution = resolutionOf(u8(window.bytes, value));
        if (code === IF_TSOFFSET && length === 8) offset = fields.signed64(value);
      });
      const dropped = { droppedByInterface: 0, droppedBySystem: 0, droppedBetween: 0 };
      interfaces.push({ linkType, snapLength, resolution, offset, ...dropped });
      linkTypes.add(linkType);
    },
    // The counts are totals since the capture began: the last ones of an interface are right.
    readStatistics(body, end) {
      const of = interfaces[fields.integer(body)];
      if (of === undefined) return;
      fields.list(body + 12, end, (code, value, length) => {
        if (code === ISB_IFDROP && length === 8) of.droppedByInterface = fields.unsigned64(value);
        if (code === ISB_OSDROP && length === 8) of.droppedBySystem = fields.unsigned64(value);
      });
    },
    find: (id) => interfaces[id],
    isLeftOut: (id) => id >= MAX_INTERFACES && id < MAX_INTERFACES + leftOut,
    drops,
    linkTypes,
  };
}
