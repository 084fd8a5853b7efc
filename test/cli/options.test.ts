import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseOptions, UsageError, type Options } from '../../src/cli/options.js';

function options(...args: string[]): Options {
  const parsed = parseOptions(args, 80);
  assert.ok(!('text' in parsed), 'options, not help');
  return parsed;
}

test('a capture alone means text on standard output', () => {
  assert.deepEqual(options('incident.pcap'), {
    captures: ['incident.pcap'],
    format: 'text',
    output: undefined,
    ca: [],
    at: undefined,
    failOn: 'any',
    color: undefined,
    width: undefined,
  });
});

test('every option', () => {
  const given = options(
    ...['-f', 'json', '-o', 'out.json', '--ca', 'a.pem', '--ca', 'b.pem', 'one.pcap', '-'],
    ...['--at', '2026-03-02T10:00:00+01:00', '--fail-on', 'never', '--no-color', '--width', '120'],
  );
  assert.deepEqual(given, {
    captures: ['one.pcap', '-'],
    format: 'json',
    output: 'out.json',
    ca: ['a.pem', 'b.pem'],
    at: new Date('2026-03-02T09:00:00Z'),
    failOn: 'never',
    color: false,
    width: 120,
  });
});

test('--ca takes one file: what follows is a capture', () => {
  const { ca, captures } = options('--ca', 'root.pem', 'a.pcap', 'b.pcap');
  assert.deepEqual([ca, captures], [['root.pem'], ['a.pcap', 'b.pcap']]);
});

test('a file named like a number or an option', () => {
  assert.deepEqual(options('007', '--', '-f').captures, ['007', '-f']);
});

test('of an option given twice the last counts', () => {
  assert.equal(options('-f', 'json', 'a', '-f', 'text').format, 'text');
});

describe('what cannot be understood is said in one line', () => {
  const cases: readonly [args: string[], message: RegExp][] = [
    [[], /^no capture given$/],
    [['--verbos', 'a.pcap'], /^unknown option: verbos$/],
    [['-f', 'xml', 'a.pcap'], /^--format: "xml" is not one of "text", "json"$/],
    [['--fail-on', 'often', 'a.pcap'], /^--fail-on: "often" is not one of "any", "never"$/],
    [['a.pcap', '-o'], /^-o needs a value$/],
    [['--at', 'yesterday', 'a.pcap'], /^--at: "yesterday" is not a time/],
    [['--at', '2026-03-02T10:00:00', 'a.pcap'], /^--at: .* with its zone/],
    [['--width', '20', 'a.pcap'], /^--width: "20" is not a number from 60 to 1000$/],
    [['--width', 'wide', 'a.pcap'], /^--width: /],
  ];
  for (const [args, message] of cases) {
    test(args.join(' ') || '(nothing)', () => {
      assert.throws(
        () => parseOptions(args, 80),
        (error: Error) => error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
      );
    });
  }
});

test('help shows every option and examples, within its width', () => {
  const help = parseOptions(['--help'], 80);
  assert.ok('text' in help);
  for (const word of [
    '--format',
    '--output',
    '--ca',
    '--at',
    '--fail-on',
    '--color',
    '--width',
    '--version',
    'Examples:',
    'Exit code',
  ]) {
    assert.ok(help.text.includes(word), word);
  }
  for (const line of help.text.split('\n')) assert.ok(line.length <= 80, line);
});
