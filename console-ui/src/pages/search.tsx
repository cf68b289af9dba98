// From what a person has in hand, a customer's key, an id, a text, to what it is about.
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Problem, get, segment } from '../api/http';
import { laneAddress } from '../api/lane';
import type { FailurePage, LanePage } from '../api/model';
import { go, place, to } from '../app/router';
import { t } from '../i18n';
import { parseFilter } from '../ui/filter';
import { Icon } from '../ui/icons';
import { tellUnread } from '../ui/intent';
import { Dialog } from '../ui/parts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where that leads: an address, or parts of a filter. */
type Found = Readonly<Record<string, string>> | string;

/** From a key to the lane that something holds, or to all of them; null if none is held. */
export async function heldLane(key: string): Promise<string | null> {
  const { data } = await get<LanePage>('lanes', { key, limit: 2 });
  const [lane] = data.items;
  if (!lane) return null;
  return data.items.length === 1 ? laneAddress(lane.processor, lane.key) : to('lanes', { key });
}

/**
 * Where a text leads: an id to its failed execution; a key or an event's id to what failed there, or to the lane that a wait
 * or a pause holds; else a search.
 */
async function find(words: string): Promise<Found> {
  if (ID.test(words)) {
    const known = await get<unknown>(`failures/${segment(words)}`).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Problem && error.status === 404) return false;
        throw error;
      },
    );
    if (known) return `failures/${segment(words)}`;
  }
  if (!/\s/.test(words)) {
    // what is open comes first; what is done is found as well, and shown among all
    for (const state of ['active', 'all']) {
      for (const field of ['key', 'eventId']) {
        const { data } = await get<FailurePage>('failures', { [field]: words, state, limit: 1 });
        if (data.items.length > 0) return { [field]: words, state: state === 'all' ? state : '' };
      }
      const lane = state === 'active' ? await heldLane(words) : null;
      if (lane !== null) return lane;
    }
  }
  return { text: words };
}

/**
 * Takes an answer that leads elsewhere, and says why it could not be read; it counts as long as the person has not left, gone
 * elsewhere or asked anew.
 */
export function useAnswer(): <T>(answer: Promise<T>, then: (found: T) => void) => void {
  const last = useRef<unknown>(null);
  useEffect(
    () => () => {
      last.current = null;
    },
    [],
  );
  return (answer, then) => {
    const from = place.peek();
    last.current = answer;
    const counts = () => last.current === answer && place.peek() === from;
    answer.then(
      (found) => counts() && then(found),
      (error: unknown) => counts() && tellUnread(error),
    );
  };
}

/** Asks for it; the input is empty then, unless something else stands in it. */
export function SearchForm({ text = '', onFound }: { text?: string; onFound: (found: Found) => void }): JSX.Element {
  const { failures } = t();
  const take = useAnswer();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('filter') as HTMLInputElement;
    const asked = input.value;
    const { fields, words } = parseFilter(asked.trim());
    if (words === '' && fields.size === 0) return;
    take<Found>(words ? find(words) : Promise.resolve({}), (found) => {
      if (input.value === asked) input.value = '';
      onFound(typeof found === 'string' ? found : { ...Object.fromEntries(fields), ...found });
    });
  };
  return (
    <form role="search" onSubmit={submit}>
      <Icon name="search" />
      <input
        type="search"
        name="filter"
        data-first
        aria-label={failures.search}
        placeholder={failures.filterHint}
        defaultValue={text}
        autocomplete="off"
        spellcheck={false}
        enterkeyhint="search"
      />
      <kbd class="key" aria-hidden="true">
        /
      </kbd>
    </form>
  );
}

/** The same from any place. */
export function SearchDialog({ text, onClose }: { text: string; onClose: () => void }): JSX.Element {
  return (
    <Dialog title={t().failures.search} onClose={onClose}>
      <div class="filters">
        <SearchForm
          text={text}
          onFound={(found) => {
            onClose();
            go(typeof found === 'string' ? found : to('failures', found));
          }}
        />
      </div>
    </Dialog>
  );
}
