// Makes the pictures of the reports in docs/ again, from samples/incident.pcap: npm run build && node docs/pictures.mjs
// It needs Chromium; pngquant, where it is installed, makes the files small.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const PICTURES = join(import.meta.dirname, 'pictures');
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
if (executablePath === undefined) throw new Error('Chromium is not installed');

/** What the program writes. */
function report(...options) {
  const args = ['dist/cli/main.js', ...options, 'samples/incident.pcap'];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 }).stdout;
}

const escapeHtml = (text) => text.replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark]);

/** The colours of a terminal, by the codes that the report uses. */
const STYLES = {
  1: 'font-weight:700',
  2: 'opacity:.62',
  31: 'color:#ff7b72',
  32: 'color:#7ee787',
  33: 'color:#e3b341',
  35: 'color:#d2a8ff',
  36: 'color:#76e3ea',
};
const ENDS = { 22: [1, 2], 39: [31, 32, 33, 35, 36] };

/** A terminal's text as HTML. */
function terminalHtml(text) {
  let active = [];
  const spans = text.split('\x1b[').map((part, index) => {
    const [, code = '', rest = part] = index === 0 ? [] : (/^(\d+)m([^]*)$/.exec(part) ?? []);
    if (code in ENDS) active = active.filter((each) => !ENDS[code].includes(each));
    else if (code !== '') active.push(Number(code));
    return `<span style="${active.map((each) => STYLES[each] ?? '').join(';')}">${escapeHtml(rest)}</span>`;
  });
  return `<!doctype html><meta charset="utf-8"><style>
    body { margin: 0; background: #0d1117; color: #e6edf3; }
    pre { margin: 0; padding: 18px 22px; width: max-content; font: 14px/1.32 "DejaVu Sans Mono", "Liberation Mono", monospace; }
  </style><pre>${spans.join('')}</pre>`;
}

/** JSON as jq shows it: a command, then keys and texts in colour. */
function coloredJson(command, value) {
  const lines = JSON.stringify(value, null, 2).replace(
    /^( *)("[^"]*"): |("(?:[^"\\]|\\.)*")/gm,
    (_, indent, key, text) => (key === undefined ? `\x1b[32m${text}\x1b[39m` : `${indent}\x1b[36m${key}\x1b[39m: `),
  );
  return `\x1b[2m$ ${command}\x1b[22m\n${lines}`;
}

/** As GitHub shows it, more or less. */
function markdownHtml(text) {
  return `<!doctype html><meta charset="utf-8"><style>
    body { font: 16px/1.5 system-ui, "Liberation Sans", sans-serif; margin: 0; padding: 8px 32px; color: #1f2328; background: #fff; }
    h1, h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; }
    table { border-collapse: collapse; margin-bottom: 16px; } th, td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; }
    tr:nth-child(2n) { background: #f6f8fa; } code { background: #818b981f; padding: .2em .4em; border-radius: 6px; font-size: 85%; }
    pre { background: #f6f8fa; padding: 16px; border-radius: 6px; line-height: 1.45; } pre code { background: none; padding: 0; }
    code { font-family: "DejaVu Sans Mono", monospace; }
  </style>${marked.parse(text, { gfm: true })}`;
}

const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-pictures-'));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const open = async (html, { width, height, colorScheme = 'light' }) => {
    const path = join(folder, 'page.html');
    writeFileSync(path, html);
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(pathToFileURL(path).href);
    return page;
  };
  const save = (name) => join(PICTURES, `${name}.png`);

  const lines = report('--color', '--width', '80').split('\n');
  const text = await open(terminalHtml(lines.slice(0, lines.findIndex((line) => /2\. /.test(line)) - 1).join('\n')), {
    width: 760,
    height: 400,
  });
  await text.locator('pre').screenshot({ path: save('text') });

  const { remedies, ...diagnosis } = JSON.parse(report('-f', 'json')).diagnoses[0];
  const cut = (sentence) => `${sentence.slice(0, 60)}…`;
  const fields = ['rule', 'id', 'certainty', 'count', 'servers', 'serverNames', 'firstSeenAt', 'messageId', 'data'];
  const shown = {
    ...Object.fromEntries(fields.map((field) => [field, diagnosis[field]])),
    remedies: remedies.map(({ who, action, command }) => ({
      who,
      action: cut(action),
      command: command && cut(command),
    })),
  };
  const command = `tls-postmortem -f json samples/incident.pcap | jq '.diagnoses[0]'   # some fields, long texts cut`;
  const json = await open(terminalHtml(coloredJson(command, shown)), { width: 860, height: 400 });
  await json.locator('pre').screenshot({ path: save('json') });

  const markdown = await open(markdownHtml(report('-f', 'markdown')), { width: 1000, height: 1250 });
  await markdown.screenshot({ path: save('markdown') });

  const page = report('-f', 'html');
  const light = await open(page, { width: 1160, height: 850 });
  await light.screenshot({ path: save('html') });
  await light.locator('#cause-1 .ladder').screenshot({ path: save('html-ladder') });
  await light.locator('#cause-1 .chain').screenshot({ path: save('html-chain') });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

if (spawnSync('pngquant', ['--version']).status === 0) {
  const names = ['text', 'json', 'markdown', 'html', 'html-ladder', 'html-chain'].map((name) => `${name}.png`);
  execFileSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '--strip', '32', ...names], { cwd: PICTURES });
}
