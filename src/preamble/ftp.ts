import { commandProtocol } from './preamble.js';

/** AUTH TLS of FTP (RFC 4217 §4). */
export const ftp = commandProtocol('ftp-starttls', {
  greeting: { from: 'server', words: /^220[ -]/ },
  command: /^AUTH (TLS|SSL|TLS-C|TLS-P)[ \t]*\r?$/im,
  accepted: /^(234|334)[ -]/,
});
