/**
 * The names of code points, held against IANA's tables of TLS (https://www.iana.org/assignments/tls-parameters/ and
 * tls-extensiontype-values/, as of November 2026, in test/tls/wire/iana/), entry by entry.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import * as iana from '../../../src/tls/wire/registry/iana.js';
import {
  alertName,
  cipherSuiteName,
  extensionName,
  groupName,
  isGrease,
  signatureSchemeName,
} from '../../../src/tls/wire/registry/names.js';
import * as tables from '../../../src/tls/wire/registry/tables.js';
import * as unregistered from '../../../src/tls/wire/registry/unregistered.js';
import { ROOT } from '../../support/schema.js';

const REGISTRIES = [
  { file: 'alerts.tsv', name: 'ALERTS', nameOf: alertName },
  { file: 'cipher-suites.tsv', name: 'CIPHER_SUITES', nameOf: cipherSuiteName },
  { file: 'extension-types.tsv', name: 'EXTENSION_TYPES', nameOf: extensionName },
  { file: 'signature-schemes.tsv', name: 'SIGNATURE_SCHEMES', nameOf: signatureSchemeName },
  { file: 'supported-groups.tsv', name: 'SUPPORTED_GROUPS', nameOf: groupName },
] as const;

function entriesOf(file: string): (readonly [number, string])[] {
  const [, ...lines] = readFileSync(join(ROOT, 'test/tls/wire/iana', file), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    const [code = '', name = ''] = line.split('\t');
    return [Number(code), name];
  });
}

for (const { file, name, nameOf } of REGISTRIES) {
  describe(`registry ${file}`, () => {
    const registered = entriesOf(file);
    const others = name === 'ALERTS' ? [] : unregistered[name];

    test('has what IANA registered, and nothing else', () => {
      assert.ok(registered.length > 30);
      assert.deepEqual(iana[name], registered);
    });

    test('names each code point as IANA does', () => {
      for (const [code, expected] of registered) {
        // Padding has a second code point, of a draft, so that its name carries the number (test/corpus.md).
        assert.equal(nameOf(code), file === 'extension-types.tsv' && code === 21 ? 'padding_0x0015' : expected);
      }
    });

    test('is not contradicted by what is met without being registered', () => {
      const codes = new Set(registered.map(([code]) => code));
      for (const [code] of others) assert.ok(!codes.has(code) && !isGrease(code), `${code} of ${file}`);
    });

    test('gives each name to one code point', () => {
      const names = tables[name];
      assert.equal(names.size, registered.length + others.length);
      assert.equal(new Set(names.values()).size, names.size);
      for (const value of names.values()) assert.match(value, /^\w+$/);
    });
  });
}
