import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BOUNDS } from '../../../src/bounds.js';
import { createSecrets, NO_SECRETS } from '../../../src/tls/decrypt/secrets.js';

const bytes = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value);
const [ONE, OTHER] = ['01'.repeat(32), '02'.repeat(32)];

describe('secrets', () => {
  test('are found by ClientHello.random and label, several in the order added, each once', () => {
    const secrets = createSecrets();
    assert.equal(secrets.isEmpty, true);
    for (const value of [1, 2, 1]) secrets.add(ONE, 'CLIENT_RANDOM', bytes(value, 48));
    secrets.add(ONE, 'CLIENT_TRAFFIC_SECRET_0', bytes(3));
    assert.deepEqual(secrets.of(ONE, 'CLIENT_RANDOM'), [bytes(1, 48), bytes(2, 48)]);
    assert.deepEqual(secrets.of(ONE, 'SERVER_TRAFFIC_SECRET_0'), []);
    assert.deepEqual(secrets.of(OTHER, 'CLIENT_RANDOM'), []);
    assert.deepEqual([secrets.isEmpty, secrets.has(ONE), secrets.has(OTHER)], [false, true, false]);
  });

  test('are counted by the handshakes that they are for', () => {
    const secrets = createSecrets();
    secrets.add(ONE, 'CLIENT_RANDOM', bytes(1, 48));
    secrets.add(OTHER, 'CLIENT_RANDOM', bytes(1, 48));
    secrets.used(ONE);
    assert.deepEqual(secrets.counts(), { randoms: 2, unused: 1, leftOut: 0 });
    secrets.wipe();
    assert.deepEqual(secrets.counts(), { randoms: 2, unused: 1, leftOut: 0 });
  });

  test('that others are made of are counted with these, and are of use when these are', () => {
    const secrets = createSecrets();
    const encrypted = '03'.repeat(8);
    secrets.add(encrypted, 'RSA', bytes(1, 48));
    secrets.add(ONE, 'CLIENT_RANDOM', bytes(2, 48), encrypted);
    assert.deepEqual(secrets.counts(), { randoms: 1, unused: 1, leftOut: 0 });
    secrets.used(ONE);
    assert.deepEqual(secrets.counts(), { randoms: 1, unused: 0, leftOut: 0 });
    secrets.wipe();
    assert.deepEqual(secrets.counts(), { randoms: 1, unused: 0, leftOut: 0 });
  });

  test('are overwritten when they are wiped or given up', () => {
    const secrets = createSecrets();
    secrets.add(ONE, 'CLIENT_RANDOM', bytes(7, 48));
    secrets.add(OTHER, 'CLIENT_RANDOM', bytes(8, 48));
    const [one, other] = [secrets.of(ONE, 'CLIENT_RANDOM')[0], secrets.of(OTHER, 'CLIENT_RANDOM')[0]];
    assert.equal(secrets.holder.giveUp(), 1);
    assert.deepEqual([one, secrets.has(ONE), secrets.has(OTHER)], [bytes(0, 48), false, true]);
    secrets.wipe();
    assert.deepEqual([other, secrets.isEmpty, secrets.holder.bytes()], [bytes(0, 48), true, 0]);
  });

  test('of which master secrets are made may be long', () => {
    const secrets = createSecrets();
    assert.equal(secrets.hasPremasters, false);
    for (let value = 0; value < 200; value++) {
      secrets.add(String(value), 'PMS_CLIENT_RANDOM', bytes(value, 1 + 5 * value));
      secrets.add(String(value), 'CLIENT_RANDOM', bytes(255 - value, 48));
    }
    assert.equal(secrets.hasPremasters, true);
    for (let value = 0; value < 200; value++) {
      assert.deepEqual(secrets.of(String(value), 'PMS_CLIENT_RANDOM'), [bytes(value, 1 + 5 * value)]);
      assert.deepEqual(secrets.of(String(value), 'CLIENT_RANDOM'), [bytes(255 - value, 48)]);
    }
    const [longest] = secrets.of('199', 'PMS_CLIENT_RANDOM');
    while (secrets.holder.giveUp() > 0);
    assert.deepEqual([longest, secrets.holder.bytes(), secrets.isEmpty], [bytes(0, 996), 0, true]);
    secrets.add(ONE, 'PMS_CLIENT_RANDOM', bytes(1, 1025));
    assert.deepEqual([secrets.has(ONE), secrets.counts().leftOut], [false, 1]);
  });

  test('are bounded, of one label and all together', () => {
    const secrets = createSecrets();
    for (let value = 0; value <= BOUNDS.secretsPerLabel.value; value++) secrets.add(ONE, 'CLIENT_RANDOM', bytes(value));
    assert.equal(secrets.of(ONE, 'CLIENT_RANDOM').length, BOUNDS.secretsPerLabel.value);
    for (let index = 0; index < BOUNDS.secrets.value; index++) {
      secrets.add(index.toString(16).padStart(64, '0'), 'CLIENT_RANDOM', bytes(1));
    }
    assert.equal(secrets.counts().leftOut, 1 + BOUNDS.secretsPerLabel.value);
  });

  test('that there are none of are shared', () => {
    NO_SECRETS.add(ONE, 'CLIENT_RANDOM', bytes(1));
    assert.deepEqual([NO_SECRETS.isEmpty, NO_SECRETS.has(ONE)], [true, false]);
  });
});
