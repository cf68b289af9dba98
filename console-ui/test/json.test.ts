import { expect, test } from 'vitest';
import { prettyJson } from '../src/ui/json';
import { pick, random, word } from './random';

test('numbers and texts stay as they are written', () => {
  expect(prettyJson('{"id":12345678901234567890,"a":[1,2.50],"t":"x,{}: \\" y","e":{},"f":[ ]}')).toBe(
    '{\n  "id": 12345678901234567890,\n  "a": [\n    1,\n    2.50\n  ],\n  "t": "x,{}: \\" y",\n  "e": {},\n  "f": []\n}',
  );
});

test('says the same as before, whatever the document', () => {
  const next = random(5);
  const value = (depth: number): unknown => {
    const kind = next();
    if (depth > 3 || kind < 0.4) return pick(next, [1, -2.5, true, null, word(next, 'ab"\\,:{}[] 单', 8)]);
    if (kind < 0.7) return Array.from({ length: Math.floor(next() * 4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: Math.floor(next() * 4) }, (_, i) => [`${i}${word(next, 'k"', 3)}`, value(depth + 1)]));
  };
  for (let i = 0; i < 1_000; i++) {
    const document = value(0);
    const pretty = prettyJson(JSON.stringify(document));
    expect(JSON.parse(pretty)).toEqual(document);
    expect(pretty).toBe(JSON.stringify(document, null, 2));
  }
});

test('ends for text that is no JSON', () => {
  for (const text of ['"', '\\', ']]]}', '{"a', '{'.repeat(1000)]) expect(prettyJson(text).length).toBeGreaterThan(0);
});
