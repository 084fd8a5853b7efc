import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readRadius } from '../../../src/transport/eap/radius.js';
import { concat } from '../../support/captures.js';
import { EAP_TLS, radius, request, type Bytes } from '../../support/eap.js';

const read = (bytes: Uint8Array, missing = 0) => readRadius({ bytes, offset: 0, end: bytes.length, missing });

const eap = request(
  5,
  EAP_TLS,
  Uint8Array.from({ length: 700 }, (_, at) => at & 0xff),
);
const challenge = radius({ code: 11, id: 9, authenticator: 0xab, eap, state: 'S', station: '02-00' });

describe('a RADIUS packet', () => {
  test('has an EAP packet in as many attributes as it needs, a state and a station', () => {
    const packet = read(challenge);
    assert.ok(packet?.eap);
    assert.deepEqual([...packet.eap], [...eap]);
    const {
      code,
      isRequest,
      isResult: isVerdict,
      identifier,
      authenticator,
      state,
      callingStationId,
      missing,
    } = packet;
    assert.deepEqual(
      { code, isRequest, isVerdict, identifier, state, callingStationId, missing },
      {
        code: 11,
        isRequest: false,
        isVerdict: false,
        identifier: 9,
        state: '53',
        callingStationId: '02-00',
        missing: 0,
      },
    );
    assert.equal(authenticator, 'ab'.repeat(16));
  });

  test('says what a device takes, and whether it is signed', () => {
    const bytes = concat([1, 1, 0, 44], new Uint8Array(16), [12, 6, 0, 0, 5, 0x78], [80, 18], new Uint8Array(16));
    const { framedMtu, hasMessageAuthenticator, eap: message } = read(bytes) ?? {};
    assert.deepEqual([framedMtu, hasMessageAuthenticator, message], [1400, true, null]);
  });

  test('may be followed by padding', () => {
    assert.equal(read(concat(challenge, [0, 0, 0]))?.state, '53');
  });

  test('is none of another code, of a length that does not fit, or with attributes that do not fill it', () => {
    const wrong = (at: number, value: number): Bytes => {
      const bytes = challenge.slice();
      bytes[at] = value;
      return bytes;
    };
    assert.equal(read(wrong(0, 4)), null, 'accounting');
    assert.equal(read(wrong(2, 4)), null, 'longer than the datagram');
    assert.equal(read(wrong(21, 4)), null, 'an attribute ends inside another one');
    assert.equal(read(wrong(21, 1)), null, 'an attribute without a length');
    assert.equal(read(challenge.subarray(0, 19)), null, 'no header');
  });

  test('that is cut has what is there', () => {
    const packet = read(challenge.subarray(0, 300), challenge.length - 300);
    assert.deepEqual([packet?.state, packet?.missing], ['53', challenge.length - 300]);
  });
});

test('any bytes give a packet or none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(40), (bytes, missing) => {
      const framed = concat([1, 0, 0, 20 + bytes.length], new Uint8Array(16), bytes);
      read(framed, missing);
      const packet = read(framed);
      assert.ok((packet?.eap?.length ?? 0) <= bytes.length);
    }),
  );
});
