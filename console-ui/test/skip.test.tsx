import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { FailureDetail } from '../src/api/model';
import { loadLanguage } from '../src/i18n';
import { SelectionDialog } from '../src/pages/change';
import { SkipDialog } from '../src/pages/dialogs';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
});

const failure = (dependents: number) => ({ id: 'f-1', version: '3', followers: 0, dependents }) as unknown as FailureDetail;

const fill = (reason: string) => {
  const input = document.querySelector<HTMLInputElement>('input[name=reason]');
  if (input) input.value = reason;
};
const submit = async () => {
  await act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  await settled();
};

test('who skips what others wait for says what becomes of those', async () => {
  const asked = serve(() => json({}));
  await show(<SkipDialog failure={failure(2)} onClose={() => undefined} />);
  expect(document.querySelector('legend')?.textContent).toBe('What becomes of the 2 events that wait for it?');
  const choices = [...document.querySelectorAll<HTMLInputElement>('input[name=dependents]')];
  expect(choices.map((one) => [one.value, one.checked])).toEqual([
    ['PROCEED', true],
    ['FAIL', false],
    ['SKIP', false],
  ]);
  choices[1]?.click();
  fill('a test order');
  await submit();
  const [skip] = asked.filter((one) => one.method === 'POST');
  expect(skip?.body).toEqual({ reason: 'a test order', dependents: 'FAIL' });
  expect(skip?.headers.get('If-Match')).toBe('"3"');
});

test('what is counted no further is said so', async () => {
  serve(() => json({}));
  const title = async (dependents: number) => (await show(<SkipDialog failure={failure(dependents)} onClose={() => undefined} />)).querySelector('legend')?.textContent;
  expect(await title(1)).toBe('What becomes of the 1 event that waits for it?');
  expect(await title(1000)).toBe('What becomes of the 1,000 events that wait for it?');
  expect(await title(1001)).toBe('What becomes of the 1,000+ events that wait for it?');
});

test('where nothing waits it is not asked', async () => {
  const asked = serve(() => json({}));
  await show(<SkipDialog failure={failure(0)} onClose={() => undefined} />);
  expect(document.querySelector('fieldset')).toBeNull();
  fill('a test order');
  await submit();
  expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ reason: 'a test order' });
});

test('of many it is asked as well', async () => {
  const asked = serve(() => json({ batch: { id: 'b', total: 2, createdAt: '2026-01-01T12:00:00Z', filter: {} }, willRun: 2, willNotRun: {}, sample: [], followers: 0, estimatedSeconds: 1, large: false, searched: null }));
  await show(<SelectionDialog action="skip" forced={false} target={{ filter: {}, ids: ['f-1', 'f-2'], number: 2 }} onClose={() => undefined} />);
  document.querySelector<HTMLInputElement>('input[value=SKIP]')?.click();
  fill('test orders');
  await submit();
  expect(asked[0]?.body).toEqual({ action: 'skip', dependents: 'SKIP', reason: 'test orders', ids: ['f-1', 'f-2'] });
});
