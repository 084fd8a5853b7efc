import { commandProtocol } from './protocol.js';

/** STARTTLS of IMAP (RFC 9051 §6.2.1). */
export const imap = commandProtocol(
  { kind: 'imap-starttls', name: 'IMAP STARTTLS', starttls: 'imap' },
  {
    greeting: { from: 'server', words: /^\* (OK|PREAUTH|BYE)\b/i },
    list: { command: null, words: /^\* (CAPABILITY |OK \[CAPABILITY )/im, offer: /\bSTARTTLS\b/i },
    command: /^\S+ STARTTLS[ \t]*\r?$/im,
    openssl: /^\. (?:CAPABILITY|STARTTLS)\r\n/,
    accepted: /^\S+ OK\b/im,
  },
);
