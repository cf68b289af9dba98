import { beforeAll, expect, test } from 'vitest';
import { loadLanguage } from '../src/i18n';
import { sentence } from '../src/pages/flow';
import { alone, onAxis, rate, summarize } from '../src/ui/series';
import { random } from './random';

beforeAll(() => loadLanguage());

const at = (minute: number) => ({ at: new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString() });

test('a step without a point is a gap, not a zero', () => {
  const { times, points } = onAxis([at(1), at(2), at(4)], '2026-01-01T12:00:30Z', '2026-01-01T12:05:10Z', 60_000);
  expect(times).toHaveLength(5);
  expect(points.map((point) => point !== null)).toEqual([false, true, true, false, true]);
});

test('the step that has just begun is not a gap', () => {
  const { times } = onAxis([at(3)], '2026-01-01T12:03:00Z', '2026-01-01T12:04:20Z', 60_000);
  expect(times).toHaveLength(1);
  // but one that ended is
  expect(onAxis([at(3)], '2026-01-01T12:03:00Z', '2026-01-01T12:06:00Z', 60_000).times).toHaveLength(3);
});

test('a summary is of what was measured', () => {
  expect(summarize([])).toBeNull();
  expect(summarize([null, null])).toBeNull();
  expect(summarize([null, 2, 5, 5, null])).toEqual({ least: 2, most: 5, mostAt: 3, last: null, trend: 'rising' });
  expect(summarize([0, 0, 0])?.trend).toBe('steady');
  expect(summarize([10, 1, 7])?.trend).toBe('falling');
  expect(summarize([10, 100, 11])?.trend).toBe('steady');
});

test('least, most and place are true for any values', () => {
  const next = random(11);
  for (let i = 0; i < 500; i++) {
    const values = Array.from({ length: 1 + Math.floor(next() * 40) }, () => (next() < 0.2 ? null : Math.floor(next() * 9)));
    const known = values.filter((value) => value !== null);
    const sum = summarize(values);
    if (known.length === 0) expect(sum).toBeNull();
    else {
      expect(sum?.least).toBe(Math.min(...known));
      expect(sum?.most).toBe(Math.max(...known));
      expect(values[sum?.mostAt ?? -1]).toBe(Math.max(...known));
    }
  }
});

test('a point without neighbours gets a dot', () => {
  expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5]);
  expect(alone([null, 1, null])).toEqual([1]);
  expect(alone([1, 2, 3])).toEqual([]);
});

test('a chart says in words what it shows', () => {
  const times = [0, 60, 120].map((second) => Date.UTC(2026, 0, 1, 12) / 1000 + second);
  const series = [
    { label: 'handled', line: 'a' as const, values: [10, null, 340] },
    { label: 'failed', line: 'bad' as const, values: [0, null, 0] },
  ];
  const said = sentence(series, times, rate);
  expect(said).toMatch(/^handled: 10 to 340, most at \d\d:\d\d, last 340, steady\./);
  expect(said).toContain('failed: none.');
  expect(said).toContain('1 point is missing');
  expect(sentence([{ label: 'handled', line: 'a', values: [4, 4] }], times.slice(1), rate)).toBe('handled: 4 throughout.');
  expect(sentence([{ label: 'handled', line: 'a', values: [null] }], [times[0] ?? 0], rate)).toBe('Nothing was measured.');
});

test('small rates are finer than great ones', () => {
  expect(rate(0.24)).toBe('0.2');
  expect(rate(12.34)).toBe('12.3');
  expect(rate(1234.5)).toBe('1,235');
});
