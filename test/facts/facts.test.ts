import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { analyze, analyzeFacts, type Progress } from '../../src/analyze.js';
import type { Results } from '../../src/diagnose/results.js';
import type { FactsLine } from '../../src/facts/line.js';
import { lineText } from '../../src/facts/read.js';
import type { Cut } from '../../src/facts/recording.js';
import { writeFacts } from '../../src/facts/slice.js';
import { formats } from '../../src/report/index.js';
import { EVERYTHING } from '../../src/report/selection.js';
import { readAll } from '../support/captures.js';
import { PROGRAM } from '../support/program.js';
import { missing } from '../support/reference.js';
import { assertValidFacts, ROOT } from '../support/schema.js';
import { said } from '../support/notices.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-'));
after(() => {
  rmSync(folder, { recursive: true });
});

const lacksSlurm =
  process.getuid?.() !== 0 ||
  spawnSync('sh', ['-c', 'for each in slurmctld slurmd sbatch munged hostname; do command -v $each || exit 1; done'])
    .status !== 0;

const sample = (name: string): string => join(ROOT, 'samples', name);
const incident = readFileSync(sample('incident.pcap'));
const { frames } = await readAll(incident);

let written = 0;

/** The file of facts of a slice. */
async function factsOf(
  paths: readonly string[],
  [index, count]: readonly [number, number],
  cuts?: readonly [Cut | null, Cut | null],
  keys: readonly string[] = [],
): Promise<{ path: string; lines: FactsLine[] }> {
  const lines: FactsLine[] = [];
  const write = (line: FactsLine): undefined => {
    // What is read later is what was written now.
    lines.push(JSON.parse(lineText(line)) as FactsLine);
  };
  await writeFacts(paths, { slice: { index, count }, generator: 'test', write, keys, ...(cuts && { cuts }) });
  const path = join(folder, `${++written}.facts`);
  writeFileSync(path, lines.map(lineText).join(''));
  return { path, lines };
}

async function slices(paths: readonly string[], count: number, keys?: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (let index = 1; index <= count; index++) {
    files.push((await factsOf(paths, [index, count], undefined, keys)).path);
  }
  return files;
}

/** Everything that a report can show, as one text. */
async function reportOf(results: Results): Promise<string> {
  const createWriter = await formats['json']?.load({ verbose: true });
  const options = {
    color: false,
    width: 100,
    ascii: false,
    verbose: true,
    only: 'all',
    selection: EVERYTHING,
    timeZone: 'UTC',
  } as const;
  const writer = createWriter?.(options);
  return [...results.connections.map((one) => writer?.connection(one)), ...(writer?.end(results) ?? [])].join('');
}

test('slices of a recording that shows connections before and after their addresses are translated do so, too', async () => {
  const path = join(ROOT, 'test', 'reports', 'node-behind-nat-unknown-authority.pcap');
  const expected = await reportOf(await analyze([path]));
  assert.equal(await reportOf(await analyzeFacts(await slices([path], 3))), expected);
});

describe('slices of a sample, merged, give the report of the whole', () => {
  const names = readdirSync(join(ROOT, 'samples')).filter((name) => /\.pcap(?:ng)?(?:\.gz)?$/.test(name));
  for (const name of names) {
    test(name, async () => {
      const expected = await reportOf(await analyze([sample(name)]));
      for (const count of [2, 3, 7]) {
        const files = await slices([sample(name)], count);
        // In whatever order they are given.
        assert.equal(await reportOf(await analyzeFacts(files.toReversed())), expected, `${count} slices`);
      }
    });
  }
});

const corpus = process.env['TLS_POSTMORTEM_CORPUS'] ?? '';
/** In bytes: larger ones take long, and have nothing that others lack. */
const MOST_SLICED = 5_000_000;

test(
  'slices of public captures, merged, give the report of the whole',
  { skip: missing('TLS_POSTMORTEM_CORPUS', 'captures'), timeout: 600_000 },
  async () => {
    const captures = join(corpus, 'captures');
    for (const name of readdirSync(captures)) {
      const path = join(captures, name);
      if (statSync(path).size > MOST_SLICED) continue;
      const expected = await reportOf(await analyze([path]));
      assert.equal(await reportOf(await analyzeFacts(await slices([path], 3))), expected, name);
    }
  },
);

