import { BOUNDS } from '../bounds.js';
import { i32, latin1, u16, u32le, u8 } from '../bytes.js';
import { isMysqlGreeting } from './mysql.js';
import type { Turn } from './protocol.js';
import { isProxyHeader } from './proxy-protocol.js';
import { isSocks5Greeting, target4 } from './socks.js';

/** The protocols that are recognised by the first plaintext of a side. */
export type PlaintextProtocol =
  | 'amqp'
  | 'dns'
  | 'ftp'
  | 'http'
  | 'http2'
  | 'imap'
  | 'irc'
  | 'kafka'
  | 'ldap'
  | 'mongodb'
  | 'mqtt'
  | 'mysql'
  | 'nntp'
  | 'pop3'
  | 'postgres'
  | 'proxy-protocol'
  | 'redis'
  | 'rfb'
  | 'rtsp'
  | 'sieve'
  | 'sip'
  | 'smtp'
  | 'socks'
  | 'ssh'
  | 'syslog'
  | 'tds'
  | 'tpkt'
  | 'xmpp';

/** How the first bytes of one side identify a protocol: as text, or by its structure. */
type Sign = RegExp | ((bytes: Uint8Array) => boolean);

interface Signature {
  readonly protocol: PlaintextProtocol;
  readonly client?: Sign;
  readonly server?: Sign;
}

/** Bytes of a turn that are searched as text. */
const MAX_TEXT = BOUNDS.preambleTextBytes.value;

const STREAM_HEADER = /^(?:<\?xml [^>]{0,80}\?>\s*)?<stream:stream\b/;

/**
 * How the protocols begin, the stricter patterns first. What two of them may begin with (`+OK`, `220`, `USER`) counts
 * only together with a more specific word.
 */
const SIGNATURES: readonly Signature[] = [
  { protocol: 'proxy-protocol', client: isProxyHeader },
  { protocol: 'http2', client: /^PRI \* HTTP\/2\.0\r\n\r\nSM\r\n\r\n/, server: isHttp2Settings },
  { protocol: 'rtsp', client: /^[A-Z_]{4,13} rtsp:\/\/\S+ RTSP\/1\.0\r\n/, server: /^RTSP\/1\.0 \d{3} / },
  { protocol: 'sip', client: /^[A-Z]{3,9} sips?:\S+ SIP\/2\.0\r\n/, server: /^SIP\/2\.0 \d{3} / },
  {
    protocol: 'http',
    client: /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|PROPFIND) \S{1,400}(?: HTTP\/1\.[01]\r?\n|$)/,
    server: /^HTTP\/1\.[01] \d{3}\b/,
  },
  { protocol: 'ssh', client: /^SSH-(?:2\.0|1\.\d{1,2})-/, server: /^SSH-(?:2\.0|1\.\d{1,2})-/ },
  { protocol: 'rfb', client: /^RFB \d{3}\.\d{3}\n/, server: /^RFB \d{3}\.\d{3}\n/ },
  { protocol: 'xmpp', client: STREAM_HEADER, server: STREAM_HEADER },
  {
    protocol: 'syslog',
    client: /^(?:[1-9]\d{0,5} )?<\d{1,3}>(?:1 (?:-|\d{4}-\d\d-\d\dT)|[A-Z][a-z]{2} [ \d]\d \d\d:)/,
  },
  { protocol: 'mqtt', client: isMqttConnect },
  { protocol: 'amqp', client: isAmqpHeader, server: isAmqpHeader },
  { protocol: 'dns', client: isDns(0), server: isDns(1) },
  { protocol: 'ldap', client: isLdap(0x60, 0x63, 0x77), server: isLdap(0x61, 0x64, 0x65, 0x78) },
  { protocol: 'postgres', client: isPostgresStart, server: isPostgresAnswer },
  { protocol: 'tds', client: isTds(0x12, 0x10), server: isTds(0x04) },
  { protocol: 'tpkt', client: isTpkt, server: isTpkt },
  { protocol: 'mongodb', client: isMongo, server: isMongo },
  { protocol: 'mysql', server: isMysqlGreeting },
  {
    protocol: 'socks',
    client: (bytes) => (isSocks5Greeting(bytes) && bytes.length === 2 + u8(bytes, 1)) || target4(bytes) !== null,
  },
  {
    protocol: 'redis',
    // Not the one request that is not answered: a server that closes on it tells nothing.
    client: /^(?:\*\d{1,4}\r\n\$\d{1,6}\r\n(?!SHUTDOWN\r\n)|(?:PING|INFO)\r?\n|AUTH \S+(?: \S+)?\r?\n|HELLO [23]\b)/i,
    server: /^(?:\+PONG|-NOAUTH|-WRONGPASS|-NOPERM|-DENIED|-ERR (?:unknown command|Client sent AUTH))/,
  },
  { protocol: 'smtp', client: /^(?:EHLO|HELO|LHLO) \S+/i, server: /^220[ -][^\r\n]*(?:SMTP|LMTP|\*{6})/i },
  { protocol: 'ftp', client: /^AUTH (?:TLS|SSL)\r?\n/i, server: /^220[ -][^\r\n]*FTP/i },
  {
    protocol: 'imap',
    client: /^\S{1,20} (?:CAPABILITY|LOGIN|STARTTLS|AUTHENTICATE|ID|NOOP)\b/i,
    server: /^\* (?:OK|PREAUTH|BYE)\b/i,
  },
  { protocol: 'pop3', client: /^(?:CAPA|STLS)\r?\n/i, server: /^\+OK\b[^\r\n]*(?:POP|<[^<>@]+@[^<>@]+>|ready)/i },
  { protocol: 'nntp', client: /^(?:MODE READER|CAPABILITIES)\r?\n/i, server: /^20[01] [^\r\n]*(?:NNTP|news)/i },
  { protocol: 'sieve', server: /^"IMPLEMENTATION" /i },
  { protocol: 'irc', client: /^(?:CAP LS\b|NICK \S+\r?\n)/i, server: /^(?::\S+ )?NOTICE (?:AUTH|\*) /i },
  { protocol: 'kafka', client: isKafkaRequest },
];

