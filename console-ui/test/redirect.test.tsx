import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { FailureDetail } from '../src/api/model';
import { loadLanguage } from '../src/i18n';
import { RedirectDialog } from '../src/pages/dialogs';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
});

const failure = { id: 'f-1', version: '3', processor: 'points', function: 'on(OrderPaid)', eventType: 'order.paid', followers: 2 } as unknown as FailureDetail;

const definition = (name: string, functions: readonly (readonly [string, string])[]) => json({ name, definition: { functions: functions.map(([of, type]) => ({ name: of, eventTypes: [type] })) } });

async function open(): Promise<ReturnType<typeof serve>> {
  const asked = serve(({ method, path }) => {
    if (method === 'POST') return json({});
    if (path === 'processors') return json({ items: [{ name: 'loyalty' }, { name: 'points' }] });
    if (path === 'processors/loyalty') {
      return definition('loyalty', [
        ['earn(OrderPaid)', 'order.paid'],
        ['lose(OrderCancelled)', 'order.cancelled'],
      ]);
    }
    return path === 'processors/points' ? definition('points', [['on(OrderPaid)', 'order.paid']]) : undefined;
  });
  await show(<RedirectDialog failure={failure} onClose={() => undefined} />);
  await settled();
  return asked;
}

const offered = () => [...document.querySelectorAll<HTMLOptionElement>('datalist option')].map((one) => one.value);
const name = (what: string) => {
  const input = document.querySelector<HTMLInputElement>('input[name=function]');
  if (input) input.value = what;
};
const submit = async () => {
  await act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  await settled();
};

test('another function of its own processor takes the execution alone', async () => {
  const asked = await open();
  expect(offered()).toEqual(['on(OrderPaid)']);
  expect(document.querySelector('strong')).toBeNull();
  name('repair(OrderPaid)');
  await submit();
  expect(asked.find((one) => one.method === 'POST')?.body).toEqual({ function: 'repair(OrderPaid)', reason: '' });
});

test('one of another processor takes the whole lane, and it is said so', async () => {
  const asked = await open();
  const select = document.querySelector('select');
  expect([...(select?.options ?? [])].map((one) => one.textContent)).toEqual(['points', 'loyalty']);
  await act(() => {
    if (select) select.value = 'loyalty';
    select?.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await settled();
  expect(offered()).toEqual(['earn(OrderPaid)']);
  expect(document.querySelector('strong')?.textContent).toBe('The whole lane goes there, with 2 events behind it.');
  name('earn(OrderPaid)');
  await submit();
  const [sent] = asked.filter((one) => one.method === 'POST');
  expect(sent?.path).toBe('failures/f-1/function');
  expect(sent?.body).toEqual({ function: 'earn(OrderPaid)', processor: 'loyalty', reason: '' });
});
