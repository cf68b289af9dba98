// The search from any place: what opens it, and where it leads.
import { render } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { signInNeeded } from '../src/api/http';
import { searching, startKeys } from '../src/app/keys';
import { go } from '../src/app/router';
import { loadLanguage } from '../src/i18n';
import { SearchDialog, SearchForm } from '../src/pages/search';
import { type Answer, hide, json, serve, settled, show } from './page';

beforeAll(async () => {
  document.head.insertAdjacentHTML('beforeend', '<base href="/">');
  startKeys();
  await loadLanguage();
});
beforeEach(() => {
  searching.value = null;
  vi.spyOn(window, 'scrollTo').mockImplementation(() => undefined);
});
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
  go('./', true);
});

const press = (key: string, init: KeyboardEventInit = {}, at: Element = document.body) => at.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init }));
function paste(text: string, at: Element = document.body): void {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: { getData: () => text } });
  at.dispatchEvent(event);
}

test('the slash opens it where there is no other search, and with a modifier it opens everywhere', async () => {
  await show(<p>nothing to search in</p>);
  press('/');
  expect(searching.value).toBe('');
  searching.value = null;
  await show(<input type="search" />);
  press('/');
  expect(searching.value).toBeNull();
  expect(document.activeElement?.tagName).toBe('INPUT');
  const input = document.querySelector('input') ?? document.body;
  press('k', {}, input);
  expect(searching.value).toBeNull();
  press('k', { ctrlKey: true }, input);
  expect(searching.value).toBe('');
  searching.value = null;
  press('K', { metaKey: true });
  expect(searching.value).toBe('');
});

test('what is pasted is looked for, unless an input takes it, or it is a document', async () => {
  await show(<textarea />);
  paste('  acme/4711\n');
  expect(searching.value).toBe('acme/4711');
  searching.value = null;
  paste('acme/4711', document.querySelector('textarea') ?? document.body);
  paste('x'.repeat(301));
  paste('  ');
  expect(searching.value).toBeNull();
});

const none = () => json({ items: [], next: null, total: null, searched: null });
async function search(text: string, answer: (path: string) => Answer | undefined): Promise<string> {
  serve(({ path }) => answer(path) ?? none());
  const closed = vi.fn();
  await show(<SearchDialog text={text} onClose={closed} />);
  await act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  for (let i = 0; i < 3; i++) await settled();
  expect(closed).toHaveBeenCalledTimes(text === '' ? 0 : 1);
  return window.location.pathname.slice(1) + window.location.search;
}

test('it leads to what fails, else to what holds the lane, else to what failed, else to a search of the text', async () => {
  const one = { id: 'f', processor: 'points', key: 'u1' };
  const has = (...parts: readonly string[]) => (path: string) => (parts.every((part) => path.includes(part)) ? json({ items: [one], next: null, total: null, searched: null }) : undefined);
  expect(await search('u1', has('failures', 'key=u1', 'state=active'))).toBe('failures?key=u1');
  expect(await search('u1', has('lanes', 'key=u1'))).toBe('lanes/points/u1');
  expect(await search('e1', has('failures', 'eventId=e1', 'state=active'))).toBe('failures?eventId=e1');
  expect(await search('u1', has('failures', 'key=u1', 'state=all'))).toBe('failures?key=u1&state=all');
  expect(await search('timed out processor:points', () => undefined)).toBe('failures?processor=points&text=timed+out');
});

test('what is found after the search was closed, or after the person went elsewhere, leads nowhere', async () => {
  let answer: (response: Response) => void = () => undefined;
  serve(() => new Promise<Response>((done) => (answer = done)));
  const submit = () => act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
  const found = async () => {
    answer(json({ items: [{ id: 'f', processor: 'points', key: 'u1' }], next: null, total: null, searched: null }));
    for (let i = 0; i < 3; i++) await settled();
  };
  const here = () => window.location.pathname + window.location.search;
  const shown = await show(<SearchDialog text="u1" onClose={() => undefined} />);
  await submit();
  await act(() => render(null, shown));
  await found();
  expect(here()).toBe('/');

  const leads = vi.fn();
  await show(<SearchForm text="u1" onFound={leads} />);
  await submit();
  go('batches');
  await found();
  expect(leads).not.toHaveBeenCalled();
  expect(document.querySelector('input')?.value).toBe('u1');

  await submit();
  const input = document.querySelector('input') ?? document.createElement('input');
  input.value = 'u12';
  await found();
  expect(leads).toHaveBeenCalledOnce();
  expect(input.value).toBe('u12');
});

test('nobody searches before signing in', async () => {
  await show(<p />);
  signInNeeded.value = { address: 'auth/sign-in', ended: false };
  press('k', { ctrlKey: true });
  press('/');
  paste('u1');
  expect(searching.value).toBeNull();
});

test('nothing is asked for nothing', async () => {
  expect(await search('', () => undefined)).toBe('');
});
