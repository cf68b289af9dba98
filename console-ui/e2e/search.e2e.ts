// From a customer's key to what blocks it and why, from any place.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { laneAddress } from '../src/api/lane';
import { open } from './browser';
import { command, failed } from './shop';

/** A person with that in the clipboard, whose actions are counted: pressing keys and clicking. */
async function person(page: Page, text: string) {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  let actions = 0;
  const press = (key: string) => {
    actions++;
    return page.keyboard.press(key);
  };
  return { press, count: () => actions };
}

const dialog = (page: Page) => page.getByRole('dialog', { name: 'Search' });
const box = (page: Page) => dialog(page).getByRole('searchbox');

test.each(['', 'processors', 'audit'])("a customer's key leads to what blocks it and why in two actions: /%s", async (place) => {
  const { user } = await failed('jane', 1);
  const page = await open(place);
  const { press, count } = await person(page, user);
  await press('ControlOrMeta+V');
  await expect.poll(() => box(page).inputValue()).toBe(user);
  await press('Enter');
  const row = page.getByRole('row').filter({ hasText: user });
  await row.getByText('FaultException').waitFor();
  await row.getByText('because PUT', { exact: false }).waitFor();
  expect(count()).toBe(2);
  expect(new URL(page.url()).searchParams.get('key')).toBe(user);
  await dialog(page).waitFor({ state: 'detached' });
});

test('a key that fails nowhere, and that a person holds, leads to its lane', async () => {
  const key = `4713-${process.pid.toString(36)}`;
  await command(`${laneAddress('points', key)}/pause`, { reason: 'the shop corrects it' });
  const page = await open();
  const { press, count } = await person(page, key);
  await press('ControlOrMeta+V');
  await expect.poll(() => box(page).inputValue()).toBe(key);
  await press('Enter');
  await page.getByRole('heading', { level: 1, name: key }).waitFor();
  await page.getByText('the shop corrects it').waitFor();
  expect(count()).toBe(2);
  await command(`${laneAddress('points', key)}/resume`, {});
});

test('it opens by key in every place, and in an input; a page with a search of its own keeps the slash', async () => {
  const page = await open();
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  await page.keyboard.press('/');
  await expect.poll(() => box(page).evaluate((input) => input === document.activeElement)).toBe(true);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  expect(new URL(page.url()).pathname).not.toContain('failures');
  await page.goto(`${page.url().replace(/\/$/, '')}/failures`);
  await page.getByRole('heading', { level: 1, name: 'Failures' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('x');
  expect(await dialog(page).count()).toBe(0);
  expect(await page.getByRole('searchbox').inputValue()).toBe('x');
  await page.keyboard.press('ControlOrMeta+k');
  await dialog(page).waitFor();
  // what is behind it stays as it is
  await page.keyboard.press('ControlOrMeta+k');
  expect(await page.getByRole('dialog').count()).toBe(1);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Search' }).click();
  await dialog(page).waitFor();
});
