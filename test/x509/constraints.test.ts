import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { pemCertificates } from '../../src/ends/stores/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { judgeChain } from '../../src/x509/chain.js';
import { judgeConstraints } from '../../src/x509/constraints.js';
import { parseCertificate } from '../../src/x509/parse.js';
import type { Purpose } from '../../src/x509/purpose.js';
import { keyStrength, signatureStrength } from '../../src/x509/strength.js';
import { validityOf } from '../../src/x509/validity.js';
import { der, extension, type Issued, issue, nameConstraints, stub, toPem, trusting } from './authority.js';
import {
  agree,
  expectedErrors,
  makeWorkplace,
  openssl,
  opensslVerify,
  withoutOpenssl,
  type Workplace,
  writeAnchors,
} from './openssl.js';

/** A chain, leaf first and root last, and what is wrong with it: `kind@position`. */
interface Case {
  readonly what: string;
  readonly chain: readonly Issued[];
  readonly problems: readonly string[];
  readonly purpose?: Purpose;
}

const { keyCertSign, cRLSign, digitalSignature, dataEncipherment } = x509.KeyUsageFlags;
const [serverAuth, clientAuth] = [x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth] as string[];
const usage = (...usages: (string | undefined)[]) =>
  new x509.ExtendedKeyUsageExtension(usages.flatMap((oid) => oid ?? []));
const names = (...items: { type: 'dns' | 'ip' | 'email'; value: string }[]) =>
  new x509.SubjectAlternativeNameExtension(items);
const dns = (value: string) => ({ type: 'dns', value }) as const;
const ip = (value: string) => ({ type: 'ip', value }) as const;
const email = (value: string) => ({ type: 'email', value }) as const;
const base = {
  dns: (name: string) => der(0x82, name),
  email: (name: string) => der(0x81, name),
  ip: (...bytes: number[]) => der(0x87, bytes),
  organization: (name: string) =>
    der(0xa4, der(0x30, der(0x31, der(0x30, der(0x06, [0x55, 0x04, 0x0a]), der(0x13, name))))),
};

function opensslEc(...options: string[]): Buffer {
  return spawnSync(openssl, ['req', '-x509', '-nodes', '-keyout', '/dev/null', ...options]).stdout;
}

async function rsa(
  modulusLength: number,
  hash: string,
): Promise<{ keys: webcrypto.CryptoKeyPair; algorithm: { name: string; hash: string } }> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const publicExponent = new Uint8Array([1, 0, 1]);
  const keys = await webcrypto.subtle.generateKey({ ...algorithm, modulusLength, publicExponent }, true, [
    'sign',
    'verify',
  ]);
  return { keys, algorithm };
}

