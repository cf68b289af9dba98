import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { refresh } from '../src/api/query';
import { loadLanguage } from '../src/i18n';
import { AuditLogPage } from '../src/pages/audit';
import { RetryOfCause } from '../src/pages/causes';
import { List } from '../src/pages/failures';
import { go } from '../src/app/router';
import { type Answer, type Asked, hide, json, problem, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
beforeEach(() => vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined));
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
  go('./', true);
});

const failure = (n: number, change: object = {}) => ({
  id: `0199a000-0000-7000-8000-${String(100_000 - n).padStart(12, '0')}`,
  state: 'FAILED',
  recoverability: 'UNKNOWN',
  reason: 'HANDLER_FAILED',
  errorCode: 'E',
  message: `message ${n}`,
  processor: 'points',
  eventType: 'paid',
  eventId: `e-${n}`,
  key: `k-${n}`,
  lane: `k-${n}`,
  retries: 0,
  maxRetries: 10,
  dueAt: null,
  waiting: false,
  executedAt: '2026-01-01T12:00:00Z',
  firstFailedAt: '2026-01-01T12:00:00Z',
  ...change,
});

const page = (from: number, to: number, next: string | null, change: (n: number) => object | null = () => ({})) =>
  json({
    items: Array.from({ length: to - from }, (_, i) => from + i).flatMap((n) => {
      const changed = change(n);
      return changed === null ? [] : [failure(n, changed)];
    }),
    next,
    total: { number: 55, exact: true },
    searched: null,
  });

const more = () => act(() => void [...document.querySelectorAll('button')].find((one) => one.textContent === 'Show more')?.click());
const rowOf = (n: number) => [...document.querySelectorAll('tr.row')].find((row) => row.textContent?.includes(`message ${n}`));

test('rows behind the first page are renewed as those of it are', async () => {
  let later = (): Answer => page(50, 55, null);
  serve(({ path }) => (path.includes('after=') ? later() : page(0, 50, 'c50')));
  await show(<List query={{ state: 'all' }} />);
  await settled();
  await more();
  await settled();
  expect(rowOf(52)?.textContent).toContain('Needs you');
  later = () => page(50, 55, null, (n) => (n === 52 ? { state: 'SUCCEEDED' } : n === 53 ? null : {}));
  await act(() => refresh('failures'));
  await settled();
  await settled();
  expect(rowOf(52)?.textContent).toContain('Handled');
  expect(rowOf(53)?.textContent).toContain('no longer in this list');
  expect(rowOf(54)?.textContent).toContain('Needs you');
});

test('rows of the list before, which come late, are none of this one', async () => {
  let late: ((response: Response) => void) | undefined;
  serve(({ path }) => {
    if (path.includes('after=')) return new Promise<Response>((done) => (late = done));
    return path.includes('state=skipped') ? page(90, 92, null) : page(0, 50, 'c50');
  });
  const root = await show(<List query={{ state: 'all' }} />);
  await settled();
  await more();
  const { render } = await import('preact');
  await act(() => render(<List query={{ state: 'skipped' }} />, root));
  await settled();
  late?.(page(50, 55, null));
  await settled();
  expect(rowOf(52)).toBeUndefined();
  expect(rowOf(91)).toBeDefined();
});

test('a page that does not come is said, and can be asked for again', async () => {
  const rejected = vi.fn();
  process.on('unhandledRejection', rejected);
  serve(({ path }) => (path.includes('after=') ? problem(500, 'internal-error') : page(0, 50, 'c50')));
  await show(<List query={{ state: 'all' }} />);
  await settled();
  await more();
  await settled();
  expect([...document.querySelectorAll('button')].some((one) => one.textContent === 'Show more')).toBe(true);
  await settled();
  process.off('unhandledRejection', rejected);
  expect(rejected).not.toHaveBeenCalled();
});

test('a page of which the person may see nothing is not the end', async () => {
  serve(({ path }) => (path.includes('after=c0') ? page(50, 52, null) : page(0, 0, 'c0')));
  await show(<List query={{ state: 'all' }} />);
  await settled();
  await settled();
  expect(rowOf(51)).toBeDefined();
  expect(document.querySelector('.panel-state')).toBeNull();
});

test('older lines of the audit belong to the filter that they were asked with', async () => {
  const line = (n: number, actor: string) => ({ n, at: '2026-01-01T12:00:00Z', actor, action: 'failure.skip', processor: 'points', failure: null, target: null, reason: null, address: null, parameters: {}, before: {}, after: {}, result: 'done', code: null });
  let late: ((response: Response) => void) | undefined;
  const asked: readonly Asked[] = serve(({ path }) => {
    if (path.includes('after=')) return new Promise<Response>((done) => (late = done));
    return path.includes('actor=ben') ? json({ items: [line(5, 'ben')], next: null }) : json({ items: [line(9, 'ann')], next: 9 });
  });
  await show(<AuditLogPage />);
  await settled();
  await more();
  await act(() => go('audit?actor=ben'));
  await settled();
  late?.(json({ items: [line(3, 'ann')], next: null }));
  await settled();
  expect(asked.length).toBeGreaterThan(2);
  expect(document.querySelectorAll('tr.row')).toHaveLength(1);
  expect(document.querySelector('tr.row')?.textContent).toContain('ben');
});

