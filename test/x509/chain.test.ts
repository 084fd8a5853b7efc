import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TrustAnchor, TrustAnchors } from '../../src/x509/anchors.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { type ChainVerdict, createIssuers, judgeChain } from '../../src/x509/chain.js';
import { judgeConstraints } from '../../src/x509/constraints.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { createWorkBudget } from '../../src/x509/work.js';
import { der, type Issued, issue, makeKeys, nameConstraints, stub, toPem, trusting } from './authority.js';
import {
  agree,
  expectedErrors,
  makeWorkplace,
  opensslVerify,
  withoutOpenssl,
  type Workplace,
  writeAnchors,
} from './openssl.js';

/** Root ← policy CA ← issuing CA ← leaf, and relatives of each. */
interface Family {
  readonly root: Issued;
  readonly policy: Issued;
  readonly issuing: Issued;
  readonly leaf: Issued;
  /** Same name as the issuing CA, another key. */
  readonly rekeyed: Issued;
  readonly otherRoot: Issued;
  /** The root's name and key, issued by the other root. */
  readonly crossRoot: Issued;
  readonly unrelated: Issued;
  readonly selfSigned: Issued;
  /** Issued by the root directly. */
  readonly direct: Issued;
}

async function makeFamily(): Promise<Family> {
  const root = await issue({ name: 'O=Example, CN=Example Root', ca: true });
  const policy = await issue({ name: 'O=Example, CN=Example Policy CA', ca: true, by: root });
  const issuing = await issue({ name: 'O=Example, CN=Example Issuing CA', ca: true, by: policy });
  const otherRoot = await issue({ name: 'O=Other, CN=Other Root', ca: true });
  return {
    root,
    policy,
    issuing,
    otherRoot,
    leaf: await issue({ name: 'CN=leaf.example', by: issuing }),
    rekeyed: await issue({ name: issuing.name, ca: true, by: policy }),
    crossRoot: await issue({ name: root.name, keys: root.keys, ca: true, by: otherRoot }),
    unrelated: await issue({ name: 'O=Other, CN=Other CA', ca: true, by: otherRoot }),
    selfSigned: await issue({ name: 'CN=self.example' }),
    direct: await issue({
      name: 'CN=direct.example',
      by: root,
      extensions: [new x509.AuthorityInfoAccessExtension({ caIssuers: 'http://ca.example/root.crt' })],
    }),
  };
}

/** A copy whose signature is wrong. */
function damaged({ certificate }: Issued): Certificate {
  const der = new Uint8Array(certificate.der);
  const last = der.length - 1;
  der[last] = (der[last] ?? 0) ^ 1;
  return parseCertificate(der);
}

function is<S extends ChainVerdict['status']>(
  verdict: ChainVerdict,
  status: S,
): asserts verdict is Extract<ChainVerdict, { readonly status: S }> {
  assert.equal(verdict.status, status);
}

