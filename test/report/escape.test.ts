import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bound, escapeJson, escapeTerminal, showUnprintable } from '../../src/report/escape.js';

describe('what would not show is written out', () => {
  const cases: readonly [what: string, text: string, shown: string][] = [
    ['terminal control sequences', '\x1b[31mred\x1b[0m', String.raw`\x1b[31mred\x1b[0m`],
    ['C1 control characters, the one-byte CSI above all', '\x9b31m', String.raw`\x9b31m`],
    ['line breaks, which forge report lines', 'a\r\nb\tc', String.raw`a\x0d\x0ab\x09c`],
    ['NUL and DEL', '\0\x7f', String.raw`\x00\x7f`],
    ['bidirectional overrides and isolates', '\u202egnp.exe\u2066', String.raw`\u202egnp.exe\u2066`],
    ['zero widths and the byte order mark', 'pay\u200bpal\ufeff', String.raw`pay\u200bpal\ufeff`],
    ['line and paragraph separators', 'a\u2028b\u2029', String.raw`a\u2028b\u2029`],
    ['lone surrogates', 'a\ud800b', String.raw`a\ud800b`],
    ['tags beyond the basic plane', '\u{e0041}', String.raw`\u{e0041}`],
  ];
  for (const [what, text, shown] of cases) {
    test(what, () => {
      assert.equal(showUnprintable(text), shown);
    });
  }

  test('what shows stays: other scripts, emoji, backslashes of distinguished names', () => {
    const text = String.raw`CN=Zürich\, 東京 🔐`;
    assert.equal(showUnprintable(text), text);
  });
});

test('a long value is cut, and says by how much', () => {
  assert.equal(bound('a'.repeat(12), 10), `${'a'.repeat(10)}… (2 more characters)`);
  assert.equal(bound('🔐🔐', 3), '🔐… (2 more characters)');
  assert.ok(escapeTerminal('x'.repeat(60_000)).length < 400);
});

test('JSON keeps its value and cannot steer a terminal', () => {
  const value = '\x9b31m\u202e\u{e0041}\ud800 ü';
  const json = escapeJson(JSON.stringify(value));
  assert.equal(JSON.parse(json), value);
  assert.equal(showUnprintable(json), json);
});
