import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createPager, pagerOf } from '../../src/cli/pager.js';
import type { Sink } from '../../src/cli/sink.js';

const folder = mkdtempSync(join(tmpdir(), 'pager-'));
after(() => {
  rmSync(folder, { recursive: true });
});

/** What goes past the pager. */
function collected(): Sink & { readonly text: () => string } {
  let text = '';
  return {
    write(piece) {
      text += piece;
      return undefined;
    },
    end: () => Promise.resolve(),
    text: () => text,
  };
}

async function shown(command: string, rows: number, ...pieces: readonly string[]): Promise<string> {
  const direct = collected();
  const pager = createPager(command, rows, direct);
  for (const piece of pieces) void pager.write(piece);
  await pager.end();
  return direct.text();
}

test('what fits on the screen goes there', async () => {
  assert.equal(await shown('exit 1', 3, 'one\n', 'two\n'), 'one\ntwo\n');
});

test('what does not goes to the pager, whole', async () => {
  const file = join(folder, 'paged');
  assert.equal(await shown(`cat > ${file}`, 2, 'one\n', 'two\n', 'three\n'), '');
  assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\nthree\n');
});

test('a pager that leaves early is no fault, one that is not there is done without', async () => {
  const much = 'line\n'.repeat(100_000);
  assert.equal(await shown('exit 0', 2, much), '');
  assert.equal(await shown('no-such-pager-anywhere 2>&-', 2, much), much);
});

test('which pager', () => {
  assert.equal(pagerOf({}), 'less');
  assert.equal(pagerOf({ PAGER: 'more' }), 'more');
  assert.equal(pagerOf({ PAGER: '' }), null);
  assert.equal(pagerOf({ PAGER: 'cat' }), null);
  assert.equal(pagerOf({ TERM: 'dumb' }), null);
});
