import { useEffect, useRef, useState } from 'preact/hooks';
import { tellUnread } from './intent';
import { Problem } from '../api/http';

/** A page of a list, and where the next one begins. */
export interface Part<T, C> {
  readonly items: readonly T[];
  readonly next: C | null;
}

export interface More<T> {
  /** All that was loaded, the first page included. */
  readonly items: readonly T[];
  /** Reads the next page; null if there is none, or the first is not there yet. */
  readonly more: (() => void) | null;
  readonly busy: boolean;
}

/** So many further pages are read again when the first one is; who has gone further sees what was there. */
const RENEWED = 10;

/** What is shown: pages each of which begins where the one before ends. */
interface Chain<T, C> {
  readonly name: string;
  readonly pages: readonly Part<T, C>[];
}

/**
 * The pages behind the first one, which the person asks for one by one. When the first one has changed they are read again,
 * each from where the one before now ends, so that nothing falls between two; until all are there the ones before stay.
 * They are forgotten when another list is shown; what comes late for the list before is dropped.
 *
 * @param name of the list: another one has other pages
 */
export function useMore<T, C>(name: string, first: Part<T, C> | undefined, read: (after: C) => Promise<Part<T, C>>): More<T> {
  const [state, setState] = useState<Chain<T, C>>({ name, pages: [] });
  const [busy, setBusy] = useState(false);
  /** Counts what makes a reading that is under way one of yesterday. */
  const turn = useRef(0);
  const current = useRef(name);
  if (current.current !== name) {
    current.current = name;
    turn.current++;
  }
  const behind = state.name === name && state.pages.length > 1;
  const pages: readonly Part<T, C>[] = behind ? state.pages : first ? [first] : [];
  useEffect(() => {
    if (!first || !behind || busy || state.pages[0] === first || state.pages.length - 1 > RENEWED) return;
    const mine = ++turn.current;
    const again = async () => {
      const made = [first];
      for (let next = first.next; next !== null && made.length < state.pages.length; next = made.at(-1)?.next ?? null) made.push(await read(next));
      if (turn.current === mine) setState({ name, pages: made });
    };
    again().catch((error: unknown) => {
      // the first page says that the server is away
      if (!(error instanceof Problem)) throw error;
    });
  }, [first, busy]);
  const next = pages.at(-1)?.next ?? null;
  const items = pages.flatMap((one) => one.items);
  const more =
    next === null
      ? null
      : () => {
          if (busy) return;
          const mine = ++turn.current;
          setBusy(true);
          read(next)
            .then((part) => {
              if (turn.current === mine) setState({ name, pages: [...pages, part] });
            }, tellUnread)
            .finally(() => setBusy(false));
        };
  // a page of which the person may see nothing is not the end
  useEffect(() => {
    if (items.length === 0) more?.();
  }, [pages.at(-1)]);
  return { items, busy, more };
}
