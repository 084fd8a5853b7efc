import { latin1, u16, u8 } from '../bytes.js';
import type { PreambleProtocol } from './protocol.js';
import { facts, firstLine, opening, step } from './protocol.js';

const V1 = /^PROXY (TCP4|TCP6|UNKNOWN)(?: (\S{1,45}) (\S{1,45}) (\d{1,5}) (\d{1,5}))?[^\r\n]{0,60}\r\n/;
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_HEADER = 16;

interface Header {
  readonly version: 1 | 2;
  readonly length: number;
  readonly client: string | null;
  readonly server: string | null;
}

function ipv6(bytes: Uint8Array, at: number): string {
  return Array.from({ length: 8 }, (_, index) => u16(bytes, at + 2 * index).toString(16)).join(':');
}

/** The header that a stream begins with, or null (HAProxy's "The PROXY protocol", sections 2.1 and 2.2). */
function header(bytes: Uint8Array): Header | null {
  const v1 = V1.exec(latin1(bytes, 0, Math.min(128, bytes.length)));
  if (v1 !== null) {
    const [all, family, client, server, clientPort, serverPort] = v1;
    const at = (address: string | undefined, port: string | undefined): string | null =>
      address === undefined || port === undefined ? null : `${family === 'TCP6' ? `[${address}]` : address}:${port}`;
    return { version: 1, length: all.length, client: at(client, clientPort), server: at(server, serverPort) };
  }
  if (bytes.length < V2_HEADER || !V2_SIGNATURE.equals(bytes.subarray(0, 12)) || u8(bytes, 12) >> 4 !== 2) return null;
  const length = V2_HEADER + u16(bytes, 14);
  const family = u8(bytes, 13) >> 4;
  if (family === 1 && length >= V2_HEADER + 12 && bytes.length >= V2_HEADER + 12) {
    const [client, server] = [bytes.subarray(16, 20).join('.'), bytes.subarray(20, 24).join('.')];
    return { version: 2, length, client: `${client}:${u16(bytes, 24)}`, server: `${server}:${u16(bytes, 26)}` };
  }
  if (family === 2 && length >= V2_HEADER + 36 && bytes.length >= V2_HEADER + 36) {
    return {
      version: 2,
      length,
      client: `[${ipv6(bytes, 16)}]:${u16(bytes, 48)}`,
      server: `[${ipv6(bytes, 32)}]:${u16(bytes, 50)}`,
    };
  }
  return { version: 2, length, client: null, server: null };
}

/** PROXY protocol v1 and v2: a load balancer announces the original client. It has no answer. */
export const proxyProtocol: PreambleProtocol<'proxy-protocol'> = {
  kind: 'proxy-protocol',
  name: 'PROXY protocol',
  recognise(turns) {
    const words = opening(turns, 'client');
    const found = words === null ? null : header(words.bytes);
    if (words === null || found === null) return null;
    const from = found.client === null ? '' : ` ${found.client}`;
    const text = found.version === 1 ? firstLine(latin1(words.bytes)) : `PROXY v2${from}`;
    const read = facts('announced', [step('request', words, text)]);
    return { ...read, target: found.server, originalClient: found.client };
  },
  strip(turns) {
    const [first, ...others] = turns;
    const length = first === undefined ? 0 : (header(first.bytes)?.length ?? 0);
    if (first === undefined || length >= first.bytes.length) return others;
    return [{ ...first, bytes: first.bytes.subarray(length) }, ...others];
  },
};

/** Whether a stream begins with a header of the PROXY protocol. */
export const isProxyHeader = (bytes: Uint8Array): boolean => header(bytes) !== null;