async function makeCases(): Promise<Case[]> {
  const root = await issue({ name: 'CN=Root', ca: true });
  const ca = await issue({ name: 'CN=Issuing CA', ca: true, by: root });
  const leafOf = async (by: Issued, ...extensions: x509.Extension[]) =>
    issue({ name: 'CN=www.example.com', by, extensions });
  const cases: Case[] = [];
  const add = (what: string, chain: readonly Issued[], problems: readonly string[], purpose: Purpose = 'server') =>
    cases.push({ what, chain, problems, purpose });
  const leaf = await leafOf(ca, names(dns('www.example.com')), usage(serverAuth));
  add('nothing wrong', [leaf, ca, root], []);

  const noCa = await issue({ name: 'CN=No CA', by: root });
  add('issuer that is no authority', [await leafOf(noCa), noCa, root], ['unfit-issuer@1']);
  const bare = await issue({ name: 'CN=Bare', by: root, basicConstraints: null });
  add('issuer without basic constraints', [await leafOf(bare), bare, root], ['unfit-issuer@1']);
  const signer = await issue({ name: 'CN=Signer', by: root, basicConstraints: null, keyUsage: [keyCertSign] });
  add('issuer with keyCertSign alone', [await leafOf(signer), signer, root], ['unfit-issuer@1']);
  const noSign = await issue({ name: 'CN=No sign', by: root, ca: true, keyUsage: [cRLSign] });
  add('issuer without keyCertSign', [await leafOf(noSign), noSign, root], ['unfit-issuer@1']);
  const noUsage = await issue({ name: 'CN=No usage', by: root, ca: true, keyUsage: null });
  add('issuer without key usage', [await leafOf(noUsage), noUsage, root], []);
  const badRoot = await issue({ name: 'CN=Bad root' });
  add('anchor that says it is no authority', [await leafOf(badRoot), badRoot], ['unfit-issuer@1']);

  const short = await issue({ name: 'CN=Short', by: root, ca: true, pathLength: 0 });
  add('path length kept', [await leafOf(short), short, root], []);
  const below = await issue({ name: 'CN=Below', by: short, ca: true });
  add('path length passed', [await leafOf(below), below, short, root], ['path-too-long@2']);
  const again = await issue({ name: 'CN=Short', by: short, ca: true, pathLength: 0 });
  add('a self-issued authority does not count', [await leafOf(again), again, short, root], []);
  const shortRoot = await issue({ name: 'CN=Short root', ca: true, pathLength: 0 });
  const under = await issue({ name: 'CN=Under', by: shortRoot, ca: true });
  add('path length of the anchor', [await leafOf(under), under, shortRoot], ['path-too-long@2']);

  const onlyServer = await leafOf(ca, usage(serverAuth));
  const onlyClient = await leafOf(ca, usage(clientAuth));
  add('serverAuth for a server', [onlyServer, ca, root], []);
  add('clientAuth for a server', [onlyClient, ca, root], ['extended-key-usage@0']);
  add('serverAuth for a client', [onlyServer, ca, root], ['extended-key-usage@0'], 'client');
  add('clientAuth for a client', [onlyClient, ca, root], [], 'client');
  add('none for a client', [await leafOf(ca), ca, root], [], 'client');
  add('server gated cryptography', [await leafOf(ca, usage('1.3.6.1.4.1.311.10.3.3')), ca, root], []);
  add('code signing', [await leafOf(ca, usage('1.3.6.1.5.5.7.3.3')), ca, root], ['extended-key-usage@0']);
  const clientCa = await issue({ name: 'CN=Client CA', ca: true, by: root, extensions: [usage(clientAuth)] });
  add('an authority for clients alone', [await leafOf(clientCa), clientCa, root], ['extended-key-usage@1']);
  add('that authority, for a client', [await leafOf(clientCa), clientCa, root], [], 'client');
  const useless = await issue({ name: 'CN=u', by: ca, keyUsage: [dataEncipherment] });
  add('key usage of no use', [useless, ca, root], ['key-usage@0']);
  add('key usage of a use', [await issue({ name: 'CN=u', by: ca, keyUsage: [digitalSignature] }), ca, root], []);
  add('an authority as leaf', [await issue({ name: 'CN=u', ca: true, by: ca }), ca, root], ['key-usage@0']);
  const both = [keyCertSign, digitalSignature];
  add('one that may sign', [await issue({ name: 'CN=u', ca: true, by: ca, keyUsage: both }), ca, root], []);

  const constrained = async (constraints: x509.Extension, ...chain: Issued[]) =>
    issue({ name: 'CN=Constrained', ca: true, by: chain[0] ?? root, extensions: [constraints] });
  const permitted = await constrained(nameConstraints({ permitted: [base.dns('example.com')] }));
  const inside = ['example.com', 'a.example.com', 'a.b.EXAMPLE.com', '*.example.com'].map(dns);
  add('DNS names permitted', [await leafOf(permitted, names(...inside)), permitted, root], []);
  for (const outside of ['example.org', 'badexample.com', 'com']) {
    const wrong = await leafOf(permitted, names(dns('example.com'), dns(outside)));
    add(`DNS name ${outside} not permitted`, [wrong, permitted, root], ['name-constraint@1']);
  }
  add(
    'addresses are another type',
    [await leafOf(permitted, names(dns('example.com'), ip('192.0.2.1'))), permitted, root],
    [],
  );
  const commonName = await issue({ name: 'CN=www.example.org', by: permitted });
  add('common name that is a host name', [commonName, permitted, root], ['name-constraint@1']);
  add('common name that is none', [await issue({ name: 'CN=Fritz', by: permitted }), permitted, root], []);
  const dotted = await constrained(nameConstraints({ permitted: [base.dns('.example.com')] }));
  add('below a leading dot', [await leafOf(dotted, names(dns('a.example.com'))), dotted, root], []);
  add('beside a leading dot', [await leafOf(dotted, names(dns('example.com'))), dotted, root], ['name-constraint@1']);
  const excluded = await constrained(nameConstraints({ excluded: [base.dns('example.com')] }));
  add(
    'DNS name excluded',
    [await leafOf(excluded, names(dns('a.example.com'))), excluded, root],
    ['name-constraint@1'],
  );
  add('DNS name not excluded', [await leafOf(excluded, names(dns('a.example.org'))), excluded, root], []);
  const network = await constrained(
    nameConstraints({
      permitted: [base.ip(192, 0, 2, 0, 255, 255, 255, 0)],
      excluded: [base.ip(192, 0, 2, 9, 255, 255, 255, 255)],
    }),
  );
  add('address permitted', [await leafOf(network, names(ip('192.0.2.1'))), network, root], []);
  add('address not permitted', [await leafOf(network, names(ip('192.0.3.1'))), network, root], ['name-constraint@1']);
  add('address excluded', [await leafOf(network, names(ip('192.0.2.9'))), network, root], ['name-constraint@1']);
  add(
    'address of the other family',
    [await leafOf(network, names(ip('2001:db8::1'))), network, root],
    ['name-constraint@1'],
  );
  const mail = await constrained(
    nameConstraints({ permitted: [base.email('example.com'), base.email('x@example.org')] }),
  );
  add('mail host permitted', [await leafOf(mail, names(email('a@EXAMPLE.com'))), mail, root], []);
  add('mailbox permitted', [await leafOf(mail, names(email('x@example.org'))), mail, root], []);
  add('mailbox not permitted', [await leafOf(mail, names(email('y@example.org'))), mail, root], ['name-constraint@1']);
  add(
    'host below not permitted',
    [await leafOf(mail, names(email('a@b.example.com'))), mail, root],
    ['name-constraint@1'],
  );
  const house = await constrained(nameConstraints({ permitted: [base.organization('Example')] }));
  add('organisation permitted', [await issue({ name: 'O=EXAMPLE, CN=l', by: house }), house, root], []);
  add(
    'organisation not permitted',
    [await issue({ name: 'O=Other, CN=l', by: house }), house, root],
    ['name-constraint@1'],
  );
  add(
    'not the first relative name',
    [await issue({ name: 'C=DE, O=Example', by: house }), house, root],
    ['name-constraint@1'],
  );
  const upper = await issue({
    name: 'CN=Upper',
    ca: true,
    by: root,
    extensions: [nameConstraints({ permitted: [base.dns('example.com')] })],
  });
  const middle = await issue({ name: 'CN=Middle', ca: true, by: upper });
  add('from further up', [await leafOf(middle, names(dns('a.test'))), middle, upper, root], ['name-constraint@2']);

  const strange = extension('1.2.3.4.5', der(0x05), true);
  add(
    'unknown critical extension of the leaf',
    [await leafOf(ca, strange), ca, root],
    ['unknown-critical-extension@0'],
  );
  add('unknown extension', [await leafOf(ca, extension('1.2.3.4.5', der(0x05))), ca, root], []);
  const strangeCa = await issue({ name: 'CN=Strange', ca: true, by: root, extensions: [strange] });
  add('of an authority', [await leafOf(strangeCa), strangeCa, root], ['unknown-critical-extension@1']);
  const critical = extension('1.3.6.1.5.5.7.1.24', der(0x30, der(0x02, [5])), true);
  add('critical must-staple', [await leafOf(ca, critical), ca, root], ['unknown-critical-extension@0']);

  const strong = await rsa(2048, 'SHA-256');
  const weak = await rsa(1024, 'SHA-256');
  const broken = await rsa(768, 'SHA-256');
  const sha1 = await rsa(2048, 'SHA-1');
  const rsaRoot = await issue({ name: 'CN=RSA root', ca: true, ...strong });
  const rsaLeaf = async (keys: webcrypto.CryptoKeyPair | undefined, by = rsaRoot, algorithm = strong.algorithm) =>
    issue({ name: 'CN=l', by, algorithm, ...(keys === undefined ? {} : { keys }) });
  const sha1Root = await issue({ name: 'CN=SHA-1 root', ca: true, ...sha1 });
  add(
    'SHA-1 on a leaf, and of no consequence on its root',
    [await rsaLeaf(undefined, sha1Root, sha1.algorithm), sha1Root],
    ['weak-signature@0'],
  );
  add('RSA of 1024 bits', [await rsaLeaf(weak.keys), rsaRoot], ['weak-key@0']);
  add('RSA of 768 bits', [await rsaLeaf(broken.keys), rsaRoot], ['weak-key@0']);
  const weakRoot = await issue({ name: 'CN=Weak root', ca: true, ...weak });
  add('a root of 1024 bits', [await rsaLeaf(undefined, weakRoot), weakRoot], ['weak-key@1']);

  const old = await issue({ name: 'CN=l', by: ca, notAfter: '2021-01-01T00:00:00Z' });
  add('an expired leaf, and nothing else', [old, ca, root], []);
  const oldCa = await issue({
    name: 'CN=Old CA',
    ca: true,
    by: root,
    notAfter: '2021-01-01T00:00:00Z',
    extensions: [usage(clientAuth)],
  });
  const early = await issue({ name: 'CN=l', by: oldCa, notBefore: '2039-01-01T00:00:00Z' });
  add('dates and a purpose', [early, oldCa, root], ['extended-key-usage@1']);
  return cases;
}

