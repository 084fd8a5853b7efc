import { latin1, u16, u8 } from '../bytes.js';
import type { PreambleFacts, PreambleProtocol, PreambleStep, Turn } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstOf, opening, step } from './protocol.js';

const CONNECT = 1;
const GRANTED = 90;
const NO_METHOD = 0xff;

const ipv4 = (bytes: Uint8Array, at: number): string => bytes.subarray(at, at + 4).join('.');

/** The zero-terminated text at `at`, or null if it does not end. */
function text(bytes: Uint8Array, at: number): { readonly value: string; readonly end: number } | null {
  const end = bytes.indexOf(0, at);
  return end < 0 ? null : { value: latin1(bytes, at, end), end: end + 1 };
}

/** The target of a SOCKS 4 or 4a request, or null. */
export function target4(request: Uint8Array): string | null {
  if (request.length < 9 || u8(request, 0) !== 4 || u8(request, 1) !== CONNECT) return null;
  const user = text(request, 8);
  if (user === null) return null;
  const isNamed = u8(request, 4) === 0 && u8(request, 5) === 0 && u8(request, 6) === 0 && u8(request, 7) !== 0;
  const host = isNamed ? text(request, user.end)?.value : ipv4(request, 4);
  return host === undefined ? null : `${host}:${u16(request, 2)}`;
}

/** SOCKS 4 and 4a: a request with user id (and, in 4a, a host name); code 90 accepts it. */
export const socks4: PreambleProtocol<'socks4'> = {
  kind: 'socks4',
  name: 'SOCKS4',
  recognise(turns) {
    const request = opening(turns, 'client');
    const target = request === null ? null : target4(request.bytes);
    if (request === null || target === null) return null;
    const exchange = exchangeAt(turns, request);
    const { answer } = exchange;
    const code = answer === null || answer.bytes.length < 2 ? null : u8(answer.bytes, 1);
    const reply = code === null ? null : `code ${code}`;
    const state = code === null ? 'requested' : code === GRANTED ? 'accepted' : 'refused';
    const words = { request: `CONNECT ${target}`, answer: reply ?? '' };
    return { ...facts(state, exchangeSteps(exchange, words), reply), target };
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
      return `${latin1(request, 5, end)}:${u16(request, end)}`;
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

/** Whether bytes are a SOCKS 5 client's list of methods (RFC 1928 §3), and nothing else. */
export function isSocks5Greeting(bytes: Uint8Array): boolean {
  return bytes.length >= 3 && u8(bytes, 0) === 5 && bytes.length >= 2 + u8(bytes, 1);
}

/** SOCKS 5 (RFC 1928): methods, perhaps a log-in (RFC 1929), then the request and its reply. */
export const socks5: PreambleProtocol<'socks5'> = {
  kind: 'socks5',
  name: 'SOCKS5',
  recognise(turns) {
    const greeting = opening(turns, 'client');
    if (greeting === null || !isSocks5Greeting(greeting.bytes)) return null;
    const method = firstOf(turns, 'server');
    if (method !== null && (method.bytes.length < 2 || u8(method.bytes, 0) !== 5)) return null;
    const offer = step('offer', greeting, 'methods');
    if (method === null) return facts('requested', [offer]);
    const request = turns.find(({ from, bytes }) => from === 'client' && target5(bytes) !== null);
    if (request === undefined) return loggedIn(turns, offer, method);
    const exchange = exchangeAt(turns, request);
    const { answer } = exchange;
    const code = answer === null || answer.bytes.length < 2 ? null : u8(answer.bytes, 1);
    const reply = code === null ? null : (REPLIES[code] ?? `code ${code}`);
    const target = target5(request.bytes);
    const state = code === null ? 'requested' : code === 0 ? 'accepted' : 'refused';
    const words = { request: `CONNECT ${target ?? ''}`, answer: reply ?? '' };
    return { ...facts(state, [offer, ...exchangeSteps(exchange, words)], reply), target };
  },
};

/** The result of methods and log-in, if no request followed. */
function loggedIn(turns: readonly Turn[], offer: PreambleStep, method: Turn): PreambleFacts {
  const refused = (turn: Turn, reply: string): PreambleFacts =>
    facts('refused', [offer, step('answer', turn, reply)], reply);
  if (u8(method.bytes, 1) === NO_METHOD) return refused(method, 'no acceptable methods');
  const status = turns.filter(({ from }) => from === 'server')[1];
  const isRefused = status !== undefined && status.bytes.length >= 2 && u8(status.bytes, 1) !== 0;
  return isRefused ? refused(status, 'log-in refused') : facts('requested', [offer]);
}
