import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectTo, sniOption, urlOption } from '../../../src/diagnose/evidence/places.js';
import { connection } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';

test('for a command: where to connect, and which name to ask for', () => {
  assert.equal(connectTo(connection({ server: { address: '2001:db8::1', port: 443 } })), '[2001:db8::1]:443');
  assert.deepEqual(sniOption(connection()), ['-servername', 'www.example.com']);
  assert.deepEqual(sniOption(connection({ clientHello: { serverName: null } })), ['-noservername']);
  assert.deepEqual(sniOption(connection({ clientHello: null })), ['-servername', 'NAME']);
  const within = connection({ preamble: preamble({ kind: 'imap-starttls' }) });
  assert.deepEqual(sniOption(within, '1.2'), ['-starttls', 'imap', '-servername', 'www.example.com', '-tls1_2']);
});

test('over DTLS and QUIC the command says so, by one word that openssl takes', () => {
  const dtls = connection({ protocol: 'dtls' });
  assert.deepEqual(sniOption(dtls), ['-dtls', '-servername', 'www.example.com']);
  assert.deepEqual(sniOption(dtls, '1.2'), ['-servername', 'www.example.com', '-dtls1_2']);
  const quic = connection({ protocol: 'quic', clientHello: { alpn: ['GREASE_0x3A3A', 'h3', 'h3-29'] } });
  for (const version of [null, '1.2', '1.3'] as const) {
    assert.deepEqual(sniOption(quic, version), ['-quic', '-alpn', 'h3,h3-29', '-servername', 'www.example.com']);
  }
  const withComma = connection({ protocol: 'quic', clientHello: { alpn: ['a,b'] } });
  assert.deepEqual(sniOption(withComma).slice(0, 3), ['-quic', '-alpn', 'h3'], 'openssl splits at commas');
  assert.deepEqual(sniOption(connection(), '1.2'), ['-servername', 'www.example.com', '-tls1_2']);
  assert.deepEqual(sniOption(connection(), '1.3'), ['-servername', 'www.example.com', '-tls1_3']);
});

test('for curl: the address to connect to, under the name that the client asked for', () => {
  assert.deepEqual(urlOption(connection()), [
    '--connect-to',
    'www.example.com:443:198.51.100.20:443',
    'https://www.example.com/',
  ]);
  const byAddress = ['https://198.51.100.20:443/'];
  assert.deepEqual(urlOption(connection({ clientHello: { serverName: null } })), byAddress);
  for (const serverName of ['a b', 'x"y', 'u@host', 'host:8443', 'a/b', '..', '']) {
    assert.deepEqual(urlOption(connection({ clientHello: { serverName } })), byAddress, serverName);
  }
  const underscore = connection({ clientHello: { serverName: 'my_shop.example.' } });
  assert.equal(urlOption(underscore).at(-1), 'https://my_shop.example./');
});
