import { commandProtocol } from './protocol.js';

/** AUTH TLS of FTP (RFC 4217 §4). */
export const ftp = commandProtocol(
  { kind: 'ftp-starttls', name: 'FTP AUTH TLS', starttls: 'ftp' },
  {
    greeting: { from: 'server', words: /^220[ -]/ },
    list: { command: /^FEAT[ \t]*\r?$/im, words: /^211[ -]/m, offer: /^[ \t]*AUTH[ \t].*\b(TLS|SSL)\b/im },
    command: /^AUTH (TLS|SSL|TLS-C|TLS-P)[ \t]*\r?$/im,
    accepted: /^(234|334)[ -]/,
  },
);
