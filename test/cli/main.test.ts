import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { explainText } from '../../src/cli/explain.js';
import type { JsonReport } from '../../src/report/json/contract.js';
import { be16, concat, ethernet, ipv4, pcapFile, tcp, type TcpOptions } from '../support/captures.js';
import { PROGRAM } from '../support/program.js';
import { assertValidReport, ROOT } from '../support/schema.js';
import { clientHello, extension, record } from '../support/tls.js';
import { issue, toPem } from '../x509/authority.js';

const sample = (name: string): string => join(ROOT, 'samples', name);
const FAILED = sample('certificate-expired-curl.pcap');
const HEALTHY = sample('tls12-success.pcap');

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-test-'));
after(() => {
  rmSync(folder, { recursive: true });
});

function run(args: readonly string[], input?: Uint8Array): { code: number | null; out: string; err: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/COLOR|NODE_/.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { input, env, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

function assertOneLine(text: string, pattern: RegExp): void {
  assert.match(text, pattern);
  assert.equal(text.indexOf('\n'), text.length - 1, 'one line');
}

const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed';

describe('explain', () => {
  test('a term, and without one the list of them', () => {
    const { code, out, err } = run(['explain', '48']);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^unknown_ca \(48\): a TLS alert\n/);
    assert.match(run(['explain']).out, /^Diagnoses\n[^]*\nAlerts\n[^]*\nCipher suites\n/);
    assert.match(
      run(['explain', '--help']).out,
      /explain \[--password-file FILE\] \[WORD \| ERROR MESSAGE \| CERTIFICATES\]/,
    );
  });

  test('the certificates of a file in full', async () => {
    const file = join(folder, 'certificates.pem');
    const [first, second] = [await issue({ name: 'CN=first' }), await issue({ name: 'CN=second' })];
    writeFileSync(file, toPem(first.certificate) + toPem(second.certificate));
    const { code, out, err } = run(['explain', file]);
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^SHA-256: [^]*Subject: CN=first\n[^]*\n\nSHA-256: [^]*Subject: CN=second\n/);
    const { code: refused, err: reason } = run(['explain', join(ROOT, 'package.json')]);
    assert.equal(refused, 2);
    assertOneLine(reason, /package\.json: no store of certificates .*: it is other JSON/);
    writeFileSync(file, `\ufeff${toPem(first.certificate)}`, 'utf16le');
    assert.match(run(['explain', file]).out, /Subject: CN=first\n/);
  });

  test('of more certificates than anybody looks at: the first ones, and how many more there are', async () => {
    const { certificate } = await issue({ name: 'CN=again' });
    const file = join(folder, 'many.pem');
    writeFileSync(file, toPem(certificate).repeat(1002));
    const out = await explainText([file], 80);
    assert.equal(out.match(/Subject: CN=again/g)?.length, 1000);
    assert.match(out, /\(the file has 2 more, which are not shown\)$/);
  });

  test('of a directory: of its stores, each certificate once, with its file', async () => {
    const directory = join(folder, 'stores');
    mkdirSync(directory);
    const [first, second] = [await issue({ name: 'CN=first' }), await issue({ name: 'CN=second' })];
    writeFileSync(join(directory, 'a.pem'), toPem(first.certificate));
    writeFileSync(join(directory, 'b.pem'), toPem(first.certificate) + toPem(second.certificate));
    writeFileSync(join(directory, 'README'), 'roots');
    const { code, out } = run(['explain', directory]);
    assert.equal(code, 0);
    assert.deepEqual(out.match(/(?<=^File: ).*/gm), [join(directory, 'a.pem'), join(directory, 'b.pem')]);
    assert.deepEqual(out.match(/(?<=Subject: ).*/g), ['CN=first', 'CN=second']);
    assertOneLine(run(['explain', join(ROOT, 'schema')]).err, /schema: no certificate in it/);
    symlinkSync('circle', join(folder, 'circle'));
    assertOneLine(run(['explain', join(folder, 'circle')]).err, /circle: symbolic links lead in a circle/);
    assertOneLine(run([join(folder, 'circle')]).err, /circle: symbolic links lead in a circle/);
  });

  test('of an encrypted store with the password of a file', { skip: noOpenssl }, async () => {
    const { certificate } = await issue({ name: 'CN=locked' });
    const [pem, store, password] = ['locked.pem', 'locked.p12', 'password'].map((name) => join(folder, name));
    assert.ok(pem !== undefined && store !== undefined && password !== undefined);
    writeFileSync(pem, toPem(certificate));
    writeFileSync(password, 'geheim\n');
    const words = ['pkcs12', '-export', '-nokeys', '-in', pem, '-passout', 'pass:geheim', '-out', store];
    assert.equal(spawnSync('openssl', words).status, 0);
    assertOneLine(run(['explain', store]).err, /locked\.p12: it is encrypted: .*--password-file/);
    for (const option of [['--password-file', password], [`--password-file=${password}`]]) {
      assert.match(run(['explain', ...option, store]).out, /Subject: CN=locked\n/);
      assert.match(run(['explain', store, ...option]).out, /Subject: CN=locked\n/);
    }
    assertOneLine(run(['explain', store, '--password-file']).err, /--password-file needs a file/);
    assertOneLine(run(['explain', store, '--password-file', join(folder, 'none')]).err, /no such file/);
  });

  test('an unknown one: exit code 2, one line with what is near, nothing of the terminal’s', () => {
    const { code, out, err } = run(['explain', 'certificate-expird\u001b[31m']);
    assert.deepEqual([code, out], [2, '']);
    assertOneLine(err, /nothing is known of "certificate-expird[!-~ ]*did you mean certificate-expired,/);
  });
});

test('a misspelt command, which could be a file: exit code 2, and what was meant', () => {
  const { code, err } = run(['explian', '48']);
  assert.equal(code, 2);
  assertOneLine(err, /explian: no such file, and no command; did you mean explain\?/);
  assertOneLine(run([join(folder, 'compar')]).err, /compar: no such file or directory$/m);
});

describe('--baseline', () => {
  const known = join(folder, 'known.json');

  test('what is known does not make the exit code 1, and the report says so in every format', () => {
    assert.equal(run(['-o', known, FAILED]).code, 1);
    const [id = ''] = (JSON.parse(readFileSync(known, 'utf8')) as JsonReport).diagnoses.map((each) => each.id);
    for (const format of ['text', 'markdown', 'html', 'json']) {
      const { code, out } = run(['--baseline', known, '-f', format, FAILED]);
      assert.equal(code, 0, format);
      assert.ok(out.includes(id), format);
      if (format !== 'json') assert.match(out, /1 of 1 handshake failed, 1 cause, nothing new/, format);
      else assertValidReport(JSON.parse(out) as JsonReport);
    }
    assert.match(run(['--baseline', known, '-o', join(folder, 'rerun.md'), FAILED]).err, /nothing new \(exit code 0\)/);
  });

  test('what a failed run left is refused', () => {
    const empty = join(folder, 'empty.json');
    writeFileSync(empty, '');
    const { code, err } = run(['--baseline', empty, FAILED]);
    assert.equal(code, 2);
    assertOneLine(err, /--baseline .*empty\.json: neither a report in JSON or NDJSON .* nor a list of ids /);
  });

  test('what is new does, and what is gone is named', () => {
    const other = sample('certificate-authority-unknown-openssl.pcap');
    const { code, out } = run(['--baseline', known, other]);
    assert.equal(code, 1);
    assert.match(out, /^1 of 1 handshake failed, 1 cause, all new$/m);
    assert.match(out, /Gone: known before, .*\n +- Server certificate expired at /);
    const json = JSON.parse(run(['--baseline', known, '-f', 'json', other]).out) as JsonReport;
    assertValidReport(json);
    assert.deepEqual([json.baseline?.newFailures, json.baseline?.gone.length], [1, 1]);
    assert.deepEqual(
      json.diagnoses.map(({ baseline }) => baseline),
      ['new'],
    );
  });

  test('one that is none, or that the report would overwrite: exit code 2', () => {
    const { code, err } = run(['--baseline', FAILED, FAILED]);
    assert.equal(code, 2);
    assertOneLine(err, /--baseline \S+certificate-expired-curl\.pcap: line 1 is no id of a diagnosis/);
    assertOneLine(run(['--baseline', known, '-o', known, FAILED]).err, /--output would overwrite the baseline /);
    assertOneLine(run(['--baseline', folder, FAILED]).err, /\S+: is a directory/);
    if (process.platform !== 'win32')
      assertOneLine(run(['--baseline', '/dev/zero', FAILED]).err, /--baseline \/dev\/zero: has more than \d+ bytes/);
  });
});

test('--time-zone: times of every format for people, and of comments; JSON stays in UTC', () => {
  const zone = ['--time-zone', 'Europe/Berlin', FAILED];
  const utc = run(['-f', 'json', FAILED]).out;
  assert.equal(run(['-f', 'json', ...zone]).out, utc);
  const { firstPacketAt } = (JSON.parse(utc) as JsonReport).captures[0] ?? {};
  const hour = Number(firstPacketAt?.slice(11, 13));
  const [here, there] = [hour, hour + 1].map(
    (each) => String(each).padStart(2, '0') + (firstPacketAt?.slice(13, 19) ?? ''),
  );
  for (const format of ['text', 'markdown', 'html']) {
    const { out } = run(['-f', format, '--verbose', ...zone]);
    assert.ok(out.includes(`${there ?? ''}.`), format);
    assert.ok(!out.includes(here ?? ''), format);
    assert.match(out, /Europe\/Berlin/, format);
  }
});

describe('files of the two ends', () => {
  const UNTRUSTED = sample('certificate-authority-unknown-openssl.pcap');

  test('a trust store without the authority: the table, in every format', async () => {
    const store = join(folder, 'trust.pem');
    writeFileSync(store, toPem((await issue({ name: 'CN=Other Root', ca: true })).certificate));
    for (const format of ['text', 'markdown', 'html', 'json']) {
      const { code, out, err } = run(['--client-trusts', store, '-f', format, '--width', '100', UNTRUSTED]);
      assert.deepEqual([code, err], [1, '']);
      assert.match(out, /trust store of the client, \S*trust\.pem\S*, has no certificate of/, format);
      assert.match(out, /1021d1d9ab3b9d12ceeb9a77dec47240ac611ac7be065ab1b38272923553c652/, format);
      if (format !== 'json') continue;
      const report = JSON.parse(out) as JsonReport;
      assertValidReport(report);
      const [connection] = report.connections;
      assert.deepEqual(
        connection?.comparisons?.map(({ kind, result }) => [kind, result]),
        [['client-trusts', 'untrusted']],
      );
      assert.equal(connection.findings[0]?.known?.[0]?.path, store);
    }
  });

  test('a client certificate that keys opened is held against the trust store of the server, as one in the clear', async () => {
    const store = join(folder, 'clients.pem');
    const namesake = await issue({ name: 'C=ZZ, O=Example Trust, CN=Example Client CA', ca: true });
    writeFileSync(store, toPem(namesake.certificate));
    const compared = (...args: string[]): unknown => {
      const { out } = run(['--server-trusts', store, '-f', 'json', ...args]);
      return (JSON.parse(out) as JsonReport).connections[0]?.comparisons?.map(({ kind, result, certificates }) => [
        ...[kind, result],
        ...certificates.map(({ stored, likeness }) => [stored, likeness]),
      ]);
    };
    const hidden = sample('keys-client-certificate-expired.pcap');
    const otherKey = [namesake.certificate.sha256, 'other-key'];
    const table = [['server-trusts', 'untrusted', [null, 'absent'], otherKey]];
    assert.deepEqual(compared(sample('client-certificate-expired.pcap')), table);
    assert.equal(compared(hidden), undefined);
    assert.deepEqual(compared('--keys', sample('keys-client-certificate-expired.keys'), hidden), table);
  });

  test('--if: a table of what would break and what would have worked, in every format', () => {
    const next = join(folder, 'next.conf');
    writeFileSync(next, 'server {\n listen 443 ssl;\n ssl_protocols TLSv1.3;\n}');
    for (const format of ['text', 'markdown', 'html', 'json']) {
      const { code, out, err } = run(['--if', next, '-f', format, '--width', '200', sample('incident.pcap')]);
      assert.deepEqual([code, err], [1, ''], format);
      if (format !== 'json') {
        assert.match(out, /would break/, format);
        continue;
      }
      const report = JSON.parse(out) as JsonReport;
      assertValidReport(report);
      assert.deepEqual(report.whatIf?.groups[0]?.reason, 'no-version');
    }
  });

  test('--if server-trusts=FILE: a certificate of an authority alone is asked about as the trust store of the server', async () => {
    const store = join(folder, 'next-clients.pem');
    const namesake = await issue({ name: 'C=ZZ, O=Example Trust, CN=Example Client CA', ca: true });
    writeFileSync(store, toPem(namesake.certificate));
    const hidden = sample('keys-tls13-mutual.pcap');
    const asked = (file: string, ...args: string[]): unknown => {
      const { out } = run(['--if', file, '-f', 'json', ...args]);
      const report = JSON.parse(out) as JsonReport;
      assertValidReport(report);
      const { path, kind, groups = [] } = report.whatIf ?? {};
      return [path, kind, ...groups.map(({ was, would, reason, count }) => [was, would, reason, count].join(' '))];
    };
    const keys = ['--keys', sample('keys-tls13-mutual.keys')];
    const unseen = 'established unknown client-certificate-hidden';
    assert.deepEqual(asked(`server-trusts=${store}`, hidden), [store, 'server-trusts', `${unseen} 2`]);
    assert.deepEqual(asked(`server-trusts=${store}`, ...keys, hidden), [
      ...[store, 'server-trusts'],
      ...['established fail untrusted 1', `${unseen} 1`],
    ]);
    assert.deepEqual((asked(store, ...keys, hidden) as unknown[])[1], 'client-trusts');
    const { out } = run(['--if', `server-trusts=${store}`, '-f', 'markdown', ...keys, hidden]);
    assert.match(out, /next-clients\.pem\S* as the trust store of the server\?/);
    assert.match(
      run(['--if', `server-trusts=${store}`, '-o', store, hidden]).err,
      /would overwrite the file of an end/,
    );
  });

  test('a store that cannot be read: exit code 2, one line', () => {
    for (const option of ['--client-trusts', '--server-trusts', '--server-certificates', '--password-file']) {
      const rest = option === '--password-file' ? ['--client-trusts', UNTRUSTED] : [];
      const { code, out, err } = run([option, join(folder, 'none'), ...rest, UNTRUSTED]);
      assert.deepEqual([code, out], [2, ''], option);
      assertOneLine(err, /none: no such file or directory/);
    }
  });
});

describe('what cannot be analysed: exit code 2, one line on standard error, nothing on standard output', () => {
  const cases: readonly [what: string, args: string[], line: RegExp][] = [
    ['no capture', [], /^tls-postmortem: no capture given; - stands for standard input \(--help shows the usage\)\n$/],
    ['an unknown option', ['--colour', 'a.pcap'], /unknown option: --colour; did you mean --color\? /],
    ['no such file', [join(folder, 'none.pcap')], /none\.pcap: no such file/],
    ['a folder without captures', [folder], /: a directory in which there is no capture\n$/],
    ['no capture file', [join(ROOT, 'package.json')], /package\.json: not a packet capture/],
    ['no such authority file', ['--ca', join(folder, 'none.pem'), HEALTHY], /none\.pem: .*no such file/],
    ['an authority file without certificates', ['--ca', join(ROOT, 'package.json'), HEALTHY], /package\.json: /],
    [
      'an output that cannot be written',
      ['-o', join(folder, 'none', 'out.txt'), HEALTHY],
      /out\.txt: no such file or directory/,
    ],
    ['one of two captures is missing', [HEALTHY, join(folder, 'none.pcap')], /none\.pcap: no such file/],
  ];
  for (const [what, args, line] of cases) {
    test(what, () => {
      const { code, out, err } = run(args);
      assertOneLine(err, line);
      assert.deepEqual([code, out], [2, '']);
    });
  }

  test('a hostile file name does not steer the terminal', () => {
    const { err } = run(['\x1b[31m\u202e.pcap']);
    assertOneLine(err, /\\x1b\[31m\\u202e\.pcap/);
  });

  test('the output is one of the captures, which stays as it was', () => {
    const copy = join(folder, 'copy.pcap');
    const bytes = readFileSync(HEALTHY);
    writeFileSync(copy, bytes);
    const { code, err } = run(['-o', copy, copy]);
    assertOneLine(err, /--output would overwrite the capture/);
    assert.equal(code, 2);
    assert.deepEqual(readFileSync(copy), bytes);
  });

  test('the output is a capture in the directory given, which stays as it was', () => {
    const captures = join(folder, 'captures');
    mkdirSync(captures);
    const copy = join(captures, 'copy.pcap');
    const bytes = readFileSync(HEALTHY);
    writeFileSync(copy, bytes);
    const { code, err } = run(['-o', copy, captures]);
    assertOneLine(err, /--output would overwrite the capture .*copy\.pcap/);
    assert.equal(code, 2);
    assert.deepEqual(readFileSync(copy), bytes);
    assert.equal(run(['-o', join(captures, 'report.txt'), captures]).code, 0);
    assert.equal(run(['-o', join(captures, 'report.txt'), captures]).code, 0);
  });
});

test('nothing that is read is overwritten, nor one target by another', () => {
  const copy = join(folder, 'input.pcap');
  writeFileSync(copy, readFileSync(HEALTHY));
  const report = join(folder, 'both.txt');
  const link = join(folder, 'link.txt');
  symlinkSync(report, link);
  const store = join(folder, 'store');
  mkdirSync(store);
  const root = join(store, 'root.pem');
  copyFileSync(copy, root);
  const included = join(folder, 'tls.conf');
  copyFileSync(copy, included);
  const server = join(folder, 'server.conf');
  writeFileSync(server, `http { server { listen 443 ssl; include ${included}; } }`);
  const cases: readonly (readonly [command: string, line: RegExp])[] = [
    [`-o '${copy}' - < '${copy}'`, /--output would overwrite the capture on standard input/],
    [`'${copy}' >> '${copy}'`, /the report on standard output would overwrite the capture .*input\.pcap/],
    [`-o '${copy}' --ca '${copy}' '${HEALTHY}'`, /--output would overwrite the trust anchors .*input\.pcap/],
    [`-o '${report}' --export-frames '${report}' '${HEALTHY}'`, /--export-frames would overwrite --output/],
    [`-o '${link}' --export-frames '${report}' '${HEALTHY}'`, /--export-frames would overwrite --output/],
    [`-o '${root}' --client-trusts '${store}' '${HEALTHY}'`, /--output would overwrite the file of an end .*root\.pem/],
    [
      `-o '${included}' --server-config '${server}' '${HEALTHY}'`,
      /--output would overwrite a file that .*server\.conf names/,
    ],
    [
      `--server-config '${server}' '${HEALTHY}' >> '${included}'`,
      /the report on standard output would overwrite a file/,
    ],
    [`-o '${included}' --if '${server}' '${HEALTHY}'`, /--output would overwrite a file that .*server\.conf names/],
    [`facts -o '${copy}' '${copy}'`, /--output would overwrite the capture .*input\.pcap/],
    [`merge -o '${copy}' '${copy}'`, /--output would overwrite the capture .*input\.pcap/],
    [`compare -o '${copy}' '${HEALTHY}' '${copy}'`, /--output would overwrite the capture .*input\.pcap/],
    [`explain '${copy}' >> '${copy}'`, /standard output would overwrite the certificates .*input\.pcap/],
  ];
  for (const [command, line] of cases) {
    const { status, stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${PROGRAM}' ${command}`], {
      encoding: 'utf8',
    });
    assertOneLine(stderr, line);
    assert.equal(status, 2);
    assert.deepEqual(readFileSync(copy), readFileSync(HEALTHY));
    assert.deepEqual(readFileSync(root), readFileSync(HEALTHY));
    assert.deepEqual(readFileSync(included), readFileSync(HEALTHY));
  }
});

test('--strict: files of a directory that are no captures do not count, those that cannot be read do', () => {
  const captures = join(folder, 'strict');
  mkdirSync(captures);
  copyFileSync(HEALTHY, join(captures, 'a.pcap'));
  writeFileSync(join(captures, 'notes.txt'), 'see the ticket');
  assert.equal(run(['--strict', captures]).code, 0);
  symlinkSync(join(captures, 'gone'), join(captures, 'b.pcap'));
  const { code, out } = run(['--strict', captures]);
  assert.equal(code, 2);
  assert.match(out, /\(capture\s+lacking\s+a\s+file\s+of\s+the\s+directory\)/);
  assert.equal(run([captures]).code, 0);
  rmSync(join(captures, 'b.pcap'));
  assert.equal(run(['--strict', captures]).code, 0);
  // Its packets are lost; a capture without packets is whole.
  writeFileSync(join(captures, 'c.pcap'), readFileSync(HEALTHY).subarray(0, 24));
  writeFileSync(join(captures, 'empty.txt'), '');
  assert.equal(run(['--strict', captures]).code, 0);
  writeFileSync(join(captures, 'c.pcap2.gz'), '');
  assert.equal(run(['--strict', captures]).code, 2);
});

test('where the shell has emptied the capture already, that is said', () => {
  const copy = join(folder, 'emptied.pcap');
  copyFileSync(HEALTHY, copy);
  const { stderr } = spawnSync('sh', ['-c', `'${process.execPath}' '${PROGRAM}' '${copy}' > '${copy}'`], {
    encoding: 'utf8',
  });
  assertOneLine(stderr, /would overwrite the capture .*emptied\.pcap, which is empty: with >, the shell empties it/);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends the reading of a silent pipe, with a report that says so`, async () => {
    const child = spawn(process.execPath, [PROGRAM, '--strict', '-'], { stdio: 'pipe' });
    const output: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => output.push(piece));
    // More than a pipe holds: once it is written, it is being read.
    const packets = Array.from({ length: 4000 }, (_, number) => ({ data: new Uint8Array(100), seconds: number }));
    await new Promise((resolve) => child.stdin.write(pcapFile(packets), resolve));
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    assert.equal(code, 2);
    assert.match(
      Buffer.concat(output).toString('utf8'),
      /^No TCP[^.]* packets\s+without\s+IP\s+\(capture\s+not\s+read\s+to\s+its\s+end\)\.$/m,
    );
  });
}

test('a capture by redirection, and a format by the extension of the output', () => {
  const shell = (command: string): ReturnType<typeof run> => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command, process.execPath, PROGRAM, FAILED], {
      encoding: 'utf8',
    });
    return { code: status, out: stdout, err: stderr };
  };
  assert.match(shell('"$0" "$1" --no-color < "$2"').out, /^1 of 1 handshake failed/);
  const output = join(folder, 'by-extension.md');
  const { code, out, err } = run(['-o', output, FAILED]);
  assert.deepEqual([code, out], [1, '']);
  assertOneLine(
    err,
    /wrote \S+by-extension\.md \(markdown\): 1 of 1 handshake failed.* \(exit code 1: handshakes failed, see --fail-on\)$/m,
  );
  assert.match(readFileSync(output, 'utf8'), /^# TLS postmortem: 1 of 1 handshake failed/);
  assert.equal(run(['-q', '-o', output, HEALTHY]).err, '');
});

test('a selection that leaves nothing is said, in the report too, and is no success', () => {
  const { code, out, err } = run(['--server-name', 'shopp.example', FAILED]);
  assert.equal(code, 2);
  assert.match(out, /^The one connection in the capture is not selected\./);
  assertOneLine(err, /no connection is selected, of 1; --server-name shopp\.example: the capture has shop\.example\n$/);
});

test('what is not analysed is said, by its kind, beside what is', () => {
  const datagram = (data: readonly number[], to: number): Uint8Array => {
    const payload = concat(be16(50_000), be16(to), be16(8 + data.length), [0, 0], data);
    return ethernet(0x0800, ipv4(payload, { protocol: 17 }));
  };
  const file = join(folder, 'unread.pcap');
  const dns = Array.from({ length: 3 }, (_, index) => ({
    data: datagram([index, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], 53),
    seconds: 1,
  }));
  writeFileSync(file, pcapFile([...dns, { data: datagram([1, 2, 3], 9), seconds: 2 }]));
  assert.match(run([HEALTHY, file]).out, /^Not analysed: 4 UDP packets, of them 3 DNS$/m);
  assert.match(
    run([file]).out,
    /^No TCP, DTLS or QUIC connection in the capture; not analysed: 4 UDP packets, of\nthem 3 DNS\.$/m,
  );
  // What says nothing of TLS is named where there is nothing else.
  const arp = { data: ethernet(0x0806, new Uint8Array(28)), seconds: 1 };
  writeFileSync(file, pcapFile([arp, arp]));
  assert.doesNotMatch(run([HEALTHY, file]).out, /Not analysed/);
  assert.match(run([file]).out, /not analysed: 2 packets without\nIP, all ARP\.$/m);
  writeFileSync(file, pcapFile([]));
  assert.match(run([file]).out, /^No packet in the capture\.\n/);
  writeFileSync(file, pcapFile([]).subarray(0, 10));
  assert.match(run([file]).out, /^No packet in the capture \(capture cut short\)\.\n[^]*before the first frame\n/);
});

test('an ICMP error is evidence: who sent it, at its frame, and what it allows', () => {
  const [client, server] = [
    [192, 0, 2, 1],
    [198, 51, 100, 2],
  ] as const;
  const segment = (from: 'client' | 'server', data: Uint8Array, options: TcpOptions): Uint8Array => {
    const isClient = from === 'client';
    const ports = isClient
      ? { sourcePort: 40_000, destinationPort: 443 }
      : { sourcePort: 443, destinationPort: 40_000 };
    return ipv4(tcp(data, { ...ports, ...options }), {
      source: isClient ? client : server,
      destination: isClient ? server : client,
    });
  };
  const hello = record(22, clientHello({ extensions: [extension(21, new Uint8Array(1300))] }));
  const sent = segment('client', hello, { sequence: 101, acknowledgment: 501 });
  const router = ipv4(concat([3, 4, 0, 0, 0, 0], be16(1280), sent.subarray(0, 28)), {
    protocol: 1,
    source: [203, 0, 113, 7],
    destination: client,
  });
  const nothing = new Uint8Array(0);
  const packets: [number, Uint8Array][] = [
    [0, segment('client', nothing, { sequence: 100, acknowledgment: 0, flags: 0x02 })],
    [0, segment('server', nothing, { sequence: 500, acknowledgment: 101, flags: 0x12 })],
    [0, segment('client', nothing, { sequence: 101, acknowledgment: 501, flags: 0x10 })],
    [1, sent],
    [1, router],
    ...[2, 4, 8, 16, 32].map((seconds): [number, Uint8Array] => [seconds, sent]),
  ];
  const file = join(folder, 'icmp.pcap');
  writeFileSync(file, pcapFile(packets.map(([seconds, data]) => ({ seconds, data: ethernet(0x0800, data) }))));
  assert.match(run([file]).out.replace(/\s+/g, ' '), /frame 5 .{0,40}203\.0\.113\.7.{0,120}1280/);
  const report = JSON.parse(run(['-f', 'json', file]).out) as JsonReport;
  assert.equal(report.diagnoses[0]?.rule, 'path-mtu-blackhole');
  assert.equal(report.diagnoses[0].certainty, 'certain');
});

test('a capture that is cut short says so in its first line, and --strict makes that an exit code', () => {
  const cut = join(folder, 'cut.pcap');
  writeFileSync(cut, readFileSync(HEALTHY).subarray(0, -10));
  assert.match(run([cut]).out.split('\n')[0] ?? '', /\(capture cut short\)\.?$/);
  assert.deepEqual([run([cut]).code, run(['--strict', cut]).code, run(['--strict', HEALTHY]).code], [0, 2, 0]);
});

test('a capture that is damaged says in its first line from where on it is unread, and claims nothing of all', () => {
  const broken = join(folder, 'broken.pcap');
  const frames = Array.from({ length: 3 }, () => ({ data: ethernet(0x0806, new Uint8Array(28)), seconds: 1 }));
  writeFileSync(broken, Buffer.concat([pcapFile(frames), Buffer.alloc(16, 0xff)]));
  assert.match(run([broken]).out.replace(/\n/g, ' '), /^No TCP[^.]* \(capture damaged, not read after frame 3\)\. /);
  writeFileSync(broken, Buffer.concat([readFileSync(HEALTHY), Buffer.alloc(16, 0xff)]));
  const [headline] = run(['--width', '200', broken]).out.split('\n');
  assert.match(headline ?? '', /^1 handshake succeeded, none failed \(capture damaged, not read after frame \d+\)\.$/);
  assert.match(
    run([broken, HEALTHY]).out,
    /^1 handshake succeeded, none failed \(1 of 2 captures damaged, read only in part\)\.\n/,
  );
});

test('--help and --version', () => {
  const help = run(['--help']);
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /^tls-postmortem \[options\] <capture\.\.\.>\n/);
  const version = run(['--version']);
  assert.deepEqual([version.code, version.err], [0, '']);
  assert.match(version.out, /^tls-postmortem \d+\.\d+\.\d+\n$/);
});

describe('exit codes of an analysis', () => {
  test('0 when no handshake failed', () => {
    const { code, out, err } = run([HEALTHY]);
    assert.match(out, /^The one handshake succeeded\.\n/);
    assert.deepEqual([code, err], [0, '']);
  });

  test('1 when one failed', () => {
    const { code, out } = run([FAILED]);
    assert.match(out, /^1 of 1 handshake failed/);
    assert.equal(code, 1);
  });

  test('0 when one failed, and nobody wants to know', () => {
    assert.equal(run(['--fail-on', 'never', FAILED]).code, 0);
  });
});

test('standard input is a capture too', () => {
  const { code, out } = run(['-'], readFileSync(FAILED));
  assert.match(out, /^1 of 1 handshake failed.*\nstandard input: \d+ packets/);
  assert.equal(code, 1);
});

test('a warning about standard input names it so, and -o - is standard output', () => {
  const cut = readFileSync(sample('certificate-expired-go.pcap')).subarray(0, -10);
  const { out, err } = run(['-f', 'json', '-o', '-', '-'], cut);
  assert.ok('summary' in (JSON.parse(out) as object));
  assert.match(err, /^tls-postmortem: standard input: the file ends within the record/);
});

test('empty standard input is no capture', () => {
  const { code, out, err } = run(['-'], new Uint8Array(0));
  assertOneLine(err, /./);
  assert.deepEqual([code, out], [2, '']);
});

test('several captures make one report', () => {
  const { out } = run(['-f', 'json', HEALTHY, FAILED]);
  const report = JSON.parse(out) as JsonReport;
  assertValidReport(report);
  assert.deepEqual(
    report.connections.map(({ capture, outcome }) => [capture, outcome]),
    [
      [0, 'established'],
      [1, 'failed'],
    ],
  );
});

test('-o writes the report to a file, without colour, and nothing to standard output', () => {
  const path = join(folder, 'report.txt');
  const { code, out } = run(['--width', '100', '-o', path, FAILED]);
  assert.deepEqual([code, out], [1, '']);
  assert.equal(readFileSync(path, 'utf8'), run(['--width', '100', FAILED]).out);
});

test('warnings go to standard error where the report is not on the screen', () => {
  const cut = join(folder, 'cut.pcap');
  writeFileSync(cut, readFileSync(HEALTHY).subarray(0, -5));
  const json = run(['-f', 'json', cut]);
  assertOneLine(json.err, /^tls-postmortem: .*cut\.pcap: /);
  const text = run([cut]);
  assert.equal(text.err, '');
  assert.match(text.out, /About the capture\n ! /);
});

test('colour by option, into a pipe too', () => {
  assert.ok(!run([FAILED]).out.includes('\x1b'));
  assert.ok(run(['--color', FAILED]).out.includes('\x1b[1m'));
});

test('a reader that goes away is no error', () => {
  const script = `"$0" "$1" -f json "$2" | head -c 10; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, PROGRAM, sample('incident.pcap')], {
    encoding: 'utf8',
  });
  assert.deepEqual([stdout.slice(10), stderr], ['1\n', '']);
});

