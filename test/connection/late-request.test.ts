import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isAboutLateRequest, roundTrip } from '../../src/connection/late-request.js';
import type { EncryptedRecord } from '../../src/connection/connection.js';
import { at, encryptedRecord } from '../support/connections.js';

const PROTECTION = { version: 'TLS 1.3', cipherSuite: 'TLS_AES_256_GCM_SHA384' };
const FINISHED = 69;
const ROUND_TRIP_MS = 2;

const sent = (frame: number, milliseconds: number, length: number): EncryptedRecord => ({
  ...encryptedRecord('client', frame, length),
  at: at(milliseconds / 1000),
});
const flight = [sent(8, 0, 25), sent(8, 0, FINISHED)];
const reactsAt = (
  milliseconds: number,
  records: readonly EncryptedRecord[],
  roundTripMs: number | null = ROUND_TRIP_MS,
  helloMs: number | null = null,
): boolean =>
  isAboutLateRequest(records, PROTECTION, { frame: 12, at: at(milliseconds / 1000) }, roundTrip(roundTripMs, helloMs));

describe('what a server does upon a late request', () => {
  test('comes at once, behind the round trip', () => {
    assert.ok(reactsAt(52.5, [...flight, sent(10, 50, 24)]));
    assert.ok(reactsAt(60, [...flight, sent(10, 50, 24)]));
  });

  test('may come sooner than the server answered the ClientHello, where the capture lacks the SYN', () => {
    assert.ok(reactsAt(50.5, [...flight, sent(10, 50, 24)], null, 4));
    assert.equal(reactsAt(80, [...flight, sent(10, 50, 24)], null, 4), false, 'long after the request');
  });

  test('is not told from a refusal of the flight otherwise', () => {
    assert.equal(reactsAt(52.5, flight), false, 'no request');
    assert.equal(reactsAt(3.5, [...flight, sent(10, 1, 24)]), false, 'a request at once');
    assert.equal(reactsAt(100, [...flight, sent(10, 40, 24)]), false, 'long after the request');
    assert.equal(reactsAt(55, [...flight, sent(10, 50, 24)], 52), false, 'before it can have the request');
    assert.equal(reactsAt(52.5, [...flight, sent(13, 50, 24)]), false, 'the request came later');
    assert.equal(reactsAt(52.5, [...flight, sent(10, 50, 24)], null), false, 'the round trip is not known');
    assert.equal(reactsAt(52.5, [sent(8, 0, 500), sent(10, 50, 24)]), false, 'no Finished');
  });
});
