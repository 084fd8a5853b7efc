import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { identityOf, methodsWanted, readEap, readTlsFragment } from '../../../src/transport/eap/packet.js';
import { be32, concat } from '../../support/captures.js';
import {
  EAP_TLS,
  failure,
  IDENTITY,
  LENGTH,
  MORE,
  NAK,
  request,
  response,
  START,
  TEAP,
  text,
} from '../../support/eap.js';

const read = (bytes: Uint8Array) => {
  const packet = readEap(bytes, 0, bytes.length);
  assert.ok(packet);
  return packet;
};

describe('an EAP packet', () => {
  test('says who answers what, and what is behind it is padding', () => {
    const bytes = concat(response(7, IDENTITY, text('host/a')), new Uint8Array(20));
    const packet = read(bytes);
    assert.deepEqual([packet.code, packet.identifier, packet.type, packet.missing], [2, 7, 1, 0]);
    assert.equal(identityOf(packet), 'host/a');
    assert.equal(identityOf(read(request(7, IDENTITY, text('host/a')))), null);
  });

  test('of success and failure has no type', () => {
    assert.deepEqual([read(failure(3)).code, read(failure(3)).type], [4, 0]);
  });

  test('is none without a code that exists, or a length that holds its header', () => {
    for (const bytes of [
      [],
      [1, 0, 0],
      [0, 1, 0, 5, 1],
      [5, 1, 0, 5, 1],
      [1, 1, 0, 4],
      [2, 1, 0, 4, 1],
      [3, 1, 0, 3],
    ]) {
      assert.equal(readEap(new Uint8Array(bytes), 0, bytes.length), null, String(bytes));
    }
  });

  test('that is cut off says how much is missing', () => {
    const bytes = request(1, EAP_TLS, new Uint8Array(100));
    assert.equal(readEap(bytes, 0, 50)?.missing, bytes.length - 50);
  });

  test('Nak asks for methods, in the short form and the expanded one', () => {
    assert.deepEqual(methodsWanted(read(response(1, NAK, [25, 0, 21]))), [25, 21]);
    const expanded = (vendor: number, type: number) => concat([254, 0, 0, vendor], be32(type));
    const nak = concat([0, 0, 0], be32(3), expanded(0, 13), expanded(9, 1));
    assert.deepEqual(methodsWanted(read(response(1, 254, nak))), [13, 254]);
    assert.equal(methodsWanted(read(request(1, NAK, [25]))), null);
    assert.equal(methodsWanted(read(response(1, 254, [0, 0, 9, 0, 0, 0, 3]))), null);
  });
});

describe('a fragment of TLS', () => {
  const fragment = (type: number, body: Uint8Array) => {
    const packet = read(response(1, type, body));
    const { start, end, ...flags } = readTlsFragment(packet);
    return { ...flags, data: Buffer.from(packet.bytes.subarray(start, end)).toString('latin1') };
  };

  test('has flags, perhaps the length of the whole message, and bytes', () => {
    const none = { isStart: false, hasMore: false, total: null };
    assert.deepEqual(fragment(EAP_TLS, concat([0], text('abc'))), { ...none, data: 'abc' });
    assert.deepEqual(fragment(EAP_TLS, concat([LENGTH | MORE | 1], be32(9), text('abc'))), {
      ...none,
      hasMore: true,
      total: 9,
      data: 'abc',
    });
    assert.deepEqual(fragment(EAP_TLS, concat([])), { ...none, data: '' });
    assert.deepEqual(fragment(EAP_TLS, concat([LENGTH, 0, 0])), { ...none, data: '' });
  });

  test('of the beginning has none: what FAST and TEAP say there is no TLS', () => {
    assert.deepEqual(fragment(TEAP, concat([START | 1], text('authority'))), {
      isStart: true,
      hasMore: false,
      total: null,
      data: '',
    });
  });

  test('of TEAP ends before its outer TLVs', () => {
    assert.equal(fragment(TEAP, concat([0x11], be32(3), text('abcdefTLV'))).data, 'abcdef');
    assert.equal(fragment(TEAP, concat([0x11], be32(300), text('abc'))).data, '');
    assert.equal(fragment(EAP_TLS, concat([0x10], text('abc'))).data, 'abc');
  });
});

test('any bytes give a packet inside them, or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(10), (bytes, start) => {
      const packet = readEap(bytes, start, bytes.length);
      if (packet === null) return;
      assert.ok(packet.start <= packet.content && packet.content <= packet.end && packet.end <= bytes.length);
      const fragment = readTlsFragment(packet);
      assert.ok(packet.content <= fragment.start && fragment.start <= fragment.end && fragment.end <= packet.end);
      identityOf(packet);
      methodsWanted(packet);
    }),
  );
});
