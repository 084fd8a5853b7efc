/** Frames built by hand, one for each way in which TCP comes in them, and what decoding must make of them. */
import { UNSUPPORTED_LINK_TYPE } from '../../src/packet/decode.js';
import { FRAGMENT, MALFORMED, OTHER_PROTOCOL, UDP_DATAGRAM } from '../../src/packet/layer.js';
import { be16, be32, concat, ethernet, ipv4, ipv6, tcp } from '../support/captures.js';

/** A TCP segment as it was decoded. */
export interface Segment {
  readonly from: string;
  readonly to: string;
  readonly data: readonly number[];
  readonly missing: number;
}

/** `expected` is an outcome, or the segment of a frame that carries one. */
export type FrameCase = readonly [what: string, linkType: number, bytes: Uint8Array, expected: number | Segment];

export const ETHERNET = 1;
export const IPV4 = 0x0800;
export const IPV6 = 0x86dd;
export const payload = new Uint8Array([0x16, 3, 1, 0, 5, 0xaa, 0xbb]);
export const segment = tcp(payload);

export const overIPv4: Segment = { from: '192.0.2.1 40000', to: '198.51.100.2 443', data: [...payload], missing: 0 };
export const overIPv6: Segment = { from: '2001:db8::1 40000', to: '2001:db8::2 443', data: [...payload], missing: 0 };

function loopback(family: readonly number[], packet: Uint8Array) {
  return concat(family, packet);
}

function sll(protocol: number, packet: Uint8Array) {
  return concat(be16(0), be16(1), be16(6), [2, 0, 0, 0, 0, 1, 0, 0], be16(protocol), packet);
}

function sll2(protocol: number, packet: Uint8Array) {
  return concat(be16(protocol), be16(0), be32(3), be16(1), [0, 6, 2, 0, 0, 0, 0, 1, 0, 0], packet);
}

function vlan(tags: readonly number[], etherType: number, packet: Uint8Array) {
  return tags.reduceRight<readonly [number, Uint8Array]>(
    ([inner, data], tag) => [tag, concat(be16(0x6064), be16(inner), data)],
    [etherType, packet],
  );
}

const snap = (packet: Uint8Array) => concat([0xaa, 0xaa, 3, 0, 0, 0], be16(IPV4), packet);

/** An IPv6 extension header of 8 bytes and more. */
const extension = (next: number, more: number, packet: Uint8Array) =>
  concat([next, more, 0, 0, 0, 0, 0, 0], new Uint8Array(8 * more), packet);
const fragment = (next: number, offset: number, packet: Uint8Array, more = true) =>
  concat([next, 0], be16((offset << 3) | (more ? 1 : 0)), be32(7), packet);
const authentication = (next: number, packet: Uint8Array) => concat([next, 4, 0, 0], new Uint8Array(20), packet);

const four = ipv4(segment);
const six = ipv6(segment);

