import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { AuditLine } from '../src/api/model';
import { language } from '../src/app/settings';
import { loadLanguage, loadProblems } from '../src/i18n';
import { AuditLogPage, changes } from '../src/pages/audit';
import { LaneTabs } from '../src/pages/lanes';
import { Mistakes, ProblemPanel } from '../src/ui/parts';
import { OWN, Problem } from '../src/api/http';
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
  const batch = (perSecond: string, state: string, handled: string) => ({ canary: '5', perSecond, inFlight: '20', state, total: '3', handled });
  expect(changes(line({ action: 'batch.pace', before: batch('50', 'RUNNING', '0'), after: batch('7', 'PAUSED', '2') }))).toEqual([
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

test('a note is said as it was written', () => {
  const nobody = { acknowledgedBy: 'null', acknowledgedUntil: 'null', acknowledgedAbove: 'null' };
  expect(changes(line({ action: 'group.note', before: { note: 'null', ...nobody }, after: { note: 'Revert[a=1, INC-1]', ...nobody } }))).toEqual(['Note: – → “Revert[a=1, INC-1]”']);
  expect(changes(line({ action: 'group.acknowledge', before: nobody, after: { ...nobody, acknowledgedBy: 'ann' } }))).toEqual(['Taken care of by: – → ann']);
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

test('what the server says in English is marked as English, what the page says is not', async () => {
  const said = (problem: Problem) => show(<Mistakes problem={problem} />);
  expect((await said(new Problem(409, 'no-such-code', '', 'the lane is gone'))).querySelector('p')?.lang).toBe('en');
  expect((await said(new Problem(400, 'invalid-request', '', 'a; b', ['a: 1', 'b: 2']))).querySelector('ul')?.lang).toBe('en');
  expect((await said(new Problem(503, 'no-answer', '', ''))).querySelector('p')?.lang).toBe('');
  expect((await said(new Problem(400, OWN, '', 'a number is missing'))).querySelector('p')?.lang).toBe('');
  const panel = await show(<ProblemPanel problem={new Problem(409, 'no-such-code', '', 'the lane is gone')} />);
  expect([...panel.querySelectorAll('p')].find((one) => one.textContent === 'the lane is gone')?.lang).toBe('en');
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
