import { expect, test } from 'vitest';
import type { FlowPoint } from '../src/api/model';
import { brief } from '../src/pages/flow-brief';

const FROM = Date.parse('2026-01-01T12:00:00Z');
const minute = (i: number, published: number): FlowPoint => ({ at: new Date(FROM + i * 60_000).toISOString(), minutes: 1, published }) as unknown as FlowPoint;
const hour = (points: readonly FlowPoint[]) => ({ points, from: new Date(FROM).toISOString(), to: new Date(FROM + 3_600_000).toISOString(), step: 'PT1M' });

test('an hour is thirty bars and the rate of the minutes that were measured', () => {
  const full = brief(hour(Array.from({ length: 60 }, (_, i) => minute(i, i === 59 ? 62 : 2))), (point) => point.published);
  expect(full.total).toBe(180);
  expect(full.perMinute).toBe(3);
  expect(full.bars).toEqual([...Array<number>(29).fill(4), 64]);
  // a minute in which no node was alive is not one in which nothing was published
  expect(brief(hour([minute(10, 6), minute(11, 2)]), (point) => point.published).perMinute).toBe(4);
  expect(brief(hour([]), (point) => point.published).perMinute).toBeNull();
});
