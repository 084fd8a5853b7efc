import { commandProtocol } from './protocol.js';

/** STLS of POP3 (RFC 2595 §4). */
export const pop3 = commandProtocol(
  { kind: 'pop3-starttls', name: 'POP3 STLS', starttls: 'pop3' },
  {
    greeting: { from: 'server', words: /^\+OK/i },
    list: { command: /^CAPA[ \t]*\r?$/im, words: /^\+OK/i, offer: /^STLS[ \t]*\r?$/im },
    command: /^STLS[ \t]*\r?$/im,
    accepted: /^\+OK/i,
  },
);
