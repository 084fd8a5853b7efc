import { i32 } from '../bytes.js';
import type { PreambleProtocol, Turn } from './preamble.js';
import { exchangeAt, exchangeSteps, facts } from './preamble.js';

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const PROTOCOL_3 = 3;
const YES = 0x53;

/** The number of a request for encryption, or the version of a StartupMessage; -1 of anything else. */
function codeOf({ bytes }: Turn): number {
  return bytes.length < 8 ? -1 : i32(bytes, 4);
}

/** Whether the client logs in without encryption: a StartupMessage of protocol 3. */
const isLogin = (turn: Turn | null): boolean => turn !== null && codeOf(turn) >> 16 === PROTOCOL_3;

/**
 * SSLRequest of PostgreSQL ("SSL Session Encryption" in its protocol), perhaps behind a GSSENCRequest: answered by `S`, `N`,
 * or an old server's error. A client that does not insist logs in without encryption after `N`.
 */
export const postgres: PreambleProtocol = {
  kind: 'postgres',
  recognise(turns) {
    const asked = turns.filter(({ from }) => from === 'client');
    const request = asked.find((turn) => i32at0(turn) !== 8 || codeOf(turn) !== GSSENC_REQUEST);
    if (turns[0]?.from !== 'client' || request === undefined) return null;
    if (i32at0(request) !== 8 || codeOf(request) !== SSL_REQUEST) return null;
    const exchange = exchangeAt(turns, request);
    const answer = exchange.answer?.bytes[0];
    const reply = answer === undefined ? null : String.fromCharCode(answer);
    const isDeclined = reply === 'N' && isLogin(exchange.sequel);
    const state =
      answer === undefined ? 'requested' : answer === YES ? 'accepted' : isDeclined ? 'declined' : 'refused';
    const words = { request: 'SSLRequest', sequel: isLogin(exchange.sequel) ? 'StartupMessage' : '' };
    return facts(state, exchangeSteps(exchange, words), reply);
  },
};

function i32at0({ bytes }: Turn): number {
  return bytes.length < 8 ? -1 : i32(bytes, 0);
}