const plain: readonly FrameCase[] = [
  ['Ethernet, IPv4', ETHERNET, ethernet(IPV4, four), overIPv4],
  ['Ethernet, IPv6', ETHERNET, ethernet(IPV6, six), overIPv6],
  ['Ethernet padding', ETHERNET, ethernet(IPV4, concat(four, new Uint8Array(9))), overIPv4],
  ['Ethernet padding behind IPv6', ETHERNET, ethernet(IPV6, concat(six, new Uint8Array(9))), overIPv6],
  ['802.3 with LLC and SNAP', ETHERNET, ethernet(8 + four.length, snap(four)), overIPv4],
  ['802.3 with another LLC', ETHERNET, ethernet(3, new Uint8Array([0x42, 0x42, 3])), OTHER_PROTOCOL],
  ['ARP', ETHERNET, ethernet(0x0806, new Uint8Array(28)), OTHER_PROTOCOL],
  ['a VLAN tag', ETHERNET, ethernet(...vlan([0x8100], IPV4, four)), overIPv4],
  ['two VLAN tags', ETHERNET, ethernet(...vlan([0x88a8, 0x8100], IPV6, six)), overIPv6],
  ['all VLAN tags', ETHERNET, ethernet(...vlan([0x9300, 0x9200, 0x9100, 0x88a8, 0x8100], IPV4, four)), overIPv4],
  ['a VLAN tag before LLC', ETHERNET, ethernet(...vlan([0x8100], 8 + four.length, snap(four))), overIPv4],
  ['too many VLAN tags', ETHERNET, ethernet(...vlan(new Array<number>(100).fill(0x8100), IPV4, four)), OTHER_PROTOCOL],
  ['Linux cooked', 113, sll(IPV4, four), overIPv4],
  ['Linux cooked, IPv6', 113, sll(IPV6, six), overIPv6],
  ['Linux cooked, VLAN', 113, sll(...vlan([0x8100], IPV4, four)), overIPv4],
  ['Linux cooked, LLC', 113, sll(4, snap(four)), overIPv4],
  ['Linux cooked 2', 276, sll2(IPV4, four), overIPv4],
  ['Linux cooked 2, IPv6', 276, sll2(IPV6, six), overIPv6],
  ...[12, 14, 101].flatMap((linkType): FrameCase[] => [
    [`raw IP ${linkType}, IPv4`, linkType, four, overIPv4],
    [`raw IP ${linkType}, IPv6`, linkType, six, overIPv6],
    [`raw IP ${linkType}, neither`, linkType, new Uint8Array(40), OTHER_PROTOCOL],
    [`raw IP ${linkType}, nothing`, linkType, new Uint8Array(0), MALFORMED],
  ]),
  ['raw IPv4', 228, four, overIPv4],
  ['raw IPv6', 229, six, overIPv6],
  ['raw IPv4 that is IPv6', 228, six, overIPv6],
  ['raw IPv6 that is IPv4', 229, four, overIPv4],
  ['Ethernet, IPv4 that is IPv6', ETHERNET, ethernet(IPV4, six), MALFORMED],
  ['Ethernet, IPv6 that is IPv4', ETHERNET, ethernet(IPV6, four), MALFORMED],
  ['BSD loopback, big-endian', 0, loopback([0, 0, 0, 2], four), overIPv4],
  ['BSD loopback, little-endian', 0, loopback([2, 0, 0, 0], four), overIPv4],
  ...[10, 24, 28, 30].flatMap((family): FrameCase[] => [
    [`BSD loopback, IPv6 as ${family}`, 0, loopback([0, 0, 0, family], six), overIPv6],
    [`BSD loopback, IPv6 as ${family}, little-endian`, 0, loopback([family, 0, 0, 0], six), overIPv6],
  ]),
  ['BSD loopback, something else', 0, loopback([7, 0, 0, 0], four), OTHER_PROTOCOL],
  ['OpenBSD loopback', 108, loopback([0, 0, 0, 24], six), overIPv6],
  ['PPP', 9, concat(be16(0x0021), four), overIPv4],
  ['PPP, IPv6', 9, concat(be16(0x0057), six), overIPv6],
  ['PPP with a short protocol number', 9, concat([0x21], four), overIPv4],
  ['PPP in HDLC framing', 9, concat([0xff, 3], be16(0x0021), four), overIPv4],
  ['PPP, LCP', 9, concat(be16(0xc021), four), OTHER_PROTOCOL],
  ['PPP in HDLC framing, always', 50, concat([0xff, 3], be16(0x0057), six), overIPv6],
  ['Cisco HDLC', 50, concat([0x0f, 0], be16(IPV4), four), overIPv4],
  ['Cisco HDLC by its own link type', 104, concat([0x8f, 0], be16(IPV6), six), overIPv6],
  ['an unknown link type', 147, four, UNSUPPORTED_LINK_TYPE],
  ['a link type that no table has room for', 70_000, four, UNSUPPORTED_LINK_TYPE],
  ['IPv4 options', 101, ipv4(segment, { options: [148, 4, 0, 0, 1, 1, 1, 0] }), overIPv4],
  ['IPv4 total length 0', 101, ipv4(segment, { totalLength: 0 }), overIPv4],
  ['IPv4 total length shorter than its header', 101, ipv4(segment, { totalLength: 19 }), MALFORMED],
  ['IPv4 header shorter than 20', 101, concat([0x44], four.subarray(1)), MALFORMED],
  ['IPv4, first fragment', 101, ipv4(segment, { fragment: 0x2000 }), FRAGMENT],
  ['IPv4, later fragment', 101, ipv4(segment, { fragment: 0x0001 }), FRAGMENT],
  ['IPv4, UDP', 101, ipv4(segment, { protocol: 17 }), UDP_DATAGRAM],
  ['IPv4, authentication header', 101, ipv4(authentication(6, segment), { protocol: 51 }), overIPv4],
  ['IPv6, hop-by-hop options', 101, ipv6(extension(6, 2, segment), { nextHeader: 0 }), overIPv6],
  ['IPv6, routing', 101, ipv6(extension(6, 0, segment), { nextHeader: 43 }), overIPv6],
  ['IPv6, destination options', 101, ipv6(extension(6, 1, segment), { nextHeader: 60 }), overIPv6],
  ['IPv6, a fragment that is all', 101, ipv6(fragment(6, 0, segment, false), { nextHeader: 44 }), overIPv6],
  ['IPv6, first fragment', 101, ipv6(fragment(6, 0, segment), { nextHeader: 44 }), FRAGMENT],
  ['IPv6, later fragment', 101, ipv6(fragment(6, 1, segment), { nextHeader: 44 }), FRAGMENT],
  ['IPv6, authentication header', 101, ipv6(authentication(6, segment), { nextHeader: 51 }), overIPv6],
  [
    'IPv6, several extension headers',
    101,
    ipv6(extension(60, 0, extension(43, 1, extension(44, 0, fragment(51, 0, authentication(6, segment), false)))), {
      nextHeader: 0,
    }),
    overIPv6,
  ],
  [
    'IPv6, extension header longer than the packet',
    101,
    ipv6(extension(6, 0, segment), { nextHeader: 0 }).map((byte, at) => (at === 41 ? 200 : byte)),
    MALFORMED,
  ],
  ['IPv6 payload length 0', 101, ipv6(segment, { payloadLength: 0 }), overIPv6],
  ['IPv6, nothing follows', 101, ipv6(segment, { nextHeader: 59 }), OTHER_PROTOCOL],
  ['TCP options', 101, ipv4(tcp(payload, { options: [2, 4, 5, 0xb4, 1, 3, 3, 7] })), overIPv4],
  ['TCP header shorter than 20', 101, ipv4(segment.map((byte, at) => (at === 12 ? 0x40 : byte))), MALFORMED],
  ['TCP header longer than the packet', 101, ipv4(segment.map((byte, at) => (at === 12 ? 0xf0 : byte))), MALFORMED],
];

