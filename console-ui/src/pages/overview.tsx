import type { ComponentChildren, JSX } from 'preact';
import { ACTIVE_HORIZON, type Active, useActive } from '../api/active';
import { useCounts } from '../api/counts';
import type { Counts, Processor } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, durationMillis, fromNow, length, number, t } from '../i18n';
import { causesOf } from '../ui/causes';
import { Icon } from '../ui/icons';
import { Empty, Heading, ProblemPanel, Skeleton, queueName } from '../ui/parts';
import { CauseTable } from './causes';

const SHOWN = 8;
const QUEUES = ['needs-operator', 'due', 'running', 'scheduled'] as const;

function Stat({ name, href, children, kind = '' }: { name: string; href?: string; children: ComponentChildren; kind?: string }): JSX.Element {
  const value = <span class={`stat-value ${kind}`}>{children}</span>;
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd>{href ? <a href={href}>{value}</a> : value}</dd>
    </div>
  );
}

/** What the numbers say, in one or two sentences. */
export function verdict(active: Active, counts: Counts, processors: readonly Processor[], at: number): { calm: boolean; text: string } {
  const { overview } = t();
  const causes = causesOf(active.items, at).filter((one) => one.queues['needs-operator'] > 0).length;
  const needs = counts.failures['needs-operator'] ?? 0;
  const open = counts.failures['active'] ?? 0;
  const text: string[] = [];
  if (needs > 0) text.push(overview.needsYou(needs, capped(needs), causes, active.complete ? '' : '+'));
  else if (open === 0) text.push(overview.nothing);
  else {
    const dues = active.items.map((one) => one.dueAt).filter((due) => due !== null);
    const next = dues.sort()[0];
    text.push(overview.byItself(open, capped(open)));
    if (next !== undefined) text.push(Date.parse(next) <= at ? overview.nextNow : overview.next(fromNow(next, at)));
  }
  const parked = processors.reduce((sum, one) => sum + one.parked, 0);
  if (parked > 0) text.push(overview.parked(parked, capped(parked), counts.blockedLanes, capped(counts.blockedLanes)));
  const paused = processors.filter((one) => one.paused).map((one) => one.name);
  if (paused.length > 0) text.push(overview.paused(paused.join(', '), paused.length));
  const unowned = processors.filter((one) => one.unownedSlots > 0).map((one) => one.name);
  if (unowned.length > 0) text.push(overview.unowned(unowned.join(', ')));
  return { calm: needs === 0 && paused.length === 0 && unowned.length === 0, text: text.join(' ') };
}

export function OverviewPage(): JSX.Element {
  const { overview, processors: words } = t();
  const active = useActive();
  const list = useResource<{ items: readonly Processor[] }>('processors', {}, POLL);
  const counted = useCounts();
  const problem = active.problem ?? list.problem ?? counted.problem;
  if (!active.data || !list.data || !counted.data || (problem && !problem.isAway)) {
    return (
      <>
        <Heading title={overview.title} />
        {problem ? <ProblemPanel problem={problem} onAgain={() => void Promise.all([active.reload(), list.reload(), counted.reload()])} /> : <Skeleton />}
      </>
    );
  }
  const at = now.value;
  const { items, complete } = active.data;
  const processors = list.data.items;
  const causes = causesOf(items, at);
  const counts = counted.data;
  const oldest = items.reduce<string | null>((first, one) => (first === null || one.firstFailedAt < first ? one.firstFailedAt : first), null);
  const parked = processors.reduce((sum, one) => sum + one.parked, 0);
  const { calm, text } = verdict(active.data, counts, processors, at);
  return (
    <>
      <Heading title={overview.title} />
      <p class={calm ? 'verdict calm' : 'verdict'}>
        <Icon name={calm ? 'check' : 'person'} size={20} />
        <span>{text}</span>
      </p>
      <dl class="stats">
        {QUEUES.map((queue) => {
          const n = counts.failures[queue] ?? 0;
          return (
            <Stat
              key={queue}
              name={queueName(queue)}
              href={to('failures', { view: 'list', state: queue })}
              kind={n === 0 ? 'zero' : queue === 'needs-operator' ? 'bad' : ''}
            >
              {capped(n)}
            </Stat>
          );
        })}
        <Stat name={overview.lanes} href={to('lanes')} kind={counts.blockedLanes > 0 ? '' : 'zero'}>
          {capped(counts.blockedLanes)}
        </Stat>
        <Stat name={words.parked} kind={parked > 0 ? '' : 'zero'}>
          {capped(parked)}
        </Stat>
        <Stat name={overview.oldest} kind={oldest === null ? 'zero' : ''}>
          {oldest === null ? t().common.none : length(Math.max(0, at - Date.parse(oldest)))}
        </Stat>
      </dl>
      {!complete && <p class="quiet horizon">{t().causes.horizon(number(ACTIVE_HORIZON))}</p>}
      <section aria-labelledby="causes" class="block">
        <div class="block-head">
          <h2 id="causes">{t().causes.title}</h2>
          {causes.length > SHOWN && <a href={to('failures')}>{overview.allCauses(number(causes.length))}</a>}
        </div>
        {causes.length === 0 ? (
          <Empty title={t().failures.emptyGood}>
            <p>{t().failures.emptyGoodText}</p>
          </Empty>
        ) : (
          <CauseTable items={causes.slice(0, SHOWN)} />
        )}
      </section>
      <section aria-labelledby="processors" class="block">
        <div class="block-head">
          <h2 id="processors">{words.title}</h2>
        </div>
        <ul class="tiles">
          {processors.map((one) => (
            <li key={one.name} class="tile">
              <a href="processors" class="tile-name">
                {one.name}
              </a>
              <span class={`state ${one.paused ? 'due' : one.unownedSlots > 0 ? 'needs-operator' : 'handled'}`}>
                <Icon name={one.paused ? 'pause' : one.unownedSlots > 0 ? 'warn' : 'run'} size={14} />
                {one.paused ? words.paused : one.unownedSlots > 0 ? words.unowned(one.unownedSlots) : words.runs}
              </span>
              <span class="quiet">
                {one.lag === 0
                  ? words.caughtUp
                  : `${words.behind} ${number(one.lag)}${one.oldestAge === null ? '' : ` · ${length(durationMillis(one.oldestAge))}`}`}
              </span>
            </li>
          ))}
        </ul>
        {processors.length === 0 && <p class="quiet">{words.emptyText}</p>}
      </section>
    </>
  );
}
