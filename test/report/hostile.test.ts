/** A whole run, in every format, over a capture in which every text that a peer or a user chose tries to be more than text. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { marked } from 'marked';
import type { JsonReport } from '../../src/report/json/contract.js';
import { pcapFile } from '../support/captures.js';
import { bytesOf, conversation, frameBytes, type Segment } from '../support/conversation.js';
import { PROGRAM } from '../support/program.js';
import { assertValidLine, assertValidReport } from '../support/schema.js';
import * as tls from '../support/tls.js';
import { der } from '../x509/authority.js';
import { lacksBrowser, withBrowser } from './browser.js';

/** Terminal sequences in 7 and 8 bits, bidi overrides and isolates, zero widths, line breaks of all kinds, a BOM. */
const CONTROLS =
  '\x1b]0;owned\x07\x1b[2J\x9b31m\x9d0;owned\x9c\r\n\t\x7f\u202e\u2066\u2069\u200b\u200d\u2028\u2029\ufeff\u{e0041}';
const MARKUP =
  '<script>alert(1)</script><img src=http://evil.example/i onerror=alert(2)><!-- --></td></code></pre></style>' +
  '`` ``` | a || \\| [l](javascript:alert(3)) ![i](http://evil.example/j) *b* ~~s~~ http://evil.example @user #1 $(id) \'";&lt;{name}';
const HOSTILE = CONTROLS + MARKUP;

const SHOWS_NOTHING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
const FILE = `${CONTROLS}${MARKUP.replaceAll('/', '')}.pcap`.slice(0, 200);
const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-hostile-'));

after(() => {
  rmSync(folder, { recursive: true });
});

async function hostileCertificate(): Promise<Uint8Array> {
  const oid = (...octets: readonly number[]): Uint8Array => der(0x06, octets);
  const name = der(0x30, der(0x31, der(0x30, oid(0x55, 0x04, 0x03), der(0x0c, HOSTILE))));
  const time = (text: string): Uint8Array => der(0x18, text);
  const ecdsa = der(0x30, oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const extension = (id: Uint8Array, value: Uint8Array): Uint8Array => der(0x30, id, der(0x04, value));
  const caIssuers = oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02);
  const body = der(
    0x30,
    der(0xa0, der(0x02, [2])),
    der(0x02, [1]),
    ecdsa,
    name,
    der(0x30, time('20200101000000Z'), time('20200102000000Z')),
    name,
    new Uint8Array(await webcrypto.subtle.exportKey('spki', keys.publicKey)),
    der(
      0xa3,
      der(
        0x30,
        extension(oid(0x55, 0x1d, 0x11), der(0x30, der(0x82, HOSTILE))),
        extension(
          oid(0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x01),
          der(0x30, der(0x30, caIssuers, der(0x86, `http://${HOSTILE}`))),
        ),
      ),
    ),
  );
  return der(0x30, body, ecdsa, der(0x03, [0, 1, 2, 3]));
}

function hostileHello(): Uint8Array {
  const text = bytesOf(HOSTILE);
  const name = tls.vector16([0], tls.vector16(text));
  const protocols = tls.vector16(tls.vector8(text.subarray(0, 250)), tls.vector8(bytesOf('h2')));
  return tls.handshake(tls.clientHello({ extensions: [tls.extension(0, name), tls.extension(16, protocols)] }));
}

before(async () => {
  const certificate = await hostileCertificate();
  const refused = conversation({ clientPort: 40001, time: 1_700_000_000 });
  refused.open();
  refused.say('client', hostileHello());
  refused.say(
    'server',
    tls.handshake(tls.serverHello(), tls.message(11, tls.vector24(tls.vector24(certificate))), tls.serverHelloDone),
  );
  refused.say('client', tls.alert(2, 42));
  refused.fin('client');
  refused.fin('server');
  const proxy = conversation({ clientPort: 40002, time: 1_700_000_010 });
  proxy.open();
  proxy.say('client', `CONNECT ${HOSTILE.replace(/[\r\n ]/g, '')}:443 HTTP/1.1\r\nHost: x\r\n\r\n`);
  proxy.say('server', `HTTP/1.1 403 ${HOSTILE.replace(/[\r\n]/g, '')}\r\n\r\n`);
  proxy.fin('server');
  proxy.fin('client');
  const silent = conversation({ clientPort: 40003, time: 1_700_000_020 });
  silent.open();
  silent.say('client', hostileHello());
  silent.ack('server');
  silent.reset('server');
  const packets = [refused, proxy, silent]
    .flatMap(({ segments }) => segments)
    .map((segment: Segment) => ({
      data: frameBytes(segment),
      seconds: Math.floor(segment.time),
      fraction: Math.round((segment.time % 1) * 1e6),
    }));
  // The last one is cut short, for a warning that names the file.
  writeFileSync(join(folder, FILE), pcapFile(packets).subarray(0, -3));
});