const group = (change: object) => ({ fingerprint: 'v1:abc', processor: 'points', errorCode: 'E', message: 'm', reason: null, sample: 'f', firstSeen: '2026-01-01T12:00:00Z', lastSeen: '2026-01-01T12:00:00Z', active: 3, scheduled: 0, needsOperator: 3, running: 0, handled: 0, skipped: 0, failures: 3, hours: [], note: null, notedBy: null, notedAt: null, acknowledged: null, ...change });
const planned = () => json({ batch: { id: 'b', total: 3, createdAt: '2026-01-01T12:00:00Z', filter: {} }, willRun: 3, willNotRun: {}, sample: [], followers: 0, estimatedSeconds: 1, large: false, searched: null });

/** What the plan that a person is shown first asks for. */
async function actionOf(asked: readonly Asked[]): Promise<unknown> {
  await vi.waitFor(() => expect(asked.some((one) => one.path.startsWith('batches/plan'))).toBe(true));
  await settled();
  return (asked.find((one) => one.path.startsWith('batches/plan'))?.body as { action: string }).action;
}

test.each([
  ['all need a person', {}, 'force-prepare'],
  ['one of many is spent', { active: 500, scheduled: 499, needsOperator: 1 }, 'prepare'],
  ['they waited too long', { reason: 'WAIT_TIMEOUT' }, 'prepare'],
  ['they waited too long, and the exception says so', { errorCode: 'io.amends.core.handle.WaitTimeoutException' }, 'prepare'],
  ['they are too early', { reason: 'TOO_EARLY', errorCode: 'TOO_EARLY' }, 'prepare'],
  ['none needs a person', { scheduled: 3, needsOperator: 0 }, 'prepare'],
])('a retry of a cause goes past limits at once only if that is all it can mean: %s', async (_, change, action) => {
  const asked = serve(planned);
  await show(<RetryOfCause group={group(change)} onClose={() => undefined} />);
  expect(await actionOf(asked)).toBe(action);
  expect(document.querySelector('dialog')?.textContent).toContain('what waits runs without what it waits for');
});

test.each([
  ['needs-operator', 'HANDLER_FAILED', null, 'force-prepare'],
  ['needs-operator', 'WAIT_TIMEOUT', null, 'prepare'],
  ['needs-operator', 'HANDLER_FAILED', 'c50', 'prepare'],
  ['active', 'HANDLER_FAILED', null, 'prepare'],
])('so does a retry of all of a list: %s, %s, more after %s', async (state, reason, next, action) => {
  const asked = serve(({ path }) => (path.startsWith('batches/plan') ? planned() : page(0, 3, next, (n) => ({ reason: n === 2 ? reason : 'HANDLER_FAILED' }))));
  await show(<List query={{ state }} main />);
  await settled();
  await act(() => void [...document.querySelectorAll('button')].find((one) => one.textContent?.startsWith('Select all'))?.click());
  await act(() => void [...document.querySelectorAll('button')].find((one) => one.textContent?.startsWith('Retry'))?.click());
  expect(await actionOf(asked)).toBe(action);
});

test('a page that was asked for before the newer rows were shown does not bring the old ones back', async () => {
  let late: ((response: Response) => void) | undefined;
  let from = 1;
  serve(({ path }) => (path.includes('after=') ? new Promise<Response>((done) => (late = done)) : page(from, 51, 'c50')));
  await show(<List query={{ state: 'all' }} />);
  await settled();
  await more();
  from = 0;
  await act(() => refresh('failures'));
  await settled();
  await act(() => void [...document.querySelectorAll<HTMLButtonElement>('.newer button')][0]?.click());
  expect(rowOf(0)).toBeDefined();
  late?.(page(51, 55, null));
  await settled();
  expect(rowOf(0)).toBeDefined();
});

test('where all of a cause is done the open ones of it are none, which says nothing of others', async () => {
  serve(() => page(0, 0, null));
  await show(<List query={{ state: 'active', fingerprint: 'v1:abc' }} lead="key" />);
  await settled();
  expect(document.querySelector('.panel-state')?.textContent).toBe('Nothing matches.');
  await show(<List query={{ state: 'active' }} main />);
  await settled();
  expect(document.querySelector('.panel-state')?.textContent).toContain('Nothing failed.');
});
