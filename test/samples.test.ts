/** The whole program on the captures of real stacks in samples/: every diagnosis, its count and the frames that prove it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { analyze } from '../src/analyze.js';
import type { JsonReport } from '../src/report/json/contract.js';
import { columnsOf } from '../src/report/text/layout.js';
import { DEFAULTS, writeReport } from '../src/report/format.js';
import { createTextWriter } from '../src/report/text/text.js';
import { PROGRAM } from './support/program.js';
import { assertValidReport, ROOT } from './support/schema.js';

/** What samples/expected.json says of one diagnosis of a capture. */
interface Expected {
  readonly diagnosis: string;
  /** Connections that it explains. */
  readonly count: number;
  /** Frames that prove it. */
  readonly frames: readonly number[];
  /** What it explains is no failure of TLS. */
  readonly isNoFailure?: true;
  /** How it changed within the capture, where that is what the sample shows. */
  readonly change?: string;
  /** Attempts that the connections belong to, and how many of them worked in the end. */
  readonly attempts?: number;
  readonly succeeded?: number;
}

const FOLDER = join(ROOT, 'samples');
const expected = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as Record<string, Expected[]>;
const captures = readdirSync(FOLDER).filter((file) => /\.pcap(?:ng)?$/.test(file));

/** The key log that was recorded with a capture. */
function keysOf(file: string): readonly string[] {
  const keys = join(FOLDER, file.replace(/\.pcap(?:ng)?$/, '.keys'));
  return existsSync(keys) ? [keys] : [];
}

async function run(file: string, keys = keysOf(file)): Promise<{ code: number; report: JsonReport }> {
  return new Promise((resolve, reject) => {
    const args = [PROGRAM, '--format', 'json', ...keys.flatMap((path) => ['--keys', path]), join(FOLDER, file)];
    execFile(process.execPath, args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code !== 'number' || stderr !== '') reject(new Error(`${file}: ${stderr}`, { cause: error }));
      else resolve({ code, report: JSON.parse(stdout) as JsonReport });
    });
  });
}

/** The evidence of the causes of that rule. */
function framesOf({ connections }: JsonReport, rule: string): Set<number> {
  const causes = connections.flatMap(({ findings }) => findings).filter((one) => one.rule === rule);
  return new Set(causes.flatMap(({ evidence }) => evidence.map(({ frame }) => frame)));
}

test('every capture is in expected.json', () => {
  assert.deepEqual(captures.sort(), Object.keys(expected).sort());
});

describe('the diagnosis', { concurrency: availableParallelism() }, () => {
  for (const [file, wanted] of Object.entries(expected)) {
    test(file, async () => {
      const { code, report } = await run(file);
      assertValidReport(report);
      const found = report.diagnoses.map(({ rule, count }) => ({ diagnosis: rule, count }));
      assert.deepEqual(
        found,
        wanted.map(({ diagnosis, count }) => ({ diagnosis, count })),
      );
      for (const { diagnosis, frames, change, attempts, succeeded } of wanted) {
        const told = report.diagnoses.find(({ rule }) => rule === diagnosis);
        if (change !== undefined) assert.equal(told?.timeline?.change, change);
        if (attempts !== undefined) {
          assert.deepEqual([told?.retries?.attempts, told?.retries?.succeeded], [attempts, succeeded]);
        }
        const proof = framesOf(report, diagnosis);
        assert.deepEqual(
          frames.filter((frame) => !proof.has(frame)),
          [],
          `frames without evidence of ${diagnosis}`,
        );
      }
      const failed = wanted.reduce((sum, { count, isNoFailure }) => sum + (isNoFailure === true ? 0 : count), 0);
      assert.equal(report.summary.failed, failed);
      assert.equal(code, failed > 0 ? 1 : 0);
      for (const { diagnosis, findings, outcome } of report.connections) {
        const causes = findings.filter(({ role }) => role === 'cause').map(({ rule }) => rule);
        assert.deepEqual(causes, diagnosis === null ? [] : [diagnosis]);
        const isNoFailure = wanted.some((one) => one.diagnosis === diagnosis && one.isNoFailure === true);
        assert.equal(outcome === 'failed', diagnosis !== null && !isNoFailure);
      }
    });
  }
});

