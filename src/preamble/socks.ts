import { u16, u8 } from '../bytes.js';
import type { PreambleProtocol } from './preamble.js';
import { firstOf, opening } from './preamble.js';

const CONNECT = 1;

const ipv4 = (bytes: Uint8Array, at: number): string => bytes.subarray(at, at + 4).join('.');

/** The zero-terminated text at `at`, or null if it does not end. */
function text(bytes: Uint8Array, at: number): { readonly value: string; readonly end: number } | null {
  const end = bytes.indexOf(0, at);
  return end < 0 ? null : { value: Buffer.from(bytes.subarray(at, end)).toString('latin1'), end: end + 1 };
}

/** SOCKS 4 and 4a: a request with user id (and, in 4a, a host name), answered by code 90. */
export const socks4: PreambleProtocol = {
  kind: 'socks4',
  recognise(turns) {
    const request = opening(turns, 'client');
    if (request === null || request.length < 9 || u8(request, 0) !== 4 || u8(request, 1) !== CONNECT) return null;
    const user = text(request, 8);
    if (user === null) return null;
    const isNamed = u8(request, 4) === 0 && u8(request, 5) === 0 && u8(request, 6) === 0 && u8(request, 7) !== 0;
    const host = isNamed ? text(request, user.end)?.value : ipv4(request, 4);
    if (host === undefined) return null;
    const reply = firstOf(turns, 'server');
    const code = reply === null || reply.length < 2 ? null : u8(reply, 1);
    return {
      target: `${host}:${u16(request, 2)}`,
      originalClient: null,
      answer: code === null ? 'none' : code === 90 ? 'accepted' : 'refused',
      reply: code === null ? null : `code ${code}`,
    };
  },
};

const REPLIES: readonly string[] = [
  'succeeded',
  'general SOCKS server failure',
  'connection not allowed by ruleset',
  'network unreachable',
  'host unreachable',
  'connection refused',
  'TTL expired',
  'command not supported',
  'address type not supported',
];

/** The target of a SOCKS 5 request (RFC 1928 §4), or null. */
function target5(request: Uint8Array): string | null {
  if (request.length < 10 || u8(request, 0) !== 5 || u8(request, 1) !== CONNECT || u8(request, 2) !== 0) return null;
  switch (u8(request, 3)) {
    case 1:
      return `${ipv4(request, 4)}:${u16(request, 8)}`;
    case 3: {
      const end = 5 + u8(request, 4);
      if (request.length < end + 2) return null;
      return `${Buffer.from(request.subarray(5, end)).toString('latin1')}:${u16(request, end)}`;
    }
    case 4: {
      if (request.length < 22) return null;
      const groups = Array.from({ length: 8 }, (_, index) => u16(request, 4 + 2 * index).toString(16));
      return `[${groups.join(':')}]:${u16(request, 20)}`;
    }
    default:
      return null;
  }
}

/** SOCKS 5 (RFC 1928): methods, perhaps a log-in (RFC 1929), then the request and its reply. */
export const socks5: PreambleProtocol = {
  kind: 'socks5',
  recognise(turns) {
    const greeting = opening(turns, 'client');
    if (greeting === null || greeting.length < 3 || u8(greeting, 0) !== 5 || greeting.length < 2 + u8(greeting, 1)) {
      return null;
    }
    const method = firstOf(turns, 'server');
    if (method !== null && (method.length < 2 || u8(method, 0) !== 5)) return null;
    const base = { target: null, originalClient: null };
    if (method === null) return { ...base, answer: 'none', reply: null };
    if (u8(method, 1) === 0xff) return { ...base, answer: 'refused', reply: 'no acceptable methods' };
    const index = turns.findIndex(({ from, bytes }) => from === 'client' && target5(bytes) !== null);
    const request = turns[index]?.bytes;
    if (request === undefined) return { ...base, answer: 'none', reply: null };
    const reply = turns.slice(index + 1).find(({ from }) => from === 'server')?.bytes;
    const code = reply === undefined || reply.length < 2 ? null : u8(reply, 1);
    return {
      target: target5(request),
      originalClient: null,
      answer: code === null ? 'none' : code === 0 ? 'accepted' : 'refused',
      reply: code === null ? null : (REPLIES[code] ?? `code ${code}`),
    };
  },
};
