import { createDecipheriv, createHmac, randomBytes, type CipherGCMTypes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

// What node:crypto alone takes to open one handshake of TLS 1.3 (RFC 8446 §7.3, §5.2), without reading a capture: no reader
// that opens every handshake with it can take less. The records are those of a handshake with two tickets and a close_notify
// from each side: EncryptedExtensions, Certificate, CertificateVerify, Finished, Finished, tickets, alerts.

const HANDSHAKES = 40_000;
const RECORDS = [27, 820, 281, 69, 69, 250, 250, 19, 19] as const;
/** Key and IV of each side, for the handshake and for what follows. */
const EXPANSIONS = 8;

const suites: readonly { name: string; cipher: string; key: number; hash: string; digest: number }[] = [
  { name: 'TLS_AES_128_GCM_SHA256', cipher: 'aes-128-gcm', key: 16, hash: 'sha256', digest: 32 },
  { name: 'TLS_AES_256_GCM_SHA384', cipher: 'aes-256-gcm', key: 32, hash: 'sha384', digest: 48 },
  { name: 'TLS_CHACHA20_POLY1305_SHA256', cipher: 'chacha20-poly1305', key: 32, hash: 'sha256', digest: 32 },
];

for (const { name, cipher, key, hash, digest } of suites) {
  const secret = randomBytes(digest);
  const label = randomBytes(20);
  const writeKey = randomBytes(key);
  const nonce = randomBytes(12);
  const records = RECORDS.map((length) => randomBytes(length));
  let bytes = 0;
  const handshake = (): void => {
    for (let index = 0; index < EXPANSIONS; index++) bytes += createHmac(hash, secret).update(label).digest().length;
    for (const record of records) {
      // Both are AEAD modes; Node.js has their types under that of GCM.
      const opening = createDecipheriv(cipher as CipherGCMTypes, writeKey, nonce, { authTagLength: 16 });
      bytes += opening.update(record).length;
    }
  };
  for (let index = 0; index < HANDSHAKES / 10; index++) handshake();
  const start = performance.now();
  for (let index = 0; index < HANDSHAKES; index++) handshake();
  const each = ((performance.now() - start) * 1000) / HANDSHAKES;
  console.log(`${name.padEnd(29)} ${each.toFixed(0).padStart(4)} µs per handshake (${bytes} bytes)`);
}
