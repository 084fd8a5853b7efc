import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createSecrets, type SecretLabel, type Secrets } from '../../../src/tls/decrypt/secrets.js';
import { recordCipher, type AeadCipher } from '../../../src/tls/decrypt/suites.js';
import { createTrafficKeys } from '../../../src/tls/quic/traffic-keys.js';
import type { KeyLabel } from '../../../src/tls/quic/versions.js';
import { dataPacket, fromHex, V1, V2 } from '../../support/quic.js';

const RANDOM = 'ab'.repeat(32);
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index);
const PING = Uint8Array.of(1, 0, 0, 0);

function secretsOf(...all: readonly (readonly [SecretLabel, Uint8Array])[]): Secrets {
  const secrets = createSecrets();
  for (const [label, secret] of all) secrets.add(RANDOM, label, secret);
  return secrets;
}

function cipherOf(suite: number): AeadCipher {
  const cipher = recordCipher(suite);
  assert.ok(cipher?.kind === 'aead');
  return cipher;
}

test('the ChaCha20 packet of RFC 9001 §A.5, whose number is known from before', () => {
  const secret = fromHex('9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b');
  const keys = createTrafficKeys(secretsOf(['SERVER_TRAFFIC_SECRET_0', secret]), RANDOM, cipherOf(0x1303), 'quic');
  const packet = fromHex('4cfe4189655e5cd55c41f69080575d7999c25a5bfb');
  const range = { start: 0, numberStart: 1, end: packet.length };
  assert.deepEqual(
    keys.open({ level: '1rtt', side: 'server', bytes: packet, range, isOurs: true }, 654_360_563, true),
    Buffer.of(1),
  );
  assert.equal(
    keys.open({ level: '1rtt', side: 'client', bytes: packet, range, isOurs: true }, 654_360_563, true),
    null,
  );
});

test('keys that were overwritten open nothing', () => {
  const keys = createTrafficKeys(secretsOf(['CLIENT_TRAFFIC_SECRET_0', SECRET]), RANDOM, cipherOf(0x1301), 'quic');
  const packet = dataPacket(PING, {
    secretId: [],
    from: 'client',
    destinationId: [7, 7, 7],
    secret: SECRET,
    number: 0,
  });
  const range = { start: 0, numberStart: 4, end: packet.length };
  assert.deepEqual(
    keys.open({ level: '1rtt', side: 'client', bytes: packet, range, isOurs: true }, -1, true),
    Buffer.from(PING),
  );
  keys.wipe();
  assert.equal(keys.open({ level: '1rtt', side: 'client', bytes: packet, range, isOurs: true }, -1, true), null);
});

describe('packets of the application', () => {
  const options = { secretId: [], from: 'client', destinationId: [7, 7, 7], secret: SECRET } as const;
  const range = (packet: Uint8Array) => ({ start: 0, numberStart: 4, end: packet.length });
  const open = (secrets: Secrets, label: KeyLabel = 'quic') => {
    const keys = createTrafficKeys(secrets, RANDOM, cipherOf(0x1301), label);
    return (packet: Uint8Array, isWanted = true, isOurs = false): Buffer | 'altered' | null =>
      keys.open({ level: '1rtt', side: 'client', bytes: packet, range: range(packet), isOurs }, -1, isWanted);
  };

  test('key updates are followed, and packets of the phase before come late', () => {
    for (const version of [V1, V2]) {
      const opened = open(secretsOf(['CLIENT_TRAFFIC_SECRET_0', SECRET]), version.label);
      const updates = [0, 0, 1, 0, 1, 2, 2, 1, 3];
      for (const [number, update] of updates.entries()) {
        const packet = dataPacket(PING, { ...options, version, number, numberLength: 1, updates: update });
        assert.deepEqual(opened(packet), Buffer.from(PING), `${version.label} ${number}`);
      }
    }
  });

  test('the numbers of those that are not wanted are followed, and their key updates', () => {
    const opened = open(secretsOf(['CLIENT_TRAFFIC_SECRET_0', SECRET]));
    for (let number = 0; number < 1000; number++) {
      const updates = number < 500 ? 0 : 1;
      const packet = dataPacket(PING, { ...options, number, numberLength: 1, updates });
      const isWanted = number % 300 === 299;
      assert.deepEqual(opened(packet, isWanted), isWanted ? Buffer.from(PING) : null, String(number));
    }
  });

  test('of several secrets the one that fits is taken; what fits none is closed, and soon not tried', () => {
    const secrets = secretsOf(['CLIENT_TRAFFIC_SECRET_0', new Uint8Array(32)], ['CLIENT_TRAFFIC_SECRET_0', SECRET]);
    const opened = open(secrets);
    assert.deepEqual(opened(dataPacket(PING, { ...options, number: 0 })), Buffer.from(PING));
    assert.deepEqual(secrets.counts(), { randoms: 1, unused: 0, leftOut: 0 });
    const foreign = secretsOf(['CLIENT_TRAFFIC_SECRET_0', new Uint8Array(32)]);
    const closed = open(foreign);
    for (let number = 0; number < 40; number++) assert.equal(closed(dataPacket(PING, { ...options, number })), null);
    assert.equal(foreign.counts().unused, 1);
  });

  test('one that was altered is told by its connection ID, where its number and its phase are beyond doubt', () => {
    const opened = open(secretsOf(['CLIENT_TRAFFIC_SECRET_0', SECRET]));
    const altered = (number: number, numberLength: 1 | 2, updates = 0): Uint8Array => {
      const packet = dataPacket(new Uint8Array(40), { ...options, number, numberLength, updates });
      packet[packet.length - 1] = (packet.at(-1) as number) ^ 1;
      return packet;
    };
    assert.equal(opened(altered(0, 2), true, true), null, 'no other was opened');
    assert.ok(opened(dataPacket(PING, { ...options, number: 1, numberLength: 2 }), true, true) instanceof Buffer);
    assert.equal(opened(altered(2, 2), true, true), 'altered');
    assert.equal(opened(altered(2, 2), true, false), null, 'it may be a stateless reset');
    assert.equal(opened(altered(2, 1), true, true), null, 'a gap may hide its number');
    assert.equal(opened(altered(2, 2, 1), true, true), 'altered');
    for (const [number, updates] of [
      [3, 1],
      [4, 2],
    ] as const) {
      assert.ok(
        opened(dataPacket(PING, { ...options, number, numberLength: 2, updates }), true, true) instanceof Buffer,
      );
    }
    assert.equal(opened(altered(5, 2), true, true), null, 'it may be of a phase that is over');
  });

  test('no bytes make it fail', () => {
    const opened = open(secretsOf(['CLIENT_TRAFFIC_SECRET_0', SECRET]));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 100 }), (bytes) => {
        assert.equal(opened(bytes), null);
      }),
    );
  });
});