describe('judgeChain', () => {
  let family: Family;
  let trusted: TrustAnchors;
  let strangers: TrustAnchors;
  const judge = (anchors: TrustAnchors, ...sent: readonly Issued[]): ChainVerdict =>
    judgeChain(
      sent.map(({ certificate }) => certificate),
      anchors,
    );
  const indexes = ({ path }: ChainVerdict) => path.map(({ index }) => index);

  before(async () => {
    family = await makeFamily();
    trusted = trusting(family.root);
    strangers = trusting();
  });

  test('a complete chain is trusted, with and without the root', () => {
    const { leaf, issuing, policy, root } = family;
    const without = judge(trusted, leaf, issuing, policy);
    is(without, 'trusted');
    assert.equal(without.anchor.origin, 'extra');
    assert.equal(without.anchor.certificate.sha256, root.certificate.sha256);
    assert.deepEqual(indexes(without), [0, 1, 2, null]);
    const complete = judge(trusted, leaf, issuing, policy, root);
    is(complete, 'trusted');
    assert.deepEqual(indexes(complete), [0, 1, 2, 3]);
    for (const verdict of [without, complete]) {
      assert.equal(verdict.outOfOrder, false);
      assert.deepEqual(verdict.superfluous, []);
      assert.equal(verdict.unverified, false);
    }
  });

  test('order does not matter for trust, and is noted', () => {
    const { leaf, issuing, policy, root } = family;
    for (const sent of [
      [leaf, policy, issuing],
      [leaf, root, policy, issuing],
      [leaf, root, issuing, policy],
      [leaf, issuing, root, policy],
    ]) {
      const verdict = judge(trusted, ...sent);
      is(verdict, 'trusted');
      assert.equal(verdict.outOfOrder, true);
      assert.deepEqual(verdict.superfluous, []);
    }
  });

  test('superfluous certificates are told apart', () => {
    const { leaf, issuing, policy, unrelated, crossRoot } = family;
    const broken = parseCertificate(new Uint8Array([0x30, 0]));
    const sent = [leaf, unrelated, issuing, policy, crossRoot, issuing].map(({ certificate }) => certificate);
    const verdict = judgeChain([...sent, broken], trusted);
    is(verdict, 'trusted');
    assert.deepEqual(
      verdict.superfluous.map(({ index, why }) => [index, why]),
      [
        [1, 'unrelated'],
        [4, 'alternative'],
        [5, 'duplicate'],
        [6, 'unreadable'],
      ],
    );
    assert.equal(verdict.outOfOrder, false);
  });

  test('a cross-certificate leads to another root', () => {
    const { leaf, issuing, policy, crossRoot, otherRoot, root } = family;
    const verdict = judge(trusting(otherRoot), leaf, issuing, policy, crossRoot);
    is(verdict, 'trusted');
    assert.equal(verdict.anchor.certificate.sha256, otherRoot.certificate.sha256);
    assert.equal(judge(trusting(otherRoot), leaf, issuing, policy, root, crossRoot).status, 'trusted');
  });

  test('cross-certificates that issue each other do not loop', async () => {
    const { root, otherRoot, crossRoot, policy } = family;
    const back = await issue({ name: otherRoot.name, keys: otherRoot.keys, ca: true, by: root });
    assert.equal(judge(strangers, policy, crossRoot, back).status, 'incomplete');
  });

  test('a private root, sent or known from elsewhere, is no anchor', () => {
    const { leaf, issuing, policy, root } = family;
    const sent = judge(strangers, leaf, issuing, policy, root);
    is(sent, 'private-root');
    assert.equal(sent.rootSent, true);
    assert.equal(sent.root, root.certificate);
    const chain = [leaf, issuing, policy].map(({ certificate }) => certificate);
    const known = judgeChain(chain, strangers, { intermediates: createIssuers([root.certificate]) });
    is(known, 'private-root');
    assert.equal(known.rootSent, false);
    assert.deepEqual(indexes(known), [0, 1, 2, null]);
  });

  test('a self-signed leaf, unless it is an anchor', () => {
    const { selfSigned, issuing } = family;
    assert.equal(judge(strangers, selfSigned).status, 'self-signed');
    assert.equal(judge(strangers, selfSigned, issuing).status, 'self-signed');
    assert.equal(judge(trusting(selfSigned), selfSigned).status, 'trusted');
  });

  test('a missing intermediate is named, with what is known of it', () => {
    const { leaf, issuing, policy, direct, root } = family;
    const verdict = judge(trusted, leaf);
    is(verdict, 'incomplete');
    assert.deepEqual(verdict.missing, {
      name: 'CN=Example Issuing CA,O=Example',
      keyIdentifier: issuing.certificate.subjectKeyIdentifier,
      locations: [],
      root: null,
    });
    assert.equal(verdict.at.index, 0);
    assert.equal(verdict.completion, null);
    assert.deepEqual(verdict.clues, ['named-intermediate']);

    const known = judgeChain([leaf.certificate], trusted, {
      intermediates: createIssuers([policy.certificate, issuing.certificate]),
    });
    is(known, 'incomplete');
    assert.deepEqual(known.completion?.certificates, [issuing.certificate, policy.certificate]);
    assert.equal(known.completion.anchor?.certificate.sha256, root.certificate.sha256);
    assert.deepEqual(known.clues, ['known-intermediate', 'named-intermediate']);

    const half = judge(strangers, leaf, issuing);
    is(half, 'incomplete');
    assert.equal(half.at.index, 1);

    const ambiguous = judge(strangers, direct);
    is(ambiguous, 'incomplete');
    assert.deepEqual(ambiguous.clues, ['issuer-location', 'named-root']);
    assert.deepEqual(ambiguous.missing.locations, ['http://ca.example/root.crt']);
  });

  test('the wrong intermediate: another one, or one of the same name and another key', () => {
    const { leaf, unrelated, rekeyed } = family;
    const other = judge(trusted, leaf, unrelated);
    is(other, 'incomplete');
    assert.deepEqual(
      other.superfluous.map(({ why }) => why),
      ['unrelated'],
    );
    const namesake = judge(trusted, leaf, rekeyed);
    is(namesake, 'incomplete');
    assert.deepEqual(
      namesake.superfluous.map(({ why }) => why),
      ['unrelated'],
    );
  });

  test('without key identifiers, signatures decide between namesakes', async () => {
    const { root } = family;
    const one = await issue({ name: 'CN=Twin', ca: true, by: root, keyIdentifiers: false });
    const two = await issue({ name: 'CN=Twin', ca: true, by: root, keyIdentifiers: false });
    const leaf = await issue({ name: 'CN=l.example', by: two, keyIdentifiers: false });
    const verdict = judge(trusted, leaf, one, two);
    is(verdict, 'trusted');
    assert.deepEqual(indexes(verdict), [0, 2, null]);
    const wrong = judge(trusted, leaf, one);
    is(wrong, 'bad-signature');
    assert.equal(wrong.issuer, one.certificate);
    assert.equal(wrong.sameKeyIdentifier, false);
  });

  test('a damaged signature, anywhere in the path', () => {
    const { leaf, issuing, policy, root, selfSigned } = family;
    const leafBroken = judgeChain([damaged(leaf), issuing.certificate, policy.certificate], trusted);
    is(leafBroken, 'bad-signature');
    assert.equal(leafBroken.at.index, 0);
    assert.equal(leafBroken.issuer, issuing.certificate);
    assert.equal(leafBroken.sameKeyIdentifier, true);
    const policyBroken = judgeChain([leaf.certificate, issuing.certificate, damaged(policy)], trusted);
    is(policyBroken, 'bad-signature');
    assert.equal(policyBroken.at.index, 2);
    assert.equal(policyBroken.issuer.sha256, root.certificate.sha256);
    const self = judgeChain([damaged(selfSigned)], trusted);
    is(self, 'bad-signature');
    assert.equal(self.issuer.subject, 'CN=self.example');
  });

  test('an issuer that may not issue is in the path: constraints are judged apart', async () => {
    const { root } = family;
    const noCa = await issue({ name: 'CN=Not a CA', by: root });
    const leaf = await issue({ name: 'CN=l.example', by: noCa });
    is(judge(trusted, leaf, noCa), 'trusted');
  });

  test('says where each certificate of the path comes from', () => {
    const { leaf, issuing, policy, root } = family;
    const origins = ({ path }: ChainVerdict) => path.map(({ origin }) => origin);
    assert.deepEqual(origins(judge(trusted, leaf, issuing, policy)), ['sent', 'sent', 'sent', 'anchor']);
    assert.deepEqual(origins(judge(trusted, leaf, issuing, policy, root)), ['sent', 'sent', 'sent', 'anchor']);
    const chain = [leaf, issuing, policy].map(({ certificate }) => certificate);
    const known = judgeChain(chain, strangers, { intermediates: createIssuers([root.certificate]) });
    assert.deepEqual(origins(known), ['sent', 'sent', 'sent', 'elsewhere']);
  });

  test('of two certificates that continue the path, the one that is valid', async () => {
    const { root, leaf, issuing, policy } = family;
    const ended = { notAfter: '2021-01-01T00:00:00Z' };
    const old = await issue({ name: policy.name, keys: policy.keys, ca: true, by: root, ...ended });
    const verdict = (at?: string) =>
      judgeChain(
        [leaf, issuing, old, policy].map(({ certificate }) => certificate),
        trusted,
        at === undefined ? {} : { at: Date.parse(at) },
      );
    assert.deepEqual(indexes(verdict()), [0, 1, 2, null]);
    assert.deepEqual(indexes(verdict('2020-06-01')), [0, 1, 2, null]);
    assert.deepEqual(indexes(verdict('2026-06-01')), [0, 1, 3, null]);
  });

  test('of two certificates that continue the path, the one that lets it be so long, and have that name', async () => {
    const { root, issuing, policy } = family;
    const named = new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'leaf.example' }]);
    const leaf = await issue({ name: 'CN=leaf.example', by: issuing, extensions: [named] });
    const again = { name: policy.name, keys: policy.keys, ca: true, by: root };
    const short = await issue({ ...again, pathLength: 0 });
    const elsewhere = der(0x82, Buffer.from('other.example'));
    const narrow = await issue({ ...again, extensions: [nameConstraints({ permitted: [elsewhere] })] });
    const indexesOf = (...sent: readonly Issued[]) =>
      indexes(
        judgeChain(
          sent.map(({ certificate }) => certificate),
          trusted,
        ),
      );
    assert.deepEqual(indexesOf(leaf, issuing, short, policy), [0, 1, 3, null]);
    assert.deepEqual(indexesOf(leaf, issuing, narrow, policy), [0, 1, 3, null]);
    assert.deepEqual(indexesOf(leaf, issuing, short, narrow), [0, 1, 2, null]);
  });

  test('roots of former days, roots of vendors, and marks of public authorities are clues', async () => {
    const name = 'C=US, O=Equifax, OU=Equifax Secure Certificate Authority';
    const equifax = await issue({ name, ca: true });
    const old = await issue({ name, ca: true, keyIdentifiers: false });
    const apple = await issue({
      name: 'C=US, O=Apple Inc., OU=Apple Certification Authority, CN=Apple Root CA',
      ca: true,
      keyIdentifiers: false,
    });
    const policy = new x509.CertificatePolicyExtension(['2.23.140.1.2.1']);
    const leaf = async (by: Issued) => issue({ name: 'CN=l.example', by, keyIdentifiers: false, extensions: [policy] });
    const clues = (verdict: ChainVerdict) => ('clues' in verdict ? verdict.clues : null);
    const issued = await leaf(old);
    const later = (...sent: readonly Issued[]) =>
      judgeChain(
        sent.map(({ certificate }) => certificate),
        strangers,
        { at: Date.parse('2026-06-01') },
      );
    const without = later(issued);
    is(without, 'incomplete');
    assert.deepEqual(without.clues, ['retired-public-root', 'public-authority']);
    assert.equal(without.missing.root?.notAfter, '2018-08-22T16:41:51Z');
    const withRoot = later(issued, old);
    is(withRoot, 'private-root');
    assert.deepEqual(withRoot.clues, ['retired-public-root', 'public-authority']);
    assert.equal(withRoot.known, without.missing.root);
    assert.deepEqual(clues(judge(strangers, await leaf(apple))), ['named-root', 'vendor-root', 'public-authority']);
    // The real one has another key: this is somebody's own of that name.
    assert.deepEqual(clues(judge(strangers, await leaf(equifax), equifax)), ['public-authority']);
    const { leaf: own, issuing, policy: ours, root } = family;
    assert.deepEqual(clues(judge(strangers, own, issuing, ours, root)), []);
  });

  test('an intermediate may be an anchor', () => {
    const { leaf, issuing, policy } = family;
    const verdict = judge(trusting(policy), leaf, issuing);
    is(verdict, 'trusted');
    assert.equal(verdict.anchor.certificate.sha256, policy.certificate.sha256);
  });

  test('whether anchors lead to a root is told: by others of them, or by what was sent', () => {
    const { leaf, issuing, policy, root } = family;
    const isRooted = (anchors: TrustAnchors, ...sent: readonly Issued[]): boolean => {
      const verdict = judge(anchors, ...sent);
      is(verdict, 'trusted');
      return verdict.isRooted;
    };
    assert.equal(isRooted(trusting(policy), leaf, issuing), false);
    // What was sent is no anchor, a root neither.
    assert.equal(isRooted(trusting(policy), leaf, issuing, root), false);
    assert.equal(isRooted(trusting(policy, root), leaf, issuing), true);
    assert.equal(isRooted(trusting(issuing, root), leaf, policy), true);
    assert.equal(isRooted(trusting(issuing, root), leaf), false);
    assert.equal(isRooted(trusting(leaf), leaf), false);
    assert.equal(isRooted(trusting(root), leaf, issuing, policy), true);
  });

  test('nothing sent, and a leaf that cannot be parsed', () => {
    assert.equal(judgeChain([], trusted).status, 'empty');
    assert.equal(judgeChain([parseCertificate(new Uint8Array(3))], trusted).status, 'unreadable');
  });

  test('certificates that Node cannot check are linked by name, and said to be unverified', () => {
    const leaf = stub({ sha256: 'aa', subject: 'CN=l', issuer: 'CN=Post-Quantum CA' });
    const root = stub({ sha256: 'bb', subject: 'cn=x', issuer: 'CN=x' });
    const ca = { ...root, subject: 'CN=post-quantum  ca', issuer: 'CN=Post-Quantum CA', selfIssued: true };
    const verdict = judgeChain([leaf, ca], strangers);
    is(verdict, 'private-root');
    assert.equal(verdict.unverified, true);
  });

  test('of many issuers of one name only some are tried: whether another one issued it is unknown', async () => {
    const leaf = family.direct.certificate;
    const others = await Promise.all(
      Array.from({ length: 9 }, () => issue({ name: family.root.name, ca: true, keyIdentifiers: false })),
    );
    const issuers = others.map(({ certificate }) => certificate);
    is(judgeChain([leaf], strangers, { intermediates: createIssuers(issuers.slice(0, 8)) }), 'incomplete');
    is(judgeChain([leaf], strangers, { intermediates: createIssuers(issuers) }), 'undecided');
    is(judgeChain([leaf], strangers, { intermediates: createIssuers([family.root.certificate]) }), 'private-root');
  });

  test('a chain for which there is no work left is undecided, and says so', async () => {
    const ca = await issue({ name: 'CN=Costly CA', ca: true });
    const leaf = await issue({ name: 'CN=costly.example', by: ca });
    const budget = createWorkBudget(0);
    const verdict = judgeChain([leaf.certificate, { ...ca.certificate, der: new Uint8Array(0) }], strangers, {
      budget,
    });
    assert.deepEqual([verdict.status, verdict.isUndecided], ['undecided', true]);
    assert.ok(budget.givenUp() > 0);
    is(judgeChain([leaf.certificate, ca.certificate], strangers), 'private-root');
  });

  test('of thousands of anchors of one name only as many are looked at as the work for a chain allows, and the chain is undecided', () => {
    const leaf = stub({ sha256: 'aa', subject: 'CN=l', issuer: 'CN=CA', authorityKeyIdentifier: '01' });
    let looks = 0;
    const crowd = Array.from({ length: 10_000 }, (_, index): TrustAnchor => {
      const certificate = stub({ sha256: `${index}`, subject: 'CN=CA', issuer: 'CN=CA', subjectKeyIdentifier: '02' });
      return {
        get certificate() {
          looks++;
          return certificate;
        },
        origin: 'extra',
        root: null,
      };
    });
    const anchors: TrustAnchors = { bySubject: () => crowd, find: () => null, knownRoot: () => null };
    is(judgeChain([leaf], anchors, { at: Date.UTC(2026, 0) }), 'undecided');
    assert.ok(looks < 10_000, String(looks));
  });

  test('hostile chains end quickly: all of one name, a long ladder', async () => {
    const keys = await makeKeys();
    const name = 'CN=Same';
    const same: Issued[] = [];
    for (let i = 0; i < 60; i++)
      same.push(await issue({ name, keys, by: { ...family.root, name }, keyIdentifiers: false }));
    const crowd = Array.from({ length: 3000 }, (_, i) => stub({ sha256: `${i}`, subject: 'CN=a', issuer: 'CN=a' }));
    const ladder = Array.from({ length: 3000 }, (_, i) =>
      stub({ sha256: `${i}`, subject: `CN=${i}`, issuer: `CN=${i + 1}` }),
    );
    const started = performance.now();
    judge(strangers, ...same);
    judgeChain(crowd, strangers);
    const verdict = judgeChain(ladder, strangers);
    assert.ok(verdict.path.length <= 16);
    assert.ok(performance.now() - started < 10_000);
  });
});

