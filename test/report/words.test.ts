import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DecompressionError } from '../../src/capture/error.js';
import { unreadable } from '../../src/capture/format.js';
import { escapeTerminal } from '../../src/report/escape.js';
import { decodeFault } from '../../src/decode-faults.js';
import { ENGLISH } from '../../src/report/messages/english.js';
import {
  actionOf,
  commandOf,
  explanationOf,
  faultOf,
  fill,
  fillCommand,
  noticeOf,
  quoteForShell,
} from '../../src/report/words.js';
import { finding, rule } from '../support/results.js';

const upper = (value: string): string => value.toUpperCase();
const same = (value: string): string => value;

test('placeholders are found as a regular expression finds them, whatever stands around them', () => {
  const piece = fc.constantFrom('{', '}', '{a}', '{b}', '{missing}', '{{a}}', '{a b}', '$&', 'word', '');
  fc.assert(
    fc.property(fc.array(piece), fc.string(), (pieces, value) => {
      const template = pieces.join('');
      const data = { a: value, b: 'x' };
      const plain = template.replace(/\{(\w+)\}/g, (all, name: string) => ({ ...data, missing: all })[name] ?? all);
      assert.equal(fill(template, data, same), plain);
      assert.equal(fill(template, data, same), plain, 'the second time too');
    }),
  );
});

describe('fill', () => {
  test('puts what a decoder found wrong in its place as one term, with bytes from the wire escaped', () => {
    const fault = decodeFault('notATime', { text: '<b>' });
    const quoted = (text: string): string => `[${text}]`;
    assert.equal(fill('unreadable: {fault}', { fault }, quoted), 'unreadable: [not a time: <b>]');
    assert.equal(fill('{items}', { items: { style: 'plain', items: [fault], more: 0 } }, quoted), '[not a time: <b>]');
    assert.equal(
      faultOf(fault, { ...ENGLISH, decodeFaults: { notATime: 'no es una hora: {text}' } }),
      'no es una hora: <b>',
    );
  });

  test('says in any language why a capture was not read to its end', () => {
    const texts = {
      ...ENGLISH,
      decodeFaults: { compressedCut: 'los datos {compression} acaban pronto', EIO: 'el dispositivo no se lee' },
    };
    const cut = new DecompressionError('cut-short', decodeFault('compressedCut', { compression: 'gzip' }));
    const failed = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    assert.equal(cut.message, 'the gzip data end too early');
    assert.match(noticeOf(unreadable(cut, 7, 0), same, texts), /: los datos gzip acaban pronto$/);
    assert.match(noticeOf(unreadable(failed, 7, 0), same, texts), /: el dispositivo no se lee$/);
    assert.match(noticeOf(unreadable(failed, 7, 0), same), /: the device cannot be read$/);
  });

  test('puts values, numbers and lists in their places', () => {
    const data = { name: 'www', port: 443, suites: ['A', 'B'] };
    assert.equal(fill('{name}:{port} offers {suites}', data, same), 'www:443 offers A and B');
  });

  test('an empty list says none', () => {
    assert.equal(fill('common suites: {suites}', { suites: [] }, same), 'common suites: none');
  });

  test('escapes values, each of a list by itself, and not the template', () => {
    assert.equal(fill('of {a}: {b}', { a: 'x', b: ['y', 'z'] }, upper), 'of X: Y and Z');
  });

  test('a value that looks like a placeholder is not filled again', () => {
    assert.equal(fill('{a} {b}', { a: '{b}', b: 'x' }, same), '{b} x');
  });

  test('a placeholder without a value stays, and what every object inherits is no value', () => {
    assert.equal(fill('{missing} {constructor}', {}, same), '{missing} {constructor}');
  });
});

describe('shell commands', () => {
  test('plain words stay as they are, others are quoted', () => {
    assert.equal(quoteForShell('198.51.100.20:443'), '198.51.100.20:443');
    assert.equal(quoteForShell(''), "''");
    assert.equal(quoteForShell("it's"), String.raw`'it'\''s'`);
    assert.equal(quoteForShell('[2001:db8::1]:443'), "'[2001:db8::1]:443'");
  });

  test('a hostile server name is inert', () => {
    const command = fillCommand(
      'openssl s_client -servername {name}',
      { name: '$(rm -rf ~)`id`;\nreboot' },
      escapeTerminal,
    );
    assert.equal(command, String.raw`openssl s_client -servername '$(rm -rf ~)` + '`id`' + String.raw`;\x0areboot'`);
  });

  test('whatever the value, a shell takes it as one word', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((value) => !/[\0\ud800-\udfff]/.test(value)),
        (value) => {
          const printed = execFileSync('sh', ['-c', `printf %s ${quoteForShell(value)}`], { encoding: 'utf8' });
          assert.equal(printed, value);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a list is several words', () => {
    assert.equal(fillCommand('ls {files}', { files: ['a', 'b c'] }, same), "ls a 'b c'");
  });
});

test("a finding's words come from its rule's messages", () => {
  const found = finding();
  const [renew, wait] = found.remedies;
  assert.match(explanationOf(found, same), /^The certificate of www\.example\.com ended on /);
  assert.match(actionOf(found.rule, renew!, same), /^install a renewed certificate for www\.example\.com/);
  assert.match(commandOf(found.rule, renew!, same)?.text ?? '', /^openssl s_client -connect 198\.51\.100\.20:443 /);
  assert.equal(commandOf(found.rule, wait!, same), null);
});

test('explanations name certificates by their common name, and times as people write them', () => {
  const said = (name: string, end: string): string =>
    explanationOf(finding({ explanation: { id: 'expired', data: { name, end, ago: '3 days' } } }), same);
  assert.match(
    said('CN=Doe\\, Inc.,O=Example', '2026-02-20T00:00:00Z'),
    /^The certificate of Doe, Inc\. ended on 2026-02-20 00:00:00 UTC,/,
  );
  assert.match(
    said('C=CH,O=Example,CN=www.example.com', 'then'),
    /^The certificate of www\.example\.com ended on then,/,
  );
  assert.match(said('O=Example,C=CH', 'then'), /^The certificate of O=Example,C=CH ended/);
});

test('a message that the rule lacks shows its id', () => {
  assert.equal(
    explanationOf(
      finding({ rule: rule({ messages: { explanations: {}, evidence: {}, remedies: {}, commands: {} } }) }),
      same,
    ),
    'expired',
  );
});
