import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { command, segment } from '../api/http';
import { refusal } from '../api/me';
import type { Batch, BatchPlan } from '../api/model';
import { refresh } from '../api/query';
import { useKey } from '../app/keys';
import { go } from '../app/router';
import { capped, number, t } from '../i18n';
import { Button, Field, FormDialog } from '../ui/parts';
import { DURATIONS, ReasonField, durationLabels, isoDurationOf } from './dialogs';
import { type Filter, PlanNumbers, RetryDialog, planOf } from './retry';

/** The server takes so many ids in a plan. */
const MOST = 1000;

/** What a person does to many: all that a filter finds, or of that only the ones with these ids. */
export interface Target {
  readonly filter: Filter;
  readonly ids?: readonly string[];
  /** How many it is about. */
  readonly number: number;
}

type Action = 'retry' | 'recoverable' | 'skip' | 'retry-spec';

/** The rows after a click on one: with shift from the last one that was clicked to this one, all as this one is now. */
export function picked(before: ReadonlySet<string>, ids: readonly string[], at: number, anchor: number | null, range: boolean): ReadonlySet<string> {
  const id = ids[at];
  if (id === undefined) return before;
  const on = !before.has(id);
  const after = new Set(before);
  const [from, to] = range && anchor !== null && anchor < ids.length ? [Math.min(anchor, at), Math.max(anchor, at)] : [at, at];
  for (const one of ids.slice(from, to + 1)) {
    if (on) after.add(one);
    else after.delete(one);
  }
  return after;
}

/** The members of a retry policy that a person filled in; what is left empty stays as each has it. */
export function givenPolicy(values: FormData): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const text = (name: string) => String(values.get(name) ?? '').trim();
  if (text('enabled') !== '') given['enabled'] = text('enabled') === 'true';
  if (text('maxRetries') !== '') given['maxRetries'] = Number(text('maxRetries'));
  if (text('jitter') !== '') given['jitter'] = Number(text('jitter')) / 100;
  for (const name of DURATIONS) if (text(name) !== '') given[name] = isoDurationOf(text(name));
  return given;
}

function PolicyOfMany(): JSX.Element {
  const { dialog, selection } = t();
  const labels = durationLabels();
  const hint = useId();
  return (
    <div class="fields">
      <Field label={dialog.policyEnabled}>
        <select name="enabled" data-first>
          <option value="">{selection.unchanged}</option>
          <option value="true">{selection.on}</option>
          <option value="false">{selection.off}</option>
        </select>
      </Field>
      <Field label={dialog.policyMax}>
        <input name="maxRetries" type="number" min={0} max={1000} placeholder={selection.unchanged} />
      </Field>
      {DURATIONS.map((name) => (
        <Field key={name} label={labels[name]}>
          <input name={name} placeholder={selection.unchanged} aria-describedby={hint} autocomplete="off" />
        </Field>
      ))}
      <Field label={dialog.policyJitter} hint={dialog.policyJitterHint}>
        <input name="jitter" type="number" min={0} max={100} placeholder={selection.unchanged} />
      </Field>
      <p id={hint} class="fields-hint quiet small">
        {dialog.durationsHint}
      </p>
    </div>
  );
}

