import { beforeAll, expect, test } from 'vitest';
import { durationMillis, fromNow, length, loadLanguage } from '../src/i18n';
import { plainDuration } from '../src/pages/dialogs';
import { isoDuration } from '../src/pages/fields';
import { random } from './random';

beforeAll(() => loadLanguage());

test('reads what the server writes', () => {
  expect(durationMillis('PT20S')).toBe(20_000);
  expect(durationMillis('PT2H30M')).toBe(9_000_000);
  expect(durationMillis('PT0.25S')).toBe(250);
  expect(durationMillis('P1DT1S')).toBe(86_401_000);
  expect(durationMillis('soon')).toBeNaN();
});

test('what a person reads in the form is what the form sends', () => {
  const next = random(3);
  for (let i = 0; i < 2_000; i++) {
    const millis = Math.floor(next() * 1000) * 10 ** Math.floor(next() * 6);
    const iso = `PT${millis / 1000}S`;
    expect(durationMillis(isoDuration(plainDuration(iso)) ?? ''), plainDuration(iso)).toBe(millis);
  }
  expect(isoDuration('1.5h')).toBe('PT5400S');
  expect(isoDuration('soon')).toBeNull();
  expect(isoDuration('5')).toBeNull();
});

test('times are never negative nor finer than useful', () => {
  const now = Date.parse('2026-01-01T12:00:00Z');
  expect(fromNow(now - 400, now)).toBe('just now');
  expect(fromNow(now + 400, now)).toBe('just now');
  expect(fromNow(now - 125_000, now)).toMatch(/^2.*ago$/);
  expect(length(7_500_000)).toBe('2 h 5 min');
  expect(length(340)).toBe('340 ms');
  expect(length(3_600_000)).toBe('1 h');
});
