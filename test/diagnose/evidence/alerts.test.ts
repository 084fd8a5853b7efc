import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alertsBeforePeerClosed, fatalAlert, hasFatalAlert } from '../../../src/diagnose/evidence/alerts.js';
import { alert, connection, sighting } from '../../support/connections.js';

describe('alerts that say something', () => {
  const echo = alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 });

  test('one that follows the end made by the other side is an echo', () => {
    const of = connection({ phase: 'client-hello', ending: { by: 'server', how: 'close', frame: 6 }, alerts: [echo] });
    assert.deepEqual(alertsBeforePeerClosed(of), []);
    assert.equal(fatalAlert(of), undefined);
    assert.equal(hasFatalAlert(of), false);
  });

  test('one about a certificate answers no end', () => {
    const ending = { by: 'client', how: 'close', frame: 6 } as const;
    const demand = alert({ from: 'server', code: 116, name: 'certificate_required', frame: 7 });
    assert.equal(fatalAlert(connection({ phase: 'client-hello', ending, alerts: [demand] })), demand);
  });

  test('one before that end, or after one of its own, is none', () => {
    for (const fins of [[sighting('server', 8)], [sighting('client', 6)]]) {
      assert.deepEqual(alertsBeforePeerClosed(connection({ alerts: [echo], transport: { fins } })), [echo]);
    }
  });

  test('a warning is not fatal, an encrypted alert may be', () => {
    const of = (overrides: Parameters<typeof alert>[0]): boolean =>
      hasFatalAlert(connection({ alerts: [alert(overrides)] }));
    assert.deepEqual([of({}), of({ level: 'warning' }), of({ encrypted: true })], [true, false, true]);
  });
});