describe('a selection', () => {
  const incident = sample('incident.pcap');

  test('restricts what is reported and what the exit code says', () => {
    const { code, out } = run([
      '-f',
      'json',
      '--host',
      '192.0.2.15',
      '--diagnosis',
      'protocol-version-mismatch',
      incident,
    ]);
    const report = JSON.parse(out) as JsonReport;
    assert.equal(code, 1);
    assert.deepEqual([report.summary.connections, report.connections.length], [4, 4]);
    assert.deepEqual(report.selection.hosts, ['192.0.2.15']);
    assert.equal(run(['--host', '192.0.2.10', incident]).code, 0);
  });

  test('of a diagnosis that does not exist is wrong usage', () => {
    const { code, err } = run(['--diagnosis', 'expired', incident]);
    assertOneLine(err, /--diagnosis: no diagnosis "expired"; there are .*certificate-expired/);
    assert.equal(code, 2);
  });
});

test(
  'the completion script completes, in bash',
  { skip: spawnSync('bash', ['-c', 'mapfile']).status !== 0 && 'no bash' },
  () => {
    const program = join(folder, 'tls-postmortem');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`, { mode: 0o755 });
    const script = `PATH="${folder}:$PATH"; eval "$(tls-postmortem completion)"
    complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tls-postmortem_yargs_completions; echo "\${COMPREPLY[*]}"; }
    complete_words tls-postmortem --format h
    complete_words tls-postmortem --diagnosis client-certificate-u
    complete_words tls-postmortem --export-f
    complete_words tls-postmortem inc`;
    const env = { ...process.env, SHELL: '/bin/bash' };
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { env, encoding: 'utf8' });
    assert.deepEqual([stdout, stderr], ['html\nclient-certificate-untrusted\n--export-frames\n\n', '']);
  },
);

test('--quiet is silent, and leaves the exit code and the file', () => {
  const path = join(folder, 'quiet.json');
  assert.deepEqual(run(['-q', FAILED]), { code: 1, out: '', err: '' });
  assert.deepEqual(run(['-q', '-f', 'json', '-o', path, FAILED]), { code: 1, out: '', err: '' });
  assertValidReport(JSON.parse(readFileSync(path, 'utf8')));
});

test('a report tells nothing of the machine, unless asked', () => {
  assert.ok(run(['-f', 'json', HEALTHY]).out.includes('"path":"tls12-success.pcap"'));
  assert.ok(run(['-f', 'json', '--full-paths', HEALTHY]).out.includes(`"path":${JSON.stringify(HEALTHY)}`));
});

test('the same capture gives the same bytes at any time, in any place', () => {
  for (const format of ['text', 'markdown', 'html', 'json', 'ndjson']) {
    const there = { ...process.env, TZ: 'Pacific/Auckland', LANG: 'de_CH.UTF-8' };
    const args = [PROGRAM, '-f', format, '--width', '80', '--no-color', sample('incident.pcap')];
    const { stdout } = spawnSync(process.execPath, args, { env: there, cwd: folder, encoding: 'utf8' });
    assert.equal(stdout, run(args.slice(1)).out);
  }
});

test('certificates and frames of the selected connections are exported', () => {
  const certificates = join(folder, 'certificates');
  const frames = join(folder, 'frames.pcapng');
  const { code } = run([
    ...['-q', '--diagnosis', 'certificate-expired', '--export-certificates', certificates],
    ...['--export-frames', frames, sample('incident.pcap')],
  ]);
  assert.equal(code, 1);
  assert.deepEqual(
    readdirSync(certificates).map((file) => file.replace(/-[0-9a-f]{32}\.pem$/, '')),
    ['api.example.com', 'api.example.com'],
  );
  assert.match(run([frames]).out, /^9 of 9 handshakes failed, 1 cause\n/);
});

describe('certificates cannot be exported', () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const cases: readonly [what: string, target: string, line: RegExp][] = [
    ['into a file', file, /a-file: is a file, not a directory\n$/],
    ['below a file', join(file, 'folder'), /folder: is not in a directory\n$/],
    ['where nothing can be made', '/proc/none', /\/proc\/none: /],
  ];
  for (const [what, target, line] of cases) {
    test(what, { skip: target.startsWith('/proc') && process.platform !== 'linux' && 'there is no /proc' }, () => {
      const { code, out, err } = run(['--export-certificates', target, FAILED]);
      assertOneLine(err, line);
      assert.deepEqual([code, out], [2, '']);
    });
  }
});

describe('frames cannot be exported', () => {
  test('to a directory', () => {
    const { code, out, err } = run(['--export-frames', folder, FAILED]);
    assertOneLine(err, /is a directory, not a file/);
    assert.deepEqual([code, out], [2, '']);
  });

  test('from a pipe, which is read once', () => {
    const { code, err } = run(['--export-frames', join(folder, 'x.pcapng'), '-'], readFileSync(HEALTHY));
    assertOneLine(err, /--export-frames reads the capture twice/);
    assert.equal(code, 2);
  });

  test('over the capture', () => {
    const copy = join(folder, 'evidence.pcap');
    writeFileSync(copy, readFileSync(HEALTHY));
    assertOneLine(run(['--export-frames', copy, copy]).err, /--export-frames would overwrite the capture/);
    assert.deepEqual(readFileSync(copy), readFileSync(HEALTHY));
  });
});
