import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  connectTo,
  duration,
  fatalAlert,
  fits,
  hasFatalAlert,
  howRefused,
  meantAlerts,
  newestOffered,
  offeredCipherSuites,
  refusalByClient,
  sniOption,
  someOf,
  times,
  versionRank,
} from '../../../src/diagnose/evidence/facts.js';
import { alert, at, connection, sighting } from '../../support/connections.js';

describe('what the client offers', () => {
  test('its newest version, drafts of TLS 1.3 included', () => {
    const newest = (...supportedVersions: string[]): string | null =>
      newestOffered(connection({ clientHello: { supportedVersions } }));
    assert.equal(newest('GREASE_0x0A0A', 'TLS 1.2', 'TLS 1.3', 'TLS 1.1'), 'TLS 1.3');
    assert.equal(newest('TLS 1.2', 'TLS 1.3 draft 28'), 'TLS 1.3 draft 28');
    assert.equal(newest('SSL 2.0'), 'SSL 2.0');
    assert.equal(newestOffered(connection({ clientHello: null })), null);
    assert.ok(versionRank('SSL 3.0') < versionRank('TLS 1.0'));
  });

  test('its cipher suites, without GREASE and signals', () => {
    const cipherSuites = ['GREASE_0x0A0A', 'TLS_AES_128_GCM_SHA256', 'TLS_FALLBACK_SCSV', '0x1234'];
    assert.deepEqual(offeredCipherSuites(connection({ clientHello: { cipherSuites } })), [
      'TLS_AES_128_GCM_SHA256',
      '0x1234',
    ]);
  });
});

describe('alerts that say something', () => {
  const echo = alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 });

  test('one that follows the end made by the other side is an echo', () => {
    const of = connection({ phase: 'client-hello', ending: { by: 'server', how: 'close', frame: 6 }, alerts: [echo] });
    assert.deepEqual(meantAlerts(of), []);
    assert.equal(fatalAlert(of), undefined);
    assert.equal(hasFatalAlert(of), false);
  });

  test('one before that end, or after one of its own, is none', () => {
    for (const fins of [[sighting('server', 8)], [sighting('client', 6)]]) {
      assert.deepEqual(meantAlerts(connection({ alerts: [echo], transport: { fins } })), [echo]);
    }
  });

  test('a warning is not fatal, an encrypted alert may be', () => {
    const of = (overrides: Parameters<typeof alert>[0]): boolean =>
      hasFatalAlert(connection({ alerts: [alert(overrides)] }));
    assert.deepEqual([of({}), of({ level: 'warning' }), of({ encrypted: true })], [true, false, true]);
  });
});

describe('how a client refused', () => {
  const late = { phase: 'finished', outcome: 'established', lastFrame: 8 } as const;

  test('it did not', () => {
    assert.equal(refusalByClient(connection()), undefined);
    assert.equal(refusalByClient(connection({ phase: 'client-hello', alerts: [alert()] })), undefined);
  });

  test('in words', () => {
    const words = (of: ReturnType<typeof connection>): string => {
      const refusal = refusalByClient(of);
      assert.ok(refusal);
      return `refused it${howRefused(refusal)}`;
    };
    assert.equal(
      words(connection({ alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })] })),
      'refused it with alert unknown_ca (48)',
    );
    assert.equal(
      words(
        connection({
          serverHello: { version: 'TLS 1.3' },
          alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
        }),
      ),
      'refused it with an encrypted alert',
    );
    assert.equal(words(connection({ phase: 'server-certificate' })), 'refused it by closing the connection');
    assert.equal(words(connection(late)), 'refused it by closing the connection as soon as the handshake was complete');
  });

  test('late, but at once; later it is the idle connection of a browser', () => {
    assert.equal(refusalByClient(connection({ ...late, endedAt: at(2.06) }))?.how, 'late');
    assert.equal(refusalByClient(connection({ ...late, endedAt: at(2.08) })), undefined);
  });

  test('politely, with close_notify', () => {
    const goodbye = alert({ from: 'client', encrypted: true, frame: 8 });
    const polite = refusalByClient(connection({ ...late, alerts: [goodbye], ending: { by: 'client', how: 'close' } }));
    assert.deepEqual([polite?.how, polite?.isPolite], ['late', true]);
    const extensions = ['extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats'];
    const nss = refusalByClient(
      connection({ ...late, clientHello: { extensions }, alerts: [goodbye], ending: { by: 'client', how: 'close' } }),
    );
    assert.deepEqual([nss?.how, nss?.isPolite], ['late', false], 'NSS takes its leave of bad certificates so');
    const openssl = {
      extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac'],
      cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
    };
    const probe = refusalByClient(connection({ ...late, clientHello: openssl }));
    assert.deepEqual([probe?.isPolite, probe?.hasTakenChain], [false, true], 'OpenSSL has checked the chain already');
    assert.ok(probe);
    assert.deepEqual(
      (['trust', 'certificate', 'name'] as const).map((fault) => fits(probe, [], fault)),
      [undefined, undefined, 'likely'],
    );
    // NSS says good-bye right behind its own Finished: it has seen enough.
    const early = alert({ from: 'client', encrypted: true, frame: 6 });
    const hasty = refusalByClient(connection({ ...late, alerts: [early], ending: { by: 'client', how: 'close' } }));
    assert.deepEqual([hasty?.how, hasty?.isPolite], ['late', false]);
  });

  test('in the middle of its second flight it has accepted', () => {
    assert.equal(refusalByClient(connection({ phase: 'finished', outcome: 'failed' })), undefined);
  });
});

