import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { command, segment } from '../api/http';
import type { Batch, BatchPlan } from '../api/model';
import { refresh } from '../api/query';
import { go } from '../app/router';
import { capped, number, t } from '../i18n';
import { Field, FormDialog } from '../ui/parts';
import { DURATIONS, durationLabels, isoDurationOf } from './dialogs';
import { DependentsField, ReasonField } from './fields';
import { PlanNumbers, RetryDialog, planOf } from './retry';
import type { Target } from './target';
import type { Action, Doing } from './selection';

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
  const { selection, batch, dialog } = t();
  const [plan, setPlan] = useState<BatchPlan | null>(null);
  const planned = useRef(false);
  const words = selection.changes[action];
  const about = plan?.batch.total ?? target.number;
  const title = words.title(about, capped(about));
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
        onSubmit={async (values, key) => {
          const reason = String(values.get('reason') ?? '').trim();
          const made = await planOf(target, {
            action,
            ...(action === 'recoverable' ? { recoverability: String(values.get('recoverability')) } : {}),
            ...(action === 'retry-spec' ? givenPolicy(values) : {}),
            ...(action === 'skip' ? { dependents: String(values.get('dependents')) } : {}),
            ...(reason ? { reason } : {}),
          }, key);
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
        {action === 'skip' && <DependentsField title={dialog.skipDependentsOfMany} />}
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
      onSubmit={async (_, key) => {
        const started = await command<Batch>(`batches/${segment(plan.batch.id)}/start`, { canary: 0 }, { key });
        refresh('batches', 'failures', 'groups');
        go(`batches/${segment(started.id)}`);
      }}
    >
      <PlanNumbers plan={plan} />
    </FormDialog>
  );
}

/** The dialog of a command on what was selected. */
export function SelectionDialog({ action, target, forced, onClose }: Doing & { onClose: () => void }): JSX.Element {
  return action === 'retry' ? (
    <RetryDialog target={target} forced={forced} onClose={onClose} />
  ) : (
    <ChangeDialog action={action} target={target} onClose={onClose} />
  );
}
