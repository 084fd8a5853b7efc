import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decode, EAPOL_FRAME } from '../../src/packet/decode.js';
import { MALFORMED } from '../../src/packet/layer.js';
import { newPacket } from '../../src/packet/packet.js';
import { be16, concat, frameOf } from '../support/captures.js';
import { AUTHENTICATOR, eapol, GROUP, response, SUPPLICANT, text } from '../support/eap.js';

const eap = response(1, 1, text('alice'));
const body = eapol(eap);
const snap = concat([0xaa, 0xaa, 3, 0, 0, 0, 0x88, 0x8e], body);
const THIRD = [2, 0, 0, 0, 0, 3];

/** An 802.11 data frame (IEEE 802.11 section 9.3.2): frame control, duration, three addresses, sequence, and what follows. */
const wireless = (
  control: readonly number[],
  addresses: readonly (readonly number[])[],
  ...rest: readonly (Uint8Array | readonly number[])[]
) => concat(control, [0, 0], ...addresses, [0x10, 0], ...rest);

const radiotap = (frame: Uint8Array) => concat([0, 0, 8, 0, 0, 0, 0, 0], frame);

/** Who sends to whom, and the frame of IEEE 802.1X in it. */
function decoded(linkType: number, bytes: Uint8Array) {
  const packet = newPacket();
  const outcome = decode(frameOf(linkType, bytes), packet);
  if (outcome !== EAPOL_FRAME) return outcome;
  const address = (at: number) => (at < 0 ? null : [...packet.bytes.subarray(at, at + 6)]);
  return {
    from: address(packet.linkSource),
    to: address(packet.linkDestination),
    data: [...packet.bytes.subarray(packet.offset, packet.end)],
    missing: packet.missing,
  };
}

const expected = { from: SUPPLICANT, to: GROUP, data: [...body], missing: 0 };

describe('a frame of IEEE 802.1X', () => {
  test('in Ethernet, padded, with VLAN tags, ahead of time', () => {
    const head = concat(GROUP, SUPPLICANT);
    assert.deepEqual(decoded(1, concat(head, [0x88, 0x8e], body, new Uint8Array(30))), expected);
    assert.deepEqual(decoded(1, concat(head, [0x81, 0, 0, 5, 0x88, 0xa8, 0, 6, 0x88, 0x8e], body)), expected);
    assert.deepEqual(decoded(1, concat(head, [0x88, 0xc7], body)), expected);
  });

  test('in data frames of 802.11, whichever way they go', () => {
    const toPoint = wireless([0x08, 0x01], [AUTHENTICATOR, SUPPLICANT, AUTHENTICATOR], snap);
    assert.deepEqual(decoded(105, toPoint), { ...expected, to: AUTHENTICATOR });
    const fromPoint = wireless([0x88, 0x02], [SUPPLICANT, AUTHENTICATOR, THIRD], [0, 0], snap);
    assert.deepEqual(decoded(127, radiotap(fromPoint)), { ...expected, from: THIRD, to: SUPPLICANT });
    const between = wireless([0x08, 0x03], [AUTHENTICATOR, THIRD, GROUP], SUPPLICANT, snap);
    assert.deepEqual(decoded(105, between), expected);
    const alone = wireless([0x08, 0x00], [AUTHENTICATOR, SUPPLICANT, THIRD], snap);
    assert.deepEqual(decoded(105, alone), { ...expected, to: AUTHENTICATOR });
  });

  test('in an aggregate of 802.11, of which the first one counts', () => {
    const part = concat(GROUP, SUPPLICANT, be16(snap.length), snap);
    const frame = wireless([0x88, 0x01], [AUTHENTICATOR, THIRD, AUTHENTICATOR], [0x80, 0], part);
    assert.deepEqual(decoded(105, frame), expected);
  });

  test('in Linux cooked captures, which have the source alone', () => {
    const cooked = concat([0, 1, 0, 1, 0, 6], SUPPLICANT, [0, 0, 0x88, 0x8e], body);
    assert.deepEqual(decoded(113, cooked), { ...expected, to: null });
    const cooked2 = concat([0x88, 0x8e, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6], SUPPLICANT, [0, 0], body);
    assert.deepEqual(decoded(276, cooked2), { ...expected, to: null });
    const unnamed = concat([0, 1, 0, 1, 0, 0], new Uint8Array(8), [0x88, 0x8e], body);
    assert.deepEqual(decoded(113, unnamed), { ...expected, from: null, to: null });
  });

  test('that is cut says so, one without a header is none', () => {
    const frame = concat(GROUP, SUPPLICANT, [0x88, 0x8e], body);
    assert.deepEqual(decoded(1, frame.subarray(0, frame.length - 3)), {
      ...expected,
      data: [...body.subarray(0, -3)],
      missing: 3,
    });
    assert.equal(decoded(1, frame.subarray(0, 16)), MALFORMED);
  });
});
