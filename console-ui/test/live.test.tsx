import { act } from 'preact/test-utils';
import type { JSX } from 'preact';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startLive } from '../src/api/live';
import { useResource } from '../src/api/query';
import { loadLanguage } from '../src/i18n';
import { hide, json, serve, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

function Value(): JSX.Element {
  return <p>{useResource<{ items: unknown[] }>('lanes').data?.items.length}</p>;
}

const soon = () => act(() => new Promise<void>((done) => setTimeout(done, 300)));

test('a tab that is hidden reads nothing, and all when it is seen again', async () => {
  let told: ((message: { data: unknown }) => void) | undefined;
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      addEventListener(_: string, listener: typeof told) {
        told ??= listener;
      }
      postMessage() {
        // nobody else is there
      }
    },
  );
  vi.stubGlobal('EventSource', class {});
  Object.defineProperty(navigator, 'locks', { configurable: true, value: { request: () => new Promise(() => undefined) } });
  const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
  const asked = serve(() => json({ items: [] }));
  await show(<Value />);
  startLive();
  await soon();
  const reads = () => asked.filter((one) => one.path === 'lanes').length;
  expect(reads()).toBe(1);
  told?.({ data: { on: true, event: 'lanes' } });
  await soon();
  expect(reads()).toBe(2);

  visible.mockReturnValue('hidden');
  document.dispatchEvent(new Event('visibilitychange'));
  told?.({ data: { on: true, event: 'lanes' } });
  await soon();
  expect(reads()).toBe(2);

  visible.mockReturnValue('visible');
  document.dispatchEvent(new Event('visibilitychange'));
  await soon();
  expect(reads()).toBe(3);
});
