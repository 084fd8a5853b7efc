import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { howRefused, refusalByClient, supportOf } from '../../../src/diagnose/evidence/refusals.js';
import { fill } from '../../../src/report/words.js';
import { alert, at, connection, message, reset } from '../../support/connections.js';
import { preamble } from '../../support/plaintext.js';
import { ERLANG_HELLO, GNUTLS_HELLO, NODE_HELLO, PHP_SUITES, RUSTLS_HELLO } from '../../support/hellos.js';

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
      return fill('refused it {how}', { how: howRefused(refusal) }, (text) => text);
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
    const reset = { by: 'client', how: 'reset', frame: 6, at: at(0.06) } as const;
    assert.equal(words(connection({ phase: 'server-certificate', ending: reset })), 'refused it with a TCP reset');
    assert.equal(words(connection(late)), 'refused it by closing the connection as soon as the handshake was complete');
    assert.match(words(connection({ ...late, clientHello: NODE_HELLO })), /complete \(unless its program only looked/);
  });

  test('not before the certificate came: it ran out of patience', () => {
    const left = { by: 'client', how: 'close', at: at(0.05) } as const;
    assert.equal(
      refusalByClient(connection({ phase: 'server-certificate', ending: { ...left, frame: 4 } })),
      undefined,
    );
    assert.equal(
      refusalByClient(connection({ phase: 'server-certificate', ending: { ...left, frame: 8 } }))?.how,
      'close',
    );
  });

  test('by close_notify, upon which the server closes first (GnuTLS)', () => {
    const goodbye = alert({ from: 'client', level: 'warning', code: 0, name: 'close_notify', frame: 7, at: at(0.07) });
    const closed = {
      phase: 'server-certificate',
      ending: { by: 'server', how: 'close', frame: 8, at: at(0.08) },
    } as const;
    const refusal = refusalByClient(connection({ ...closed, alerts: [goodbye] }));
    assert.deepEqual([refusal?.how, refusal?.evidence[0]?.frame], ['close', 7]);
    assert.equal(refusalByClient(connection(closed)), undefined, 'the server closes by itself');
  });

  test('before the rest of the flight came, over OpenVPN', () => {
    const cut = {
      phase: 'server-certificate',
      messages: [
        message('client_hello', 'client', 4),
        message('server_hello', 'server', 5),
        message('certificate', 'server', 5),
        message('server_hello_done', 'server', 7),
      ],
      ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
    } as const;
    assert.equal(refusalByClient(connection(cut)), undefined);
    assert.equal(refusalByClient(connection({ ...cut, preamble: preamble({ kind: 'openvpn' }) }))?.how, 'close');
  });

  test('not by a reset that a device on the path sent in its name', () => {
    const resetWith = (ttl: number) =>
      connection({
        phase: 'server-certificate',
        ending: { by: 'client', how: 'reset', frame: 8, at: at(0.08) },
        transport: {
          resets: [reset({ from: 'client', frame: 8, at: at(0.08), ttl })],
          client: { ttl: 64, ttls: [64, 64] },
        },
      });
    assert.equal(refusalByClient(resetWith(64))?.how, 'close');
    assert.equal(refusalByClient(resetWith(128))?.how, 'close');
    assert.equal(refusalByClient(resetWith(120)), undefined);
  });

  test('after the handshake, but at once; later it is the idle connection of a browser', () => {
    assert.equal(
      refusalByClient(connection({ ...late, ending: { by: 'client', how: 'close', frame: 8, at: at(0.56) } }))?.how,
      'after-handshake',
    );
    assert.equal(
      refusalByClient(connection({ ...late, ending: { by: 'client', how: 'close', frame: 8, at: at(0.58) } })),
      undefined,
    );
  });

  test('not after the handshake, if its stack checks chain and name before, and refuses by an alert (Erlang)', () => {
    assert.equal(refusalByClient(connection({ ...late, clientHello: ERLANG_HELLO })), undefined);
  });

  test('after the handshake, it has accepted the chain if its stack checks that before: only the name remains (rustls)', () => {
    const refusal = refusalByClient(connection({ ...late, clientHello: RUSTLS_HELLO }));
    assert.ok(refusal);
    assert.deepEqual(
      (['trust', 'certificate', 'name'] as const).map((fault) => supportOf(refusal, [], fault)),
      [undefined, undefined, 'supported'],
    );
  });

  test('not while it waited for the Finished of a server of TLS 1.2: it lost its patience, or a race with another connection', () => {
    const { messages } = connection(late);
    const own = messages.findLastIndex(({ from }) => from === 'client');
    const last = messages[own];
    assert.ok(last);
    const leaves = ([0.08, 0.4] as const).map(
      (seconds) =>
        refusalByClient(
          connection({
            ...late,
            serverHello: { version: 'TLS 1.2' },
            messages: [
              ...messages.slice(0, own),
              { ...last, frame: 6, at: at(0) },
              { ...last, from: 'server', frame: 9, at: at(0.41) },
            ],
            ending: { by: 'client', how: 'close', frame: 8, at: at(seconds) },
          }),
        )?.how,
    );
    assert.deepEqual(leaves, ['after-handshake', undefined]);
  });

  test('in order, with close_notify', () => {
    const goodbye = alert({ from: 'client', encrypted: true, frame: 8 });
    const orderly = refusalByClient(connection({ ...late, alerts: [goodbye], ending: { by: 'client', how: 'close' } }));
    assert.deepEqual([orderly?.how, orderly?.isOrderlyClose], ['after-handshake', true]);
    const { messages } = connection(late);
    const last = messages.at(-1);
    assert.ok(last);
    const ticket = { ...last, from: 'server', type: 'new_session_ticket', frame: 9, decrypted: true } as const;
    const beforeTicket = refusalByClient(
      connection({
        ...late,
        messages: [...messages, ticket],
        alerts: [goodbye],
        ending: { by: 'client', how: 'close' },
      }),
    );
    assert.equal(beforeTicket?.isOrderlyClose, true, 'tickets of TLS 1.3 come after the handshake');
    const extensions = ['extended_master_secret', 'renegotiation_info', 'supported_groups', 'ec_point_formats'];
    const signatureSchemes = ['ecdsa_secp256r1_sha256', 'ecdsa_secp384r1_sha384', 'ecdsa_secp521r1_sha512'];
    const nss = refusalByClient(
      connection({
        ...late,
        clientHello: { extensions, signatureSchemes },
        alerts: [goodbye],
        ending: { by: 'client', how: 'close' },
      }),
    );
    assert.deepEqual(
      [nss?.how, nss?.isOrderlyClose],
      ['after-handshake', false],
      'NSS takes its leave of bad certificates so',
    );
    const openssl = {
      extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
      cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
    };
    const curl = { extensions: [...openssl.extensions, 'post_handshake_auth'], alpn: ['http/1.1'] };
    const probe = refusalByClient(connection({ ...late, clientHello: { ...openssl, ...curl } }));
    assert.deepEqual(
      [probe?.isOrderlyClose, probe?.hasAcceptedChain],
      [false, true],
      'OpenSSL has checked the chain already',
    );
    assert.ok(probe);
    assert.deepEqual(
      (['trust', 'certificate', 'name'] as const).map((fault) => supportOf(probe, [], fault)),
      [undefined, undefined, 'supported'],
    );
    const looks = [
      { clientHello: { ...openssl, alpn: [] } },
      { clientHello: { ...openssl, alpn: [] }, preamble: preamble({ kind: 'http-connect' }) },
      { clientHello: { ...NODE_HELLO, alpn: [] }, alerts: [goodbye] },
    ];
    assert.deepEqual(
      looks.map((look) => refusalByClient(connection({ ...late, ending: { by: 'client', how: 'close' }, ...look }))),
      [undefined, undefined, undefined],
      'who has no protocol to speak may only look, also through a proxy: Python by a bare close, Node.js in order',
    );
    const php = { ...openssl, cipherSuites: PHP_SUITES, alpn: [] };
    assert.equal(
      refusalByClient(connection({ ...late, clientHello: php, alerts: [goodbye] }))?.how,
      'after-handshake',
      'PHP checks the name then, and takes its leave in order',
    );
    const leaves = [[], ['http/1.1'], ['h2', 'http/1.1']].map((alpn) =>
      refusalByClient(
        connection({
          ...late,
          clientHello: { ...GNUTLS_HELLO, alpn },
          alerts: [goodbye],
          ending: { by: 'client', how: 'close' },
        }),
      ),
    );
    assert.deepEqual(
      leaves.map((one) => one?.isOrderlyClose),
      [undefined, true, false],
      'curl on GnuTLS takes its leave of bad certificates so; gnutls-cli looks, and may do so with one protocol',
    );
    // NSS says good-bye right behind its own Finished: it has seen enough.
    const early = alert({ from: 'client', encrypted: true, frame: 6 });
    const hasty = refusalByClient(connection({ ...late, alerts: [early], ending: { by: 'client', how: 'close' } }));
    assert.deepEqual([hasty?.how, hasty?.isOrderlyClose], ['after-handshake', false]);
  });

  test('in the middle of its second flight it has accepted', () => {
    assert.equal(refusalByClient(connection({ phase: 'finished', outcome: 'failed' })), undefined);
  });
});

