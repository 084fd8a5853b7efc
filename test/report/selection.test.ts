import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULTS } from '../../src/report/format.js';
import { isSelected, type Selection } from '../../src/report/selection.js';
import { connection } from '../support/connections.js';
import { diagnosed } from '../support/results.js';

const selection = (part: Partial<Selection>): Selection => ({ ...DEFAULTS.selection, ...part });

describe('a connection from 192.0.2.10:50000 to 198.51.100.20:443, www.example.com, is', () => {
  const cases: readonly [Partial<Selection>, boolean][] = [
    [{}, true],
    [{ hosts: ['192.0.2.10'] }, true],
    [{ hosts: ['198.51.100.20'] }, true],
    [{ hosts: ['192.0.2.1'] }, false],
    [{ hosts: ['WWW.example.com.'] }, true],
    [{ hosts: ['example.com'] }, false],
    [{ hosts: ['192.0.2.1', '192.0.2.10'] }, true],
    [{ ports: [443] }, true],
    [{ ports: [50000] }, true],
    [{ ports: [44] }, false],
    [{ hosts: ['192.0.2.10'], ports: [8443] }, false],
    [{ serverNames: ['www.example.com'] }, true],
    [{ serverNames: ['*.example.com'] }, true],
    [{ serverNames: ['*.www.example.com'] }, false],
    [{ serverNames: ['*.ample.com'] }, false],
    [{ protocols: ['quic', 'tls'] }, true],
    [{ protocols: ['dtls'] }, false],
    [{ diagnoses: ['certificate-expired'] }, true],
    [{ diagnoses: ['connection-reset'] }, false],
  ];
  for (const [part, expected] of cases) {
    test(`${expected ? 'selected' : 'left out'} by ${JSON.stringify(part)}`, () => {
      assert.equal(isSelected(selection(part), diagnosed()), expected);
    });
  }

  test('without a server name no name selects it', () => {
    const nameless = diagnosed(connection({ clientHello: { serverName: null } }));
    assert.equal(isSelected(selection({ serverNames: ['*.example.com'] }), nameless), false);
    assert.equal(isSelected(selection({ hosts: [''] }), nameless), false);
  });
});