function run(...args: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [PROGRAM, ...args, '--', FILE], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, LANG: 'C.UTF-8' },
  });
  assert.equal(status, 1, stderr);
  for (const line of stderr.split('\n')) assert.doesNotMatch(line, SHOWS_NOTHING);
  return stdout;
}

function assertInert(text: string): void {
  for (const line of text.split('\n')) assert.doesNotMatch(line, SHOWS_NOTHING);
}

test('the capture shows what it is meant to', () => {
  const { connections } = JSON.parse(run('-f', 'json')) as JsonReport;
  const [first] = connections;
  assert.match(first?.clientHello?.serverName ?? '', /<script>/);
  assert.match(first?.serverCertificates[0]?.subject ?? '', /script.*alert/);
  assert.match(first?.clientHello?.alpn[0] ?? '', /owned/);
  assert.equal(connections.length, 3);
});

describe('text', () => {
  for (const options of [[], ['--verbose'], ['--width', '60'], ['--ascii'], ['--only', 'failed', '--verbose']]) {
    test(options.join(' ') || '(plain)', () => {
      assertInert(run(...options));
    });
  }

  test('in colour, there are no sequences but those of colour', () => {
    const text = run('--color', '--verbose');
    // eslint-disable-next-line no-control-regex -- colours are control sequences
    assertInert(text.replace(/\x1b\[\d+m/g, ''));
    assert.equal(stripVTControlCharacters(text), run('--no-color', '--verbose'));
  });
});

test('Markdown', () => {
  const markdown = run('-f', 'markdown', '--verbose');
  assertInert(markdown);
  marked.walkTokens(marked.lexer(markdown, { gfm: true }), (token) => {
    if (
      token.type === 'link' &&
      /^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+(?:#|$)/.test(String((token as { href?: unknown }).href))
    )
      return;
    assert.ok(!['link', 'image', 'del', 'em', 'blockquote', 'hr', 'def'].includes(token.type), token.raw);
    if (token.type === 'html') assert.match(token.raw, /^<\/?code>$/);
    if (token.type === 'strong') assert.doesNotMatch(token.raw, /\b(?:alert|evil|b\*)/);
  });
});

describe('HTML', () => {
  test('has no elements but its own', () => {
    const page = run('-f', 'html');
    assertInert(page);
    assert.equal(page.match(/<script/gi)?.length, 1);
    assert.doesNotMatch(page, /<img|<!--|<iframe|javascript:(?!alert\(3\))/i);
  });

  test('does nothing in a browser', { skip: lacksBrowser }, async () => {
    const path = join(folder, 'report.html');
    writeFileSync(path, run('-f', 'html'));
    await withBrowser({}, async (browser) => {
      const page = await browser.newPage();
      const events: string[] = [];
      page.on('dialog', (dialog) => events.push(dialog.message()));
      page.on('console', (message) => events.push(message.text()));
      page.on('pageerror', (error) => events.push(error.message));
      page.on('request', (request) => events.push(request.url()));
      await page.goto(pathToFileURL(path).href);
      await page.evaluate('document.querySelectorAll("details").forEach((each) => { each.open = true; })');
      await page.getByLabel('Filter by any text').fill('<script>');
      assert.deepEqual(events, [pathToFileURL(path).href]);
      assert.equal(await page.locator('#connections-table tbody tr:visible').count(), 2);
      assert.equal(
        await page
          .locator('img, iframe, object, a:not([href^="#"], [href^="https://www.rfc-editor.org/rfc/rfc"])')
          .count(),
        0,
      );
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 1280);
    });
  });
});

test('JSON keeps the values, and prints as ASCII escapes', () => {
  const text = run('-f', 'json');
  assertInert(text);
  assertValidReport(JSON.parse(text));
});

test('NDJSON too', () => {
  const text = run('-f', 'ndjson');
  assertInert(text);
  const lines = text.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  for (const line of lines) assertValidLine(JSON.parse(line));
});

test('exported certificates have plain names, within their folder', () => {
  run('-q', '--export-certificates', 'certificates');
  const files = readdirSync(join(folder, 'certificates'));
  assert.equal(files.length, 1);
  for (const file of files) assert.match(file, /^[a-z0-9_][a-z0-9._-]*\.pem$/);
  assert.match(readFileSync(join(folder, 'certificates', files[0] ?? ''), 'utf8'), /^-----BEGIN CERTIFICATE-----\n/);
});

const lacksTshark = spawnSync('tshark', ['--version']).status !== 0 && 'tshark is not installed';

test('comments on exported frames', { skip: lacksTshark }, () => {
  run('-q', '--export-frames', 'frames.pcapng');
  const comments = execFileSync('tshark', ['-r', 'frames.pcapng', '-T', 'fields', '-e', 'frame.comment'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  assert.match(comments, /tls-postmortem: connection 1, frame 1 of /);
  assertInert(comments);
});
