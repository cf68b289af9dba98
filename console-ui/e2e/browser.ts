import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, type Page, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { CONSOLE, tidy } from './shop';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Where the browser is; the tests say so if it is nowhere. */
export const CHROMIUM = process.env['AMENDS_E2E_CHROMIUM'] ?? PLACES.find((place) => existsSync(place)) ?? '';

let browser: Browser;
const contexts: BrowserContext[] = [];
const complaints: string[] = [];

beforeAll(tidy);

beforeAll(async () => {
  if (CHROMIUM === '') throw new Error('no Chromium found (expected: apt-get install chromium, or AMENDS_E2E_CHROMIUM=/path/to/it)');
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
});

afterAll(async () => {
  await browser?.close();
});

afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  // errors of scripts, violations of the content security policy, files that are missing
  expect(complaints.splice(0)).toEqual([]);
});

/** What the browser may complain of in this test, because the test brings it about. */
const expected = (text: string): boolean => /net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING|SOCKET_NOT_CONNECTED)|status of (40[01349]|429|503)/.test(text);

/** A browser window of its own that has seen nothing yet. */
export async function blank(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en', timezoneId: 'UTC', ...options });
  contexts.push(context);
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !expected(message.text())) complaints.push(message.text());
  });
  return page;
}

/** A browser window of its own at a place of the page. */
export async function open(place = '', options: BrowserContextOptions = {}, base = CONSOLE): Promise<Page> {
  const page = await blank(options);
  await page.goto(`${base}/${place}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}
