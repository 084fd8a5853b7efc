import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkRfcs } from '../../src/report/rfc.js';

test('an RFC is linked by the section that is named', () => {
  const linked = (text: string): string => linkRfcs(text, (words, address) => `[${words}](${address})`);
  const base = 'https://www.rfc-editor.org/rfc/rfc';
  assert.equal(
    linked('(RFC 5280 §4.1.2.5, RFC 5246 §E.1; see RFC 8996).'),
    `([RFC 5280 §4.1.2.5](${base}5280#section-4.1.2.5), [RFC 5246 §E.1](${base}5246#appendix-E.1); see [RFC 8996](${base}8996)).`,
  );
  assert.equal(linked('no RFC at all'), 'no RFC at all');
});
