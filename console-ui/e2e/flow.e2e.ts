// What flows, as the application itself tells it, and the states that it can not be brought into in a test.
import { expect, test } from 'vitest';
import { open } from './browser';
import { anHour, showFlow } from './flow-sample';
import { command, newUser, pay, score, until } from './shop';

interface Stage {
  readonly stage: string;
  readonly events: number;
}

test('what was paid flows through every stage, and is on the page', { timeout: 120_000 }, async () => {
  const user = await newUser('flora');
  for (const order of ['order-1', 'order-2', 'order-3']) await pay(user, order);
  await until(() => score(user), (points) => points > 0);
  // nodes write what they counted every few seconds
  const flow = (await until(
    () => command('flow'),
    (one) => (one as { stages: readonly Stage[] }).stages.every(({ events }) => events >= 3),
  )) as { stages: readonly Stage[]; problems: readonly unknown[] };
  expect(flow.stages.map(({ stage }) => stage)).toEqual(['outbox', 'transport', 'inbox', 'handled']);
  const page = await open('flow');
  await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
  await page.getByRole('list', { name: 'The way of an event' }).getByRole('listitem').nth(3).waitFor();
  await page.getByRole('table', { name: /^Processors/ }).getByRole('rowheader', { name: 'points' }).waitFor();
  // a range that nobody lived in has no charts, and says so
  await page.goto(`${page.url()}?from=2020-01-01T00:00:00Z&to=2020-01-01T01:00:00Z`);
  await page.getByText(/expected: before to|Nothing was measured/).first().waitFor();
});

test('charts have words, tables, one crosshair, and what draws them is loaded with them', async () => {
  const page = await open('processors');
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname));
  await showFlow(page, anHour());
  expect(await page.evaluate(() => performance.getEntriesByType('resource').some((one) => /chart/.test(one.name)))).toBe(false);
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.locator('.chart .u-over').nth(3).waitFor();
  expect(loaded.some((one) => /chart/.test(one))).toBe(true);

  const rates = page.getByRole('figure').first();
  await expect.poll(() => rates.locator('.chart-summary').innerText()).toMatch(/^Published: [\d.,]+ to [\d.,]+, most at \d\d:\d\d, last [\d.,]+, rising\./);
  expect(await rates.locator('.chart-summary').innerText()).toContain('3 points are missing: no node was alive.');
  await rates.getByText('View as table').click();
  expect(await rates.getByRole('row').count()).toBe(61);
  expect(await rates.getByText('not known').count()).toBe(9);

  // pointing at one chart points at all, and the legends say what is there
  const last = await page.locator('.chart').nth(1).locator('.legend .num').first().innerText();
  const box = await page.locator('.u-over').nth(3).boundingBox();
  await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) * 0.58, (box?.y ?? 0) + 20);
  await expect.poll(() => page.locator('.chart').nth(1).locator('.legend .num').nth(1).innerText()).not.toBe(last);

  // what is wrong is said, with its place; what happened is listed
  await page.getByText(/^No node handles billing; its oldest event waits for 7 min 12 s\.$/).waitFor();
  expect(await page.getByRole('list').filter({ hasText: 'points was paused' }).getByRole('listitem').count()).toBe(5);
  expect(await page.getByRole('table', { name: /^Processors/ }).getByRole('rowheader').first().innerText()).toBe('billing');
});

test('a range is in the address, and the charts are asked for it', async () => {
  const page = await open('flow');
  const asked = page.waitForRequest((request) => /\/flow\?range=24h/.test(request.url()));
  await page.getByRole('navigation', { name: 'Time' }).getByRole('link', { name: '24 h' }).click();
  await asked;
  expect(page.url()).toMatch(/flow\?range=24h$/);
  await expect.poll(() => page.getByText('each point 10 min').count()).toBe(1);
});

test('the overview shows the flow of a range that a person chooses, and leads to more about that range', async () => {
  const page = await open('');
  const flow = page.getByRole('region', { name: 'Flow' });
  await flow.locator('strong', { hasText: /\d/ }).first().waitFor();
  await flow.getByRole('img', { name: /^Handled: .* in the last 1 h$/ }).waitFor();
  const asked = page.waitForRequest((request) => /\/flow\?range=24h/.test(request.url()));
  await flow.getByRole('link', { name: '24 h' }).click();
  await asked;
  expect(new URL(page.url()).searchParams.get('range')).toBe('24h');
  await flow.getByRole('img', { name: /^Handled: .* in the last 24 h$/ }).waitFor();
  await flow.getByRole('link', { name: 'More about the flow' }).click();
  await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
  expect(page.url()).toMatch(/flow\?range=24h$/);
});

test('the page says when the flow can not be read, and when nothing is wrong', async () => {
  const page = await open('processors');
  await page.route(/\/api\/v1\/flow(\?|$)/, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ code: 'forbidden', title: 'Forbidden', detail: 'vic lacks the permission failures:read' }) }));
  await page.getByRole('link', { name: 'Flow' }).click();
  await page.getByText('vic lacks the permission failures:read').waitFor();
  await page.unroute(/\/api\/v1\/flow(\?|$)/);
  await showFlow(page, anHour(Date.now(), true));
  await page.getByRole('button', { name: /again/i }).click();
  await page.getByText('Events flow, and nothing waits longer than it should.').waitFor();
  await page.getByText('Build 2.4.1 began to run').waitFor();
});
