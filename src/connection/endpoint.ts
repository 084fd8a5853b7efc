import type { Endpoint } from './connection.js';

const MAC_ADDRESS = /^(?:[\da-f]{2}:){5}[\da-f]{2}$/;

/** `address:port`, with brackets around an IPv6 address (RFC 3986 §3.2.2); a MAC address, which has no port, alone. */
export function endpointText({ address, port }: Endpoint): string {
  if (port === 0 && MAC_ADDRESS.test(address)) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