/** The protocol of a side's first plaintext, or null if it is unknown. Never throws. */
export function plaintextProtocol(bytes: Uint8Array, from: Turn['from']): PlaintextProtocol | null {
  const text = latin1(bytes, 0, Math.min(bytes.length, MAX_TEXT));
  const found = SIGNATURES.find((signature) => {
    const sign = signature[from];
    return sign instanceof RegExp ? sign.test(text) : sign?.(bytes) === true;
  });
  return found?.protocol ?? null;
}

/**
 * What servers answer in plaintext to a plaintext request where they expect TLS: nginx and derivatives; Apache; Go;
 * Tomcat; CherryPy. Pages that quote it have another status.
 */
const EXPECTS_TLS =
  /The plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|Client sent an HTTP request to an HTTPS server|This combination of host and port requires TLS|sent a plain HTTP request, but this server only speaks HTTPS/;
const BAD_REQUEST = /^HTTP\/1\.[01] 400 /;

/** As Webmin answers, with status 200. */
const WEBMIN_EXPECTS_TLS =
  />Error - (?:Bad Request|Document follows)<\/h\d>\s*<(?:p|pre)>This web server is running in SSL mode/;

/** Whether a server says in plaintext that it expects TLS on this port. */
export function expectsTls(bytes: Uint8Array): boolean {
  const text = latin1(bytes);
  return BAD_REQUEST.test(text) ? EXPECTS_TLS.test(text) : WEBMIN_EXPECTS_TLS.test(text);
}

/** A line that a client says when it gives up. */
const GOODBYE = /^(?:(?:\S{1,20} )?(?:QUIT|LOGOUT|RSET)\b|<\/stream:stream>)/i;
/** COM_QUIT of MySQL. */
const COM_QUIT = '\x01\0\0\0\x01';
const isUnbind = isLdap(0x42);

/** Whether what a client says is nothing but its leave. Never throws. */
export function isGoodbye(bytes: Uint8Array): boolean {
  const text = latin1(bytes, 0, Math.min(bytes.length, MAX_TEXT));
  const isLeave = text
    .trimEnd()
    .split(/\r?\n/)
    .every((line) => GOODBYE.test(line));
  return isLeave || text.startsWith(COM_QUIT) || isUnbind(bytes);
}

/** The bytes of an HTTP/2 frame's header, and of one setting (RFC 9113 §4.1, §6.5.1). */
const HTTP2_HEADER = 9;
const HTTP2_SETTING = 6;

/**
 * The SETTINGS frame with which an HTTP/2 server begins (RFC 9113 §3.4): whole settings, no flag, stream 0. Node.js and gRPC
 * for Go send it before they have read what the client sends.
 */
function isHttp2Settings(bytes: Uint8Array): boolean {
  if (bytes.length < HTTP2_HEADER || u8(bytes, 0) !== 0 || u16(bytes, 1) % HTTP2_SETTING !== 0) return false;
  return latin1(bytes, 3, HTTP2_HEADER) === '\x04\0\0\0\0\0';
}

/** CONNECT of MQTT (OASIS MQTT 3.1.1 §3.1): its remaining length, and the protocol's name; MQIsdp is that of 3.1. */
function isMqttConnect(bytes: Uint8Array): boolean {
  if (bytes.length < 8 || u8(bytes, 0) !== 0x10) return false;
  let at = 1;
  while (at < 5 && (u8(bytes, at) & 0x80) !== 0) at++;
  const name = latin1(bytes, Math.min(at + 1, bytes.length), Math.min(at + 9, bytes.length));
  return name.startsWith('\0\x04MQTT') || name === '\0\x06MQIsdp';
}

/** The protocol header of AMQP 0-9-1 and 1.0: a protocol id (0, 2 for TLS, 3 for SASL), and the version. */
function isAmqpHeader(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && latin1(bytes, 0, 4) === 'AMQP' && u8(bytes, 4) <= 3 && u8(bytes, 5) <= 9;
}

/** The longest name of the DNS (RFC 1035 §3.1). */
const MAX_NAME = 255;

