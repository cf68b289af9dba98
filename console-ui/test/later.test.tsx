// What is loaded when it is first needed is there the second time as well.
import { useState } from 'preact/hooks';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { Later, type Load } from '../src/app/later';
import { loadLanguage } from '../src/i18n';
import { LaterDialog, type LoadDialog } from '../src/ui/later';
import { hide, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(hide);

function Told({ name }: { readonly name: string; readonly onClose: () => void }) {
  const [seen] = useState(`told ${name}`);
  return <p class="told">{seen}</p>;
}

const text = () => document.querySelector('.told')?.textContent;

test('a dialog opens again', async () => {
  const load: LoadDialog<{ readonly name: string; readonly onClose: () => void }> = { of: () => Promise.resolve(Told) };
  for (const name of ['first', 'second']) {
    await show(<LaterDialog load={load} told={{ name, onClose: () => undefined }} />);
    await settled();
    expect(text()).toBe(`told ${name}`);
  }
});

test('a page is shown again', async () => {
  const load: Load<{ readonly name: string; readonly onClose: () => void }> = { of: () => Promise.resolve(Told) };
  for (const name of ['first', 'second']) {
    await show(<Later title="Page" load={load} told={{ name, onClose: () => undefined }} />);
    await settled();
    expect(text()).toBe(`told ${name}`);
  }
});
