import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { OWN, Problem, command, segment } from '../api/http';
import { refusal } from '../api/me';
import type { FunctionView, Overridden, PolicySources, RetryPolicy } from '../api/model';
import { refresh } from '../api/query';
import { now } from '../app/clock';
import { go } from '../app/router';
import { capped, durationMillis, fromNow, moment, number, t } from '../i18n';
import { Icon } from '../ui/icons';
import { say } from '../ui/notice';
import { Button, FormDialog, Mistakes, Skeleton } from '../ui/parts';
import { PolicyFields, policyChanges } from './dialogs';
import { ReasonField, isoDuration } from './fields';
import { policySentence, span } from './policy-words';

const VALUES = ['enabled', 'maxRetries', 'minBackoff', 'maxBackoff', 'jitter', 'executionTimeout'] as const;
type Value = (typeof VALUES)[number];

function valueName(value: Value): string {
  const { dialog } = t();
  switch (value) {
    case 'enabled':
      return dialog.policyEnabled;
    case 'maxRetries':
      return dialog.policyMax;
    case 'minBackoff':
      return dialog.policyFirst;
    case 'maxBackoff':
      return dialog.policyCap;
    case 'jitter':
      return dialog.policyJitter;
    case 'executionTimeout':
      return dialog.policyTimeout;
  }
}

function valueText(policy: RetryPolicy, value: Value): string {
  const { policies } = t();
  switch (value) {
    case 'enabled':
      return policy.enabled ? policies.yes : policies.no;
    case 'maxRetries':
      return number(policy.maxRetries);
    case 'minBackoff':
      return span(policy.minBackoff);
    case 'maxBackoff':
      return durationMillis(policy.maxBackoff) === 0 ? policies.noCap : span(policy.maxBackoff);
    case 'jitter':
      return policy.jitter === 0 ? policies.noSpread : policies.spread(number(Math.round(policy.jitter * 100)));
    case 'executionTimeout':
      return span(policy.executionTimeout);
  }
}

/** When the retries begin, each counted from the failure; the server says the first twenty. */
function Retries({ policy, after }: { policy: RetryPolicy; after: readonly string[] }): JSX.Element | null {
  const { policies } = t();
  if (after.length === 0) return <span class="quiet">{policies.noRetries}</span>;
  return (
    <span class="num">
      {after.map((one, i) => (
        <span key={i}>
          {i > 0 && ' · '}
          <span class="nowrap">{span(one)}</span>
        </span>
      ))}
      {after.length < policy.maxRetries && ` · ${policies.andMore(number(policy.maxRetries - after.length))}`}
    </span>
  );
}

/** How a function is retried: in words, as times, and where each value of that comes from. */
export function FunctionPolicy({ processor, each }: { processor: string; each: FunctionView }): JSX.Element {
  const { processors, policies } = t();
  const [dialog, setDialog] = useState<'change' | 'remove' | null>(null);
  const given = each.override;
  const source = (value: keyof PolicySources): string =>
    each.sources[value] === 'OVERRIDE' ? policies.by(given?.by ?? '') : policies.sources[each.sources[value]];
  return (
    <li class="function">
      <div class="block-head">
        <h3 class="mono">{each.name}</h3>
        <span class="function-actions">
          <Button onPress={() => setDialog('change')} off={refusal('overridePolicy', processor)}>
            {policies.change}
          </Button>
          {given && (
            <Button onPress={() => setDialog('remove')} off={refusal('removeOverride', processor)}>
              {policies.remove}
            </Button>
          )}
        </span>
      </div>
      <p class="quiet mono small">{each.eventTypes.join(', ')}</p>
      {given && (
        <p class="remark">
          <Icon name="person" />
          <span>
            {given.inForce ? policies.overridden(given.by, fromNow(given.since, now.value)) : policies.otherBuild(given.by, given.build ?? '')} <span lang="">“{given.reason}”</span>{' '}
            <span class="quiet">
              {given.until && policies.until(moment(given.until))} {given.build && given.inForce && policies.build(given.build)}
            </span>
          </span>
        </p>
      )}
      <p class="policy-words">{policySentence(each.policy)}</p>
      {each.policy.enabled && (
        <p class="small">
          <span class="quiet">{processors.retriesAfter}</span> <Retries policy={each.policy} after={each.retriesAfter} />
        </p>
      )}
      <dl class="policy-values">
        {VALUES.map((value) => (
          <div key={value}>
            <dt>{valueName(value)}</dt>
            <dd>
              {valueText(each.policy, value)} <span class={each.sources[value] === 'OVERRIDE' ? 'policy-source overridden' : 'policy-source'}>{source(value)}</span>
            </dd>
          </div>
        ))}
      </dl>
      {each.effects === 'OUTSIDE' && <p class="reason">{processors.outside}</p>}
      {dialog === 'change' && <OverrideDialog processor={processor} each={each} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && given && <RemoveDialog processor={processor} each={each} onClose={() => setDialog(null)} />}
    </li>
  );
}

