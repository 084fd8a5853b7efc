/**
 * The text form of an address: IPv4 in dotted decimal, IPv6 as RFC 5952 recommends.
 * @param words network-order 32-bit words, as in `Packet.addresses`
 * @param first index of the address's first word: 0 for the source, 4 for the destination
 * @param ipVersion 4 or 6
 */
export function formatAddress(words: ArrayLike<number>, first: number, ipVersion: number): string {
  const last = words[first + 3] ?? 0;
  return ipVersion === 4 ? formatIPv4(last) : formatIPv6(words, first);
}

function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

function formatIPv6(words: ArrayLike<number>, first: number): string {
  const last = words[first + 3] ?? 0;
  // Section 5: an IPv4-mapped address is written with its IPv4 part in dotted decimal.
  if (words[first] === 0 && words[first + 1] === 0 && words[first + 2] === 0xffff) return `::ffff:${formatIPv4(last)}`;

  // The longest run of zero groups; the first one if several are equally long (section 4.2.3).
  let start = GROUPS;
  let longest = 1;
  for (let group = 0, length = 0; group < GROUPS; group++) {
    length = groupAt(words, first, group) === 0 ? length + 1 : 0;
    if (length <= longest) continue;
    longest = length;
    start = group - length + 1;
  }
  let text = '';
  for (let group = 0; group < GROUPS; group++) {
    if (group === start) {
      text += '::';
      group += longest - 1;
    } else {
      if (group > 0 && group !== start + longest) text += ':';
      text += groupAt(words, first, group).toString(16);
    }
  }
  return text;
}

/** 16-bit groups of an address. */
const GROUPS = 8;

function groupAt(words: ArrayLike<number>, first: number, group: number): number {
  const word = words[first + (group >>> 1)] ?? 0;
  return group % 2 === 0 ? word >>> 16 : word & 0xffff;
}

/** The MAC address at `at`: six bytes in hexadecimal. */
export function macAddress(bytes: Uint8Array, at: number): string {
  return Array.from(bytes.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** Whether a MAC address is a group address, by the lowest bit of its first byte, as for 802.1X authenticators. */
export function isGroupAddress(address: string): boolean {
  return (Number.parseInt(address.slice(0, 2), 16) & 1) === 1;
}
