import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Problem, command, get, segment } from '../api/http';
import { laneAddress } from '../api/lane';
import { refusal } from '../api/me';
import { type Attempt as AttemptRun, type EventPayload, type FailureDetail, type HistoryLine, isDone } from '../api/model';
import { type Resource, refresh, useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, isPlain, place, setQuery, to } from '../app/router';
import { POLL } from '../app/shell';
import { fromNow, length, moment, number, sentences, t } from '../i18n';
import { Icon } from '../ui/icons';
import { prettyJson } from '../ui/json';
import { tell, useIntent } from '../ui/intent';
import { LaterDialog, type LoadDialog } from '../ui/later';
import { say } from '../ui/notice';
import { Ago, Button, CopyButton, Heading, Menu, MenuItem, Mistakes, ProblemPanel, Skeleton, StateChip, copyText, offReason } from '../ui/parts';
import { causeName } from '../ui/cause';
import { type StackPart, parseStack, shortName } from '../ui/stack';
import { queueOf } from '../ui/state';
import { BuildHint } from './build-hint';
import { lastList } from './failures';
import { policySentence } from './policy-words';
import { isSelecting } from './selection';
import { Why } from './why';

/** While a retry is under way the page asks more often, so that its end shows within a second. */
const FAST = 700;

const isForced = (failure: FailureDetail): boolean =>
  failure.recoverability === 'UNRECOVERABLE' || failure.retries >= failure.maxRetries;

const isUnderWay = (failure: FailureDetail): boolean => failure.state === 'PREPARED' || failure.retry.requested;

/** What happened, and what happens next if nobody does anything. */
export function sentence(failure: FailureDetail, at: number): string {
  const { failure: text } = t();
  const attempt = number(failure.attempt);
  const parts: string[] = [];
  if (failure.state === 'SUCCEEDED') return text.handled(attempt, fromNow(failure.executedAt, at));
  if (failure.state === 'SKIPPED') return text.skipped(fromNow(failure.history.at(-1)?.at ?? failure.executedAt, at));
  if (failure.state === 'PREPARED') parts.push(text.running(attempt, failure.retry.node));
  else {
    parts.push(text.failedAgo(attempt, fromNow(failure.executedAt, at)));
    if (failure.retry.requested) parts.push(text.requested);
    else if (failure.next.code === 'retry' && failure.next.at !== null) {
      const retry = number(failure.retries + 1);
      const max = number(failure.maxRetries);
      parts.push(
        Date.parse(failure.next.at) <= at ? text.nextDue(retry, max) : text.nextRetry(retry, max, fromNow(failure.next.at, at)),
      );
    } else if (failure.next.code === 'waiting') parts.push(text.waits);
    else if (failure.recoverability === 'UNRECOVERABLE') parts.push(text.unrecoverable);
    else if (!failure.policy.enabled) parts.push(text.switchedOff);
    else if (failure.retries >= failure.maxRetries) parts.push(text.spent(number(failure.maxRetries)));
    else if (failure.reason === 'WAIT_TIMEOUT') parts.push(text.waitedTooLong);
    else parts.push(text.nothing);
  }
  if (failure.stopsSlot) parts.push(text.blocksSlot);
  else if (failure.followers > 0) parts.push(text.blocks(failure.followers, number(failure.followers), failure.lane ?? failure.key ?? '–'));
  return sentences(...parts);
}

/** What tells one start of a node from the next; it is said when it is pointed at. */
const START = /(?<=.)-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function Facts({ children }: { children: ComponentChildren }): JSX.Element {
  return <dl class="facts">{children}</dl>;
}

function Fact({ name, value, copy = false, mono = false }: { name: string; value: ComponentChildren; copy?: boolean; mono?: boolean }): JSX.Element | null {
  if (value === null || value === undefined || value === '') return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd class={mono ? 'mono' : undefined}>
        {value}
        {copy && typeof value === 'string' && <CopyButton text={value} label={`${t().common.copy}: ${name}`} />}
      </dd>
    </div>
  );
}

