// What the newest build says of a failure: whether a retry may end otherwise.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { now } from '../src/app/clock';
import { language } from '../src/app/settings';
import { answered } from '../src/api/query';
import { loadLanguage } from '../src/i18n';
import { BuildHint, newestBuild } from '../src/pages/build-hint';
import { leftIn } from './left';
import { hide, json, problem, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
beforeEach(() => {
  answered.value = true;
});
afterEach(async () => {
  hide();
  language.value = 'en';
  await vi.waitFor(() => expect(document.documentElement.lang).toBe('en'));
  vi.unstubAllGlobals();
});

const node = (build: string, minutes: number, alive = true) => ({
  id: `${build}-${minutes}`,
  host: 'h',
  build,
  startedAt: new Date(now.peek() - minutes * 60_000).toISOString(),
  expiresAt: new Date(now.peek() + 60_000).toISOString(),
  alive,
  slots: {},
});

async function hint(failedIn: readonly string[], ...nodes: readonly ReturnType<typeof node>[]): Promise<string> {
  serve(({ path }) => (path === 'nodes' ? json({ items: nodes }) : undefined));
  const root = await show(<BuildHint failedIn={failedIn} />);
  await settled();
  return root.textContent ?? '';
}

test('the newest build is the one that a living node was started with last, since its first node', () => {
  const nodes = [node('2.4.0', 900), node('2.4.1', 12), node('2.4.1', 3), node('2.5.0', 1, false)];
  expect(newestBuild(nodes)).toEqual({ build: '2.4.1', since: nodes[1]?.startedAt });
  // one that was put back is the newest again
  expect(newestBuild([node('2.4.1', 12), node('2.4.0', 2)])?.build).toBe('2.4.0');
  expect(newestBuild([node('unknown', 1)])).toBeNull();
  expect(newestBuild([])).toBeNull();
});

test('a build that was started since says since when, and that nothing failed so in it', async () => {
  expect(await hint(['2.4.0'], node('2.4.0', 900), node('2.4.1', 12))).toBe('2.4.1 was started 12m ago; no failure of it yet.');
  expect(await hint(['2.4.0', '2.4.1'], node('2.4.0', 900), node('2.4.1', 12))).toBe('It fails in the newest build too, 2.4.1.');
});

test('the same in Chinese', async () => {
  language.value = 'zh-CN';
  await vi.waitFor(() => expect(document.documentElement.lang).toBe('zh-CN'));
  expect(await hint(['2.4.0'], node('2.4.1', 12))).toMatch(/^2\.4\.1 于.*启动，目前没有失败。$/);
  expect(await hint(['2.4.1'], node('2.4.1', 12))).toBe('在最新构建版本 2.4.1 中同样失败。');
  expect(leftIn(document.body, 'zh-CN')).toEqual([]);
});

test('where the builds are not known, or may not be seen, nothing is claimed', async () => {
  expect(await hint(['unknown'], node('unknown', 12))).toBe('');
  expect(await hint(['2.4.0'])).toBe('');
  serve(() => problem(403, 'forbidden'));
  const root = await show(<BuildHint failedIn={['2.4.0']} />);
  await settled();
  expect(root.textContent).toBe('');
});
