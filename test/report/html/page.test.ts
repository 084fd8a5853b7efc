import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { collectResults, type Results } from '../../../src/diagnose/results.js';
import { DEFAULTS, writeReport, type ReportOptions } from '../../../src/report/format.js';
import { createHtmlWriter } from '../../../src/report/html/page.js';
import { connection } from '../../support/connections.js';
import { capture, diagnosed, explaining, finding, results, risk, rule } from '../../support/results.js';
import { becomesTrue, lacksBrowser, withBrowser } from '../browser.js';
import { hostile } from '../hostile.js';
import { incident } from '../incident.js';

function pageOf(of: Results, options: Partial<ReportOptions> = {}): string {
  return [...writeReport(createHtmlWriter({ ...DEFAULTS, ...options }), of)].join('');
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page', () => {
  const page = pageOf(incident());

  test('allows its own style and script, and nothing else', () => {
    const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
    const [, script = ''] = /<script>([^]*?)<\/script>/.exec(page) ?? [];
    assert.deepEqual(policy.replaceAll('&#39;', "'").split('; '), [
      "default-src 'none'",
      `style-src ${hashOf(style)}`,
      `script-src ${hashOf(script)}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    assert.equal(page.match(/<script|<style/g)?.length, 2);
    assert.doesNotMatch(
      page,
      /\sstyle="|\son\w+="|\bsrc=|<link|url\(|@import|href="(?!#|https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d+[#"])/,
    );
  });

  test('has an anchor for every link, and no id twice', () => {
    const ids = Array.from(page.matchAll(/\sid="([^"]*)"/g), ([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, target] of page.matchAll(/(?:href="#|aria-labelledby="|data-for=")([^"]*)"/g)) {
      for (const one of (target ?? '').replace(/\?.*/, '').split(' ')) assert.ok(ids.includes(one), one);
    }
  });

  test("is the same every time, and names no time but the capture's", () => {
    assert.equal(pageOf(incident()), page);
    assert.ok(!page.includes(String(new Date().getFullYear() + 1)));
  });

  test('has a rule once to filter by, with and without the advice of a known service', () => {
    const advised = finding({ rule: { ...rule() }, subject: 'another certificate' });
    const collector = collectResults();
    collector.add(diagnosed(connection({ id: '1', outcome: 'failed' }), [finding()]));
    collector.add(diagnosed(connection({ id: '2', outcome: 'failed' }), [advised]));
    const of = collector.results([capture()]);
    assert.equal(of.diagnoses.length, 2);
    assert.equal(pageOf(of).match(/<option value="cause certificate-expired">/g)?.length, 1);
  });

  test('is bounded, and says what it leaves out', () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      index < 100
        ? diagnosed(connection({ id: String(index + 1), outcome: 'failed' }))
        : diagnosed(connection({ id: String(index + 1) })),
    );
    const large = pageOf(results(many));
    assert.match(large, /Those that failed first\. 1,000 more connections, all in --format json\./);
    assert.match(large, /The first 40 of 100\./);
    assert.equal(large.match(/<tr id="connection-/g)?.length, 2000);
    assert.ok(large.length < 3e6);
  });

  test('counts what it does not hold', () => {
    const all = incident();
    const bounded = { ...all, connections: all.connections.filter(({ cause }) => cause !== null) };
    assert.match(pageOf(bounded), /Those that failed first\. 38 more connections, all in --format json\./);
  });
});

describe('in a browser', { skip: lacksBrowser }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-postmortem-html-'));
  after(() => {
    rmSync(folder, { recursive: true });
  });

  async function open(
    of: Results,
    use: (page: Page) => Promise<void>,
    { javaScriptEnabled = true, hash = '' } = {},
  ): Promise<void> {
    const path = join(folder, 'report.html');
    writeFileSync(path, pageOf(of));
    await withBrowser({ javaScriptEnabled }, async (browser) => {
      const page = await browser.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => complaints.push(dialog.message()));
      page.on('request', (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(path).href + hash);
      await use(page);
      assert.deepEqual(complaints, []);
      assert.deepEqual(
        requests.map((request) => request.replace(/#.*/, '')),
        [pathToFileURL(path).href],
      );
    });
  }

  test('it opens without a complaint and fetches nothing', async () => {
    await open(incident(), async (page) => {
      assert.equal(await page.title(), 'TLS postmortem: 3 of 41 handshakes failed, 2 causes');
      assert.equal(await page.locator('h1').textContent(), '3 of 41 handshakes failed, 2 causes');
      assert.equal(await page.locator('section.cause').count(), 2);
      assert.equal(await page.locator('section.cause .ladder .failing').count(), 2);
      assert.deepEqual(await page.locator('section.cause .ladder .failing .mark').allTextContents(), ['✗', '✗']);
      assert.ok((await page.locator('.timeline .bars line').count()) > 10);
      assert.equal(await page.locator('.certificate.wrong').count(), 1);
    });
  });

  test('the table is filtered by text and by result', async () => {
    await open(incident(), async (page) => {
      const rows = page.locator('#connections-table tbody tr:visible');
      assert.equal(await rows.count(), 41);
      await page.getByLabel('Filter by any text').fill('LEGACY-partner');
      assert.equal(await rows.count(), 1);
      assert.equal(await page.locator('form.filter output').textContent(), '1 of 41 shown');
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByRole('combobox').selectOption('cause certificate-expired');
      assert.equal(await rows.count(), 2);
      await page.getByRole('combobox').selectOption('established');
      assert.equal(await rows.count(), 38);
    });
  });

  test('the address keeps filter and order, and brings them back', async () => {
    const shownIn = async (page: Page): Promise<readonly string[]> =>
      page.locator('#connections-table tbody tr:visible td:nth-child(1)').allInnerTexts();
    let address = '';
    let shown: readonly string[] = [];
    await open(incident(), async (page) => {
      await page.getByLabel('Filter by any text').fill('192.0.2.1');
      await page.getByRole('combobox').selectOption('cause certificate-expired');
      await page.getByRole('button', { name: 'Sort by Client', exact: true }).click();
      await page.getByRole('button', { name: 'Sort by Client', exact: true }).click();
      address = new URL(page.url()).hash;
      assert.equal(address, '#connections?text=192.0.2.1&result=cause+certificate-expired&sort=-Client');
      shown = await shownIn(page);
      assert.equal(shown.length, 2);
    });
    const look = async (page: Page): Promise<void> => {
      assert.deepEqual(await shownIn(page), shown);
      assert.equal(await page.getByRole('combobox').inputValue(), 'cause certificate-expired');
      assert.equal(await page.locator('#connections-table [aria-sort=descending]').innerText(), 'Client');
    };
    await open(incident(), look, { hash: address });
  });

  test('numbers and addresses are put in order as such', async () => {
    await open(incident(), async (page) => {
      await page.locator('#connections-table').getByRole('button', { name: 'Sort by #', exact: true }).click();
      const ids = await page.locator('#connections-table tbody td:nth-child(1)').allInnerTexts();
      assert.deepEqual(
        ids,
        Array.from({ length: 41 }, (_, index) => String(index + 1)),
      );
      await page.getByRole('button', { name: 'Clear' }).click();
      await becomesTrue(page, 'document.querySelector("#connections-table tbody td").textContent === "7"');
    });
  });

  test('each cause has a link that is the same in every run, and one to its connections', async () => {
    await open(incident(), async (page) => {
      const id = incident().diagnoses[0]?.id ?? '';
      const link = page.getByRole('link', { name: 'Link to this cause' }).first();
      assert.equal(await link.getAttribute('href'), `#${id}`);
      await page.getByRole('link', { name: 'Its connections' }).first().click();
      await becomesTrue(page, 'document.querySelector("form.filter output").textContent === "2 of 41 shown"');
    });
  });

  test('summary, commands and filters are copied, with leave and without', async () => {
    await open(incident(), async (page) => {
      const summary = page.locator('details.summary');
      await summary.locator('summary').click();
      const button = summary.getByRole('button', { name: 'Copy the summary' });
      await page.evaluate(
        'Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } })',
      );
      await button.click();
      await becomesTrue(page, 'window.copied');
      assert.match(
        String(await page.evaluate('window.copied')),
        /^TLS postmortem: 3 of 41 handshakes failed, 2 causes\n/,
      );
      await page.evaluate(
        'window.taken = null; navigator.clipboard.writeText = async () => { throw new Error("no leave"); }; document.addEventListener("copy", () => { window.taken = String(getSelection()); })',
      );
      await page.getByRole('button', { name: 'Copy: Wireshark' }).first().click();
      await becomesTrue(page, 'window.taken');
      assert.match(
        String(await page.evaluate('window.taken')),
        /^ip\.addr == 192\.0\.2\.\d+ && tcp\.port == \d+ && ip\.addr == 198/,
      );
    });
  });

  test('2,000 connections and 31 servers stay quick: order and filter touch each row once', async () => {
    const many = Array.from({ length: 2000 }, (_, index) => {
      const id = String(index + 1);
      const server = { address: `198.51.100.${index % 31}`, port: 443 };
      return index % 4 === 0
        ? diagnosed(connection({ id, outcome: 'failed', server }), [finding({ subject: server.address })])
        : diagnosed(connection({ id, server }));
    });
    await open(results(many), async (page) => {
      assert.equal(await page.locator('section.cause').count(), 1);
      const places = page.getByRole('region', { name: 'Where it failed' }).locator('tbody tr');
      assert.equal(await places.count(), 30);
      assert.match(await places.first().innerText(), /^1\d\t\d+\t.*\twww\.example\.com at 198\.51\.100\.\d+:443$/);
      await page.evaluate(
        'window.changes = 0; new MutationObserver((list) => { window.changes += list.length; }).observe(document.querySelector("#connections-table tbody"), { childList: true, subtree: true, attributes: true })',
      );
      await page.locator('#connections-table').getByRole('button', { name: 'Sort by Server', exact: true }).click();
      await page.getByLabel('Filter by any text').fill('198.51.100.7');
      const changes = Number(await page.evaluate('new Promise((done) => setTimeout(() => done(window.changes), 50))'));
      assert.ok(changes > 0 && changes <= 3 * 2000 * 2, `${changes} changes`);
    });
  });

  test('everything can be reached by keyboard, and a link opens its handshake', async () => {
    await open(incident(), async (page) => {
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to the report');
      const handshake = page.locator('details.connection').first();
      assert.equal(await handshake.getAttribute('open'), null);
      await page.locator('#connections-table tbody a').first().focus();
      await page.keyboard.press('Enter');
      await becomesTrue(page, 'document.querySelector("details.connection").open');
      assert.equal(await handshake.locator('.ladder').isVisible(), true);
      const nameless = await page.evaluate(
        '[...document.querySelectorAll("svg[role=img], [role=region], nav, input, select, button")].filter((e) => !(e.labels?.length || e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.textContent.trim())).length',
      );
      assert.equal(nameless, 0);
    });
  });

  test('it fits a small screen, and prints', async () => {
    await open(incident(), async (page) => {
      await page.setViewportSize({ width: 360, height: 700 });
      assert.ok(Number(await page.evaluate('document.documentElement.scrollWidth')) <= 360);
      // Neither the timeline nor a ladder has to be scrolled sideways, and no letter of theirs is smaller than it is elsewhere.
      const wide = await page.evaluate(
        '[...document.querySelectorAll(".timeline, .ladder")].filter((e) => e.scrollWidth > e.clientWidth + 2 || e.getBoundingClientRect().right > 360).length',
      );
      assert.equal(wide, 0);
      const pdf = await page.pdf({ format: 'A4' });
      assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
      assert.ok(pdf.length > 20_000);
    });
  });

  test('on paper heads of tables are repeated, and headings stay with what they head', async () => {
    await open(incident(), async (page) => {
      await page.emulateMedia({ media: 'print' });
      // Chromium repeats no head that may be broken, or that has a button in it.
      const apart = await page.evaluate(
        '[...document.querySelectorAll("thead")].filter((e) => getComputedStyle(e).breakInside !== "avoid" || e.querySelector("button")?.checkVisibility()).length',
      );
      assert.equal(apart, 0);
      const alone = await page.evaluate(
        '[...document.querySelectorAll("h2, h3, h3 + p:has(+ .scroll)")].filter((e) => getComputedStyle(e).breakAfter !== "avoid").length',
      );
      assert.equal(alone, 0);
    });
  });

  test('the legend tells the marks, and commands say what they show and where to run them', async () => {
    await open(incident(), async (page) => {
      await page.locator('details.legend summary').click();
      assert.match(await page.locator('details.legend').innerText(), /✗ is where it failed/);
      for (const item of await page
        .locator('.todo li')
        .filter({ has: page.locator('.command') })
        .all())
        assert.match(await item.innerText(), /This shows .*\. Run it .*\./);
    });
  });

  test('a fold of each cause has what its page in docs/diagnoses/ says', async () => {
    await open(incident(), async (page) => {
      for (const cause of await page.locator('section.cause[id^="cause-"]').all()) {
        const fold = cause.locator('details', { has: page.getByText('About this diagnosis', { exact: true }) });
        await fold.locator('summary').click();
        const text = await fold.innerText();
        for (const part of ['What a report says', 'To do', 'Confirm', 'Sources']) assert.ok(text.includes(part), part);
        assert.match(
          (await fold.locator('li a').first().getAttribute('href')) ?? '',
          /^https:\/\/www\.rfc-editor\.org\//,
        );
      }
    });
  });

  test('so has one of each risk; on paper, folds that are closed are left out', async () => {
    const atRisk = [diagnosed(connection(), [risk({ id: 'certificate-expiring', messages: explaining('ends soon') })])];
    await open(results(atRisk), async (page) => {
      const fold = page.locator('li > details', { has: page.getByText('About this risk', { exact: true }) });
      await fold.locator('summary').click();
      assert.ok((await fold.innerText()).includes('explain certificate-expiring'));
      await fold.locator('summary').click();
      assert.ok(await fold.isVisible());
      await page.emulateMedia({ media: 'print' });
      assert.ok(!(await fold.isVisible()));
    });
  });

  test('without JavaScript all is there to be read', async () => {
    await open(
      incident(),
      async (page) => {
        assert.equal(await page.locator('#connections-table tbody tr').count(), 41);
        assert.equal(await page.locator('form.filter').isVisible(), false);
        assert.equal(await page.locator('button.copy').first().isVisible(), false);
        await page.locator('details.matter summary').first().click();
        assert.equal(await page.locator('details.matter table').first().isVisible(), true);
      },
      { javaScriptEnabled: false },
    );
  });

  test('a hostile capture stays text', async () => {
    await open(hostile(), async (page) => {
      assert.match(await page.title(), /^TLS postmortem: 2 of 2/);
      const foreign = await page.evaluate(
        '[document.scripts.length, document.images.length, document.querySelectorAll("iframe, object, embed, link, a:not([href^=\\"#\\"], [href^=\\"https://www.rfc-editor.org/rfc/rfc\\"])").length]',
      );
      assert.deepEqual(foreign, [1, 0, 0]);
      const shape = (): Promise<unknown> =>
        page.evaluate(
          '[...document.querySelectorAll("body *")].map((e) => e.localName).filter((n) => n !== "text" && n !== "br" && n !== "span").join(" ")',
        );
      const hostileShape = await shape();
      assert.match(await page.locator('body').innerText(), /<script>document\.title="owned"<\/script>/);
      writeFileSync(join(folder, 'calm.html'), pageOf(hostile('calm')));
      assert.equal(typeof hostileShape, 'string');
      assert.ok(!/\b(?:img|b|em|strong script)\b/.test(String(hostileShape)));
    });
  });
});
