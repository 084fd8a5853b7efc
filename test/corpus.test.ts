/**
 * The program against Wireshark's decode of public captures, where these are at hand: TLS_POSTMORTEM_CORPUS names a folder
 * with them and with compare.mjs, which runs a command on each capture and prints how far its JSON agrees. Where it does not,
 * test/corpus.md says who is right.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { judge, missing } from './support/reference.js';

const VARIABLE = 'TLS_POSTMORTEM_CORPUS';
const LEAST_AGREEMENT = 99.5;
const MINUTE = 60_000;

const skip = missing(VARIABLE, 'compare.mjs');

test('public captures, held against Wireshark', { skip, timeout: 10 * MINUTE }, async () => {
  const output = await judge(join(process.env[VARIABLE] ?? '', 'compare.mjs'));
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  const match = /^agreement: ([\d.]+)% .*captures answered: (\d+)\/(\d+)$/.exec(last);
  assert.ok(match, output.slice(-2000));
  const [, agreement, answered, all] = match;
  assert.equal(answered, all, output);
  assert.ok(Number(agreement) >= LEAST_AGREEMENT, output);
});
