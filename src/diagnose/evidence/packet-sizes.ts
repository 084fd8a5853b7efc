// What links carry, in bytes of payload of TCP or UDP: how far its size explains why a packet was lost.

/** Below this, no link finds a packet too large (IPv4 carries 576 bytes, RFC 1122 §3.3.3). */
export const LEAST_TOO_LARGE = 548;

/**
 * IPv6 and its tunnels carry 1280 bytes (RFC 8200 §5), minus 60 of headers and a dozen of TCP options: above that, size
 * explains a loss well; below it, poorly.
 */
export const LEAST_LARGE = 1208;

/** What every path carries in one segment: 1280 bytes (RFC 8200 §5) minus the headers of IPv6 and TCP. */
export const LEAST_SEGMENT = 1220;

/** One segment on Ethernet: 1500 bytes minus the headers of IPv4 and TCP; with timestamps, it holds 12 fewer. */
export const ONE_SEGMENT = 1460;
export const ONE_SEGMENT_WITH_TIMESTAMPS = 1448;

/** The headers of IPv4 and TCP. */
export const HEADERS = 40;

/** QUIC pads its datagrams to at least 1,200 bytes; a shorter one is an acknowledgement, or a remainder. */
export const SMALL_DATAGRAM = 1100;

/** How many bytes `ping -s` has to send for an ICMP packet as large as one with this segment, with timestamps, at most. */
export function pingSize(segment: number): number {
  // The segment and the headers of TCP with timestamps (32); ping adds 8 of its own.
  return Math.min(segment, ONE_SEGMENT_WITH_TIMESTAMPS) + 24;
}
