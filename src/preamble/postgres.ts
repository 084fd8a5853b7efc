import { i32, latin1 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './protocol.js';
import { exchangeAt, exchangeSteps, facts, firstLine } from './protocol.js';

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const PROTOCOL_3 = 3;

/** The number of a request for encryption, or the version of a StartupMessage; -1 for anything else. */
function codeOf({ bytes }: Turn): number {
  return bytes.length < 8 ? -1 : i32(bytes, 4);
}

/** `S`, `N`, or the `E` of an error message; null if it is no answer of PostgreSQL. */
function answerOf(bytes: Uint8Array): 'S' | 'N' | 'E' | null {
  const answer = latin1(bytes, 0, 1);
  if (answer === 'E') return bytes.length < 5 || i32(bytes, 1) + 1 >= bytes.length ? answer : null;
  return bytes.length === 1 && (answer === 'S' || answer === 'N') ? answer : null;
}

/** Whether the client logs in without encryption: a StartupMessage of protocol 3. */
const isLogin = (turn: Turn | null): boolean => turn !== null && codeOf(turn) >> 16 === PROTOCOL_3;

/**
 * SSLRequest of PostgreSQL ("SSL Session Encryption" in its protocol), perhaps after a GSSENCRequest: answered by `S`,
 * `N`, or an old server's error. After `N`, a client that does not insist logs in without encryption.
 */
export const postgres: PreambleProtocol<'postgres'> = {
  kind: 'postgres',
  name: 'PostgreSQL SSLRequest',
  starttls: 'postgres',
  recognise(turns) {
    const asked = turns.filter(({ from }) => from === 'client');
    const request = asked.find((turn) => i32at0(turn) !== 8 || codeOf(turn) !== GSSENC_REQUEST);
    if (turns[0]?.from !== 'client' || request === undefined) return null;
    if (i32at0(request) !== 8 || codeOf(request) !== SSL_REQUEST) return null;
    const exchange = exchangeAt(turns, request);
    const said = exchange.answer?.bytes;
    const answer = said === undefined ? null : answerOf(said);
    const isDeclined = answer === 'N' && isLogin(exchange.sequel);
    const state = answer === null ? 'requested' : answer === 'S' ? 'accepted' : isDeclined ? 'declined' : 'refused';
    const reply = answer ?? (said === undefined ? null : firstLine(latin1(said)));
    const words = { request: 'SSLRequest', sequel: isLogin(exchange.sequel) ? 'StartupMessage' : '' };
    return facts(state, exchangeSteps(exchange, words), reply);
  },
};

function i32at0({ bytes }: Turn): number {
  return bytes.length < 8 ? -1 : i32(bytes, 0);
}
