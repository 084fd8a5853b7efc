import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDroppedForSession, refusedSession } from '../../../src/diagnose/evidence/refused-session.js';
import { resumptionBroken } from '../../../src/diagnose/rules/resumption-broken.js';
import { alert, at, connection, encryptedRecord, message, serverHello } from '../../support/connections.js';
import { createTrustAnchors } from '../../../src/x509/anchors.js';
import { createX509Reader } from '../../../src/x509/reader.js';
import { NO_ROOTS } from '../../../src/x509/roots.js';
import { contextOf } from '../../support/context.js';
import { testRule } from '../../support/rule-tester.js';

const resumed = { serverHello: { resumed: true }, serverCertificates: [] } as const;
const badMac = connection({ ...resumed, alerts: [alert({ from: 'client', code: 20, name: 'bad_record_mac' })] });
/** A client that leaves behind the ServerHello, in frame 5, at this frame. */
const leaves = (frame: number): ReturnType<typeof connection> =>
  connection({
    serverHello: { resumed: true, version: 'TLS 1.3' },
    serverCertificates: [],
    phase: 'server-certificate',
    outcome: 'failed',
    encryptedRecords: [encryptedRecord('server', 7, 23), encryptedRecord('server', 7, 69)],
    ending: { by: 'client', how: 'reset', frame },
  });
const full = connection({ id: '2', serverHello: { frame: 25 } });
const internal = alert({ code: 80, name: 'internal_error' });
/** A ClientHello that the server refused, with this length. */
const refused = (length: number, said = internal, clientHello = {}) =>
  connection({
    phase: 'client-hello',
    clientHello,
    messages: [message('client_hello', 'client', 4, { length })],
    alerts: [said],
  });
/** The same, which the server ended without an alert. */
const dropped = (length: number, how: 'close' | 'reset', clientHello = {}) =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    clientHello,
    messages: [message('client_hello', 'client', 4, { length })],
    ending: { by: 'server', how, frame: 6, at: at(0) },
  });
/** The same, which the server left unanswered for seconds. */
const silent = (length: number) =>
  connection({
    phase: 'client-hello',
    outcome: 'failed',
    clientHello: { pskOffered: true },
    messages: [message('client_hello', 'client', 4, { length })],
    ending: { by: 'client', how: 'close', frame: 6, at: at(4) },
    transport: { server: { bytes: 0 } },
  });
const accepted = (overrides = {}) =>
  connection({
    id: '2',
    serverHello: { frame: 25 },
    messages: [message('client_hello', 'client', 24, { length: 300 })],
    ...overrides,
  });

