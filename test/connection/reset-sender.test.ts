import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foreignSenderMark } from '../../src/connection/reset-sender.js';

const sighting = { frame: 9, at: { seconds: 0, nanoseconds: 0, digits: 6 }, from: 'client' as const };
const reset = { ...sighting, frame: 5, ttl: 60, ipId: 0, isInSequence: true };

test('a reset with the TTL of its side, after which nothing came, may be its own', () => {
  assert.equal(foreignSenderMark(reset, { dataAfterReset: null, ttls: [60, 64] }), null);
  assert.equal(foreignSenderMark(reset, { dataAfterReset: null, ttls: null }), null);
});

test('a reset with another TTL than all other segments of its side is of another sender', () => {
  assert.equal(foreignSenderMark(reset, { dataAfterReset: null, ttls: [61, 64] }), 'ttl');
  assert.equal(foreignSenderMark(reset, { dataAfterReset: null, ttls: [50, 59] }), 'ttl');
});

test("a reset with another initial TTL from the same distance may be its side's own", () => {
  for (const [ttl, other] of [
    [255, 64],
    [241, 50],
    [57, 121],
    [128, 255],
    [25, 57],
    [32, 60],
  ] as const) {
    assert.equal(foreignSenderMark({ ...reset, ttl }, { dataAfterReset: null, ttls: [other, other] }), null);
    assert.equal(foreignSenderMark({ ...reset, ttl: other }, { dataAfterReset: null, ttls: [ttl, ttl] }), null);
  }
  assert.equal(foreignSenderMark({ ...reset, ttl: 254 }, { dataAfterReset: null, ttls: [64, 64] }), 'ttl');
  assert.equal(foreignSenderMark({ ...reset, ttl: 64 }, { dataAfterReset: null, ttls: [127, 127] }), 'ttl');
});

test('a reset after which its side sends data is of another sender, whatever its TTL', () => {
  assert.equal(foreignSenderMark(reset, { dataAfterReset: sighting, ttls: [60, 60] }), 'data');
});
