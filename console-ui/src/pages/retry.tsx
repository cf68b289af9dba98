import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, command, segment } from '../api/http';
import type { Batch, BatchPlan } from '../api/model';
import { refresh } from '../api/query';
import { go } from '../app/router';
import { capped, length, number, t, timeOfDay } from '../i18n';
import { Field, FormDialog, Mistakes, Skeleton } from '../ui/parts';
import { type Target, filterWords } from './target';

/** Freezes what the filter finds, or of that only what has these ids, as a batch that is not started. */
export function planOf({ filter, ids }: Target, body: Readonly<Record<string, unknown>>, key?: string): Promise<BatchPlan> {
  return command<BatchPlan>(`batches/plan?${new URLSearchParams(filter)}`, ids ? { ...body, ids } : body, key === undefined ? {} : { key });
}

/** What a plan would do, and what not. */
export function PlanNumbers({ plan }: { plan: BatchPlan }): JSX.Element {
  const { batch: text } = t();
  const refused: Readonly<Record<string, string>> = text.refusals;
  return (
    <div class="plan">
      <dl class="plan-numbers">
        <div>
          <dt>{text.willRun}</dt>
          <dd class="num">{number(plan.willRun)}</dd>
        </div>
        {Object.entries(plan.willNotRun).map(([code, count]) => (
          <div key={code} class="quiet">
            <dt>{refused[code] ?? code}</dt>
            <dd class="num">{number(count)}</dd>
          </div>
        ))}
      </dl>
      {plan.followers > 0 && <p>{text.afterwards(plan.followers, capped(plan.followers))}</p>}
      <p class="quiet small">
        {text.frozen(timeOfDay(plan.batch.createdAt))}
        {plan.sample.length > 0 && (
          <>
            {' '}
            {text.oldest} <span class="mono">{plan.sample.map((one) => one.lane ?? one.key ?? one.eventId).join(', ')}</span>
          </>
        )}
      </p>
    </div>
  );
}

function NumberField({ name, value, least, most, onChange }: { name: string; value: number; least: number; most: number; onChange?: (value: number) => void }): JSX.Element {
  return (
    <input
      class="short num"
      type="number"
      name={name}
      min={least}
      max={most}
      required
      defaultValue={String(value)}
      aria-label={t().batch.fields[name as keyof ReturnType<typeof t>['batch']['fields']]}
      onInput={(event) => onChange?.(Number((event.currentTarget as HTMLInputElement).value))}
    />
  );
}

/**
 * A retry of many as a plan: the set is frozen when it opens, a canary runs first, the pace is bounded. What starts is a
 * batch of the server's, which goes on when this page is closed.
 */
export function RetryDialog({
  target,
  forced: forcedAtFirst,
  onClose,
}: {
  target: Target;
  forced: boolean;
  onClose: () => void;
}): JSX.Element {
  const { batch: text, common } = t();
  const [forced, setForced] = useState(forcedAtFirst);
  const [canary, setCanary] = useState(true);
  const [perSecond, setPerSecond] = useState(50);
  const [plan, setPlan] = useState<BatchPlan | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    let current = true;
    setProblem(null);
    planOf(target, { action: forced ? 'force-prepare' : 'prepare' }).then(
      (made) => current && setPlan(made),
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        if (current) setProblem(error);
      },
    );
    return () => {
      current = false;
    };
  }, [forced]);
  const about = plan?.batch.total ?? target.number;
  return (
    <FormDialog
      title={text.retryTitle(about, capped(about))}
      action={text.start}
      wide
      off={plan === null || plan.willRun === 0 ? (problem ? '' : plan === null ? common.loading : text.nothingToRun) : null}
      onClose={onClose}
      onSubmit={async (values, key) => {
        if (plan === null) return;
        const whole = (name: string) => Number(values.get(name));
        const reason = String(values.get('reason') ?? '').trim();
        const started = await command<Batch>(`batches/${segment(plan.batch.id)}/start`, {
          canary: canary ? whole('canary') : 0,
          ...(canary ? { canaryPercent: whole('canaryPercent') } : {}),
          perSecond: whole('perSecond'),
          inFlight: whole('inFlight'),
          pausePercent: whole('pausePercent'),
          ...(reason ? { reason } : {}),
        }, { key });
        refresh('batches', 'failures', 'groups');
        go(`batches/${segment(started.id)}`);
      }}
    >
      <p class="plan-about">
        {target.cause && <strong>{target.cause}</strong>} <span class="quiet">{filterWords(target.ids ? { ...target.filter, selected: String(target.ids.length) } : target.filter)}</span>
      </p>
      {problem ? (
        <Mistakes problem={problem} title={text.noPlan} />
      ) : plan === null ? (
        <Skeleton lines={3} />
      ) : (
        <PlanNumbers plan={plan} />
      )}
      <label class="choice check">
        <input
          type="checkbox"
          checked={forced}
          onChange={(event) => {
            // what was planned is not what is asked for now: it can not be started any more
            setPlan(null);
            setForced((event.currentTarget as HTMLInputElement).checked);
          }}
        />
        <span>{text.forced}</span>
      </label>
      <fieldset class="plan-line">
        <label class="choice check">
          <input type="checkbox" checked={canary} data-first onChange={(event) => setCanary((event.currentTarget as HTMLInputElement).checked)} />
          <span>{text.canaryFirst}</span>
        </label>
        {canary && (
          <span class="plan-fields">
            <span class="plan-pair">
              <NumberField name="canary" value={5} least={1} most={1000} /> <span>{text.canaryThen}</span>
            </span>{' '}
            <span class="plan-pair">
              <NumberField name="canaryPercent" value={95} least={0} most={100} /> <span>{text.canaryHandled}</span>
            </span>
          </span>
        )}
      </fieldset>
      <fieldset class="plan-line">
        <span class="plan-label">{text.pace}</span>
        <span class="plan-fields">
          <span class="plan-pair">
            <NumberField name="perSecond" value={50} least={1} most={10_000} onChange={setPerSecond} /> <span>{text.perSecond}</span>
          </span>{' '}
          <span class="plan-pair">
            <NumberField name="inFlight" value={20} least={1} most={1000} /> <span>{text.inFlight}</span>
          </span>
          {plan && perSecond > 0 && <span class="quiet">{text.takes(length(Math.ceil(plan.willRun / perSecond) * 1000))}</span>}
        </span>
      </fieldset>
      <fieldset class="plan-line">
        <span class="plan-label">{text.pauseIf}</span>
        <span class="plan-fields">
          <span class="plan-pair">
            <NumberField name="pausePercent" value={20} least={0} most={100} /> <span>{text.pauseOf}</span>
          </span>
        </span>
      </fieldset>
      <Field label={common.reason} hint={common.optional}>
        <input name="reason" maxLength={1000} autocomplete="off" />
      </Field>
    </FormDialog>
  );
}
