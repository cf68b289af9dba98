import { act } from 'preact/test-utils';
import type { JSX } from 'preact';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { me, refusal } from '../src/api/me';
import type { Me } from '../src/api/model';
import { refresh, useResource } from '../src/api/query';
import { loadLanguage } from '../src/i18n';
import { Dialog } from '../src/ui/parts';
import { hide, json, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  me.value = null;
  vi.unstubAllGlobals();
});

function Value(): JSX.Element {
  return <p>{useResource<{ value: string }>('thing').data?.value}</p>;
}

test('what was asked for before a command does not count after it', async () => {
  const answers: ((response: Response) => void)[] = [];
  serve(() => new Promise<Response>((done) => answers.push(done)));
  await show(<Value />);
  expect(answers).toHaveLength(1);
  await act(() => refresh('thing'));
  answers[0]?.(json({ value: 'before' }));
  await settled();
  expect(answers).toHaveLength(2);
  answers[1]?.(json({ value: 'after' }));
  await settled();
  expect(document.querySelector('p')?.textContent).toBe('after');
  await settled();
  expect(answers).toHaveLength(2);
});

const person = (permissions: Record<string, string[]>): Me =>
  ({
    name: 'ann',
    mode: 'basic',
    roles: [],
    permissions,
    actions: [
      { operation: 'skipFailure', permission: 'failures:skip', allowed: 'failures:skip' in permissions },
      { operation: 'listFailures', permission: '', allowed: true },
    ],
  }) as Me;

test('a permission for some processors is one for those only', () => {
  me.value = person({ 'failures:skip': ['points', 'mail.*'] });
  expect(refusal('skipFailure', 'points')).toBeNull();
  expect(refusal('skipFailure', 'mail.send')).toBeNull();
  expect(refusal('skipFailure', 'users')).toBe('You lack the permission failures:skip for users.');
  expect(refusal('skipFailure', 'points2')).toContain('points2');
  expect(refusal('skipFailure', null)).toContain('for some processors only');
  expect(refusal('skipFailure')).toBeNull();
  expect(refusal('listFailures', 'users')).toBeNull();
  me.value = person({ 'failures:skip': ['*'] });
  expect(refusal('skipFailure', 'users')).toBeNull();
  expect(refusal('skipFailure', null)).toBeNull();
  me.value = person({});
  expect(refusal('skipFailure', 'points')).toBe('You lack the permission failures:skip.');
});

test('a dialog closes by a click beside it, not by a selection that ends there', async () => {
  const closed = vi.fn();
  await show(
    <Dialog title="Skip" onClose={closed}>
      <p>text</p>
    </Dialog>,
  );
  const dialog = document.querySelector('dialog');
  const down = (at: Element | null | undefined) => at?.dispatchEvent(new Event('pointerdown', { bubbles: true }));
  down(dialog?.querySelector('p'));
  dialog?.click();
  expect(closed).not.toHaveBeenCalled();
  down(dialog);
  dialog?.click();
  expect(closed).toHaveBeenCalledOnce();
});