/** Writes the incident in pieces that begin with the given frames, from 0 on; each second one is compressed. */
function pieces(begins: readonly number[]): string[] {
  return begins.map((begin, index) => {
    const from = frames[begin]?.fileOffset ?? incident.length;
    const to = frames[begins[index + 1] ?? frames.length]?.fileOffset ?? incident.length;
    const piece = Buffer.concat([incident.subarray(0, 24), incident.subarray(from, to)]);
    const path = join(folder, `piece.pcap${index}`);
    writeFileSync(path, index % 2 === 0 ? piece : gzipSync(piece));
    return path;
  });
}

const ascending = (most: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: frames.length - 1 }), { maxLength: most })
    .map((some) => some.sort((a, b) => a - b));

test('a recording may be cut at any frame, within its pieces or between them', async () => {
  await fc.assert(
    fc.asyncProperty(ascending(3), ascending(4), async (inner, cuts) => {
      const begins = [0, ...inner];
      const paths = pieces(begins);
      const expected = await reportOf(await analyze(paths));
      const places = cuts.map((frame): Cut => {
        const file = begins.findLastIndex((begin) => begin <= frame);
        const { seconds, nanoseconds } = frames[frame] ?? assert.fail();
        return { file, frame: frame - (begins[file] ?? 0) + 1, at: { seconds, nanoseconds, digits: 6 } };
      });
      const count = places.length + 1;
      const files: string[] = [];
      for (let index = 0; index < count; index++) {
        const between = [places[index - 1] ?? null, places[index] ?? null] as const;
        files.push((await factsOf(paths, [index + 1, count], between)).path);
      }
      assert.equal(await reportOf(await analyzeFacts(files)), expected);
    }),
    { numRuns: 40 },
  );
});

/** The incident, later by so many seconds. */
function later(seconds: number, chosen: readonly number[] = frames.map((_, index) => index)): Buffer {
  const records = chosen.map((index) => {
    const { fileOffset, data } = frames[index] ?? assert.fail();
    const record = Buffer.from(incident.subarray(fileOffset, fileOffset + 16 + data.length));
    record.writeUInt32LE(record.readUInt32LE(0) + seconds, 0);
    return record;
  });
  return Buffer.concat(records);
}

/** The frames of the incident, by index, without the last ones of a connection that worked; and these; and those of others. */
async function splitInTwo(): Promise<Readonly<Record<'first' | 'last' | 'others', readonly number[]>>> {
  const whole = await analyze([sample('incident.pcap')]);
  const { connection } = whole.connections.find((one) => one.connection.outcome === 'established') ?? assert.fail();
  const all = frames.map((_, index) => index);
  const own = all.filter((index) => {
    const { data } = frames[index] ?? assert.fail();
    // Behind the headers of Linux cooked capture v2 and of IPv4.
    const ports = [Buffer.from(data).readUInt16BE(40), Buffer.from(data).readUInt16BE(42)];
    return ports.includes(connection.client.port);
  });
  const last = own.filter((index) => index + 1 > connection.firstFrame + 12);
  assert.ok(last.length > 2);
  return {
    first: all.filter((index) => !last.includes(index)),
    last,
    others: all.filter((index) => !own.includes(index)),
  };
}

const header = incident.subarray(0, 24);

