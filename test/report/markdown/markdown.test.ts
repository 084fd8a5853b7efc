import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { marked, type Token, type Tokens } from 'marked';
import type { Results } from '../../../src/diagnose/results.js';
import { DEFAULTS, writeReport, type ReportOptions } from '../../../src/report/format.js';
import { createMarkdownWriter } from '../../../src/report/markdown/markdown.js';
import { code, codeBlock, codeCell, inCell, inSentence, sentence, table } from '../../../src/report/markdown/inline.js';
import { connection } from '../../support/connections.js';
import { diagnosed, explaining, results, risk } from '../../support/results.js';
import { hostile, hostileText } from '../hostile.js';
import { incident } from '../incident.js';

function markdownOf(of: Results, options: Partial<ReportOptions> = {}): string {
  return [...writeReport(createMarkdownWriter({ ...DEFAULTS, ...options }), of)].join('');
}

/** Every token of the document, at whatever depth. */
function tokensOf(markdown: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    tokens.push(token);
  });
  return tokens;
}

/** What a reader sees of one value. */
function shown(markdown: string): string {
  return marked
    .parseInline(markdown, { async: false })
    .replace(/<\/?code>/g, '')
    .replace(/&#(\d+);|&(\w+);/g, (_, number: string | undefined, name: string) =>
      number === undefined
        ? ({ lt: '<', gt: '>', amp: '&', quot: '"' }[name] ?? '')
        : String.fromCodePoint(Number(number)),
    );
}

