import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { OWN, Problem, command, segment } from '../api/http';
import type { FailureDetail, Processor, ProcessorDetail, RetryPolicy } from '../api/model';
import { refresh, useResource } from '../api/query';
import { capped, durationMillis, number, t } from '../i18n';
import { say } from '../ui/notice';
import { Field, FormDialog } from '../ui/parts';
import { DependentsField, ReasonField, isoDuration } from './fields';

async function send(failure: FailureDetail, name: string, body: Record<string, unknown>, key: string): Promise<void> {
  // what was changed meanwhile is not what the person decided about
  await command<unknown>(`failures/${segment(failure.id)}/${name}`, body, { key, version: failure.version });
  refresh('failures', 'processors');
}

const why = (values: FormData): string => String(values.get('reason') ?? '').trim();

interface Props {
  readonly failure: FailureDetail;
  readonly onClose: () => void;
}

/** The server counts one more, and no further. */
const MOST_DEPENDENTS = 1000;

export function SkipDialog({ failure, onClose }: Props): JSX.Element {
  const { dialog, failure: text } = t();
  return (
    <FormDialog
      title={dialog.skipTitle}
      action={dialog.skipDo}
      kind="danger"
      onClose={onClose}
      onSubmit={async (values, key) => {
        const dependents = values.get('dependents');
        await send(failure, 'skip', { reason: why(values), ...(dependents === null ? {} : { dependents: String(dependents) }) }, key);
        say(text.result.skipped, 'good');
      }}
    >
      <p>{dialog.skipText}</p>
      {failure.followers > 0 && (
        <p>
          <strong>{dialog.skipFollowers(failure.followers, number(failure.followers))}</strong>
        </p>
      )}
      {failure.dependents > 0 && <DependentsField title={dialog.skipDependents(failure.dependents, capped(failure.dependents, MOST_DEPENDENTS))} />}
      <ReasonField required label={dialog.skipReason} />
    </FormDialog>
  );
}

export function MarkDialog({ failure, onClose }: Props): JSX.Element {
  const { dialog, failure: text } = t();
  return (
    <FormDialog
      title={dialog.markTitle}
      action={dialog.markDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        await send(failure, 'recoverable', { recoverability: 'UNRECOVERABLE', reason: why(values) }, key);
        say(text.result.saved, 'good');
      }}
    >
      <p>{dialog.markText}</p>
      <ReasonField />
    </FormDialog>
  );
}

export function RedirectDialog({ failure, onClose }: Props): JSX.Element {
  const { dialog, failure: text } = t();
  const [processor, setProcessor] = useState(failure.processor);
  const moves = processor !== failure.processor;
  const known = useResource<{ items: readonly Processor[] }>('processors', {}).data?.items.map((one) => one.name) ?? [];
  const names = [failure.processor, ...known.filter((name) => name !== failure.processor)];
  const functions = useResource<ProcessorDetail>(`processors/${segment(processor)}`, {}).data?.definition?.functions ?? [];
  return (
    <FormDialog
      title={dialog.redirectTitle}
      action={dialog.redirectDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        await send(failure, 'function', { function: String(values.get('function') ?? '').trim(), ...(moves ? { processor } : {}), reason: why(values) }, key);
        say(text.result.saved, 'good');
      }}
    >
      <p>{dialog.redirectText}</p>
      <Field label={text.facts.processor}>
        <select name="processor" value={processor} onChange={(event) => setProcessor(event.currentTarget.value)}>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      {moves && (
        <p>
          <strong>{dialog.redirectMoves(failure.followers)}</strong> {dialog.redirectOnce}
        </p>
      )}
      <Field label={dialog.redirectField}>
        <input name="function" class="mono" required maxLength={1000} defaultValue={failure.function} list="functions-of" autocomplete="off" spellcheck={false} data-first />
      </Field>
      <datalist id="functions-of">
        {functions
          .filter((one) => one.eventTypes.includes(failure.eventType))
          .map((one) => (
            <option key={one.name} value={one.name} />
          ))}
      </datalist>
      <Field label={t().common.reason} hint={t().common.optional}>
        <input name="reason" maxLength={1000} autocomplete="off" />
      </Field>
    </FormDialog>
  );
}

