// The page of a cause: why its failures are one, what it is called if no exception explains it, what is open of it.
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { startKeys } from '../src/app/keys';
import { go } from '../src/app/router';
import { language } from '../src/app/settings';
import { loadLanguage } from '../src/i18n';
import { CauseTable } from '../src/pages/causes';
import { GroupPage } from '../src/pages/group';
import { OverviewPage } from '../src/pages/overview';
import { partsOf } from '../src/pages/why';
import { leftIn } from './left';
import { type Answer, type Asked, hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
beforeEach(() => vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined));
beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(async () => {
  hide();
  go('./', true);
  await speak('en');
  vi.unstubAllGlobals();
});

async function speak(wanted: 'en' | 'zh-CN'): Promise<void> {
  language.value = wanted;
  await vi.waitFor(() => expect(document.documentElement.lang).toBe(wanted));
}

const group = (change: object = {}) => ({
  fingerprint: 'v1:abc',
  processor: 'points',
  errorCode: 'io.shop.Faults$FaultException',
  message: 'the account is closed',
  reason: null,
  sample: 'f-1',
  firstSeen: '2026-01-01T12:00:00Z',
  lastSeen: '2026-01-01T12:00:00Z',
  active: 2,
  scheduled: 2,
  needsOperator: 0,
  running: 0,
  handled: 0,
  skipped: 0,
  failures: 2,
  hours: Array<number>(24).fill(0),
  note: null,
  notedBy: null,
  notedAt: null,
  acknowledged: null,
  builds: [{ build: '2.4.0', firstSeen: '2026-01-01T12:00:00Z', lastSeen: '2026-01-01T12:00:00Z', failures: 2 }],
  why: [],
  ...change,
});

const SLOW = { errorCode: '', message: '', reason: 'SLOW', why: ['processor points', 'reason SLOW', 'event type order.paid'] };
const LINES = ['processor points', 'error io.shop.FaultException', 'error java.io.IOException', 'frame io.shop.Points#add', 'frame io.shop.Points#on'];

async function cause(change: object): Promise<string> {
  serve(({ path }): Answer | undefined => {
    if (path.startsWith('groups/')) return json(group(change));
    if (/^(failures|nodes)(\?|$)/.test(path)) return json({ items: [], next: null, total: { number: 0, exact: true }, searched: null });
    return undefined;
  });
  const root = await show(<GroupPage fingerprint="v1:abc" />);
  for (let i = 0; i < 4; i++) await settled();
  return root.textContent ?? '';
}

test('the page of a cause says what is the same in its failures', async () => {
  await cause({ why: LINES });
  const section = document.querySelector('[aria-labelledby=why]');
  const rows = [...(section?.querySelectorAll('dl > div') ?? [])].map((row) => [row.querySelector('dt')?.textContent, ...[...row.querySelectorAll('dd > div')].map((one) => one.textContent)]);
  expect(rows).toEqual([
    ['Processor', 'points'],
    ['Exceptions', 'io.shop.FaultException', 'java.io.IOException'],
    ['Own frames', 'io.shop.Points#add', 'io.shop.Points#on'],
  ]);
  expect(section?.textContent).toContain('version v1 of the rule');
});

test('what the server does not know is said, and what the page does not know is shown', async () => {
  expect(await cause({ why: [] })).toContain('What it was made of is not known.');
  expect(partsOf(['event type order.paid', 'tenant acme', 'message '])).toEqual([
    ['event type', ['order.paid']],
    [null, ['tenant acme']],
    ['message', ['']],
  ]);
});

test.each([
  ['en', 'The run takes longer than its slot waits', 'Without an error'],
  ['zh-CN', '执行时间超过了分片的等待时间', '没有错误'],
] as const)('a cause without an exception has a title everywhere: %s', async (wanted, slow, none) => {
  await speak(wanted);
  expect(await cause(SLOW)).toContain(slow);
  expect(document.querySelector('h1')?.textContent).toBe(slow);
  expect(document.querySelector('[aria-labelledby=why]')?.textContent).toContain(slow);
  expect(leftIn(document.body, wanted)).toEqual([]);
  const list = async (change: object) => (await show(<CauseTable items={[group(change)]} />)).querySelector('.cause-name')?.textContent;
  expect(await list(SLOW)).toBe(slow);
  expect(await list({ ...SLOW, reason: null })).toBe(none);
  expect(await list({})).toBe('FaultException');
});

