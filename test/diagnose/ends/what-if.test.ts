/** "Would it have worked?": connections of a capture against a file that was not in force. */
import '../../../src/report/reflect.js';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, test } from 'node:test';
import type { Connection } from '../../../src/connection/connection.js';
import { createContext } from '../../../src/diagnose/capture-context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import { createWhatIf, type WhatIf } from '../../../src/diagnose/ends/what-if.js';
import { UNKNOWN_SERVICE, type Configuration, type Service } from '../../../src/ends/configurations/configuration.js';
import { settingOf } from '../../../src/ends/configurations/values.js';
import type { Ends } from '../../../src/ends/ends.js';
import { whatIfOf } from '../../../src/report/document/ends.js';
import { alert, certificateRequest, connection } from '../../support/connections.js';
import { clientCertificateMessages } from '../../support/rule-tester.js';
import { issue, trusting, type Issued } from '../../x509/authority.js';
import { ENGLISH_WORDING } from '../../../src/report/wording.js';

const NOTHING: Ends = {
  clientTrusts: null,
  serverTrusts: null,
  serverCertificates: null,
  serverConfiguration: null,
  clientConfiguration: null,
};
const at = <Value>(value: Value) => settingOf(value, 'directive', 'next.conf', 1);
const names = [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'www.example.com' }])];
const root = await issue({ name: 'CN=Root', ca: true });
const other = await issue({ name: 'CN=Other', ca: true });
const leaf = await issue({ name: 'CN=www.example.com', by: root, extensions: names });
const renewed = await issue({ name: 'CN=www.example.com', by: root, extensions: names });
const ended = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: names,
  notAfter: '2021-01-01T00:00:00Z',
});
const rsaKeys = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: Uint8Array.of(1, 0, 1),
  hash: 'SHA-256',
};
const ofRsa = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: names,
  keys: await webcrypto.subtle.generateKey(rsaKeys, true, ['sign', 'verify']),
});
const foreign = await issue({ name: 'CN=www.example.com', by: other, extensions: names });
const expiredRoot = await issue({ name: 'CN=Ended', ca: true, notAfter: '2021-01-01T00:00:00Z' });
const byEnded = await issue({ name: 'CN=device', by: expiredRoot });
const middle = await issue({ name: 'CN=Middle', by: root, ca: true });
const below = await issue({ name: 'CN=www.example.com', by: middle, extensions: names });
const young = await issue({
  name: 'CN=www.example.com',
  by: root,
  extensions: names,
  notBefore: '2035-01-01T00:00:00Z',
});
const unnamed = await issue({ name: 'CN=other.example', by: root });

function answers(
  of: Connection,
  kind: WhatIf['kind'],
  ends: Partial<Ends>,
  clientTrusts: Ends['clientTrusts'] = null,
  anchors = trusting(),
  time: { readonly at?: Date } = {},
) {
  const files = clientTrusts === null ? undefined : { ...NOTHING, clientTrusts };
  const context = createContext(anchors, { ends: files });
  context.add(of);
  const judge = createWhatIf({ path: 'next', kind, ends: { ...NOTHING, ...ends } }, context, trusting(), time);
  judge.add(diagnose(of, context));
  return judge.result().groups.map(({ was, would, reason }) => [was, would, reason].join(' '));
}

const store = (...issued: readonly Issued[]) => ({
  name: 'store',
  path: 'store',
  isDirectory: false,
  format: 'PEM',
  certificates: issued.map(({ certificate }) => ({ certificate, path: 'store', alias: null })),
});
const configured = (service: Partial<Service>, ...chains: readonly (readonly Issued[])[]): Partial<Ends> => ({
  serverConfiguration: {
    format: 'nginx',
    path: 'next',
    services: [{ ...UNKNOWN_SERVICE, ...service }],
    nameMatching: 'longest',
    intermediateAnchors: null,
    refusesRequests: false,
    foreignProtocols: null,
    unread: [],
    chains: new Map(
      chains.flatMap((chain) => {
        const sent = chain.map(({ certificate }) => certificate);
        return sent[0] === undefined ? [] : [[sent[0], sent]];
      }),
    ),
    refusals: { smallestKeys: {}, hashes: {} },
  },
});

