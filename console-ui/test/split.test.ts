import { expect, test } from 'vitest';
import { widthAfter, widthOf } from '../src/ui/split';

test('a detail is as wide as was asked for, as far as both have room', () => {
  expect(widthOf(500, 1100).now).toBe(500);
  expect(widthOf(100, 1100).now).toBe(360);
  expect(widthOf(2000, 1100)).toEqual({ least: 360, now: 700, most: 700 });
  // as long as nothing was asked for it is a share
  expect(widthOf(null, 1000).now).toBe(460);
  // where there is no room for both, the detail has what it needs
  expect(widthOf(null, 500)).toEqual({ least: 360, now: 360, most: 360 });
});

test('keys move the separator, and never past an end', () => {
  const at = widthOf(500, 1100);
  expect(widthAfter('ArrowLeft', at)).toBe(524);
  expect(widthAfter('ArrowRight', at)).toBe(476);
  expect(widthAfter('Home', at)).toBe(360);
  expect(widthAfter('End', at)).toBe(700);
  expect(widthAfter('x', at)).toBeNull();
  expect(widthAfter('ArrowLeft', widthOf(700, 1100))).toBe(700);
  expect(widthAfter('ArrowRight', widthOf(360, 1100))).toBe(360);
});
