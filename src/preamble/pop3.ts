import { commandProtocol } from './preamble.js';

/** STLS of POP3 (RFC 2595 §4). */
export const pop3 = commandProtocol('pop3-starttls', {
  greeting: { from: 'server', words: /^\+OK/i },
  command: /^STLS[ \t]*\r?$/im,
  accepted: /^\+OK/i,
});
