import { commandProtocol } from './protocol.js';

/** STARTTLS of XMPP (RFC 6120 §5.4). */
export const xmpp = commandProtocol(
  { kind: 'xmpp-starttls', name: 'XMPP STARTTLS', starttls: 'xmpp' },
  {
    greeting: { from: 'client', words: /<(\?xml|stream:stream)\b/ },
    list: { command: null, words: /<stream:features\b/, offer: /<starttls\b/ },
    command: /<starttls\b/,
    accepted: /<proceed\b/,
  },
);
