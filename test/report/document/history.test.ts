import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import type { Diagnosis } from '../../../src/diagnose/finding.js';
import { clockOf } from '../../../src/report/phrases.js';
import { historyOf } from '../../../src/report/document/history.js';
import { draw } from '../../../src/report/document/text.js';
import { ENGLISH_WORDING } from '../../../src/report/wording.js';
import { alert, at, connection, type ConnectionOverrides } from '../../support/connections.js';
import { capture, diagnosed, evidence, finding, results } from '../../support/results.js';

/** A connection that began so many seconds after the capture did; its id is that number. */
const worked = (second: number, overrides: ConnectionOverrides = {}): Connection =>
  connection({ id: String(second), startedAt: at(second), endedAt: at(second + 0.1), ...overrides });
const failed = (second: number, overrides: ConnectionOverrides = {}): Connection =>
  worked(second, { alerts: [alert({ at: at(second + 0.1) })], ...overrides });
const from = (address: string): ConnectionOverrides => ({ client: { address, port: 50000 } });
const offering = (...supportedVersions: string[]): ConnectionOverrides => ({ clientHello: { supportedVersions } });

const scopeOf = (diagnoses: readonly Diagnosis[]): Parameters<typeof historyOf>[1] => ({
  described: diagnoses.map((diagnosis) => ({ ...diagnosis, members: [diagnosis] })),
  clock: clockOf([capture()]),
  words: ENGLISH_WORDING,
});

/** The statements on the first cause, by label. */
function story(...connections: readonly Connection[]): Record<string, string> {
  const { diagnoses } = results(connections.map((one) => diagnosed(one)));
  const [first] = diagnoses;
  assert.ok(first !== undefined);
  const same = (text: string): string => text.replaceAll('\u00a0', ' ');
  const marks = { strong: same, wire: same, prose: same, code: (value: string) => `<${value}>`, connection: same };
  return Object.fromEntries(
    historyOf(first, scopeOf(diagnoses)).map(({ label, text }) => [label, draw(text, same, marks)]),
  );
}

describe('a change', () => {
  test('until when it worked, and since when it fails', () => {
    assert.deepEqual(story(worked(1), worked(2), failed(30), failed(40)), {
      Change: 'worked until 10:00:02 (connection 2), fails since 10:00:30',
    });
  });

  test('of one failure', () => {
    assert.deepEqual(story(worked(2), failed(30)), {
      Change: 'worked until 10:00:02 (connection 2), failed at 10:00:30',
    });
  });

  test('since when it works again', () => {
    assert.deepEqual(story(worked(2), failed(30), failed(50), worked(90)), {
      Change:
        'worked until 10:00:02 (connection 2), failed from 10:00:30 to 10:00:50, works again since 10:01:30 (connection 90)',
    });
    assert.deepEqual(story(failed(30), failed(50), worked(90)), {
      Change: 'failed until 10:00:50, works since 10:01:30 (connection 90)',
    });
  });

  test('names the client where there are several', () => {
    const text = story(worked(2), failed(30), failed(40, from('192.0.2.11')))['Change'];
    assert.equal(text, 'worked until 10:00:02 (<192.0.2.10>, connection 2), fails since 10:00:30');
  });

  test('of other clients says so', () => {
    const clients = Array.from({ length: 8 }, (_, index) => from(`192.0.2.${100 + index}`));
    const all = clients.map((client, index) => (index < 4 ? worked : failed)(index + 1, client));
    assert.equal(
      story(...all)['Change'],
      'worked for 4 other clients until 10:00:04 (<192.0.2.103>, connection 4), fails since 10:00:05',
    );
  });

  test('that comes and goes', () => {
    const text = story(worked(2), failed(30), worked(50), failed(70))['Change'];
    assert.equal(
      text,
      'comes and goes: between its failures the same client succeeded 1 time too, last at 10:00:50 (connection 50)',
    );
  });

  test('that is none: all fail, for long or while something else works', () => {
    assert.deepEqual(story(failed(30), failed(50)), { Change: 'none: it failed every time' });
    assert.deepEqual(story(worked(2, from('192.0.2.11')), failed(30), worked(40, from('192.0.2.11')), failed(45)), {
      Change: 'none: it failed every time',
      Works: 'for 1 other client with the same server and name (2 handshakes)',
    });
  });

  test('is not told of one failure, or of some in a moment', () => {
    assert.deepEqual(story(failed(30)), {});
    assert.deepEqual(story(failed(30), failed(30.5, from('192.0.2.11'))), {});
  });
});

