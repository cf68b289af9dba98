// One failed execution beside the list that it is in.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { open } from './browser';
import { failed, fault, score, until } from './shop';

const rowOf = (page: Page, user: string) => page.getByRole('row').filter({ has: page.getByRole('cell', { name: user, exact: true }) });

test('a row opens beside the list, is acted on there, and the address says which one it is', async () => {
  const first = await failed('beside');
  const second = await failed('beside', 1);
  await fault('NONE');
  const page = await open('failures?view=list&text=beside');
  await rowOf(page, first.user).getByRole('link').click();
  const detail = page.getByRole('complementary', { name: 'Detail' });
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(new URL(page.url()).searchParams.get('id')).toBe(first.failure.id);
  expect(await rowOf(page, first.user).getByRole('link').getAttribute('aria-current')).toBe('true');
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
  // the one before it in the list, which is newer
  await page.keyboard.press('[');
  await detail.getByText('It blocks 1 later event').waitFor();
  await page.keyboard.press('r');
  await detail.getByText(/^Attempt 2 succeeded \w/).waitFor();
  await until(() => score(second.user), (points) => points === 20);
  await detail.getByRole('link', { name: 'Next', exact: true }).click();
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  await detail.getByRole('link', { name: 'Previous', exact: true }).click();
  await detail.getByText(/^Attempt 2 succeeded \w/).waitFor();
  // it survives reload; back closes it in one step
  await page.reload();
  await detail.getByText(/^Attempt 2 succeeded \w/).waitFor();
  await page.goBack();
  await detail.waitFor({ state: 'detached' });
  await rowOf(page, first.user).waitFor();
});

test('the list keeps its selection beside a detail, and the keys are the selection’s', async () => {
  const first = await failed('both');
  await failed('both');
  const page = await open('failures?view=list&text=both');
  await page.getByRole('checkbox', { name: 'Select all that are shown' }).click();
  await rowOf(page, first.user).getByRole('link').click();
  const detail = page.getByRole('complementary', { name: 'Detail' });
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  const bar = page.getByRole('region', { name: 'Selected failures' });
  await bar.getByText('2 selected').waitFor();
  await page.keyboard.press('s');
  await page.getByRole('dialog', { name: 'Skip 2 events' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // first what is selected is let go, then what is shown, and the focus is where it was
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await detail.waitFor({ state: 'detached' });
  expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(`failures/${first.failure.id}`);
});

test('its width is a person’s choice, with the pointer and the keyboard, and is remembered', async () => {
  const { failure, user } = await failed('width');
  const page = await open(`failures?view=list&text=width&id=${failure.id}`);
  const detail = page.getByRole('complementary', { name: 'Detail' });
  const separator = page.getByRole('separator', { name: 'Width of the detail' });
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  const width = async () => Math.round((await detail.boundingBox())?.width ?? 0);
  const said = async (name: string) => Number(await separator.getAttribute(`aria-value${name}`));
  const usual = await width();
  expect(await said('now')).toBe(usual);

  await separator.focus();
  await page.keyboard.press('ArrowLeft');
  await expect.poll(width).toBe(usual + 24);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await expect.poll(width).toBe(usual - 24);
  await page.keyboard.press('Home');
  await expect.poll(width).toBe(await said('min'));
  await page.keyboard.press('End');
  await expect.poll(width).toBe(await said('max'));
  expect(await said('now')).toBe(await said('max'));
  // the list keeps room for its rows
  expect((await rowOf(page, user).boundingBox())?.width).toBeGreaterThan(360);

  const at = await separator.boundingBox();
  if (!at) throw new Error('no separator');
  await page.mouse.move(at.x + at.width / 2, 300);
  await page.mouse.down();
  await page.mouse.move(at.x + at.width / 2 + 100, 320, { steps: 4 });
  await page.mouse.up();
  const chosen = (await said('max')) - 100;
  await expect.poll(width).toBe(chosen);
  await page.reload();
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  await expect.poll(width).toBe(chosen);
  // the tabs of the list have less room then; the chosen one is in sight
  await page.goto(page.url().replace('text=width', 'text=width&state=all'));
  await detail.getByText(/^Attempt 1 failed \w/).waitFor();
  const tabs = await page.locator('.tabs[aria-label=State]').boundingBox();
  const tab = await page.locator('.tabs[aria-label=State] [aria-current]').boundingBox();
  expect(tab && tabs && tab.x >= tabs.x && tab.x + tab.width <= tabs.x + tabs.width).toBe(true);
  // a narrow window takes of it what the list needs
  await page.setViewportSize({ width: 1000, height: 800 });
  await expect.poll(async () => (await width()) === (await said('max')) && (await width()) < chosen).toBe(true);
  await page.setViewportSize({ width: 1280, height: 900 });
  await separator.dblclick();
  await expect.poll(width).toBe(usual);
});

test('without room beside the list it is a page of its own', async () => {
  const { failure } = await failed('narrow');
  const page = await open(`failures?view=list&text=narrow&id=${failure.id}`, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(new URL(page.url()).pathname).toMatch(new RegExp(`/failures/${failure.id}$`));
  expect(await page.getByRole('separator').count()).toBe(0);
  await page.locator('.crumb').click();
  await page.getByRole('rowheader').first().waitFor();
  await page.getByRole('rowheader').first().getByRole('link').click();
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(new URL(page.url()).searchParams.get('id')).toBeNull();
});
