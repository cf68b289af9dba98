// An application of its own: its streams are counted, and it is killed while it works.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Application, kill, start, stop } from './application';
import { open } from './browser';
import { command, early, failed, fault, newUser, pay, score, until, useShopOf } from './shop';

let directory: string;
let application: Application;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'amends-crash-'));
  application = await start(join(directory, 'data'));
  useShopOf(application.url);
});

afterAll(async () => {
  if (application) await stop(application);
  rmSync(directory, { recursive: true, force: true });
});

test('what changes is told, not asked for', async () => {
  const page = await open('lanes', {}, application.url);
  await page.getByText('Live', { exact: true }).waitFor();
  const { user } = await failed('tess', 1);
  // without being told the page would ask only twice a minute
  await page.getByRole('rowheader', { name: user }).waitFor();
});

test('a batch whose process is killed goes on after its restart, and its counters sum to its total', { timeout: 150_000 }, async () => {
  const items = 60;
  await fault('FAIL');
  const users = await Promise.all(Array.from({ length: items }, () => newUser('kill')));
  await Promise.all(users.map((user) => pay(user, 'o1')));
  await until(
    async () => ((await command('counts')) as { failures: Record<string, number> }).failures['active'],
    (active) => active === items + 1, // and the one of the first test
  );
  await fault('NONE');

  const page = await open('failures?view=list', {}, application.url);
  await page.getByRole('button', { name: /^Select all \d+ matching$/ }).click();
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('will run', { exact: true }).waitFor();
  // so slow that it is under way when the process is killed, however late the page is read
  await dialog.getByLabel('Items per second').fill('2');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  const counter = async (name: string) =>
    Number(await page.locator('.stat').filter({ hasText: name }).locator('dd').innerText());
  await expect.poll(() => counter('Handled'), { timeout: 30_000 }).toBeGreaterThan(5);

  const { port } = new URL(application.url);
  await kill(application);
  await page.getByText('The service has not answered since').waitFor();
  await page.locator('[aria-disabled=true]', { hasText: 'Pause' }).waitFor();

  application = await start(join(directory, 'data'), Number(port));
  await page.getByText('The service has not answered since').waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByRole('button', { name: 'Change pace…' }).click();
  await page.getByRole('dialog').getByLabel('Items per second').fill('50');
  await page.getByRole('dialog').getByRole('button', { name: 'Save pace' }).click();
  await page.getByText(`${items + 1} handled, 0 failed again, 0 not run`).waitFor({ timeout: 60_000 });
  await expect.poll(async () => (await counter('Handled')) + (await counter('Failed again')) + (await counter('Not run'))).toBe(items + 1);
  expect(await counter('Total')).toBe(items + 1);
  // each effect happened once
  for (const user of users) expect(await score(user)).toBe(10);
});

test('waits and paused lanes are told as well, and the number beside the lanes is of those that need a person', async () => {
  const { user } = await failed('uwe');
  const page = await open('waits', {}, application.url);
  await page.getByText('Live', { exact: true }).waitFor();
  const { user: waiting } = await early('tilda');
  await page.getByRole('row').filter({ hasText: waiting }).waitFor();
  const counts = async () => (await command('counts')) as { blockedLanes: number; failedLanes: number };
  const { blockedLanes, failedLanes } = await until(counts, (now) => now.blockedLanes > now.failedLanes);
  const number = page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /^Lanes/ }).locator('.nav-count');
  const shown = async () => ((await number.count()) === 0 ? 0 : Number.parseInt(await number.innerText(), 10));
  await expect.poll(shown).toBe(failedLanes);
  await command(`lanes/points/${user}/pause`, { reason: 'the shop corrects it' });
  await expect.poll(shown).toBe(failedLanes - 1);
  expect((await counts()).blockedLanes).toBe(blockedLanes);
});
