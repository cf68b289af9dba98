import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId } from 'preact/hooks';
import { refusal } from '../api/me';
import { useKey } from '../app/keys';
import { capped, number, t } from '../i18n';
import { Button } from '../ui/parts';
import type { Target } from './target';

/** The server takes so many ids in a plan. */
const MOST = 1000;

export type Action = 'retry' | 'recoverable' | 'skip' | 'retry-spec';

/** Whether rows are selected: keys of commands mean those, not the one that is shown beside them. */
export const isSelecting = signal(false);

/** A command on what was selected when it was chosen. */
export interface Doing {
  readonly action: Action;
  readonly target: Target;
  /** Whether a retry goes past limits and marks, unless the person says otherwise. */
  readonly forced: boolean;
}

/**
 * The rows after a click on one: with shift from the last one that was clicked to this one, all as this one is now.
 *
 * @param ids of the rows as they are shown; null for one that nothing can be done to
 */
export function picked(before: ReadonlySet<string>, ids: readonly (string | null)[], at: number, anchor: number | null, range: boolean): ReadonlySet<string> {
  const id = ids[at] ?? null;
  if (id === null) return before;
  const on = !before.has(id);
  const after = new Set(before);
  const [from, to] = range && anchor !== null && anchor < ids.length ? [Math.min(anchor, at), Math.max(anchor, at)] : [at, at];
  for (const one of ids.slice(from, to + 1)) {
    if (one === null) continue;
    if (on) after.add(one);
    else after.delete(one);
  }
  return after;
}

/** What is selected, in words; only what is not done counts, as a plan counts it. */
export function selectionWords(selected: number, whole: boolean, total: number | null, open: boolean): string {
  const { selection } = t();
  if (!whole) return selection.some(selected, number(selected));
  if (total === null) return selection.allOfFilter;
  return (open ? selection.allOpen : selection.all)(capped(total));
}

export function selectAllWords(total: number, open: boolean): string {
  const { selection } = t();
  return (open ? selection.selectAllOpen : selection.selectAll)(capped(total));
}

/**
 * What a person can do with the rows they selected, or with all that the filter finds.
 *
 * @param total how many of what the filter finds are not done, null if that is not known; greater than what is counted exactly shows as such
 * @param open whether the filter finds what is done as well, so that the words tell that it is left out
 */
export function SelectionBar({
  selected,
  whole,
  total,
  open,
  onDo,
  onAll,
  onClear,
}: {
  selected: number;
  whole: boolean;
  total: number | null;
  open: boolean;
  onDo: (action: Action) => void;
  onAll: () => void;
  onClear: () => void;
}): JSX.Element {
  const { selection, batch } = t();
  const off = refusal('planBatch') ?? (!whole && selected > MOST ? selection.tooMany(number(MOST)) : null);
  const may = (one: Action, refused: string | null) => (off === null && refused === null ? () => onDo(one) : null);
  const refused = { retry: refusal('prepareFailure'), recoverable: refusal('markRecoverable'), skip: refusal('skipFailure'), 'retry-spec': refusal('applyRetrySpec') };
  useKey('r', may('retry', refused.retry));
  useKey('m', may('recoverable', refused.recoverable));
  useKey('s', may('skip', refused.skip));
  useKey('c', may('retry-spec', refused['retry-spec']));
  useKey('Escape', onClear);
  // what is behind the bar at the bottom of the window is reached by scrolling
  useEffect(() => {
    document.documentElement.classList.add('selecting');
    isSelecting.value = true;
    return () => {
      document.documentElement.classList.remove('selecting');
      isSelecting.value = false;
    };
  }, []);
  const whyOff = useId();
  const offBy = off === null ? null : whyOff;
  return (
    <section class="selection" aria-label={selection.label}>
      <div class="selection-what">
        <strong class="num">{selectionWords(selected, whole, total, open)}</strong>
        {!whole && total !== null && total > selected && (
          <button type="button" class="link" onClick={onAll}>
            {selectAllWords(total, open)}
          </button>
        )}
        <button type="button" class="link" onClick={onClear}>
          {selection.clear}
        </button>
      </div>
      <div class="selection-do">
        <Button kind="primary" icon="retry" keys="r" onPress={() => onDo('retry')} off={refused.retry} offBy={offBy}>
          {batch.retryMany}
        </Button>
        <Button keys="m" onPress={() => onDo('recoverable')} off={refused.recoverable} offBy={offBy}>
          {selection.mark}
        </Button>
        <Button keys="s" onPress={() => onDo('skip')} off={refused.skip} offBy={offBy}>
          {selection.skip}
        </Button>
        <Button keys="c" onPress={() => onDo('retry-spec')} off={refused['retry-spec']} offBy={offBy}>
          {selection.policy}
        </Button>
      </div>
      {off !== null && (
        <p class="reason" id={whyOff}>
          {off}
        </p>
      )}
    </section>
  );
}