/** First what is to be done, then what that would do: the set is frozen between the two. */
function ChangeDialog({ action, target, onClose }: { action: Exclude<Action, 'retry'>; target: Target; onClose: () => void }): JSX.Element {
  const { selection, batch } = t();
  const [plan, setPlan] = useState<BatchPlan | null>(null);
  const planned = useRef(false);
  const words = selection.changes[action];
  const title = words.title(target.number, capped(target.number));
  if (plan === null) {
    return (
      <FormDialog
        key="what"
        title={title}
        action={selection.plan}
        onClose={() => {
          // the form has ended by its plan, which takes its place
          if (!planned.current) onClose();
        }}
        onSubmit={async (values) => {
          const reason = String(values.get('reason') ?? '').trim();
          const made = await planOf(target, {
            action,
            ...(action === 'recoverable' ? { recoverability: String(values.get('recoverability')) } : {}),
            ...(action === 'retry-spec' ? givenPolicy(values) : {}),
            ...(reason ? { reason } : {}),
          });
          planned.current = true;
          setPlan(made);
        }}
      >
        <p>{words.text}</p>
        {action === 'recoverable' && (
          <fieldset class="plan-line">
            <legend class="visually-hidden">{title}</legend>
            {(['UNRECOVERABLE', 'RECOVERABLE'] as const).map((one, i) => (
              <label key={one} class="choice check">
                <input type="radio" name="recoverability" value={one} defaultChecked={i === 0} />
                <span>{selection.marks[one]}</span>
              </label>
            ))}
          </fieldset>
        )}
        {action === 'retry-spec' && <PolicyOfMany />}
        <ReasonField required={action === 'skip'} />
      </FormDialog>
    );
  }
  return (
    <FormDialog
      key="plan"
      title={title}
      action={words.start(plan.willRun, number(plan.willRun))}
      kind={action === 'skip' ? 'danger' : 'primary'}
      off={plan.willRun === 0 ? batch.nothingToRun : null}
      onClose={onClose}
      onSubmit={async () => {
        const started = await command<Batch>(`batches/${segment(plan.batch.id)}/start`, { canary: 0 });
        refresh('batches', 'failures', 'groups');
        go(`batches/${segment(started.id)}`);
      }}
    >
      <PlanNumbers plan={plan} />
    </FormDialog>
  );
}

/**
 * What a person can do with the rows they selected, or with all that the filter finds.
 *
 * @param total how many the filter finds, null if that is not known; greater than what is counted exactly shows as such
 */
export function SelectionBar({
  selected,
  whole,
  total,
  target,
  forced,
  onAll,
  onClear,
}: {
  selected: number;
  whole: boolean;
  total: number | null;
  target: Target;
  forced: boolean;
  onAll: () => void;
  onClear: () => void;
}): JSX.Element {
  const { selection, batch } = t();
  const [action, setAction] = useState<Action | null>(null);
  const off = refusal('planBatch') ?? (!whole && selected > MOST ? selection.tooMany(number(MOST)) : null);
  const may = (one: Action, refused: string | null) => (off === null && refused === null ? () => setAction(one) : null);
  const refused = { retry: refusal('prepareFailure'), recoverable: refusal('markRecoverable'), skip: refusal('skipFailure'), 'retry-spec': refusal('applyRetrySpec') };
  useKey('r', may('retry', refused.retry));
  useKey('m', may('recoverable', refused.recoverable));
  useKey('s', may('skip', refused.skip));
  useKey('c', may('retry-spec', refused['retry-spec']));
  useKey('Escape', onClear);
  // what is behind the bar at the bottom of the window is reached by scrolling
  useEffect(() => {
    document.documentElement.classList.add('selecting');
    return () => document.documentElement.classList.remove('selecting');
  }, []);
  const words = whole ? (total === null ? selection.allOfFilter : selection.all(capped(total))) : selection.some(selected, number(selected));
  return (
    <section class="selection" aria-label={selection.label}>
      <div class="selection-what">
        <strong class="num">{words}</strong>
        {!whole && total !== null && total > selected && (
          <button type="button" class="link" onClick={onAll}>
            {selection.selectAll(capped(total))}
          </button>
        )}
        <button type="button" class="link" onClick={onClear}>
          {selection.clear}
        </button>
      </div>
      {off ? (
        <p class="reason">{off}</p>
      ) : (
        <div class="selection-do">
          <Button kind="primary" icon="retry" keys="r" onPress={() => setAction('retry')} off={refused.retry}>
            {batch.retryMany}
          </Button>
          <Button keys="m" onPress={() => setAction('recoverable')} off={refused.recoverable}>
            {selection.mark}
          </Button>
          <Button keys="s" onPress={() => setAction('skip')} off={refused.skip}>
            {selection.skip}
          </Button>
          <Button keys="c" onPress={() => setAction('retry-spec')} off={refused['retry-spec']}>
            {selection.policy}
          </Button>
        </div>
      )}
      {action === 'retry' && (
        <RetryDialog title={batch.retryTitle(target.number, capped(target.number))} target={target} forced={forced} onClose={() => setAction(null)} />
      )}
      {action !== null && action !== 'retry' && <ChangeDialog action={action} target={target} onClose={() => setAction(null)} />}
    </section>
  );
}
