import assert from 'node:assert/strict';
import { getCipherInfo } from 'node:crypto';
import { test } from 'node:test';
import { recordCipher } from '../../../src/tls/decrypt/suites.js';
import { CIPHER_SUITES } from '../../../src/tls/wire/registry/tables.js';

test('what suites mean for records', () => {
  const expected: readonly [number, string | null][] = [
    [0x1301, 'aes-128-gcm 16 sha256'],
    [0x1302, 'aes-256-gcm 16 sha384'],
    [0x1303, 'chacha20-poly1305 16 sha256'],
    [0x1305, 'aes-128-ccm 8 sha256'],
    [0xc02c, 'aes-256-gcm 16 sha384'],
    [0xc0ae, 'aes-128-ccm 8 sha256'],
    [0xc05d, 'aria-256-gcm 16 sha384'],
    [0xcca9, 'chacha20-poly1305 16 sha256'],
    [0x002f, 'aes-128-cbc sha1 sha256'],
    [0x000a, 'des-ede3-cbc sha1 sha256'],
    [0xc028, 'aes-256-cbc sha384 sha384'],
    [0x00ba, 'camellia-128-cbc sha256 sha256'],
    [0xc03c, 'aria-128-cbc sha256 sha256'],
    [0x003b, 'null sha256 sha256'],
    [0xc006, 'null sha1 sha256'],
    [0xc0b4, 'null sha256 sha256'],
    // No protection at all, RC4, Camellia-GCM, the draft of ChaCha20, export ciphers, and what no registry has.
    ...[0x0000, 0x0005, 0xc07a, 0xcc13, 0x0003, 0x5a5a].map((suite): [number, null] => [suite, null]),
  ];
  for (const [suite, words] of expected) {
    const cipher = recordCipher(suite);
    const name = cipher === null ? null : cipher.kind === 'null' ? 'null' : cipher.name;
    const rest = cipher === null ? '' : cipher.kind === 'aead' ? cipher.tagLength : cipher.mac;
    assert.equal(cipher && `${name} ${rest} ${cipher.hash}`, words, CIPHER_SUITES.get(suite));
  }
});

test('lengths are those of OpenSSL, for every suite', () => {
  let readable = 0;
  for (const suite of CIPHER_SUITES.keys()) {
    const cipher = recordCipher(suite);
    if (cipher === null || cipher.kind === 'null') continue;
    readable++;
    const info = getCipherInfo(cipher.name);
    assert.equal(info?.keyLength, cipher.keyLength);
    if (cipher.kind === 'cbc') assert.equal(info.blockSize, cipher.blockLength);
    else assert.equal(cipher.fixedLength + cipher.explicitLength, 12);
  }
  assert.ok(readable > 200, String(readable));
});