testRule(resumptionBroken, {
  basis: 'fact',
  fires: [
    {
      name: 'a resumed session fails, and full handshakes work',
      connection: badMac,
      others: [full],
      support: 'supported',
      explanation: 'othersWorked',
      data: { how: 'with alert bad_record_mac (20)' },
      frames: [4, 5, 6, 25],
    },
    {
      name: 'the same a minute later: the server may serve nobody by now',
      connection: badMac,
      others: [{ ...full, startedAt: at(-60) }],
      support: 'open',
      explanation: 'othersWorked',
      frames: [4, 5, 6, 25],
    },
    {
      name: 'an alert that has nothing to do with keys',
      connection: { ...badMac, alerts: [alert({ from: 'client', code: 80, name: 'internal_error' })] },
      others: [full],
      support: 'open',
      explanation: 'othersWorked',
      frames: [4, 5, 6, 25],
    },
    {
      name: 'nothing is known of other handshakes, and the client just leaves',
      connection: leaves(8),
      support: 'open',
      explanation: 'alone',
      frames: [4, 5, 8],
    },
    {
      name: 'full handshakes work, and the server just leaves: it may be restarted',
      connection: { ...leaves(8), ending: { ...leaves(8).ending, by: 'server' } },
      others: [full],
      support: 'open',
      explanation: 'othersWorked',
      frames: [4, 5, 8, 25],
    },
    {
      name: 'full handshakes work, and the client just leaves: it may have had no time left (HAProxy 2.6, a health check)',
      connection: leaves(8),
      others: [full],
      support: 'open',
      explanation: 'othersWorked',
      frames: [4, 5, 8, 25],
    },
    {
      name: 'TLS 1.3: internal_error to a client that offers the session of its first handshake (OpenSSL: no session id context)',
      connection: refused(550, internal, { pskOffered: true }),
      others: [accepted()],
      support: 'supported',
      explanation: 'refused',
      data: { how: 'with alert internal_error (80)' },
      frames: [4, 6, 25],
    },
    {
      name: 'TLS 1.2: the same to one whose ClientHello is longer by a ticket',
      connection: refused(492),
      others: [accepted()],
      support: 'supported',
      explanation: 'refused',
      frames: [4, 6, 25],
    },
    {
      name: 'TLS 1.2: nor does the padding count that OpenSSL adds to a ClientHello with a ticket (curl, Python)',
      connection: refused(508, internal, { extensions: ['server_name', 'session_ticket', 'padding_0x0015'] }),
      others: [accepted({ clientHello: { extensions: ['server_name', 'session_ticket'] } })],
      support: 'supported',
      explanation: 'refused',
      frames: [4, 6, 25],
    },
    {
      name: 'the server resets upon the offer of a session, and full handshakes work: one of several causes',
      connection: dropped(550, 'reset', { pskOffered: true }),
      others: [accepted()],
      support: 'open',
      explanation: 'dropped',
      data: { how: 'with a TCP reset' },
      frames: [4, 6, 25],
    },
    {
      name: 'TLS 1.2: it closes upon a ClientHello that is longer by a ticket',
      connection: dropped(492, 'close'),
      others: [accepted()],
      support: 'open',
      explanation: 'dropped',
      data: { how: 'by closing the connection' },
      frames: [4, 6, 25],
    },
    {
      name: 'the server leaves the offer of a session unanswered, and full handshakes work',
      connection: silent(550),
      others: [accepted()],
      support: 'open',
      explanation: 'unanswered',
      frames: [4, 6, 25],
    },
    {
      name: 'the full handshake worked long before, and nothing since: the server may refuse all of them',
      connection: { ...refused(550, internal, { pskOffered: true }), startedAt: at(20) },
      others: [accepted()],
      support: 'open',
      explanation: 'refusedLater',
      frames: [4, 6, 25],
    },
    {
      name: 'others were resumed: it may depend on the age of the session (HAProxy), or on which of several servers answers',
      connection: refused(550, internal, { pskOffered: true }),
      others: [accepted(), connection({ id: '3', serverHello: { frame: 35, resumed: true }, serverCertificates: [] })],
      support: 'open',
      explanation: 'refusedSometimes',
      frames: [4, 6, 25, 35],
    },
    {
      name: 'TLS 1.3: decrypt_error may be about a key that was agreed on otherwise',
      connection: refused(550, alert({ code: 51, name: 'decrypt_error' }), { pskOffered: true }),
      others: [accepted({ client: { address: '192.0.2.99', port: 40000 } })],
      support: 'open',
      explanation: 'refused',
      frames: [4, 6, 25],
    },
    {
      name: 'internal_error to a client that offers a session, behind a full handshake of another program and one of its own',
      connection: refused(550, internal, { pskOffered: true }),
      others: [
        accepted({ id: '3', clientHello: { ja4: 't12d0104h2_0_0', cipherSuites: ['TLS_RSA_WITH_AES_128_CBC_SHA'] } }),
        accepted(),
      ],
      support: 'supported',
      explanation: 'refused',
      frames: [4, 6, 25],
    },
    {
      name: 'TLS 1.3: decrypt_error to a client that also completes handshakes without a key, so that it offers a ticket',
      connection: refused(550, alert({ code: 51, name: 'decrypt_error' }), { pskOffered: true }),
      others: [accepted()],
      support: 'supported',
      explanation: 'refused',
      frames: [4, 6, 25],
    },
    {
      name: 'internal_error to a client that offers a session, and only another program is known to work',
      connection: refused(550, internal, { pskOffered: true }),
      others: [accepted({ clientHello: { cipherSuites: ['TLS_AES_256_GCM_SHA384'] } })],
      support: 'open',
      explanation: 'refusedAlone',
      frames: [4, 6],
    },
    {
      name: 'internal_error to a client that offers a session, and nothing is known of other handshakes',
      connection: refused(550, internal, { pskOffered: true }),
      support: 'open',
      explanation: 'refusedAlone',
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'bad_certificate to a client that offers a session: Go verifies its certificate again upon resumption',
      connection: refused(550, alert({ code: 42, name: 'bad_certificate' }), { pskOffered: true }),
      others: [accepted()],
    },
    {
      name: 'internal_error to a ClientHello as long as one that was accepted',
      connection: refused(300),
      others: [accepted()],
    },
    {
      name: 'a longer ClientHello for another name',
      connection: refused(492, internal, { serverName: 'other.example.com' }),
      others: [accepted()],
    },
    {
      name: 'a longer ClientHello of another program',
      connection: refused(492, internal, { supportedGroups: ['x25519'] }),
      others: [accepted()],
    },
    {
      name: 'a ClientHello that is longer by the key share of another group',
      connection: refused(492, internal, { keyShareGroups: ['X25519MLKEM768', 'x25519'] }),
      others: [accepted()],
    },
    {
      name: 'the alert names something else',
      connection: refused(492, alert({ code: 112, name: 'unrecognized_name' })),
      others: [accepted()],
    },
    {
      name: 'handshake_failure to a client that offers a session or a key, and nothing is known of other handshakes',
      connection: refused(550, alert({ code: 40, name: 'handshake_failure' }), { pskOffered: true }),
    },
    {
      name: 'the client leaves before the server has sent anything that the session protects',
      connection: leaves(6),
      others: [full],
    },
    { name: 'a full handshake', connection: connection({ alerts: [alert({ from: 'client' })] }), others: [full] },
  ],
  excluded: [
    {
      name: 'another connection resumed a session, and worked',
      connection: badMac,
      others: [full, connection({ id: '3', serverHello: { frame: 35, resumed: true }, serverCertificates: [] })],
      because: 'resumedElsewhere',
      frames: [35],
    },
  ],
});

