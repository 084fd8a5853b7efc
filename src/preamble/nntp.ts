import { commandProtocol } from './protocol.js';

/** STARTTLS of NNTP (RFC 4642 §2.2). */
export const nntp = commandProtocol(
  { kind: 'nntp-starttls', name: 'NNTP STARTTLS', starttls: 'nntp' },
  {
    greeting: { from: 'server', words: /^20[01][ -]/ },
    list: { command: /^CAPABILITIES\b/im, words: /^101[ -]/m, offer: /^STARTTLS\b/im },
    command: /^STARTTLS[ \t]*\r?$/im,
    accepted: /^382[ -]/,
  },
);
