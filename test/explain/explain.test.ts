import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { RULES } from '../../src/diagnose/rules/index.js';
import { KNOWN_ALERTS } from '../../src/knowledge/alerts.js';
import { openSslName } from '../../src/explain/cipher-suites.js';
import { allTerms, explain, nearTerms } from '../../src/explain/explain.js';
import { KNOWN_EXTENSIONS } from '../../src/explain/extensions.js';
import { ALERTS, EXTENSION_TYPES } from '../../src/tls/wire/registry/tables.js';
import { openssl } from '../x509/openssl.js';

const titleOf = (term: string): string | undefined => explain(term)?.title;
const linesOf = (term: string, heading: string): readonly string[] =>
  explain(term)?.sections.find((section) => section.heading === heading)?.lines ?? [];

describe('a term', () => {
  test('goes by its name, its number, and what other programs call it', () => {
    assert.equal(titleOf('48'), 'unknown_ca (48): a TLS alert');
    assert.equal(titleOf('Unknown CA'), 'unknown_ca (48): a TLS alert');
    assert.equal(titleOf('certificate-expired'), 'certificate-expired: Server certificate expired');
    assert.equal(titleOf('certificate_expired'), titleOf('certificate-expired'), 'the diagnosis names the alert');
    assert.equal(titleOf('45'), 'certificate_expired (45): a TLS alert');
    assert.equal(titleOf('server_name'), 'server_name (0): a TLS extension');
    assert.equal(titleOf('SNI'), 'server_name (0): a TLS extension');
    assert.equal(titleOf('RC4-SHA'), 'TLS_RSA_WITH_RC4_128_SHA (0x0005): a cipher suite');
    assert.equal(titleOf('0xc02f'), 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (0xC02F): a cipher suite');
    assert.equal(titleOf('P-256'), 'secp256r1 (0x0017): a key exchange group');
    assert.equal(titleOf('TLSv1.2'), 'TLS 1.2: a protocol version');
    assert.equal(titleOf('rsa_pss_rsae_sha256'), 'rsa_pss_rsae_sha256 (0x0804): a signature scheme');
  });

  test('that nobody knows has no explanation, but near ones', () => {
    for (const term of ['', '999', 'certificate-expird', '__proto__', 'x'.repeat(10_000)]) {
      assert.equal(explain(term), null, term.slice(0, 20));
    }
    assert.equal(nearTerms('certificate-expird')[0], 'certificate-expired');
    assert.ok(nearTerms('ALPN-mismach').includes('alpn-mismatch'));
    assert.deepEqual(nearTerms('xyzzyxyzzy'), []);
    assert.deepEqual(nearTerms('x'.repeat(100_000)), []);
  });

  test('of every kind can be explained by the name that the list gives', () => {
    for (const [kind, names] of allTerms()) {
      for (const name of names) {
        const explanation = explain(name.replace(/ \(\d+\)$/, ''));
        assert.ok(explanation, `${kind} ${name}`);
        assert.match(explanation.summary, /\.$/, name);
        for (const { lines } of explanation.sections) {
          for (const line of lines) assert.doesNotMatch(line, /[{}]|undefined|NaN/, `${kind} ${name}`);
        }
      }
    }
  });
});

describe('what it leads to', () => {
  test('a weak suite, and why', () => {
    assert.match(explain('TLS_RSA_WITH_RC4_128_SHA')?.summary ?? '', /no forward secrecy.*RC4 leaks/);
    assert.match(linesOf('TLS_RSA_WITH_RC4_128_SHA', 'Leads to these diagnoses')[0] ?? '', /^weak-cipher-suite: /);
  });

  test('an alert names diagnoses, and these the alert', () => {
    assert.ok(linesOf('48', 'Leads to these diagnoses').some((line) => line.startsWith('chain-incomplete: ')));
    assert.ok(
      linesOf('chain-incomplete', 'Alerts that lead here').some((line) => line.startsWith('unknown_ca (48): ')),
    );
  });

  test('exists: no text names a rule, an alert or an extension that there is not', () => {
    const ids = new Set(RULES.map(({ id }) => id));
    const alerts = new Set(ALERTS.values());
    for (const [name, { rules }] of Object.entries(KNOWN_ALERTS)) {
      assert.ok(alerts.has(name), name);
      for (const id of rules) assert.ok(ids.has(id), id);
    }
    const extensions = new Set(EXTENSION_TYPES.values());
    for (const [name, { rules }] of Object.entries(KNOWN_EXTENSIONS)) {
      assert.ok(extensions.has(name), name);
      for (const id of rules) assert.ok(ids.has(id), id);
    }
  });

  test('a diagnosis says what to do and how to confirm it, in commands that a shell takes', () => {
    for (const { id } of RULES) {
      assert.ok(linesOf(id, 'To do').length > 0, id);
      const commands = linesOf(id, 'Confirm');
      assert.ok(commands.length > 0, id);
      for (const command of commands) {
        const { status, stderr } = spawnSync('sh', ['-n', '-c', command], { encoding: 'utf8' });
        assert.equal(status, 0, `${command}: ${stderr}`);
        assert.doesNotMatch(command, /<(?!\/dev\/null)/, 'a placeholder is no redirection');
      }
    }
  });
});

const listed = spawnSync(openssl, ['ciphers', '-s', '-stdname', 'ALL:COMPLEMENTOFALL:@SECLEVEL=0'], {
  encoding: 'utf8',
});

test('OpenSSL’s names of cipher suites, held against OpenSSL', { skip: listed.status !== 0 && 'no openssl' }, () => {
  const rows = [...listed.stdout.matchAll(/^\s*(TLS_\w+)\s+-\s+(\S+)/gm)];
  assert.ok(rows.length > 30, `${rows.length}`);
  for (const [, iana = '', openssl] of rows) assert.equal(openSslName(iana), openssl, iana);
});