const at = Date.parse('2026-06-01T00:00:00Z');

describe('judgeConstraints', () => {
  let cases: readonly Case[] = [];
  let workplace: Workplace;
  before(async () => {
    cases = await makeCases();
    workplace = makeWorkplace();
  });
  after(() => {
    workplace.remove();
  });
  const certificates = ({ chain }: Case) => chain.map(({ certificate }) => certificate);
  const judge = (which: Case) => {
    const root = which.chain.at(-1)!;
    const verdict = judgeChain(certificates(which), trusting(root), { at });
    return { root, verdict, problems: judgeConstraints(verdict.path, { purpose: which.purpose ?? 'server' }) };
  };

  test('finds what is wrong, and nothing else', () => {
    for (const which of cases) {
      const { verdict, problems } = judge(which);
      assert.equal(verdict.status, 'trusted', which.what);
      assert.deepEqual(
        problems.map(({ kind, position }) => `${kind}@${position}`),
        which.problems,
        which.what,
      );
      for (const { certificate, position } of problems) {
        assert.equal(certificate.sha256, verdict.path[position]?.certificate.sha256);
      }
    }
  });

  for (const level of [0, 2] as const) {
    test(`agrees with openssl verify at security level ${level}`, { skip: withoutOpenssl }, async () => {
      const differences: unknown[] = [];
      for (const which of cases) {
        const { root, verdict, problems } = judge(which);
        const purpose = which.purpose ?? 'server';
        const expected = expectedErrors(
          verdict,
          problems,
          verdict.path.map(({ certificate }) => validityOf(certificate, at)),
          level,
        );
        const folder = writeAnchors(workplace, `${level}-${which.what}`, [toPem(root.certificate)]);
        const found = await opensslVerify(workplace, certificates(which), folder, { purpose, at, level });
        if (!agree(found, expected)) differences.push({ what: which.what, found, expected });
      }
      assert.deepEqual(differences, []);
    });
  }

  test('differs from openssl verify where README.md explains it', { skip: withoutOpenssl }, async () => {
    const end = '2030-01-01T00:00:00Z';
    const root = await issue({ name: 'CN=Root', ca: true });
    const ca = await issue({ name: 'CN=CA', ca: true, by: root });
    const any = await issue({ name: 'CN=l', by: ca, extensions: [usage('2.5.29.37.0')] });
    const ending = await issue({ name: 'CN=l', by: ca, notAfter: end });
    const compare = async (chain: readonly Issued[], anchor: Issued, time = at) => {
      const sent = chain.map(({ certificate }) => certificate);
      const verdict = judgeChain(sent, trusting(anchor));
      const problems = judgeConstraints(verdict.path, { purpose: 'server' });
      const folder = writeAnchors(workplace, `difference-${differences++}`, [toPem(anchor.certificate)]);
      const options = { purpose: 'server', at: time, level: 0 } as const;
      return {
        openssl: await opensslVerify(workplace, sent, folder, options),
        we: expectedErrors(
          verdict,
          problems,
          verdict.path.map(({ certificate }) => validityOf(certificate, time)),
          0,
        ),
      };
    };
    let differences = 0;
    assert.deepEqual(await compare([any, ca], root), { openssl: ['26@0'], we: [] });
    assert.deepEqual(await compare([ending, ca], root, Date.parse(end)), { openssl: ['10@0'], we: [] });
    assert.deepEqual(await compare([ending], ca), { openssl: ['2@1'], we: [] });
  });

  test('tells what is missing in each kind of problem', () => {
    const problemOf = (what: string) => judge(cases.find((which) => which.what === what)!).problems[0];
    const excluded = problemOf('DNS name excluded');
    assert.ok(excluded?.kind === 'name-constraint');
    assert.deepEqual([excluded.why, excluded.type, excluded.name], ['excluded', 'dns', 'a.example.com']);
    const family = problemOf('address of the other family');
    assert.ok(family?.kind === 'name-constraint');
    assert.deepEqual([family.why, family.type, family.name], ['not-permitted', 'ip', '2001:db8::1']);
    const unfit = ['issuer that is no authority', 'issuer without basic constraints', 'issuer without keyCertSign'];
    assert.deepEqual(
      unfit.map((what) => problemOf(what)).map((problem) => problem?.kind === 'unfit-issuer' && problem.why),
      ['not-a-ca', 'no-basic-constraints', 'no-cert-sign'],
    );
    const long = problemOf('path length passed');
    assert.ok(long?.kind === 'path-too-long');
    assert.deepEqual([long.limit, long.length], [0, 1]);
    const purpose = problemOf('clientAuth for a server');
    assert.ok(purpose?.kind === 'extended-key-usage');
    assert.deepEqual([purpose.wanted, purpose.allowed], ['serverAuth', ['clientAuth']]);
    const key = problemOf('RSA of 768 bits');
    assert.ok(key?.kind === 'weak-key');
    assert.equal(key.strength, 'broken');
    const hash = problemOf('SHA-1 on a leaf, and of no consequence on its root');
    assert.ok(hash?.kind === 'weak-signature');
    assert.deepEqual([hash.strength, hash.hash], ['weak', 'sha1']);
  });

  test('keys and hashes that Node does not make', { skip: withoutOpenssl }, () => {
    const made = (...options: string[]): Certificate => {
      const [der] = pemCertificates(opensslEc('-subj', '/CN=x', ...options).toString('latin1'));
      return parseCertificate(der ?? new Uint8Array());
    };
    const curve = (name: string) => ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${name}`];
    const small = made(...curve('secp192k1'));
    assert.deepEqual([small.keyCurve, small.keyBits, keyStrength(small)], ['secp192k1', 192, 'weak']);
    const good = made(...curve('secp224r1'));
    assert.deepEqual([good.keyCurve, keyStrength(good)], ['secp224r1', 'strong']);
    const tiny = made(...curve('secp112r1'));
    assert.equal(keyStrength(tiny), 'broken');
    const md5 = made('-newkey', 'rsa:2048', '-md5');
    assert.deepEqual([md5.signatureHash, signatureStrength(md5)], ['md5', 'broken']);
    const pss = made('-newkey', 'rsa:2048', '-sha384', '-sigopt', 'rsa_padding_mode:pss');
    assert.deepEqual([pss.signatureAlgorithm, pss.signatureHash], ['rsassaPss', 'sha384']);
    const pssSha1 = made('-newkey', 'rsa:2048', '-sha1', '-sigopt', 'rsa_padding_mode:pss');
    assert.deepEqual([pssSha1.signatureHash, signatureStrength(pssSha1)], ['sha1', 'weak']);
    const ed = made('-newkey', 'ed25519');
    assert.deepEqual(
      [ed.keyType, ed.signatureHash, keyStrength(ed), signatureStrength(ed)],
      ['Ed25519', null, 'strong', 'strong'],
    );
  });

  test('a name constraint in directory form is not taken in by commas in values', () => {
    const subtrees = { dns: [], ip: [], email: [], directory: ['O=x'], uri: [], other: [], others: 0 };
    const none = { ...subtrees, directory: [] };
    const authority = stub({ isCa: true, nameConstraints: { permitted: subtrees, excluded: none } });
    const problems = (subject: string) =>
      judgeConstraints(
        [stub({ subject }), authority].map((certificate, index) => ({ certificate, index, origin: 'sent' as const })),
        { purpose: 'server' },
      ).length;
    assert.equal(problems('CN=a,O=x'), 0);
    assert.equal(problems('CN=a\\\\,O=x'), 0);
    assert.equal(problems('CN=a\\,O=x'), 1);
    assert.equal(problems('CN=a,OO=x'), 1);
  });
});
