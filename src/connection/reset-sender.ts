import type { TcpReset, TcpSide } from './connection.js';

/**
 * What shows that a device on the path, and not the side in whose name it came, sent a reset. `data`: that side sent more
 * data after it. `ttl`: that side's other segments have another TTL, and came another way than the reset. Null if neither holds.
 */
export function foreignSenderMark(
  { ttl }: TcpReset,
  { dataAfterReset, ttls }: Pick<TcpSide, 'dataAfterReset' | 'ttls'>,
): 'data' | 'ttl' | null {
  if (dataAfterReset !== null) return 'data';
  if (ttls === null || (ttl >= ttls[0] && ttl <= ttls[1])) return null;
  return ttls.some((other) => canBeOneHost(ttl, other)) ? null : 'ttl';
}

/** With what TTL hosts and devices send: some reset a connection with another of these than they send data. */
const INITIAL_TTLS = [
  [32, 64, 128, 255],
  [32, 60],
];

/** Whether two TTLs can come from the same distance, sent with different initial values. */
const canBeOneHost = (ttl: number, other: number): boolean =>
  INITIAL_TTLS.some((values) => values.some((sent) => sent >= ttl && values.includes(sent - ttl + other)));
