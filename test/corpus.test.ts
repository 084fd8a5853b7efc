/**
 * The program on public captures, where these are at hand: TLS_POSTMORTEM_CORPUS names a folder with them (captures/) and with
 * compare.mjs, which runs a command on each and prints how far its JSON agrees with Wireshark's decode. Where it does not,
 * test/corpus.md says who is right. It says of each diagnosis, too, why it is true; test/corpus.json holds them. After a change,
 * TLS_POSTMORTEM_CORPUS_WRITE=1 writes that file anew: look at every difference.
 */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { analyze } from '../src/index.js';
import diagnoses from './corpus.json' with { type: 'json' };
import { judge, missing } from './support/reference.js';
import { ROOT } from './support/schema.js';

const VARIABLE = 'TLS_POSTMORTEM_CORPUS';
const LEAST_AGREEMENT = 99.5;
const MINUTE = 60_000;

const folder = process.env[VARIABLE] ?? '';
const skip = missing(VARIABLE, 'compare.mjs', 'captures');

test('public captures, held against Wireshark', { skip, timeout: 10 * MINUTE }, async () => {
  const output = await judge(join(folder, 'compare.mjs'));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const match = /^agreement: ([\d.]+)% .*captures answered: (\d+)\/(\d+)$/.exec(last);
  assert.ok(match, output.slice(-2000));
  const [, agreement, answered, all] = match;
  assert.equal(answered, all, output);
  assert.ok(Number(agreement) >= LEAST_AGREEMENT, output);
});

/** How often each cause is given, and how surely, by capture: `connection-reset, certain`. */
async function causesOf(capture: string): Promise<Record<string, number>> {
  const causes: Record<string, number> = {};
  const { connections } = await analyze([capture]);
  for (const { cause } of connections) {
    if (cause === null) continue;
    const key = `${cause.rule.id}, ${cause.certainty}`;
    causes[key] = (causes[key] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(causes).sort());
}

test('public captures, their diagnoses', { skip, timeout: 10 * MINUTE }, async () => {
  const said: Record<string, Record<string, number>> = {};
  for (const capture of (await readdir(join(folder, 'captures'))).sort()) {
    const causes = await causesOf(join(folder, 'captures', capture));
    if (Object.keys(causes).length > 0) said[capture] = causes;
  }
  if (process.env[`${VARIABLE}_WRITE`] === '1') {
    await writeFile(join(ROOT, 'test', 'corpus.json'), `${JSON.stringify(said, null, 2)}\n`);
    return;
  }
  assert.deepEqual(said, diagnoses);
});