describe('judgeChain agrees with openssl verify', () => {
  const at = Date.parse('2026-06-01T00:00:00Z');
  let workplace: Workplace;
  before(() => {
    workplace = makeWorkplace();
  });
  after(() => {
    workplace.remove();
  });

  /** Compares verdicts on chains, with one certificate as the only anchor. */
  const compare = async (chains: readonly (readonly Certificate[])[], anchor: Issued): Promise<void> => {
    const folder = writeAnchors(workplace, anchor.name, [toPem(anchor.certificate)]);
    for (const sent of chains) {
      const verdict = judgeChain(sent, trusting(anchor));
      // Some chains begin with an authority, which is of no use as a server.
      const problems = judgeConstraints(verdict.path, { purpose: 'server' });
      const found = await opensslVerify(workplace, sent, folder, { purpose: 'server', at, level: 0 });
      const expected = expectedErrors(verdict, problems, [], 0);
      const what = sent.map(({ subject }) => subject).join(' | ');
      assert.ok(agree(found, expected), `${what}: ${found.join()}, not ${expected.join()}`);
    }
  };

  test('on every chain of a family, for two anchors', { skip: withoutOpenssl }, async () => {
    const { leaf, issuing, policy, root, rekeyed, otherRoot, crossRoot, unrelated, selfSigned, direct } =
      await makeFamily();
    const chains: readonly (readonly Issued[])[] = [
      [leaf],
      [leaf, issuing],
      [leaf, policy],
      [leaf, issuing, policy],
      [leaf, policy, issuing],
      [leaf, issuing, policy, root],
      [leaf, root, policy, issuing],
      [leaf, rekeyed, policy],
      [leaf, rekeyed, issuing, policy],
      [leaf, issuing, policy, crossRoot],
      [leaf, issuing, policy, crossRoot, otherRoot],
      [leaf, unrelated],
      [leaf, unrelated, otherRoot],
      [selfSigned],
      [selfSigned, issuing],
      [direct],
      [direct, root],
      [direct, crossRoot],
      [root],
    ];
    const sent = chains.map((chain) => chain.map(({ certificate }) => certificate));
    const damages = [
      [damaged(leaf), issuing.certificate, policy.certificate],
      [leaf.certificate, damaged(issuing), policy.certificate],
      [leaf.certificate, issuing.certificate, damaged(policy)],
    ];
    await compare([...sent, ...damages], root);
    await compare(sent, otherRoot);
  });
});
