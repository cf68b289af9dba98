import { expect, test } from 'vitest';
import type { FailureSummary } from '../src/api/model';
import { causesOf, lanesOf } from '../src/ui/causes';

const NOW = Date.parse('2026-01-01T12:00:00Z');

let ids = 0;
const failure = (more: Partial<FailureSummary>): FailureSummary =>
  ({
    id: String(1000 - ids++),
    state: 'FAILED',
    processor: 'points',
    fingerprint: 'v1:a',
    errorCode: 'io.shop.A',
    message: 'no',
    eventType: 'order.paid',
    lane: `k${ids}`,
    position: ids,
    firstFailedAt: '2026-01-01T11:00:00Z',
    executedAt: '2026-01-01T11:30:00Z',
    dueAt: '2026-01-01T13:00:00Z',
    ...more,
  }) as FailureSummary;

test('failures of one cause are one row, the cause first that blocks most lanes', () => {
  const many = [1, 2, 3].map(() => failure({ fingerprint: 'v1:b', lane: 'one', dueAt: null }));
  const wide = [failure({}), failure({ executedAt: '2026-01-01T11:59:00Z', eventType: 'order.cancelled' })];
  const [first, second] = causesOf([...many, ...wide], NOW);
  expect(first).toMatchObject({ fingerprint: 'v1:a', count: 2, lanes: 2, types: ['order.cancelled', 'order.paid'], lastFailedAt: '2026-01-01T11:59:00Z' });
  expect(first?.queues).toMatchObject({ scheduled: 2, 'needs-operator': 0 });
  expect(second).toMatchObject({ fingerprint: 'v1:b', count: 3, lanes: 1 });
  expect(second?.queues).toMatchObject({ scheduled: 0, 'needs-operator': 3 });
});

test('the counts of a cause sum to its total', () => {
  const states = ['FAILED', 'PREPARED'] as const;
  const all = Array.from({ length: 200 }, (_, i) =>
    failure({ state: states[i % 2] ?? 'FAILED', fingerprint: `v1:${i % 7}`, dueAt: i % 3 === 0 ? null : i % 3 === 1 ? '2026-01-01T11:00:00Z' : '2026-01-01T13:00:00Z' }),
  );
  for (const cause of causesOf(all, NOW)) {
    expect(Object.values(cause.queues).reduce((sum, one) => sum + one, 0)).toBe(cause.count);
    expect(cause.ids).toHaveLength(cause.count);
  }
});

test("a lane's head is its earliest event; events without a lane block none", () => {
  const later = failure({ lane: 'x', position: 9, firstFailedAt: '2026-01-01T10:00:00Z' });
  const head = failure({ lane: 'x', position: 4, firstFailedAt: '2026-01-01T10:30:00Z' });
  const other = failure({ lane: 'x', processor: 'mail', firstFailedAt: '2026-01-01T09:00:00Z' });
  const lanes = lanesOf([later, head, other, failure({ lane: null })]);
  expect(lanes.map((one) => [one.processor, one.key, one.head.id, one.open])).toEqual([
    ['mail', 'x', other.id, 1],
    ['points', 'x', head.id, 2],
  ]);
});
