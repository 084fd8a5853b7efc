import { commandProtocol } from './protocol.js';

/** STARTTLS of ManageSieve (RFC 5804 §2.2). */
export const sieve = commandProtocol(
  { kind: 'sieve-starttls', name: 'ManageSieve STARTTLS', starttls: 'sieve' },
  {
    greeting: { from: 'server', words: /^"IMPLEMENTATION"/im },
    list: { command: null, words: /^"IMPLEMENTATION"/im, offer: /^"STARTTLS"/im },
    command: /^STARTTLS[ \t]*\r?$/im,
    accepted: /^OK\b/im,
  },
);