describe('a recording of many minutes', () => {
  const paths = [0, 600, 1200, 1800].map((seconds, index) => {
    const path = join(folder, `long.pcap${index}`);
    writeFileSync(path, Buffer.concat([header, later(seconds)]));
    return path;
  });

  test('is not read whole for each slice, and gives the report of the whole', async () => {
    const expected = await reportOf(await analyze(paths));
    const files: string[] = [];
    for (let index = 1; index <= 4; index++) {
      const { path, lines } = await factsOf(paths, [index, 4]);
      const read = lines.flatMap((line) =>
        line.kind === 'end' ? [line.files.flatMap((one, file) => (one ? [file] : []))] : [],
      );
      assert.deepEqual(read.flat().includes(index - 3), false, `slice ${index} read ${read.join()}`);
      files.push(path);
    }
    assert.equal(await reportOf(await analyzeFacts(files)), expected);
  });

  test('a connection that is silent for long is one, not two', async () => {
    // The last frames of one that worked come twenty minutes later.
    const { first, last } = await splitInTwo();
    const silent = [Buffer.concat([header, later(0, first)]), Buffer.concat([header, later(1200, last)])].map(
      (bytes, index) => {
        const path = join(folder, `silent.pcap${index}`);
        writeFileSync(path, bytes);
        return path;
      },
    );
    const expected = await analyze(silent);
    const cut: Cut = {
      file: 1,
      frame: 1,
      at: { seconds: (frames[0]?.seconds ?? 0) + 1200, nanoseconds: 0, digits: 6 },
    };
    const files = [
      (await factsOf(silent, [1, 2], [null, cut])).path,
      (await factsOf(silent, [2, 2], [cut, null])).path,
    ];
    const merged = await analyzeFacts(files);
    assert.deepEqual(merged.summary, expected.summary);
    assert.deepEqual(
      merged.connections.map((one) => one.connection.id),
      expected.connections.map((one) => one.connection.id),
    );
  });
});

test('a capture of few frames may be cut into more parts than it has', async () => {
  const path = join(folder, 'few.pcap');
  // Seven frames of which the last is the longest.
  const lengths = frames.map(({ data }) => data.length);
  const longest = lengths.indexOf(Math.max(...lengths));
  writeFileSync(path, Buffer.concat([header, later(0, [0, 1, 2, 3, longest])]));
  const expected = await reportOf(await analyze([path]));
  for (const count of [5, 7, 20])
    assert.equal(await reportOf(await analyzeFacts(await slices([path], count))), expected);
});

for (const [name, days, how] of [
  ['a silence is known though the clock leaps behind it', 100, 'timeout'],
  ['a leap of years, which only a damaged clock makes, is no silence', 5 * 365, 'none'],
] as const)
  test(name, async () => {
    const { first, others } = await splitInTwo();
    const leap = [Buffer.concat([header, later(0, first)]), Buffer.concat([header, later(days * 86_400, others)])];
    const paths = leap.map((bytes, index) => {
      const path = join(folder, `leap-${days}.pcap${index}`);
      writeFileSync(path, bytes);
      return path;
    });
    const whole = await analyze(paths);
    assert.equal(
      whole.connections.find(({ connection }) => connection.ending.by === 'none')?.connection.ending.how,
      how,
    );
    const { seconds, nanoseconds } = frames[first.at(-1) ?? 0] ?? assert.fail();
    const cut: Cut = { file: 0, frame: first.length, at: { seconds, nanoseconds, digits: 6 } };
    const files = [(await factsOf(paths, [1, 2], [null, cut])).path, (await factsOf(paths, [2, 2], [cut, null])).path];
    assert.equal(await reportOf(await analyzeFacts(files)), await reportOf(whole));
  });

test('keys that open a connection in several slices have opened something once', async () => {
  const others = Array.from({ length: 9 }, (_, index) => `CLIENT_RANDOM ${`${index}`.repeat(64)} ${'0'.repeat(96)}\n`);
  const keys = [join(folder, 'more.keys'), sample('keys-tls13.keys')];
  writeFileSync(keys[0] ?? '', others.join(''));
  const whole = await analyze([sample('keys-tls13.pcap')], { keys });
  assert.ok((whole.keys?.secrets.unused ?? 0) >= others.length);
  const merged = await analyzeFacts(await slices([sample('keys-tls13.pcap')], 7, keys));
  assert.deepEqual(merged.keys, whole.keys);
});

test('every line is as the schema has it', async () => {
  for (const name of ['incident.pcap', 'certificate-expired-curl.pcap']) {
    const { lines } = await factsOf([sample(name)], [1, 2]);
    for (const line of lines) assertValidFacts(line);
    assert.deepEqual([lines[0]?.kind, lines.at(-1)?.kind], ['facts', 'end']);
  }
});