describe('the document', () => {
  const markdown = markdownOf(incident());
  const headings = tokensOf(markdown)
    .filter((token): token is Tokens.Heading => token.type === 'heading')
    .map(({ depth, text }) => `${'#'.repeat(depth)} ${text}`);

  test('has the sections of a postmortem', () => {
    assert.deepEqual(headings, [
      '# TLS postmortem: 3 of 41 handshakes failed, 2 causes',
      '## Summary',
      '## Impact',
      '## Detection',
      '## Timeline',
      '## Root cause',
      '### 1. The server certificate had expired',
      '### 2. Client and server have no cipher suite in common',
      '## To do',
      '## Resolution',
      '## Appendix',
      '### Connections',
      '### Certificates',
      '### To reproduce',
    ]);
  });

  test('says when each cause began', () => {
    assert.match(markdown, /\| Time \(UTC, 2026-03-02\) \| What \|/);
    assert.match(markdown, /\| 10:06:41\.100 \| First failure: cause 1 \(/);
    // Between the failures of cause 1 the same clients succeed.
    assert.doesNotMatch(markdown, /Last success before/);
  });

  test('has tasks by who must act, with the command that confirms them', () => {
    assert.match(markdown, /- \[ \] \*\*Server\*\* \(cause 1\): install a renewed certificate for `www\.example\.com`/);
    assert.match(markdown, /\n {2}```sh\n {2}openssl s_client -connect 198\.51\.100\.20:443 /);
  });

  test('draws the ladder, names the rule and its sources', () => {
    assert.match(markdown, /```text\n {3}Frame .*client .*server /);
    assert.match(
      markdown,
      /Rule: `certificate-expired` \(\[RFC 5280 §4\.1\.2\.5\]\(https:\/\/www\.rfc-editor\.org\/rfc\/rfc5280#section-4\.1\.2\.5\)\)/,
    );
  });

  test('of a healthy capture is short', () => {
    const calm = markdownOf(results([diagnosed(connection())]));
    assert.match(calm, /^# TLS postmortem: The one handshake succeeded\.\n/);
    assert.ok(!/Root cause|Impact/.test(calm));
  });

  test('says what it leaves out', () => {
    const all = incident();
    const many = { ...all, summary: { ...all.summary, connections: 5000, failed: 1000 } };
    assert.match(markdownOf(many), /997 more connections, all in --format json/);
  });
});

describe('text from the wire stays text', () => {
  test('in a whole hostile report', () => {
    const markdown = markdownOf(hostile(), { verbose: true });
    const tokens = tokensOf(markdown);
    for (const token of tokens) {
      if (token.type === 'link') {
        assert.match((token as Tokens.Link).href, /^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+(?:#[\w.-]+)?$/);
        continue;
      }
      assert.ok(!['image', 'del', 'em', 'blockquote'].includes(token.type), token.raw);
      if (token.type === 'html') assert.match(token.raw, /^<\/?code>$/);
    }
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    assert.doesNotMatch(markdown, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/u);
    const calm = tokensOf(markdownOf(hostile('calm'), { verbose: true }));
    const outline = (of: readonly Token[]): string[] =>
      of.flatMap((token) => {
        if (token.type === 'heading') return [`heading ${String((token as Tokens.Heading).depth)}`];
        if (token.type === 'table') return [(token as Tokens.Table).rows.map((row) => row.length).join()];
        return ['list', 'code'].includes(token.type) ? [token.type] : [];
      });
    assert.deepEqual(outline(tokens), outline(calm));
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom('`', '``', '|', '\\', '*', '_', '<', '>', '[', ']', '(', ')', '&lt;', ' ', 'a', '#', '~~', '$'),
        {
          maxLength: 20,
        },
      )
      .map((parts) => parts.join('')),
  );
  const trimmed = (text: string): string => text.replace(/\s+/g, ' ').trim();

  test('a code span shows what was sent', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (text.trim() !== '') assert.equal(trimmed(shown(code(text))), trimmed(shown(codeCell(text))));
        const [only, ...others] =
          marked.lexer(code(text))[0]?.type === 'paragraph' ? tokensOf(code(text)).slice(1) : [];
        if (text.trim() !== '') assert.deepEqual([only?.type, others.length], ['codespan', 0]);
      }),
    );
  });

  test('a cell stays one cell', () => {
    fc.assert(
      fc.property(anyText, anyText, (one, two) => {
        const markdown = table(['a', 'b', 'c'], [[codeCell(one), inCell(` ${two}`), 'end']]);
        const first = marked.lexer(markdown)[0] as Tokens.Table;
        assert.equal(first.type, 'table');
        assert.deepEqual([first.rows.length, first.rows[0]?.length], [1, 3]);
        assert.equal(first.rows[0]?.[2]?.text, 'end');
        assert.ok(markdown.split('\n').length === 3);
        // Bars are parted from their backslashes, so that renderers which count these differently agree.
        assert.doesNotMatch(codeCell(one), /[|\\]/);
      }),
    );
  });

  test('a sentence stays a paragraph of plain text and code', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = tokensOf(`It is ${inSentence(text)}, and${inSentence(` ${text}`)}.`);
        for (const { type, raw } of tokens) {
          assert.ok(['paragraph', 'text', 'escape', 'codespan'].includes(type), `${type}: ${raw}`);
        }
      }),
    );
  });

  test('a block of code ends where it ends', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 4 }), (lines) => {
        const text = ['first', ...lines, 'last'].join('\n');
        const [block, ...others] = marked.lexer(codeBlock(text, 'sh'));
        assert.deepEqual([block?.type, others.length], ['code', 0]);
        assert.equal((block as Tokens.Code).text, text);
      }),
    );
  });
});

test('phrases of rules are prose, values are code', () => {
  assert.equal(inSentence('3 days'), '3 days');
  assert.equal(inSentence(' with alert bad_certificate (42)'), String.raw` with alert bad\_certificate (42)`);
  assert.equal(inSentence('CN=www.example.com'), '`CN=www.example.com`');
  assert.equal(inSentence('www.example.com'), '`www.example.com`');
  assert.equal(inSentence(' see http://pki.example/ca.crt'), ' see `http://pki.example/ca.crt`');
  assert.equal(inSentence(''), '');
});

test("the program's own text is not Markdown either, and keeps its placeholders", () => {
  assert.equal(sentence('set *this* to {value} </dev/null'), String.raw`set \*this\* to {value} \</dev/null`);
  assert.ok(hostileText.length > 300);
});

test('a risk names the command that explains it', () => {
  const atRisk = [diagnosed(connection(), [risk({ id: 'certificate-expiring', messages: explaining('ends soon') })])];
  assert.match(markdownOf(results(atRisk)), /: ends soon More: `tls-postmortem explain certificate-expiring`$/m);
});
