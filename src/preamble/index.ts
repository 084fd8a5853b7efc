import { BOUNDS } from '../bounds.js';
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
import type { Preamble, PreambleProtocol, Turn } from './preamble.js';
import { proxyProtocol } from './proxy-protocol.js';
import { rdp } from './rdp.js';
import { sieve } from './sieve.js';
import { smtp } from './smtp.js';
import { socks4, socks5 } from './socks.js';
import { xmpp } from './xmpp.js';

/** Every way to TLS that is recognised. */
const PROTOCOLS: readonly PreambleProtocol[] = [
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
];

/** Nested protocols: a PROXY header, then a CONNECT, then SMTP. */
const MAX_DEPTH = BOUNDS.preambles.value;

/** What was said before TLS, by protocol; null if no known protocol leads to TLS. Never throws. */
export function recognisePreamble(turns: readonly Turn[], depth = 0): Preamble | null {
  if (turns.length === 0) return null;
  for (const protocol of PROTOCOLS) {
    const found = protocol.recognise(turns);
    if (found === null) continue;
    const rest = depth < MAX_DEPTH ? (protocol.strip?.(turns) ?? []) : [];
    return { kind: protocol.kind, ...found, next: rest.length === 0 ? null : recognisePreamble(rest, depth + 1) };
  }
  return null;
}