/** The same, or the problem to show for another text. */
export function isoDurationOf(text: string): string {
  const iso = isoDuration(text);
  if (iso === null) throw new Problem(400, OWN, '', t().dialog.durationWrong);
  return iso;
}

/** An ISO 8601 duration as a person writes it: `2m`, `1h 30m`. */
export function plainDuration(iso: string): string {
  let left = Math.round(durationMillis(iso));
  if (left === 0) return '0s';
  const parts: string[] = [];
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const amount = Math.floor(left / size);
    if (amount > 0) parts.push(`${amount}${unit}`);
    left -= amount * size;
  }
  return parts.join(' ');
}

const percent = (share: number): number => Math.round(share * 100);

/** The members of a policy that are lengths of time. */
export const DURATIONS = ['minBackoff', 'maxBackoff', 'executionTimeout'] as const;

export function durationLabels(): Readonly<Record<(typeof DURATIONS)[number], string>> {
  const { dialog } = t();
  return { minBackoff: dialog.policyFirst, maxBackoff: dialog.policyCap, executionTimeout: dialog.policyTimeout };
}

/** The members of a policy that the form changed; throws a problem for what is no length of time. */
export function policyChanges(values: FormData, current: RetryPolicy): Record<string, unknown> {
  const changes: Record<string, unknown> = {};
  const enabled = values.get('enabled') !== null;
  if (enabled !== current.enabled) changes['enabled'] = enabled;
  const retries = Number(values.get('maxRetries'));
  if (retries !== current.maxRetries) changes['maxRetries'] = retries;
  const jitter = Number(values.get('jitter'));
  if (jitter !== percent(current.jitter)) changes['jitter'] = jitter / 100;
  for (const name of DURATIONS) {
    const iso = isoDurationOf(String(values.get(name) ?? ''));
    if (durationMillis(iso) !== durationMillis(current[name])) changes[name] = iso;
  }
  return changes;
}

/** The members of a policy as fields, for {@link policyChanges}. */
export function PolicyFields({ policy }: { policy: RetryPolicy }): JSX.Element {
  const { dialog } = t();
  const [enabled, setEnabled] = useState(policy.enabled);
  const labels = durationLabels();
  return (
    <>
      <label class="choice check">
        <input type="checkbox" name="enabled" checked={enabled} onChange={(event) => setEnabled((event.currentTarget as HTMLInputElement).checked)} />
        <span>{dialog.policyEnabled}</span>
      </label>
      <div class="fields">
        <Field label={dialog.policyMax}>
          <input name="maxRetries" type="number" min={0} max={1000} required defaultValue={String(policy.maxRetries)} data-first />
        </Field>
        {DURATIONS.map((name) => (
          <Field key={name} label={labels[name]}>
            <input name={name} required defaultValue={plainDuration(policy[name])} placeholder={dialog.durationHint} autocomplete="off" />
          </Field>
        ))}
        <Field label={dialog.policyJitter} hint={dialog.policyJitterHint}>
          <input name="jitter" type="number" min={0} max={100} required defaultValue={String(percent(policy.jitter))} />
        </Field>
      </div>
    </>
  );
}

export function PolicyDialog({ failure, onClose }: Props): JSX.Element {
  const { dialog, failure: text } = t();
  return (
    <FormDialog
      title={dialog.policyTitle}
      action={dialog.policyDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        const reason = why(values);
        await send(failure, 'retry-spec', { ...policyChanges(values, failure.policy), ...(reason ? { reason } : {}) }, key);
        say(text.result.saved, 'good');
      }}
    >
      <p>{dialog.policyText}</p>
      <PolicyFields policy={failure.policy} />
      <Field label={t().common.reason} hint={t().common.optional}>
        <input name="reason" maxLength={1000} autocomplete="off" />
      </Field>
    </FormDialog>
  );
}
