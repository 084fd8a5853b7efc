import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UsageError, type Options } from '../../src/cli/options.js';
import { completionsOf, parseOptions } from '../../src/cli/parser.js';
import { EVERYTHING } from '../../src/report/selection.js';
import { UTC } from '../../src/report/time-zone.js';

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
    keys: [],
    clientTrusts: [],
    serverTrusts: [],
    serverCertificates: [],
    serverConfig: undefined,
    clientConfig: undefined,
    whatIf: undefined,
    passwordFile: undefined,
    at: undefined,
    failOn: 'any',
    strict: false,
    baseline: undefined,
    selection: EVERYTHING,
    timeZone: 'UTC',
    only: undefined,
    verbose: false,
    quiet: false,
    exportCertificates: undefined,
    exportFrames: undefined,
    exportKeys: false,
    memory: undefined,
    follow: false,
    progress: true,
    pager: true,
    fullPaths: false,
    ascii: undefined,
    color: undefined,
    width: undefined,
  });
});

test('every option', () => {
  const given = options(
    ...[
      '-f',
      'json',
      '-o',
      'out.json',
      '--ca',
      'a.pem',
      '--ca',
      'b.pem',
      '--keys',
      'a.keys',
      '--keys',
      'b.keys',
      'one.pcap',
      '-',
    ],
    ...['--at', '2026-03-02T10:00:00+01:00', '--fail-on', 'never', '--no-color', '--width', '120'],
    ...['--host', '192.0.2.1', '--host', '[2001:DB8:0::1]', '--port', '443,8443', '--server-name', '*.example.com'],
    ...['--baseline', 'known.json'],
    ...['--client', '192.0.2.0/24,203.0.113.7', '--server', 'api.example.com', '--since', '19:53:15', '--until', '30s'],
    ...[
      '--protocol',
      'dtls',
      '--diagnosis',
      'certificate-expired',
      '--only',
      'failed',
      '-v',
      '-q',
      '--follow',
      '--no-progress',
      '--no-pager',
      '--full-paths',
      '--ascii',
    ],
    ...['--client-trusts', 'clients.jks', '--client-trusts', 'more.p12', '--server-trusts', 'server.pem'],
    ...['--server-certificates', 'chain.pem', '--password-file', 'passwords'],
    ...['--server-config', 'nginx.conf', '--client-config', 'java.security', '--if', 'next.conf'],
    ...[
      '--strict',
      '--memory',
      '64',
      '--export-certificates',
      'certificates',
      '--export-frames',
      'frames.pcapng',
      '--export-keys',
    ],
  );
  assert.deepEqual(given, {
    captures: ['one.pcap', '-'],
    format: 'json',
    output: 'out.json',
    ca: ['a.pem', 'b.pem'],
    keys: ['a.keys', 'b.keys'],
    clientTrusts: ['clients.jks', 'more.p12'],
    serverTrusts: ['server.pem'],
    serverCertificates: ['chain.pem'],
    serverConfig: 'nginx.conf',
    clientConfig: 'java.security',
    whatIf: { path: 'next.conf' },
    passwordFile: 'passwords',
    at: new Date('2026-03-02T09:00:00Z'),
    failOn: 'never',
    strict: true,
    baseline: 'known.json',
    selection: {
      hosts: ['192.0.2.1', '2001:db8::1'],
      clients: ['192.0.2.0/24', '203.0.113.7'],
      servers: ['api.example.com'],
      ports: [443, 8443],
      serverNames: ['*.example.com'],
      protocols: ['dtls'],
      diagnoses: ['certificate-expired'],
      since: { kind: 'of-day', milliseconds: 71_595_000, zone: UTC, text: '19:53:15' },
      until: { kind: 'into', milliseconds: 30_999, zone: UTC, text: '30s' },
    },
    timeZone: 'UTC',
    only: 'failed',
    verbose: true,
    quiet: true,
    exportCertificates: 'certificates',
    exportFrames: 'frames.pcapng',
    exportKeys: true,
    memory: 64,
    follow: true,
    progress: false,
    pager: false,
    fullPaths: true,
    ascii: true,
    color: false,
    width: 120,
  });
});

