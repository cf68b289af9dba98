import { expect, test } from 'vitest';
import { laneAddress, laneKeyOf, laneSegment } from '../src/api/lane';
import { random } from './random';

test('a plain key is its own segment', () => {
  for (const key of ['4711', 'order-4711', 'a.b_c', '...', '-']) {
    expect(laneSegment(key)).toBe(key);
    expect(laneKeyOf(key)).toBe(key);
  }
});

test('any other key is in a segment that servers take', () => {
  expect(laneSegment('acme/u1')).toBe('~YWNtZS91MQ');
  expect(laneAddress('points', 'acme/u1')).toBe('lanes/points/~YWNtZS91MQ');
  for (const key of ['acme/u1', '~tilde', '~YWNtZS91MQ', '客户/一', 'a b', 'a%2Fb', '.', '..', ';jsession', '\\', 'ä', '😀', '\u00017', '?#', 'a//b']) {
    const segment = laneSegment(key);
    expect(segment, key).toMatch(/^~[A-Za-z0-9_-]+$/);
    expect(laneKeyOf(segment), key).toBe(key);
  }
});

test('every key comes back', () => {
  const next = random(4711);
  for (let i = 0; i < 2000; i++) {
    const key = Array.from({ length: 1 + Math.floor(next() * 12) }, () => String.fromCodePoint(1 + Math.floor(next() * 0xd7ff))).join('');
    expect(laneKeyOf(decodeURIComponent(laneSegment(key)))).toBe(key);
  }
});

test('what is not made so stands for itself', () => {
  for (const segment of ['~', '~a', '~%', '~_w', 'acme/u1']) expect(laneKeyOf(segment)).toBe(segment);
});
