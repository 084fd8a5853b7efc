// Block types, section 4. The type of a section header is the same in both byte orders.
export const SECTION_HEADER = 0x0a0d0d0a;
export const INTERFACE_DESCRIPTION = 1;
export const OBSOLETE_PACKET = 2;
export const SIMPLE_PACKET = 3;
export const NAME_RESOLUTION = 4;
export const INTERFACE_STATISTICS = 5;
export const ENHANCED_PACKET = 6;
export const DECRYPTION_SECRETS = 10;

/** The bytes before a block's body: type and length. */
export const BLOCK_HEAD = 8;
/** The bytes around it: after it, the length comes again. */
export const BLOCK_FRAME = 12;

/** The fixed part of the body of the blocks that are read, in bytes. */
export const BODY_LENGTHS: ReadonlyMap<number, number> = new Map([
  [SECTION_HEADER, 16],
  [INTERFACE_DESCRIPTION, 8],
  [OBSOLETE_PACKET, 20],
  [SIMPLE_PACKET, 4],
  [NAME_RESOLUTION, 0],
  [INTERFACE_STATISTICS, 12],
  [DECRYPTION_SECRETS, 8],
  [ENHANCED_PACKET, 20],
]);

export const isPacketBlock = (type: number): boolean =>
  type === ENHANCED_PACKET || type === SIMPLE_PACKET || type === OBSOLETE_PACKET;
