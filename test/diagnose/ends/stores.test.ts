/** What trust stores and configured certificates add to a diagnosis, and what they take away. */
import '../../../src/report/reflect.js';
import assert from 'node:assert/strict';
import * as x509 from '@peculiar/x509';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { createContext } from '../../../src/diagnose/capture-context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import type { Configuration } from '../../../src/ends/configurations/configuration.js';
import type { Ends } from '../../../src/ends/ends.js';
import type { CertificateStore } from '../../../src/ends/stores/store.js';
import { endFactOf, actionOf, commandOf, exclusionOf } from '../../../src/report/words.js';
import { alert, certificateRequest, connection } from '../../support/connections.js';
import { clientCertificateMessages, hiddenAnswer } from '../../support/rule-tester.js';
import { issue, trusting, type Issued } from '../../x509/authority.js';

const asIs = (text: string): string => text;
const root = await issue({ name: 'CN=Example Root', ca: true });
const impostor = await issue({ name: 'CN=Example Root', ca: true });
const other = await issue({ name: 'CN=Other Root', ca: true });
const ended = await issue({ name: 'CN=Old Root', ca: true, notAfter: '2022-01-01T00:00:00Z' });
const intermediate = await issue({ name: 'CN=Example CA 1', by: root, ca: true });
const names = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'www.example.com' }])];
const leaf = await issue({ name: 'CN=www.example.com', by: root, extensions: names });
const below = await issue({ name: 'CN=www.example.com', by: intermediate, extensions: names });
const renewed = await issue({ name: 'CN=www.example.com', by: root, extensions: names });
const byEnded = await issue({ name: 'CN=www.example.com', by: ended, extensions: names });

const store = (name: string, ...issued: readonly Issued[]): CertificateStore => ({
  name,
  path: `/etc/${name}`,
  isDirectory: false,
  format: name.endsWith('.jks') ? 'JKS' : 'PEM',
  certificates: issued.map(({ certificate }) => ({ certificate, path: `/etc/${name}`, alias: null })),
});

const NOTHING: Ends = {
  clientTrusts: null,
  serverTrusts: null,
  serverCertificates: null,
  serverConfiguration: null,
  clientConfiguration: null,
};

const CONFIGURATION: Configuration = {
  ...{ format: 'nginx', path: 'nginx.conf', services: [], nameMatching: 'longest', unread: [], chains: new Map() },
  ...{
    intermediateAnchors: null,
    refusesRequests: false,
    foreignProtocols: null,
    refusals: { smallestKeys: {}, hashes: {} },
  },
};

/** The diagnosis of a connection with these files. */
function judged(of: Connection, files: Partial<Ends>, others: readonly Connection[] = []) {
  const context = createContext(trusting(), { ends: { ...NOTHING, ...files } });
  for (const each of [of, ...others]) context.add(each);
  const { cause, differential, comparisons = [] } = diagnose(of, context);
  const remedies = cause?.remedies.filter(({ service }) => service?.id === 'ends') ?? [];
  return {
    rule: cause?.rule.id,
    certainty: cause?.certainty,
    facts: cause?.known?.map((fact) => fact.id) ?? [],
    sentences: cause?.known?.map((fact) => endFactOf(fact, asIs)) ?? [],
    actions: cause === null ? [] : remedies.map((remedy) => actionOf(cause.rule, remedy, asIs)),
    commands: cause === null ? [] : remedies.map((remedy) => commandOf(cause.rule, remedy, asIs)?.text ?? null),
    excluded: differential.flatMap(({ rule, verdict }) =>
      verdict.support === 'excluded' ? [`${rule.id}: ${exclusionOf(rule, verdict, asIs)}`] : [],
    ),
    seen: comparisons.map(({ certificates }) => certificates.map((one) => one.seen)),
    comparisons: comparisons.map(({ kind, result, certificates }) => [
      kind,
      result,
      ...certificates.map((one) => one.likeness),
    ]),
  };
}

const refused = (chain: readonly Issued[], code = 46, name = 'certificate_unknown'): Connection =>
  connection({
    serverCertificates: chain.map(({ certificate }) => certificate),
    alerts: [alert({ from: 'client', code, name })],
  });

