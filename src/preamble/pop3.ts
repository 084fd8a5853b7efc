import { commandProtocol } from './preamble.js';

/** STLS of POP3 (RFC 2595 §4). */
export const pop3 = commandProtocol('pop3-starttls', {
  greeting: { from: 'server', words: /^\+OK/i },
  list: { command: /^CAPA[ \t]*\r?$/im, words: /^\+OK/i, offer: /^STLS[ \t]*\r?$/im },
  command: /^STLS[ \t]*\r?$/im,
  accepted: /^\+OK/i,
});
