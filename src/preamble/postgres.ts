import { i32 } from '../bytes.js';
import type { PreambleProtocol } from './preamble.js';
import { firstOf, opening } from './preamble.js';

const SSL_REQUEST = 80877103;

/** SSLRequest of PostgreSQL ("SSL Session Encryption" in its protocol): answered by `S`, `N`, or an old server's error. */
export const postgres: PreambleProtocol = {
  kind: 'postgres',
  recognise(turns) {
    const request = opening(turns, 'client');
    if (request === null || request.length < 8 || i32(request, 0) !== 8 || i32(request, 4) !== SSL_REQUEST) return null;
    const answer = firstOf(turns, 'server')?.[0];
    return {
      target: null,
      originalClient: null,
      answer: answer === undefined ? 'none' : answer === 0x53 ? 'accepted' : 'refused',
      reply: answer === undefined ? null : String.fromCharCode(answer),
    };
  },
};