describe('the trust store of the clients', () => {
  test('lacks the authority: certain, and what to import where', () => {
    const found = judged(refused([leaf]), { clientTrusts: store('trust.jks', other) });
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['certificate-authority-unknown', 'certain', ['authorityAbsent']],
    );
    assert.match(
      found.actions[0] ?? '',
      /^Get the certificate of Example Root with the key identifier [0-9a-f]{40}, .* trust store \/etc\/trust\.jks of 192\.0\.2\.10\.$/,
    );
    assert.deepEqual(found.commands, [
      'keytool -importcert -alias new-authority -file authority.pem -keystore /etc/trust.jks',
    ]);
    assert.deepEqual(found.comparisons, [['client-trusts', 'untrusted', 'absent', 'absent']]);
  });

  test('has another authority of that name: both fingerprints', () => {
    const found = judged(refused([leaf, root]), { clientTrusts: store('trust.pem', impostor) });
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['certificate-authority-unknown', 'certain', ['authorityHasOtherKey']],
    );
    assert.ok(
      found.sentences[0]?.includes(impostor.certificate.sha256) && found.sentences[0].includes(root.certificate.sha256),
    );
    assert.deepEqual(found.comparisons, [['client-trusts', 'untrusted', 'absent', 'other-key']]);
  });

  test('has the authority: it is not the cause', () => {
    const found = judged(refused([leaf]), { clientTrusts: store('trust.pem', other, root) });
    assert.notEqual(found.rule, 'certificate-authority-unknown');
    assert.ok(
      found.excluded.some((one) =>
        one.startsWith('certificate-authority-unknown: The trust store of the client, trust.pem, has Example Root'),
      ),
    );
    // The root is the store's own: the server did not send it.
    assert.deepEqual(found.comparisons, [['client-trusts', 'trusted', 'absent', 'not-sent']]);
    assert.deepEqual(found.seen, [[leaf.certificate.sha256, null]]);
    const sent = judged(refused([leaf, root]), { clientTrusts: store('trust.pem', root) });
    assert.deepEqual(sent.comparisons, [['client-trusts', 'trusted', 'absent', 'same']]);
  });

  test('has the intermediate without its root: whether that is the fault depends on the client', () => {
    const unknown = (extensions: string, suite = 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384'): Connection =>
      connection({
        clientHello: {
          extensions: extensions.split(' '),
          cipherSuites: [suite, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'],
        },
        serverCertificates: [below.certificate, intermediate.certificate],
        alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca' })],
      });
    const erlang = unknown('signature_algorithms supported_groups', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV');
    const openssl = unknown(
      'ec_point_formats supported_groups encrypt_then_mac extended_master_secret signature_algorithms',
    );
    const go = unknown(
      'supported_groups ec_point_formats signature_algorithms renegotiation_info signed_certificate_timestamp',
    );
    const issuing = { clientTrusts: store('trust.pem', intermediate) };
    // Of programs on OpenSSL, some take it.
    const cases = [
      [erlang, 'certain', 'anchorIsNoRoot', 'intermediate-anchor'],
      [openssl, 'likely', 'anchorMayBeNoRoot', 'intermediate-anchor'],
      [go, 'likely', 'authorityTrustedButRefused', 'trusted'],
    ] as const;
    for (const [of, certainty, fact, result] of cases) {
      const { rule, certainty: found, facts, comparisons } = judged(of, issuing);
      assert.deepEqual([rule, found, facts], ['certificate-authority-unknown', certainty, [fact]]);
      assert.deepEqual(comparisons, [['client-trusts', result, 'absent', 'same']]);
    }
    const whole = judged(erlang, { clientTrusts: store('trust.pem', intermediate, root) });
    assert.deepEqual(whole.facts, ['authorityTrustedButRefused']);
  });

  test('has the authority, and the client says that it does not know it: another store is in force', () => {
    const found = judged(refused([leaf], 48, 'unknown_ca'), { clientTrusts: store('trust.pem', root) });
    assert.deepEqual([found.rule, found.facts], ['certificate-authority-unknown', ['authorityTrustedButRefused']]);
  });

  test('has the root of an intermediate that the server does not send: certain once the intermediate is known', () => {
    const elsewhere = connection({ id: '2', serverCertificates: [below.certificate, intermediate.certificate] });
    const found = judged(refused([below]), { clientTrusts: store('trust.pem', root) }, [elsewhere]);
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['chain-incomplete', 'certain', ['intermediateNotSent']],
    );
    assert.ok(found.excluded.some((one) => one.startsWith('certificate-authority-unknown: ')));
  });

  test('has the authority, which expired there', () => {
    const found = judged(refused([byEnded], 45, 'certificate_expired'), { clientTrusts: store('trust.pem', ended) });
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['certificate-expired', 'certain', ['authorityExpired']],
    );
    assert.match(found.actions[0] ?? '', /^Replace the certificate of Old Root /);
    assert.deepEqual(found.comparisons, [['client-trusts', 'untrusted', 'absent', 'expired']]);
    assert.deepEqual(found.seen, [[byEnded.certificate.sha256, null]]);
  });

  test('has another certificate of an intermediate that was sent, which expired there: OpenSSL takes that one', async () => {
    const old = await issue({
      name: 'CN=Example CA 1',
      by: root,
      ca: true,
      keys: intermediate.keys,
      notAfter: '2021-01-01T00:00:00Z',
    });
    const chain = [below, intermediate];
    const found = judged(refused(chain, 45, 'certificate_expired'), { clientTrusts: store('trust.pem', old, root) });
    assert.deepEqual([found.rule, found.facts], ['certificate-expired', ['authorityExpired']]);
    // The clock of the client may be wrong all the same.
    assert.notEqual(found.certainty, 'certain');
    assert.match(found.actions[0] ?? '', /^Replace the certificate of /);
    assert.deepEqual(found.comparisons, [['client-trusts', 'trusted', 'absent', 'expired', 'not-sent']]);
    // A valid one beside it is taken.
    const both = judged(refused(chain, 45, 'certificate_expired'), {
      clientTrusts: store('trust.pem', old, intermediate, root),
    });
    assert.notEqual(both.rule, 'certificate-expired');
  });

  test('says nothing surely where another program of the host took the chain', () => {
    const accepted = connection({ id: '2', serverCertificates: [leaf.certificate] });
    const found = judged(refused([leaf]), { clientTrusts: store('trust.pem', other) }, [accepted]);
    assert.notEqual(found.certainty, 'certain');
  });
});

