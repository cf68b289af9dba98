import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { loadLanguage } from '../src/i18n';
import { type Part, useMore } from '../src/ui/more';
import { hide, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(hide);

/** The server's lines, the newest first, two on a page. */
const pageBefore = (after: number): Part<number, number> => {
  const items = [after - 1, after - 2].filter((one) => one > 0);
  const end = items.at(-1) ?? 1;
  return { items, next: end > 1 ? end : null };
};

const first = signal(pageBefore(7));

function Lines(): JSX.Element {
  const { items, more } = useMore('lines', first.value, async (after: number) => pageBefore(after));
  return (
    <div>
      <p>{items.join(' ')}</p>
      {more && <button onClick={more}>more</button>}
    </div>
  );
}

test('what newer lines push off the first page is on the second', async () => {
  await show(<Lines />);
  await act(() => document.querySelector('button')?.click());
  await settled();
  expect(document.querySelector('p')?.textContent).toBe('6 5 4 3');

  await act(() => void (first.value = pageBefore(8)));
  await settled();
  expect(document.querySelector('p')?.textContent).toBe('7 6 5 4');

  await act(() => document.querySelector('button')?.click());
  await settled();
  expect(document.querySelector('p')?.textContent).toBe('7 6 5 4 3 2');
});
