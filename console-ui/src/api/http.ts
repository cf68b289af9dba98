import { signal } from '@preact/signals';
import { loadProblems } from '../i18n';
import { actedSinceAsked } from './person';

/** Why a request was not done: the server's problem details, or that there was no server. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly mistakes: readonly string[] = [],
  ) {
    super(detail);
  }

  /** The server did not answer, or answered that it can not. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }

  /** Nobody knows whether what was asked for was done: no answer came, or one that does not say. */
  get isUnclear(): boolean {
    return this.isAway || this.status === 500 || this.code === 'outcome-unknown' || this.code.startsWith('http-2');
  }

  /** What is shown may stay: the server is away, or the person has to sign in again, and the page says so. */
  get passes(): boolean {
    return this.isAway || (this.status === 401 && signInNeeded.peek() !== null);
  }
}

/** Where the person signs in, relative to the page's base, once the server has said that they must; null while they need not. */
export const signInNeeded = signal<{ readonly address: string; readonly ended: boolean } | null>(null);

/** The code of what the page itself found wrong before it asked; it says so in the language of the person. */
export const OWN = '';

/** Since when the server has not answered; null while it does. */
export const awaySince = signal<number | null>(null);

/** Server time minus browser time in milliseconds, from the last answer. */
export const clockOffset = signal(0);

/** When the last answer came, by the server's clock; 0 before the first. */
export const lastAnswer = signal(0);

export type Query = Readonly<Record<string, string | number | readonly string[] | null | undefined>>;

export function apiUrl(path: string, query: Query = {}): string {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (Array.isArray(value)) value.forEach((one: string) => url.searchParams.append(name, one));
    else url.searchParams.set(name, String(value));
  }
  return url.href;
}

export interface Answer<T> {
  readonly data: T;
  readonly etag: string | null;
}

const TIMEOUT = 20_000;

async function send<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, {
      ...init,
      headers: { ...init.headers, ...(actedSinceAsked() ? { 'Amends-Active': '1' } : {}) },
      credentials: 'same-origin',
      cache: 'no-store',
      signal: init.signal ? AbortSignal.any([init.signal, AbortSignal.timeout(TIMEOUT)]) : AbortSignal.timeout(TIMEOUT),
    });
    body = await response.text();
  } catch (error) {
    if (init.signal?.aborted) throw error;
    awaySince.value ??= Date.now() + clockOffset.peek();
    throw new Problem(0, 'no-answer', 'No answer', String(error instanceof Error ? error.message : error));
  }
  const read = jsonOf(response, body);
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (!Number.isNaN(date)) {
    // the header has whole seconds: half of one is the best guess, and small differences are the header's, not the clock's
    const offset = date + 500 - Date.now();
    clockOffset.value = Math.abs(offset) < 1500 ? 0 : offset;
  }
  if (response.ok && read !== undefined) {
    awaySince.value = null;
    signInNeeded.value = null;
    lastAnswer.value = Date.now() + clockOffset.peek();
    return { data: read as T, etag: response.headers.get('ETag') };
  }
  const problem = problemOf(response, read);
  await loadProblems();
  throw problem;
}

/** What an answer says; undefined for what is no JSON, such as a gateway's page or an answer that was cut off. */
function jsonOf(response: Response, body: string): unknown {
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) return undefined;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined; // as above
  }
}

function problemOf(response: Response, read: unknown): Problem {
  const said = (typeof read === 'object' && read !== null ? read : {}) as Partial<Record<'code' | 'title' | 'detail', string>> & { mistakes?: string[] };
  const problem = new Problem(response.status, said.code ?? `http-${response.status}`, said.title ?? response.statusText, said.detail ?? '', said.mistakes ?? []);
  const address = response.headers.get('Amends-Sign-In');
  if (response.status === 401 && address) signInNeeded.value = { address, ended: problem.code === 'session-ended' };
  if (problem.isAway) awaySince.value ??= Date.now() + clockOffset.peek();
  else awaySince.value = null;
  return problem;
}

export function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<Answer<T>> {
  return send<T>(apiUrl(path, query), { method: 'GET', headers: { Accept: 'application/json' }, ...(signal ? { signal } : {}) });
}

/** What a command needs besides its body. */
export interface Sending {
  /** The same for the same intent: the server does it once. */
  readonly key?: string;
  /** Only if it is still this version. */
  readonly version?: string;
  readonly method?: 'POST' | 'PUT' | 'DELETE';
}

/** Sends a command. */
export async function command<T>(path: string, body: unknown = {}, { key = newKey(), version, method = 'POST' }: Sending = {}): Promise<T> {
  const answer = await send<T>(apiUrl(path), {
    method,
    headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'Idempotency-Key': key, ...(version === undefined ? {} : { 'If-Match': `"${version}"` }) },
    body: JSON.stringify(body),
  });
  return answer.data;
}

/** What a person wants done: has one key until the server has said what it knows of it, so that sending it again is safe. */
export class Intent {
  private key = newKey();
  private about = '';

  /** @param about what is looked at: of another version it is another intent */
  async send<T>(sending: (key: string) => Promise<T>, about = ''): Promise<T> {
    if (about !== this.about) this.key = newKey();
    this.about = about;
    try {
      const done = await sending(this.key);
      this.key = newKey();
      return done;
    } catch (error) {
      // the server will never say more of a command whose end it does not know: the person looks, and decides anew
      if (!(error instanceof Problem && error.isUnclear && error.code !== 'outcome-unknown')) this.key = newKey();
      throw error;
    }
  }
}

/** Ends the session, and says where to go then. */
export async function signOut(): Promise<string> {
  const url = new URL('auth/sign-out', document.baseURI);
  const answer = await send<{ location: string }>(url.href, { method: 'POST', headers: { Accept: 'application/json' } });
  return answer.data.location;
}

/** 128 random bits; crypto.randomUUID is there only where the page is served securely. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Names a path segment. */
export const segment = encodeURIComponent;
