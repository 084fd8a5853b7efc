import { commandProtocol } from './preamble.js';

/** STARTTLS of SMTP and LMTP (RFC 3207). */
export const smtp = commandProtocol('smtp-starttls', {
  greeting: { from: 'client', words: /^(EHLO|HELO|LHLO)\b/i },
  command: /^STARTTLS[ \t]*\r?$/im,
  accepted: /^220[ -]/,
});