describe('keys', () => {
  const causesOf = ({ connections }: JsonReport): unknown[] =>
    connections.flatMap(({ findings }) =>
      findings.filter(({ role }) => role === 'cause').map(({ rule, certainty }) => [rule, certainty]),
    );

  for (const [name, without, certain] of [
    ['keys-client-certificate-missing.pcap', ['client-certificate-missing', 'likely'], 'client-certificate-missing'],
    ['keys-client-certificate-expired.pcap', ['client-certificate-rejected', 'likely'], 'client-certificate-expired'],
    ['keys-quic-client-certificate-missing.pcap', undefined, 'client-certificate-missing'],
  ] as const) {
    test(`make certain what TLS 1.3 hides: ${name}`, async () => {
      assert.deepEqual(causesOf((await run(name, [])).report)[0], without);
      assert.deepEqual(causesOf((await run(name)).report), [[certain, 'certain']]);
    });
  }

  test('name the certificate that EAP-TLS 1.3 hides', async () => {
    const name = 'keys-eap-client-expired-tls13.pcap';
    assert.deepEqual(causesOf((await run(name, [])).report)[0], ['client-certificate-rejected', 'likely']);
    assert.deepEqual(causesOf((await run(name)).report), [['client-certificate-expired', 'likely']]);
  });

  test('or not, EAP has no connection to close: the reports say EAP-Failure', async () => {
    for (const name of ['eap-client-expired-tls13.pcap', 'eap-client-expired.pcap']) {
      const [diagnosis] = (await run(name, [])).report.diagnoses;
      assert.match(diagnosis?.explanation ?? '', /with EAP-Failure/, name);
      assert.doesNotMatch(diagnosis?.explanation ?? '', /clos(?:ed|ing) the connection/, name);
    }
  });

  test('of every sample that has some open what they are for', async () => {
    const keyed = captures.filter((file) => file.startsWith('keys-'));
    assert.ok(keyed.length >= 12);
    for (const file of keyed) {
      const { connections } = (await run(file)).report;
      const opened = connections.filter(({ keys }) => keys !== undefined);
      assert.ok(opened.length > 0, file);
      for (const { keys, messages } of opened) {
        assert.ok((keys?.opened ?? 0) > 1 && keys?.altered === null && keys.unreadable === null, file);
        assert.ok(
          messages.some(({ type, decrypted }) => type === 'finished' && decrypted === true),
          file,
        );
      }
    }
  });

  test('leave data sent early closed, and read on behind it', async () => {
    const { connections } = (await run('keys-early-data.pcap')).report;
    const types = connections[1]?.messages.filter(({ from }) => from === 'client').map(({ type }) => type);
    assert.deepEqual(types, ['client_hello', 'end_of_early_data', 'finished']);
  });
});

test('a push certificate whose topic is another than before is called out, in every such connection but the first', async () => {
  const { report } = await run('push-topic-changed.pcap');
  const [risk, ...others] = report.risks.filter(({ rule }) => rule === 'push-topic-changed');
  assert.equal(others.length, 0);
  assert.deepEqual([risk?.connections, risk?.certainty], [['2'], 'certain']);
  assert.match(risk?.explanation ?? '', /External\.b8d40e17-[^]*External\.3f1c9a52-/);
});

describe('the text', () => {
  for (const file of captures) {
    test(file, async () => {
      const text = [
        ...writeReport(
          createTextWriter({ ...DEFAULTS, color: false, width: 80 }),
          await analyze([join(FOLDER, file)], { keys: keysOf(file) }),
        ),
      ].join('');
      for (const line of text.split('\n')) {
        assert.ok(columnsOf(line) <= 80, line);
        assert.doesNotMatch(line, /\s$/);
        assert.doesNotMatch(line, /\{\w*\}/, 'a placeholder without a value');
        assert.doesNotMatch(line.replaceAll('/dev/null', ''), /\b(?:undefined|null|NaN)\b/, 'a value that is none');
      }
      for (const { diagnosis } of expected[file] ?? []) assert.match(text, new RegExp(`\\b${diagnosis.slice(0, 12)}`));
    });
  }
});
