import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { loadLanguage } from '../src/i18n';
import { RetryDialog } from '../src/pages/retry';
import { type Asked, hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
});

const plan = (id: string, willRun: number) =>
  json({ batch: { id, total: willRun, createdAt: '2026-01-01T12:00:00Z', filter: {} }, willRun, willNotRun: {}, sample: [], followers: 0, estimatedSeconds: 1, large: false, searched: null });

const target = { filter: { state: 'active', processor: 'points', fingerprint: 'v1:abc' }, number: 3 };
const dialog = (forced = false) => <RetryDialog target={target} forced={forced} onClose={() => undefined} />;
const start = () => document.querySelector<HTMLButtonElement>('button[type=submit]');
const submit = () => act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
const toggle = () => act(() => document.querySelector<HTMLInputElement>('input[type=checkbox]')?.click());

test('what was planned before the choice changed can not be started', async () => {
  let answered: ((response: Response) => void) | undefined;
  const asked = serve(({ path, body }) => {
    if (!path.startsWith('batches/plan')) return json({ id: 'b' });
    return (body as { action: string }).action === 'prepare' ? plan('careful', 2) : new Promise<Response>((done) => (answered = done));
  });
  const commands = (): readonly Asked[] => asked.filter((one) => one.path.endsWith('/start'));
  await show(dialog());
  await settled();
  expect(document.querySelector('.plan-numbers dd')?.textContent).toBe('2');

  await toggle();
  expect(document.querySelector('.plan-numbers')).toBeNull();
  expect(start()?.ariaDisabled ?? start()?.getAttribute('aria-disabled')).toBe('true');
  await submit();
  expect(commands()).toEqual([]);

  answered?.(plan('forced', 3));
  await settled();
  expect(document.querySelector('.plan-numbers dd')?.textContent).toBe('3');
  await submit();
  await settled();
  expect(commands().map((one) => one.path)).toEqual(['batches/forced/start']);
});

test('a plan that comes after the choice was taken back is not shown', async () => {
  const late: ((response: Response) => void)[] = [];
  serve(({ body }) => ((body as { action: string }).action === 'prepare' ? plan('careful', 2) : new Promise<Response>((done) => late.push(done))));
  await show(dialog());
  await settled();
  await toggle();
  await toggle();
  await settled();
  late[0]?.(plan('forced', 3));
  await settled();
  expect(document.querySelector('.plan-numbers dd')?.textContent).toBe('2');
});

test('it says what is retried', async () => {
  serve(() => plan('b', 2));
  await show(dialog());
  await settled();
  expect(document.querySelector('.plan-about')?.textContent).toContain('processor points');
});