/** A standard query over TCP, or its answer: the length, and a header that has one question (RFC 1035 §4.1.1, §4.2.2). */
function isDns(response: 0 | 1): (bytes: Uint8Array) => boolean {
  return (bytes) => {
    if (bytes.length < 2 + 12 + 5 || u16(bytes, 0) < 12 + 5) return false;
    const flags = u16(bytes, 4);
    if (flags >> 15 !== response || ((flags >> 11) & 0xf) !== 0 || u16(bytes, 6) !== 1) return false;
    if (response === 0 && (u16(bytes, 8) !== 0 || u16(bytes, 10) !== 0)) return false;
    let at = 14;
    while (at < bytes.length && at < 14 + MAX_NAME && u8(bytes, at) > 0 && u8(bytes, at) < 64) at += 1 + u8(bytes, at);
    return (
      at + 5 <= Math.min(bytes.length, 2 + u16(bytes, 0)) && u8(bytes, at) === 0 && DNS_CLASSES.has(u16(bytes, at + 3))
    );
  };
}

/** IN, CH and ANY (RFC 1035 §3.2.4). */
const DNS_CLASSES: ReadonlySet<number> = new Set([1, 3, 255]);

/** An LDAPMessage (RFC 4511 §4.1.1): a sequence of a message id and one of these operations. */
function isLdap(...operations: readonly number[]): (bytes: Uint8Array) => boolean {
  return (bytes) => {
    if (bytes.length < 7 || u8(bytes, 0) !== 0x30) return false;
    const length = u8(bytes, 1);
    if (length > 0x84) return false;
    const id = length < 0x80 ? 2 : 2 + (length & 0x7f);
    if (id + 2 > bytes.length || u8(bytes, id) !== 2) return false;
    const operation = id + 2 + u8(bytes, id + 1);
    return u8(bytes, id + 1) <= 4 && operation < bytes.length && operations.includes(u8(bytes, operation));
  };
}

/** PostgreSQL: a StartupMessage of protocol 2 or 3, or a request for encryption or to cancel. */
function isPostgresStart(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false;
  const length = i32(bytes, 0);
  const code = i32(bytes, 4);
  const isRequest = code >= 80877102 && code <= 80877104;
  const isStart = code >> 16 === 3 && (code & 0xffff) < 8 && latin1(bytes, 8, Math.min(13, bytes.length)) === 'user\0';
  return length >= 8 && length <= 10000 && (isRequest || isStart);
}

/** PostgreSQL: an error with its severity, or a request for a log-in. */
function isPostgresAnswer(bytes: Uint8Array): boolean {
  if (bytes.length < 9) return false;
  const text = latin1(bytes, 5, Math.min(16, bytes.length));
  if (u8(bytes, 0) === 0x45) return /^S(?:ERROR|FATAL|PANIC)\0/.test(text);
  return (
    u8(bytes, 0) === 0x52 && i32(bytes, 1) >= 8 && i32(bytes, 1) < 256 && i32(bytes, 5) <= 12 && i32(bytes, 5) >= 0
  );
}

/** A packet of SQL Server (MS-TDS §2.2.3.1) of one of these types, the only or first one of its message. */
function isTds(...types: readonly number[]): (bytes: Uint8Array) => boolean {
  return (bytes) =>
    bytes.length >= 12 &&
    types.includes(u8(bytes, 0)) &&
    u8(bytes, 1) <= 1 &&
    u16(bytes, 2) >= 12 &&
    u16(bytes, 2) <= bytes.length &&
    u8(bytes, 7) === 0;
}

/** ISO transport over TCP (RFC 1006), with which RDP, S7 and MMS begin: a connection request or confirm. */
function isTpkt(bytes: Uint8Array): boolean {
  if (bytes.length < 11 || u16(bytes, 0) !== 0x0300) return false;
  const length = u16(bytes, 2);
  const type = u8(bytes, 5) & 0xf0;
  return length >= 11 && length <= bytes.length && u8(bytes, 4) === length - 5 && (type === 0xe0 || type === 0xd0);
}

/** A message of MongoDB: OP_MSG or OP_QUERY, or their answer. */
function isMongo(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || u32le(bytes, 0) < 16 || u32le(bytes, 0) > 48_000_000) return false;
  const code = u32le(bytes, 12);
  return code === 1 || code === 2004 || code === 2013;
}

/** The highest key and version of an API that are accepted as Kafka's; they grow by a few each year. */
const MAX_API_KEY = 100;
const MAX_API_VERSION = 20;

/** A request of Kafka: its length, API key and version, correlation id, and the client's name. */
function isKafkaRequest(bytes: Uint8Array): boolean {
  if (bytes.length < 14) return false;
  const length = i32(bytes, 0);
  if (length < 10 || length > 1 << 20 || u16(bytes, 4) > MAX_API_KEY || u16(bytes, 6) > MAX_API_VERSION) return false;
  const name = u16(bytes, 12);
  if (name === 0xffff) return length >= bytes.length - 4;
  const end = 14 + name;
  return (
    name > 0 && name < 256 && end <= bytes.length && end <= length + 4 && /^[\x20-\x7e]+$/.test(latin1(bytes, 14, end))
  );
}
