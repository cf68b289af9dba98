// Every page in both languages, both themes, desktop and phone: axe finds nothing, nothing is wider than the window, cut off or
// on top of something else, and nothing is left in the other language. With AMENDS_E2E_SHOTS=<directory> the documentation's screenshots are written.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftIn } from '../test/left';
import { open } from './browser';
import { anHour, showFlow } from './flow-sample';
import { crooked } from './layout';
import { type Failure, command, early, failed, functionsOf, until } from './shop';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env['AMENDS_E2E_SHOTS'];
const LANGUAGES = ['en', 'zh-CN'] as const;
const THEMES = ['light', 'dark'] as const;
const WIDTHS = [390, 1280] as const;
/** Seen on a desktop as well, by making its window smaller and larger; in one theme, since colours move nothing. */
const OTHER_WIDTHS = [768, 1920] as const;

let failure: Failure;
let user: string;
let waiting: string;
let paused: string;
let batch: string;

beforeAll(async () => {
  ({ user, failure } = await failed('rosa', 3));
  const { user: other } = await failed('sven', 0, 'FAIL_UNRECOVERABLE');
  ({ user: waiting } = await early('wanda', 2));
  const { user: held } = await failed('hugo', 1);
  await command(`lanes/points/${held}/pause`, { reason: 'the shop corrects it' });
  paused = held;
  // a batch of one that fails again
  const plan = (await command(`batches/plan?key=${other}`, { action: 'force-prepare' })) as { batch: { id: string } };
  batch = plan.batch.id;
  await command(`batches/${batch}/start`, { canary: 0 });
  await until(
    () => command(`batches/${batch}`),
    (one) => (one as { state: string }).state === 'DONE',
  );
});

let policy: string;

beforeAll(async () => {
  const found = (await functionsOf('points')).find((one) => one.eventTypes.includes('loyalty.order.cancelled'));
  policy = `processors/points/functions/${encodeURIComponent(found?.name ?? '')}/policy`;
  await command(policy, { maxRetries: 3, jitter: 0.5, validFor: 'PT8H', reason: 'the provider recovers slowly, INC-482' }, 'PUT');
});
afterAll(() => command(policy, {}, 'DELETE'));

