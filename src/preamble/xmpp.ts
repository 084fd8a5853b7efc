import { commandProtocol } from './preamble.js';

/** STARTTLS of XMPP (RFC 6120 §5.4). */
export const xmpp = commandProtocol('xmpp-starttls', {
  greeting: { from: 'client', words: /<(\?xml|stream:stream)\b/ },
  list: { command: null, words: /<stream:features\b/, offer: /<starttls\b/ },
  command: /<starttls\b/,
  accepted: /<proceed\b/,
});