describe('the trust store of the server', () => {
  const mutual = (chain: readonly Issued[]): Connection =>
    connection({
      outcome: 'failed',
      phase: 'client-certificate',
      certificateRequest: certificateRequest(),
      messages: clientCertificateMessages(),
      clientCertificates: chain.map(({ certificate }) => certificate),
      alerts: [alert({ from: 'server', code: 48, name: 'unknown_ca', frame: 7 })],
    });

  test('has the authority of the client certificate, which expired there', () => {
    const of = {
      ...mutual([byEnded]),
      alerts: [alert({ from: 'server', code: 45, name: 'certificate_expired', frame: 7 })],
    };
    const found = judged(of, { serverTrusts: store('clients.pem', ended) });
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['client-certificate-expired', 'certain', ['authorityExpired']],
    );
    assert.match(found.actions[0] ?? '', /^Replace the certificate of Old Root /);
  });

  test('lacks the authority of the client certificate: certain', () => {
    const found = judged(mutual([leaf]), { serverTrusts: store('clients.pem', other) });
    assert.deepEqual(
      [found.rule, found.certainty, found.facts],
      ['client-certificate-untrusted', 'certain', ['authorityAbsent']],
    );
    assert.deepEqual(found.commands, ['openssl x509 -in authority.pem >> /etc/clients.pem']);
    assert.deepEqual(found.comparisons, [['server-trusts', 'untrusted', 'absent', 'absent']]);
  });

  test('has an intermediate without its root: the program tells whether it accepts that', () => {
    const files = { serverTrusts: store('clients.pem', intermediate) };
    assert.deepEqual(judged(mutual([below]), files).facts, ['anchorMayBeNoRoot']);
    const by = (intermediateAnchors: 'accepted' | 'refused') =>
      judged(mutual([below]), { ...files, serverConfiguration: { ...CONFIGURATION, intermediateAnchors } });
    assert.deepEqual([by('refused').certainty, by('refused').facts], ['certain', ['anchorIsNoRoot']]);
    assert.deepEqual(by('accepted').facts, ['authorityTrustedButRefused']);
  });

  test('has it', () => {
    const found = judged(mutual([leaf]), { serverTrusts: store('clients.pem', root) });
    assert.deepEqual(found.facts, ['authorityTrustedButRefused']);
  });
});

describe('the certificates that the server is configured to send', () => {
  test('are others than those sent: it has not read them again', () => {
    const found = judged(refused([leaf]), { serverCertificates: store('server.pem', renewed) });
    assert.ok(found.facts.includes('otherLeafConfigured'));
    assert.match(found.actions[0] ?? '', /read \/etc\/server\.pem again/);
    assert.deepEqual(found.comparisons, [['server-certificates', 'otherwise', 'other-key']]);
  });

  test('hold the intermediate that was not sent', () => {
    const found = judged(refused([below], 48, 'unknown_ca'), {
      serverCertificates: store('server.pem', below, intermediate),
    });
    assert.deepEqual([found.rule, found.facts], ['chain-incomplete', ['configuredButNotSent']]);
    assert.deepEqual(found.comparisons, [['server-certificates', 'otherwise', 'same', 'not-sent']]);
  });

  const hidden = (overrides: Parameters<typeof connection>[0] = {}): Connection =>
    connection({
      outcome: 'failed',
      phase: 'server-certificate',
      serverHello: { version: 'TLS 1.3' },
      serverCertificates: [],
      encryptedRecords: hiddenAnswer(),
      alerts: [alert({ from: 'client', code: 48, name: 'unknown_ca', frame: 6 })],
      ...overrides,
    });

  test('stand in for what TLS 1.3 encrypts, which is said, and makes nothing certain', () => {
    const files = { clientTrusts: store('trust.pem', other), serverCertificates: store('server.pem', leaf) };
    const found = judged(hidden(), files);
    assert.deepEqual([found.rule, found.certainty], ['certificate-authority-unknown', 'likely']);
    assert.deepEqual(found.facts, ['configuredStandsIn', 'authorityAbsent']);
    assert.deepEqual(found.comparisons, [
      ['client-trusts', 'untrusted', 'absent', 'absent'],
      ['server-certificates', 'unknown', 'unseen'],
    ]);
  });

  test('do not where they are for another name', () => {
    const elsewhere = hidden({ clientHello: { serverName: 'other.example' } });
    assert.deepEqual(judged(elsewhere, { serverCertificates: store('server.pem', leaf) }).facts, []);
  });
});

test('without files nothing is added', () => {
  const context = createContext(trusting());
  const of = refused([leaf]);
  context.add(of);
  const { cause, comparisons } = diagnose(of, context);
  assert.deepEqual([cause?.known, comparisons], [undefined, undefined]);
});