interface Props {
  readonly processor: string;
  readonly each: FunctionView;
  readonly onClose: () => void;
}

const address = (processor: string, each: FunctionView): string => `processors/${segment(processor)}/functions/${segment(each.name)}/policy`;

/** What is different afterwards, value by value, and when the retries begin then. */
function Diff({ from, to }: { from: FunctionView; to: Overridden }): JSX.Element {
  const { policies, processors } = t();
  const changed = VALUES.filter((value) => valueText(from.policy, value) !== valueText(to.policy, value));
  if (changed.length === 0) return <p class="quiet">{policies.same}</p>;
  return (
    <table class="policy-diff">
      <caption class="visually-hidden">{policies.diff}</caption>
      <thead>
        <tr>
          <td />
          <th scope="col">{policies.before}</th>
          <th scope="col">{policies.after}</th>
        </tr>
      </thead>
      <tbody>
        {changed.map((value) => (
          <tr key={value}>
            <th scope="row">{valueName(value)}</th>
            <td>{valueText(from.policy, value)}</td>
            <td>{valueText(to.policy, value)}</td>
          </tr>
        ))}
        <tr>
          <th scope="row">{processors.retriesAfter}</th>
          <td>
            <Retries policy={from.policy} after={from.retriesAfter} />
          </td>
          <td>
            <Retries policy={to.policy} after={to.retriesAfter} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

const SOON = 250;

type Validity = 'always' | 'time' | 'build';
/** What the form asks for, as the API takes it; a text says why it can not be asked. */
type Asked = Readonly<Record<string, unknown>> | string;

/** Puts values over the policy while the application runs; the server says beforehand what that would change. */
function OverrideDialog({ processor, each, onClose }: Props): JSX.Element {
  const { policies, dialog, common } = t();
  const form = useRef<HTMLDivElement>(null);
  const [validity, setValidity] = useState<Validity>(each.override?.build ? 'build' : 'always');
  const [waiting, setWaiting] = useState(false);
  const [tried, setTried] = useState<Overridden | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [off, setOff] = useState<string | null>(null);
  const base = each.beneath ?? each.policy;

  const asked = (values: FormData): Asked => {
    let changes: Record<string, unknown>;
    try {
      changes = policyChanges(values, base);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return error.detail;
    }
    if (Object.keys(changes).length === 0) return each.override ? policies.asBeneath : policies.unchanged;
    const validFor = validity === 'time' ? isoDuration(String(values.get('validFor') ?? '')) : null;
    if (validity === 'time' && (validFor === null || durationMillis(validFor) === 0)) return dialog.durationWrong;
    return { ...changes, ...(validFor ? { validFor } : {}), ...(validity === 'build' ? { untilNextBuild: true } : {}), ...(waiting ? { waiting } : {}) };
  };
  const read = (): Asked => asked(new FormData(form.current?.closest('form') ?? undefined));

  const turn = useRef(0);
  const tryIt = () => {
    const mine = ++turn.current;
    const body = read();
    if (typeof body === 'string') {
      setOff(body);
      setTried(null);
      setProblem(null);
      return;
    }
    setOff(common.loading);
    setTimeout(() => {
      if (mine !== turn.current) return;
      command<Overridden>(address(processor, each), { ...body, dryRun: true }, { method: 'PUT' }).then(
        (answer) => {
          if (mine !== turn.current) return;
          setTried(answer);
          setProblem(null);
          setOff(null);
        },
        (error: unknown) => {
          if (!(error instanceof Problem)) throw error;
          if (mine !== turn.current) return;
          setTried(null);
          setProblem(error);
          setOff('');
        },
      );
    }, SOON);
  };
  useEffect(() => {
    tryIt();
    return () => {
      turn.current++;
    };
  }, [validity, waiting]);

  const choices: readonly (readonly [Validity, string])[] = [
    ['always', policies.always],
    ['build', policies.forBuild],
    ['time', policies.forTime],
  ];
  const open = tried?.waiting.number ?? null;
  return (
    <FormDialog
      title={policies.title(each.name)}
      action={policies.save}
      wide
      off={off}
      onClose={onClose}
      onSubmit={async (values, key) => {
        const body = asked(values);
        if (typeof body === 'string') throw new Problem(400, OWN, '', body);
        const done = await command<Overridden>(address(processor, each), { ...body, reason: String(values.get('reason') ?? '').trim() }, { key, method: 'PUT' });
        say(policies.saved, 'good');
        refresh('processors', 'batches');
        if (done.batch) go(`batches/${segment(done.batch)}`);
      }}
    >
      <p>{policies.text}</p>
      <div class="policy-form" ref={form} onInput={tryIt}>
        <PolicyFields policy={each.policy} />
        <fieldset class="plan-line">
          <legend class="plan-label">{policies.holds}</legend>
          <span class="plan-fields">
            {choices.map(([value, name]) => (
              <label key={value} class="choice check">
                <input type="radio" name="validity" value={value} checked={validity === value} onChange={() => setValidity(value)} />
                <span>{name}</span>
              </label>
            ))}
            {validity === 'time' && <input class="short" name="validFor" defaultValue="4h" aria-label={policies.howLong} placeholder={dialog.durationHint} autocomplete="off" />}
          </span>
        </fieldset>
        <fieldset class="plan-line">
          <legend class="plan-label">{policies.scope}</legend>
          <span class="plan-fields">
            <label class="choice check">
              <input type="radio" name="scope" checked={!waiting} onChange={() => setWaiting(false)} />
              <span>{policies.onlyNew}</span>
            </label>
            {open === 0 ? (
              <span class="quiet">{policies.noneOpen}</span>
            ) : (
              <label class="choice check">
                <input type="radio" name="scope" checked={waiting} onChange={() => setWaiting(true)} />
                <span>{open === null ? policies.alsoOpen : policies.alsoOpenOf(open, capped(open))}</span>
              </label>
            )}
          </span>
        </fieldset>
      </div>
      <div class="plan" aria-live="polite">
        {problem ? (
          <Mistakes problem={problem} />
        ) : tried ? (
          <>
            <Diff from={each} to={tried} />
            {tried.build !== null && <p class="quiet small">{policies.build(tried.build)}</p>}
            {waiting && <p class="quiet small">{policies.byBatch}</p>}
          </>
        ) : off === common.loading ? (
          <Skeleton lines={2} />
        ) : (
          <p class="quiet">{policies.diffComes}</p>
        )}
      </div>
      <ReasonField required />
    </FormDialog>
  );
}

function RemoveDialog({ processor, each, onClose }: Props): JSX.Element {
  const { policies } = t();
  return (
    <FormDialog
      title={policies.removeTitle(each.name)}
      action={policies.removeDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        const reason = String(values.get('reason') ?? '').trim();
        await command<unknown>(address(processor, each), reason ? { reason } : {}, { key, method: 'DELETE' });
        say(policies.removed, 'good');
        refresh('processors');
      }}
    >
      <p>{each.beneath ? policies.removeText(policySentence(each.beneath)) : policies.removeOther}</p>
      <ReasonField />
    </FormDialog>
  );
}
