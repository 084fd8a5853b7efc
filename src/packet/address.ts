/**
 * The text form of an address: IPv4 in dotted decimal, IPv6 as RFC 5952 recommends.
 * @param words network-order 32-bit words, as in `Packet.addresses`
 * @param first index of the address's first word: 0 for the source, 4 for the destination
 * @param ipVersion 4 or 6
 */
export function formatAddress(words: Uint32Array, first: number, ipVersion: number): string {
  const last = words[first + 3] ?? 0;
  return ipVersion === 4 ? formatIPv4(last) : formatIPv6(words.subarray(first, first + 4));
}

function formatIPv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

function formatIPv6(words: Uint32Array): string {
  const groups = [...words].flatMap((word) => [word >>> 16, word & 0xffff]);
  // Section 5: an IPv4-mapped address is written with its IPv4 part in dotted decimal.
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return `::ffff:${formatIPv4(words[3] ?? 0)}`;

  const zeros = longestZeroRun(groups);
  const text = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  if (zeros.length < 2) return text(groups);
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`;
}

/** The longest row of zero groups, the first one if several are as long (section 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, index) => {
    length = group === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: index - length + 1, length };
  });
  return longest;
}
