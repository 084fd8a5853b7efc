import type { Frame } from '../capture/frame.js';
import { decodeExpress } from './express.js';
import { LINK_TYPE, NOT_TCP, TCP_SEGMENT, UNSUPPORTED_LINK_TYPE } from './layer.js';
import { layers } from './layers/index.js';
import type { Packet } from './packet.js';

export { FRAGMENT, MALFORMED, NOT_TCP, TCP_SEGMENT, UNSUPPORTED_LINK_TYPE } from './layer.js';

/** More headers than any network stacks up; a packet with more is made to waste time. */
const MAX_LAYERS = 32;

/**
 * Decodes a frame down to TCP into `packet`. Never throws, whatever the bytes.
 * @returns TCP_SEGMENT, NOT_TCP, FRAGMENT, MALFORMED or UNSUPPORTED_LINK_TYPE; only after the first is all of `packet` set
 */
export function decode(frame: Frame, packet: Packet): number {
  return decodeExpress(frame, packet) ? TCP_SEGMENT : decodeLayers(frame, packet);
}

/** `decode`, for every frame alike. */
export function decodeLayers(frame: Frame, packet: Packet): number {
  packet.bytes = frame.bytes;
  packet.offset = frame.start;
  packet.end = frame.end;
  packet.missing = Math.max(0, frame.originalLength - (frame.end - frame.start));
  packet.ipVersion = 0;
  let layer = layers[LINK_TYPE + frame.linkType];
  if (layer === undefined) return UNSUPPORTED_LINK_TYPE;
  for (let depth = 0; depth < MAX_LAYERS; depth++) {
    const next: number = layer(packet);
    if (next < 0) return next;
    layer = layers[next];
    if (layer === undefined) return NOT_TCP;
  }
  return NOT_TCP;
}
