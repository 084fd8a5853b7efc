import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Certificate } from '../../src/x509/certificate.js';
import { createCertificateStore } from '../../src/x509/store.js';
import { stub } from './authority.js';

const parse = (der: Uint8Array): Certificate => stub({ der });

describe('createCertificateStore', () => {
  test('identical bytes are one certificate, and are copied', () => {
    const { parse: store } = createCertificateStore(parse);
    const packet = Buffer.from([1, 2, 3, 1, 2, 3]);
    const first = store(packet.subarray(0, 3));
    assert.equal(store(packet.subarray(3)), first);
    packet.fill(0);
    assert.deepEqual([...first.der], [1, 2, 3]);
  });

  test('forgets what was not used longest when a limit is passed', () => {
    const one = new Uint8Array([1]);
    const two = new Uint8Array([2]);
    const three = new Uint8Array([3]);
    for (const limits of [
      { certificates: 2, bytes: 100 },
      { certificates: 100, bytes: 2 },
    ]) {
      const { parse: store } = createCertificateStore(parse, limits);
      const [first, second] = [store(one), store(two)];
      assert.equal(store(one), first);
      store(three);
      assert.equal(store(one), first);
      assert.notEqual(store(two), second);
    }
  });
});