test('a slice that is missing is said, with what it would have held', async () => {
  const files = await slices([sample('incident.pcap')], 3);
  const { captures, summary } = await analyzeFacts([files[0] ?? '', files[2] ?? '']);
  const [warning] = captures[0]?.warnings.filter(({ code }) => code === 'slice-missing') ?? [];
  assert.match(
    said(warning),
    /^slice 2 of 3 is missing: nothing is known of connections that began between 2026-11-21T19:53:\S+Z and 2026-11-21T19:53:\S+Z$/,
  );
  assert.ok(summary.connections > 0);
});

test('a slice that died is written again without harm', async () => {
  const [one, two] = await slices([sample('incident.pcap')], 2);
  const again = await factsOf([sample('incident.pcap')], [2, 2]);
  assert.equal(readFileSync(again.path, 'utf8'), readFileSync(two ?? '', 'utf8'));
  const expected = await reportOf(await analyze([sample('incident.pcap')]));
  assert.equal(await reportOf(await analyzeFacts([one ?? '', again.path])), expected);
});

test('merging that is interrupted says so', async () => {
  const files = await slices([sample('incident.pcap')], 2);
  const { connections, captures } = await analyzeFacts(files, { signal: AbortSignal.abort() });
  assert.equal(connections.length, 0);
  assert.deepEqual(
    captures.map(({ warnings }) => warnings.map(({ code }) => code)),
    [['interrupted']],
  );
});

test('recordings of several hosts stand one behind the other', async () => {
  const names = ['incident.pcap', 'certificate-expired-curl.pcap'];
  const files = (await Promise.all(names.map((name) => slices([sample(name)], 2)))).flat();
  const { summary, captures, diagnoses } = await analyzeFacts(files);
  const alone = await Promise.all(names.map((name) => analyze([sample(name)])));
  assert.equal(
    summary.connections,
    alone.reduce((sum, one) => sum + one.summary.connections, 0),
  );
  assert.deepEqual(
    captures.map(({ path }) => basename(path)),
    names,
  );
  assert.ok(diagnoses.some(({ rule }) => rule.id === 'certificate-expired'));
});

