import { commandProtocol } from './preamble.js';

/** STARTTLS of ManageSieve (RFC 5804 §2.2). */
export const sieve = commandProtocol('sieve-starttls', {
  greeting: { from: 'server', words: /^"IMPLEMENTATION"/im },
  list: { command: null, words: /^"IMPLEMENTATION"/im, offer: /^"STARTTLS"/im },
  command: /^STARTTLS[ \t]*\r?$/im,
  accepted: /^OK\b/im,
});