function Attempt({ run, previous }: { run: AttemptRun; previous: AttemptRun | undefined }): JSX.Element {
  const { failure: text } = t();
  const word = {
    running: text.attemptOngoing,
    failed: text.attemptFailed,
    succeeded: text.attemptSucceeded,
    stale: text.attemptStale,
    lost: text.lost,
  }[run.result];
  const at = run.endedAt ?? run.startedAt;
  const took = run.startedAt && run.endedAt ? Date.parse(run.endedAt) - Date.parse(run.startedAt) : null;
  const wait = previous?.endedAt && run.startedAt ? Date.parse(run.startedAt) - Date.parse(previous.endedAt) : null;
  const same = previous !== undefined && previous.errorCode === run.errorCode && run.errorCode !== null;
  const kind = run.result === 'lost' ? 'failed' : run.result === 'stale' ? 'succeeded' : run.result;
  return (
    <li class={`rail-item ${kind}`}>
      <span class="rail-dot" aria-hidden="true" />
      <div class="rail-body">
        <span class="attempt-name">{text.attemptNo(number(run.number))}</span> <span class={`attempt-outcome ${kind}`}>{word}</span>
        {run.result === 'failed' && (run.errorCode ?? run.reason) !== null && (
          <span class="quiet">{same ? text.sameError : causeName({ errorCode: run.errorCode ?? '', reason: run.reason })}</span>
        )}
        <div class="quiet small">
          {at && (
            <span title={moment(at)}>
              <Ago at={at} />
            </span>
          )}
          {took !== null && <span>{text.took(length(took))}</span>}
          {wait !== null && <span>{text.pauseBetween(length(Math.max(0, wait)))}</span>}
          {run.by && (
            <span>
              <Icon name="person" size={12} /> {run.by}
            </span>
          )}
        </div>
      </div>
    </li>
  );
}

function FrameworkLines({ lines }: { lines: readonly string[] }): JSX.Element {
  return (
    <details class="frames">
      <summary>{t().failure.frames(lines.length)}</summary>
      {lines.map((line, i) => (
        <div key={i} class="frame">
          {line}
        </div>
      ))}
    </details>
  );
}

function Stack({ stack }: { stack: string }): JSX.Element {
  const { failure: text } = t();
  const [raw, setRaw] = useState(false);
  if (stack === '') return <p class="quiet">{text.noStack}</p>;
  const parts: StackPart[] = raw ? [] : parseStack(stack);
  return (
    <div class="stack-box">
      <div class="stack-tools">
        <h3>{text.stack}</h3>
        <button type="button" class="text-button" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          {raw ? text.foldedStack : text.rawStack}
        </button>
        <CopyButton text={stack} />
      </div>
      <div class="stack" tabIndex={0} role="region" aria-label={text.stack} lang="en">
        {raw ? (
          <pre>{stack}</pre>
        ) : (
          parts.map((part, i) =>
            part.kind === 'framework' ? (
              <FrameworkLines key={i} lines={part.lines} />
            ) : (
              <div key={i} class={part.kind === 'own' ? 'frame own' : 'frame text'}>
                {part.text}
              </div>
            ),
          )
        )}
      </div>
    </div>
  );
}

export function ErrorSection({ failure }: { failure: FailureDetail }): JSX.Element {
  const { failure: text, reason } = t();
  const { error } = failure;
  const advice = (reason as Readonly<Record<string, readonly string[]>>)[failure.reason];
  return (
    <section aria-labelledby="error">
      <h2 id="error">{text.error}</h2>
      {advice && (
        <p class="advice">
          <strong>{advice[0]}</strong> {(failure.effects === 'OUTSIDE' && advice[2]) || advice[1]}
        </p>
      )}
      {error.code && !error.stack.startsWith(error.code) && (
        <p class="error-head" lang="en">
          <span class="mono">{error.code}</span>
          <br />
          {error.message}
        </p>
      )}
      {error.causes.length > 1 && (
        <>
          <h3>{text.causes}</h3>
          <ol class="causes" lang="en">
            {error.causes.slice(1).map((cause, i) => (
              <li key={i}>
                <span class="mono" title={cause.type}>
                  {shortName(cause.type)}
                </span>{' '}
                {cause.message}
              </li>
            ))}
          </ol>
        </>
      )}
      {error.bindings.length > 0 && (
        <>
          <h3>{text.bindings}</h3>
          <Facts>
            {error.bindings.map((binding, i) => (
              <Fact key={i} name={binding.path} value={binding.message} />
            ))}
          </Facts>
        </>
      )}
      <Stack stack={error.stack} />
    </section>
  );
}