describe('whether a refusal fits a fault', () => {
  const said = (name: string): Parameters<typeof fits>[0] => {
    const refusal = refusalByClient(connection({ alerts: [alert({ from: 'client', code: 0, name })] }));
    assert.ok(refusal);
    return refusal;
  };
  const ways: readonly [alert: string, proven: string | undefined, unproven: string | undefined][] = [
    ['unknown_ca', 'certain', 'certain'],
    ['bad_certificate', 'likely', 'likely'],
    ['certificate_unknown', 'likely', 'likely'],
    ['handshake_failure', 'likely', undefined],
    ['internal_error', 'likely', undefined],
    ['certificate_expired', undefined, undefined],
    ['certificate_revoked', undefined, undefined],
  ];
  for (const [name, proven, unproven] of ways) {
    test(`${name}, when unknown_ca would be the one`, () => {
      assert.equal(fits(said(name), ['unknown_ca'], 'certificate'), proven);
      assert.equal(fits(said(name), ['unknown_ca'], 'trust'), unproven);
    });
  }
});

describe('words', () => {
  test('spans of time', () => {
    const day = 24 * 3600_000;
    assert.deepEqual(
      [-5, 0, 0.4, 12.6, 999, 2998, 9999, 12_400, 119_000, 120_000, 3 * 3600_000, 47.9 * 3600_000, 2 * day, 800 * day]
        .map(duration)
        .join(', '),
      '0 ms, 0 ms, 0 ms, 13 ms, 999 ms, 3.0 seconds, 10.0 seconds, 12 seconds, 119 seconds, 2 minutes, 3 hours, 47 hours, 2 days, 2 years',
    );
  });

  test('how often', () => {
    assert.deepEqual([0, 1, 2, 3, 40].map(times), ['never', 'once', 'twice', '3 times', '40 times']);
  });

  test('some of many', () => {
    assert.deepEqual(someOf(['a', 'b', 'c', 'd', 'e', 'f']), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.deepEqual(someOf(['a', 'b', 'c', 'd', 'e', 'f', 'g']), ['a', 'b', 'c', 'd', 'e', 'and 2 more']);
  });

  test('for a command: where to connect, and which name to ask for', () => {
    assert.equal(connectTo(connection({ server: { address: '2001:db8::1', port: 443 } })), '[2001:db8::1]:443');
    assert.deepEqual(sniOption(connection()), ['-servername', 'www.example.com']);
    assert.deepEqual(sniOption(connection({ clientHello: { serverName: null } })), ['-noservername']);
    assert.deepEqual(sniOption(connection({ clientHello: null })), ['-servername', 'NAME']);
  });
});
