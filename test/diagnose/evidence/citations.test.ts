import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otherConnectionEvidence } from '../../../src/diagnose/evidence/citations.js';
import { connection } from '../../support/connections.js';

test('the client of another connection is named so that it can be looked up', () => {
  const other = connection({ client: { address: '2001:db8::10', port: 50_000 } });
  const [evidence] = otherConnectionEvidence(other, 'TLS 1.2');
  assert.deepEqual(evidence?.data, { client: '[2001:db8::10]:50000', what: 'TLS 1.2' });
});
