/** What configurations of the ends add to a diagnosis, and what they take away. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import type { Connection } from '../../../src/connection/connection.js';
import { createContext } from '../../../src/diagnose/capture-context.js';
import { diagnose } from '../../../src/diagnose/diagnose.js';
import { serviceFor } from '../../../src/diagnose/ends/service.js';
import { UNKNOWN_SERVICE, type Configuration, type Service } from '../../../src/ends/configurations/configuration.js';
import { settingOf } from '../../../src/ends/configurations/values.js';
import { actionOf, endFactOf, exclusionOf } from '../../../src/report/words.js';
import { alert, certificate, certificateRequest, connection, issuingCa } from '../../support/connections.js';
import { clientCertificateMessages } from '../../support/rule-tester.js';
import { PROGRAM } from '../../support/program.js';
import { ROOT } from '../../support/schema.js';
import { stub, trusting } from '../../x509/authority.js';

const folder = mkdtempSync(join(tmpdir(), 'configuration-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const at = <Value>(value: Value, line = 7) => settingOf(value, `directive ${line}`, '/etc/server.conf', line);
const configuration = (...services: readonly Partial<Service>[]): Configuration => ({
  format: 'nginx',
  path: '/etc/server.conf',
  services: services.map((service) => ({ ...UNKNOWN_SERVICE, ...service })),
  nameMatching: 'longest',
  intermediateAnchors: null,
  refusesRequests: false,
  foreignProtocols: null,
  chains: new Map(),
  unread: [],
  refusals: { smallestKeys: {}, hashes: {} },
});

function judged(
  of: Connection,
  server: Configuration | null,
  client: Configuration | null = null,
  ...others: readonly Connection[]
) {
  const context = createContext(trusting(), {
    ends: {
      clientTrusts: null,
      serverTrusts: null,
      serverCertificates: null,
      serverConfiguration: server,
      clientConfiguration: client,
    },
  });
  for (const each of [of, ...others]) context.add(each);
  const { cause, differential } = diagnose(of, context);
  const asIs = (text: string): string => text;
  const remedies = cause?.remedies.filter(({ service }) => service?.id === 'ends') ?? [];
  return {
    rule: cause?.rule.id,
    certainty: cause?.certainty,
    frames: cause?.evidence.map(({ frame }) => frame) ?? [],
    facts: cause?.known?.map((fact) => [endFactOf(fact, asIs), fact.source.line]) ?? [],
    actions: cause === null ? [] : remedies.map((remedy) => actionOf(cause.rule, remedy, asIs)),
    excluded: differential.flatMap(({ rule, verdict }) =>
      verdict.support === 'excluded' ? [`${rule.id}: ${exclusionOf(rule, verdict, asIs)}`] : [],
    ),
  };
}

const rejected = (
  hello: Partial<NonNullable<Connection['clientHello']>>,
  code = 40,
  name = 'handshake_failure',
): Connection =>
  connection({
    outcome: 'failed',
    phase: 'client-hello',
    clientHello: hello,
    serverHello: null,
    serverCertificates: [],
    messages: [],
    alerts: [alert({ from: 'server', code, name, frame: 5 })],
  });

const modern = {
  supportedVersions: ['TLS 1.3', 'TLS 1.2'],
  extensions: ['supported_versions', 'supported_groups'],
  cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
  supportedGroups: ['x25519', 'secp256r1'],
};
const old = {
  supportedVersions: ['TLS 1.2'],
  extensions: ['supported_groups'],
  cipherSuites: ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_RSA_WITH_AES_128_CBC_SHA'],
  supportedGroups: ['x25519'],
};

describe('what the security properties of Java refuse, by recordings of it', () => {
  for (const [sample, property, text] of [
    ['java', 'jdk.tls.disabledAlgorithms=SSLv3, RSA keySize < 2048', /accepts RSA keys from 2048 bits on .* has 1024/],
    // By itself, nothing is wrong with the key.
    ['strict', 'jdk.certpath.disabledAlgorithms=MD5, RSA keySize < 3072', /RSA keys from 3072 bits on .* has 2048/],
  ] as const) {
    test(sample, async () => {
      const capture = join(ROOT, 'samples', `certificate-weak-${sample}.pcap`);
      const file = join(folder, 'java.security');
      const causeBy = async (line: string) => {
        writeFileSync(file, `${line}\n`);
        return (await analyze([capture], { clientConfig: file })).connections[0]?.cause ?? null;
      };
      const cause = await causeBy(property);
      assert.deepEqual([cause?.rule.id, cause?.certainty], ['certificate-weak', 'certain']);
      assert.match(endFactOf(cause?.known?.[0] ?? assert.fail(), String), text);
      const lenient = await causeBy('jdk.certpath.disabledAlgorithms=MD5, RSA keySize < 1024');
      assert.notEqual(lenient?.certainty, 'certain');
    });
  }
});

describe('what the configuration of the client keeps it from offering, where the server rejects the ClientHello', () => {
  const client = (service: Partial<Service>): Configuration => configuration(service);
  const factsOf = (of: Connection, own: Partial<Service>, server: Configuration | null = null) =>
    judged(of, server, client(own));

  test('the line is named, with what the server is known to accept', () => {
    const versions = { ...at(['TLS 1.2'], 4), perhaps: ['TLS 1.3'] };
    const said = rejected(modern, 70, 'protocol_version');
    const unknown = factsOf(said, { versions });
    assert.deepEqual(unknown.facts, [
      ['The configuration of the client lets it offer TLS 1.3 and TLS 1.2 only (directive 4).', 4],
    ]);
    assert.match(
      unknown.actions.at(-1) ?? '',
      /^If .* cannot be changed, change \/etc\/server\.conf:4 \(directive 4\)/,
    );
    const known = factsOf(said, { versions }, configuration({ versions: at(['TLS 1.0'], 9) }));
    assert.equal(known.certainty, 'certain');
    assert.deepEqual(known.facts.at(-1), [
      'The configuration of the client keeps it from offering TLS 1.0, which the server accepts (directive 4).',
      4,
    ]);
  });

  test('also where the server gives no reason: each line that may be it', () => {
    const cipherSuites = ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'];
    const own = { cipherSuites: at(cipherSuites, 4), groups: at(['x25519'], 5) };
    const found = factsOf(rejected({ ...old, cipherSuites }), own);
    assert.equal(found.rule, 'handshake-rejected');
    assert.deepEqual(found.facts.map(([, line]) => line).sort(), [4, 5]);
  });

  test('not where another configuration was in force, or the line keeps nothing from it that would help', () => {
    const said = rejected(modern, 70, 'protocol_version');
    assert.deepEqual(factsOf(said, { versions: at(['TLS 1.3']) }).facts, []);
    assert.deepEqual(factsOf(said, { versions: at(['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3']) }).facts, []);
    assert.deepEqual(factsOf(said, { versions: { ...at(['TLS 1.2']), perhaps: 'any' } }).facts, []);
  });
});

describe('a listener that expects a PROXY header, and a client that sends none', () => {
  const dropped = connection({
    outcome: 'failed',
    phase: 'client-hello',
    serverHello: null,
    serverCertificates: [],
    messages: [],
    ending: { by: 'server', how: 'reset' },
  });
  const demanding = configuration({ proxyProtocol: at(true, 3) });

  test('is the cause, with its line to change', () => {
    const found = judged(dropped, demanding);
    assert.deepEqual([found.rule, found.certainty], ['proxy-protocol-mismatch', 'certain']);
    assert.match(String(found.facts[0]?.[0]), /^The listener expects a PROXY header before TLS \(directive 3\)/);
    assert.match(found.actions[0] ?? '', /change \/etc\/server\.conf:3 \(directive 3\)/);
  });

  test('is none where another configuration is in force, or the server said something', () => {
    const others = connection({ id: '2' });
    assert.notEqual(judged(dropped, demanding, null, others).rule, 'proxy-protocol-mismatch');
    assert.notEqual(judged(dropped, configuration({ proxyProtocol: at(false) })).rule, 'proxy-protocol-mismatch');
    assert.notEqual(judged(rejected(modern), demanding).rule, 'proxy-protocol-mismatch');
    const mixed = configuration({ proxyProtocol: at(true) }, { proxyProtocol: at(false) });
    assert.notEqual(judged(dropped, mixed).rule, 'proxy-protocol-mismatch');
  });

  test('is not told of where nothing speaks for it, and the listener expects no header', () => {
    const plain = configuration({ proxyProtocol: at(false) });
    assert.doesNotMatch(judged(rejected(modern), plain).excluded.join(), /proxy-protocol-mismatch/);
    assert.match(
      judged(dropped, plain).excluded.join(),
      /proxy-protocol-mismatch: The listener expects no PROXY header/,
    );
  });
});

test('what the client refuses of a weak certificate: certain, and its line to change', () => {
  const weak = connection({
    outcome: 'failed',
    phase: 'server-certificate',
    serverCertificates: [certificate({ keyType: 'RSA', keyBits: 1024 })],
    alerts: [alert({ from: 'client', code: 42, name: 'bad_certificate' })],
  });
  const client = { ...configuration(), refusals: { smallestKeys: { RSA: at(2048, 3) }, hashes: {} } };
  const found = judged(weak, null, client);
  assert.deepEqual([found.rule, found.certainty], ['certificate-weak', 'certain']);
  assert.deepEqual(
    found.facts.map(([, line]) => line),
    [3],
  );
  assert.match(
    found.actions[0] ?? '',
    /^Only as a stopgap, .* change \/etc\/server\.conf:3 \(directive 3\) of the client /,
  );
  assert.deepEqual(judged(weak, null).actions, []);
});

describe('the configuration of the server', () => {
  test('no version in common: certain, and the line to change', () => {
    const found = judged(rejected(modern, 70, 'protocol_version'), configuration({ versions: at(['TLS 1.0']) }));
    assert.deepEqual([found.rule, found.certainty], ['protocol-version-mismatch', 'certain']);
    assert.deepEqual(found.facts, [
      ['The server accepts TLS 1.0 only (directive 7); the client offers TLS 1.3 and TLS 1.2.', 7],
    ]);
    assert.match(found.actions[0] ?? '', /^Change \/etc\/server\.conf:7 \(directive 7\) so that /);
  });

  test('a client without supported_versions takes an older one, which may be switched off: nothing is settled', () => {
    const versions = { ...at([]), perhaps: ['TLS 1.0'] };
    const found = judged(rejected(old, 70, 'protocol_version'), configuration({ versions }));
    assert.equal(found.rule, 'protocol-version-mismatch');
    assert.deepEqual([found.facts, found.actions, found.excluded], [[], [], []]);
  });

  test('a version in common is not the cause', () => {
    const found = judged(rejected(modern), configuration({ versions: at(['TLS 1.2', 'TLS 1.3']) }));
    assert.notEqual(found.rule, 'protocol-version-mismatch');
  });

  test('no cipher suite in common', () => {
    const suites = at(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'], 9);
    const found = judged(rejected(old), configuration({ versions: at(['TLS 1.2']), cipherSuites: suites }));
    assert.deepEqual([found.rule, found.certainty], ['cipher-suite-mismatch', 'certain']);
    assert.equal(found.facts[0]?.[1], 9);
  });

  test('what ends the handshake first is the cause: a version before groups, a group before suites', () => {
    const suites = at(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'], 9);
    const groups = at(['secp521r1'], 3);
    const version = judged(
      rejected(old, 70, 'protocol_version'),
      configuration({ versions: at(['TLS 1.3']), cipherSuites: suites, groups }),
    );
    assert.deepEqual([version.rule, version.certainty], ['protocol-version-mismatch', 'certain']);
    const group = judged(
      rejected({ ...old, supportedGroups: ['x25519'] }),
      configuration({ versions: at(['TLS 1.2']), cipherSuites: suites, groups }),
    );
    assert.deepEqual([group.rule, group.certainty], ['group-mismatch', 'certain']);
  });

  test('a ClientHello that is rejected was not asked for a certificate', () => {
    const found = judged(
      rejected(modern),
      configuration({ groups: at(['secp521r1'], 3), clientCertificate: at('required', 4) }),
    );
    assert.deepEqual([found.rule, found.certainty], ['group-mismatch', 'certain']);
  });

  test('names that are rejected: a name that was sent is not missing, and the line to change', () => {
    const rejects = configuration({ names: ['other.example'], rejects: at(true, 5) });
    const named = judged(rejected(modern, 112, 'unrecognized_name'), rejects);
    assert.deepEqual([named.rule, named.certainty], ['sni-unrecognized', 'certain']);
    assert.match(named.actions[0] ?? '', /change \/etc\/server\.conf:5 \(directive 5\), which rejects all other names/);
    const nameless = judged(rejected({ ...modern, serverName: null }, 112, 'unrecognized_name'), rejects);
    assert.equal(nameless.rule, 'sni-missing');
  });

  test('a suite that no cipher string tells of: not confirmed', () => {
    const suites = at(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'], 9);
    const unknown = { ...old, cipherSuites: ['TLS_RSA_WITH_DES_CBC_SHA'] };
    const found = judged(rejected(unknown), configuration({ versions: at(['TLS 1.2']), cipherSuites: suites }));
    assert.deepEqual(found.facts, []);
  });

  test('no group in common, and one', () => {
    const apart = judged(rejected(modern), configuration({ groups: at(['secp521r1'], 3) }));
    assert.deepEqual([apart.rule, apart.certainty], ['group-mismatch', 'certain']);
    const shared = judged(rejected(modern), configuration({ groups: at(['x25519'], 3) }));
    assert.notEqual(shared.rule, 'group-mismatch');
  });

  test('no signature scheme in common, one that no key of the server can make, and one that fits', () => {
    const schemes = (...signatureSchemes: readonly string[]) => rejected({ ...modern, signatureSchemes });
    const versions = at(['TLS 1.2', 'TLS 1.3']);
    const accepted = at(['rsa_pss_rsae_sha512', 'ecdsa_secp384r1_sha384'], 5);
    const apart = judged(schemes('rsa_pkcs1_sha256'), configuration({ versions, signatureSchemes: accepted }));
    assert.deepEqual([apart.rule, apart.certainty], ['signature-scheme-mismatch', 'certain']);
    assert.deepEqual(apart.facts, [
      [
        'The server signs by rsa_pss_rsae_sha512 and ecdsa_secp384r1_sha384 only (directive 5); the client accepts rsa_pkcs1_sha256.',
        5,
      ],
    ]);
    assert.match(apart.actions[0] ?? '', /^Change \/etc\/server\.conf:5 \(directive 5\) so that .*rsa_pkcs1_sha256/);

    const certificates = [stub({ keyType: 'RSA', keyCurve: null })];
    const service = { versions, signatureSchemes: accepted, certificates };
    const unfit = judged(schemes('ecdsa_secp384r1_sha384', 'rsa_pkcs1_sha256'), configuration(service));
    assert.deepEqual([unfit.rule, unfit.certainty], ['signature-scheme-mismatch', 'certain']);
    assert.match(String(unfit.facts[0]?.[0]), /ecdsa_secp384r1_sha384\), the keys of the certificates .* cannot sign/);

    const fitting = judged(schemes('rsa_pss_rsae_sha512'), configuration(service));
    assert.notEqual(fitting.rule, 'signature-scheme-mismatch');
    assert.ok(fitting.excluded.some((text) => text.startsWith('signature-scheme-mismatch: The configuration')));
    // Before TLS 1.2 no scheme is settled.
    const early = { ...old, supportedVersions: ['TLS 1.1'], signatureSchemes: ['rsa_pkcs1_sha256'] };
    const before = judged(rejected(early), configuration({ ...service, versions: at(['TLS 1.1']) }));
    assert.notEqual(before.rule, 'signature-scheme-mismatch');
  });

  test('the schemes that the configuration of the client leaves, where the ClientHello can be of it', () => {
    const hello = rejected({ ...modern, signatureSchemes: ['ed448'] });
    const server = configuration({ signatureSchemes: at(['rsa_pss_rsae_sha256'], 5) });
    const found = judged(hello, server, configuration({ signatureSchemes: at(['ed448'], 12) }));
    assert.deepEqual(
      found.facts.map(([, line]) => line),
      [5, 12],
    );
    assert.match(found.actions[1] ?? '', /^Change \/etc\/server\.conf:12 \(directive 12\) of the client /);
    const other = judged(hello, server, configuration({ signatureSchemes: at(['ed25519'], 12) }));
    assert.deepEqual(
      other.facts.map(([, line]) => line),
      [5],
    );
  });

  test('demands a certificate that the client does not have', () => {
    const of = connection({
      outcome: 'failed',
      phase: 'client-certificate',
      certificateRequest: certificateRequest(),
      alerts: [alert({ from: 'server', code: 40, name: 'handshake_failure', frame: 7 })],
      messages: [
        ...connection().messages.slice(0, 4),
        {
          ...connection().messages[3],
          from: 'client',
          type: 'certificate',
          frame: 6,
        } as Connection['messages'][number],
      ],
    });
    const found = judged(of, configuration({ clientCertificate: at('required', 4) }));
    if (found.rule === 'client-certificate-missing') {
      assert.deepEqual(found.facts, [
        ['The configuration of the server demands a certificate of every client (directive 4).', 4],
      ]);
    }
  });
});

describe('a configuration that is not the one in force', () => {
  const served = (serverHello: Partial<NonNullable<Connection['serverHello']>>): Connection =>
    connection({ id: 'other', clientHello: modern, serverHello: { ...serverHello, frame: 3 } });
  const suites = at(['TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'], 9);
  const recent = rejected(modern, 70, 'protocol_version');

  test('the server chose a version that it rules out: nothing is confirmed, and both places are named', () => {
    const file = configuration({ versions: at(['TLS 1.0']) });
    const found = judged(recent, file, null, served({ version: 'TLS 1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256' }));
    assert.deepEqual(found.facts, [
      [
        'The server chose TLS 1.3, which the file given does not allow (directive 7): another configuration is in force, and this one settles nothing.',
        7,
      ],
    ]);
    assert.deepEqual(found.actions, []);
    assert.ok(found.frames.includes(3));
  });

  test('a cipher suite that it rules out: nothing is confirmed, nothing excluded', () => {
    const suite = 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384';
    const file = configuration({ versions: at(['TLS 1.2']), cipherSuites: suites });
    const apart = judged(rejected(old), file, null, served({ version: 'TLS 1.2', cipherSuite: suite }));
    assert.notEqual(apart.certainty, 'certain');
    const shared = configuration({ versions: at(['TLS 1.2', 'TLS 1.3']), cipherSuites: suites });
    const excluded = judged(recent, shared, null, served({ version: 'TLS 1.2', cipherSuite: suite })).excluded;
    assert.deepEqual(
      excluded.filter((text) => text.includes('directive')),
      [],
    );
  });

  test('of a capture, by the nginx file as it is written', () => {
    const certaintyWith = (ciphers: string): unknown => {
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, `server {\n  listen 443 ssl;\n  ssl_protocols TLSv1.2;\n  ssl_ciphers ${ciphers};\n}\n`);
      const args = ['--format', 'json', '--server-config', file, join(ROOT, 'samples/cipher-suite-mismatch.pcap')];
      const { stdout } = spawnSync(process.execPath, [PROGRAM, ...args], {
        encoding: 'utf8',
      });
      const report = JSON.parse(stdout) as { diagnoses: { certainty: string }[] };
      return report.diagnoses.map(({ certainty }) => [certainty, stdout.includes('another configuration is in force')]);
    };
    assert.deepEqual(certaintyWith('ECDHE-RSA-AES256-GCM-SHA384'), [['certain', false]]);
    assert.deepEqual(certaintyWith('ECDHE-ECDSA-AES256-GCM-SHA384'), [['likely', true]]);
  });

  test('what settles that: another service of the port, a session that is resumed, and another port do not', () => {
    const allowed = { version: 'TLS 1.2', cipherSuite: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384' };
    const own = { names: [], ports: [443], versions: at(['TLS 1.2']), cipherSuites: suites };
    const certainty = (file: Configuration, other: Connection): unknown =>
      judged(rejected(old), file, null, other).certainty;
    assert.notEqual(certainty(configuration(own), served(allowed)), 'certain');
    const wide = at([allowed.cipherSuite]);
    const second = { names: ['b.example'], ports: [443], isDefault: false, cipherSuites: wide };
    assert.equal(certainty(configuration(own, second), served(allowed)), 'certain');
    assert.equal(certainty(configuration(own), served({ ...allowed, resumed: true })), 'certain');
    const elsewhere = { ...served(allowed), server: { address: '198.51.100.99', port: 443 } };
    assert.equal(certainty(configuration(own), elsewhere), 'certain');
  });
});

test('the configuration of the client: the version that the server chose is switched off', () => {
  const of = connection({
    outcome: 'failed',
    phase: 'server-hello',
    clientHello: old,
    serverHello: { version: 'TLS 1.0' },
    serverCertificates: [],
    alerts: [alert({ from: 'client', code: 70, name: 'protocol_version', frame: 6 })],
  });
  const found = judged(of, null, configuration({ versions: at(['TLS 1.2'], 2) }));
  assert.deepEqual([found.rule, found.certainty], ['protocol-version-mismatch', 'certain']);
  assert.deepEqual(found.facts, [
    ['The configuration of the client accepts TLS 1.2 only (directive 2); the server chose TLS 1.0.', 2],
  ]);
});

test('which service answers: by port, by name, by wildcard, and the default one', () => {
  const services = configuration(
    { names: ['a.example'], ports: [443], isDefault: true },
    { names: ['*.b.example'], ports: [443], isDefault: false },
    { names: [], ports: [8443], isDefault: true },
  );
  const index = (port: number, name: string | null): number | null => {
    const found = serviceFor(services, { address: '192.0.2.1', port }, name);
    return found === null ? null : services.services.indexOf(found.service);
  };
  assert.deepEqual(
    [
      index(443, 'a.example'),
      index(443, 'X.b.example'),
      index(443, 'b.example'),
      index(443, null),
      index(8443, 'a.example'),
    ],
    [0, 1, 0, 0, 2],
  );
  // Which of several a translated port stands for is not known.
  assert.equal(index(9443, 'a.example'), null);
  // Addresses come before names.
  const places = configuration(
    { names: ['a.example'], ports: [443] },
    { names: ['b.example'], ports: [443], address: '192.0.2.1' },
  );
  const reached = (address: string) => serviceFor(places, { address, port: 443 }, 'a.example')?.service.names;
  assert.deepEqual([reached('192.0.2.1'), reached('192.0.2.2')], [['b.example'], ['a.example']]);
  const expression = configuration({ names: ['~^x'], ports: [443] });
  assert.equal(serviceFor(expression, { address: '192.0.2.1', port: 443 }, 'y.example'), null);
});

test('a version that the server itself refuses is refused, whatever file is given', () => {
  const of = rejected({ supportedVersions: ['TLS 1.2'] }, 70, 'protocol_version');
  const found = judged(of, configuration({ versions: at(['TLS 1.2', 'TLS 1.3']) }));
  assert.equal(found.rule, 'protocol-version-mismatch');
  assert.match(String(found.facts[0]?.[0]), /another configuration is in force/);
  assert.deepEqual(found.actions, []);
});

test('a chain of a client that is longer than httpd allows: internal_error, and the line', () => {
  const chain = [certificate({ isCa: false }), issuingCa()];
  const of = connection({
    outcome: 'failed',
    phase: 'client-certificate',
    certificateRequest: certificateRequest(),
    messages: clientCertificateMessages(),
    clientCertificates: chain,
    alerts: [alert({ from: 'server', code: 80, name: 'internal_error', frame: 7 })],
  });
  const by = (most: number, format = 'Apache httpd') =>
    judged(of, { ...configuration({ clientDepth: at(most) }), format });
  const found = by(1);
  assert.deepEqual([found.rule, found.facts[0]?.[1]], ['internal-error', 7]);
  assert.match(found.actions[0] ?? '', /set SSLVerifyDepth 2 or more at \/etc\/server\.conf:7/);
  for (const other of [by(2), by(1, 'nginx')]) assert.deepEqual(other.facts, []);
});

test('the names of a service are read once, however many ask', () => {
  let reads = 0;
  const names = new Proxy(
    Array.from({ length: 100 }, (_, index) => `H${index}.example`),
    {
      get(target, key) {
        if (key === '0') reads++;
        return Reflect.get(target, key) as unknown;
      },
    },
  );
  const services = configuration({ names, ports: [443] }, { names: ['*.example', '.c.example', '!x.c.example'] });
  const serverOf = (name: string): readonly string[] | undefined =>
    serviceFor(services, { address: '192.0.2.1', port: 443 }, name)?.service.names;
  serverOf('h0.example');
  const once = reads;
  for (let index = 0; index < 50; index++) assert.equal(serverOf(`h${index}.example`), names);
  assert.equal(reads, once);
  // What stands for others is asked after an exact name, and what is excluded not at all.
  for (const name of ['other.example', 'a.c.example', 'c.example'])
    assert.equal(serverOf(name), services.services[1]?.names);
  assert.equal(serverOf('x.c.example'), names);
});
