import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { demandOfTls } from '../../src/preamble/demand.js';
import type { Turn } from '../../src/preamble/protocol.js';
import { at } from '../support/connections.js';

/** A conversation: `C ` begins what the client says, and `S ` what the server says. */
const turnsOf = (talk: readonly string[]): Turn[] =>
  talk.map((said, index) => ({
    from: said.startsWith('C ') ? 'client' : 'server',
    bytes: Uint8Array.from(Buffer.from(said.slice(2), 'latin1')),
    frame: index + 1,
    at: at(index / 100),
  }));

const EHLO = ['S 220 mx.example ESMTP\r\n', 'C EHLO a\r\n', 'S 250-mx.example\r\n250 STARTTLS\r\n'];
const MAIL = [...EHLO, 'C MAIL FROM:<a@a.example>\r\n'];
const MUST_ISSUE = 'S 530 5.7.0 Must issue a STARTTLS command first\r\n';
const MYSQL_GREETING = `S \x4a\0\0\0\x0a8.0.36\0${'\0'.repeat(20)}`;
const LDAP_BIND = 'C 0\x0c\x02\x01\x01`\x07\x02\x01\x03\x04\0\x80\0';
const XMPP = ["C <?xml version='1.0'?><stream:stream to='a'>", "S <?xml version='1.0'?><stream:stream from='a'>"];
const INTEGRITY =
  '00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking if SSL\\TLS are not already active on the connection';

const DEMANDS: readonly (readonly [protocol: string, talk: readonly string[]])[] = [
  ['smtp', [...MAIL, MUST_ISSUE]],
  ['smtp', [...MAIL, 'S 530 5.7.3 STARTTLS is required to send mail\r\n']],
  [
    'smtp',
    [...EHLO, 'C AUTH LOGIN\r\n', 'S 530-5.7.0 Must issue a STARTTLS command first. For more\r\n', 'C RSET\r\n'],
  ],
  ['ftp', ['S 220 Welcome\r\n', 'C USER a\r\n', 'S 530 Non-anonymous sessions must use encryption.\r\n', 'C QUIT\r\n']],
  ['ftp', ['S 220 ProFTPD\r\n', 'C USER a\r\n', 'S 550 SSL/TLS required on the control channel\r\n']],
  [
    'ftp',
    [
      'S 220-Welcome\r\n',
      'C USER a\r\n',
      'S 421 Sorry, cleartext sessions and weak ciphers are not accepted on this server.\r\n',
    ],
  ],
  ['ftp', ['S 220 Microsoft FTP Service\r\n', 'C USER a\r\n', 'S 534 Policy requires SSL.\r\n']],
  [
    'imap',
    [
      'S * OK ready\r\n',
      'C a LOGIN b c\r\n',
      'S * BAD [ALERT] Plaintext authentication not allowed\r\na NO [PRIVACYREQUIRED] Plaintext authentication disallowed\r\n',
      'C b LOGOUT\r\n',
    ],
  ],
  [
    'pop3',
    [
      'S +OK ready\r\n',
      'C USER a\r\n',
      'S -ERR [AUTH] Plaintext authentication disallowed on non-secure (SSL/TLS) connections.\r\n',
    ],
  ],
  ['nntp', ['S 200 news\r\n', 'C AUTHINFO USER a\r\n', 'S 483 Encryption or authentication required\r\n']],
  [
    'sieve',
    ['S "IMPLEMENTATION" "a"\r\nOK\r\n', 'C AUTHENTICATE "PLAIN"\r\n', 'S NO (ENCRYPT-NEEDED) "TLS first"\r\n'],
  ],
  [
    'xmpp',
    [
      ...XMPP,
      "C <auth mechanism='PLAIN'>AA==</auth>",
      "S <failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><encryption-required/></failure>",
    ],
  ],
  [
    'mysql',
    [
      MYSQL_GREETING,
      'C \x20\0\0\x01\x05',
      'S \x61\0\0\x02\xff\x57\x0c#08004Connections using insecure transport are prohibited while --require_secure_transport=ON.',
    ],
  ],
  ['ldap', [LDAP_BIND, 'S 0\x24\x02\x01\x01\x61\x1f\x0a\x01\x0d\x04\0\x04\x18confidentiality required']],
];

