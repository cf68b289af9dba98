import { expect, test } from 'vitest';
import { en } from '../src/i18n/en';
import { zhCN } from '../src/i18n/zh-CN';

type Leaf = readonly [path: string, value: unknown];

function leaves(value: unknown, path = ''): Leaf[] {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([name, one]) => leaves(one, `${path}.${name}`));
}

const text = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value !== 'function') throw new Error(`neither text nor function: ${String(value)}`);
  const sample = ['甲', '乙', '丙', '丁', '戊'];
  // counts are numbers, the rest is text: both are tried
  const words = (value as (...args: unknown[]) => string)(...sample.slice(0, value.length));
  return words;
};

test('both languages say the same things', () => {
  expect(leaves(zhCN).map(([path]) => path)).toEqual(leaves(en).map(([path]) => path));
});

test('every parameter is said in both languages', () => {
  const chinese = new Map(leaves(zhCN));
  for (const [path, value] of leaves(en)) {
    if (typeof value !== 'function') continue;
    const other = chinese.get(path);
    const used = (one: unknown) => ['甲', '乙', '丙', '丁', '戊'].filter((letter) => text(one).includes(letter)).sort();
    expect(used(other), path).toEqual(used(value));
  }
});

test('no text was left in English', () => {
  const same = ['.tag', '.title', '.common.none', '.appearance.utc', '.failures.retriesOf', '.batch.handledOf'];
  const untranslated = leaves(zhCN)
    .filter(([path, value]) => !/[\u4e00-\u9fff]/.test(text(value).replace(/[甲乙丙丁戊]/g, '')) && !same.includes(path))
    .map(([path, value]) => `${path}: ${text(value)}`);
  expect(untranslated).toEqual([]);
});