/** The payload, asked for by the person: each reading is in the audit. */
function Payload({ failure }: { failure: FailureDetail }): JSX.Element {
  const { payload: text, common } = t();
  const [shown, setShown] = useState<EventPayload | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const off = refusal('getEvent', failure.processor);
  const read = (query: Readonly<Record<string, string>>) => {
    setBusy(true);
    setProblem(null);
    get<EventPayload>(`failures/${segment(failure.id)}/event`, query)
      .then(
        ({ data }) => setShown(data),
        (error: unknown) => {
          if (!(error instanceof Problem)) throw error;
          setProblem(error);
        },
      )
      .finally(() => setBusy(false));
  };
  const size = common.bytes(number(failure.payloadBytes));
  return (
    <div class="payload">
      <div class="stack-tools">
        <h3>
          {t().failure.facts.payload} <span class="quiet num">{size}</span>
        </h3>
        {shown?.data && <CopyButton text={shown.data} />}
        {shown?.masked && failure.payloadBytes > 0 && (
          <button type="button" class="text-button" onClick={() => read({ reveal: 'true' })}>
            {text.reveal}
          </button>
        )}
      </div>
      {shown ? (
        <>
          {shown.data === null ? (
            <p class="quiet">{shown.bytes === 0 ? text.none : text.unreadable}</p>
          ) : (
            <div class="stack" tabIndex={0} role="region" aria-label={t().failure.facts.payload}>
              <pre>{shown.encoding === 'json' && !shown.truncated ? prettyJson(shown.data) : shown.data}</pre>
            </div>
          )}
          <p class="quiet small">
            {shown.masked && <span>{text.masked}</span>}
            {shown.truncated && (
              <button type="button" class="text-button" onClick={() => read({ all: 'true', ...(shown.masked ? {} : { reveal: 'true' }) })}>
                {text.all}
              </button>
            )}
          </p>
        </>
      ) : failure.payloadBytes === 0 ? (
        <p class="quiet">{text.none}</p>
      ) : (
        <Button onPress={() => read({})} off={off} busy={busy}>
          {text.show}
        </Button>
      )}
      {problem && <Mistakes problem={problem} title={text.refused} />}
    </div>
  );
}

