import { u16, u8 } from '../../bytes.js';
import {
  ETHER_TYPE,
  LINK_TYPE,
  LOGICAL_LINK_CONTROL,
  MALFORMED,
  OTHER_PROTOCOL,
  strip,
  type LayerTable,
} from '../layer.js';
import type { Packet } from '../packet.js';

/** The "protocol" of a frame with an LLC header instead of an EtherType. */
const LLC_FRAME = 4;

/** LINKTYPE_LINUX_SLL, as `tcpdump -i any` wrote it until 2020: the protocol comes last. */
function cooked(packet: Packet): number {
  if (!strip(packet, 16)) return MALFORMED;
  const { bytes, offset } = packet;
  if (u16(bytes, offset - 12) === 6) packet.linkSource = offset - 10;
  return protocol(u16(bytes, offset - 14), u16(bytes, offset - 2));
}

/** LINKTYPE_LINUX_SLL2: the protocol comes first. */
function cooked2(packet: Packet): number {
  if (!strip(packet, 20)) return MALFORMED;
  const { bytes, offset } = packet;
  if (u8(bytes, offset - 9) === 6) packet.linkSource = offset - 8;
  return protocol(u16(bytes, offset - 12), u16(bytes, offset - 20));
}

/** The next layer, by the interface's type (ARPHRD_) and its "protocol", whose meaning differs on a few types. */
function protocol(interfaceType: number, type: number): number {
  switch (interfaceType) {
    case 803: // ARPHRD_IEEE80211_RADIOTAP
      return LINK_TYPE + 127;
    case 824: // ARPHRD_NETLINK: messages between programs and the kernel
      return OTHER_PROTOCOL;
    default:
      return type === LLC_FRAME ? LOGICAL_LINK_CONTROL : ETHER_TYPE + type;
  }
}

export const linuxCookedLayers: LayerTable = [
  [LINK_TYPE + 113, cooked],
  [LINK_TYPE + 276, cooked2],
];
