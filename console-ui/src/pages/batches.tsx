import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { command, get, segment } from '../api/http';
import { isUnderWay } from '../api/batch';
import { refusal } from '../api/me';
import type { Batch, BatchItemPage, BatchPage as Page } from '../api/model';
import { refresh, useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, place, to } from '../app/router';
import { POLL } from '../app/shell';
import { fromNow, length, moment, number, t } from '../i18n';
import { Icon, type IconName } from '../ui/icons';
import { tell, tellUnread } from '../ui/intent';
import { LaterDialog } from '../ui/later';
import { Ago, Button, Empty, Field, FormDialog, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { useMore } from '../ui/more';
import { shortName } from '../ui/stack';
import { RETRY, type Target, filterWords } from './target';

const FAST = 1000;

const isOpen = (batch: Batch): boolean => isUnderWay(batch) || batch.state === 'PAUSED';

const ICONS: Readonly<Record<Batch['state'], readonly [IconName, string]>> = {
  PLANNED: ['clock', 'skipped'],
  CANARY: ['run', 'running'],
  RUNNING: ['run', 'running'],
  PAUSED: ['pause', 'due'],
  CANCELLED: ['close', 'skipped'],
  DONE: ['check', 'handled'],
};

function State({ batch }: { batch: Batch }): JSX.Element {
  const [icon, kind] = ICONS[batch.state];
  const { batch: text } = t();
  return (
    <span class={`state ${batch.state === 'DONE' && batch.failedAgain > 0 ? 'needs-operator' : kind}`}>
      <Icon name={batch.state === 'DONE' && batch.failedAgain > 0 ? 'failures' : icon} size={14} />
      {batch.state === 'DONE' && batch.failedAgain > 0 ? text.doneWithFailures : text.states[batch.state]}
    </span>
  );
}

const PARTS = ['handled', 'failedAgain', 'skipped', 'running', 'waiting'] as const;

/** The five counters as one bar; what it says is said in words beside it. */
function Bar({ batch, wide = false }: { batch: Batch; wide?: boolean }): JSX.Element {
  const { batch: text } = t();
  const label = PARTS.map((part) => `${text.counters[part]} ${number(batch[part])}`).join(', ');
  const width = 1000;
  let x = 0;
  return (
    <svg class={wide ? 'bar wide' : 'bar'} viewBox={`0 0 ${width} 8`} preserveAspectRatio="none" role="img" aria-label={label}>
      <title>{label}</title>
      {PARTS.map((part) => {
        const share = batch.total === 0 ? 0 : (batch[part] / batch.total) * width;
        const rect = share > 0 && <rect key={part} class={`bar-${part}`} x={x} y={0} width={share} height={8} />;
        x += share;
        return rect;
      })}
    </svg>
  );
}

/** What a batch is about, in words: the action and what was asked for. */
function about(batch: Batch): string {
  const actions: Readonly<Record<string, string>> = t().batch.actions;
  return `${actions[batch.action] ?? batch.action} · ${filterWords(batch.filter)}`;
}

/** Why a batch is paused or cancelled. */
function Stopped({ batch }: { batch: Batch }): JSX.Element | null {
  const text = t().batch;
  const failed = number(batch.stoppedFailed ?? 0);
  const of = number(batch.stoppedOf ?? 0);
  switch (batch.stoppedCode) {
    case 'canary-failed':
      return <p class="lead">{text.canaryFailed(failed, of, number(batch.pace.canaryPercent))}</p>;
    case 'too-many-failed':
      return <p class="lead">{text.tooManyFailed(failed, of, number(batch.pace.pausePercent))}</p>;
    default:
      return batch.stoppedReason ? <p class="lead" lang="">“{batch.stoppedReason}”</p> : null;
  }
}

export function BatchesPage(): JSX.Element {
  const { batch: text, failures } = t();
  const head = useResource<Page>('batches', { limit: 50 }, POLL);
  const { items: loaded, more } = useMore('batches', head.data, (after: string) => get<Page>('batches', { limit: 50, after }).then((answer) => answer.data));
  const items = loaded.filter((one, i) => loaded.findIndex((other) => other.id === one.id) === i);
  return (
    <>
      <Heading title={text.title} />
      {!head.data || (head.problem && !head.problem.passes) ? (
        head.problem ? (
          <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} />
        ) : (
          <Skeleton />
        )
      ) : items.length === 0 && more === null ? (
        <Empty title={text.empty} icon="batches">
          <p>{text.emptyText}</p>
        </Empty>
      ) : (
        <table role="table" class="list batches-list" aria-label={text.title}>
          <thead role="rowgroup">
            <tr role="row">
              {[text.what, text.state, text.progress, text.by, text.began].map((name) => (
                <th key={name} role="columnheader" scope="col" class={name === text.began ? 'num' : undefined}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {items.map((one) => (
              <tr key={one.id} role="row" class="row">
                <th role="rowheader" scope="row" class="c-cause">
                  <a href={`batches/${segment(one.id)}`} data-row-link class="row-link">
                    <span class="cause-name">{about(one)}</span>
                    <span class="cause-text" lang="">
                      {one.reason}
                    </span>
                  </a>
                </th>
                <td role="cell">
                  <State batch={one} />
                </td>
                <td role="cell" class="b-bar">
                  <Bar batch={one} />
                  <span class="num small quiet">{text.handledOf(number(one.handled), number(one.total))}</span>
                </td>
                <td role="cell">{one.createdBy}</td>
                <td role="cell" class="num">
                  <Ago at={one.startedAt ?? one.createdAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {more !== null && (
        <p class="list-foot">
          <span />
          <button type="button" class="button" onClick={more}>
            {failures.more}
          </button>
        </p>
      )}
    </>
  );
}

/** How far a batch is, in a sentence; nothing counts as handled before its handler has succeeded. */
export function batchSentence(batch: Batch, at: number): string {
  const { batch: text } = t();
  const settled = batch.handled + batch.failedAgain + batch.skipped;
  switch (batch.state) {
    case 'PLANNED':
      return text.planned(number(batch.total));
    case 'CANARY':
      return text.canaryRuns(number(batch.pace.canary), number(batch.total));
    case 'RUNNING':
      return text.runs(number(settled), number(batch.total));
    case 'PAUSED':
      return batch.stoppedBy === 'rule' ? text.pausedByRule(number(batch.waiting)) : text.pausedBy(batch.stoppedBy ?? '', number(batch.waiting));
    case 'CANCELLED':
      return text.cancelledBy(batch.stoppedBy ?? '', number(batch.skipped));
    case 'DONE':
      return text.done(number(batch.handled), number(batch.failedAgain), number(batch.skipped), fromNow(batch.endedAt ?? batch.createdAt, at));
  }
}

const ITEM_STATES = ['failed-again', 'handled', 'skipped', 'running', 'waiting'] as const;
const ITEM_PART = { 'failed-again': 'failedAgain', handled: 'handled', skipped: 'skipped', running: 'running', waiting: 'waiting' } as const;

function Items({ batch }: { batch: Batch }): JSX.Element {
  const { batch: text, failures } = t();
  const asked = place.value.query.get('items');
  const first = ITEM_STATES.find((one) => batch[ITEM_PART[one]] > 0) ?? 'handled';
  const state = ITEM_STATES.find((one) => one === asked) ?? first;
  const head = useResource<BatchItemPage>(`batches/${segment(batch.id)}/items`, { state, limit: 50 }, isOpen(batch) ? FAST * 2 : 0);
  const { items: loaded, more } = useMore(state, head.data, (after: number) => get<BatchItemPage>(`batches/${segment(batch.id)}/items`, { state, limit: 50, after }).then((answer) => answer.data));
  const items = loaded.filter((one, i) => loaded.findIndex((other) => other.n === one.n) === i);
  const refusals: Readonly<Record<string, string>> = text.refusals;
  return (
    <section class="block" aria-labelledby="items">
      <h2 id="items">{text.items}</h2>
      <nav class="tabs" aria-label={text.items}>
        {ITEM_STATES.map((one) => (
          <a key={one} href={to(place.value.path, { items: one })} aria-current={one === state ? 'page' : undefined}>
            {text.counters[ITEM_PART[one]]} <span class="num">{number(batch[ITEM_PART[one]])}</span>
          </a>
        ))}
      </nav>
      {items.length === 0 ? (
        <p class="quiet items-none">{text.noItems}</p>
      ) : (
        <ol class="items">
          {items.map((one) => (
            <li key={one.n}>
              <span class="num quiet">{number(one.n)}</span>
              <span class="item-what">
                <a href={`failures/${segment(one.failure)}`} class="mono" title={one.failure}>
                  {one.record ? (one.record.lane ?? one.record.key ?? one.record.eventId) : one.failure}
                </a>{' '}
                {one.record && <span class="quiet small">{one.record.eventType}</span>}
                {one.code && <span class="item-why">{refusals[one.code] ?? one.code}</span>}
                {one.errorCode && (
                  <span class="item-why" title={one.errorCode}>
                    {shortName(one.errorCode)} {one.record?.errorCode === one.errorCode && <span class="quiet" lang="en">{one.record.message}</span>}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
      {more !== null && items.length > 0 && (
        <p class="list-foot">
          <span />
          <button type="button" class="button" onClick={more}>
            {failures.more}
          </button>
        </p>
      )}
    </section>
  );
}

/** What of it has its outcome. */
const settledOf = (batch: Batch): number => batch.handled + batch.failedAgain + batch.skipped;

/** Of so much time the speed of a batch is made. */
const SPEED_OF = 15_000;

/** How many items get their outcome in a second, as seen here lately; null as long as that is not known. */
function useSpeed(batch: Batch | undefined): number | null {
  const seen = useRef<{ at: number; settled: number }[]>([]);
  const settled = batch && isUnderWay(batch) ? settledOf(batch) : null;
  useEffect(() => {
    if (settled === null) seen.current = [];
    else seen.current = [...seen.current.filter((one) => one.at > Date.now() - SPEED_OF), { at: Date.now(), settled }];
  }, [batch]);
  const [first] = seen.current;
  const last = seen.current.at(-1);
  if (settled === null || !first || !last || last.at - first.at < 2000) return null;
  return (last.settled - first.settled) / ((last.at - first.at) / 1000);
}

/** How long it has taken, how fast it is, how long the rest takes, and what its canary said. */
function Course({ batch }: { batch: Batch }): JSX.Element {
  const { batch: text } = t();
  const speed = useSpeed(batch);
  const parts: string[] = [];
  if (batch.startedAt) {
    const took = Math.max(0, (batch.endedAt ? Date.parse(batch.endedAt) : now.value) - Date.parse(batch.startedAt));
    parts.push(batch.endedAt ? text.took(length(took)) : text.since(length(took)));
    const average = took > 0 ? (settledOf(batch) / took) * 1000 : 0;
    const shown = batch.endedAt ? average : speed;
    if (shown !== null && shown > 0) parts.push(text.speed(decimal(shown)));
    if (speed !== null && speed > 0 && batch.state === 'RUNNING') parts.push(text.left(length(((batch.total - settledOf(batch)) / speed) * 1000)));
  }
  if (batch.canaryPassed) parts.push(text.canaryPassed(number(batch.pace.canaryPercent)));
  return <p class="quiet">{parts.join(' · ')}</p>;
}

const decimal = (value: number): string => number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));

/** Why items ended as they did: by error, and by the reason why nothing was done. */
function Outcomes({ batch }: { batch: Batch }): JSX.Element | null {
  const { batch: text } = t();
  const refusals: Readonly<Record<string, string>> = text.refusals;
  const lists = [
    [text.failedBy, batch.failedBy ?? {}, shortName],
    [text.skippedBy, batch.skippedBy ?? {}, (code: string) => refusals[code] ?? code],
  ] as const;
  if (lists.every(([, by]) => Object.keys(by).length === 0)) return null;
  return (
    <div class="outcomes">
      {lists.map(
        ([title, by, name]) =>
          Object.keys(by).length > 0 && (
            <section key={title}>
              <h2>{title}</h2>
              <dl class="facts">
                {Object.entries(by)
                  .sort(([, a], [, b]) => b - a)
                  .map(([code, n]) => (
                    <div key={code}>
                      <dt title={code}>{name(code)}</dt>
                      <dd class="num">{number(n)}</dd>
                    </div>
                  ))}
              </dl>
            </section>
          ),
      )}
    </div>
  );
}

/** A plan takes so many ids. */
const MOST_IDS = 1000;

/** Of a batch what failed again, as the target of another retry; the first of them if they are many. */
async function failedAgain(batch: Batch): Promise<Target> {
  const ids: string[] = [];
  let next: number | null = 0;
  while (next !== null && ids.length < MOST_IDS) {
    const { data }: { data: BatchItemPage } = await get<BatchItemPage>(`batches/${segment(batch.id)}/items`, { state: 'failed-again', limit: 200, after: next });
    ids.push(...data.items.map((one) => one.failure));
    next = data.next;
  }
  const processor = batch.filter['processor'];
  return { filter: processor === undefined ? {} : { processor }, ids: ids.slice(0, MOST_IDS), number: Math.min(ids.length, MOST_IDS) };
}

/** Retries what failed again, as another batch. */
function RetryAgain({ batch }: { batch: Batch }): JSX.Element | null {
  const { batch: text } = t();
  const [target, setTarget] = useState<Target | null>(null);
  const [busy, setBusy] = useState(false);
  if (batch.failedAgain === 0 || !batch.action.endsWith('prepare')) return null;
  const n = Math.min(batch.failedAgain, MOST_IDS);
  return (
    <>
      <Button
        icon="retry"
        busy={busy}
        off={refusal('planBatch', batch.filter['processor'] ?? null)}
        onPress={() => {
          setBusy(true);
          failedAgain(batch)
            .then(setTarget, tellUnread)
            .finally(() => setBusy(false));
        }}
      >
        {(n < batch.failedAgain ? text.retryFirst : text.retryFailed)(n, number(n))}
      </Button>
      {target && <LaterDialog load={RETRY} told={{ target, forced: false, onClose: () => setTarget(null) }} />}
    </>
  );
}

export function BatchPage({ id }: { id: string }): JSX.Element {
  const { batch: text } = t();
  const [open, setOpen] = useState(true);
  const resource = useResource<Batch>(`batches/${segment(id)}`, {}, open ? FAST : POLL);
  const [dialog, setDialog] = useState<'cancel' | 'pace' | null>(null);
  const batch = resource.data;
  if (batch && isOpen(batch) !== open) setOpen(isOpen(batch));
  useKey('Escape', () => go('batches'));
  const crumb = (
    <a class="crumb" href="batches">
      <Icon name="left" size={14} />
      {text.title}
    </a>
  );
  if (!batch || (resource.problem && !resource.problem.passes)) {
    return (
      <>
        <Heading title={text.one} lead={crumb} />
        {resource.problem ? <ProblemPanel problem={resource.problem} onAgain={() => void resource.reload()} /> : <Skeleton />}
      </>
    );
  }
  const off = refusal('pauseBatch', batch.filter['processor'] ?? null);
  const offBy = off ? 'why-not-batch' : null;
  const send = (name: 'pause' | 'resume') =>
    command<Batch>(`batches/${segment(id)}/${name}`).then(() => refresh('batches', 'failures'), tell);
  return (
    <article class="batch">
      <Heading title={about(batch)} lead={crumb}>
        <State batch={batch} />
      </Heading>
      <p class="state-sentence">{batchSentence(batch, now.value)}</p>
      <Course batch={batch} />
      {batch.stoppedCode && batch.state !== 'DONE' && <Stopped batch={batch} />}
      {batch.reason && <p class="quiet" lang="">“{batch.reason}”</p>}
      {isOpen(batch) && (
        <div class="action-bar">
          {batch.state === 'PAUSED' ? (
            <Button kind="primary" icon="run" onPress={() => void send('resume')} offBy={offBy}>
              {text.resume}
            </Button>
          ) : (
            <Button icon="pause" onPress={() => void send('pause')} offBy={offBy}>
              {text.pause}
            </Button>
          )}
          <Button onPress={() => setDialog('pace')} offBy={offBy}>
            {text.changePace}
          </Button>
          <Button icon="close" onPress={() => setDialog('cancel')} offBy={offBy}>
            {text.cancel}
          </Button>
          {offBy && (
            <p class="reason" id={offBy}>
              {off}
            </p>
          )}
        </div>
      )}
      {!isUnderWay(batch) && (
        <div class="action-bar">
          <RetryAgain batch={batch} />
        </div>
      )}
      <div class="batch-progress">
        <Bar batch={batch} wide />
        <dl class="stats">
          {PARTS.map((part) => (
            <div key={part} class="stat">
              <dt>
                <span class={`swatch swatch-${part}`} aria-hidden="true" />
                {text.counters[part]}
              </dt>
              <dd>
                <span class={`stat-value ${batch[part] === 0 ? 'zero' : part === 'failedAgain' ? 'bad' : ''}`}>{number(batch[part])}</span>
              </dd>
            </div>
          ))}
          <div class="stat">
            <dt>{text.total}</dt>
            <dd>
              <span class="stat-value">{number(batch.total)}</span>
            </dd>
          </div>
        </dl>
      </div>
      <p class="quiet small">
        {text.paceWords(number(batch.pace.perSecond), number(batch.pace.inFlight), number(batch.pace.pausePercent))} · {batch.createdBy} ·{' '}
        {moment(batch.createdAt)}
      </p>
      <Outcomes batch={batch} />
      <Items batch={batch} />
      {dialog === 'cancel' && (
        <FormDialog
          title={text.cancelTitle}
          action={text.cancelDo}
          kind="danger"
          onClose={() => setDialog(null)}
          onSubmit={async (values, key) => {
            const reason = String(values.get('reason') ?? '').trim();
            await command<Batch>(`batches/${segment(id)}/cancel`, reason ? { reason } : {}, { key });
            refresh('batches', 'failures');
          }}
        >
          <p>{text.cancelText}</p>
          <Field label={t().common.reason} hint={t().common.optional}>
            <input name="reason" maxLength={1000} autocomplete="off" data-first />
          </Field>
        </FormDialog>
      )}
      {dialog === 'pace' && (
        <FormDialog
          title={text.paceTitle}
          action={text.paceDo}
          onClose={() => setDialog(null)}
          onSubmit={async (values, key) => {
            const whole = (name: string) => Number(values.get(name));
            await command<Batch>(`batches/${segment(id)}/pace`, {
              perSecond: whole('perSecond'),
              inFlight: whole('inFlight'),
              pausePercent: whole('pausePercent'),
            }, { key });
            refresh('batches');
          }}
        >
          <div class="fields">
            {(
              [
                ['perSecond', 1, 10_000],
                ['inFlight', 1, 1000],
                ['pausePercent', 0, 100],
              ] as const
            ).map(([name, least, most], i) => (
              <Field key={name} label={text.fields[name]}>
                <input name={name} type="number" min={least} max={most} required defaultValue={String(batch.pace[name])} data-first={i === 0 ? true : undefined} />
              </Field>
            ))}
          </div>
        </FormDialog>
      )}
    </article>
  );
}
