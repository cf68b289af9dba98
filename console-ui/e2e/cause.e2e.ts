// The page of a cause: why its failures are one, in which builds they are.
import { expect, test } from 'vitest';
import { open } from './browser';
import { failed } from './shop';

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
