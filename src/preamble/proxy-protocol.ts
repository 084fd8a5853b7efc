import { u16, u8 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './preamble.js';
import { opening } from './preamble.js';

const V1 = /^PROXY (TCP4|TCP6|UNKNOWN)(?: (\S{1,45}) (\S{1,45}) (\d{1,5}) (\d{1,5}))?[^\r\n]{0,60}\r\n/;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEADER = 16;

interface Header {
  readonly length: number;
  readonly client: string | null;
  readonly server: string | null;
}

function ipv6(bytes: Uint8Array, at: number): string {
  return Array.from({ length: 8 }, (_, index) => u16(bytes, at + 2 * index).toString(16)).join(':');
}

/** The header that a stream begins with, or null (HAProxy's "The PROXY protocol", sections 2.1 and 2.2). */
function header(bytes: Uint8Array): Header | null {
  const v1 = V1.exec(Buffer.from(bytes.subarray(0, 128)).toString('latin1'));
  if (v1 !== null) {
    const [all, family, client, server, clientPort, serverPort] = v1;
    const at = (address: string | undefined, port: string | undefined): string | null =>
      address === undefined || port === undefined ? null : `${family === 'TCP6' ? `[${address}]` : address}:${port}`;
    return { length: all.length, client: at(client, clientPort), server: at(server, serverPort) };
  }
  if (bytes.length < V2_HEADER || !V2_SIGNATURE.equals(bytes.subarray(0, 12)) || u8(bytes, 12) >> 4 !== 2) return null;
  const length = V2_HEADER + u16(bytes, 14);
  const family = u8(bytes, 13) >> 4;
  if (family === 1 && length >= V2_HEADER + 12 && bytes.length >= V2_HEADER + 12) {
    const [client, server] = [bytes.subarray(16, 20).join('.'), bytes.subarray(20, 24).join('.')];
    return { length, client: `${client}:${u16(bytes, 24)}`, server: `${server}:${u16(bytes, 26)}` };
  }
  if (family === 2 && length >= V2_HEADER + 36 && bytes.length >= V2_HEADER + 36) {
    return {
      length,
      client: `[${ipv6(bytes, 16)}]:${u16(bytes, 48)}`,
      server: `[${ipv6(bytes, 32)}]:${u16(bytes, 50)}`,
    };
  }
  return { length, client: null, server: null };
}

/** PROXY protocol v1 and v2: a load balancer tells whom it speaks for. Nothing answers it. */
export const proxyProtocol: PreambleProtocol = {
  kind: 'proxy-protocol',
  recognise(turns) {
    const words = opening(turns, 'client');
    const found = words === null ? null : header(words);
    if (found === null) return null;
    return { target: found.server, originalClient: found.client, answer: 'accepted', reply: null };
  },
  strip(turns) {
    const [first, ...others] = turns;
    const length = first === undefined ? 0 : (header(first.bytes)?.length ?? 0);
    if (first === undefined || length >= first.bytes.length) return others;
    return [{ from: first.from, bytes: first.bytes.subarray(length) } satisfies Turn, ...others];
  },
};
