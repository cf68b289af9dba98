import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { awaySince } from '../src/api/http';
import { me } from '../src/api/me';
import type { FailureDetail, Me } from '../src/api/model';
import { loadLanguage } from '../src/i18n';
import { ErrorSection, FailureActions } from '../src/pages/failure';
import { Notices } from '../src/ui/notice';
import { hide, json, problem, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  me.value = null;
  vi.unstubAllGlobals();
});

const failure = (more: object = {}): FailureDetail =>
  ({
    id: 'f-1',
    version: '3',
    state: 'FAILED',
    recoverability: 'UNKNOWN',
    reason: 'HANDLER_FAILED',
    processor: 'points',
    attempt: 1,
    retries: 0,
    maxRetries: 10,
    followers: 2,
    effects: 'DATABASE',
    retry: { requested: false },
    error: { code: 'E', message: 'm', causes: [], bindings: [], stack: '' },
    ...more,
  }) as unknown as FailureDetail;

const button = (name: string) => [...document.querySelectorAll('button')].find((one) => one.textContent?.startsWith(name) || one.getAttribute('aria-label') === name);

test('what a retry may do again is said by where the effects go', async () => {
  await show(<FailureActions failure={failure()} />);
  expect(document.querySelector('.what-happens')?.textContent).toBe('Its effects in the same database happen once. After success, 2 waiting events run, in order.');
  await show(<FailureActions failure={failure({ effects: 'OUTSIDE' })} />);
  expect(document.querySelector('.what-happens')?.textContent).toContain('Its effects are outside of this database');
  expect(document.querySelector('.what-happens')?.textContent).not.toContain('happen once');
  // a build that does not have the function says nothing of it
  await show(<FailureActions failure={failure({ effects: null })} />);
  expect(document.querySelector('.what-happens')?.textContent?.trim()).toBe('After success, 2 waiting events run, in order.');
  await show(<ErrorSection failure={failure({ effects: 'OUTSIDE' })} />);
  expect(document.querySelector('.advice')?.textContent).toContain('a retry may do it again');
  await show(<ErrorSection failure={failure()} />);
  expect(document.querySelector('.advice')?.textContent).toContain('Its transaction was rolled back');
});

test('a retry of which nobody knows whether it was asked for is sent again with its key', async () => {
  const answers = [problem(503, 'database-away', 'the database is away'), json({})];
  const asked = serve(({ method }) => (method === 'POST' ? answers.shift() : json({})));
  await show(
    <>
      <FailureActions failure={failure()} />
      <Notices />
    </>,
  );
  await act(() => button('Retry now')?.click());
  await settled();
  expect(document.querySelector('.notice')?.textContent).toContain('It is not known whether this was done.');
  await act(() => void (awaySince.value = null));
  await act(() => button('Retry now')?.click());
  await settled();
  const keys = asked.filter((one) => one.method === 'POST').map((one) => one.headers.get('Idempotency-Key'));
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
});

test('who lacks a permission for this processor sees so at each command', async () => {
  me.value = {
    permissions: { 'failures:retry': ['users'], 'failures:skip': ['*'] },
    actions: [
      { operation: 'prepareFailure', permission: 'failures:retry', allowed: true },
      { operation: 'skipFailure', permission: 'failures:skip', allowed: true },
    ],
  } as unknown as Me;
  await show(<FailureActions failure={failure()} />);
  const retry = button('Retry now');
  expect(retry?.getAttribute('aria-disabled')).toBe('true');
  expect(document.getElementById(retry?.getAttribute('aria-describedby') ?? '')?.textContent).toBe('You lack the permission failures:retry for points.');
  expect(button('Skip…')?.getAttribute('aria-disabled')).toBeNull();
});

test('while the service is away the menu is there, off, and says why', async () => {
  await show(<FailureActions failure={failure()} />);
  await act(() => void (awaySince.value = 1));
  for (const name of ['Retry now', 'Skip…', 'More actions']) {
    const one = button(name);
    expect(one?.getAttribute('aria-disabled'), name).toBe('true');
    expect(document.getElementById(one?.getAttribute('aria-describedby') ?? '')?.textContent, name).toBe('Off while the service does not answer.');
  }
});