// Tunnels and what else comes before an IP packet.

const be24 = (value: number) => [value >>> 16, ...be16(value & 0xffff)];
const le16 = (value: number) => be16(value).reverse();
const le32 = (value: number) => be32(value).reverse();
const zeros = (length: number) => new Uint8Array(length);

const outer = { source: [10, 0, 0, 1], destination: [10, 0, 0, 2] };
const inner = ethernet(IPV4, four);
const inner6 = ethernet(IPV6, six);

const ppp = (packet: Uint8Array) => concat(be16(0x0021), packet);
const pppoe = (packet: Uint8Array, code = 0) => concat([0x11, code], be16(7), be16(packet.length), packet);

/** Labels with the bottom of the stack marked on the last one. */
const mpls = (labels: readonly number[], packet: Uint8Array) =>
  concat(...labels.map((label, at) => be32((label << 12) | (at === labels.length - 1 ? 0x140 : 0x40))), packet);
const controlWord = (packet: Uint8Array) => concat(be32(0x1234), packet);
const startingWithZero = (frame: Uint8Array) => concat([0], frame.subarray(1));

const gre = (flags: number, protocol: number, optional: readonly number[], packet: Uint8Array) =>
  ipv4(concat(be16(flags), be16(protocol), optional, packet), { ...outer, protocol: 47 });
const pptp = (flags: number, optional: readonly number[], packet: Uint8Array) =>
  gre(flags | 0x2001, 0x880b, [...be16(packet.length), ...be16(9), ...optional], packet);
const erspanIII = (frameType: number, hasSubheader: boolean, packet: Uint8Array) =>
  gre(
    0x1000,
    0x22eb,
    be32(1),
    concat(
      [0x20, 5, 0, 9],
      be32(77),
      be16(0),
      [frameType << 2, hasSubheader ? 1 : 0],
      zeros(hasSubheader ? 8 : 0),
      packet,
    ),
  );

interface Ports {
  readonly from?: number;
  readonly to?: number;
  /** What the header says of the length. */
  readonly length?: number;
}

export function udp(data: Uint8Array, { from = 50123, to = 50124, length = data.length + 8 }: Ports = {}) {
  return concat(be16(from), be16(to), be16(length), [0, 0], data);
}

const overUdp = (to: number, data: Uint8Array, from?: number) =>
  ipv4(udp(data, from === undefined ? { to } : { from, to }), { ...outer, protocol: 17 });
const vxlan = (packet: Uint8Array, first = be32(0x08000000)) => concat(first, be24(42), [0], packet);
const geneve = (type: number, options: Uint8Array, packet: Uint8Array) =>
  concat([options.length / 4, 0x40], be16(type), be24(42), [0], options, packet);
const gtp = (flags: number, optional: readonly number[], packet: Uint8Array, type = 0xff) =>
  concat([0x30 | flags, type], be16(optional.length + packet.length), be32(7), optional, packet);
