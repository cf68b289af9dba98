import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { loadLanguage } from '../src/i18n';
import { LanePage, LanesPage } from '../src/pages/lanes';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
});

test('who resumes a lane sees that where lanes are listed as well', async () => {
  let paused: object | null = { by: 'ann', since: '2026-01-01T12:00:00Z', reason: 'the shop corrects it' };
  const lane = () => ({ processor: 'points', key: 'u1', head: null, headPosition: null, blocked: false, paused, since: '2026-01-01T12:00:00Z', followers: 0, stopsSlot: false, events: [], next: null });
  const asked = serve(({ path, method }) => {
    if (method === 'POST') {
      paused = null;
      return json({});
    }
    if (path.startsWith('lanes/points/u1')) return json(lane());
    if (path.startsWith('lanes')) return json({ items: paused ? [lane()] : [], next: null });
    return json({ items: [], next: null, total: null, searched: null });
  });
  await show(
    <>
      <LanesPage />
      <LanePage processor="points" laneKey="u1" />
    </>,
  );
  for (let i = 0; i < 3; i++) await settled();
  expect(document.querySelectorAll('.lanes-list tbody tr')).toHaveLength(1);
  await act(() => void [...document.querySelectorAll('button')].find((one) => one.textContent === 'Resume')?.click());
  for (let i = 0; i < 3; i++) await settled();
  expect(asked.some((one) => one.method === 'POST' && one.path === 'lanes/points/u1/resume')).toBe(true);
  expect(document.querySelectorAll('.lanes-list tbody tr')).toHaveLength(0);
  expect(document.querySelector('.held')).toBeNull();
});
