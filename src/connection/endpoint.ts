import type { Endpoint } from './connection.js';

/** `address:port`, with brackets around an IPv6 address (RFC 3986 §3.2.2). */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