const nsh = (next: number, packet: Uint8Array) => concat([0x0f, 0xc6, 1, next], be32(0x101), zeros(16), packet);
const gpe = (next: number, packet: Uint8Array) => vxlan(packet, [0x0c, 0, 0, next]);
const teredoAuthentication = (id: number, value: number) => concat([0, 1, id, value], zeros(id + value + 9));
const teredoOrigin = concat([0, 0], be16(~40000), be32(~0xc0000201));
const l2tp = (flags: number, optional: readonly number[], packet: Uint8Array) => {
  const lengthField = flags & 0x4000 ? 2 : 0;
  const all = 6 + lengthField + optional.length + packet.length;
  return concat(be16(flags | 2), lengthField ? be16(all) : [], be16(1), be16(2), optional, packet);
};
const capwap = (bits: number, packet: Uint8Array) => concat([0], be24((2 << 19) | bits), be32(0), packet);
const tzsp = (encapsulation: number, tags: readonly number[], packet: Uint8Array) =>
  concat([1, 0], be16(encapsulation), tags, [1], packet);

interface Wireless {
  /** First byte of frame control. */
  readonly type?: number;
  readonly flags?: number;
  readonly fragment?: number;
  /** What follows the three addresses. */
  readonly more?: readonly number[];
}

function wireless(body: Uint8Array, { type = 0x08, flags = 0x01, fragment = 0, more = [] }: Wireless = {}) {
  return concat([type, flags, 0, 0], zeros(6), [2, 0, 0, 0, 0, 1], zeros(6), [fragment, 0x10], more, body);
}

const swapped = (frame: Uint8Array) => concat([frame[1]!, frame[0]!], frame.subarray(2));
const fcs = [0xde, 0xad, 0xbe, 0xef];
const plainWireless = wireless(snap(four));
const aggregated = concat(zeros(12), be16(snap(four).length), snap(four), [0, 0], zeros(12), be16(9), zeros(9));
const radiotap = (frame: Uint8Array, length = 18) => concat([0, 0], le16(length), zeros(length - 4), frame);
const prism = (frame: Uint8Array, int32: (value: number) => readonly number[]) =>
  concat(int32(0x44), int32(144), zeros(136), frame);
const avs = (frame: Uint8Array) => concat(be32(0x80211001), be32(64), zeros(56), frame);
const ppi = (linkType: number, frame: Uint8Array) => concat([0, 0], le16(12), le32(linkType), zeros(4), frame);

const pktap = (linkType: number, frame: Uint8Array, record = 1) =>
  concat(le32(108), le32(record), le32(linkType), zeros(96), frame);

function nflog(family: number, packet: Uint8Array, int16: (value: number) => readonly number[] = le16) {
  const field = (type: number, value: Uint8Array) =>
    concat(int16(4 + value.length), int16(type), value, zeros((4 - (value.length % 4)) % 4));
  const fields = [field(1, zeros(4)), field(10, zeros(5)), field(9, packet), field(13, zeros(4))];
  return concat([family, 0], be16(30), ...fields);
}

const cooked = (interfaceType: number, protocol: number, data: Uint8Array) =>
  concat(be16(0), be16(interfaceType), be16(6), zeros(8), be16(protocol), data);
const juniper = (flags: number, extensions: readonly number[], frame: Uint8Array) =>
  concat([0x4d, 0x47, 0x43, flags], flags & 0x80 ? be16(extensions.length) : [], extensions, frame);

