import type { PreambleProtocol, Turn } from './preamble.js';
import { exchange, firstLine } from './preamble.js';

const CONNECT = /^CONNECT (\S{1,300}) HTTP\/1\.[01]\r?\n/;
const HEADER_END = /\r?\n\r?\n/;

/** CONNECT of an HTTP proxy (RFC 9110 §9.3.6): accepted by any 2xx. */
export const httpConnect: PreambleProtocol = {
  kind: 'http-connect',
  recognise(turns) {
    const found = exchange(turns, CONNECT);
    if (found === null) return null;
    const { answer } = found;
    return {
      target: found.command[1] ?? null,
      originalClient: null,
      answer: answer === null ? 'none' : /^HTTP\/1\.[01] 2\d\d/.test(answer) ? 'accepted' : 'refused',
      reply: answer === null ? null : firstLine(answer),
    };
  },
  strip: (turns) => stripFirst(turns, HEADER_END),
};

/** Takes each side's first header block off. */
function stripFirst(turns: readonly Turn[], end: RegExp): Turn[] {
  const open = new Set<Turn['from']>(['client', 'server']);
  return turns.flatMap((turn) => {
    if (!open.delete(turn.from)) return [turn];
    const match = end.exec(Buffer.from(turn.bytes).toString('latin1'));
    const rest = match === null ? turn.bytes.length : match.index + match[0].length;
    return rest >= turn.bytes.length ? [] : [{ from: turn.from, bytes: turn.bytes.subarray(rest) }];
  });
}