interface Place {
  readonly name: string;
  readonly path: () => string;
  /** Little of its own: seen on a phone, light, in English, and on a desktop, dark, in Chinese. */
  readonly minor?: boolean;
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
    minor: true,
    path: () => `groups/${failure.fingerprint}`,
    then: async (page) => {
      await page.locator('.action-bar .button:not(.primary)').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'lanes', path: () => 'lanes', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'lane', path: () => `lanes/points/${user}`, then: (page) => page.locator('.rail-item.waiting').first().waitFor() },
  { name: 'lane-waits', path: () => `lanes/points/${waiting}`, then: (page) => page.locator('.rail-item.early').waitFor() },
  { name: 'lane-paused', minor: true, path: () => `lanes/points/${paused}`, then: (page) => page.locator('.held').waitFor() },
  { name: 'waits', path: () => 'waits', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'waits-none', minor: true, path: () => 'waits?processor=none', then: (page) => page.locator('.panel-state').waitFor() },
  {
    name: 'wait-actions',
    minor: true,
    path: () => 'waits',
    then: async (page) => {
      await page.locator('.waits-list .menu > button').first().click();
      await page.locator('.menu-items:popover-open').waitFor();
    },
  },
  {
    name: 'wait-run',
    minor: true,
    path: () => `lanes/points/${waiting}`,
    then: async (page) => {
      await page.locator('.action-bar .button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'failures', path: () => 'failures?view=list', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'failures-of-a-key', minor: true, path: () => `failures?key=${user}&other=1`, then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'failures-none', minor: true, path: () => 'failures?processor=none', then: (page) => page.locator('.panel-state').waitFor() },
  { name: 'failure', path: () => `failures/${failure.id}`, then: (page) => page.locator('.action-bar').waitFor() },
  { name: 'failure-beside', path: () => `failures?view=list&id=${failure.id}`, then: (page) => page.locator('.action-bar').waitFor() },
  { name: 'selection', path: () => 'failures?view=list', then: (page) => page.locator('.c-pick input').nth(1).click() },
  ...(['mark', 'skip', 'policy'] as const).map((name, i) => ({
    name: `${name}-many`,
    minor: true,
    path: () => 'failures?view=list',
    then: async (page: Page) => {
      await page.locator('.list-foot > .button').first().click();
      await page.locator('.selection-do .button').nth(i + 1).click();
      await page.getByRole('dialog').waitFor();
    },
  })),
  {
    name: 'mark',
    minor: true,
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await openMenu(page);
      await page.locator('.menu-items:popover-open button').nth(1).click();
      await page.getByRole('dialog').waitFor();
    },
  },
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
    minor: true,
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await openMenu(page);
      await page.locator('.menu-items:popover-open button').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'payload',
    minor: true,
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await page.locator('.payload .button').click();
      await page.locator('.payload .stack').waitFor();
    },
  },
  {
    name: 'retry-plan',
    path: () => `groups/${failure.fingerprint}`,
    then: async (page) => {
      await page.locator('.action-bar .button.primary').click();
      await page.locator('.plan').waitFor();
    },
  },
  { name: 'batches', path: () => 'batches', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'batch', path: () => `batches/${batch}`, then: (page) => page.locator('.items a').first().waitFor() },
  { name: 'audit', path: () => 'audit', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'failure-gone', minor: true, path: () => 'failures/none', then: (page) => page.locator('.panel-state').waitFor() },
  {
    name: 'flow',
    path: () => 'flow',
    then: (page) => page.locator('.chart .u-over').nth(3).waitFor(),
  },
  {
    name: 'flow-well',
    minor: true,
    path: () => 'flow?range=6h',
    then: async (page) => {
      await page.locator('.stages').waitFor();
      await page.locator('.chart-table summary').first().click();
      await page.locator('.chart-rows').waitFor();
    },
  },
  { name: 'processors', path: () => 'processors', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'processor', path: () => 'processors/points', then: (page) => page.locator('.policy-source.overridden').first().waitFor() },
  {
    name: 'policy-override',
    minor: true,
    path: () => 'processors/points',
    then: async (page) => {
      // of the function that is overridden already: its dialog says at once what differs
      await page.locator('.function', { has: page.locator('.overridden') }).locator('.button').first().click();
      await page.getByRole('dialog').locator('input[type=number]').first().fill('4');
      await page.locator('.policy-diff').waitFor();
    },
  },
  {
    name: 'policy-remove',
    minor: true,
    path: () => 'processors/points',
    then: async (page) => {
      await page.locator('.function', { has: page.locator('.overridden') }).locator('.button').nth(1).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'keys',
    minor: true,
    path: () => 'processors',
    then: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'appearance',
    minor: true,
    path: () => 'processors',
    then: (page) => page.locator('[popovertarget=appearance]').click(),
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
      test(`every page, ${width} px wide, ${language}, ${theme}`, { timeout: 300_000 }, async () => {
        const phone = width < 720;
        const page = await open('processors', {
          viewport: { width, height: phone ? 844 : 900 },
          deviceScaleFactor: SHOTS ? 2 : 1,
          locale: language,
          colorScheme: theme,
          hasTouch: phone,
        });
        await showFlow(page, anHour());
        const wrong: string[] = [];
        const all = `${language} ${theme} ${width}` === 'en light 390' || `${language} ${theme} ${width}` === 'zh-CN dark 1280';
        for (const place of PLACES.filter((one) => all || !one.minor)) {
          await page.goto(new URL(place.path(), await page.evaluate(() => document.baseURI)).href);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await place.then?.(page);
          // one that is cancelled has ended, too
          await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished)));
          const say = (what: string) => wrong.push(`${place.name}: ${what}`);
          (await findings(page)).forEach(say);
          (await crooked(page)).forEach(say);
          for (const other of phone || theme === 'dark' ? [] : OTHER_WIDTHS) {
            await page.setViewportSize({ width: other, height: 900 });
            // what is laid out by a script is so after the next picture
            await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
            (await crooked(page)).forEach((one) => say(`${other} px wide: ${one}`));
          }
          if (!phone) await page.setViewportSize({ width, height: 900 });
          const { lang, text } = await page.evaluate(() => ({ lang: document.documentElement.lang, text: document.body.innerText }));
          if (lang !== language) say(`lang is ${lang}`);
          const left = (await page.evaluate(`(${leftIn.toString()})(document.body, ${JSON.stringify(language)})`)) as readonly string[];
          left.forEach((one) => say(`left in another language: ${one}`));
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

test('every page fits into 320 px, as a zoom of 400 % makes it', { timeout: 300_000 }, async () => {
  for (const language of LANGUAGES) {
    const page = await open('processors', { viewport: { width: 320, height: 640 }, locale: language });
    await showFlow(page, anHour());
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
