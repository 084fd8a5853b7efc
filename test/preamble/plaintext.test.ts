import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expectsTls, isGoodbye, plaintextProtocol } from '../../src/preamble/plaintext.js';

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

const CLIENTS: readonly (readonly [words: Uint8Array, protocol: string | null])[] = [
  [ascii('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'http'],
  [ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), 'http2'],
  [hex('10 0c 0004 4d515454 04 02 003c 0000'), 'mqtt'],
  [hex('10 8001 0006 4d5149736470 03 02'), 'mqtt'],
  [hex('300c 020101 6007 020103 0400 8000'), 'ldap'],
  [hex('30840000001d 020101 7718 8016'), 'ldap'],
  [ascii('AMQP\0\0\x09\x01'), 'amqp'],
  [ascii('AMQP\x03\x01\0\0'), 'amqp'],
  [ascii('*1\r\n$4\r\nPING\r\n'), 'redis'],
  [ascii('PING\r\n'), 'redis'],
  [ascii('*2\r\n$8\r\nshutdown\r\n$6\r\nnosave\r\n'), null],
  [hex('0000000d 0012 0002 00000000 0003 617070'), 'kafka'],
  [hex('0000000a 0012 0003 00000001 ffff'), 'kafka'],
  [ascii('SSH-2.0-OpenSSH_9.2\r\n'), 'ssh'],
  [ascii('EHLO me.example\r\n'), 'smtp'],
  [ascii('a1 CAPABILITY\r\n'), 'imap'],
  [ascii("<?xml version='1.0'?><stream:stream to='x'"), 'xmpp'],
  [new Uint8Array([...hex('00000011 00030000'), ...ascii('user\0me\0\0')]), 'postgres'],
  [hex('00000008 04d2162f'), 'postgres'],
  [hex('1201001400000000 01 0006 0001 ff 01 00000000 00'), 'tds'],
  [hex('1001001000000000 0000000000000000'), 'tds'],
  [hex('03000016 11e00000 000100c0 010ac102 0100c202 0102'), 'tpkt'],
  [hex('050100'), 'socks'],
  [ascii('PROXY TCP4 192.0.2.1 198.51.100.1 50000 443\r\n'), 'proxy-protocol'],
  [ascii('OPTIONS sip:x SIP/2.0\r\n'), 'sip'],
  [
    new Uint8Array([
      ...hex('001d 1a2b 0120 0001 0000 0000 0000 01'),
      ...ascii('a'),
      ...hex('07'),
      ...ascii('example'),
      ...hex('00 0001 0001'),
    ]),
    'dns',
  ],
  [
    new Uint8Array([
      ...hex('001d 1a2b 0120 0001 0000 0000 0000 01'),
      ...ascii('a'),
      ...hex('07'),
      ...ascii('example'),
      ...hex('00 0001 7777'),
    ]),
    null,
  ],
  [ascii('<13>1 2026-11-27T21:58:43.6+00:00 host app - - - hello'), 'syslog'],
  [ascii('<34>Oct 11 22:14:15 host su: failed'), 'syslog'],
  [ascii('95 <13>1 2026-11-27T21:58:43.6+00:00 host'), 'syslog'],
  [ascii('<html>'), null],
  [hex('1503030002020a'), null],
  [hex('16030100'), null],
  [ascii('hello there\r\n'), null],
  [new Uint8Array(0), null],
];

const SERVERS: readonly (readonly [words: Uint8Array, protocol: string | null])[] = [
  [ascii('HTTP/1.1 400 Bad Request\r\n'), 'http'],
  [hex('000000 04 00 00000000 000004 08 00 00000000 0000ffff'), 'http2'],
  [hex('00000c 04 00 00000000 0003 00000064 0004 00010000'), 'http2'],
  [hex('000000 04 01 00000000'), null],
  [hex('000005 04 00 00000000 0003000000'), null],
  [hex('000000 04 00 000000'), null],
  [ascii('SSH-2.0-dropbear\r\n'), 'ssh'],
  [ascii('220 mx.example ESMTP\r\n'), 'smtp'],
  [ascii('220 (vsFTPd 3.0.3)\r\n'), 'ftp'],
  [ascii('220 hello\r\n'), null],
  [ascii('+OK Dovecot ready.\r\n'), 'pop3'],
  [ascii('+OK\r\n'), null],
  [ascii('* OK IMAP4rev1\r\n'), 'imap'],
  [ascii('-NOAUTH Authentication required.\r\n'), 'redis'],
  [new Uint8Array([...hex('4a000000 0a'), ...ascii('8.0.36\0'), ...new Uint8Array(20)]), 'mysql'],
  [new Uint8Array([...ascii('E'), ...hex('00000040'), ...ascii('SFATAL\0')]), 'postgres'],
  [hex('300c 020101 6107 0a0100 0400 0400'), 'ldap'],
  [
    new Uint8Array([
      ...hex('002d 1a2b 8180 0001 0001 0000 0000 01'),
      ...ascii('a'),
      ...hex('07'),
      ...ascii('example'),
      ...hex('00 0001 0001'),
      ...hex('c00c 0001 0001 0000003c 0004 0a000001'),
    ]),
    'dns',
  ],
  [hex('0401001400000000 01 0006 0001 ff 01 00000000 00'), 'tds'],
];

for (const [from, cases] of [
  ['client', CLIENTS],
  ['server', SERVERS],
] as const) {
  for (const [words, protocol] of cases) {
    test(`plaintext: ${protocol ?? 'nothing known'} by the ${from}'s ${Buffer.from(words).toString('hex').slice(0, 32)}`, () => {
      assert.equal(plaintextProtocol(words, from), protocol);
    });
  }
}

test('plaintext: servers that say that they expect TLS', () => {
  for (const words of [
    'HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>',
    "HTTP/1.1 400 Bad Request\r\n\r\nReason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
    'HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n',
    'HTTP/1.1 400 \r\n\r\nBad Request\r\nThis combination of host and port requires TLS.\r\n',
    'HTTP/1.0 200 Bad Request\r\n\r\n<h1>Error - Bad Request</h1>\n<pre>This web server is running in SSL mode. Try the URL',
  ]) {
    assert.ok(expectsTls(ascii(words)), words);
  }
  for (const words of [
    'HTTP/1.1 200 OK\r\n\r\n<p>nginx says: The plain HTTP request was sent to HTTPS port</p>',
    'HTTP/1.1 200 OK\r\n\r\n<p>Webmin says: This web server is running in SSL mode</p>',
    ':b!b@c PRIVMSG #go :Client sent an HTTP request to an HTTPS server, why?\r\n',
  ]) {
    assert.ok(!expectsTls(ascii(words)), words);
  }
  assert.ok(!expectsTls(ascii('HTTP/1.1 400 Bad Request\r\n\r\nYour browser sent an invalid request.')));
});

test('plaintext: a client that takes its leave', () => {
  for (const words of [
    'QUIT\r\n',
    'RSET\r\n',
    'RSET\r\nQUIT\r\n',
    'a1 LOGOUT\r\n',
    '</stream:stream>',
    '0\x05\x02\x01\x03B\0',
    '\x01\0\0\0\x01',
  ]) {
    assert.ok(isGoodbye(ascii(words)), words);
  }
  for (const words of [
    'STARTTLS\r\n',
    'RSET\r\nSTARTTLS\r\n',
    'AUTH LOGIN\r\n',
    'a1 LOGIN a b\r\n',
    '\x03\0\0\0\x03',
    '',
  ])
    assert.ok(!isGoodbye(ascii(words)), words);
});

test('plaintext: arbitrary bytes never throw', () => {
  fc.assert(
    fc.property(fc.constantFrom('client', 'server'), fc.uint8Array({ maxLength: 80 }), (from, bytes) => {
      plaintextProtocol(bytes, from);
      expectsTls(bytes);
      isGoodbye(bytes);
    }),
  );
});

test('plaintext: cut and mutated words never throw', () => {
  const samples = [...CLIENTS, ...SERVERS].map(([words]) => words);
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.nat(60), fc.nat(60), fc.nat(255), (words, cut, at, value) => {
      const bytes = words.slice(0, cut);
      if (at < bytes.length) bytes[at] = value;
      plaintextProtocol(bytes, 'client');
      plaintextProtocol(bytes, 'server');
    }),
  );
});

test('text that begins like a greeting, again and again, is looked through once', { timeout: 20_000 }, () => {
  const words = ascii(`+OK ${'<@'.repeat(300)}`);
  for (let times = 0; times < 20_000; times++) assert.equal(plaintextProtocol(words, 'server'), null);
});
