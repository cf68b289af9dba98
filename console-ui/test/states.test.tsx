// Every page while it loads, where there is nothing, where it is refused, gone or broken, and when the server goes away.
import axe from 'axe-core';
import type { JSX } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { awaySince } from '../src/api/http';
import { refresh } from '../src/api/query';
import { language } from '../src/app/settings';
import { loadLanguage } from '../src/i18n';
import { AuditLogPage } from '../src/pages/audit';
import { BatchPage, BatchesPage } from '../src/pages/batches';
import { FailurePageView } from '../src/pages/failure';
import { FailuresPage } from '../src/pages/failures';
import { FlowPage } from '../src/pages/flow';
import { GroupPage } from '../src/pages/group';
import { LanePage, LanesPage } from '../src/pages/lanes';
import { OverviewPage } from '../src/pages/overview';
import { ProcessorPage } from '../src/pages/processor';
import { ProcessorsPage } from '../src/pages/processors';
import { WaitsPage } from '../src/pages/waits';
import { leftIn } from './left';
import { type Answer, hide, json, problem, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
beforeEach(() => {
  const flow = { matches: false, addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('matchMedia', () => flow);
});
afterEach(async () => {
  hide();
  await speak('en');
  vi.unstubAllGlobals();
});

async function speak(wanted: 'en' | 'zh-CN'): Promise<void> {
  language.value = wanted;
  await vi.waitFor(() => expect(document.documentElement.lang).toBe(wanted));
}

interface Place {
  readonly name: string;
  readonly page: () => JSX.Element;
  /** What it says where there is nothing; null for a page of one thing, which then is not there. */
  readonly empty: string | null;
}

const PLACES: readonly Place[] = [
  { name: 'overview', page: () => <OverviewPage />, empty: 'Nothing failed.' },
  { name: 'causes', page: () => <FailuresPage />, empty: 'Nothing failed.' },
  { name: 'cause', page: () => <GroupPage fingerprint="v1:abc" />, empty: null },
  { name: 'failure', page: () => <FailurePageView id="f-1" />, empty: null },
  { name: 'lanes', page: () => <LanesPage />, empty: 'No lane is blocked.' },
  { name: 'lane', page: () => <LanePage processor="points" laneKey="acme/4711" />, empty: 'Nothing blocks this lane' },
  { name: 'waits', page: () => <WaitsPage />, empty: 'Nothing waits.' },
  { name: 'flow', page: () => <FlowPage />, empty: 'Nothing was measured in this time.' },
  { name: 'processors', page: () => <ProcessorsPage />, empty: 'No processor has started yet.' },
  { name: 'processor', page: () => <ProcessorPage name="points" />, empty: null },
  { name: 'batches', page: () => <BatchesPage />, empty: 'No batch was started.' },
  { name: 'batch', page: () => <BatchPage id="b-1" />, empty: null },
  { name: 'audit', page: () => <AuditLogPage />, empty: 'Nobody has done anything yet.' },
];

/** A service in which nothing has happened. */
function nothing({ path }: { path: string }): Answer | undefined {
  if (path === 'counts') return json({ asOf: '2026-01-01T12:00:00Z', failures: { active: 0, 'needs-operator': 0 }, needsOperator: {}, blockedLanes: 0, failedLanes: 0 });
  if (path.startsWith('flow')) {
    return json({ asOf: '2026-01-01T12:00:00Z', from: '2026-01-01T11:00:00Z', to: '2026-01-01T12:00:00Z', step: 'PT1M', stages: [], processors: [], points: [], problems: [], markers: [], more: 0 });
  }
  if (/^(failures|groups|lanes|waits|batches|audit|processors|nodes)(\?|$)/.test(path)) return json({ items: [], next: null, more: false, total: { number: 0, exact: true }, searched: null });
  return undefined;
}

const text = (): string => document.querySelector('main')?.textContent ?? '';

const RULES = Object.fromEntries(['color-contrast', 'region', 'landmark-one-main', 'page-has-heading-one', 'document-title', 'html-has-lang', 'bypass'].map((rule) => [rule, { enabled: false }]));

/** What axe finds; what needs a layout, or the rest of the page, is looked at in a browser. */
async function findings(): Promise<readonly string[]> {
  const { violations } = await axe.run(document.querySelector('main') ?? document.body, { rules: RULES });
  return violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

async function shown({ page }: Place): Promise<void> {
  await show(page());
  for (let i = 0; i < 4; i++) await settled();
}

test.each(PLACES)('$name: while it loads there is a heading, and then that it loads', async (place) => {
  serve(() => new Promise<Response>(() => undefined));
  await show(place.page());
  expect(document.querySelectorAll('h1')).toHaveLength(1);
  expect(document.querySelector('[role=alert]')).toBeNull();
  await act(() => new Promise<void>((done) => setTimeout(done, 200)));
  expect(document.querySelector('.skeleton[role=status]')?.textContent).toBe('Loading');
  expect(await findings()).toEqual([]);
});

test.each(PLACES.filter((one) => one.empty !== null))('$name: where there is nothing it says so', async (place) => {
  serve(nothing);
  await shown(place);
  expect(text()).toContain(place.empty);
  expect(text()).not.toMatch(/undefined|NaN|\[object/);
  expect(document.querySelector('[role=alert]')).toBeNull();
  expect(await findings()).toEqual([]);
  expect(leftIn(document.body, 'en')).toEqual([]);
});

test.each(PLACES)('$name: what is refused says which permission is missing', async (place) => {
  serve(() => problem(403, 'forbidden', 'ann lacks the permission failures:read'));
  await shown(place);
  expect(document.querySelector('[role=alert] h2')?.textContent).toBe('You may not see this');
  expect(text()).toContain('failures:read');
  expect(await findings()).toEqual([]);
});

test.each(PLACES.filter((one) => one.empty === null))('$name: what is gone is no fault', async (place) => {
  serve(() => undefined);
  await shown(place);
  expect(document.querySelector('[role=alert] h2')?.textContent).toBe('It is not here');
  expect(await findings()).toEqual([]);
});

test.each(PLACES)('$name: a fault of the service is said, and it can be asked again', async (place) => {
  let broken = true;
  serve((asked) => (broken ? problem(500, 'internal-error', 'a fault of the service') : nothing(asked)));
  await shown(place);
  expect(document.querySelector('[role=alert] h2')?.textContent).toBe('This could not be shown');
  expect(text()).toContain('internal-error');
  expect(await findings()).toEqual([]);
  broken = false;
  await act(() => [...document.querySelectorAll('button')].find((one) => one.textContent === 'Try again')?.click());
  for (let i = 0; i < 4; i++) await settled();
  expect(text()).not.toContain('internal-error');
});

test.each(PLACES.filter((one) => one.empty !== null))('$name: when the server goes away it keeps what it has', async (place) => {
  serve(nothing);
  await shown(place);
  expect(text()).toContain(place.empty);
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  await act(() => refresh(''));
  for (let i = 0; i < 3; i++) await settled();
  expect(awaySince.value).not.toBeNull();
  expect(text()).toContain(place.empty);
  expect(document.querySelector('[role=alert]')).toBeNull();
});

test.each(PLACES)('$name: nothing is left in English', async (place) => {
  await speak('zh-CN');
  serve(nothing);
  await shown(place);
  expect(text()).toMatch(/[\u4e00-\u9fff]/);
  expect(leftIn(document.body, 'zh-CN')).toEqual([]);
});

test('what is left in another language is found', () => {
  document.body.insertAdjacentHTML('beforeend', '<main><p>已暂停 by the rule</p><p lang="en">by the rule</p><p>“by the rule”</p><code>by the rule</code></main>');
  expect(leftIn(document.body, 'zh-CN')).toEqual(['已暂停 by the rule']);
});