/** What its list asks for. */
async function listed(active: number, query = ''): Promise<{ states: readonly (string | null)[]; asked: readonly Asked[] }> {
  go(`./${query}`, true);
  const asked = serve(({ path }): Answer | undefined => {
    if (path.startsWith('groups/')) return json(group({ active }));
    if (path.startsWith('batches/plan')) return json({ batch: { id: 'b', total: 2, createdAt: '2026-01-01T12:00:00Z', filter: {} }, willRun: 2, willNotRun: {}, sample: [], followers: 0, estimatedSeconds: 1, large: false, searched: null });
    return json({ items: [], next: null, total: { number: 0, exact: true }, searched: null });
  });
  await show(<GroupPage fingerprint="v1:abc" />);
  for (let i = 0; i < 4; i++) await settled();
  const states = asked.map((one) => new URLSearchParams(one.path.split('?')[1])).filter((one) => one.get('total') === 'true').map((one) => one.get('state'));
  return { states, asked };
}
const current = () => document.querySelector('.tabs [aria-current]')?.textContent;

test('what is open of a cause comes first, and all of it is one step away', async () => {
  expect((await listed(2)).states).toEqual(['active']);
  expect(current()).toBe('Open');
  expect([...document.querySelectorAll('.tabs a')].map((one) => one.textContent)).toEqual(['Open', 'All']);
  expect((await listed(2, '?state=all')).states).toEqual(['all']);
  expect(current()).toBe('All');
  expect((await listed(2, '?state=nonsense')).states).toEqual(['active']);
  // where nothing is open there is something to see as well
  expect((await listed(0)).states).toEqual(['all']);
});

test('r on a cause opens the plan of its retry', async () => {
  startKeys();
  const { asked } = await listed(2);
  document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true, cancelable: true }));
  await vi.waitFor(() => expect(document.querySelector('dialog .plan-numbers dd')?.textContent).toBe('2'));
  expect(asked.filter((one) => one.method === 'POST').map((one) => one.path.split('?')[0])).toEqual(['batches/plan']);
});

test('r on a cause in a list opens the plan of that one', async () => {
  const asked = serve(() => new Promise<Response>(() => undefined));
  const press = () => act(() => void document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true, cancelable: true })));
  await show(<CauseTable items={[group(), group({ fingerprint: 'v1:def' }), group({ fingerprint: 'v1:end', active: 0 })]} />);
  // where no cause has the focus nothing is meant, and where nothing is open there is nothing to retry
  await press();
  document.querySelector<HTMLElement>('[href="groups/v1%3Aend"], [href="groups/v1:end"]')?.focus();
  await press();
  await settled();
  expect(document.querySelector('dialog')).toBeNull();
  document.querySelector<HTMLElement>('[href="groups/v1%3Adef"], [href="groups/v1:def"]')?.focus();
  await press();
  await vi.waitFor(() => expect(document.querySelector('dialog .plan-about')?.textContent).toContain('v1:def'));
  expect(asked.map((one) => one.path)).toEqual([expect.stringContaining('v1%3Adef')]);
});

test('the overview lists it by that title', async () => {
  serve(({ path }): Answer | undefined => {
    if (path === 'counts') return json({ asOf: '2026-01-01T12:00:00Z', failures: { active: 2 }, needsOperator: {}, blockedLanes: 0, failedLanes: 0 });
    if (path.startsWith('groups')) return json({ items: [group(SLOW)], more: false });
    return path.startsWith('flow') ? undefined : json({ items: [], next: null, more: false, total: null, searched: null });
  });
  await show(<OverviewPage />);
  await settled();
  await settled();
  expect(document.querySelector('.cause-name')?.textContent).toBe('The run takes longer than its slot waits');
});

test('the overview tells of the oldest among those that need a person, and leads to that one', async () => {
  const asked = serve(({ path }): Answer | undefined => {
    if (path === 'counts') return json({ asOf: '2026-01-01T12:00:00Z', failures: { active: 9, 'needs-operator': 1 }, needsOperator: {}, blockedLanes: 0, failedLanes: 0 });
    if (path.includes('sort=oldest')) return json({ items: [{ id: path.includes('state=needs-operator') ? 'f-needs' : 'f-other', firstFailedAt: '2026-01-01T11:00:00Z' }], next: null, total: null, searched: null });
    return path.startsWith('flow') ? undefined : json({ items: [], next: null, more: false, total: null, searched: null });
  });
  await show(<OverviewPage />);
  for (let i = 0; i < 3; i++) await settled();
  const [needs, oldest] = document.querySelectorAll('.stat-group .stat a');
  expect(needs?.getAttribute('href')).toBe('failures?view=list&state=needs-operator');
  expect(oldest?.getAttribute('href')).toBe('failures/f-needs');
  expect(asked.filter((one) => one.path.includes('sort=oldest')).length).toBe(1);
});
