// Lighthouse's accessibility and best practices are 100 on every page: `npm run lighthouse`.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHROMIUM, FLAGS } from './browser';
import { CONSOLE, type Failure, command, early, failed, until } from './shop';

interface Audit {
  readonly score: number | null;
  readonly title: string;
}
interface Report {
  readonly lhr: {
    readonly categories: Readonly<Record<string, { readonly score: number | null; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }>>;
    readonly audits: Readonly<Record<string, Audit>>;
  };
}
type Lighthouse = (url: string, flags: Readonly<Record<string, unknown>>) => Promise<Report | undefined>;

const CATEGORIES = ['accessibility', 'best-practices'] as const;
let browser: Browser;
let port: number;
let lighthouse: Lighthouse;
let failure: Failure;
let user: string;
let batch: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port: found } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return found;
}

beforeAll(async () => {
  const path = resolve(import.meta.dirname, '../lighthouse/node_modules/lighthouse/core/index.js');
  lighthouse = ((await import(pathToFileURL(path).href)) as { default: Lighthouse }).default;
  port = await freePort();
  browser = await chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, `--remote-debugging-port=${port}`] });
  ({ user, failure } = await failed('rosa', 3));
  await early('wanda', 2);
  const plan = (await command(`batches/plan?key=${user}`, { action: 'prepare' })) as { batch: { id: string } };
  batch = plan.batch.id;
  await command(`batches/${batch}/start`, { canary: 0 });
  await until(
    () => command(`batches/${batch}`),
    (one) => (one as { state: string }).state === 'DONE',
  );
});

afterAll(async () => {
  await browser?.close();
});

test('every page has 100 of 100 for accessibility and for best practices', async () => {
  const places = [
    '',
    'failures',
    'failures?view=list',
    `failures?key=${user}`,
    'failures?processor=none',
    `failures/${failure.id}`,
    `groups/${failure.fingerprint}`,
    'lanes',
    `lanes/points/${user}`,
    'waits',
    'flow',
    'processors',
    'processors/points',
    'batches',
    `batches/${batch}`,
    'audit',
  ];
  const wrong: string[] = [];
  for (const place of places) {
    const report = await lighthouse(`${CONSOLE}/${place}`, { port, onlyCategories: CATEGORIES, output: 'json', logLevel: 'error' });
    if (!report) throw new Error(`${place}: no report`);
    const { categories, audits } = report.lhr;
    const scores = CATEGORIES.map((category) => Math.round((categories[category]?.score ?? 0) * 100));
    console.log(`/${place}: ${CATEGORIES.map((category, i) => `${category} ${scores[i]}`).join(', ')}`);
    for (const category of CATEGORIES) {
      for (const { id, weight } of categories[category]?.auditRefs ?? []) {
        const audit = audits[id];
        if (weight > 0 && audit?.score !== null && (audit?.score ?? 0) < 1) wrong.push(`/${place}: ${id}: ${audit?.title}`);
      }
    }
    if (scores.some((score) => score < 100)) wrong.push(`/${place}: ${scores.join(', ')}`);
  }
  expect(wrong).toEqual([]);
});
