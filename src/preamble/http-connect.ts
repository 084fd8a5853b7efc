import { latin1 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstLine } from './protocol.js';

const CONNECT = /^CONNECT (\S{1,300}) HTTP\/1\.[01]\r?\n/;
const HEADER_END = /\r?\n\r?\n/;

const targetOf = ({ bytes }: Turn): string | null => CONNECT.exec(latin1(bytes))?.[1] ?? null;

/** CONNECT of an HTTP proxy (RFC 9110 §9.3.6): accepted by any 2xx. */
export const httpConnect: PreambleProtocol<'http-connect'> = {
  kind: 'http-connect',
  name: 'HTTP CONNECT',
  recognise(turns) {
    const request = requestOf(turns);
    if (request === undefined) return null;
    const exchange = exchangeAt(turns, request);
    const answer = exchange.answer === null ? null : latin1(exchange.answer.bytes);
    const isAccepted = answer !== null && /^HTTP\/1\.[01] 2\d\d/.test(answer);
    const isHttp = answer?.startsWith('HTTP/1.') === true;
    const state = !isHttp ? 'requested' : isAccepted ? 'accepted' : 'refused';
    const reply = answer === null ? null : firstLine(answer);
    return { ...facts(state, exchangeSteps(exchange), reply), target: targetOf(request) };
  },
  strip(turns) {
    const request = requestOf(turns);
    return request === undefined ? [] : stripFirst(turns.slice(turns.indexOf(request)), HEADER_END);
  },
};

/** The last request: after a proxy asks for a log-in (407), the same connection has another one. */
function requestOf(turns: readonly Turn[]): Turn | undefined {
  return turns.findLast((turn) => turn.from === 'client' && targetOf(turn) !== null);
}

/** Removes each side's first header block. */
function stripFirst(turns: readonly Turn[], end: RegExp): Turn[] {
  const open = new Set<Turn['from']>(['client', 'server']);
  return turns.flatMap((turn) => {
    if (!open.delete(turn.from)) return [turn];
    const match = end.exec(latin1(turn.bytes));
    const rest = match === null ? turn.bytes.length : match.index + match[0].length;
    return rest >= turn.bytes.length ? [] : [{ ...turn, bytes: turn.bytes.subarray(rest) }];
  });
}
