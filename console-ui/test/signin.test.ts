import { beforeEach, expect, test, vi } from 'vitest';
import { get, signInNeeded, signOut } from '../src/api/http';
import { actedSinceAsked, startPerson } from '../src/api/person';

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });

beforeEach(() => {
  signInNeeded.value = null;
});

test('a 401 says where to sign in, and the next good answer that it is done', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch');
  fetched.mockResolvedValueOnce(json(401, { code: 'session-ended' }, { 'Amends-Sign-In': 'auth/sign-in' }));
  await expect(get('me')).rejects.toMatchObject({ status: 401, code: 'session-ended', passes: true });
  expect(signInNeeded.value).toEqual({ address: 'auth/sign-in', ended: true });
  fetched.mockResolvedValueOnce(json(200, { name: 'ann' }));
  await get('me');
  expect(signInNeeded.value).toBeNull();
});

test('a 401 of a service that signs nobody in itself leads nowhere', async () => {
  vi.spyOn(globalThis, 'fetch').mockResolvedValueOnce(json(401, { code: 'unauthenticated' }));
  // nothing would say that what is shown is old
  await expect(get('me')).rejects.toMatchObject({ status: 401, passes: false });
  expect(signInNeeded.value).toBeNull();
});

test('only what a person does keeps the session alive', async () => {
  startPerson();
  actedSinceAsked();
  const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => json(200, {}));
  await get('counts');
  window.dispatchEvent(new Event('keydown'));
  await get('counts');
  await get('counts');
  const told = fetched.mock.calls.map(([, init]) => new Headers(init?.headers).get('Amends-Active'));
  expect(told).toEqual([null, '1', null]);
});

test('signing out is a command beside the API', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValueOnce(json(200, { location: 'https://login.example/out' }));
  expect(await signOut()).toBe('https://login.example/out');
  expect(String(fetched.mock.calls[0]?.[0])).toMatch(/\/auth\/sign-out$/);
  expect(fetched.mock.calls[0]?.[1]?.method).toBe('POST');
});
