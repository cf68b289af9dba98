// From a key to the lane that it is in, whatever holds it.
import { expect, test } from 'vitest';
import { laneAddress } from '../src/api/lane';
import { open } from './browser';
import { command, early, failed, fault, newUser, pay, until } from './shop';

const find = async (key: string) => {
  const page = await open('lanes');
  const box = page.getByRole('searchbox');
  await box.fill(key);
  await box.press('Enter');
  return page;
};

test('a lane that waits is found by its key', async () => {
  const { user } = await early('wilma', 1);
  const page = await find(user);
  // the processor that takes the users in has a lane of the same key
  await page.waitForURL(/\?key=/);
  await page.getByRole('rowheader').filter({ hasText: 'points' }).getByRole('link').click();
  await page.getByText(/is too early and has waited for/).waitFor();
});

test('a lane that a person holds is found by its key, with its tenant or without it', async () => {
  const number = `4711-${process.pid.toString(36)}`;
  const key = `acme/${number}`;
  await command(`${laneAddress('points', key)}/pause`, { reason: 'the shop corrects it' });
  for (const asked of [number, key]) {
    const page = await find(asked);
    await page.getByRole('heading', { level: 1, name: key }).waitFor();
    await page.getByText('the shop corrects it').waitFor();
    await page.waitForURL(/\/lanes\/points\/~[\w-]+$/);
    // an address is good for another person as well
    await page.reload();
    await page.getByRole('heading', { level: 1, name: key }).waitFor();
  }
  const page = await open(laneAddress('points', key));
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByText('Nothing blocks this lane').waitFor();
});

test('of several lanes of a key the person chooses', async () => {
  const number = `4712-${process.pid.toString(36)}`;
  for (const tenant of ['acme', 'initech']) await command(`${laneAddress('points', `${tenant}/${number}`)}/pause`, { reason: 'both' });
  const page = await find(number);
  await page.waitForURL(/\?key=/);
  await page.getByRole('rowheader').filter({ hasText: `initech/${number}` }).waitFor();
  await expect.poll(() => page.getByRole('rowheader').count()).toBe(2);
  await page.getByRole('rowheader').filter({ hasText: `acme/${number}` }).getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: `acme/${number}` }).waitFor();
  for (const tenant of ['acme', 'initech']) await command(`${laneAddress('points', `${tenant}/${number}`)}/resume`, {});
});

test('only a key that nothing holds is said to be free', async () => {
  const { user } = await failed('fred');
  const blocked = await find(user);
  await blocked.getByText(/^Blocked by loyalty\.order\.paid/).waitFor();
  const free = await newUser('frieda');
  await pay(free, 'o1');
  const page = await find(free);
  await page.getByText(`Nothing blocks ${free}.`).waitFor();
});

test('a pasted key whose failure was handled leads to it', async () => {
  const { user, failure } = await failed('greta');
  await fault('NONE', user);
  await command(`failures/${failure.id}/prepare`, {});
  await until(
    () => command(`failures/${failure.id}`),
    (one) => (one as { state: string }).state === 'SUCCEEDED',
  );
  const page = await open('failures?view=list');
  const box = page.getByRole('searchbox');
  await box.fill(user);
  await box.press('Enter');
  await page.getByRole('row').filter({ hasText: user }).getByText('Handled').waitFor();
});
