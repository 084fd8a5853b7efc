import type { PlaintextProtocol } from '../preamble/plaintext.js';
import type { PreambleKind } from '../preamble/preamble.js';

/** The usual names of the ways from plaintext to TLS. */
export const PREAMBLE_NAMES: Readonly<Record<PreambleKind, string>> = {
  'smtp-starttls': 'SMTP STARTTLS',
  'imap-starttls': 'IMAP STARTTLS',
  'pop3-starttls': 'POP3 STLS',
  'ftp-starttls': 'FTP AUTH TLS',
  'nntp-starttls': 'NNTP STARTTLS',
  'sieve-starttls': 'ManageSieve STARTTLS',
  'xmpp-starttls': 'XMPP STARTTLS',
  'irc-starttls': 'IRC STARTTLS',
  'ldap-starttls': 'LDAP StartTLS',
  postgres: 'PostgreSQL SSLRequest',
  mysql: 'MySQL SSLRequest',
  mssql: 'SQL Server PRELOGIN',
  rdp: 'RDP negotiation',
  openvpn: 'OpenVPN',
  'http-connect': 'HTTP CONNECT',
  socks4: 'SOCKS4',
  socks5: 'SOCKS5',
  'proxy-protocol': 'PROXY protocol',
};

/** The usual names of the protocols that are recognised by their plaintext. */
export const PLAINTEXT_NAMES: Readonly<Record<PlaintextProtocol, string>> = {
  amqp: 'AMQP',
  ftp: 'FTP',
  http: 'HTTP',
  http2: 'HTTP/2',
  imap: 'IMAP',
  irc: 'IRC',
  kafka: 'Kafka',
  ldap: 'LDAP',
  mongodb: 'MongoDB',
  mqtt: 'MQTT',
  mysql: 'MySQL',
  nntp: 'NNTP',
  pop3: 'POP3',
  postgres: 'PostgreSQL',
  'proxy-protocol': 'the PROXY protocol',
  redis: 'Redis',
  rfb: 'VNC (RFB)',
  rtsp: 'RTSP',
  sieve: 'ManageSieve',
  sip: 'SIP',
  smtp: 'SMTP',
  socks: 'SOCKS',
  ssh: 'SSH',
  tds: 'SQL Server (TDS)',
  tpkt: 'RDP (TPKT)',
  xmpp: 'XMPP',
};
