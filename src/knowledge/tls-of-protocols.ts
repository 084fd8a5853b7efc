import type { PlaintextProtocol } from '../preamble/plaintext.js';
import type { PreambleKind } from '../preamble/preamble.js';

/** How a protocol and TLS come together. */
export interface TlsOfProtocol {
  /** Its way from plaintext to TLS. */
  readonly preamble?: PreambleKind;
  /** The port at which it begins with TLS (IANA Service Names). */
  readonly port?: number;
  /** What programs call it in plaintext, and inside TLS: URI schemes and service names of IANA. */
  readonly schemes?: readonly [plain: string, secure: string];
}

/** The protocols of which one of these is known. */
export const TLS_OF_PROTOCOLS: Readonly<Partial<Record<PlaintextProtocol, TlsOfProtocol>>> = {
  amqp: { port: 5671, schemes: ['amqp://', 'amqps://'] },
  dns: { port: 853, schemes: ['DNS', 'DNS over TLS'] },
  ftp: { preamble: 'ftp-starttls', port: 990, schemes: ['ftp://', 'ftps://'] },
  imap: { preamble: 'imap-starttls', port: 993, schemes: ['imap', 'imaps'] },
  irc: { preamble: 'irc-starttls', port: 6697, schemes: ['irc://', 'ircs://'] },
  ldap: { preamble: 'ldap-starttls', port: 636, schemes: ['ldap://', 'ldaps://'] },
  mqtt: { port: 8883, schemes: ['mqtt://', 'mqtts://'] },
  mysql: { preamble: 'mysql' },
  nntp: { preamble: 'nntp-starttls', port: 563, schemes: ['NNTP', 'NNTP over TLS'] },
  pop3: { preamble: 'pop3-starttls', port: 995, schemes: ['pop3', 'pop3s'] },
  postgres: { preamble: 'postgres' },
  redis: { schemes: ['redis://', 'rediss://'] },
  rtsp: { port: 322, schemes: ['rtsp://', 'rtsps://'] },
  sieve: { preamble: 'sieve-starttls' },
  sip: { port: 5061, schemes: ['sip:', 'sips:'] },
  smtp: { preamble: 'smtp-starttls', port: 465, schemes: ['smtp', 'smtps'] },
  syslog: { port: 6514, schemes: ['syslog over TCP', 'syslog over TLS'] },
  tds: { preamble: 'mssql' },
  tpkt: { preamble: 'rdp' },
  xmpp: { preamble: 'xmpp-starttls', port: 5223 },
};

/**
 * Protocols that begin in plaintext at these ports (IANA Service Names; that of Kafka is its default), whether the client or the
 * server speaks first.
 */
export const PROTOCOL_AT: ReadonlyMap<number, PlaintextProtocol> = new Map([
  [21, 'ftp'],
  [22, 'ssh'],
  [25, 'smtp'],
  [80, 'http'],
  [110, 'pop3'],
  [119, 'nntp'],
  [143, 'imap'],
  [389, 'ldap'],
  [587, 'smtp'],
  [1433, 'tds'],
  [1883, 'mqtt'],
  [3268, 'ldap'],
  [3306, 'mysql'],
  [3389, 'tpkt'],
  [4190, 'sieve'],
  [5222, 'xmpp'],
  [5432, 'postgres'],
  [5672, 'amqp'],
  [6379, 'redis'],
  [6667, 'irc'],
  [8080, 'http'],
  [9092, 'kafka'],
  [27017, 'mongodb'],
]);
