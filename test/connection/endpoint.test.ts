import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointText } from '../../src/connection/endpoint.js';

test('an IPv6 address stands in brackets, so that its port is told from it', () => {
  assert.equal(endpointText({ address: '192.0.2.1', port: 443 }), '192.0.2.1:443');
  assert.equal(endpointText({ address: '2001:db8::1', port: 443 }), '[2001:db8::1]:443');
});