describe('on the command line', () => {
  const run = (...args: readonly string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  const path = (name: string): string => join(folder, name);

  test('facts and merge give what the captures give, in every format', () => {
    for (const index of [1, 2]) {
      const { status, stderr } = run(
        'facts',
        '--slice',
        `${index}/2`,
        '-o',
        path(`${index}.facts.gz`),
        sample('incident.pcap'),
      );
      assert.equal(status, 0);
      assert.match(stderr, /wrote .*: slice \d of 2, (?:1 connection|\d+ connections)$/m);
    }
    for (const format of ['text', 'html', 'markdown', 'json', 'ndjson']) {
      const merged = run('merge', '-f', format, path('1.facts.gz'), path('2.facts.gz'));
      const whole = run('-f', format, sample('incident.pcap'));
      assert.deepEqual([merged.status, merged.stdout], [whole.status, whole.stdout], format);
    }
  });

  test('standard output is compressed, and lines of JSON', () => {
    const { stdout } = spawnSync(process.execPath, [PROGRAM, 'facts', sample('incident.pcap')]);
    const lines = gunzipSync(stdout).toString().trim().split('\n');
    assert.equal((JSON.parse(lines[0] ?? '') as FactsLine).kind, 'facts');
  });

  test('what cannot be is said in a line, with exit code 2', () => {
    const facts = readFileSync(path('1.facts.gz'));
    writeFileSync(path('cut.facts.gz'), facts.subarray(0, 5000));
    const text = gunzipSync(facts).toString();
    writeFileSync(path('damaged.facts'), text.replace('{"kind":"connection"', '{"kind":'));
    writeFileSync(path('old.facts'), text.replace('"factsVersion":3', '"factsVersion":0'));
    writeFileSync(path('lacking.facts'), text.replace(/\n\{"kind":"certificate".*?\n/, '\n'));
    for (const [args, message] of [
      [['facts', '--slice', '3/2', sample('incident.pcap')], /--slice: "3\/2" is not a part such as 2\/7/],
      [['facts', '-'], /cannot take a part of a pipe/],
      [['facts', sample('nowhere.pcap')], /no such file/],
      [['facts', '-o', sample('incident.pcap'), sample('incident.pcap')], /would overwrite/],
      [['merge', sample('incident.pcap')], /incident\.pcap: is no file of facts/],
      [['merge', path('nowhere.facts')], /no such file/],
      [['merge', path('1.facts.gz'), path('1.facts.gz')], /is of the same slice as/],
      [['merge', path('cut.facts.gz')], /cut\.facts\.gz: /],
      [['merge', path('damaged.facts')], /damaged\.facts: line \d+ is damaged/],
      [['merge', path('old.facts')], /facts of version 0; this program reads 3/],
      [['merge', path('lacking.facts')], /line \d+: no certificate [0-9a-f]{64} stands before it/],
      [['merge', '--export-frames', path('x.pcapng'), path('1.facts.gz')], /facts have no frames/],
    ] as const) {
      const { status, stderr, stdout } = run(...args);
      assert.deepEqual([status, stdout, stderr.trim().split('\n').length], [2, '', 1], args.join(' '));
      assert.match(stderr, message);
    }
  });

  test(
    'GNU parallel does the slices of a recording side by side',
    {
      skip: spawnSync('sh', ['-c', 'parallel --version | grep -q GNU']).status !== 0 && 'GNU parallel is not installed',
    },
    () => {
      const command = `seq 3 | parallel "'${process.execPath}' '${PROGRAM}' facts --slice {}/3 -o '${folder}'/p{}.facts.gz '${sample('incident.pcap')}'"`;
      assert.equal(spawnSync('sh', ['-c', command]).status, 0);
      const merged = run('merge', path('p1.facts.gz'), path('p2.facts.gz'), path('p3.facts.gz'));
      assert.equal(merged.stdout, run(sample('incident.pcap')).stdout);
    },
  );

  test('a Slurm job array does them too', { skip: lacksSlurm && 'needs root and slurm-wlm' }, () => {
    const cluster = mkdtempSync(join(folder, 'slurm-'));
    const job = path('job.sh');
    const line = `'${process.execPath}' '${PROGRAM}' facts --slice "$SLURM_ARRAY_TASK_ID/3" -o '${folder}'/s$SLURM_ARRAY_TASK_ID.facts.gz '${sample('incident.pcap')}'`;
    writeFileSync(job, `#!/bin/sh\n${line}\n`);
    const script = join(ROOT, 'test', 'facts', 'slurm.sh');
    const args = [cluster, '--array=1-3', `--output=${path('slurm-%a.log')}`, job];
    const { status, stderr } = spawnSync(script, args, { encoding: 'utf8', timeout: 120_000 });
    assert.equal(status, 0, stderr);
    const merged = run('merge', path('s1.facts.gz'), path('s2.facts.gz'), path('s3.facts.gz'));
    assert.equal(merged.stdout, run(sample('incident.pcap')).stdout);
  });
});

test('who writes facts or merges them is told now and then how far it is, and may look at the memory', async () => {
  // Three hundred connections, of which a look comes after 256.
  const many = Array.from({ length: 7 }, () => sample('incident.pcap'));
  let looks = 0;
  const lines: string[] = [];
  await writeFacts([sample('incident.pcap')], {
    slice: { index: 1, count: 1 },
    generator: 'test',
    write: (line) => void lines.push(lineText(line)),
    onProgress: () => looks++,
  });
  assert.ok(looks > 0);
  const files = await Promise.all(
    many.map(async (path, index) => {
      const copy = join(folder, `copy-${index}.pcap`);
      writeFileSync(copy, readFileSync(path));
      return (await factsOf([copy], [1, 1])).path;
    }),
  );
  const progress: Progress[] = [];
  const { summary } = await analyzeFacts(files, { onProgress: (state) => progress.push(state) });
  assert.ok(summary.connections > 256);
  const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0);
  assert.deepEqual(
    progress.map((state) => [state.bytes, state.bytesRead > 0 && state.bytesRead <= bytes]),
    [[bytes, true]],
  );
});
