// What the documentation shows, as the pages are: npm run screenshots writes docs/images/console.
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { open } from './browser';
import { anHour, showFlow } from './flow-sample';
import { type Failure, command, early, failed, failedMany, failuresOf, fault, newUser, pay, until } from './shop';

const target = process.env['AMENDS_E2E_DOCUMENTATION'];
const directory = target ? resolve(target) : mkdtempSync(join(tmpdir(), 'amends-screenshots-'));

let failure: Failure;
let user: string;
let batch: string;

beforeAll(async () => {
  mkdirSync(directory, { recursive: true });
  await fault('FAIL_UNRECOVERABLE');
  const vips = await Promise.all([1, 2, 3].map(() => newUser('vip')));
  for (const vip of vips) await pay(vip, 'order-1', 400);
  for (const vip of vips) await until(() => failuresOf(vip), (found) => found.length === 1);
  await fault('FAIL');
  const customers = await Promise.all(Array.from({ length: 9 }, () => newUser('customer')));
  for (const one of customers) for (const order of ['order-1', 'order-2']) await pay(one, order);
  for (const one of customers) await until(() => failuresOf(one), (found) => found.length === 1);
  await fault('NONE');
  ({ user, failure } = await failed('customer', 3));
  // a second attempt, which fails as well
  const page = await open(`failures/${failure.id}`);
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.getByText('Failed again.').waitFor();
  await fault('NONE');
  batch = await batchWithFailures();
  for (const behind of [0, 2]) await early('customer', behind);
});

/** A batch of which some items fail again. */
async function batchWithFailures(): Promise<string> {
  const users = await failedMany('member', 8);
  await fault('FAIL', users[2]);
  const name = (users[0] ?? '').replace(/-.*/, '');
  const plan = (await command(`batches/plan?text=${name}&state=active`, { action: 'prepare', reason: 'provider is back, INC-482' })) as { batch: { id: string } };
  await command(`batches/${plan.batch.id}/start`, { canary: 0, pausePercent: 100 });
  await until(
    () => command(`batches/${plan.batch.id}`),
    (one) => (one as { state: string }).state === 'DONE',
  );
  await fault('NONE');
  return plan.batch.id;
}

/** Its parts come one after the other; the flow is the last. */
async function wholeOverview(page: Page): Promise<void> {
  await page.getByRole('rowheader').first().waitFor();
  await page.locator('.flow-brief strong', { hasText: /\d/ }).first().waitFor();
}

/**
 * The stream comes after the content: a picture taken before says that the page polls. The service keeps the stream of a page
 * that was left until it notices, and has four for one caller: the next try is a minute later.
 */
const isLive = (page: Page) => page.locator('.live.on .live-button', { hasNotText: /\d/ }).waitFor({ state: 'attached', timeout: 75_000 });

/** Goes to a place as a link does, so that the stream stays. */
const visit = (page: Page, path: string) =>
  page.evaluate((to) => {
    history.pushState(null, '', new URL(to, document.baseURI));
    window.dispatchEvent(new PopStateEvent('popstate'));
    window.scrollTo(0, 0);
  }, path);

const well = () => anHour(Date.now(), true);

interface Shot {
  readonly name: string;
  readonly path: () => string;
  readonly then: (page: Page) => Promise<unknown>;
  /** How much of it is shown. */
  readonly height?: number;
}

const HEIGHT = 800;

const SHOTS: readonly Shot[] = [
  { name: 'overview', path: () => '', then: wholeOverview },
  {
    name: 'cause',
    path: () => `groups/${failure.fingerprint}`,
    height: 1180, // down to its failed executions
    then: async (page) => {
      await page.locator('.stack').waitFor();
      await page.getByRole('rowheader').first().waitFor();
    },
  },
  {
    name: 'plan',
    path: () => `groups/${failure.fingerprint}`,
    then: async (page) => {
      await page.locator('.action-bar .button.primary').click();
      await page.locator('.plan').waitFor();
    },
  },
  { name: 'batch', path: () => `batches/${batch}`, then: (page) => page.locator('.items a').first().waitFor() },
  { name: 'failures', path: () => 'failures?view=list', then: (page) => page.getByRole('rowheader').first().waitFor() },
  {
    name: 'failure',
    path: () => `failures/${failure.id}`,
    then: async (page) => {
      await page.locator('.payload .button').click();
      await page.locator('.payload .stack').waitFor();
    },
  },
  {
    name: 'lane',
    path: () => `lanes/points/${user}`,
    then: async (page) => {
      await page.locator('.rail-item.waiting').first().waitFor();
      await page.locator('.action-bar .button').first().waitFor();
    },
  },
  { name: 'waits', path: () => 'waits', then: (page) => page.getByRole('rowheader').first().waitFor() },
  {
    name: 'skip',
    path: () => `lanes/points/${user}`,
    then: async (page) => {
      await page.locator('.action-bar .button:not(.primary)').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'flow', path: () => 'flow', then: (page) => page.locator('.flow-problems').waitFor().then(() => page.locator('.chart .u-over').nth(3).waitFor()) },
  { name: 'processors', path: () => 'processors', then: (page) => page.locator('.nodes').waitFor() },
  { name: 'processor', path: () => 'processors/points', then: (page) => page.locator('.policy-values').first().waitFor() },
  { name: 'batches', path: () => 'batches', then: (page) => page.getByRole('rowheader').first().waitFor() },
  { name: 'audit', path: () => 'audit', then: (page) => page.getByRole('rowheader').first().waitFor() },
];

for (const locale of ['en', 'zh-CN']) {
  test(`screenshots of the documentation, ${locale}`, { timeout: 300_000 }, async () => {
    const desktop = await open('', { locale, viewport: { width: 1280, height: HEIGHT } });
    await showFlow(desktop, well());
    for (const shot of SHOTS) {
      // only the page of the flow tells of its problems, which are the sample's
      if (shot.name === 'flow') await showFlow(desktop, anHour());
      await desktop.setViewportSize({ width: 1280, height: shot.height ?? HEIGHT });
      await visit(desktop, shot.path());
      await shot.then(desktop);
      await isLive(desktop);
      await desktop.mouse.move(0, 0); // nothing is pointed at
      expect(await desktop.locator('h1').innerText()).not.toBe('');
      await desktop.screenshot({ path: join(directory, `${shot.name}.${locale}.png`) });
    }
    const phone = await open('', { locale, viewport: { width: 390, height: 760 }, deviceScaleFactor: 1.5, colorScheme: 'dark', hasTouch: true });
    await showFlow(phone, well());
    await phone.reload();
    await wholeOverview(phone);
    await isLive(phone);
    await phone.screenshot({ path: join(directory, `phone.${locale}.png`) });
  });
}
