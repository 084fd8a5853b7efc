import type { PreambleKind } from '../preamble/preamble.js';

/** What `openssl s_client -starttls` calls the protocols that lead to TLS; those that are absent it does not know. */
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
