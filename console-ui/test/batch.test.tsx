import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { isOfInterest } from '../src/api/batch';
import { me } from '../src/api/me';
import type { Batch, Me } from '../src/api/model';
import { loadLanguage } from '../src/i18n';
import { BatchPage } from '../src/pages/batches';
import { Icon } from '../src/ui/icons';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  me.value = null;
  vi.unstubAllGlobals();
});

const BATCH = {
  id: 'b-1',
  state: 'DONE',
  action: 'prepare',
  parameters: {},
  filter: { state: 'active', processor: 'points' },
  reason: null,
  createdBy: 'ann',
  createdAt: '2026-01-01T12:00:00Z',
  startedAt: '2026-01-01T12:00:00Z',
  endedAt: '2026-01-01T12:01:40Z',
  stoppedBy: null,
  stoppedCode: null,
  stoppedReason: null,
  stoppedFailed: null,
  stoppedOf: null,
  pace: { canary: 5, canaryPercent: 95, perSecond: 50, inFlight: 20, pausePercent: 20 },
  total: 1000,
  waiting: 0,
  running: 0,
  handled: 996,
  failedAgain: 2,
  skipped: 2,
  canaryPassed: true,
  failedBy: { 'com.shop.PaymentTimeout': 2 },
  skippedBy: { 'already-done': 1, 'retries-spent': 1 },
};

const items = [
  { n: 7, failure: 'f-7', state: 'FAILED_AGAIN', code: null, errorCode: 'com.shop.PaymentTimeout', record: { id: 'f-7', lane: 'order-7', key: 'order-7', eventId: 'e-7', eventType: 'paid', errorCode: 'com.shop.PaymentTimeout', message: 'no answer in 5 s' } },
  { n: 9, failure: 'f-9', state: 'FAILED_AGAIN', code: null, errorCode: 'com.shop.PaymentTimeout', record: null },
];

const page = async (batch: object) => {
  const asked = serve(({ path, method }) => {
    if (method === 'POST') return json({ batch: { id: 'b-2', total: 2, createdAt: '2026-01-01T12:00:00Z', filter: {} }, willRun: 2, willNotRun: {}, sample: [], followers: 3, estimatedSeconds: 1, large: false, searched: null });
    return path.includes('/items') ? json({ items, next: null }) : json(batch);
  });
  await show(<BatchPage id="b-1" />);
  await settled();
  await settled();
  return asked;
};

const text = () => document.body.textContent ?? '';

test('a batch that ended says how long it took, how fast it was, and why items ended as they did', async () => {
  await page(BATCH);
  expect(text()).toContain('took 1 min 40 s · 10 per second · the canary passed: at least 95 % of it were handled');
  const outcomes = [...document.querySelectorAll('.outcomes dl > div')].map((one) => one.textContent);
  expect(outcomes).toEqual(['PaymentTimeout2', 'already done1', 'retries spent1']);
  expect(document.querySelector('.items li')?.textContent).toContain('order-7');
  expect(document.querySelector('.items li')?.textContent).toContain('no answer in 5 s');
  expect(document.querySelectorAll('.items li')[1]?.textContent).toContain('f-9');
  // done with failures is no success
  expect(document.querySelector('.heading .state')?.textContent).toContain('Done, with failures');
  const drawing = document.querySelector('.heading .state svg')?.innerHTML;
  const sign = await show(<Icon name="failures" size={14} />);
  expect(drawing).toBe(sign.querySelector('svg')?.innerHTML);
});

test.each(['prepare', 'force-prepare'])('what failed again in a batch that was %s is retried as another batch, and forced only if a person says so', async (action) => {
  const asked = await page({ ...BATCH, action });
  await act(() => [...document.querySelectorAll('button')].find((one) => one.textContent?.includes('Retry the 2 that failed again…'))?.click());
  // the dialog is loaded when it is opened
  await vi.waitFor(async () => {
    await settled();
    expect(document.querySelector('dialog')?.textContent).toContain('3 events that wait behind them go on afterwards');
  });
  const plan = asked.find((one) => one.path.startsWith('batches/plan'));
  expect(plan?.path).toContain('processor=points');
  expect(plan?.body).toEqual({ action: 'prepare', ids: ['f-7', 'f-9'] });
});

test('who may only read sees what they may not do, and why', async () => {
  me.value = { name: 'rea', mode: 'basic', roles: [], permissions: {}, actions: [{ operation: 'pauseBatch', permission: 'batch:start', allowed: false }] } as unknown as Me;
  await page({ ...BATCH, state: 'RUNNING', endedAt: null, running: 1, handled: 995 });
  for (const name of ['Pause', 'Change pace…', 'Cancel…']) {
    const button = [...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === name);
    expect(button?.getAttribute('aria-disabled'), name).toBe('true');
    expect(document.getElementById(button?.getAttribute('aria-describedby') ?? '')?.textContent, name).toBe('You lack the permission batch:start.');
  }
});

test('one that its rule paused counts, one that a person paused does not', () => {
  const batch = (state: string, stoppedBy: string | null) => ({ ...BATCH, state, stoppedBy }) as unknown as Batch;
  expect(isOfInterest(batch('PAUSED', 'rule'))).toBe(true);
  expect(isOfInterest(batch('PAUSED', 'ann'))).toBe(false);
  expect(isOfInterest(batch('RUNNING', null))).toBe(true);
  expect(isOfInterest(batch('DONE', null))).toBe(false);
});
