import { decodeFault } from '../../src/decode-faults.js';
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type HostNameMismatch, matchHostName } from '../../src/x509/names.js';
import { stub } from './authority.js';

const presenting = (dns: readonly string[], ip: readonly string[] = [], commonNames: readonly string[] = []) =>
  stub({ subjectAltNames: { dns, ip }, commonNames });

describe('matchHostName covers', () => {
  const cases: readonly (readonly [presented: string, wanted: string])[] = [
    ['example.com', 'example.com'],
    ['Example.COM', 'eXample.com'],
    ['example.com', 'example.com.'],
    ['example.com.', 'example.com'],
    ['*.example.com', 'foo.example.com'],
    ['*.EXAMPLE.com', 'foo.example.com'],
    ['*.example.com', 'xn--bcher-kva.example.com'],
    ['xn--bcher-kva.example', 'bücher.example'],
    ['xn--bcher-kva.example', 'BÜCHER.example'],
    ['*.xn--bcher-kva.example', 'www.bücher.example'],
    ['_acme.example.com', '_acme.example.com'],
    ['localhost', 'localhost'],
  ];
  for (const [presented, wanted] of cases) {
    test(`${presented} covers ${wanted}`, () => {
      const match = matchHostName(presenting(['other.example', presented]), wanted);
      assert.equal(match.covered, true);
      assert.equal(match.reason, null);
      assert.deepEqual(match.matches, [presented]);
    });
  }

  test('addresses match addresses, in whatever form they are written', () => {
    const certificate = presenting([], ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.9']);
    for (const wanted of ['192.0.2.1', '2001:db8::1', '[2001:DB8:0:0::1]', '2001:db8::1%eth0', '::FFFF:c000:209']) {
      const match = matchHostName(certificate, wanted);
      assert.equal(match.covered, true, wanted);
      assert.equal(match.kind, 'ip');
    }
    assert.equal(matchHostName(certificate, '192.0.2.2').reason, 'no-match');
    assert.equal(matchHostName(presenting(['a.example'], ['010203']), '1.2.3.0').reason, 'no-match');
  });
});

describe('matchHostName does not cover', () => {
  const cases: readonly (readonly [presented: readonly string[], wanted: string, reason: HostNameMismatch])[] = [
    [['example.com'], 'www.example.com', 'no-match'],
    [['*.example.com'], 'a.b.example.com', 'wildcard-depth'],
    [['*.example.com'], 'example.com', 'wildcard-apex'],
    [['*.example.com'], 'badexample.com', 'no-match'],
    [['*.example.com'], 'example.org', 'no-match'],
    [['f*.example.com'], 'foo.example.com', 'wildcard-form'],
    [['www.*.com'], 'www.example.com', 'wildcard-form'],
    [['*.*.example.com'], 'a.b.example.com', 'wildcard-form'],
    [['**.example.com'], 'a.example.com', 'wildcard-form'],
    [['*'], 'localhost', 'wildcard-form'],
    [['*.'], 'a.example', 'no-match'],
    [[], 'example.com', 'no-subject-alt-name'],
    [['192.0.2.1'], '192.0.2.1', 'address-as-dns-name'],
    [['*.0.2.1'], '192.0.2.1', 'no-match'],
    [['example.com'], '192.0.2.1', 'no-match'],
    [['example.com'], '', 'invalid-name'],
    [['example.com'], '.', 'invalid-name'],
    [['example.com'], 'a..example.com', 'invalid-name'],
    [['example.com'], 'exam ple.com', 'invalid-name'],
    [['example.com'], '*.example.com', 'invalid-name'],
    [['example.com'], `${'a'.repeat(64)}.example.com`, 'invalid-name'],
    [[`${'a.'.repeat(300)}example.com`], `${'a.'.repeat(300)}example.com`, 'invalid-name'],
  ];
  for (const [presented, wanted, reason] of cases) {
    test(`${presented.join(' ') || 'nothing'} does not cover "${wanted}": ${reason}`, () => {
      const match = matchHostName(presenting(presented), wanted);
      assert.equal(match.covered, false);
      assert.equal(match.reason, reason);
      assert.deepEqual(match.matches, []);
    });
  }

  test('says which wildcards come near, and which would do', () => {
    const match = matchHostName(presenting(['*.example.com', 'other.example', 'a*.b.example.com']), 'a.b.example.com');
    assert.deepEqual(match.nearMisses, [
      { pattern: '*.example.com', why: 'depth' },
      { pattern: 'a*.b.example.com', why: 'form' },
    ]);
    assert.equal(match.wildcard, '*.b.example.com');
    assert.equal(matchHostName(presenting([]), 'example.com').wildcard, null);
    assert.equal(matchHostName(presenting([]), '192.0.2.1').wildcard, null);
  });

  test('a common name never covers, and is said to match', () => {
    const match = matchHostName(presenting([], [], ['*.example.com']), 'www.example.com');
    assert.equal(match.covered, false);
    assert.equal(match.reason, 'no-subject-alt-name');
    assert.equal(match.commonNameMatches, true);
    assert.equal(matchHostName(presenting([], [], ['192.0.2.1']), '192.0.2.1').commonNameMatches, true);
    assert.equal(matchHostName(presenting([], [], ['Example Server']), 'example.com').commonNameMatches, false);
  });

  test('an unreadable certificate covers nothing', () => {
    assert.equal(
      matchHostName(stub({ error: decodeFault('notACertificate') }), 'example.com').reason,
      'unreadable-certificate',
    );
  });
});
