import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import { observationOf } from '../../src/report/words.js';
import { ROOT } from '../support/schema.js';

test('of a silence over QUIC: the last packet that was sent, though nobody can read it', async () => {
  const { connections } = await analyze([`${ROOT}/samples/quic-authority-unknown.pcap`]);
  const observed = connections[0]?.observed;
  assert.ok(observed);
  assert.equal(
    observationOf(observed, (value) => value),
    'Nothing new came after an encrypted packet from the client.',
  );
  assert.deepEqual(
    observed.sightings.map(({ frame }) => frame),
    [13],
  );
});
