import { beforeEach, expect, test } from 'vitest';
import type { Wait } from '../src/api/model';
import { language } from '../src/app/settings';
import { loadLanguage, t } from '../src/i18n';
import { whatFor } from '../src/pages/waits-for';

const wait = (kind: string, awaited: Wait['awaited'], dueAt: string | null = null): Wait => ({
  processor: 'points',
  lane: 'o-1',
  position: 7,
  eventId: 'e-7',
  source: '/shop',
  eventType: 'paid',
  key: 'o-1',
  waitsFor: 'as the server says it',
  kind,
  awaited,
  since: '2026-11-29T10:00:00Z',
  until: null,
  dueAt,
  tries: 1,
  failure: null,
  followers: 0,
});
const of = (stream: string, version = '1'): Wait['awaited'] => ({ processor: 'orders', stream, key: 'o-1', version });
const all = () => [
  whatFor(wait('VERSION', of('order', '3'))),
  whatFor(wait('VERSION', of('order', '2.3'))),
  whatFor(wait('EVENT', of('created by key'))),
  whatFor(wait('NEXT', null, '2026-11-29T10:05:00Z')),
];

beforeEach(async () => {
  await loadLanguage();
});

test('what an event waits for is said in the language of the page', async () => {
  expect(all()).toEqual([
    'version 3 of order/o-1 in processor orders',
    'version 2.3 of order/o-1 in processor orders',
    'created by key = o-1 in processor orders',
    'any next event of the same key',
  ]);
  expect(whatFor(wait('TIME', null, '2026-11-29T10:05:00Z'))).toMatch(/2026.*\d\d:05:00/);

  language.value = 'zh-CN';
  await expect.poll(() => t().tag).toBe('zh-CN');
  expect(all()).toEqual([
    '处理器 orders 完成 order/o-1 的版本 3',
    '处理器 orders 完成 order/o-1 的版本 2.3',
    '处理器 orders 完成 created by key = o-1',
    '同一业务键的下一个事件',
  ]);
});
