import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wantsAscii, wantsColor, widthOf } from '../../src/cli/terminal.js';

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

test('ASCII on a terminal without Unicode, never in a pipe', () => {
  const ascii = (environment: Record<string, string>): boolean => wantsAscii(undefined, environment, terminal, 'linux');
  assert.equal(ascii({ LANG: 'en_GB.UTF-8', TERM: 'xterm-256color' }), false);
  assert.equal(ascii({ LANG: 'C.utf8' }), false);
  assert.equal(ascii({ LANG: 'de_CH.ISO-8859-1' }), true);
  assert.equal(ascii({ LANG: 'C.UTF-8', LC_ALL: 'C' }), true);
  assert.equal(ascii({ LANG: 'C', LC_CTYPE: 'C.UTF-8', LC_ALL: '' }), false);
  assert.equal(ascii({}), true);
  assert.equal(ascii({ LANG: 'C.UTF-8', TERM: 'linux' }), true);
  assert.equal(ascii({ LANG: 'C.UTF-8', TERM: 'dumb' }), true);
  assert.equal(wantsAscii(undefined, {}, terminal, 'win32'), false);
  assert.equal(wantsAscii(undefined, { LANG: 'C' }, pipe, 'linux'), false);
  assert.equal(wantsAscii(true, { LANG: 'C.UTF-8' }, pipe, 'linux'), true);
  assert.equal(wantsAscii(false, { LANG: 'C' }, terminal, 'linux'), false);
});
