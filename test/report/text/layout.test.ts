import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import Table from 'cli-table3';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { columnsOf, pad, shorten, wrap, wrapAtMost, wrapCommand } from '../../../src/report/text/layout.js';
import { quoteForShell } from '../../../src/report/words.js';

test('wide characters take two columns', () => {
  assert.equal(columnsOf('日本語.example'), 14);
  assert.equal(pad('日本', 6), '日本  ');
});

test('what is counted without the library takes as many columns as the library says', () => {
  for (const text of ['a~ ', 'took\u00a021\u00a0ms', '192.0.2.1 → 192.0.2.2', 'cut…']) {
    assert.equal(columnsOf(text), stringWidth(text));
  }
});

test('the library of tables counts columns in the same way', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      fc.pre(!/[\n\r]/.test(text));
      const table = new Table({ style: { border: [], 'padding-left': 0, 'padding-right': 0 } });
      table.push([text]);
      const [border = ''] = table.toString().split('\n');
      assert.equal(border.length - 2, columnsOf(text));
    }),
  );
});

describe('wrap', () => {
  test('breaks at spaces, and within a word that is too long', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three']);
    assert.deepEqual(wrap('a abcdefghij', 4), ['a', 'abcd', 'efgh', 'ij']);
    assert.deepEqual(wrap('日本語日本語', 5), ['日本', '語日', '本語']);
  });

  test('does not break at a no-break space', () => {
    assert.deepEqual(wrap('took 21\u00a0min', 10), ['took', '21 min']);
  });

  test('keeps to the width and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 80 }), (text, width) => {
        const lines = wrap(text, width);
        const letters = (all: string): string => all.replaceAll(/[ \n\u00a0]/g, '');
        assert.equal(letters(lines.join('')), letters(text));
        for (const line of lines) assert.ok(columnsOf(line) <= width || Array.from(line).length === 1, line);
      }),
    );
  });
});

test('shorten cuts the end, or the middle where both ends tell', () => {
  assert.equal(shorten('certificate-expired', 12), 'certificate…');
  assert.equal(shorten('very.long.host.example:443', 15, 'middle'), 'very.lo…ple:443');
  assert.equal(shorten('fits', 4), 'fits');
  assert.equal(shorten('日本語日本語', 7, 'middle'), '日本…語');
});

describe('wrapCommand', () => {
  const printed = (command: string): string => execFileSync('sh', ['-c', command], { encoding: 'utf8' });

  test('an option stays with its value', () => {
    assert.deepEqual(wrapCommand('openssl s_client -connect a:443 -servername b | openssl x509 -noout', 40, 2), [
      '  openssl s_client -connect a:443 \\',
      '    -servername b | openssl x509 -noout',
    ]);
  });

  test('the lines, copied into a shell, are the command', () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 120 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 40, max: 100 }),
        (values, width) => {
          const command = `printf '%s\\n' ${values.map(quoteForShell).join(' ')} "a  b\\"c"`;
          const lines = wrapCommand(command, width, 13);
          for (const line of lines) assert.ok(columnsOf(line) <= width, line);
          assert.equal(printed(lines.join('\n')), printed(command));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('lines that are too many', () => {
  test('end with an ellipsis, within the width', () => {
    assert.deepEqual(wrapAtMost('one two three four', 5, 2), ['one', 'two…']);
    assert.deepEqual(wrapAtMost('abcdefghijklmno', 5, 2), ['abcde', 'fghi…']);
    assert.deepEqual(wrapAtMost('one two', 5, 2), ['one', 'two']);
  });
});

test('a word longer than a line is broken behind a mark, where that leaves most of the line filled', () => {
  assert.deepEqual(wrap('TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 34), ['TLS_ECDHE_RSA_WITH_AES_256_GCM_', 'SHA384']);
});
