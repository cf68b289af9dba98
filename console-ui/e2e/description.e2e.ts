import { expect, test } from 'vitest';
import { open } from './browser';
import { CONSOLE } from './shop';

test('the page about the API lists every operation, and tries one with the rights of whoever looks', async () => {
  const page = await open('', {}, `${CONSOLE}/api/docs`);
  const description = (await (await fetch(`${CONSOLE}/api/v1/openapi.json`)).json()) as { paths: Record<string, Record<string, unknown>> };
  const methods = ['get', 'post', 'put', 'delete'];
  const operations = Object.values(description.paths).flatMap((path) => methods.filter((method) => method in path));
  await page.locator('.opblock').first().waitFor();
  expect(await page.locator('.opblock').count()).toBe(operations.length);

  const me = page.locator('#operations-access-getMe');
  await me.locator('button').first().click();
  await me.getByRole('button', { name: 'Try it out' }).click();
  await me.getByRole('button', { name: 'Execute' }).click();
  await me.locator('.live-responses-table .response').filter({ hasText: '"permissions"' }).waitFor();
});
