import { type ComponentChild, render } from 'preact';
import { act } from 'preact/test-utils';
import { vi } from 'vitest';
import { forget } from '../src/api/query';
import { awaySince, signInNeeded } from '../src/api/http';

/** What the server was asked. */
export interface Asked {
  readonly method: string;
  /** Below the API's base, with the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What it answers: an answer, data as JSON, a status with a problem, or nothing as long as it is a promise that is open. */
export type Answer = Response | Promise<Response>;

export const json = (data: unknown, status = 200): Response =>
  new Response(JSON.stringify(data), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' } });

export const problem = (status: number, code: string, detail = `the server says ${code}`): Response => json({ status, code, title: code, detail }, status);

/** Answers in the place of the server; what is not foreseen is not there. */
export function serve(answer: (asked: Asked) => Answer | undefined): readonly Asked[] {
  const all: Asked[] = [];
  vi.stubGlobal('fetch', (address: string, init: RequestInit = {}) => {
    const url = new URL(address);
    const asked: Asked = {
      method: init.method ?? 'GET',
      path: decodeURIComponent(url.pathname.replace(/^.*\/api\/v1\//, '')) + url.search,
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined,
    };
    all.push(asked);
    return Promise.resolve(answer(asked) ?? problem(404, 'not-found'));
  });
  return all;
}

/** Shows it in an empty document, and what it does at once. */
export async function show(what: ComponentChild): Promise<HTMLElement> {
  hide();
  const root = document.createElement('main');
  document.body.append(root);
  await act(() => render(what, root));
  return root;
}

/** Takes away what is shown, and all that is remembered. */
export function hide(): void {
  for (const root of document.querySelectorAll('main')) {
    void act(() => render(null, root));
    root.remove();
  }
  forget();
  awaySince.value = null;
  signInNeeded.value = null;
}

/** Lets what is under way end. */
export const settled = (): Promise<void> => act(() => new Promise<void>((done) => setTimeout(done, 20)));
