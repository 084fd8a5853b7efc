import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { type Issued, issue } from './authority.js';

const ROOTS = await loadRoots();

let root: Issued;
let other: Issued;

before(async () => {
  root = await issue({ name: 'O=Example, CN=Example Root', ca: true });
  other = await issue({ name: 'O=Example, CN=EXAMPLE  root', ca: true });
});

describe('createTrustAnchors', () => {
  test('finds every root, by name and as itself, and parses only those asked for', () => {
    let parsed = 0;
    const anchors = createTrustAnchors(
      (der) => {
        parsed++;
        return parseCertificate(der);
      },
      { roots: () => ROOTS },
    );
    assert.deepEqual(anchors.bySubject('CN=Nobody'), []);
    assert.equal(parsed, 0);
    for (const { root: known, encoded } of ROOTS.byHash.values()) {
      const certificate = parseCertificate(Buffer.from(encoded ?? '', 'base64'));
      assert.equal(certificate.sha256, known.sha256);
      const before = parsed;
      const found = anchors.find(certificate);
      assert.ok(parsed <= before + 1);
      assert.equal(found?.origin, 'mozilla');
      assert.equal(found.root, known);
      assert.equal(found.certificate.sha256, certificate.sha256);
      assert.equal(anchors.find(certificate), found);
      assert.ok(anchors.bySubject(certificate.subject).includes(found));
    }
    assert.equal(parsed, ROOTS.byHash.size);
    assert.equal(anchors.find(root.certificate), null);
  });

  test('adds the user’s own, several of a name', () => {
    const extra = [root, other].map(({ certificate }) => certificate.der);
    const anchors = createTrustAnchors(parseCertificate, { extra, roots: () => ROOTS });
    const found = anchors.bySubject('CN=example root,O=EXAMPLE');
    assert.deepEqual(
      found.map(({ certificate, origin }) => [certificate.sha256, origin]),
      [
        [root.certificate.sha256, 'extra'],
        [other.certificate.sha256, 'extra'],
      ],
    );
    assert.equal(anchors.find(other.certificate), found[1]);
  });
});