describe('what works', () => {
  test('for others, which and how often', () => {
    const all = [
      worked(1, from('192.0.2.11')),
      worked(2, from('192.0.2.12')),
      failed(3),
      worked(4, from('192.0.2.12')),
    ];
    assert.equal(
      story(...all)['Works'],
      'for 2 other clients with the same server and name (<192.0.2.11> and <192.0.2.12>; 3 handshakes)',
    );
  });

  test('for others before alone', () => {
    assert.equal(
      story(worked(1, from('192.0.2.11')), failed(3))['Works'],
      'for 1 other client with the same server and name (1 handshake, the last at 10:00:01: connection 1 of <192.0.2.11>)',
    );
  });

  test('is not repeated where the evidence cites the one neighbour', () => {
    const cited = finding({
      evidence: [evidence('seenOtherConnection', 1)],
    });
    const { diagnoses } = results([diagnosed(worked(1, from('192.0.2.11'))), diagnosed(failed(3), [cited])]);
    assert.deepEqual(historyOf(diagnoses[0]!, scopeOf(diagnoses)), []);
  });

  test('for the same client elsewhere, and for other names at the server', () => {
    const elsewhere = worked(1, { server: { address: '198.51.100.99', port: 443 } });
    const named = worked(2, { clientHello: { serverName: 'b.example' }, ...from('192.0.2.11') });
    assert.equal(
      story(elsewhere, named, failed(3))['Works'],
      'for the same client at <198.51.100.99:443> (1 handshake); at the same server with another name: <b.example> (1 handshake)',
    );
    const unnamed = worked(2, { clientHello: { serverName: null }, ...from('192.0.2.11') });
    assert.equal(story(unnamed, failed(3))['Works'], 'at the same server without a server name (1 handshake)');
  });
});

describe('retries', () => {
  test('that step down in vain', () => {
    const all = [failed(1, offering('TLS 1.3')), failed(2, offering('TLS 1.2')), failed(3, offering('TLS 1.0'))];
    assert.equal(
      story(...all)['Retries'],
      '3 handshakes in 1 attempt: connection 1 (TLS 1.3) failed, 2 (TLS 1.2) failed, 3 (TLS 1.0) failed, 2 s later',
    );
  });

  test('that mend the failure', () => {
    assert.deepEqual(story(failed(1), worked(2, offering('TLS 1.2'))), {
      Retries:
        'worked in the end; users may have seen no failure: connection 1 (TLS 1.3) failed, 2 (TLS 1.2) worked, 1 s later',
    });
  });

  test('that a person may have asked for, and nothing is said of a change besides', () => {
    assert.deepEqual(story(failed(1), worked(9, offering('TLS 1.2'))), {
      Retries: 'worked in the end: connection 1 (TLS 1.3) failed, 9 (TLS 1.2) worked, 8 s later',
    });
    assert.deepEqual(story(failed(1), worked(2)), {
      Retries: 'worked in the end; users may have seen no failure: connection 1 failed, 2 worked, 1 s later',
    });
  });

  test('of which some mend the failure', () => {
    const all = [failed(1), worked(2, offering('TLS 1.2')), failed(3, from('192.0.2.11'))];
    assert.equal(
      story(...all)['Retries'],
      '2 attempts, of which 1 worked in the end: for example connection 1 (TLS 1.3) failed, 2 (TLS 1.2) worked, 1 s later',
    );
  });

  test('of several tries each', () => {
    const load = (second: number): Connection[] => [
      failed(second),
      failed(second + 1),
      worked(second + 2, offering('TLS 1.2')),
    ];
    assert.equal(
      story(...load(1), ...load(60), failed(90, from('192.0.2.11')))['Retries'],
      '5 handshakes in 3 attempts, of which 2 worked in the end: for example connection 1 (TLS 1.3) failed, 2 failed, 3 (TLS 1.2) worked, 2 s later',
    );
    assert.match(
      story(...load(1))['Retries'] ?? '',
      /^2 handshakes in 1 attempt, which worked in the end; users may have seen no failure: connection 1 /,
    );
  });

  test('that change something else', () => {
    const changed = {
      clientHello: {
        extensions: ['server_name', 'key_share'],
        supportedGroups: ['secp384r1'],
        cipherSuites: ['TLS_AES_128_GCM_SHA256'],
      },
    };
    const first = failed(1, {
      clientHello: { ...changed.clientHello, extensions: ['server_name', 'key_share', 'encrypted_client_hello'] },
    });
    assert.match(
      story(first, worked(2, changed))['Retries'] ?? '',
      /connection 1 failed, 2 \(without <encrypted_client_hello>\) worked/,
    );
    const { extensions, supportedGroups } = changed.clientHello;
    const another = failed(2, { clientHello: { extensions, supportedGroups } });
    assert.match(story(failed(1), another)['Retries'] ?? '', /2 \(another ClientHello\) failed/);
    const elsewhere = worked(2, { server: { address: '198.51.100.21', port: 443 } });
    assert.match(
      story(failed(1), elsewhere)['Retries'] ?? '',
      /1 \(at <198.51.100.20:443>\) failed, 2 \(at <198.51.100.21:443>\) worked/,
    );
  });

  test('in the same way are told where they make failures look more than they are', () => {
    assert.equal(
      story(failed(1), failed(1.5))['Retries'],
      '2 handshakes in 1 attempt: the client tries again at once, in the same way',
    );
    assert.equal(story(failed(1), failed(6))['Retries'], undefined);
  });
});
