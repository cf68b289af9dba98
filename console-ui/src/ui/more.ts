import { useEffect, useRef, useState } from 'preact/hooks';
import { tellUnread } from './intent';
import { Problem } from '../api/http';

/** A page of a list, and where the next one begins. */
export interface Part<T, C> {
  readonly items: readonly T[];
  readonly next: C | null;
}

interface Loaded<T, C> extends Part<T, C> {
  readonly after: C;
}

export interface More<T> {
  /** All that was loaded, the first page included; what moved from one page to the next is in it twice. */
  readonly items: readonly T[];
  /** Reads the next page; null if there is none, or the first is not there yet. */
  readonly more: (() => void) | null;
  readonly busy: boolean;
}

/** So many further pages are read again when the first one is: more than a person looks at. */
const RENEWED = 5;

/**
 * The pages behind the first one, which the person asks for one by one. They are read again whenever the first one is, and
 * forgotten when another list is shown; what comes late for the list before is dropped.
 *
 * @param name of the list: another one has other pages
 */
export function useMore<T, C>(name: string, first: Part<T, C> | undefined, read: (after: C) => Promise<Part<T, C>>): More<T> {
  const [state, setState] = useState<{ name: string; pages: readonly Loaded<T, C>[] }>({ name, pages: [] });
  const [busy, setBusy] = useState(false);
  const current = useRef(name);
  current.current = name;
  const pages = state.name === name ? state.pages : [];
  const last = pages.at(-1) ?? first;
  const put = (after: C, part: Part<T, C>, append: boolean) => {
    if (current.current !== name) return;
    setState((before) => {
      const kept = before.name === name ? before.pages : [];
      const known = kept.some((one) => one.after === after);
      if (!known && !append) return before;
      const made = { ...part, after };
      return { name, pages: known ? kept.map((one) => (one.after === after ? made : one)) : [...kept, made] };
    });
  };
  useEffect(() => {
    if (!first) return;
    for (const { after } of pages.slice(-RENEWED)) {
      read(after).then(
        (part) => put(after, part, false),
        (error: unknown) => {
          // the first page says that the server is away
          if (!(error instanceof Problem)) throw error;
        },
      );
    }
  }, [first]);
  const next = last?.next ?? null;
  const items = [...(first?.items ?? []), ...pages.flatMap((one) => one.items)];
  const more =
    next === null
      ? null
      : () => {
          if (busy) return;
          setBusy(true);
          read(next)
            .then((part) => put(next, part, true), tellUnread)
            .finally(() => setBusy(false));
        };
  // a page of which the person may see nothing is not the end
  useEffect(() => {
    if (items.length === 0) more?.();
  }, [last]);
  return { items, busy, more };
}
