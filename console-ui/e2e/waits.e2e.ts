// What is too early is shown as that, not as a failure; and what a person can do about it.
import { expect, test } from 'vitest';
import { open } from './browser';
import { command, early, failed, failuresOf, fault, score, until } from './shop';

test('a lane that waits says for what, and goes on by itself', async () => {
  const { user } = await early('tess', 1);
  const page = await open('waits');
  const row = page.getByRole('row').filter({ hasText: user });
  await row.getByText(/Waits for version \d+ of region/).waitFor();
  await row.getByText(/in \d+m$/).waitFor(); // until when
  await row.getByRole('rowheader').getByRole('link').click();
  await page.getByText(/^Its first event, loyalty\.order\.paid, is too early and has waited for/).waitFor();
  await page.getByText('1 event waits behind it.').waitFor();
  await page.getByText('too early, waits', { exact: true }).waitFor();
  await page.getByText('waits its turn').waitFor();
  expect(await page.getByRole('button', { name: 'Retry now' }).count()).toBe(0);
  // in the list of lanes it is no failure either
  await page.goto(new URL('lanes', await page.evaluate(() => document.baseURI)).href);
  await page.getByRole('row').filter({ hasText: user }).getByText('Waiting', { exact: true }).waitFor();
  // what it waits for is done: nobody has to do anything
  const [missing] = await failuresOf(user);
  await command(`failures/${missing?.id}/prepare`, {});
  await page.goto(new URL(`lanes/points/${user}`, await page.evaluate(() => document.baseURI)).href);
  await page.getByText('Nothing blocks this lane').waitFor();
  await until(() => score(user), (points) => points === 20);
});

test('a person lets an event go on without what it waits for', async () => {
  const { user } = await early('theo');
  const page = await open(`lanes/points/${user}`);
  await page.getByRole('button', { name: 'Run now…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run it without what it waits for?' });
  await dialog.getByLabel('Reason').fill('the user never comes');
  await dialog.getByRole('button', { name: 'Run now' }).click();
  await page.getByText('Nothing blocks this lane').waitFor();
  const log = (await command('audit?action=wait.proceed')) as { items: readonly { reason: string }[] };
  expect(log.items[0]?.reason).toBe('the user never comes');
});

test('a person makes a failure of what waits, or skips it', async () => {
  const { user, wait } = await early('tina', 1);
  const page = await open('waits');
  const ask = async (name: string) => {
    await page.getByRole('row').filter({ hasText: user }).getByRole('button', { name: /^Actions on/ }).click();
    await page.locator('.menu-items:popover-open').getByRole('button', { name }).click();
  };
  await ask('Make it a failure…');
  await page.getByRole('dialog').getByLabel('Reason').fill('asked the shop');
  await page.getByRole('dialog').getByRole('button', { name: 'Make it a failure' }).click();
  const row = page.getByRole('row').filter({ hasText: user });
  await row.getByRole('link', { name: 'failed execution' }).click();
  await page.getByText('What the event waits for was not done in time.').waitFor();
  await page.getByText('It blocks 1 later event').waitFor();

  const other = await early('tom');
  await page.goto(new URL(`lanes/points/${other.user}`, await page.evaluate(() => document.baseURI)).href);
  await page.getByRole('button', { name: 'Skip…' }).click();
  await page.getByRole('dialog').getByLabel('Why is it dealt with?').fill('a test order');
  await page.getByRole('dialog').getByRole('button', { name: 'Skip the event' }).click();
  await page.getByText('Nothing blocks this lane').waitFor();
  expect(other.wait.position).toBeGreaterThan(wait.position);
  await page.goto(new URL('audit', await page.evaluate(() => document.baseURI)).href);
  await page.getByText('Skip what waits').first().waitFor();
});

test('a lane is paused with a reason, says so, and is resumed in order', async () => {
  const { user } = await failed('uma', 1);
  await fault('NONE', user);
  const page = await open(`lanes/points/${user}`);
  await page.getByRole('button', { name: 'Pause…' }).click();
  await page.getByRole('dialog').getByLabel('Reason').fill('the shop corrects it');
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click();
  await page.getByText(/^Paused by anonymous .*: “the shop corrects it”\.$/).waitFor();
  await page.goto(new URL('lanes', await page.evaluate(() => document.baseURI)).href);
  const row = page.getByRole('row').filter({ hasText: user });
  await row.getByText('Paused', { exact: true }).waitFor();
  await row.getByText('the shop corrects it').waitFor();
  await row.getByRole('rowheader').getByRole('link').click();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause…' }).waitFor();
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.getByText('Nothing blocks this lane').waitFor();
  await until(() => score(user), (points) => points === 20);
});
