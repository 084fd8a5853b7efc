import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neighbourEvidence } from '../../../src/diagnose/evidence/citations.js';
import { connection } from '../../support/connections.js';

test('the client of a neighbour is named so that it can be looked up', () => {
  const neighbour = connection({ client: { address: '2001:db8::10', port: 50_000 } });
  const [evidence] = neighbourEvidence(neighbour, 'TLS 1.2');
  assert.equal(evidence?.data['client'], '[2001:db8::10]:50000');
});
