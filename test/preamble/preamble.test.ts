import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { recognisePreamble, type Preamble } from '../../src/preamble/preamble.js';
import type { Turn } from '../../src/preamble/protocol.js';

/** Turns follow each other frame by frame, from frame 1. */
const place = (index: number): Pick<Turn, 'frame' | 'at'> => ({
  frame: index + 1,
  at: { seconds: index, nanoseconds: 0, digits: 6 },
});

/** Turns from text (`C: …`, `S: …`) or bytes. */
function turns(...said: readonly (string | readonly ['C' | 'S', readonly number[]])[]): Turn[] {
  return said.map((turn, index) => {
    const [who, bytes] =
      typeof turn === 'string'
        ? [turn.slice(0, 1), Buffer.from(turn.slice(3), 'latin1')]
        : [turn[0], Uint8Array.from(turn[1])];
    return { from: who === 'C' ? 'client' : 'server', bytes, ...place(index) };
  });
}

const hex = (text: string): number[] => [...Buffer.from(text.replaceAll(' ', ''), 'hex')];
const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

type Expected = Partial<Preamble> | null;

const CASES: readonly (readonly [name: string, said: Turn[], expected: Expected])[] = [
  [
    'SMTP as openssl s_client speaks it (3.0.22)',
    turns('S: 220 x\r\n', 'C: EHLO mail.example.com\r\n', 'S: 250 STARTTLS\r\n', 'C: STARTTLS\r\n', 'S: 220 go\r\n'),
    { kind: 'smtp-starttls', state: 'accepted', isByOpenssl: true },
  ],
  [
    'IMAP as openssl s_client speaks it (3.0.22)',
    turns(
      'S: * OK x\r\n',
      'C: . CAPABILITY\r\n',
      'S: * CAPABILITY STARTTLS\r\n',
      'C: . STARTTLS\r\n',
      'S: . OK go\r\n',
    ),
    { kind: 'imap-starttls', state: 'accepted', isByOpenssl: true },
  ],
  [
    'FTP refused one way, and accepted another (curl)',
    turns('S: 220 ready\r\n', 'C: AUTH SSL\r\n', 'S: 530 no\r\n', 'C: AUTH TLS\r\n', 'S: 234 go ahead\r\n'),
    { kind: 'ftp-starttls', state: 'accepted', reply: '234 go ahead' },
  ],
  [
    'FTP refused both ways',
    turns('S: 220 ready\r\n', 'C: AUTH SSL\r\n', 'S: 530 no\r\n', 'C: AUTH TLS\r\n', 'S: 500 no\r\n'),
    { kind: 'ftp-starttls', state: 'refused', reply: '500 no' },
  ],
  [
    'FTP refused both ways, and the client logs in without encryption (curl --ssl)',
    turns('S: 220 ready\r\n', 'C: AUTH SSL\r\n', 'S: 530 no\r\n', 'C: AUTH TLS\r\n', 'S: 500 no\r\n', 'C: USER me\r\n'),
    { kind: 'ftp-starttls', state: 'declined', reply: '500 no' },
  ],
  [
    'SMTP refused, and the client hands over its mail without encryption',
    turns(
      'S: 220 mx\r\n',
      'C: EHLO me\r\n',
      'S: 250-mx\r\n250 STARTTLS\r\n',
      'C: STARTTLS\r\n',
      'S: 454 no\r\n',
      'C: MAIL FROM:<a@b.example>\r\n',
    ),
    { kind: 'smtp-starttls', state: 'declined', reply: '454 no' },
  ],
  [
    'IMAP refused, and the client logs in without encryption',
    turns('S: * OK hi\r\n', 'C: a1 STARTTLS\r\n', 'S: a1 BAD no\r\n', 'C: a2 LOGIN me secret\r\n'),
    { kind: 'imap-starttls', state: 'declined', reply: 'a1 BAD no' },
  ],
  [
    'FTP refused one way, and not answered the other way',
    turns('S: 220 ready\r\n', 'C: AUTH SSL\r\n', 'S: 530 no\r\n', 'C: AUTH TLS\r\n'),
    { kind: 'ftp-starttls', state: 'requested', reply: null },
  ],
  [
    'LDAP, answered in another protocol',
    turns(['C', [...hex('301d02010177188016'), ...ascii('1.3.6.1.4.1.1466.20037')]], 'S: HTTP/1.1 400 Bad Request\r\n'),
    { kind: 'ldap-starttls', state: 'requested', reply: 'HTTP/1.1 400 Bad Request' },
  ],
  [
    'CONNECT, answered in another protocol',
    turns('C: CONNECT a.example:443 HTTP/1.1\r\n\r\n', 'S: SSH-2.0-OpenSSH_9.2\r\n'),
    { kind: 'http-connect', state: 'requested', reply: 'SSH-2.0-OpenSSH_9.2' },
  ],
  [
    'SMTP accepted',
    turns(
      'S: 220 mx ESMTP\r\n',
      'C: EHLO me\r\n',
      'S: 250-mx\r\n250 STARTTLS\r\n',
      'C: STARTTLS\r\n',
      'S: 220 go ahead\r\n',
    ),
    { kind: 'smtp-starttls', state: 'accepted', reply: '220 go ahead' },
  ],
  [
    'SMTP refused',
    turns(
      'S: 220 mx\r\n',
      'C: EHLO me\r\n',
      'S: 250 mx\r\n',
      'C: STARTTLS\r\n',
      'S: 454 TLS not available\r\n',
      'C: QUIT\r\n',
      'S: 221 bye\r\n',
    ),
    { kind: 'smtp-starttls', state: 'refused', reply: '454 TLS not available' },
  ],
  [
    'SMTP without STARTTLS',
    turns('S: 220 mx\r\n', 'C: EHLO me\r\n', 'S: 250 mx\r\n', 'C: QUIT\r\n'),
    { kind: 'smtp-starttls', state: 'not-offered', reply: null },
  ],
  [
    'SMTP, the offer masked by a firewall',
    turns('S: 220 ****\r\n', 'C: EHLO me\r\n', 'S: 250-mx\r\n250-XXXXXXXA\r\n250 8BITMIME\r\n', 'C: QUIT\r\n'),
    { kind: 'smtp-starttls', state: 'masked' },
  ],
  [
    'SMTP, the offer masked, and the request as well',
    turns(
      'S: 220 mx\r\n',
      'C: EHLO me\r\n',
      'S: 250-mx\r\n250 XXXXXXXA\r\n',
      'C: STARTTLS\r\n',
      'S: 500 5.5.1 Command unrecognized: "XXXXXXXX"\r\n',
      'C: QUIT\r\n',
    ),
    { kind: 'smtp-starttls', state: 'masked', reply: '500 5.5.1 Command unrecognized: "XXXXXXXX"' },
  ],
  [
    'SMTP, STARTTLS on offer and not taken',
    turns(
      'S: 220 mx\r\n',
      'C: EHLO me\r\n',
      'S: 250-mx\r\n250 STARTTLS\r\n',
      'C: MAIL FROM:<a@b>\r\n',
      'S: 250 ok\r\n',
    ),
    { kind: 'smtp-starttls', state: 'offered' },
  ],
  ['SMTP without EHLO', turns('S: 220 mx\r\n', 'C: HELO me\r\n', 'S: 250 mx\r\n', 'C: QUIT\r\n'), null],
  [
    'IMAP with STARTTLS in the greeting, and without it once the client has logged in',
    turns(
      'S: * OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n',
      'C: a LOGIN u p\r\n',
      'S: * CAPABILITY IMAP4rev1 IDLE\r\na OK\r\n',
    ),
    { kind: 'imap-starttls', state: 'offered' },
  ],
  [
    'IMAP without STARTTLS',
    turns('S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready\r\n', 'C: a LOGIN u p\r\n', 'S: a OK\r\n'),
    { kind: 'imap-starttls', state: 'not-offered' },
  ],
  [
    'POP3 without STLS',
    turns('S: +OK hi\r\n', 'C: CAPA\r\n', 'S: +OK\r\nTOP\r\n.\r\n', 'C: QUIT\r\n'),
    { kind: 'pop3-starttls', state: 'not-offered' },
  ],
  [
    'FTP with AUTH TLS on offer',
    turns('S: 220 ftp\r\n', 'C: FEAT\r\n', 'S: 211-Features:\r\n AUTH TLS\r\n211 End\r\n', 'C: USER u\r\n'),
    { kind: 'ftp-starttls', state: 'offered' },
  ],
  [
    'XMPP without STARTTLS',
    turns(
      "C: <?xml version='1.0'?><stream:stream to='x'>",
      'S: <stream:stream><stream:features><bind/></stream:features>',
    ),
    { kind: 'xmpp-starttls', state: 'not-offered' },
  ],
  [
    'IMAP',
    turns('S: * OK ready\r\n', 'C: a1 STARTTLS\r\n', 'S: a1 OK begin\r\n'),
    { kind: 'imap-starttls', state: 'accepted' },
  ],
  [
    'IMAP refused',
    turns('S: * OK ready\r\n', 'C: a1 STARTTLS\r\n', 'S: a1 BAD unknown\r\n'),
    { kind: 'imap-starttls', state: 'refused', reply: 'a1 BAD unknown' },
  ],
  ['POP3', turns('S: +OK hi\r\n', 'C: STLS\r\n', 'S: -ERR no\r\n'), { kind: 'pop3-starttls', state: 'refused' }],
  [
    'FTP',
    turns('S: 220 ftp\r\n', 'C: AUTH TLS\r\n', 'S: 234 proceed\r\n'),
    { kind: 'ftp-starttls', state: 'accepted', reply: '234 proceed' },
  ],
  [
    'FTP refused',
    turns('S: 220 ftp\r\n', 'C: AUTH TLS\r\n', 'S: 502 no\r\n'),
    { kind: 'ftp-starttls', state: 'refused' },
  ],
  ['NNTP', turns('S: 200 news\r\n', 'C: STARTTLS\r\n', 'S: 382 go\r\n'), { kind: 'nntp-starttls', state: 'accepted' }],
  [
    'Sieve',
    turns('S: "IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK\r\n', 'C: STARTTLS\r\n', 'S: OK "begin"\r\n'),
    { kind: 'sieve-starttls', state: 'accepted' },
  ],
  ['IRC', turns('C: STARTTLS\r\n', 'S: :irc 691 me :no\r\n'), { kind: 'irc-starttls', state: 'refused' }],
  [
    'XMPP',
    turns(
      "C: <?xml version='1.0'?><stream:stream to='x'>",
      'S: <stream:features><starttls/></stream:features>',
      "C: <starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
      "S: <proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ),
    { kind: 'xmpp-starttls', state: 'accepted' },
  ],
  [
    'LDAP',
    turns(
      ['C', [...hex('301d 0201 01 7718 8016'), ...ascii('1.3.6.1.4.1.1466.20037')]],
      ['S', hex('300c 0201 01 7807 0a0100 0400 0400')],
    ),
    { kind: 'ldap-starttls', state: 'accepted' },
  ],
  [
    'LDAP refused',
    turns(
      ['C', [...hex('301d 0201 01 7718 8016'), ...ascii('1.3.6.1.4.1.1466.20037')]],
      ['S', hex('300c 0201 01 7807 0a0102 0400 0400')],
    ),
    { kind: 'ldap-starttls', state: 'refused' },
  ],
  [
    'LDAP refused, and the client logs in without TLS',
    turns(
      ['C', [...hex('301d 0201 01 7718 8016'), ...ascii('1.3.6.1.4.1.1466.20037')]],
      ['S', hex('300c 0201 01 7807 0a0134 0400 0400')],
      ['C', hex('300c 0201 02 6007 020103 0400 8000')],
      ['S', hex('300c 0201 02 6107 0a0100 0400 0400')],
    ),
    { kind: 'ldap-starttls', state: 'declined' },
  ],
  [
    'LDAP refused, and the log-in without TLS too',
    turns(
      ['C', [...hex('301d 0201 01 7718 8016'), ...ascii('1.3.6.1.4.1.1466.20037')]],
      ['S', hex('300c 0201 01 7807 0a0134 0400 0400')],
      ['C', hex('300c 0201 02 6007 020103 0400 8000')],
      ['S', hex('300c 0201 02 6107 0a010d 0400 0400')],
    ),
    { kind: 'ldap-starttls', state: 'refused' },
  ],
  [
    'LDAP refused, and the client leaves',
    turns(
      ['C', [...hex('301d 0201 01 7718 8016'), ...ascii('1.3.6.1.4.1.1466.20037')]],
      ['S', hex('300c 0201 01 7807 0a0134 0400 0400')],
      ['C', hex('3005 0201 02 4200')],
    ),
    { kind: 'ldap-starttls', state: 'refused' },
  ],
  ['PostgreSQL', turns(['C', hex('00000008 04d2162f')], 'S: S'), { kind: 'postgres', state: 'accepted', reply: 'S' }],
  ['PostgreSQL refused', turns(['C', hex('00000008 04d2162f')], 'S: N'), { kind: 'postgres', state: 'refused' }],
  [
    'PostgreSQL, answered in another protocol',
    turns(['C', hex('00000008 04d2162f')], 'S: HTTP/1.1 400 Bad Request\r\n'),
    { kind: 'postgres', state: 'requested', reply: 'HTTP/1.1 400 Bad Request' },
  ],
  [
    'PostgreSQL, answered by SSH, which begins with an S',
    turns(['C', hex('00000008 04d2162f')], 'S: SSH-2.0-OpenSSH_9.2\r\n'),
    { kind: 'postgres', state: 'requested', reply: 'SSH-2.0-OpenSSH_9.2' },
  ],
  ['PostgreSQL silent', turns(['C', hex('00000008 04d2162f')]), { kind: 'postgres', state: 'requested', reply: null }],
  [
    'PostgreSQL refused, and the client logs in without encryption',
    turns(['C', hex('00000008 04d2162f')], 'S: N', ['C', [...hex('00000011 00030000'), ...ascii('user\0me\0\0')]]),
    { kind: 'postgres', state: 'declined', reply: 'N' },
  ],
  [
    'PostgreSQL, behind a request for GSSAPI encryption',
    turns(['C', hex('00000008 04d21630')], 'S: N', ['C', hex('00000008 04d2162f')], 'S: S'),
    { kind: 'postgres', state: 'accepted' },
  ],
  ['PostgreSQL without a request', turns(['C', [...hex('00000011 00030000'), ...ascii('user\0me\0\0')]]), null],
  [
    'MySQL without TLS',
    turns(
      ['S', [...hex('4a000000 0a'), ...ascii('5.5.1'), 0, ...hex('01000000'), ...ascii('12345678'), 0, ...hex('fff7')]],
      ['C', [...hex('20000001 85a6bf20'), ...new Array<number>(28).fill(0)]],
    ),
    { kind: 'mysql', state: 'not-offered' },
  ],
  [
    'MySQL',
    turns(
      [
        'S',
        [...hex('4a000000 0a'), ...ascii('8.0.36'), 0, ...hex('01000000'), ...ascii('12345678'), 0, ...hex('ffff')],
      ],
      ['C', [...hex('20000001 85aebf20'), ...new Array<number>(28).fill(0)]],
    ),
    { kind: 'mysql', state: 'accepted' },
  ],
  [
    'RDP',
    turns(
      ['C', hex('03000013 0ee00000 00000001 00080003 000000')],
      ['S', hex('03000013 0ed00000 12340002 00080001 000000')],
    ),
    { kind: 'rdp', state: 'accepted' },
  ],
  [
    'RDP refused',
    turns(
      ['C', hex('03000013 0ee00000 00000001 00080001 000000')],
      ['S', hex('03000013 0ed00000 12340003 00080002 000000')],
    ),
    { kind: 'rdp', state: 'refused', reply: 'SSL_NOT_ALLOWED_BY_SERVER' },
  ],
  [
    'MSSQL',
    turns(
      ['C', hex('1201001400000000 01 0006 0001 ff 01 00000000 00')],
      ['S', hex('0401001400000000 01 0006 0001 ff 01 00000000 00')],
    ),
    { kind: 'mssql', state: 'accepted' },
  ],
  [
    'RDP without negotiation in the confirm, and the client goes on without TLS',
    turns(
      ['C', hex('03000013 0ee00000 00000001 00080001 000000')],
      ['S', hex('0300000b 06d00000 123400')],
      ['C', hex('03000008 02f08000')],
    ),
    { kind: 'rdp', state: 'declined', reply: null },
  ],
  [
    'S7 on the port of RDP',
    turns(
      ['C', hex('03000016 11e00000 000100c0 010ac102 0100c202 0102')],
      ['S', hex('03000016 11d00001 000200c0 010ac102 0100c202 0102')],
    ),
    null,
  ],
  [
    'MSSQL, insisted on and not supported',
    turns(
      ['C', hex('1201001400000000 01 0006 0001 ff 01 00000000 00')],
      ['S', hex('0401001400000000 01 0006 0001 ff 02 00000000 00')],
    ),
    { kind: 'mssql', state: 'refused', reply: 'ENCRYPT_NOT_SUP' },
  ],
  [
    'MSSQL, asked for and not supported, and the client logs in all the same',
    turns(
      ['C', hex('1201001400000000 01 0006 0001 ff 01 00000000 00')],
      ['S', hex('0401001400000000 01 0006 0001 ff 02 00000000 00')],
      ['C', hex('1001001000000000 0000000000000000')],
    ),
    { kind: 'mssql', state: 'declined', reply: 'ENCRYPT_NOT_SUP' },
  ],
  [
    'MSSQL, not insisted on and not supported',
    turns(
      ['C', hex('1201001400000000 01 0006 0001 ff 00 00000000 00')],
      ['S', hex('0401001400000000 01 0006 0001 ff 02 00000000 00')],
      ['C', hex('1001001000000000 0000000000000000')],
    ),
    { kind: 'mssql', state: 'declined', reply: 'ENCRYPT_NOT_SUP' },
  ],
  [
    'OpenVPN',
    turns(
      ['C', hex('000e 38 0102030405060708 00 00000000')],
      ['S', hex('001a 40 1112131415161718 01 00000000 0102030405060708 00000000')],
      ['C', hex('0016 28 0102030405060708 01 00000000 1112131415161718')],
    ),
    { kind: 'openvpn', state: 'accepted' },
  ],
  [
    'lengths and bytes like those of OpenVPN',
    turns(['C', hex('000e 38 0102030405060708 00 00000000')], ['S', ascii('HTTP/1.1 400 Bad Request\r\n\r\n')]),
    null,
  ],
  [
    'HTTP CONNECT',
    turns(
      'C: CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\r\n',
      'S: HTTP/1.1 200 Connection established\r\n\r\n',
    ),
    { kind: 'http-connect', target: 'api.example:443', state: 'accepted', next: null },
  ],
  [
    'HTTP CONNECT refused',
    turns('C: CONNECT api.example:443 HTTP/1.1\r\n\r\n', 'S: HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'),
    { kind: 'http-connect', state: 'refused', reply: 'HTTP/1.1 407 Proxy Authentication Required' },
  ],
  [
    'SOCKS4a',
    turns(
      ['C', [...hex('04 01 01bb 00000001'), ...ascii('me'), 0, ...ascii('api.example'), 0]],
      ['S', hex('005a 0000 00000000')],
    ),
    { kind: 'socks4', target: 'api.example:443', state: 'accepted' },
  ],
  [
    'SOCKS5 refused',
    turns(
      ['C', hex('050100')],
      ['S', hex('0500')],
      ['C', [...hex('05010003 0b'), ...ascii('api.example'), ...hex('01bb')]],
      ['S', hex('05020001 00000000 0000')],
    ),
    { kind: 'socks5', target: 'api.example:443', state: 'refused', reply: 'connection not allowed by ruleset' },
  ],
  [
    'SOCKS5 without a method in common',
    turns(['C', hex('050100')], ['S', hex('05ff')]),
    { kind: 'socks5', target: null, state: 'refused', reply: 'no acceptable methods' },
  ],
  [
    'SOCKS5, log-in refused',
    turns(['C', hex('050102')], ['S', hex('0502')], ['C', hex('01 01 61 01 62')], ['S', hex('0101')]),
    { kind: 'socks5', target: null, state: 'refused', reply: 'log-in refused' },
  ],
  [
    'HTTP CONNECT, refused and then accepted with a log-in',
    turns(
      'C: CONNECT api.example:443 HTTP/1.1\r\n\r\n',
      'S: HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      'C: CONNECT api.example:443 HTTP/1.1\r\nProxy-Authorization: Basic x\r\n\r\n',
      'S: HTTP/1.1 200 OK\r\n\r\n',
    ),
    { kind: 'http-connect', state: 'accepted', next: null },
  ],
  [
    'PROXY v1',
    turns('C: PROXY TCP4 192.0.2.1 198.51.100.1 50000 443\r\n'),
    { kind: 'proxy-protocol', originalClient: '192.0.2.1:50000', target: '198.51.100.1:443' },
  ],
  [
    'PROXY v2, then SMTP',
    turns(
      ['C', [...ascii('\r\n\r\n\0\r\nQUIT\n'), ...hex('21 11 000c c0000201 c6336401 c350 0019')]],
      'S: 220 mx\r\n',
      'C: EHLO me\r\n',
      'S: 250 STARTTLS\r\n',
      'C: STARTTLS\r\n',
      'S: 220 ok\r\n',
    ),
    { kind: 'proxy-protocol', originalClient: '192.0.2.1:50000' },
  ],
  ['plain HTTP', turns('C: GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'S: HTTP/1.1 200 OK\r\n\r\n'), null],
];

for (const [name, said, expected] of CASES) {
  test(`preamble: ${name}`, () => {
    const found = recognisePreamble(said);
    if (expected === null) {
      assert.equal(found, null);
      return;
    }
    assert.ok(found !== null, 'not recognised');
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(found[key as keyof Preamble], value, key);
    }
  });
}

test('preamble: what a PROXY header carries is recognised behind it', () => {
  const said = CASES.find(([name]) => name === 'PROXY v2, then SMTP')?.[1] ?? [];
  assert.equal(recognisePreamble(said)?.next?.kind, 'smtp-starttls');
});

const STEPS: readonly (readonly [name: string, steps: readonly string[]])[] = [
  ['SMTP accepted', ['3 offer 250 STARTTLS', '4 request STARTTLS', '5 answer 220 go ahead']],
  ['SMTP refused', ['3 offer 250 mx', '4 request STARTTLS', '5 answer 454 TLS not available', '6 plaintext QUIT']],
  ['SMTP, the offer masked by a firewall', ['3 offer 250-XXXXXXXA', '4 plaintext QUIT']],
  ['LDAP refused', ['1 request StartTLS', '2 answer protocolError (2)']],
  [
    'MSSQL, not insisted on and not supported',
    ['1 request ENCRYPT_OFF', '2 answer ENCRYPT_NOT_SUP', '3 plaintext LOGIN7'],
  ],
  ['PROXY v1', ['1 request PROXY TCP4 192.0.2.1 198.51.100.1 50000 443']],
];

for (const [name, steps] of STEPS) {
  test(`preamble: the frames of ${name}`, () => {
    const found = recognisePreamble(CASES.find(([of]) => of === name)?.[1] ?? []);
    assert.deepEqual(
      found?.steps.map((one) => `${one.frame} ${one.step} ${one.text}`),
      steps,
    );
  });
}

test('preamble: cut and mutated turns never throw', () => {
  const samples = CASES.map(([, said]) => said);
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(fc.record({ turn: fc.nat(6), at: fc.nat(60), value: fc.nat(255), cut: fc.boolean() }), { maxLength: 6 }),
      (said, mutations) => {
        const mutated = said.map((turn) => ({ ...turn, bytes: Uint8Array.from(turn.bytes) }));
        for (const { turn, at, value, cut } of mutations) {
          const one = mutated[turn % Math.max(1, mutated.length)];
          if (one === undefined) continue;
          if (cut) one.bytes = one.bytes.slice(0, at);
          else if (at < one.bytes.length) one.bytes[at] = value;
        }
        recognisePreamble(mutated);
      },
    ),
  );
});

test('preamble: arbitrary bytes never throw', () => {
  const turn = fc.record({
    from: fc.constantFrom<Turn['from']>('client', 'server'),
    bytes: fc.uint8Array({ maxLength: 80 }),
  });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 6 }), (said) => {
      recognisePreamble(said.map((one, index) => ({ ...one, ...place(index) })));
    }),
  );
});

test('a program that names itself is not taken for openssl s_client', () => {
  const said = [
    'S: 220 x\r\n',
    'C: EHLO client.example\r\n',
    'S: 250 STARTTLS\r\n',
    'C: STARTTLS\r\n',
    'S: 220 go\r\n',
  ];
  assert.equal(recognisePreamble(turns(...said))?.isByOpenssl, undefined);
});
