import { expect, test } from 'vitest';
import { Problem } from '../src/api/http';
import { givenPolicy } from '../src/pages/change';
import { picked, selectionWords } from '../src/pages/selection';
import { loadLanguage } from '../src/i18n';

const IDS = ['a', 'b', 'c', 'd', 'e'];
const pick = (before: readonly string[], at: number, anchor: number | null = null, range = false, ids: readonly (string | null)[] = IDS): string[] =>
  [...picked(new Set(before), ids, at, anchor, range)].sort();

test('a row is selected, and no more', () => {
  expect(pick([], 1)).toEqual(['b']);
  expect(pick(['b', 'd'], 1)).toEqual(['d']);
  expect(pick(['b'], 9)).toEqual(['b']);
});

test('a range goes from the last row that was clicked, in both directions, and takes away as well', () => {
  expect(pick(['b'], 3, 1, true)).toEqual(['b', 'c', 'd']);
  expect(pick(['d'], 1, 3, true)).toEqual(['b', 'c', 'd']);
  expect(pick(['b', 'c', 'd', 'e'], 3, 1, true)).toEqual(['e']);
  // without a row that was clicked before it is that row
  expect(pick([], 2, null, true)).toEqual(['c']);
  // and if the list became shorter
  expect(pick([], 2, 40, true)).toEqual(['c']);
});

test('what is done is not selected, neither by itself nor within a range', () => {
  const ids = ['a', null, 'c', null, 'e'];
  expect(pick(['a'], 1, null, false, ids)).toEqual(['a']);
  expect(pick(['a'], 4, 0, true, ids)).toEqual(['a', 'c', 'e']);
  expect(pick(['a', 'c', 'e'], 2, 4, true, ids)).toEqual(['a']);
});

test('only what is not done is counted, and the words say so where done ones are shown', async () => {
  await loadLanguage();
  expect(selectionWords(2, false, 7, true)).toBe('2 selected');
  expect(selectionWords(7, true, 7, true)).toBe('All 7 open selected');
  expect(selectionWords(7, true, 7, false)).toBe('All 7 matching selected');
  expect(selectionWords(7, true, null, true)).toBe('All matching selected');
});

test('of a policy only what was filled in is changed', async () => {
  await loadLanguage();
  const form = (given: Record<string, string>) => {
    const data = new FormData();
    for (const name of ['enabled', 'maxRetries', 'minBackoff', 'maxBackoff', 'jitter', 'executionTimeout']) data.set(name, given[name] ?? '');
    return givenPolicy(data);
  };
  expect(form({})).toEqual({});
  expect(form({ enabled: 'false', maxRetries: '0', minBackoff: '5m' })).toEqual({ enabled: false, maxRetries: 0, minBackoff: 'PT300S' });
  expect(form({ jitter: '25', executionTimeout: '90s' })).toEqual({ jitter: 0.25, executionTimeout: 'PT90S' });
  expect(form({ jitter: '0' })).toEqual({ jitter: 0 });
  expect(() => form({ maxBackoff: 'soon' })).toThrow(Problem);
});
