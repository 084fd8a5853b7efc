import type { PreambleKind } from '../preamble/preamble.js';

/** The names of protocols that lead to TLS in `openssl s_client -starttls`; it does not know those that are absent. */
export const STARTTLS_OPTIONS: Readonly<Partial<Record<PreambleKind, string>>> = {
  'smtp-starttls': 'smtp',
  'imap-starttls': 'imap',
  'pop3-starttls': 'pop3',
  'ftp-starttls': 'ftp',
  'ldap-starttls': 'ldap',
  'xmpp-starttls': 'xmpp',
  'nntp-starttls': 'nntp',
  'irc-starttls': 'irc',
  'sieve-starttls': 'sieve',
  postgres: 'postgres',
  mysql: 'mysql',
};