describe('whether a refusal fits a fault', () => {
  test('a client of an unknown stack that just leaves: of trust and of names, that is a weak sign', () => {
    const ending = { by: 'client', how: 'close', frame: 6, at: at(0.06) } as const;
    const refusal = refusalByClient(connection({ phase: 'server-certificate', ending }));
    assert.ok(refusal?.how === 'close');
    assert.deepEqual(
      (['trust', 'certificate', 'name'] as const).map((fault) => supportOf(refusal, [], fault)),
      ['open', 'supported', 'open'],
    );
  });

  const said = (name: string): Parameters<typeof supportOf>[0] => {
    const refusal = refusalByClient(connection({ alerts: [alert({ from: 'client', code: 0, name })] }));
    assert.ok(refusal);
    return refusal;
  };
  const ways: readonly [alert: string, proven: string | undefined, unproven: string | undefined][] = [
    ['unknown_ca', 'confirmed', 'confirmed'],
    ['bad_certificate', 'supported', 'supported'],
    ['certificate_unknown', 'supported', 'supported'],
    ['handshake_failure', 'supported', undefined],
    ['internal_error', 'supported', undefined],
    ['certificate_expired', undefined, undefined],
    ['certificate_revoked', undefined, undefined],
  ];
  for (const [name, proven, unproven] of ways) {
    test(`${name}, when unknown_ca would be the one`, () => {
      assert.equal(supportOf(said(name), ['unknown_ca'], 'certificate'), proven);
      assert.equal(supportOf(said(name), ['unknown_ca'], 'trust'), unproven);
    });
  }
});