function Activity({ id, history }: { id: string; history: readonly HistoryLine[] }): JSX.Element {
  const { failure: text, historyType } = t();
  const names: Readonly<Record<string, string>> = historyType;
  const lines = [...history].reverse();
  return (
    <section aria-labelledby="activity">
      <div class="block-head">
        <h2 id="activity">{text.activity}</h2>
        <a href={`audit?failure=${segment(id)}`}>{t().audit.ofThis}</a>
      </div>
      <ol class="activity">
        {lines.map((line, i) => (
          <li key={i}>
            <time dateTime={line.at} class="num quiet">
              {moment(line.at)}
            </time>
            <span>
              {names[line.type] ?? line.type} <span class="quiet" title={line.actor}>· {line.actor.replace(START, '')}</span>
              {line.reason && <span class="quote" lang="">“{line.reason}”</span>}
              {line.details['before'] !== undefined && (
                <span class="quiet small mono">
                  {line.details['processor before']} {line.details['before']} → {line.details['processor after']} {line.details['after']}
                </span>
              )}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

type DialogName = 'skip' | 'policy' | 'mark' | 'redirect';
interface Told {
  readonly failure: FailureDetail;
  readonly onClose: () => void;
}
const DIALOGS: Readonly<Record<DialogName, LoadDialog<Told>>> = {
  skip: { of: () => import('./dialogs').then((all) => all.SkipDialog) },
  policy: { of: () => import('./dialogs').then((all) => all.PolicyDialog) },
  mark: { of: () => import('./dialogs').then((all) => all.MarkDialog) },
  redirect: { of: () => import('./dialogs').then((all) => all.RedirectDialog) },
};

/** Grows each time a person has one shown beside the list: its heading gets the focus then. */
const looks = signal(0);

/** Shows one beside the list; the way back is one step, however many were looked at. */
export function look(id: string): void {
  const before = place.peek().query.get('id');
  setQuery({ id }, before !== null);
  if (before !== id) looks.value++;
}

/** No longer shows one beside the list; the focus goes back to its row. */
function lookAway(id: string): void {
  setQuery({ id: null });
  document.querySelector<HTMLElement>(`[data-row-link][href$="${CSS.escape(id)}"]`)?.focus();
}

function useFailure(id: string): Resource<FailureDetail> {
  const [fast, setFast] = useState(false);
  const resource = useResource<FailureDetail>(`failures/${segment(id)}`, {}, fast ? FAST : POLL);
  const failure = resource.data;
  useEffect(() => setFast(failure !== undefined && isUnderWay(failure)), [failure]);
  return resource;
}

/** In the place of one that is not there yet, or can not be shown; null if it can. */
function missing({ data, problem, reload }: Resource<FailureDetail>): JSX.Element | null {
  if (data && (!problem || problem.passes)) return null;
  return problem ? <ProblemPanel problem={problem} onAgain={() => void reload()} /> : <Skeleton />;
}

export function FailurePageView({ id }: { id: string }): JSX.Element {
  const { failure: text } = t();
  const resource = useFailure(id);
  useKey('Escape', () => go(lastList.address));
  const neighbours = useNeighbours(id, (other) => go(`failures/${segment(other)}`), (other) => `failures/${segment(other)}`);
  const crumb = (
    <div class="crumbs">
      <a class="crumb" href={lastList.address}>
        <Icon name="left" size={14} />
        {text.crumb}
      </a>
      {neighbours}
    </div>
  );
  const instead = missing(resource);
  const failure = resource.data;
  if (instead || !failure) {
    return (
      <>
        <Heading title={text.title} lead={crumb} />
        {instead}
      </>
    );
  }
  return (
    <article class="failure">
      <Heading title={causeName(failure)} lead={crumb}>
        <StateChip queue={queueOf(failure, now.value)} />
      </Heading>
      <Shown failure={failure} />
    </article>
  );
}

/** One beside the list that it is in. */
export function FailureBeside({ id }: { id: string }): JSX.Element {
  const { failure: text, common, split } = t();
  const resource = useFailure(id);
  const title = useRef<HTMLHeadingElement>(null);
  const looked = looks.value;
  useEffect(() => {
    if (looked > 0) title.current?.focus({ preventScroll: true });
  }, [looked]);
  const close = () => lookAway(id);
  useKey('Escape', isSelecting.value ? null : close);
  const neighbours = useNeighbours(id, look, (other) => to('failures', { ...Object.fromEntries(place.value.query), id: other }));
  const instead = missing(resource);
  const failure = resource.data;
  return (
    <article class="failure">
      <header class="heading">
        <div class="crumbs">
          <a class="crumb" href={`failures/${segment(id)}`}>
            <Icon name="link" size={14} />
            {split.page}
          </a>
          {neighbours}
          <button type="button" class="copy" aria-label={common.close} title={`${common.close} Esc`} onClick={close}>
            <Icon name="close" size={14} />
          </button>
        </div>
        <div class="heading-line">
          <h2 ref={title} tabIndex={-1}>
            {failure && !instead ? causeName(failure) : text.title}
          </h2>
          {failure && !instead && <StateChip queue={queueOf(failure, now.value)} />}
        </div>
      </header>
      {instead ?? (failure && <Shown failure={failure} />)}
    </article>
  );
}

/** The ways to the one before and the one after in the list that was shown last, also by keys. */
function useNeighbours(id: string, visit: (id: string) => void, address: (id: string) => string): JSX.Element | null {
  const { failure: text } = t();
  const at = lastList.ids.indexOf(id);
  const previous = at < 0 ? undefined : lastList.ids[at - 1];
  const following = at < 0 ? undefined : lastList.ids[at + 1];
  useKey('[', previous ? () => visit(previous) : null);
  useKey(']', following ? () => visit(following) : null);
  if (at < 0) return null;
  const clicked = (event: MouseEvent, other: string) => {
    if (!isPlain(event)) return;
    event.preventDefault();
    visit(other);
  };
  return (
    <span class="neighbours">
      {previous && (
        <a href={address(previous)} aria-label={text.previous} title={`${text.previous} [`} onClick={(event) => clicked(event, previous)}>
          <Icon name="left" size={14} />
        </a>
      )}
      {following && (
        <a href={address(following)} aria-label={text.following} title={`${text.following} ]`} onClick={(event) => clicked(event, following)}>
          <Icon name="right" size={14} />
        </a>
      )}
    </span>
  );
}

/** What a person can do about a failed execution, and what it will do; says what became of a retry asked for here. */
export function FailureActions({ failure }: { failure: FailureDetail }): JSX.Element {
  const { failure: text, common } = t();
  const [dialog, setDialog] = useState<DialogName | null>(null);
  const [busy, setBusy] = useState(false);
  const off = offReason();
  const whyAway = useId();
  const awayBy = off ? whyAway : null;
  const mayRetry = refusal(isForced(failure) ? 'forcePrepareFailure' : 'prepareFailure', failure.processor);
  const maySkip = refusal('skipFailure', failure.processor);
  const mayChange = refusal('applyRetrySpec', failure.processor);
  const mayMark = refusal('markRecoverable', failure.processor);
  const mayRedirect = refusal('changeFunction', failure.processor);
  const done = isDone(failure.state);
  const underWay = isUnderWay(failure);
  const forced = isForced(failure);
  const asked = useRef<number | null>(null);

  useEffect(() => {
    if (asked.current === null || underWay) return;
    // the answer to a retry that was asked for on this page
    if (failure.state === 'SUCCEEDED') say(text.result.handled, 'good');
    else if (failure.attempt > asked.current) say(text.result.failedAgain, 'bad');
    else return;
    asked.current = null;
  }, [failure]);

  const retrying = useIntent();
  const fail = (error: unknown) => {
    // what the record becomes is not this page's doing, unless nobody knows whether it is
    if (!(error instanceof Problem && error.isUnclear)) asked.current = null;
    tell(error);
  };
  const retry = () => {
    if (done || underWay || busy || off || mayRetry) return;
    setBusy(true);
    asked.current = failure.attempt;
    retrying
      .send((key) => command<unknown>(`failures/${segment(failure.id)}/${forced ? 'force-prepare' : 'prepare'}`, {}, { key }), failure.version)
      .then(() => {
        say(text.result.asked);
        refresh('failures');
      }, fail)
      .finally(() => setBusy(false));
  };
  const mark = () => {
    if (failure.recoverability !== 'UNRECOVERABLE') {
      setDialog('mark');
      return;
    }
    command<unknown>(`failures/${segment(failure.id)}/recoverable`, { recoverability: 'RECOVERABLE' }).then(() => {
      say(text.result.saved, 'good');
      refresh('failures');
    }, fail);
  };
  const link = () => void copyText(window.location.href).then(() => say(common.copied, 'good'));
  const open = !done && !off;
  // beside a selection the keys are the selection's
  const keys = open && !isSelecting.value;
  useKey('r', keys ? retry : null);
  useKey('s', keys && !maySkip ? () => setDialog('skip') : null);
  useKey('c', keys && !mayChange ? () => setDialog('policy') : null);
  useKey('m', keys && !mayMark ? mark : null);
  useKey('y', link);
  return (
    <>
      {!done && (
        <div class="action-bar">
          <Button kind="primary" icon="retry" keys={isSelecting.value ? undefined : 'r'} onPress={retry} busy={busy || underWay} off={mayRetry} offBy={awayBy}>
            {text.retry}
          </Button>
          <Button icon="skip" onPress={() => setDialog('skip')} off={maySkip} offBy={awayBy}>
            {text.skip}
          </Button>
          <Menu label={common.menu} offBy={awayBy}>
            <MenuItem onPress={() => setDialog('policy')} off={mayChange}>
              {text.policy}
            </MenuItem>
            <MenuItem onPress={mark} off={mayMark}>
              {failure.recoverability === 'UNRECOVERABLE' ? text.markRecoverable : text.markUnrecoverable}
            </MenuItem>
            <MenuItem onPress={() => setDialog('redirect')} off={mayRedirect}>
              {text.redirect}
            </MenuItem>
            <button type="button" onClick={link}>
              {common.copyLink}
            </button>
          </Menu>
          {off ? (
            <p class="reason" id={whyAway}>
              {off}
            </p>
          ) : (
            <p class="what-happens quiet">
              {sentences(
                forced && text.retryForced,
                failure.effects !== null && text.effects[failure.effects],
                failure.followers > 0 && text.after(failure.followers, number(failure.followers)),
              )}
            </p>
          )}
        </div>
      )}
      {dialog && <LaterDialog key={dialog} load={DIALOGS[dialog]} told={{ failure, onClose: () => setDialog(null) }} />}
    </>
  );
}

function Shown({ failure }: { failure: FailureDetail }): JSX.Element {
  const { failure: text } = t();
  const runs = failure.attempts;
  const { facts } = text;
  return (
    <>
      <p class="lead" lang="en">
        {failure.message}
      </p>
      <p class="state-sentence">{sentence(failure, now.value)}</p>

      {!isDone(failure.state) && !isUnderWay(failure) && <BuildHint failedIn={[failure.build]} />}

      <FailureActions failure={failure} />

      <div class="columns">
        <div class="column-main">
          <ErrorSection failure={failure} />
          <Activity id={failure.id} history={failure.history} />
        </div>
        <div class="column-side">
          <section aria-labelledby="attempts">
            <h2 id="attempts">{text.attempts}</h2>
            <ol class="rail">
              {runs.map((run, i) => (
                <Attempt key={run.number} run={run} previous={runs[i + 1]} />
              ))}
            </ol>
          </section>
          <section aria-labelledby="event">
            <h2 id="event">{text.event}</h2>
            <Facts>
              <Fact name={facts.eventType} value={<a href={to('failures', { type: failure.eventType })}>{failure.eventType}</a>} mono />
              <Fact name={facts.eventId} value={failure.eventId} mono copy />
              <Fact name={facts.key} value={failure.key && failure.lane === failure.key ? <a href={laneAddress(failure.processor, failure.key)}>{failure.key}</a> : failure.key} mono />
              {failure.lane !== failure.key && <Fact name={facts.lane} value={failure.lane && <a href={laneAddress(failure.processor, failure.lane)}>{failure.lane}</a>} mono />}
              <Fact name={facts.subject} value={failure.event.subject} mono />
              <Fact name={facts.source} value={failure.source} mono />
              <Fact name={facts.time} value={failure.event.time && moment(failure.event.time)} />
              <Fact name={facts.version} value={failure.event.version === null ? null : number(failure.event.version)} />
              <Fact name={facts.epoch} value={failure.event.epoch === null ? null : number(failure.event.epoch)} />
              <Fact name={facts.position} value={number(failure.position)} />
              <Fact name={facts.tenant} value={failure.tenant} />
              <Fact name={facts.contentType} value={failure.event.dataContentType} mono />
              <Fact name={facts.correlation} value={failure.event.correlationId} mono copy />
              <Fact name={facts.causation} value={failure.event.causationId} mono copy />
              <Fact name={facts.trace} value={failure.event.traceParent} mono copy />
              {Object.entries(failure.event.headers).map(([name, value]) => (
                <Fact key={name} name={name} value={value} mono />
              ))}
            </Facts>
            <Payload failure={failure} />
          </section>
          <section aria-labelledby="context">
            <h2 id="context">{text.context}</h2>
            <Facts>
              <Fact name={facts.processor} value={<a href={to('failures', { processor: failure.processor })}>{failure.processor}</a>} />
              <Fact name={facts.function} value={failure.function} mono />
              <Fact
                name={facts.policy}
                value={policySentence(failure.policy)}
              />
              <Fact name={facts.recoverability} value={text.recoverability[failure.recoverability] + (failure.recoverabilityBy ? ` · ${failure.recoverabilityBy}` : '')} />
              <Fact
                name={facts.cause}
                value={
                  <a href={`groups/${segment(failure.fingerprint)}`} title={text.sameCause}>
                    {failure.fingerprint}
                  </a>
                }
                mono
              />
              <Fact name={facts.firstFailed} value={moment(failure.firstFailedAt)} />
              <Fact name={facts.build} value={failure.build} mono />
              <Fact name={facts.node} value={failure.retry.node} mono />
              <Fact name={facts.slot} value={number(failure.slot)} />
              <Fact name={facts.id} value={failure.id} mono copy />
            </Facts>
            <details class="why">
              <summary>{t().causes.why.title}</summary>
              <Why lines={failure.why} fingerprint={failure.fingerprint} />
            </details>
          </section>
        </div>
      </div>
    </>
  );
}