const anchors = createTrustAnchors(createX509Reader().certificate, { roots: () => NO_ROOTS });

test('a server that drops only the offers of a session, before and after others worked', () => {
  const offered = silent(550);
  const short = {
    ...refused(280, internal),
    alerts: [],
    ending: offered.ending,
    transport: offered.transport,
    id: '4',
  };
  const isOnly = (of: typeof offered, ...others: readonly ReturnType<typeof connection>[]): boolean =>
    isDroppedForSession(of, contextOf([...others, of, accepted()], anchors));
  for (const one of [offered, dropped(550, 'close', { pskOffered: true }), dropped(550, 'reset', { pskOffered: true })])
    assert.equal(isOnly(one), true);
  assert.equal(isOnly(offered, { ...full, id: '3', serverHello: { ...serverHello(), resumed: true } }), false);
  assert.equal(isOnly(offered, short), false, 'one without a session was left unanswered, too');
  assert.equal(isOnly({ ...offered, startedAt: at(20) }), false, 'it worked long before');
  assert.equal(isOnly(refused(550, internal, { pskOffered: true })), false, 'an alert says more');
});

test('a server that refused a ClientHello without a session in the same way may refuse all', () => {
  const offered = refused(550, internal, { pskOffered: true });
  const isAll = (others: readonly ReturnType<typeof connection>[]): boolean | undefined => {
    const session = refusedSession(offered, contextOf([...others, offered, accepted()], anchors));
    return session?.alert === internal ? session.mayRefuseAll : undefined;
  };
  assert.equal(isAll([]), false);
  assert.equal(isAll([{ ...refused(300), id: '3' }]), true);
});
