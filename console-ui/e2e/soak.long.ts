// A page that is left open, and looked around in, while 50 events a second are handled and one of fifty fails:
// `npm run soak -- --minutes 60`. What it needs does not grow.
import type { CDPSession } from 'playwright-core';
import { expect, test } from 'vitest';
import { open } from './browser';
import { send } from './shop';

const MINUTES = Number(process.env['AMENDS_E2E_MINUTES'] ?? 60);
const RATE = 50;
const PLACES = ['Overview', 'Failures', 'Lanes', 'Processors', 'Batches', 'Audit'] as const;
const MOST_NODES = 3000;
const MOST_HEAP = 60 * 1024 * 1024;
/** What a heap may differ by at the end from what it was when the page had seen every place; below that it is noise. */
const DRIFT = 2 * 1024 * 1024;

interface Sample {
  readonly heap: number;
  readonly nodes: number;
}

/** What is left after the garbage is gone. */
async function sample(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize;
}

test(`${MINUTES} minutes beside ${RATE} events a second`, { timeout: (MINUTES + 5) * 60_000 }, async () => {
  await send('PUT', 'faults/loyalty.order.paid', { mode: 'FAIL', rate: 0.02 });
  await send('POST', `demo?users=100&orders=${RATE * 60 * (MINUTES + 2)}&rate=${RATE}`);
  const page = await open('');
  const cdp = await page.context().newCDPSession(page);
  await page.evaluate(() => {
    const mine = window as unknown as { long: number[] };
    mine.long = [];
    new PerformanceObserver((list) => mine.long.push(...list.getEntries().map((task) => Math.round(task.duration)))).observe({ type: 'longtask' });
  });
  const samples: Sample[] = [];
  const end = Date.now() + MINUTES * 60_000;
  for (let round = 0; Date.now() < end; round++) {
    // each place for ten seconds, the list of failures longest; never loaded anew
    const place = PLACES[round % PLACES.length] ?? 'Overview';
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: new RegExp(`^${place}`) }).click();
    let nodes = 0;
    for (let i = 0; i < 10; i++) {
      await page.waitForTimeout(1000);
      nodes = Math.max(nodes, await page.evaluate(() => document.querySelectorAll('*').length));
    }
    if (place === 'Failures') await page.getByRole('link', { name: 'List', exact: true }).click();
    if (round % PLACES.length === 0) samples.push({ heap: await sample(cdp), nodes });
    else samples.push({ heap: samples.at(-1)?.heap ?? 0, nodes });
  }
  const long = await page.evaluate(() => (window as unknown as { long: number[] }).long);
  const heaps = samples.filter((_, i) => i % PLACES.length === 0).map((one) => one.heap);
  const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  console.log(`heap by round, MB: ${heaps.map(megabytes).join(' ')}`);
  console.log(`most elements: ${Math.max(...samples.map((one) => one.nodes))}`);
  console.log(`long tasks: ${long.length}, the longest ${Math.max(0, ...long)} ms, above 100 ms: ${long.filter((one) => one > 100).length}`);
  await send('PUT', 'faults/loyalty.order.paid', { mode: 'NONE' });
  expect(Math.max(...samples.map((one) => one.nodes))).toBeLessThanOrEqual(MOST_NODES);
  expect(Math.max(...heaps)).toBeLessThanOrEqual(MOST_HEAP);
  // the first round fills what is kept
  expect((heaps.at(-1) ?? 0) - (heaps[1] ?? heaps[0] ?? 0)).toBeLessThanOrEqual(DRIFT);
  expect(long.filter((one) => one > 100)).toEqual([]);
});
