import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSelector } from '../../src/cli/selected.js';
import { EVERYTHING, type Selection } from '../../src/report/selection.js';
import { UTC } from '../../src/report/time-zone.js';
import { at, connection } from '../support/connections.js';
import { diagnosed } from '../support/results.js';

function nothing(selection: Partial<Selection>): string | null {
  const selector = createSelector({ ...EVERYTHING, ...selection });
  for (const serverName of ['shop.example', 'api.example.com', null]) {
    selector.select(diagnosed(connection({ clientHello: { serverName } })), null);
  }
  return selector.nothing();
}

describe('a selection that leaves nothing', () => {
  test('names what comes nearest, and how many there are', () => {
    assert.equal(
      nothing({ serverNames: ['shopp.example'] }),
      'no connection is selected, of 3; --server-name shopp.example: the capture has shop.example, api.example.com',
    );
    assert.match(
      nothing({ hosts: ['192.0.2.11'] }) ?? '',
      /--host 192\.0\.2\.11: the capture has 192\.0\.2\.10, .* more$/,
    );
    assert.match(
      nothing({ diagnoses: ['certificate-expired'] }) ?? '',
      /--diagnosis certificate-expired: there is none$/,
    );
  });

  test('says when connections began, where a time leaves none', () => {
    const since = { kind: 'into', milliseconds: 30_000, zone: UTC, text: '30s' } as const;
    const selector = createSelector({ ...EVERYTHING, since });
    for (const startedAt of [at(1), at(0), at(2.5)]) selector.select(diagnosed(connection({ startedAt })), at(0));
    assert.equal(
      selector.nothing(),
      'no connection is selected, of 3; --since 30s: they began from 2026-03-02 10:00:00.000000 UTC to 2026-03-02 10:00:02.500000 UTC',
    );
  });

  test('says where each is there, and not both', () => {
    assert.match(
      nothing({ serverNames: ['shop.example'], ports: [444] }) ?? '',
      /--port 444: the capture has 443, \d+; --server-name shop\.example: found, but not together with the other criteria$/,
    );
    assert.match(
      nothing({ hosts: ['192.0.2.0/24'], serverNames: ['shopp.example'] }) ?? '',
      /--host 192\.0\.2\.0\/24: found, but not together with the other criteria; --server-name shopp\.example: the capture has /,
    );
  });

  test('is none where something is selected, nothing is asked for, or nothing was there', () => {
    assert.equal(nothing({ serverNames: ['shop.example'] }), null);
    assert.equal(nothing({}), null);
    assert.equal(createSelector({ ...EVERYTHING, ports: [1] }).nothing(), null);
  });
});
