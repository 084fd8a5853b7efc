/**
 * The program's diagnoses against what is known to be true of labelled captures, where these are at hand: TLS_POSTMORTEM_EXAM
 * names a folder with mark.mjs, which runs a command on the captures of a set and prints how many of its diagnoses are right,
 * and of those that it calls certain, likely and possible how many are true. The bounds in test/exam.json only ever get
 * stricter.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import bounds from './exam.json' with { type: 'json' };
import { judge, missing } from './support/reference.js';

const VARIABLE = 'TLS_POSTMORTEM_EXAM';
const MINUTE = 60_000;

const folder = process.env[VARIABLE] ?? '';

for (const [name, { right, untrue }] of Object.entries(bounds)) {
  const skip = missing(VARIABLE, 'mark.mjs', join(name, 'labels.json'));
  test(`labelled captures: ${name}`, { skip, timeout: 10 * MINUTE }, async () => {
    const output = await judge(join(folder, 'mark.mjs'), '--show', join(folder, name));
    const match = /^exam: (\d+)\/\d+ right .* certain (\d+)\/(\d+) true, likely (\d+)\/(\d+) true/m.exec(output);
    assert.ok(match, output.slice(-2000));
    const [isRight = 0, certainTrue = 0, certain = 0, likelyTrue = 0, likely = 0] = match.slice(1).map(Number);
    assert.ok(isRight >= right, `${isRight} right, once ${right}\n${output}`);
    assert.ok(
      certain - certainTrue <= untrue.certain,
      `${certain - certainTrue} untrue, but called certain\n${output}`,
    );
    assert.ok(likely - likelyTrue <= untrue.likely, `${likely - likelyTrue} untrue, but called likely\n${output}`);
  });
}
