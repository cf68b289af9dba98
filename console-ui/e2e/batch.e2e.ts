import { expect, test } from 'vitest';
import { open } from './browser';
import { failed, failedMany, failuresOf, fault, newUser, pay, score, until } from './shop';

/** What the ids of this run's users begin with. */
const RUN = (name: string): string => `${name}-${process.pid.toString(36)}`;

/** So many users with a failed payment each, and one more parked behind it; in the order of their ids. */
async function customers(name: string, n: number): Promise<string[]> {
  const users: string[] = [];
  for (let i = 0; i < n; i++) users.push((await failed(name, 1)).user);
  return users;
}

test('a cause is retried with a canary in two clicks from its page, and its lanes drain in order', async () => {
  const users = await customers('xenia', 8);
  await fault('NONE');
  const [first] = await failuresOf(users[0] ?? '');
  const page = await open(`groups/${first?.fingerprint}`);
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('will run', { exact: true }).waitFor();
  const total = Number(await dialog.locator('.plan-numbers dd').first().innerText());
  expect(total).toBeGreaterThanOrEqual(8);

  // what fails after the plan is not part of it
  const late = await failed('late');
  await fault('NONE');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  await page.getByRole('heading', { name: /Retry · / }).waitFor();
  await page.getByText(new RegExp(`${total} handled, 0 failed again`)).waitFor({ timeout: 30_000 });
  await page.getByText('Done', { exact: true }).waitFor();
  for (const user of users) await until(() => score(user), (points) => points === 20);
  expect((await failuresOf(late.user))[0]?.state).toBe('FAILED');

  // every item leads to what became of it
  await page.locator('.items a').first().click();
  await page.getByText(/^Attempt 2 succeeded/).first().waitFor();
});

test('a canary that fails pauses the batch before the rest runs; repaired, it goes on', async () => {
  const users = await customers('yara', 9);
  await fault('FAIL');
  const page = await open(`failures?text=${RUN('yara')}`);
  await page.getByRole('button', { name: /^Select all \d+ matching$/ }).click();
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('will run', { exact: true }).waitFor();
  await dialog.getByLabel('Items of the canary').fill('3');
  await dialog.getByLabel('Reason').fill('provider is back');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  await page.getByText('Paused by its rule').waitFor({ timeout: 30_000 });
  const number = (name: string) => page.locator('.stat').filter({ hasText: name }).locator('dd').innerText();
  await expect.poll(() => number('Failed again')).toBe('3');
  await expect.poll(() => number('Waiting')).toBe('6');
  await fault('NONE');

  // the browser is closed; the batch is the server's
  const address = page.url();
  await page.close();
  const again = await open('batches');
  await again.getByRole('row', { name: new RegExp(`contains ${RUN('yara')}.*Paused`) }).waitFor();
  await again.goto(address);
  await again.getByRole('button', { name: 'Go on' }).click();
  await again.getByText(/6 handled, 3 failed again, 0 not run/).waitFor({ timeout: 30_000 });
  await again.getByText('Done, with failures').waitFor();
  const states = await Promise.all(users.map(async (user) => (await failuresOf(user))[0]?.state));
  expect(states.filter((state) => state === 'SUCCEEDED')).toHaveLength(6);
  await again.goto(new URL('audit?action=batch.start', await again.evaluate(() => document.baseURI)).href);
  await again.getByText('provider is back').first().waitFor();
});

test('a batch can be slowed, paused, and cancelled; what waits stays as it is', async () => {
  // so many that it is still under way, one a second, when a slow machine has found the buttons
  const users = await failedMany('zita', 40);
  await fault('NONE');
  const page = await open(`failures?text=${RUN('zita')}`);
  await page.getByRole('button', { name: /^Select all \d+ matching$/ }).click();
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('will run', { exact: true }).waitFor();
  await dialog.getByLabel('Canary first').uncheck();
  await dialog.getByLabel('Items per second').fill('1');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused by anonymous').waitFor();
  await page.getByRole('button', { name: 'Change pace…' }).click();
  await page.getByRole('dialog').getByLabel('Items at a time').fill('2');
  await page.getByRole('dialog').getByRole('button', { name: 'Save pace' }).click();
  await page.getByText('At most 1 per second, 2 at a time').waitFor();
  await page.getByRole('button', { name: 'Cancel…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('wrong cause');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel the batch' }).click();
  await page.getByText('Cancelled by anonymous').waitFor();
  const states = await Promise.all(users.map(async (user) => (await failuresOf(user))[0]?.state));
  expect(states.filter((state) => state === 'FAILED').length).toBeGreaterThan(0);
});

test('a plan says what it would not run, and why', async () => {
  const user = await newUser('wanda');
  await fault('FAIL_UNRECOVERABLE', user);
  await pay(user, 'o1');
  await until(() => failuresOf(user), (found) => found.length === 1);
  await fault('NONE');
  const page = await open(`failures?key=${user}`);
  await page.getByRole('button', { name: /^Select all \d+ matching$/ }).click();
  await page.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('marked unrecoverable', { exact: true }).waitFor();
  await dialog.getByText('Nothing of this would run now.').waitFor();
  await dialog.getByLabel('Also those whose retries are spent').check();
  await expect.poll(() => dialog.locator('.plan-numbers dd').first().innerText()).toBe('1');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  await page.getByText(/1 handled, 0 failed again/).waitFor({ timeout: 30_000 });
});
