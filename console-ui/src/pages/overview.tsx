import type { ComponentChildren, JSX } from 'preact';
import { useCounts } from '../api/counts';
import type { Counts, FailurePage, GroupList, Processor, WaitPage } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, durationMillis, fromNow, length, number, t } from '../i18n';
import { Icon } from '../ui/icons';
import { Empty, Heading, ProblemPanel, Skeleton, queueName } from '../ui/parts';
import { CauseTable } from './causes';
import { FlowBrief } from './flow-brief';

const SHOWN = 8;
const MOST = 100;
const MOST_WAITS = 200;
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

interface Seen {
  readonly counts: Counts;
  readonly groups: GroupList;
  readonly processors: readonly Processor[];
  /** When the next scheduled retry is due, if there is one. */
  readonly next: string | null;
}

/** What the numbers say, in a few sentences. */
export function verdict({ counts, groups, processors, next }: Seen, at: number): { calm: boolean; text: string } {
  const { overview } = t();
  const causes = groups.items.filter((one) => one.needsOperator > 0).length;
  const needs = counts.failures['needs-operator'] ?? 0;
  const open = counts.failures['active'] ?? 0;
  const paused = processors.filter((one) => one.paused).map((one) => one.name);
  const unowned = processors.filter((one) => one.unownedSlots > 0).map((one) => one.name);
  const text: string[] = [];
  if (needs > 0) text.push(overview.needsYou(needs, capped(needs), causes, groups.more ? '+' : ''));
  else if (open === 0) {
    if (paused.length + unowned.length === 0) text.push(overview.nothing);
  } else {
    text.push(overview.byItself(open, capped(open)));
    if (next !== null) text.push(Date.parse(next) <= at ? overview.nextNow : overview.next(fromNow(next, at)));
  }
  const parked = processors.reduce((sum, one) => sum + one.parked, 0);
  if (parked > 0) text.push(overview.parked(parked, capped(parked), counts.blockedLanes, capped(counts.blockedLanes)));
  if (paused.length > 0) text.push(overview.paused(paused.join(', '), paused.length));
  if (unowned.length > 0) text.push(overview.unowned(unowned.join(', ')));
  return { calm: needs === 0 && paused.length === 0 && unowned.length === 0, text: text.join(' ') };
}

export function OverviewPage(): JSX.Element {
  const { overview, processors: words } = t();
  const counted = useCounts();
  const causes = useResource<GroupList>('groups', { limit: MOST }, POLL);
  // what the causes do not need is asked for once they are there
  const more = counted.data !== undefined && causes.data !== undefined;
  const list = useResource<{ items: readonly Processor[] }>(more ? 'processors' : null, {}, POLL);
  const oldest = useResource<FailurePage>(more ? 'failures' : null, { state: 'active', sort: 'oldest', limit: 1 }, POLL);
  const next = useResource<FailurePage>(more ? 'failures' : null, { state: 'scheduled,due', sort: 'next', limit: 1 }, POLL);
  const waits = useResource<WaitPage>(more ? 'waits' : null, { limit: MOST_WAITS }, POLL);
  const all = [counted, list, causes, oldest, next, waits];
  const problem = all.map((one) => one.problem).find((one) => one !== undefined);
  if (!counted.data || !causes.data || (problem && !problem.passes)) {
    return (
      <>
        <Heading title={overview.title} />
        {problem ? <ProblemPanel problem={problem} onAgain={() => void Promise.all(all.map((one) => one.reload()))} /> : <Skeleton />}
      </>
    );
  }
  const at = now.value;
  const counts = counted.data;
  const groups = causes.data;
  const processors = list.data?.items;
  const since = oldest.data?.items[0]?.firstFailedAt ?? null;
  const parked = processors?.reduce((sum, one) => sum + one.parked, 0);
  const said = processors && next.data && verdict({ counts, groups, processors, next: next.data.items[0]?.dueAt ?? null }, at);
  return (
    <>
      <Heading title={overview.title} />
      {said ? (
        <p class={said.calm ? 'verdict calm' : 'verdict'}>
          <Icon name={said.calm ? 'check' : 'person'} size={20} />
          <span>{said.text}</span>
        </p>
      ) : (
        <p class="verdict" aria-hidden="true">
          {'\u00a0'}
        </p>
      )}
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
        <Stat name={t().waits.title} href="waits" kind={waits.data?.items.length ? '' : 'zero'}>
          {waits.data ? `${number(waits.data.items.length)}${waits.data.next === null ? '' : '+'}` : t().common.none}
        </Stat>
        <Stat name={overview.lanes} href={to('lanes')} kind={counts.blockedLanes > 0 ? '' : 'zero'}>
          {capped(counts.blockedLanes)}
        </Stat>
        <Stat name={words.parked} kind={parked ? '' : 'zero'}>
          {parked === undefined ? t().common.none : capped(parked)}
        </Stat>
        <Stat name={overview.oldest} href={to('failures', { view: 'list' })} kind={since === null ? 'zero' : ''}>
          {since === null ? t().common.none : length(Math.max(0, at - Date.parse(since)))}
        </Stat>
      </dl>
      <section aria-labelledby="causes" class="block">
        <div class="block-head">
          <h2 id="causes">{t().causes.title}</h2>
          {groups.items.length > SHOWN && <a href="failures">{overview.allCauses(`${number(groups.items.length)}${groups.more ? '+' : ''}`)}</a>}
        </div>
        {groups.items.length === 0 ? (
          <Empty title={t().failures.emptyGood}>
            <p>{t().failures.emptyGoodText}</p>
          </Empty>
        ) : (
          <CauseTable items={groups.items.slice(0, SHOWN)} />
        )}
      </section>
      <FlowBrief ready={all.every((one) => one.data !== undefined)} />
      <section aria-labelledby="processors" class="block">
        <div class="block-head">
          <h2 id="processors">{words.title}</h2>
        </div>
        <ul class="tiles">
          {processors?.map((one) => (
            <li key={one.name} class="tile">
              <a href={`processors/${encodeURIComponent(one.name)}`} class="tile-name">
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
        {processors?.length === 0 && <p class="quiet">{words.emptyText}</p>}
      </section>
    </>
  );
}
