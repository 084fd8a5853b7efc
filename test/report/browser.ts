/** Chromium, to look at pages in; where there is none, tests that need it are skipped. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

/** Why there is no browser, or false: for a test's `skip`. */
export const lacksBrowser = EXECUTABLE === undefined && 'Chromium is not installed';

/** A browser with a profile of its own that talks to nobody. */
export async function withBrowser(
  options: { readonly javaScriptEnabled?: boolean },
  use: (browser: BrowserContext) => Promise<void>,
): Promise<void> {
  if (EXECUTABLE === undefined) throw new Error('no browser');
  const profile = mkdtempSync(join(tmpdir(), 'tls-postmortem-chromium-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    headless: true,
    offline: true,
    ...options,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/**
 * Waits until an expression is true in the page, at most ten seconds.
 * (Playwright's waitForFunction evaluates a string within the page from its second look on,
 * which the Content Security Policy of a report forbids.)
 */
export async function becomesTrue(page: Page, expression: string): Promise<void> {
  const until = Date.now() + 10_000;
  while (!(await page.evaluate(expression))) {
    if (Date.now() > until) throw new Error(`never true: ${expression}`);
    await sleep(20);
  }
}
