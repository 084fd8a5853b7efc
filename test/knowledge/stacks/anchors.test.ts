/** Which programs accept an intermediate in their trust store as an anchor, as recorded (samples/stacks/record-anchors.mjs). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyze } from '../../../src/analyze.js';
import { CONFIGURATION_FORMATS } from '../../../src/ends/configurations/index.js';
import { STACKS } from '../../../src/knowledge/stacks/index.js';
import { ROOT } from '../../support/schema.js';

interface Entry {
  readonly port: number;
  readonly stack: string;
  readonly by: string;
  readonly role: 'client' | 'server';
  readonly anchors: 'issuing' | 'top';
}

const FILE = 'stacks/intermediate-anchor';
const entries = JSON.parse(readFileSync(join(ROOT, 'samples', `${FILE}.json`), 'utf8')) as Entry[];
const { connections } = await analyze([join(ROOT, 'samples', `${FILE}.pcap`)]);
const outcomeOf = ({ port }: Entry): string | undefined =>
  connections.find(({ connection: { server } }) => server.port === port)?.connection.outcome;

const names: Readonly<Record<string, string>> = {
  ...{
    openssl: 'OpenSSL',
    nodejs: 'Node.js',
    gnutls: 'GnuTLS',
    nss: 'NSS',
    jsse: 'JSSE',
    go: 'Go',
    chromium: 'Chromium',
  },
  ...{ erlang: 'Erlang', mbedtls: 'Mbed TLS', wolfssl: 'wolfSSL', botan: 'Botan' },
};

describe('a trust store that holds an intermediate without its root', () => {
  for (const [file, name] of Object.entries(names)) {
    test(name, () => {
      const outcomes = entries
        .filter(({ stack, anchors }) => stack === file && anchors === 'issuing')
        .map((entry) => outcomeOf(entry));
      const taken = new Set(outcomes.map((outcome) => outcome === 'established'));
      const stack = STACKS.find((one) => one.name === name);
      assert.ok(stack !== undefined && outcomes.length > 0);
      assert.equal(stack.intermediateAnchors, taken.size > 1 ? 'differs' : taken.has(true) ? 'accepted' : 'refused');
    });
  }

  for (const name of ['HAProxy', 'Apache httpd']) {
    test(`${name}, a server on OpenSSL`, () => {
      const entry = entries.find(({ stack, anchors }) => stack === name && anchors === 'issuing');
      assert.ok(entry !== undefined);
      const format = CONFIGURATION_FORMATS.find((one) => one.name === name);
      assert.deepEqual([outcomeOf(entry), format?.intermediateAnchors], ['failed', 'refused']);
    });
  }

  test('with the root, all take the same chain', () => {
    for (const entry of entries.filter(({ anchors }) => anchors === 'top'))
      assert.equal(outcomeOf(entry), 'established', `${entry.by} as ${entry.role}`);
  });

  test('no stack claims what was not recorded', () => {
    const claimed = STACKS.filter(({ intermediateAnchors }) => intermediateAnchors !== undefined).map(
      ({ name }) => name,
    );
    assert.deepEqual([...claimed].sort(), Object.values(names).sort());
  });
});
