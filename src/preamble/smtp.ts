import { commandProtocol } from './protocol.js';

/**
 * STARTTLS of SMTP and LMTP (RFC 3207). Firewalls that inspect SMTP overwrite what they do not know or want: the eight
 * letters of STARTTLS become `XXXXXXXA` and the like.
 */
export const smtp = commandProtocol(
  { kind: 'smtp-starttls', name: 'SMTP STARTTLS', starttls: 'smtp' },
  {
    greeting: { from: 'client', words: /^(EHLO|HELO|LHLO)\b/i },
    list: {
      command: /^(EHLO|LHLO)\b/im,
      words: /^250[ -]/m,
      offer: /^250[ -]STARTTLS\b/im,
      masked: /^250[ -][X*#]{5,}[A-Z]?[ \t]*\r?$/m,
    },
    command: /^STARTTLS[ \t]*\r?$/im,
    // Its name, if it is given none.
    openssl: /^(?:EHLO|LHLO) mail\.example\.com\r\n/,
    accepted: /^220[ -]/,
  },
);
