import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retiredRoot } from '../../../src/x509/data/retired-roots.js';

const baltimore = 'CN=Baltimore CyberTrust Root,OU=CyberTrust,O=Baltimore,C=IE';

test('knows roots by their whole name, however it is written', () => {
  assert.equal(retiredRoot(baltimore, null), 'retired');
  assert.equal(retiredRoot(baltimore.toUpperCase().replace('CN=BALTIMORE', 'CN=BALTIMORE '), null), 'retired');
  assert.equal(retiredRoot('CN=Baltimore CyberTrust Root', null), null);
  assert.equal(retiredRoot('CN=Apple Root CA,OU=Apple Certification Authority,O=Apple Inc.,C=US', null), 'vendor');
  assert.equal(retiredRoot('', null), null);
});

test('a key identifier has to agree', () => {
  assert.equal(retiredRoot(baltimore, 'e59d5930824758ccacfa085436867b3ab5044df0'), 'retired');
  assert.equal(retiredRoot(baltimore, '00'), null);
});
