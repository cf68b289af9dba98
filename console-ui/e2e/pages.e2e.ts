// Every page in both languages, both themes, desktop and phone: axe finds nothing, nothing is wider than the window, and
// nothing is left in the other language. With AMENDS_E2E_SHOTS=<directory> the documentation's screenshots are written.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { open } from './browser';
import { type Failure, failed } from './shop';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env['AMENDS_E2E_SHOTS'];
const LANGUAGES = ['en', 'zh-CN'] as const;
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [390, 1280] as const;

let failure: Failure;
let user: string;

beforeAll(async () => {
  ({ user, failure } = await failed('rosa', 3));
  await failed('sven', 0, 'FAIL_UNRECOVERABLE');
});

interface Place {
  readonly name: string;
  readonly path: () => string;
  /** Brings it to what is to be seen. */
  readonly then?: (page: Page) => Promise<void>;
}

const openMenu = (page: Page) => page.locator('.action-bar .menu > button').click();

const PLACES: readonly Place[] = [
  { name: 'overview', path: () => '', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'causes', path: () => 'failures', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'cause', path: () => `groups/${failure.fingerprint}`, then: (page) => page.locator('.stack').waitFor() },
  {
    name: 'acknowledge',
    path: () => `groups/${failure.fingerprint}`,
    then: async (page) => {
      await page.locator('.action-bar .button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'lanes', path: () => 'lanes', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'lane', path: () => `lanes/points/${user}`, then: (page) => page.locator('.rail-item.waiting').first().waitFor() },
  { name: 'failures', path: () => 'failures?view=list', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'failures-of-a-key', path: () => `failures?key=${user}&other=1` },
  { name: 'failures-none', path: () => 'failures?processor=none' },
  { name: 'failure', path: () => `failures/${failure.id}`, then: (page) => page.locator('.action-bar').waitFor() },
  {
    name: 'skip',
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await page.locator('.action-bar .button:not(.primary)').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'policy',
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await openMenu(page);
      await page.locator('.menu-items:popover-open button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'payload',
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await page.locator('.payload .button').click();
      await page.locator('.payload .stack').waitFor();
    },
  },
  { name: 'audit', path: () => 'audit', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'failure-gone', path: () => 'failures/none', then: (page) => page.locator('.panel-state').waitFor() },
  { name: 'processors', path: () => 'processors', then: (page) => page.getByRole('rowheader').first().waitFor() },
  {
    name: 'keys',
    path: () => 'processors',
    then: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'appearance',
    path: () => 'processors',
    then: (page) => page.locator('.side-foot .button').click(),
  },
];

interface AxeFinding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE); // by the debugger, which the page's policy does not bind
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (options: unknown) => Promise<{ violations: AxeFinding[] }> } };
    const result = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return result.violations;
  });
  return found.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}

for (const width of WIDTHS) {
  for (const language of LANGUAGES) {
    for (const theme of THEMES) {
      test(`every page, ${width} px wide, ${language}, ${theme}`, { timeout: 120_000 }, async () => {
        const phone = width < 720;
        const page = await open('processors', {
          viewport: { width, height: phone ? 844 : 900 },
          deviceScaleFactor: SHOTS ? 2 : 1,
          locale: language,
          colorScheme: theme,
          hasTouch: phone,
        });
        const wrong: string[] = [];
        for (const place of PLACES) {
          await page.goto(new URL(place.path(), await page.evaluate(() => document.baseURI)).href);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await place.then?.(page);
          await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished)));
          const say = (what: string) => wrong.push(`${place.name}: ${what}`);
          (await findings(page)).forEach(say);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          if (over > 0) say(`${over} px wider than the window`);
          const { lang, text } = await page.evaluate(() => ({ lang: document.documentElement.lang, text: document.body.innerText }));
          if (lang !== language) say(`lang is ${lang}`);
          if (/undefined|NaN|\[object/.test(text)) say(`shows ${/.*(undefined|NaN|\[object).*/.exec(text)?.[0]}`);
          if (SHOTS) {
            mkdirSync(SHOTS, { recursive: true });
            await page.screenshot({ path: join(SHOTS, `${place.name}.${language}.${theme}.${width}.png`) });
          }
        }
        expect(wrong).toEqual([]);
      });
    }
  }
}

test('every page fits into 320 px, as a zoom of 400 % makes it', { timeout: 120_000 }, async () => {
  for (const language of LANGUAGES) {
    const page = await open('processors', { viewport: { width: 320, height: 640 }, locale: language });
    const wide: string[] = [];
    for (const place of PLACES) {
      await page.goto(new URL(place.path(), await page.evaluate(() => document.baseURI)).href);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await place.then?.(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (over > 0) wide.push(`${place.name}: ${over} px`);
    }
    expect(wide).toEqual([]);
  }
});