const encapsulated: readonly FrameCase[] = [
  ['Linux cooked, 802.11 with radiotap', 113, cooked(803, 4, radiotap(plainWireless)), overIPv4],
  ['Linux cooked, Netlink', 113, cooked(824, 0x0800, four), OTHER_PROTOCOL],
  ['Linux cooked, GRE with a frame', 113, cooked(778, 0x6558, inner), overIPv4],
  ['Linux cooked 2, LLC', 276, sll2(4, snap(four)), overIPv4],
  ['Linux cooked 2, VLAN', 276, sll2(...vlan([0x8100], IPV4, four)), overIPv4],
  ['Linux cooked 2, PPPoE', 276, sll2(0x8864, pppoe(ppp(four))), overIPv4],

  ['a VN-Tag', ETHERNET, ethernet(0x8926, concat(be32(0x80010002), be16(IPV4), four)), overIPv4],
  ['an 802.1BR tag', ETHERNET, ethernet(0x893f, concat(zeros(6), be16(IPV6), six)), overIPv6],
  ['Cisco metadata', ETHERNET, ethernet(0x8909, concat([1, 1, 0, 1, 0, 9], be16(IPV4), four)), overIPv4],
  ['redundancy', ETHERNET, ethernet(0x892f, concat(zeros(4), be16(IPV4), four)), overIPv4],
  ['MAC in MAC', ETHERNET, ethernet(...vlan([0x88a8], 0x88e7, concat(be32(0x00000abc), inner))), overIPv4],
  ['TRILL', ETHERNET, ethernet(0x22f3, concat(be16(0x0005), be16(1), be16(2), inner)), overIPv4],
  ['TRILL with options', ETHERNET, ethernet(0x22f3, concat(be16(0x0045), be16(1), be16(2), zeros(4), inner)), overIPv4],
  ['NSH', ETHERNET, ethernet(0x894f, nsh(1, four)), overIPv4],
  ['NSH, a frame', ETHERNET, ethernet(0x894f, nsh(3, inner6)), overIPv6],
  ['NSH, something else', ETHERNET, ethernet(0x894f, nsh(77, four)), OTHER_PROTOCOL],

  ['PPPoE', ETHERNET, ethernet(0x8864, pppoe(ppp(four))), overIPv4],
  ['PPPoE and padding', ETHERNET, ethernet(0x8864, concat(pppoe(ppp(four)), zeros(5))), overIPv4],
  ['PPPoE with a short protocol number', ETHERNET, ethernet(0x8864, pppoe(concat([0x57], six))), overIPv6],
  ['PPPoE, discovery', ETHERNET, ethernet(0x8863, pppoe(four, 9)), OTHER_PROTOCOL],
  ['PPPoE, not a session', ETHERNET, ethernet(0x8864, pppoe(ppp(four), 0xa7)), OTHER_PROTOCOL],
  ['PPPoE by its own link type', 51, pppoe(ppp(four)), overIPv4],
  ['PPP of pppd', 166, concat([1, 3], ppp(four)), overIPv4],
  ['PPP with a direction', 204, concat([1, 0xff, 3], ppp(four)), overIPv4],
  ['Cisco HDLC with a direction', 205, concat([0, 0x0f, 0], be16(IPV4), four), overIPv4],
  ['PPP, MPLS', 9, concat(be16(0x0281), mpls([16], four)), overIPv4],
  ['LLC in ATM', 100, snap(four), overIPv4],

  ['frame relay', 107, concat([0x18, 0x41, 3, 0xcc], four), overIPv4],
  ['frame relay, IPv6', 107, concat([0x18, 0x41, 3, 0x8e], six), overIPv6],
  ['frame relay, SNAP', 107, concat([0x18, 0x41, 3, 0x80, 0, 0, 0], be16(IPV4), four), overIPv4],
  ['frame relay, padded SNAP', 107, concat([0x18, 0x41, 3, 0, 0x80, 0, 0, 0], be16(IPV4), four), overIPv4],
  ['frame relay of Cisco', 107, concat([0x18, 0x41], be16(IPV4), four), overIPv4],
  ['frame relay with a direction', 206, concat([1, 0x18, 0x41, 3, 0xcc], four), overIPv4],

  ['MPLS', ETHERNET, ethernet(0x8847, mpls([16], four)), overIPv4],
  ['MPLS, three labels', ETHERNET, ethernet(0x8848, mpls([16, 1048575, 18], six)), overIPv6],
  ['MPLS, no bottom', ETHERNET, ethernet(0x8847, concat(be32(0x10040), be32(0x10040))), MALFORMED],
  ['MPLS, pseudowire with a control word', ETHERNET, ethernet(0x8847, mpls([16], controlWord(inner))), overIPv4],
  ['MPLS, pseudowire, MAC address of zeros', ETHERNET, ethernet(0x8847, mpls([16], startingWithZero(inner))), overIPv4],
  ['MPLS, both', ETHERNET, ethernet(0x8847, mpls([16], controlWord(startingWithZero(inner)))), overIPv4],
  ['MPLS, pseudowire', ETHERNET, ethernet(0x8847, mpls([16], concat([0xa2], inner.subarray(1)))), overIPv4],
  ['MPLS, management', ETHERNET, ethernet(0x8847, mpls([16], concat(be32(0x10000007), four))), OTHER_PROTOCOL],
  ['MPLS by its own link type', 219, mpls([16], four), overIPv4],
  ['MPLS in IP', 101, ipv4(mpls([16], four), { ...outer, protocol: 137 }), overIPv4],
  ['MPLS in UDP', 101, overUdp(6635, mpls([16], six)), overIPv6],

  ['IP in IP', 101, ipv4(four, { ...outer, protocol: 4 }), overIPv4],
  ['IPv6 in IPv4', 101, ipv4(six, { ...outer, protocol: 41 }), overIPv6],
  ['IPv4 in IPv6', 101, ipv6(four, { nextHeader: 4 }), overIPv4],
  ['IPv6 in IPv6', 101, ipv6(six, { nextHeader: 41 }), overIPv6],
  ['EtherIP', 101, ipv4(concat([0x30, 0], inner), { ...outer, protocol: 97 }), overIPv4],

  ['GRE', 101, gre(0, IPV4, [], four), overIPv4],
  ['GRE, IPv6', 101, gre(0, IPV6, [], six), overIPv6],
  ['GRE in IPv6', 101, ipv6(concat(be32(IPV4), four), { nextHeader: 47 }), overIPv4],
  ['GRE, checksum', 101, gre(0x8000, IPV4, be32(0), four), overIPv4],
  ['GRE, key', 101, gre(0x2000, IPV4, be32(5), four), overIPv4],
  ['GRE, sequence', 101, gre(0x1000, IPV4, be32(5), four), overIPv4],
  ['GRE, all of them', 101, gre(0xb000, IPV6, [...zeros(12)], six), overIPv6],
  ['GRE, source routes', 101, gre(0x4000, IPV4, be32(0), four), OTHER_PROTOCOL],
  ['GRE, a version to come', 101, gre(0x0002, IPV4, [], four), OTHER_PROTOCOL],
  ['GRE, a frame', 101, gre(0x2000, 0x6558, be32(5), inner), overIPv4],
  ['GRE, MPLS', 101, gre(0, 0x8847, [], mpls([16], four)), overIPv4],
  ['PPTP', 101, pptp(0x1000, be32(1), ppp(four)), overIPv4],
  ['PPTP, acknowledgment', 101, pptp(0x1080, [...be32(1), ...be32(2)], concat([0xff, 3], ppp(four))), overIPv4],
  ['PPTP, acknowledgment alone', 101, pptp(0x0080, be32(2), zeros(0)), OTHER_PROTOCOL],
  ['ERSPAN I', 101, gre(0, 0x88be, [], inner), overIPv4],
  ['ERSPAN II', 101, gre(0x1000, 0x88be, be32(1), concat(be32(0x10050009), be32(1), inner)), overIPv4],
  ['ERSPAN III', 101, erspanIII(0, false, inner), overIPv4],
  ['ERSPAN III with a subheader', 101, erspanIII(0, true, inner6), overIPv6],
  ['ERSPAN III, an IP packet', 101, erspanIII(2, false, six), overIPv6],
  ['ERSPAN III, something else', 101, erspanIII(9, false, inner), OTHER_PROTOCOL],

  ['UDP', 101, overUdp(4242, inner), UDP_DATAGRAM],
  ['UDP, shorter than its header', 101, ipv4(udp(vxlan(inner), { to: 4789, length: 7 }), { protocol: 17 }), MALFORMED],
  ['UDP, length 0', 101, ipv4(udp(vxlan(inner), { to: 4789, length: 0 }), { protocol: 17 }), overIPv4],
  ['VXLAN', 101, overUdp(4789, vxlan(inner)), overIPv4],
  ['VXLAN in IPv6', 101, ipv6(udp(vxlan(inner), { to: 4789 }), { nextHeader: 17 }), overIPv4],
  ['VXLAN to the older port', 101, overUdp(8472, vxlan(inner6)), overIPv6],
  ['VXLAN from its port', 101, overUdp(50123, vxlan(inner), 4789), overIPv4],
  ['VXLAN with a group policy', 101, overUdp(4789, vxlan(inner, be32(0x88480007))), overIPv4],
  ['VXLAN, not valid', 101, overUdp(4789, vxlan(inner, be32(0))), UDP_DATAGRAM],
  ['VXLAN, reserved bits', 101, overUdp(4789, vxlan(inner, be32(0x08000100))), overIPv4],
  ['VXLAN-GPE', 101, overUdp(4790, gpe(1, four)), overIPv4],
  ['VXLAN-GPE, IPv6', 101, overUdp(4790, gpe(2, six)), overIPv6],
  ['VXLAN-GPE, a frame', 101, overUdp(4790, gpe(3, inner)), overIPv4],
  ['VXLAN-GPE, NSH', 101, overUdp(4790, gpe(4, nsh(2, six))), overIPv6],
  ['VXLAN-GPE, MPLS', 101, overUdp(4790, gpe(5, mpls([16], four))), overIPv4],
  ['VXLAN-GPE without a next protocol', 101, overUdp(4790, vxlan(inner)), overIPv4],
  ['VXLAN-GPE, a version to come', 101, overUdp(4790, vxlan(inner, be32(0x1c000003))), UDP_DATAGRAM],
  ['GENEVE', 101, overUdp(6081, geneve(0x6558, zeros(0), inner)), overIPv4],
  ['GENEVE with options', 101, overUdp(6081, geneve(IPV6, zeros(12), six)), overIPv6],
  ['GENEVE, not really', 101, overUdp(6081, concat([0x40], geneve(IPV4, zeros(0), four).subarray(1))), UDP_DATAGRAM],
  ['GENEVE, options longer than the packet', 101, overUdp(6081, concat([0x3f, 0], be16(IPV4), be32(0))), MALFORMED],
  ['GTP-U', 101, overUdp(2152, gtp(0, [], four), 2152), overIPv4],
  ['GTP-U, IPv6', 101, overUdp(2152, gtp(0, [], six)), overIPv6],
  ['GTP-U, sequence number', 101, overUdp(2152, gtp(2, be32(0x00010000), four)), overIPv4],
  ['GTP-U, extension', 101, overUdp(2152, gtp(4, [0, 0, 0, 0x85, 1, 0, 9, 0], four)), overIPv4],
  [
    'GTP-U, two extensions',
    101,
    overUdp(2152, gtp(7, [0, 1, 0, 0xc0, 1, 0, 9, 0x85, 2, 0, 0, 0, 0, 0, 0, 0], six)),
    overIPv6,
  ],
  ['GTP-U, empty extension', 101, overUdp(2152, gtp(4, [0, 0, 0, 0x85, 0, 0, 9, 0], four)), MALFORMED],
  ['GTP-U, echo', 101, overUdp(2152, gtp(2, be32(0), zeros(0), 1)), UDP_DATAGRAM],
  ['GTP-U, version 2', 101, overUdp(2152, gtp(0x60, [], four)), UDP_DATAGRAM],
  ['Teredo', 101, overUdp(3544, six), overIPv6],
  ['Teredo from its port', 101, overUdp(3545, six, 3544), overIPv6],
  ['Teredo, origin', 101, overUdp(3544, concat(teredoOrigin, six)), overIPv6],
  ['Teredo, authentication', 101, overUdp(3544, concat(teredoAuthentication(0, 0), six)), overIPv6],
  ['Teredo, both', 101, overUdp(3544, concat(teredoAuthentication(3, 5), teredoOrigin, six)), overIPv6],
  ['Teredo, bubble', 101, overUdp(3544, ipv6(zeros(0), { nextHeader: 59 })), OTHER_PROTOCOL],
  ['Teredo, trailer', 101, overUdp(3544, concat(six, [0, 0])), overIPv6],
  ['Teredo, not really', 101, overUdp(3544, six.subarray(0, -1)), UDP_DATAGRAM],
  ['L2TP', 101, overUdp(1701, l2tp(0, [], ppp(four))), overIPv4],
  ['L2TP with a length', 101, overUdp(1701, l2tp(0x4000, [], concat([0xff, 3], ppp(four)))), overIPv4],
  ['L2TP with everything', 101, overUdp(1701, l2tp(0x4b00, [0, 1, 0, 2, 0, 3, 9, 9, 9], ppp(four))), overIPv4],
  ['L2TP, control', 101, overUdp(1701, l2tp(0xc800, be32(0), zeros(8))), UDP_DATAGRAM],
  ['CAPWAP, a frame', 101, overUdp(5247, capwap(0, inner)), overIPv4],
  ['CAPWAP, 802.11', 101, overUdp(50123, capwap(0x300, plainWireless), 5247), overIPv4],
  ['CAPWAP, 802.11 with bytes swapped', 101, overUdp(5247, capwap(0x300, swapped(plainWireless))), overIPv4],
  ['CAPWAP, another binding', 101, overUdp(5247, capwap(0x500, plainWireless)), UDP_DATAGRAM],
  ['CAPWAP, encrypted', 101, overUdp(5247, concat([1, 0, 0, 0, 0x17, 0xfe, 0xfd], zeros(60))), UDP_DATAGRAM],
  ['TZSP', 101, overUdp(37008, tzsp(1, [], inner)), overIPv4],
  ['TZSP, 802.11 and tags', 101, overUdp(37008, tzsp(18, [10, 1, 200, 0, 0x0d, 1, 60], plainWireless)), overIPv4],
  ['TZSP by its own link type', 128, tzsp(1, [], inner), overIPv4],
  ['TZSP, something else', 101, overUdp(37008, tzsp(7, [], inner)), UDP_DATAGRAM],
  ['TZSP, no end', 101, overUdp(37008, concat([1, 0, 0, 1], zeros(9))), UDP_DATAGRAM],

  ['802.11', 105, plainWireless, overIPv4],
  ['802.11 and a checksum', 105, concat(plainWireless, fcs), overIPv4],
  ['802.11, IPv6', 105, wireless(concat([0xaa, 0xaa, 3, 0, 0, 0], be16(IPV6), six)), overIPv6],
  ['802.11, four addresses', 105, wireless(snap(four), { flags: 3, more: [2, 0, 0, 0, 0, 4] }), overIPv4],
  ['802.11, QoS', 105, wireless(snap(four), { type: 0x88, more: [0, 0] }), overIPv4],
  ['802.11, QoS and padding', 105, wireless(snap(four), { type: 0x88, more: [0, 0, 0, 0] }), overIPv4],
  [
    '802.11, QoS, four addresses, high throughput',
    105,
    wireless(snap(four), { type: 0x88, flags: 0x83, more: [2, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0] }),
    overIPv4,
  ],
  ['802.11, aggregate', 105, wireless(aggregated, { type: 0x88, more: [0x80, 0] }), overIPv4],
  ['802.11, protected', 105, wireless(snap(four), { flags: 0x41 }), OTHER_PROTOCOL],
  ['802.11, no data', 105, wireless(zeros(0), { type: 0x48 }), OTHER_PROTOCOL],
  ['802.11, beacon', 105, wireless(zeros(60), { type: 0x80, flags: 0 }), OTHER_PROTOCOL],
  ['802.11, acknowledgment', 105, new Uint8Array([0xd4, 0, 0, 0, 2, 0, 0, 0, 0, 1]), OTHER_PROTOCOL],
  ['802.11, later fragment', 105, wireless(snap(four), { fragment: 1 }), OTHER_PROTOCOL],
  ['802.11, nothing', 105, zeros(0), MALFORMED],
  ['radiotap', 127, radiotap(plainWireless), overIPv4],
  ['radiotap, longer', 127, radiotap(concat(plainWireless, fcs), 56), overIPv4],
  ['radiotap, shorter than itself', 127, concat([0, 0, 4, 0], be32(0), plainWireless), MALFORMED],
  ['Prism', 119, prism(plainWireless, le32), overIPv4],
  ['Prism, big-endian', 119, prism(plainWireless, be32), overIPv4],
  ['Prism that is AVS', 119, avs(plainWireless), overIPv4],
  ['AVS', 163, avs(plainWireless), overIPv4],
  ['per-packet information', 192, ppi(105, plainWireless), overIPv4],
  ['per-packet information, Ethernet', 192, ppi(1, inner), overIPv4],
  ['per-packet information, no link type', 192, ppi(0x10800, four), OTHER_PROTOCOL],

  ['PKTAP, Ethernet', 258, pktap(1, inner), overIPv4],
  ['PKTAP, raw IP', 258, pktap(12, six), overIPv6],
  ['PKTAP, loopback', 149, pktap(0, loopback([2, 0, 0, 0], four)), overIPv4],
  ['PKTAP, no packet', 258, pktap(1, inner, 0), OTHER_PROTOCOL],
  ['PKTAP, no link type', 258, pktap(0x10800, four), OTHER_PROTOCOL],
  ['a private link type', 149, four, UNSUPPORTED_LINK_TYPE],

  ['NFLOG', 239, nflog(2, four), overIPv4],
  ['NFLOG, big-endian', 239, nflog(10, six, be16), overIPv6],
  ['NFLOG without a packet', 239, concat([2, 0, 0, 30], le16(8), le16(1), be32(0)), OTHER_PROTOCOL],
  ['NFLOG, an empty field', 239, concat([2, 0, 0, 30], zeros(8)), MALFORMED],
  ['the packet filter', 117, concat([61, 2, 0, 0], zeros(60), four), overIPv4],
  ['IPsec in the clear', 109, concat(le32(2), zeros(8), four), overIPv4],
  ['Juniper, Ethernet', 178, juniper(1, [], inner), overIPv4],
  ['Juniper, extensions', 178, juniper(0x81, [1, 2, 3, 4, 5, 6], inner), overIPv4],
  ['Juniper without a link header', 178, juniper(2, [], concat(be32(2), four)), overIPv4],
  ['Juniper, PPP', 179, juniper(0, [], ppp(four)), overIPv4],
  ['Juniper, Cisco HDLC', 181, juniper(0, [], concat([0x0f, 0], be16(IPV4), four)), overIPv4],
  ['Juniper, not really', 178, inner, MALFORMED],

  [
    'VXLAN in MPLS in GRE in IPv6 in VLAN tags',
    ETHERNET,
    ethernet(
      ...vlan(
        [0x88a8, 0x8100],
        IPV6,
        ipv6(concat(be32(0x8847), mpls([16, 17], overUdp(4789, vxlan(inner6)))), { nextHeader: 47 }),
      ),
    ),
    overIPv6,
  ],
  [
    'GTP-U in GENEVE in a pseudowire',
    ETHERNET,
    ethernet(
      0x8847,
      mpls([16], controlWord(ethernet(IPV4, overUdp(6081, geneve(IPV4, zeros(4), overUdp(2152, gtp(0, [], four))))))),
    ),
    overIPv4,
  ],
];

export const frames: readonly FrameCase[] = [...plain, ...encapsulated];
