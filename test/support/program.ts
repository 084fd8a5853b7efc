/** The program as it is shipped: one bundle in dist/, which starts faster than the many modules in build/. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './schema.js';

export const PROGRAM = join(ROOT, 'dist', 'cli', 'main.js');

const source = join(ROOT, 'src');
const changed = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => statSync(join(source, file)).mtimeMs);
// `npm test` makes it first; a single test that is run by hand would judge a program of yesterday.
assert.ok(
  existsSync(PROGRAM) && statSync(PROGRAM).mtimeMs >= Math.max(...changed),
  'dist/cli is older than src/: run `node bundle.mjs`',
);