const hello = {
  supportedVersions: ['TLS 1.2'],
  extensions: ['supported_versions'],
  cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  signatureSchemes: ['ecdsa_secp256r1_sha256'],
};
const worked = (overrides: Parameters<typeof connection>[0] = {}): Connection =>
  connection({
    clientHello: hello,
    serverHello: { version: 'TLS 1.2', cipherSuite: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
    serverCertificates: [leaf.certificate],
    ...overrides,
  });
const failed = (code: number, name: string, overrides: Parameters<typeof connection>[0] = {}): Connection =>
  worked({
    outcome: 'failed',
    phase: 'server-certificate',
    alerts: [alert({ from: 'client', code, name })],
    ...overrides,
  });

test('another configuration of the server', () => {
  const suites = at(['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']);
  const both = configured({ versions: at(['TLS 1.2', 'TLS 1.3']), cipherSuites: suites });
  assert.deepEqual(answers(worked(), 'configuration', both), ['established work fits']);
  const newer = configured({ versions: at(['TLS 1.3']) });
  assert.deepEqual(answers(worked(), 'configuration', newer), ['established fail no-version']);
  const narrower = configured({ versions: at(['TLS 1.2']), cipherSuites: at(['TLS_RSA_WITH_AES_128_CBC_SHA']) });
  assert.deepEqual(answers(worked(), 'configuration', narrower), ['established fail no-cipher-suite']);
  assert.deepEqual(answers(worked(), 'configuration', configured({})), ['established unknown not-set']);
  const mutual = configured({ versions: at(['TLS 1.2']), cipherSuites: suites, clientCertificate: at('required') });
  assert.deepEqual(answers(worked(), 'configuration', mutual), ['established unknown client-certificate']);
  const strict = configured({ names: ['a.example'], rejects: at(true) });
  assert.deepEqual(answers(worked(), 'configuration', strict), ['established fail name-rejected']);
});

describe('a configuration whose certificates are at hand', () => {
  const ecdsa = 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256';
  const rsa = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
  const both = ['ecdsa_secp256r1_sha256', 'rsa_pss_rsae_sha256'];
  const client = (offers: object, serverName = 'www.example.com'): Connection =>
    worked({ clientHello: { ...hello, cipherSuites: [rsa, ecdsa], signatureSchemes: both, serverName, ...offers } });
  const server = (certificates: Service['certificates'], choosesBy: Service['choosesBy'] = 'fit'): Partial<Ends> =>
    configured({
      versions: at(['TLS 1.2', 'TLS 1.3']),
      cipherSuites: at([rsa, ecdsa]),
      groups: at(['x25519', 'secp256r1']),
      certificates,
      choosesBy,
    });
  const ask = (of: Connection, ends: Partial<Ends>): readonly string[] => answers(of, 'configuration', ends);
  const onlyX25519 = { supportedGroups: ['x25519'] };
  const usual = { supportedGroups: ['x25519', 'secp256r1'] };

  test('is judged by them, not by that of the capture', () => {
    const ofEcdsa = server([leaf.certificate]);
    assert.deepEqual(ask(client(usual), ofEcdsa), ['established work fits']);
    assert.deepEqual(ask(client(onlyX25519), ofEcdsa), ['established fail no-cipher-suite']);
    assert.deepEqual(ask(client({ ...usual, cipherSuites: [rsa] }), ofEcdsa), ['established fail no-cipher-suite']);
    assert.deepEqual(ask(client({ ...usual, cipherSuites: [ecdsa] }), server([ofRsa.certificate])), [
      'established fail no-cipher-suite',
    ]);
  });

  test('nginx and httpd take the certificate that fits, HAProxy that of ECDSA for whoever can sign so', () => {
    const two = [ofRsa.certificate, leaf.certificate];
    assert.deepEqual(ask(client(onlyX25519), server(two)), ['established work fits']);
    assert.deepEqual(ask(client(onlyX25519), server(two, 'signatures')), ['established fail no-cipher-suite']);
    const signsRsa = { ...onlyX25519, signatureSchemes: ['rsa_pkcs1_sha256'] };
    assert.deepEqual(ask(client(signsRsa), server(two, 'signatures')), ['established work fits']);
    // Whether RSA-PSS counts as RSA depends on the release of HAProxy.
    const signsPss = { ...usual, signatureSchemes: ['rsa_pss_rsae_sha256'] };
    assert.deepEqual(ask(client(signsPss), server(two)), ['established work fits']);
    assert.deepEqual(ask(client(signsPss), server(two, 'signatures')), ['established unknown not-set']);
    // Which one the server of a scan sends is not known: a client of both kinds is safe with either.
    assert.deepEqual(ask(client(signsPss), server(two, 'unknown')), ['established unknown not-set']);
    assert.deepEqual(ask(client(usual), server(two, 'unknown')), ['established work fits']);
    // For another name it has its first certificate, which the capture may show.
    assert.deepEqual(ask(client(onlyX25519, 'other.example'), server(two, 'signatures')), ['established work fits']);
  });

  test('TLS 1.3 asks for a signature of the kind of key', () => {
    const offers = { ...usual, supportedVersions: ['TLS 1.3'], cipherSuites: ['TLS_AES_128_GCM_SHA256'] };
    const of = client({ ...offers, signatureSchemes: ['rsa_pss_rsae_sha256'] });
    assert.deepEqual(ask(of, server([leaf.certificate])), ['established fail key-type']);
    assert.deepEqual(ask(of, server([ofRsa.certificate])), ['established work fits']);
  });

  test('a PROXY header that is not expected fails still', () => {
    const preamble = {
      kind: 'proxy-protocol',
      state: 'announced',
      steps: [],
      target: null,
      originalClient: null,
      reply: null,
      next: null,
    } as const;
    const plain = configured({ versions: at(['TLS 1.2']), cipherSuites: at([rsa]), proxyProtocol: at(false) });
    assert.deepEqual(ask(worked({ preamble }), plain), ['established fail proxy-header-unexpected']);
    assert.deepEqual(ask(worked({ preamble }), configured({ versions: at(['TLS 1.2']), cipherSuites: at([rsa]) })), [
      'established unknown not-set',
    ]);
  });
});

describe('a configuration with another chain', () => {
  const settings = {
    versions: at(['TLS 1.2', 'TLS 1.3']),
    cipherSuites: at(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256']),
    groups: at(['x25519', 'secp256r1']),
  };
  const sends = (...chain: readonly [Issued, ...Issued[]]): Partial<Ends> =>
    configured({ ...settings, certificates: [chain[0].certificate] }, chain);
  const asks = {
    ...hello,
    cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
    supportedGroups: ['x25519', 'secp256r1'],
    serverName: 'www.example.com',
  };
  const took = (...chain: readonly Issued[]): Connection =>
    worked({ clientHello: asks, serverCertificates: chain.map(({ certificate }) => certificate) });
  const ask = (of: Connection, ends: Partial<Ends>, trusts: Ends['clientTrusts'] = null) =>
    answers(of, 'configuration', ends, trusts);

  test('breaks clients if it has expired, or bears another name; not those that have taken the like', () => {
    assert.deepEqual(ask(took(leaf), sends(leaf)), ['established work fits']);
    assert.deepEqual(ask(took(leaf), sends(renewed)), ['established work fits']);
    assert.deepEqual(ask(took(leaf), sends(ended)), ['established fail not-valid']);
    assert.deepEqual(ask(took(leaf), sends(unnamed)), ['established fail name-not-covered']);
    assert.deepEqual(ask(took(unnamed), sends(unnamed)), ['established work fits']);
    assert.deepEqual(ask(took(leaf), sends(foreign)), ['established unknown trust-unknown']);
    assert.deepEqual(ask(took(leaf), sends(foreign), store(root)), ['established fail untrusted']);
    assert.deepEqual(ask(took(leaf), sends(foreign), store(other)), ['established work trusted']);
  });

  test('an issuer that it leaves out may be missing', () => {
    assert.deepEqual(ask(took(leaf, middle), sends(renewed, middle)), ['established work fits']);
    assert.deepEqual(ask(took(leaf, middle), sends(renewed)), ['established unknown chain-shorter']);
    // Roots may be left out.
    assert.deepEqual(ask(took(leaf, root), sends(renewed)), ['established work fits']);
  });

  test('what begins after the capture is judged from then on, unless a time is given', () => {
    assert.deepEqual(ask(took(leaf), sends(young)), ['established work fits']);
    const then = { at: new Date('2030-01-01T00:00:00Z') };
    const answer = answers(took(leaf), 'configuration', sends(young), null, trusting(), then);
    assert.deepEqual(answer, ['established fail not-valid']);
    assert.deepEqual(answers(worked(), 'chain', { serverCertificates: store(young) }), ['established work trusted']);
  });

  test('mends what failed of the chain, where the new one is trusted', () => {
    const expired = failed(45, 'certificate_expired', {
      clientHello: asks,
      serverCertificates: [ended.certificate, root.certificate],
    });
    assert.deepEqual(ask(expired, sends(renewed, root), store(root)), ['failed work trusted']);
    assert.deepEqual(ask(expired, sends(renewed, root)), ['failed unknown trust-unknown']);
    assert.deepEqual(ask(expired, sends(ended, root), store(root)), ['failed fail other-cause']);
  });

  test('what a server that asks for certificates makes of one that it has not seen, its trust store tells', () => {
    const device = took(leaf);
    const of = { ...device, clientCertificates: [byEnded.certificate] };
    const mutual = configured({ ...settings, certificates: [leaf.certificate], clientCertificate: at('required') });
    assert.deepEqual(ask(of, mutual), ['established unknown client-trust-unknown']);
    const trusting = (...authorities: readonly Issued[]): Partial<Ends> =>
      configured({
        ...settings,
        certificates: [leaf.certificate],
        clientCertificate: at('required'),
        clientAuthorities: authorities.map(({ certificate }) => certificate),
      });
    const seen = { ...device, clientCertificates: [leaf.certificate] };
    assert.deepEqual(ask(seen, trusting(other, root)), ['established work fits']);
    assert.deepEqual(ask(seen, trusting(other)), ['established fail client-untrusted']);
    const by = (program: Partial<Configuration>) => {
      const { serverConfiguration = null } = trusting(middle);
      const shown = { ...device, clientCertificates: [below.certificate, middle.certificate] };
      return ask(shown, { serverConfiguration: serverConfiguration && { ...serverConfiguration, ...program } });
    };
    assert.deepEqual(by({ intermediateAnchors: 'accepted' }), ['established work fits']);
    assert.deepEqual(by({ intermediateAnchors: 'refused' }), ['established fail intermediate-anchor']);
    assert.deepEqual(by({ intermediateAnchors: 'refused', refusesRequests: true }), [
      'established fail requests-refused',
    ]);
    assert.deepEqual(by({}), ['established unknown intermediate-anchor']);
    assert.deepEqual(ask(of, sends(leaf)), ['established work fits']);
  });

  test('a server that asks for certificates, and needs none, is safe for clients that are known to show none', () => {
    const asking = (service: Partial<Service> = {}): Partial<Ends> =>
      configured({ ...settings, certificates: [leaf.certificate], clientCertificate: at('optional'), ...service });
    assert.deepEqual(ask(took(leaf), asking()), ['established unknown client-certificate-unasked']);
    assert.deepEqual(ask(took(leaf), asking({ clientLeniency: 'any' })), ['established work fits']);
    const asked = { ...took(leaf), certificateRequest: { authorities: [], signatureSchemes: [] } };
    assert.deepEqual(ask(asked as unknown as Connection, asking()), ['established work fits']);
  });
});

test('a scan that tells nothing of certificates promises nothing to clients of one kind of keys', () => {
  const scanOf = (cipherSuites: readonly string[]) => {
    const settings = { versions: at(['TLS 1.2', 'TLS 1.3']), cipherSuites: at(cipherSuites), groups: at(['x25519']) };
    const { serverConfiguration = null } = configured(settings);
    return { serverConfiguration: serverConfiguration && { ...serverConfiguration, format: 'testssl.sh' } };
  };
  const rsa = 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256';
  const recent = { supportedVersions: ['TLS 1.3', 'TLS 1.2'], cipherSuites: ['TLS_AES_128_GCM_SHA256', rsa] };
  const by = (of: object, shown: readonly Issued[] = [ofRsa]) => {
    const serverCertificates = shown.map(({ certificate }) => certificate);
    const of12 = worked({ clientHello: { ...hello, supportedGroups: ['x25519'], ...of }, serverCertificates });
    return answers(of12, 'configuration', scanOf([rsa]));
  };
  const pss = { signatureSchemes: ['rsa_pss_rsae_sha256'] };
  for (const shown of [[], [ofRsa]]) {
    assert.deepEqual(by({ ...recent, ...pss }, shown), ['established unknown not-set']);
    const both = { signatureSchemes: ['rsa_pss_rsae_sha256', 'ecdsa_secp256r1_sha256'] };
    assert.deepEqual(by({ ...recent, ...both }, shown), ['established work fits']);
  }
  // Its suites tell that it has such a key.
  assert.deepEqual(by({ supportedVersions: ['TLS 1.2'], cipherSuites: [rsa], ...pss }), ['established work fits']);
});

test('protocols of ALPN, which configurations are not read for', () => {
  const suites = ['TLS_AES_128_GCM_SHA256'];
  const settings = { versions: at(['TLS 1.3']), tls13CipherSuites: at(suites), groups: at(['x25519']) };
  const recent = { ...hello, supportedVersions: ['TLS 1.3'], cipherSuites: suites, supportedGroups: ['x25519'] };
  const by = (of: Connection, foreignProtocols: Configuration['foreignProtocols']) => {
    const { serverConfiguration = null } = configured(settings);
    const ends = { serverConfiguration: serverConfiguration && { ...serverConfiguration, foreignProtocols } };
    return answers(of, 'configuration', ends);
  };
  const offering = (...alpn: readonly string[]) => ({ clientHello: { ...recent, alpn } });
  const refused = failed(120, 'no_application_protocol', {
    ...offering('h2'),
    ...{ phase: 'server-hello', serverHello: null, serverCertificates: [] },
    alerts: [alert({ from: 'server', code: 120, name: 'no_application_protocol' })],
  });
  assert.deepEqual(by(worked(offering('h2')), 'refused'), ['established unknown not-set']);
  assert.deepEqual(by(worked(offering('h2', 'http/1.1')), 'refused'), ['established work fits']);
  assert.deepEqual(by(worked(offering('h2')), 'ignored'), ['established work fits']);
  assert.deepEqual(by(worked(offering('h2')), null), ['established work fits']);
  assert.deepEqual(by(refused, 'ignored'), ['failed work fits']);
  assert.deepEqual(by(refused, null), ['failed unknown not-set']);
});

test('a client that offers TLS 1.1 may still refuse its SHA-1 signatures', () => {
  const before = { ...hello, supportedVersions: ['TLS 1.3', 'TLS 1.1'] };
  const answer = (signatureSchemes: readonly string[], suite: string) => {
    const of = worked({ clientHello: { ...before, cipherSuites: [suite], signatureSchemes } });
    return answers(of, 'configuration', configured({ versions: at(['TLS 1.1']), cipherSuites: at([suite]) }));
  };
  const ecdhe = 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA';
  assert.deepEqual(answer(['ecdsa_secp256r1_sha256'], ecdhe), ['established unknown not-set']);
  assert.deepEqual(answer(['ecdsa_secp256r1_sha256', 'ecdsa_sha1'], ecdhe), ['established work fits']);
});

test('a failure is mended only where its cause is what the file settles', () => {
  const both = configured({ versions: at(['TLS 1.2']), cipherSuites: at(['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256']) });
  const untrusted = failed(48, 'unknown_ca', { serverCertificates: [leaf.certificate, root.certificate] });
  // The file may name another certificate, which is not at hand.
  assert.deepEqual(answers(untrusted, 'configuration', both), ['failed unknown certificates-absent']);
  const tired = failed(90, 'user_canceled');
  assert.notDeepEqual(answers(tired, 'configuration', both), ['failed work fits']);
  assert.deepEqual(answers(untrusted, 'client-trusts', { clientTrusts: store(root) }), ['failed work trusted']);
  assert.deepEqual(answers(untrusted, 'client-trusts', { clientTrusts: store(other) }), ['failed fail untrusted']);
  const unsaid = worked({
    outcome: 'failed',
    phase: 'client-hello',
    serverHello: null,
    serverCertificates: [],
    messages: [],
    alerts: [alert({ from: 'server', code: 40, name: 'handshake_failure', frame: 5 })],
  });
  assert.deepEqual(answers(unsaid, 'configuration', both), ['failed unknown cause-unsure']);
  const unexplained = failed(46, 'certificate_unknown', { serverCertificates: [leaf.certificate, root.certificate] });
  const trusted = answers(unexplained, 'client-trusts', { clientTrusts: store(root) }, null, trusting(root));
  assert.deepEqual(trusted, ['failed unknown cause-unsure']);
});

test('another chain', () => {
  const chain = (...issued: readonly Issued[]): Partial<Ends> => ({ serverCertificates: store(...issued) });
  assert.deepEqual(answers(worked(), 'chain', chain(renewed)), ['established work trusted']);
  assert.deepEqual(answers(worked(), 'chain', chain(ended)), ['established fail not-valid']);
  assert.deepEqual(answers(worked(), 'chain', chain(unnamed)), ['established fail name-not-covered']);
  assert.deepEqual(answers(worked(), 'chain', chain(foreign)), ['established unknown trust-unknown']);
  assert.deepEqual(answers(worked(), 'chain', chain(foreign), store(root)), ['established fail untrusted']);
  assert.deepEqual(answers(worked(), 'chain', chain(foreign), store(other)), ['established work trusted']);
  const rsaOnly = worked({ clientHello: { ...hello, signatureSchemes: ['rsa_pkcs1_sha256'] } });
  assert.deepEqual(answers(rsaOnly, 'chain', chain(renewed)), ['established fail key-type']);
});

test('another trust store of the clients, where the chain is hidden', () => {
  const hidden = worked({ serverCertificates: [] });
  assert.deepEqual(answers(hidden, 'client-trusts', { clientTrusts: store(root) }), [
    'established unknown chain-hidden',
  ]);
});

test('another trust store of the clients, in which the authority had expired: some programs take it', () => {
  const byOld = worked({ serverCertificates: [byEnded.certificate] });
  assert.deepEqual(answers(byOld, 'client-trusts', { clientTrusts: store(expiredRoot) }), [
    'established unknown not-valid',
  ]);
});

test('another trust store of the clients, without the root: some programs take that', () => {
  const byMiddle = (extensions: readonly string[]): Connection =>
    worked({ clientHello: { ...hello, extensions }, serverCertificates: [below.certificate, middle.certificate] });
  const asked = (extensions: string, ...issued: readonly Issued[]) =>
    answers(byMiddle(extensions.split(' ')), 'client-trusts', { clientTrusts: store(...issued) });
  const go = 'supported_groups ec_point_formats signature_algorithms renegotiation_info signed_certificate_timestamp';
  assert.deepEqual(asked(go, middle), ['established work trusted']);
  assert.deepEqual(asked('supported_groups', middle), ['established unknown intermediate-anchor']);
  assert.deepEqual(asked('supported_groups', middle, root), ['established work trusted']);
  assert.deepEqual(asked('supported_groups', root), ['established work trusted']);
});

describe('another trust store of the server', () => {
  const device = (...chain: readonly Issued[]): Parameters<typeof connection>[0] => ({
    certificateRequest: certificateRequest({ certificateAuthorities: [] }),
    messages: clientCertificateMessages(),
    clientCertificates: chain.map(({ certificate }) => certificate),
  });
  const refused = (code: number, name: string, ...chain: readonly Issued[]): Connection =>
    failed(code, name, {
      ...device(...chain),
      phase: 'client-certificate',
      alerts: [alert({ from: 'server', code, name, frame: 7 })],
    });
  const asked = (of: Connection, ...issued: readonly Issued[]) =>
    answers(of, 'server-trusts', { serverTrusts: store(...issued) });

  test('judges the certificates of the clients, never that of the server', () => {
    const shown = worked({ ...device(foreign), serverCertificates: [leaf.certificate] });
    assert.deepEqual(asked(shown, other), ['established work trusted']);
    assert.deepEqual(asked(shown, root), ['established fail untrusted']);
    assert.deepEqual(asked(worked(device(byEnded)), expiredRoot), ['established unknown not-valid']);
  });

  test('mends what failed for want of the issuer, and nothing else', () => {
    const untrusted = refused(48, 'unknown_ca', foreign, other);
    assert.deepEqual(asked(untrusted, other), ['failed work trusted']);
    assert.deepEqual(asked(untrusted, root), ['failed fail untrusted']);
    assert.deepEqual(asked(refused(45, 'certificate_expired', ended), root), ['failed fail other-cause']);
    assert.deepEqual(asked(refused(46, 'certificate_unknown', foreign), other), ['failed unknown cause-unsure']);
    assert.deepEqual(asked(failed(48, 'unknown_ca'), root), ['failed fail other-cause']);
  });

  test('without the root: what the program makes of that counts, where it is known', () => {
    const shown = worked(device(below, middle));
    assert.deepEqual(asked(shown, middle), ['established unknown intermediate-anchor']);
    assert.deepEqual(asked(shown, middle, root), ['established work trusted']);
  });

  test('does not say what becomes of clients that have shown none', () => {
    assert.deepEqual(asked(worked(), root), ['established work no-client-certificate']);
    assert.deepEqual(asked(worked(device()), root), ['established work no-client-certificate']);
    assert.deepEqual(asked(refused(40, 'handshake_failure'), root), ['failed unknown client-certificate']);
    const hidden = worked({ serverHello: { version: 'TLS 1.3' }, serverCertificates: [] });
    assert.deepEqual(asked(hidden, root), ['established unknown client-certificate-hidden']);
    const resumed = worked({ serverHello: { version: 'TLS 1.2', resumed: true }, serverCertificates: [] });
    assert.deepEqual(asked(resumed, root), ['established unknown client-certificate-hidden']);
  });
});

test('for a file that both ends read, the report says for whose it is taken', () => {
  const noteOf = (format: string): string => {
    const { serverConfiguration } = configured({});
    const ends = { ...NOTHING, serverConfiguration: { ...(serverConfiguration ?? assert.fail()), format } };
    const judge = createWhatIf({ path: 'next', kind: 'configuration', ends }, createContext(trusting()), trusting());
    return whatIfOf(judge.result(), ENGLISH_WORDING)?.note ?? '';
  };
  assert.match(noteOf('java.security'), /^Both clients and servers .*\(java\.security\): it is taken for the server's/);
  assert.match(noteOf('openssl.cnf'), /^Both clients and servers/);
  assert.doesNotMatch(noteOf('nginx'), /Both clients/);
});
