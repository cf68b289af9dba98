import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AuditLine } from '../src/api/model';
import { language } from '../src/app/settings';
import { loadLanguage, loadProblems } from '../src/i18n';
import { AuditLogPage, changes } from '../src/pages/audit';
import { LaneTabs } from '../src/pages/lanes';
import { Mistakes } from '../src/ui/parts';
import { Problem } from '../src/api/http';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  language.value = 'en';
  vi.unstubAllGlobals();
});

const line = (more: Partial<AuditLine>): AuditLine => ({
  n: 1,
  at: '2026-01-01T12:00:00.123456Z',
  action: 'failure.skip',
  actor: 'ann',
  address: null,
  processor: 'points',
  failure: null,
  target: null,
  reason: null,
  parameters: {},
  result: 'done',
  code: null,
  before: {},
  after: {},
  ...more,
});

test('what a command changed is said in words', () => {
  const pace = (perSecond: number) => `Pace[canary=5, canaryPercent=95, perSecond=${perSecond}, inFlight=20, pausePercent=20]`;
  expect(changes(line({ action: 'batch.pace', before: { pace: pace(50), state: 'RUNNING', numbers: 'Numbers[total=3, waiting=3, running=0, handled=0, failedAgain=0, skipped=0]' }, after: { pace: pace(7), state: 'PAUSED', numbers: 'Numbers[total=3, waiting=1, running=0, handled=2, failedAgain=0, skipped=0]' } }))).toEqual([
    'Items per second: 50 → 7',
    'State: Running → Paused',
  ]);
  const policy = (maxRetries: string, minBackoff: string) => ({ enabled: 'true', maxRetries, minBackoff, executionTimeout: 'PT2M', maxBackoff: 'PT1H', jitter: '0.2' });
  expect(changes(line({ before: { ...policy('10', 'PT3M'), dueAt: 'null' }, after: { ...policy('3', 'PT1M30S'), dueAt: '2026-01-01T12:00:00.123456Z' } }))).toEqual([
    'Retries at most: 10 → 3',
    'First wait: 3 min → 1 min 30 s',
    expect.stringMatching(/^Next try: – → Jan 1, 2026, \d\d:00:00/),
  ]);
});

test('what was not asked for is not said', () => {
  expect(changes(line({ before: { note: '–' }, after: { note: 'see INC-1' } }))).toEqual(['Note: – → “see INC-1”']);
  expect(changes(line({ before: { override: 'none' }, after: { override: 'jitter, tenant' } }))).toEqual([expect.stringMatching(/^override: .+ → (?!jitter).+, tenant$/)]);
  expect(changes(line({ action: 'payload.read', parameters: { all: 'false', reveal: 'true' } }))).toEqual(['Show secrets: yes']);
  expect(changes(line({ action: 'payload.read', parameters: { all: 'false', reveal: 'false' } }))).toEqual([]);
  expect(changes(line({ action: 'batch.plan', parameters: { action: 'prepare', state: 'needs-operator', processor: 'points' } }))).toEqual(['What: Retry', 'State: Needs you', 'processor: points']);
});

test('a line leads to what it was about', async () => {
  const id = '0199a000-0000-7000-8000-0123456789ab';
  serve(() =>
    json({
      items: [
        line({ n: 6, failure: id }),
        line({ n: 5, action: 'batch.start', target: id }),
        line({ n: 4, action: 'lane.pause', target: 'acme/4711' }),
        line({ n: 3, action: 'group.note', target: 'v1:abc' }),
        line({ n: 2, action: 'processor.pause' }),
        line({ n: 1, action: 'failure.prepare', failure: id, result: 'refused', code: 'not-first-in-lane' }),
      ],
      next: null,
    }),
  );
  await show(<AuditLogPage />);
  await settled();
  const links = [...document.querySelectorAll('.a-target a')].map((one) => [one.getAttribute('href'), one.textContent]);
  expect(links).toEqual([
    [`failures/${id}`, 'Failed execution 456789ab'],
    [`batches/${id}`, 'Batch 456789ab'],
    ['lanes/points/~YWNtZS80NzEx', 'acme/4711'],
    ['groups/v1%3Aabc', 'Cause v1:abc'],
    ['processors/points', 'points'],
    [`failures/${id}`, 'Failed execution 456789ab'],
  ]);
  expect(document.querySelector('table')?.textContent).toContain('not first in their lane');
  expect(document.querySelector('table')?.textContent).not.toContain(id);
});

test('a problem is said in the language of the person', async () => {
  await show(<LaneTabs at="lanes" />);
  language.value = 'zh-CN';
  await settled();
  await settled();
  await loadProblems(); // as with the first problem that the server answers
  const root = await show(<Mistakes problem={new Problem(409, 'not-first-in-lane', 'Nothing was changed', 'failed execution f1: an earlier event of its lane is not done')} />);
  const own = [...root.querySelectorAll('p:not([lang])')].map((one) => one.textContent);
  expect(own).toEqual(['它的通道中有更早的事件尚未完成。']);
  expect(root.querySelector('[lang=en]')?.textContent).toContain('f1');
});
