import type { TcpReset, TcpSide } from './connection.js';

/**
 * What shows that a device on the path, and not the side in whose name it came, sent a reset. `data`: that side sent more
 * data after it. `ttl`: that side's other segments have another TTL. Null if neither holds.
 */
export function foreignSenderMark(
  { ttl }: TcpReset,
  { dataAfterReset, ttls }: Pick<TcpSide, 'dataAfterReset' | 'ttls'>,
): 'data' | 'ttl' | null {
  if (dataAfterReset !== null) return 'data';
  return ttls !== null && (ttl < ttls[0] || ttl > ttls[1]) ? 'ttl' : null;
}
