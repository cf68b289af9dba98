import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useCounts } from '../api/counts';
import { segment } from '../api/http';
import type { BatchPage, Counts, FailurePage, FlowProblem, GroupList, Processor, WaitPage } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, durationMillis, fromNow, length, number, sentences, t } from '../i18n';
import { Icon } from '../ui/icons';
import { Empty, Heading, ProblemPanel, Skeleton, queueName } from '../ui/parts';
import { CauseTable } from './causes';
import { FlowBrief, useBriefFlow } from './flow-brief';

const SHOWN = 8;
const MOST = 100;
const MOST_WAITS = 200;
const QUEUES = ['needs-operator', 'due', 'running', 'scheduled'] as const;

function Stat({ name, href, children, kind = '' }: { name: string; href?: string | undefined; children: ComponentChildren; kind?: string }): JSX.Element {
  const value = <span class={`stat-value ${kind}`}>{children}</span>;
  return (
    <div class="stat">
      <dt>{name}</dt>
      <dd>{href ? <a href={href}>{value}</a> : value}</dd>
    </div>
  );
}

/** Some of them under one name. */
function Stats({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  const id = useId();
  return (
    <section class="stat-group" aria-labelledby={id}>
      <h2 id={id} class="stat-title">
        {name}
      </h2>
      <dl class="stats">{children}</dl>
    </section>
  );
}

interface Seen {
  readonly counts: Counts;
  readonly groups: GroupList;
  readonly processors: readonly Processor[];
  /** When the next scheduled retry is due, if there is one. */
  readonly next: string | null;
  /** Of the flow; what only concerns what is measured or kept is no matter of this page. */
  readonly problems: readonly FlowProblem[];
  /** Batches that their own rule has paused. */
  readonly stopped: number;
}

/** Problems of the flow that keep no event from being handled. */
const ASIDE: ReadonlySet<string> = new Set(['prune-backlog', 'not-sampled']);
/** So many of them are said. */
const PROBLEMS = 2;

function problemText({ code, processor, age, number: n }: FlowProblem): string {
  return t().flow.problem[code].title(processor ?? '', age === null ? '' : length(durationMillis(age)), n === null ? '' : capped(n));
}

/** What the numbers say, in a few sentences. */
export function verdict({ counts, groups, processors, next, problems, stopped }: Seen, at: number): { calm: boolean; text: string } {
  const { overview } = t();
  const causes = groups.items.filter((one) => one.needsOperator > 0).length;
  const needs = counts.failures['needs-operator'] ?? 0;
  const open = counts.failures['active'] ?? 0;
  const paused = processors.filter((one) => one.paused).map((one) => one.name);
  const unowned = processors.filter((one) => one.unownedSlots > 0).map((one) => one.name);
  // a slot without a node is said of its processor already
  const wrong = problems.filter((one) => !ASIDE.has(one.code) && !(one.code === 'slots-without-node' && unowned.includes(one.processor ?? '')));
  const calm = needs + paused.length + unowned.length + wrong.length + stopped === 0;
  const text: string[] = [];
  if (needs > 0) text.push(overview.needsYou(needs, capped(needs), causes, groups.more ? '+' : ''));
  else if (open === 0) {
    if (calm) text.push(overview.nothing);
  } else {
    text.push((calm ? overview.byItself : overview.retried)(open, capped(open)));
    if (next !== null) text.push(Date.parse(next) <= at ? overview.nextNow : overview.next(fromNow(next, at)));
  }
  const parked = processors.reduce((sum, one) => sum + one.parked, 0);
  if (parked > 0) text.push(overview.parked(parked, capped(parked)));
  if (paused.length > 0) text.push(overview.paused(paused.join(', '), paused.length));
  if (unowned.length > 0) text.push(overview.unowned(unowned.join(', ')));
  if (stopped > 0) text.push(overview.stopped(stopped, number(stopped)));
  text.push(...wrong.slice(0, PROBLEMS).map(problemText));
  if (wrong.length > PROBLEMS) text.push(overview.moreProblems(wrong.length - PROBLEMS));
  return { calm, text: sentences(...text) };
}

export function OverviewPage(): JSX.Element {
  const { overview, processors: words } = t();
  const counted = useCounts();
  const causes = useResource<GroupList>('groups', { limit: MOST }, POLL);
  // what the causes do not need is asked for once they are there
  const more = counted.data !== undefined && causes.data !== undefined;
  const list = useResource<{ items: readonly Processor[] }>(more ? 'processors' : null, {}, POLL);
  const oldest = useResource<FailurePage>(more ? 'failures' : null, { state: 'needs-operator', sort: 'oldest', limit: 1 }, POLL);
  const next = useResource<FailurePage>(more ? 'failures' : null, { state: 'scheduled,due', sort: 'next', limit: 1 }, POLL);
  const waits = useResource<WaitPage>(more ? 'waits' : null, { limit: MOST_WAITS }, POLL);
  const batches = useResource<BatchPage>(more ? 'batches' : null, { limit: 50 }, POLL);
  const all = [counted, list, causes, oldest, next, waits];
  const flow = useBriefFlow(all.every((one) => one.data !== undefined));
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
  const first = oldest.data?.items[0];
  const since = first?.firstFailedAt ?? null;
  const parked = processors?.reduce((sum, one) => sum + one.parked, 0);
  const seen =
    processors &&
    next.data &&
    verdict(
      {
        counts,
        groups,
        processors,
        next: next.data.items[0]?.dueAt ?? null,
        problems: flow.data?.problems ?? [],
        stopped: batches.data?.items.filter((one) => one.state === 'PAUSED' && one.stoppedBy === 'rule').length ?? 0,
      },
      at,
    );
  // that nothing needs a person is not said before all is known
  const known = (flow.data ?? flow.problem) !== undefined && (batches.data ?? batches.problem) !== undefined;
  const said = seen && (!seen.calm || known) ? seen : undefined;
  // what needs a person comes first, and of that what nobody takes care of
  const urgency = (one: GroupList['items'][number]): number => (one.needsOperator === 0 ? 0 : one.acknowledged ? 1 : 2);
  const ordered = [...groups.items].sort((a, b) => urgency(b) - urgency(a));
  const queue = (one: (typeof QUEUES)[number]): JSX.Element => {
    const n = counts.failures[one] ?? 0;
    return (
      <Stat key={one} name={queueName(one)} href={to('failures', { view: 'list', state: one })} kind={n === 0 ? 'zero' : one === 'needs-operator' ? 'bad' : ''}>
        {capped(n)}
      </Stat>
    );
  };
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
      <div class="stat-groups">
        <Stats name={overview.stats.needsYou}>
          {queue('needs-operator')}
          <Stat name={overview.oldest} href={first && `failures/${segment(first.id)}`} kind={since === null ? 'zero' : ''}>
            {since === null ? t().common.none : length(Math.max(0, at - Date.parse(since)))}
          </Stat>
        </Stats>
        <Stats name={overview.stats.byItself}>
          {(['due', 'running', 'scheduled'] as const).map(queue)}
          <Stat name={t().waits.title} href="waits" kind={waits.data?.items.length ? '' : 'zero'}>
            {waits.data ? `${number(waits.data.items.length)}${waits.data.next === null ? '' : '+'}` : t().common.none}
          </Stat>
        </Stats>
        <Stats name={overview.stats.lanes}>
          <Stat name={overview.lanes} href="lanes" kind={counts.blockedLanes > 0 ? '' : 'zero'}>
            {capped(counts.blockedLanes)}
          </Stat>
          <Stat name={words.parked} kind={parked ? '' : 'zero'}>
            {parked === undefined ? t().common.none : capped(parked)}
          </Stat>
        </Stats>
      </div>
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
          <CauseTable items={ordered.slice(0, SHOWN)} />
        )}
      </section>
      <FlowBrief flow={flow.data} />
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
