import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectTo, sniOption } from '../../../src/diagnose/evidence/places.js';
import { connection } from '../../support/connections.js';

test('for a command: where to connect, and which name to ask for', () => {
  assert.equal(connectTo(connection({ server: { address: '2001:db8::1', port: 443 } })), '[2001:db8::1]:443');
  assert.deepEqual(sniOption(connection()), ['-servername', 'www.example.com']);
  assert.deepEqual(sniOption(connection({ clientHello: { serverName: null } })), ['-noservername']);
  assert.deepEqual(sniOption(connection({ clientHello: null })), ['-servername', 'NAME']);
});
