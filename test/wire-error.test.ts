import assert from 'node:assert/strict';
import test from 'node:test';
import { DerError, readElement } from '../src/x509/der.js';

test('what is wrong with bytes has no stack trace, and others keep theirs', () => {
  assert.throws(
    () => readElement(new Uint8Array([0x30, 0x81])),
    (error) => error instanceof DerError && !/\n +at /.test(error.stack ?? ''),
  );
  assert.match(new Error('of this program').stack ?? '', /\n +at /);
});