const RETRIEVED = 'S +OK 200 octets\r\n';
const WITHOUT: readonly (readonly [name: string, talk: readonly string[]])[] = [
  [
    'an answer of Active Directory that signing satisfies as well',
    [LDAP_BIND, `S 0\x84\0\0\0\xa5\x02\x01\x01\x61\x84\0\0\0\x9c\x0a\x01\x08\x04\0\x04\x84\0\0\0\x93${INTEGRITY}`],
  ],
  ['a client that goes on with STARTTLS', [...MAIL, MUST_ISSUE, 'C RSET\r\n', 'S 250 OK\r\n', 'C STARTTLS\r\n']],
  ['a client that goes on in plaintext', [...MAIL, MUST_ISSUE, 'C AUTH LOGIN\r\n']],
  ['a refusal that quotes another server', [...MAIL, `S 550 host mx said: ${MUST_ISSUE.slice(2)}`]],
  ['a page that quotes it', ['C GET / HTTP/1.1\r\n\r\n', `S HTTP/1.1 200 OK\r\n\r\n${MUST_ISSUE.slice(2)}`]],
  ['a page that is only that', ['C GET / HTTP/1.1\r\n\r\n', MUST_ISSUE]],
  ['lines of a page that begin with numbers', ['C GET / HTTP/1.0\r\n\r\n', 'S HTTP/1.0 200 OK\r\n\r\n483 TLS\r\n']],
  [
    'a page that quotes MySQL',
    ['C GET / HTTP/1.1\r\n\r\n', 'S HTTP/1.1 200 OK\r\n\r\nConnections using insecure transport are prohibited while'],
  ],
  [
    'a bounce that a client retrieves',
    ['S +OK ready\r\n', 'C RETR 1\r\n', `${RETRIEVED}host mx said: ${MUST_ISSUE.slice(2)}`, 'C QUIT\r\n'],
  ],
  [
    'a part of a mail that begins with a refusal, behind a command sent ahead',
    [
      'S +OK ready\r\n',
      'C RETR 1\r\n',
      RETRIEVED,
      'C RETR 2\r\n',
      'S -ERR Plaintext authentication disallowed on non-secure (SSL/TLS) connections.\r\n',
    ],
  ],
  [
    'a mail that a client fetches',
    ['S * OK ready\r\n', 'C a FETCH 1 BODY[]\r\n', 'S * 1 FETCH {40}\r\na NO [PRIVACYREQUIRED] said the server\r\n'],
  ],
  ['a number of an article', ['S 200 news\r\n', 'C ARTICLE 1\r\n', 'S 483 apples\r\n']],
  [
    'a chat about it',
    [
      'C NICK a\r\n',
      'S :a 001 a\r\n',
      'C JOIN #b\r\n',
      `S :b!b@c PRIVMSG #b :I get ${MUST_ISSUE.slice(2)}`,
      'C QUIT\r\n',
    ],
  ],
  [
    'a message of XMPP about it',
    [...XMPP, 'C <presence/>', 'S <message><body>&lt;failure&gt;</body><encryption-required/></message>'],
  ],
  ['a log message answered with its words', ['C <13>x\n', 'S [PRIVACYREQUIRED]']],
  [
    'rows of MySQL that hold its words',
    [MYSQL_GREETING, 'C \x03\0\0\0\x03', 'S \x40\0\0\x01\x3eConnections using insecure transport are prohibited'],
  ],
  ['a log-in that FTP refuses', ['S 220 FTP\r\n', 'C USER a\r\n', 'S 530 Login incorrect.\r\n']],
  ['a log-in that IMAP refuses', ['S * OK\r\n', 'C a LOGIN b c\r\n', 'S a NO [AUTHENTICATIONFAILED] Failed.\r\n']],
  ['a log-in that LDAP accepts', [LDAP_BIND, 'S \x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0']],
  ['a log-in to LDAP that must be signed', [LDAP_BIND, 'S \x30\x0f\x02\x01\x01\x61\x0a\x0a\x01\x08\x04\0\x04\x03no!']],
  [
    'a refusal of PostgreSQL, which may be for the address or the user',
    [
      'C \0\0\0\x17\0\x03\0\0user\0a\0\0',
      'S E\0\0\0\x9cSFATAL\0C28000\0Mno pg_hba.conf entry for host "192.0.2.1", user "a", no encryption\0\0',
    ],
  ],
  ['nothing', []],
];

for (const [protocol, talk] of DEMANDS) {
  test(`demand of TLS: ${protocol}, ${JSON.stringify(talk.findLast((said) => said.startsWith('S ')))}`, () => {
    const turns = turnsOf(talk);
    const demand = demandOfTls(turns);
    assert.equal(demand?.protocol, protocol);
    assert.equal(
      demand.turn,
      turns.findLast(({ from }) => from === 'server'),
    );
  });
}

for (const [name, talk] of WITHOUT) {
  test(`demand of TLS: none in ${name}`, () => {
    assert.equal(demandOfTls(turnsOf(talk)), null);
  });
}

test('demand of TLS: arbitrary and cut answers never throw', () => {
  const talks = [...DEMANDS, ...WITHOUT].map(([, talk]) => talk).filter((talk) => talk.length > 0);
  fc.assert(
    fc.property(fc.constantFrom(...talks), fc.nat(60), fc.uint8Array({ maxLength: 60 }), (talk, cut, bytes) => {
      const turns = turnsOf(talk);
      demandOfTls(turns.map((turn) => ({ ...turn, bytes: turn.bytes.slice(0, cut) })));
      demandOfTls(turns.map((turn, index) => (index === turns.length - 1 ? { ...turn, bytes } : turn)));
    }),
  );
});
