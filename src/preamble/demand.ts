import { BOUNDS } from '../bounds.js';
import { latin1 } from '../bytes.js';
import { isMysqlGreeting } from './mysql.js';
import { isGoodbye, plaintextProtocol, type PlaintextProtocol } from './plaintext.js';
import type { Turn } from './protocol.js';

// Servers that begin in plaintext, and say that they serve a client over TLS only.

/** What a turn says: as text that begins so, or by its structure. */
type Sign = RegExp | ((bytes: Uint8Array) => boolean);

/**
 * How a protocol's servers demand TLS. Mails, pages and chats quote such words: they count only in this protocol, as the beginning
 * of the server's answer to such a command.
 */
interface Demand {
  readonly protocol: PlaintextProtocol;
  /** The first turn of the side that shows the protocol. */
  readonly begins: { readonly from: Turn['from']; readonly words: Sign };
  /** The client's turn before the answer. */
  readonly command: Sign;
  readonly answer: Sign;
}

const isAny = (): boolean => true;

/** By Postfix, Exchange and Gmail (RFC 3207 §4); vsftpd, ProFTPD, Pure-FTPd and IIS; Dovecot; INN; Prosody; MySQL and MariaDB. */
const DEMANDS: readonly Demand[] = [
  {
    protocol: 'smtp',
    begins: { from: 'server', words: /^220[ -]/ },
    command: /^(?:MAIL FROM:|AUTH )/i,
    answer: /^(?:530|45[14])[ -](?:\d\.\d{1,3}\.\d{1,3} )?(?:Must issue (?:a )?STARTTLS|STARTTLS is required)\b/i,
  },
  {
    protocol: 'ftp',
    begins: { from: 'server', words: /^220[ -]/ },
    command: /^(?:USER|PASS) /i,
    answer:
      /^(?:530 Non-anonymous sessions must use encryption|5(?:22|50) SSL\/TLS required\b|421 [^\r\n]{0,40}cleartext sessions|534 Policy requires SSL)/i,
  },
  {
    protocol: 'imap',
    begins: { from: 'server', words: /^\* OK\b/i },
    command: /^\S{1,20} (?:LOGIN|AUTHENTICATE)\b/i,
    // RFC 5530 §3. Dovecot says an alert before.
    answer: /^(?:\* [^\r\n]*\r\n){0,4}[^\s*+]{1,20} NO \[PRIVACYREQUIRED\]/i,
  },
  {
    protocol: 'pop3',
    begins: { from: 'server', words: /^\+OK\b/ },
    command: /^(?:USER|PASS|APOP|AUTH) /i,
    answer: /^-ERR (?:\[AUTH\] )?Plaintext authentication disallowed on non-secure/i,
  },
  {
    protocol: 'nntp',
    begins: { from: 'server', words: /^20[01] / },
    command: /^[A-Z]{4,12}\b/i,
    // RFC 4643 §2.3.1; the number alone may also begin a line of an article.
    answer: /^483 [^\r\n]{0,80}(?:encrypt|secur|TLS|SSL)/i,
  },
  {
    protocol: 'sieve',
    begins: { from: 'server', words: /^"IMPLEMENTATION" /i },
    command: /^AUTHENTICATE /i,
    // RFC 5804 §1.3.
    answer: /^NO \(ENCRYPT-NEEDED\)/i,
  },
  {
    protocol: 'xmpp',
    begins: { from: 'client', words: (bytes) => plaintextProtocol(bytes, 'client') === 'xmpp' },
    command: /^<auth\b/,
    // RFC 6120 §6.5.4.
    answer: /^<failure\b[^<>]{0,120}>\s*<encryption-required\b/,
  },
  {
    protocol: 'mysql',
    begins: { from: 'server', words: isMysqlGreeting },
    command: isAny,
    // An error packet: its length, its number, 0xff, a code, and mostly an SQL state.
    answer: /^[^]{2}\0[^]\xff[^]{2}(?:#[0-9A-Z]{5})?Connections using insecure transport are prohibited\b/,
  },
  {
    protocol: 'ldap',
    begins: { from: 'client', words: (bytes) => plaintextProtocol(bytes, 'client') === 'ldap' },
    command: isAny,
    answer: isLdapDemand,
  },
];

const MAX_TEXT = BOUNDS.preambleTextBytes.value;

function says({ bytes }: Turn, sign: Sign): boolean {
  return sign instanceof RegExp ? sign.test(latin1(bytes, 0, Math.min(bytes.length, MAX_TEXT))) : sign(bytes);
}

/**
 * The turn in which the server says that it serves this client over TLS only, if the client does nothing but leave after that, and
 * the protocol that they speak; null if there is none. PostgreSQL's "no pg_hba.conf entry … no encryption" is none: it comes as well
 * if the address or the user is the reason. Never throws.
 */
export function demandOfTls<T extends Turn>(
  turns: readonly T[],
): { readonly turn: T; readonly protocol: PlaintextProtocol } | null {
  const index = turns.findLastIndex(({ from, bytes }) => from === 'client' && !isGoodbye(bytes));
  const command = turns[index];
  const turn = turns[index + 1];
  if (command === undefined || turn?.from !== 'server') return null;
  const found = DEMANDS.find(({ begins, ...demand }) => {
    const first = turns.slice(0, index + 1).find(({ from }) => from === begins.from);
    return (
      first !== undefined && says(first, begins.words) && says(command, demand.command) && says(turn, demand.answer)
    );
  });
  return found === undefined ? null : { turn, protocol: found.protocol };
}

/** The operations that answer with an LDAPResult (RFC 4511 §4.1.9). */
const LDAP_RESULTS: ReadonlySet<number | undefined> = new Set([0x61, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, 0x78]);
const CONFIDENTIALITY_REQUIRED = 13;

/** Whether an LDAP server answers with confidentialityRequired. To strongerAuthRequired (8), signing is an answer as well. */
function isLdapDemand(bytes: Uint8Array): boolean {
  const content = (at: number): number => at + 2 + ((bytes[at + 1] ?? 0) < 0x80 ? 0 : (bytes[at + 1] ?? 0) & 0x7f);
  const id = content(0);
  const operation = id + 2 + (bytes[id + 1] ?? 0);
  const result = content(operation);
  const isResult = bytes[0] === 0x30 && bytes[id] === 2 && LDAP_RESULTS.has(bytes[operation]);
  if (!isResult || bytes[result] !== 0x0a || bytes[result + 1] !== 1) return false;
  return bytes[result + 2] === CONFIDENTIALITY_REQUIRED;
}
