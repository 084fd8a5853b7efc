import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { judgeChain } from '../../src/x509/chain.js';
import { FIRST_RELEASE, LAST_RELEASE, ROOTS } from '../../src/x509/data/roots.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { type KnownRoot, loadRoots, standingAt } from '../../src/x509/roots.js';

const table = await loadRoots();
const anchors = createTrustAnchors(parseCertificate, { roots: () => table });
const DAY = 24 * 3_600_000;
const YEAR = 365 * DAY;
const DST_ROOT_X3 = 'CN=DST Root CA X3,O=Digital Signature Trust Co.';

describe('the table of roots', () => {
  test('says of each certificate what another reader finds in it', () => {
    assert.ok(ROOTS.length >= 304);
    for (const [subject, keyIdentifier, sha256, notBefore, notAfter, from, until, , encoded] of ROOTS) {
      const der = Buffer.from(encoded, 'base64');
      const certificate = new X509Certificate(der);
      assert.equal(createHash('sha256').update(der).digest('hex'), sha256);
      assert.equal(Date.parse(certificate.validFrom), Date.parse(notBefore), subject);
      assert.equal(Date.parse(certificate.validTo), Date.parse(notAfter), subject);
      assert.equal(parseCertificate(der).subjectKeyIdentifier, keyIdentifier);
      assert.ok((from ?? FIRST_RELEASE) <= (until ?? LAST_RELEASE), subject);
      assert.notEqual(from, FIRST_RELEASE);
      assert.notEqual(until, LAST_RELEASE);
    }
  });

  test('knows what Mozilla distrusts from a date on', () => {
    const dates = ROOTS.filter(([, , , , , , , distrusted]) => distrusted !== null);
    assert.deepEqual(
      new Set(dates.map(([subject]) => /O=([a-zA-Z-]*)/.exec(subject)?.[1])),
      new Set(['AffirmTrust', 'Entrust', 'e-commerce']),
    );
  });
});

describe('roots at the time of a capture', () => {
  test('every root is an anchor while it was in the store, and retired a year after', () => {
    for (const { root, encoded } of table.byHash.values()) {
      const certificate = parseCertificate(Buffer.from(encoded ?? '', 'base64'));
      const within = Date.parse(root.until ?? LAST_RELEASE);
      assert.equal(standingAt(root, within), 'included', root.subject);
      const verdict = judgeChain([certificate], anchors, { at: within });
      assert.equal(verdict.status, 'trusted', root.subject);
      if (root.until === null) continue;
      const later = within + YEAR + DAY;
      assert.equal(standingAt(root, later), 'retired');
      assert.equal(anchors.find(certificate, later), null);
      assert.notEqual(anchors.knownRoot(root.subject, root.subjectKeyIdentifier), null);
      // Of some authorities the same key came back in another certificate.
      const named = anchors
        .bySubject(root.subject, later)
        .filter((anchor) => anchor.certificate.sha256 === root.sha256);
      assert.deepEqual(named, []);
    }
  });

  test('a root is none before the year before it came, unless the clock tells nothing', () => {
    const isrg = anchors.knownRoot('CN=ISRG Root X1,O=Internet Security Research Group,C=US', null) as KnownRoot;
    const from = Date.parse(isrg.from ?? '');
    assert.equal(standingAt(isrg, from - YEAR + DAY), 'included');
    assert.equal(standingAt({ ...isrg, notBefore: '2010-01-01T00:00:00Z' }, from - YEAR - DAY), 'upcoming');
    assert.equal(standingAt(isrg, 0), 'included');
    assert.equal(standingAt(isrg, undefined), 'included');
  });

  test('DST Root CA X3 vouched in 2017, and its end is known afterwards', () => {
    const root = anchors.knownRoot(DST_ROOT_X3, 'c4a7b1a47b2c71fadbe14b9075ffc41560858910') as KnownRoot;
    assert.equal(root.notAfter, '2021-09-30T14:01:15Z');
    assert.equal(standingAt(root, Date.parse('2017-06-01')), 'included');
    assert.equal(standingAt(root, Date.parse('2024-06-01')), 'retired');
    assert.equal(anchors.bySubject(DST_ROOT_X3, Date.parse('2017-06-01')).length, 1);
    assert.deepEqual(anchors.bySubject(DST_ROOT_X3, Date.parse('2024-06-01')), []);
  });

  test('roots of operating systems are known by name, and vouch for nothing', () => {
    const apple = anchors.knownRoot('CN=Apple Root CA,OU=Apple Certification Authority,O=Apple Inc.,C=US', null);
    assert.equal(apple && standingAt(apple, Date.parse('2020-01-01')), 'vendor');
    assert.deepEqual(anchors.bySubject(apple?.subject ?? ''), []);
  });

  test('a known root is found by its whole name, however it is written, and its key identifier has to agree', () => {
    const baltimore = 'CN=Baltimore CyberTrust Root,OU=CyberTrust,O=Baltimore,C=IE';
    const shouted = baltimore.toUpperCase().replace('CN=BALTIMORE', 'CN=BALTIMORE ');
    assert.notEqual(anchors.knownRoot(shouted, 'e59d5930824758ccacfa085436867b3ab5044df0'), null);
    assert.equal(anchors.knownRoot(baltimore, '00'), null);
    assert.equal(anchors.knownRoot('CN=Baltimore CyberTrust Root', null), null);
    assert.equal(anchors.knownRoot('', null), null);
  });
});
