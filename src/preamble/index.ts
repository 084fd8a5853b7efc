import { ftp } from './ftp.js';
import { httpConnect } from './http-connect.js';
import { imap } from './imap.js';
import { irc } from './irc.js';
import { ldap } from './ldap.js';
import { mssql } from './mssql.js';
import { mysql } from './mysql.js';
import { nntp } from './nntp.js';
import { openvpn } from './openvpn.js';
import { pop3 } from './pop3.js';
import { postgres } from './postgres.js';
import { proxyProtocol } from './proxy-protocol.js';
import { rdp } from './rdp.js';
import { sieve } from './sieve.js';
import { smtp } from './smtp.js';
import { socks4, socks5 } from './socks.js';
import { xmpp } from './xmpp.js';

/** Every way to TLS that is recognised. */
export const PROTOCOLS = [
  proxyProtocol,
  httpConnect,
  socks5,
  socks4,
  postgres,
  mysql,
  rdp,
  mssql,
  openvpn,
  ldap,
  smtp,
  imap,
  pop3,
  ftp,
  nntp,
  sieve,
  xmpp,
  irc,
] as const;
