// The page of a cause: why its failures are one, in which builds they are.
import { expect, test } from 'vitest';
import { open } from './browser';
import { command, failed, fault, until } from './shop';

test('a cause says what its failures have in common, and whether the newest build fails so', async () => {
  const { failure } = await failed('carl');
  const page = await open(`groups/${failure.fingerprint}`);
  const why = page.getByRole('region', { name: 'Why these are one cause' });
  await why.getByText('points', { exact: true }).waitFor();
  await why.getByText(/FaultException$/).waitFor();
  await why.getByText('version v1 of the rule', { exact: false }).waitFor();
  // the example names its build, and runs in one
  await page.getByText('It fails in the newest build too, 1.0.0.').waitFor();
  await page.goto(page.url().replace(/groups\/.*$/, `failures/${failure.id}`));
  await page.getByText('It fails in the newest build too, 1.0.0.').waitFor();
  await page.getByText('Why these are one cause').click();
  await expect.poll(() => page.locator('details.why').getByText(/FaultException$/).isVisible()).toBe(true);
});

test('what is open of a cause is shown first, and all of it on demand', async () => {
  const done = await failed('dora');
  const left = await failed('dana');
  await fault('NONE', done.user);
  await command(`failures/${done.failure.id}/prepare`, {});
  await until(
    () => command(`failures/${done.failure.id}`),
    (one) => (one as { state: string }).state === 'SUCCEEDED',
  );
  const page = await open(`groups/${left.failure.fingerprint}`);
  const row = (user: string) => page.getByRole('row').filter({ hasText: user });
  await row(left.user).waitFor();
  expect(await row(done.user).count()).toBe(0);
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: 'All' }).click();
  await row(done.user).getByText('Handled').waitFor();
  await row(left.user).waitFor();
  // the plan of its retry by one key
  await page.keyboard.press('r');
  await page.getByRole('dialog').getByText('will run', { exact: true }).waitFor();
});
