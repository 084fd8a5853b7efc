import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unknownDiagnosis } from '../../src/cli/diagnoses.js';

const known = ['certificate-expired', 'client-certificate-expired', 'server-silent'];

test('a diagnosis that does not exist is pointed out, and those like it, or else all', () => {
  assert.equal(unknownDiagnosis(['server-silent'], known), null);
  assert.equal(
    unknownDiagnosis(['server-silent', 'expired'], known),
    '--diagnosis: no diagnosis "expired"; there are certificate-expired, client-certificate-expired',
  );
  assert.match(unknownDiagnosis(['x'], known) ?? '', /server-silent$/);
});
