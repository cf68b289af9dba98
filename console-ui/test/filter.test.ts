import { expect, test } from 'vitest';
import { type Filter, parseFilter, printFilter } from '../src/ui/filter';
import { pick, random, word } from './random';

test('reads fields, quoted values and words', () => {
  const { fields, words } = parseFilter('processor:points key:"order 7" timed out type:order.paid');
  expect([...fields]).toEqual([
    ['processor', 'points'],
    ['key', 'order 7'],
    ['type', 'order.paid'],
  ]);
  expect(words).toBe('timed out');
});

test('what looks like an address or a time is a word, not a field', () => {
  expect(parseFilter('12:30').words).toBe('12:30');
  expect(parseFilter('key:').words).toBe('key:');
});

test('a printed filter reads as it was, whatever its values are', () => {
  const next = random(7);
  for (let i = 0; i < 5_000; i++) {
    const fields = new Map<string, string>();
    for (let n = Math.floor(next() * 3); n > 0; n--) fields.set(pick(next, ['key', 'type', 'processor']), `${word(next, 'ab "\\:é单', 5)}x`);
    const words: string[] = [];
    for (let n = Math.floor(next() * 3); n > 0; n--) words.push(`${word(next, 'ab"\\:k', 4)}y`);
    const filter: Filter = { fields, words: words.join(' ') };
    const again = parseFilter(printFilter(filter));
    expect([...again.fields], printFilter(filter)).toEqual([...fields]);
    expect(again.words, printFilter(filter)).toBe(filter.words);
  }
});
