import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { command, get, segment } from '../api/http';
import { isUnderWay } from '../api/batch';
import { refusal } from '../api/me';
import type { Batch, BatchItemPage, BatchPage as Page } from '../api/model';
import { refresh, useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, place, to } from '../app/router';
import { POLL } from '../app/shell';
import { fromNow, moment, number, t } from '../i18n';
import { Icon, type IconName } from '../ui/icons';
import { tell } from '../ui/intent';
import { Ago, Button, Empty, Field, FormDialog, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { useMore } from '../ui/more';
import { filterWords } from './retry';

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
      <Icon name={icon} size={14} />
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
        const length = batch.total === 0 ? 0 : (batch[part] / batch.total) * width;
        const rect = length > 0 && <rect key={part} class={`bar-${part}`} x={x} y={0} width={length} height={8} />;
        x += length;
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
      return batch.stoppedReason ? <p class="lead">“{batch.stoppedReason}”</p> : null;
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
                <th key={name} role="columnheader" scope="col">
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
                    <span class="cause-text">{one.reason}</span>
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
              <a href={`failures/${segment(one.failure)}`} class="mono">
                {one.failure}
              </a>
              {one.code && <span class="quiet mono small">{refusals[one.code] ?? one.code}</span>}
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
  const off = refusal('pauseBatch');
  const send = (name: 'pause' | 'resume') =>
    command<Batch>(`batches/${segment(id)}/${name}`).then(() => refresh('batches', 'failures'), tell);
  return (
    <article class="batch">
      <Heading title={about(batch)} lead={crumb}>
        <State batch={batch} />
      </Heading>
      <p class="state-sentence">{batchSentence(batch, now.value)}</p>
      {batch.stoppedCode && batch.state !== 'DONE' && <Stopped batch={batch} />}
      {batch.reason && <p class="quiet">“{batch.reason}”</p>}
      {isOpen(batch) && (
        <div class="action-bar">
          {batch.state === 'PAUSED' ? (
            <Button kind="primary" icon="run" onPress={() => void send('resume')} off={off}>
              {text.resume}
            </Button>
          ) : (
            <Button icon="pause" onPress={() => void send('pause')} off={off}>
              {text.pause}
            </Button>
          )}
          {!off && (
            <>
              <Button onPress={() => setDialog('pace')}>{text.changePace}</Button>
              <Button icon="close" onPress={() => setDialog('cancel')}>
                {text.cancel}
              </Button>
            </>
          )}
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
