import { afterEach, beforeAll, expect, test } from 'vitest';
import { loadLanguage } from '../src/i18n';
import { LanePage } from '../src/pages/lanes';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(hide);

const DONE = { position: 41, eventId: 'e-41', source: '/shop', eventType: 'order.placed', at: '2026-01-01T12:00:00Z' };
const PARKED = { position: 43, kind: 'PARKED', failure: null, eventId: 'e-43', source: '/shop', eventType: 'order.paid', time: null, waiting: null };
const LANE = { processor: 'points', key: 'u1', slot: 0, since: '2026-01-01T12:00:00Z', headPosition: 43, stopsSlot: false, blocked: false, followers: 0, head: null, paused: null, version: '1', events: [PARKED], next: null };
const RECORD = { id: 'f-41', lane: 'u1', key: 'u1', state: 'SKIPPED', position: 41, eventId: 'e-41', eventType: 'order.placed', executedAt: '2026-01-01T12:00:00Z' };

async function steps(lastDone: typeof DONE | null, records: readonly (typeof RECORD)[]): Promise<readonly (string | null)[]> {
  serve(({ path }) => (path.startsWith('lanes/') ? json({ ...LANE, lastDone }) : path.startsWith('failures?') ? json({ items: records, next: null, total: null, searched: null }) : undefined));
  await show(<LanePage processor="points" laneKey="u1" />);
  await settled();
  return [...document.querySelectorAll('.rail-item')].map((one) => one.textContent);
}

test('a lane begins with the event that was done last', async () => {
  const [first, second, ...others] = await steps(DONE, []);
  expect(first).toContain('order.placed');
  expect(first).toContain('done last');
  expect(first).toContain('e-41');
  expect(second).toContain('e-43');
  expect(others).toEqual([]);
});

test('what was done last is shown once where there is a record of it', async () => {
  const [first, ...others] = await steps(DONE, [RECORD]);
  expect(first).toContain('Skipped');
  expect(first).not.toContain('done last');
  expect(others).toHaveLength(1);
});

test('of a lane of which nothing is known to be done nothing is said', async () => {
  const [first, ...others] = await steps(null, []);
  expect(first).toContain('e-43');
  expect(others).toEqual([]);
});
