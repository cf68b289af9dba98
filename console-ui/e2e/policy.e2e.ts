// Retry policies that are changed while the service runs.
import { expect, test } from 'vitest';
import { open } from './browser';
import { command, failed, functionsOf } from './shop';

test('a policy is overridden after the page has said what changes, for what is open as well, and goes back', async () => {
  const { failure } = await failed('paula');
  const page = await open('processors/points');
  const row = page.locator('.function').filter({ hasText: 'loyalty.order.paid' });
  // where each value comes from
  await row.locator('dl > div', { hasText: 'First wait' }).getByText('configured for all').waitFor();
  await row.locator('dl > div', { hasText: 'Retries at most' }).getByText('default').waitFor();
  await row.getByRole('button', { name: 'Change policy…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Nothing is changed yet.').waitFor();
  expect(await dialog.getByRole('button', { name: 'Override policy' }).getAttribute('aria-disabled')).toBe('true');

  // mistakes of the person and of the server are told before anything is sent
  await dialog.getByLabel('First wait').fill('soon');
  await dialog.getByText('Write a length of time such as').first().waitFor();
  await dialog.getByLabel('First wait').fill('2h');
  await dialog.getByLabel('Retries at most').fill('2000');
  await dialog.getByRole('alert').getByText('maxRetries').waitFor();

  await dialog.getByLabel('Retries at most').fill('3');
  await dialog.getByRole('row', { name: 'Retries at most 10 3' }).waitFor();
  await dialog.getByText('2 h · 6 h · 12 h').waitFor();
  await dialog.getByLabel('for a time:').check();
  await dialog.getByLabel('How long it holds').fill('4h');
  await dialog.getByLabel('also the 1 that is open').check();
  await dialog.getByText('A batch gives them the new values').waitFor();
  await dialog.getByLabel('Reason').fill('INC-482');
  await expect.poll(() => dialog.getByRole('button', { name: 'Override policy' }).getAttribute('aria-disabled')).toBeNull();
  await dialog.getByRole('button', { name: 'Override policy' }).click();

  // through a batch, with its counters
  await page.getByRole('heading', { name: /^Retry policy · / }).waitFor();
  await page.getByText('1 handled, 0 failed again, 0 not run').waitFor();
  await page.locator('.items a').first().click();
  await page.getByText('3 retries, the first after 2 h').waitFor();
  expect(page.url()).toContain(failure.id);

  await page.goto(new URL('processors/points', await page.evaluate(() => document.baseURI)).href);
  await row.getByText('Overridden by anonymous').waitFor();
  await row.getByText('“INC-482”').waitFor();
  await row.locator('dl > div', { hasText: 'Retries at most' }).getByText('by anonymous').waitFor();
  await row.getByRole('button', { name: 'Remove override…' }).click();
  await page.getByRole('dialog').getByText('From then on: 10 retries').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove override' }).click();
  await row.getByText('Overridden by').waitFor({ state: 'detached' });
  expect((await functionsOf('points')).find((one) => one.eventTypes.includes('loyalty.order.paid'))?.policy.maxRetries).toBe(10);
});

test('an override until the next deploy says for which build it is', async () => {
  const page = await open('processors/points');
  const row = page.locator('.function').filter({ hasText: 'loyalty.order.paid' });
  await row.getByRole('button', { name: 'Change policy…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Retries at most').fill('4');
  await dialog.getByLabel('until the next deploy').check();
  await dialog.getByText(/^for build .+ only$/).waitFor();
  await dialog.getByLabel('Reason').fill('until 2.4.1');
  await expect.poll(() => dialog.getByRole('button', { name: 'Override policy' }).getAttribute('aria-disabled')).toBeNull();
  await dialog.getByRole('button', { name: 'Override policy' }).click();
  await row.getByText(/for build .+ only/).waitFor();
  // what is overridden is the place to begin from, and the same values again are no override
  await row.getByRole('button', { name: 'Change policy…' }).click();
  expect(await dialog.getByLabel('Retries at most').inputValue()).toBe('4');
  await dialog.getByLabel('Retries at most').fill('10');
  await dialog.getByText('remove the override instead').waitFor();
  await page.keyboard.press('Escape');
  await row.getByRole('button', { name: 'Remove override…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove override' }).click();
  await row.getByRole('button', { name: 'Remove override…' }).waitFor({ state: 'detached' });
});

test('the policy of many takes every value, and keeps what is left empty', async () => {
  const people = [await failed('many'), await failed('many')];
  const policies = () => Promise.all(people.map(async ({ failure }) => ((await command(`failures/${failure.id}`)) as { policy: Record<string, unknown> }).policy));
  const before = await policies();
  const page = await open('failures?view=list&text=many');
  await page.getByRole('button', { name: 'Select all 2 matching' }).click();
  await page.getByRole('region', { name: 'Selected failures' }).getByRole('button', { name: 'Policy…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Retry policy of 2 failures' });
  await expect.poll(() => dialog.getByText('30s, 5m or 2h').count()).toBe(1);
  await dialog.getByLabel('First wait').fill('45m');
  await dialog.getByLabel('Spread').fill('30');
  await dialog.getByRole('button', { name: 'See the plan' }).click();
  await page.getByRole('button', { name: 'Change 2' }).click();
  await page.getByText('2 handled, 0 failed again, 0 not run').waitFor();
  expect(await policies()).toEqual(before.map((one) => ({ ...one, minBackoff: 'PT45M', jitter: 0.3 })));
});

test('who may not change policies sees why', async () => {
  const page = await open('failures');
  await page.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { actions: { allowed: boolean; permission: string }[] };
    for (const action of body.actions) action.allowed = action.permission !== 'policy:write';
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(new URL('processors/points', await page.evaluate(() => document.baseURI)).href);
  await page.getByText('You lack the permission policy:write.').first().waitFor();
  await page.getByRole('button', { name: 'Change policy…' }).first().click({ force: true });
  expect(await page.getByRole('dialog').count()).toBe(0);
});
