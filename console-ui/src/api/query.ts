import { type Signal, signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Problem, type Query, apiUrl, get } from './http';

/** An answer that is kept and renewed; what is shown stays while the next one is on its way. */
export interface Resource<T> {
  readonly data: T | undefined;
  readonly problem: Problem | undefined;
  readonly etag: string | null;
  reload(): Promise<void>;
}

interface Entry {
  readonly state: Signal<{ data: unknown; problem: Problem | undefined; etag: string | null }>;
  readonly load: () => Promise<void>;
  /** Reads it as it is from now on: an answer to what was asked before does not count. */
  readonly renew: () => void;
  /** Whether it is read once more when the answer is there. */
  again: boolean;
  pending: Promise<void> | null;
  /** When it was asked for last. */
  asked: number;
  users: number;
}

const entries = new Map<string, Entry>();
const KEPT = 60;
const RELAXED = 2000;
const RARELY = 6;

/**
 * Whether all that was asked for first was answered. What is beside the content, and what adds to it, waits for that: a person sees the
 * content after as few requests as it needs.
 */
export const answered = signal(false);

/** Notes that nothing is asked for at the moment, if so. */
export function settle(): void {
  if (![...entries.values()].some((one) => one.pending !== null)) answered.value = true;
}

type Loader = () => Promise<{ data: unknown; etag: string | null }>;

function entry(key: string, read: Loader): Entry {
  const known = entries.get(key);
  if (known) {
    entries.delete(key);
    entries.set(key, known); // most recently used last
    return known;
  }
  const made: Entry = {
    state: signal({ data: undefined, problem: undefined, etag: null }),
    pending: null,
    asked: 0,
    users: 0,
    again: false,
    renew: () => {
      if (made.pending === null) void made.load();
      else made.again = true;
    },
    load: () => {
      made.asked = Date.now();
      made.pending ??= read()
        .then(
          ({ data, etag }) => {
            made.state.value = { data, problem: undefined, etag };
          },
          (error: unknown) => {
            if (!(error instanceof Problem)) throw error;
            // the last good answer stays when the server is away or the session has ended; a refusal takes its place
            const kept = error.passes ? made.state.peek().data : undefined;
            made.state.value = { data: kept, problem: error, etag: null };
          },
        )
        .finally(() => {
          made.pending = null;
          if (made.again && made.users > 0) void made.load();
          made.again = false;
          settle();
        });
      return made.pending;
    },
  };
  entries.set(key, made);
  for (const [oldKey, old] of entries) {
    if (entries.size <= KEPT) break;
    if (old.users === 0 && old !== made) entries.delete(oldKey);
  }
  return made;
}

/**
 * Reads a resource of the API while the component is shown, and again every so many milliseconds while the tab is; rarely
 * if the server tells of its changes, which it does not of how far processors are.
 */
export function useResource<T>(path: string | null, query: Query = {}, every = 0, told = true): Resource<T> {
  return useEntry<T>(path === null ? null : apiUrl(path, query), () => get<unknown>(path ?? '', query), every, told);
}

/** The same for what takes several requests; its name begins with a path of the API, for {@link refresh}. */
export function useLoaded<T>(name: string, read: () => Promise<T>, every: number): Resource<T> {
  return useEntry<T>(apiUrl(name), async () => ({ data: await read(), etag: null }), every, true);
}

function useEntry<T>(key: string | null, read: Loader, every: number, told: boolean): Resource<T> {
  const current = useMemo(() => (key === null ? null : entry(key, read)), [key]);
  useEffect(() => {
    if (!current) return;
    current.users++;
    void current.load();
    return () => {
      current.users--;
    };
  }, [current]);
  useEffect(() => {
    if (!current || every === 0) return;
    const timer = setInterval(() => {
      if (document.visibilityState !== 'visible' || paused.peek()) return;
      // where changes are told, asking is only for hints that were lost
      if (told && streaming.peek() && every >= RELAXED && Date.now() - current.asked < every * RARELY) return;
      void current.load();
    }, every);
    return () => clearInterval(timer);
  }, [current, every, told]);
  const state = current?.state.value;
  return {
    data: state?.data as T | undefined,
    problem: state?.problem,
    etag: state?.etag ?? null,
    reload: current ? current.load : async () => {},
  };
}

/** Whether the server tells of changes; what tells is in live.ts. */
export const streaming = signal(false);

/** Whether the person stopped live updates. */
export const paused = signal(false);

/** Reads again the counts, and everything that is shown and whose path begins so; after a command, or when the server hints at a change. */
export function refresh(...paths: string[]): void {
  const prefixes = [...paths, 'counts'].map((path) => apiUrl(path));
  for (const [key, one] of entries) {
    if (!prefixes.some((prefix) => key.startsWith(prefix))) continue;
    if (one.users > 0) one.renew();
    else entries.delete(key);
  }
}

/** Forgets everything; for tests. */
export function forget(): void {
  entries.clear();
}

/** True once loading took so long that a person should see it. */
export function useSlow(loading: boolean, after = 150): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!loading) {
      setSlow(false);
      return;
    }
    const timer = setTimeout(() => setSlow(true), after);
    return () => clearTimeout(timer);
  }, [loading]);
  return loading && slow;
}
