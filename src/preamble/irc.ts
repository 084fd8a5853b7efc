import { commandProtocol } from './protocol.js';

/** STARTTLS of IRC (the IRCv3 tls extension): numerics 670 and 691. */
export const irc = commandProtocol(
  { kind: 'irc-starttls', name: 'IRC STARTTLS', starttls: 'irc' },
  {
    greeting: { from: 'client', words: /^(CAP|NICK|USER|STARTTLS|PASS)\b/i },
    list: { command: /^CAP LS\b/im, words: /\bCAP \S+ LS\b/i, offer: /[ :]tls(?:[ =\r]|$)/m },
    command: /^STARTTLS[ \t]*\r?$/im,
    accepted: /^(:\S+ )?670 /m,
  },
);