test('--if: whose a trust store is, content does not tell', () => {
  assert.deepEqual(options('--if', 'server-trusts=a.pem', 'a.pcap').whatIf, { path: 'a.pem', kind: 'server-trusts' });
  assert.deepEqual(options('--if', './server-trusts=a.pem', 'a.pcap').whatIf, { path: './server-trusts=a.pem' });
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
    [[], /^no capture given; - stands for standard input$/],
    [['--verbos', 'a.pcap'], /^unknown option: --verbos; did you mean --verbose\?$/],
    [['--server-nam', 'x', 'a.pcap'], /^unknown option: --server-nam; did you mean --server-name\?$/],
    [['-x', '-y', 'a.pcap'], /^unknown option: -x, -y$/],
    [['-f', 'xml', 'a.pcap'], /^--format: "xml" is not one of "text"(?:, "\w+")+$/],
    [['-f', 'htm', 'a.pcap'], /; did you mean html\?$/],
    [['--protocol', 'tsl', 'a.pcap'], /; did you mean tls\?$/],
    [['--protocol', 'EAP', 'a.pcap'], /; did you mean eap-tls\?$/],
    [['--since', 'noon', 'a.pcap'], /^--since: "noon" is not a time such as /],
    [['--since', '25:99', 'a.pcap'], /^--since: "25:99" is not a time such as /],
    [['--until', '23:60:00', 'a.pcap'], /^--until: "23:60:00" is not a time such as /],
    [['--until', '2026-13-02 10:00', 'a.pcap'], /^--until: "2026-13-02 10:00" is not a time such as /],
    [
      ['--time-zone', 'Berlin', 'a.pcap'],
      /^--time-zone: "Berlin" is not a name such as .*; did you mean Europe\/Berlin\?$/,
    ],
    [['--time-zone', 'Atlantis', 'a.pcap'], /^--time-zone: "Atlantis" is not a name such as Europe\/Berlin or UTC/],
    [['--client', '192.0.2.0/33', 'a.pcap'], /^--client: "192\.0\.2\.0\/33" is no network/],
    [['--fail-on', 'often', 'a.pcap'], /^--fail-on: "often" is not one of "any", "risk", "never"$/],
    [['a.pcap', '-o'], /^-o needs a value$/],
    [['--at', 'yesterday', 'a.pcap'], /^--at: "yesterday" is not a time/],
    [['--at', '2026-03-02T10:00:00', 'a.pcap'], /^--at: .* with its zone/],
    [['--width', '20', 'a.pcap'], /^--width: "20" is not a number from 60 to 1000$/],
    [['--width', 'wide', 'a.pcap'], /^--width: /],
    [['--host', '192.0.2.1:443', 'a.pcap'], /^--host: "192\.0\.2\.1:443" is neither an address nor a name/],
    [['--host', '192.0.2', 'a.pcap'], /^--host: /],
    [['--port', '70000', 'a.pcap'], /^--port: "70000" is not a number from 0 to 65535$/],
    [['--only', 'bad', 'a.pcap'], /^--only: "bad" is not one of "failed", "all"$/],
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

test('of two files for an option that takes one, none is passed over in silence', () => {
  for (const option of ['--if', '--server-config', '--client-config']) {
    assert.throws(() => options(option, 'a.conf', option, 'b.conf', 'a.pcap'), {
      message: `${option} is given 2 times: it takes one file`,
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
    '--client-trusts',
    '--server-trusts',
    '--server-certificates',
    '--password-file',
    '--server-config',
    '--client-config',
    '--if',
    '--at',
    '--fail-on',
    '--color',
    '--width',
    '--only',
    '--host',
    '--port',
    '--server-name',
    '--diagnosis',
    '--verbose',
    '--quiet',
    '--ascii',
    '--export-certificates',
    '--export-frames',
    '--version',
    'Examples:',
    'Exit code',
  ]) {
    assert.ok(help.text.includes(word), word);
  }
  for (const line of help.text.split('\n')) assert.ok(line.length <= 80, line);
});

test('times are taken as reports write them', () => {
  const since = (value: string): unknown => {
    const parsed = parseOptions(['--since', value, 'a.pcap'], 80);
    assert.ok('selection' in parsed);
    return parsed.selection.since;
  };
  const milliseconds = Date.UTC(2026, 10, 21, 19, 53, 15, 250);
  for (const text of ['2026-11-21 19:53:15.250', '2026-11-21T19:53:15.250Z', '2026-11-21 19:53:15.250 UTC']) {
    assert.deepEqual(since(text), { kind: 'at', milliseconds, zone: UTC, text });
  }
  assert.deepEqual(since('1.5'), { kind: 'into', milliseconds: 1500, zone: UTC, text: '1.5' });
  assert.deepEqual(since('00:01:00.5'), { kind: 'of-day', milliseconds: 60_500, zone: UTC, text: '00:01:00.5' });
});

test('times are those of the time zone, but where they say themselves of which', () => {
  const parsed = parseOptions(
    [
      ...['--since', '2026-11-21 20:53:15', '--until', '2026-11-21 19:53:15 UTC'],
      '--time-zone',
      'europe/berlin',
      'a.pcap',
    ],
    80,
  );
  assert.ok('selection' in parsed);
  const { since, until } = parsed.selection;
  const milliseconds = Date.UTC(2026, 10, 21, 19, 53, 15);
  assert.deepEqual(
    [parsed.timeZone, since?.milliseconds, until?.milliseconds],
    ['Europe/Berlin', milliseconds, milliseconds + 999],
  );
  const bound = parseOptions(['--since', '20:53', '--time-zone', 'Europe/Berlin', 'a.pcap'], 80);
  assert.ok('selection' in bound);
  assert.equal(bound.selection.since?.zone.name, 'Europe/Berlin');
});

test('a completion script for the shell', () => {
  const script = parseOptions(['completion'], 80);
  assert.ok('text' in script);
  assert.match(script.text, /^###-begin-tls-postmortem-completions-###/);
});

test('completions of options and of their values; of file names by the shell', async () => {
  const diagnoses = ['certificate-expired', 'connection-reset'];
  const complete = (...words: string[]): Promise<string[]> => completionsOf(['tls-postmortem', ...words], diagnoses);
  assert.ok((await complete('--fo')).includes('--format'));
  assert.ok((await complete('--format', '')).includes('ndjson'));
  assert.deepEqual(await complete('--only', ''), ['failed', 'all']);
  assert.deepEqual(await complete('--diagnosis', 'cert'), ['certificate-expired']);
  assert.deepEqual(await complete(''), []);
  assert.deepEqual(await complete('--ca', ''), []);
  assert.deepEqual(await complete('incident'), []);
  assert.ok(!(await complete('--f')).includes('--f'));
  assert.deepEqual(await complete('exp'), ['explain']);
  // The shell would offer no file of the folder any more.
  const folder = process.cwd();
  const here = mkdtempSync(join(tmpdir(), 'tls-postmortem-test-'));
  try {
    for (const name of ['explained.pcap', 'other.pcap']) writeFileSync(join(here, name), '');
    process.chdir(here);
    assert.deepEqual(await complete('exp'), ['explain', 'explained.pcap']);
    assert.deepEqual(await complete('other'), []);
  } finally {
    process.chdir(folder);
    rmSync(here, { recursive: true });
  }
  assert.deepEqual(await complete('explain', 'certificate-exp'), ['certificate-expired', 'certificate-expiring']);
  assert.deepEqual(await complete('explain', 'unknown_'), ['unknown_ca', 'unknown_psk_identity']);
  assert.ok((await complete('explain', '')).length > 100);
});

test('every option that there is can be meant by a misspelt one', () => {
  const help = parseOptions(['--help'], 100);
  assert.ok('text' in help);
  const options = [...help.text.matchAll(/^ +(?:-\w, )?--([a-z][a-z-]+)/gm)].map(([, name]) => name ?? '');
  assert.ok(options.length > 20);
  for (const name of options) {
    if (name === 'no-progress' || name.length < 3) continue;
    const misspelt = `${name}x`;
    assert.throws(() => parseOptions([`--${misspelt}`, 'a.pcap'], 80), {
      message: `unknown option: --${misspelt}; did you mean --${name}?`,
    });
  }
});
