import { expect, test } from 'vitest';
import { parseStack, shortName } from '../src/ui/stack';
import { random, word } from './random';

const STACK = `io.shop.Failed: no
\tat io.shop.Points.on(Points.java:59)
\tat java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:104)
\tat app//org.springframework.aop.support.AopUtils.invoke(AopUtils.java:359)
Caused by: java.sql.SQLException: away
\tat io.shop.Points$$SpringCGLIB$$0.on(<generated>)
\t... 12 more`;

test('shows own frames, and folds the runs of frames between them', () => {
  const parts = parseStack(STACK);
  expect(parts.map((one) => one.kind)).toEqual(['text', 'own', 'framework', 'text', 'framework', 'text']);
  expect(parts[1]).toEqual({ kind: 'own', text: 'at io.shop.Points.on(Points.java:59)' });
  expect(parts[2]?.kind === 'framework' && parts[2].lines.length).toBe(2);
});

test('loses no line', () => {
  const lines = parseStack(STACK).flatMap((one) => (one.kind === 'framework' ? one.lines : [one.text]));
  expect(lines.map((one) => one.trim())).toEqual(STACK.split('\n').map((one) => one.trim()));
});

test('stays bounded for hostile text', () => {
  const next = random(11);
  const texts = ['at '.repeat(400_000), '\n'.repeat(1_000_000), `at ${'('.repeat(1_000_000)}`, 'x'.repeat(1_000_000)];
  for (let i = 0; i < 300; i++) texts.push(word(next, 'at (.)$/\n\r\t\u202e\0', 400));
  for (const text of texts) {
    const parts = parseStack(text);
    expect(parts.length).toBeLessThanOrEqual(500);
    expect(parts.reduce((sum, one) => sum + (one.kind === 'framework' ? one.lines.join('').length : one.text.length), 0)).toBeLessThanOrEqual(64 * 1024);
  }
});

test('shortens class names', () => {
  expect(shortName('io.shop.Faults$FaultException')).toBe('FaultException');
  expect(shortName('Plain')).toBe('Plain');
  expect(shortName('odd$')).toBe('odd$');
});
