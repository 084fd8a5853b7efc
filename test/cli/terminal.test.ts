import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsColor, widthOf } from '../../src/cli/terminal.js';

const terminal = { isTTY: true, columns: 132 };
const pipe = {};

test('colour on a terminal, none in a pipe', () => {
  assert.equal(wantsColor(undefined, {}, terminal), true);
  assert.equal(wantsColor(undefined, {}, pipe), false);
  assert.equal(wantsColor(undefined, { TERM: 'dumb' }, terminal), false);
});

test('NO_COLOR and FORCE_COLOR', () => {
  assert.equal(wantsColor(undefined, { NO_COLOR: '1' }, terminal), false);
  assert.equal(wantsColor(undefined, { NO_COLOR: '' }, terminal), true);
  assert.equal(wantsColor(undefined, { FORCE_COLOR: '1' }, pipe), true);
  assert.equal(wantsColor(undefined, { FORCE_COLOR: '' }, pipe), true);
  assert.equal(wantsColor(undefined, { FORCE_COLOR: '0' }, terminal), false);
});

test('the option says more than the environment', () => {
  assert.equal(wantsColor(true, { NO_COLOR: '1' }, pipe), true);
  assert.equal(wantsColor(false, { FORCE_COLOR: '1' }, terminal), false);
});

test("the width asked for, else the terminal's, else 80", () => {
  assert.equal(widthOf(60, terminal), 60);
  assert.equal(widthOf(undefined, terminal), 132);
  assert.equal(widthOf(undefined, pipe), 80);
  assert.equal(widthOf(undefined, { isTTY: true, columns: 0 }), 80);
});
