import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Flow, FlowMarker, FlowPoint, FlowProblem, FlowProcessor, FlowStage } from '../api/model';
import { useResource } from '../api/query';
import { place, to } from '../app/router';
import { capped, durationMillis, length, moment, momentShort, number, t } from '../i18n';
import { Charts } from '../ui/charts';
import type { ChartProps, Line, Series } from '../ui/chart';
import { Icon } from '../ui/icons';
import { Chips, Empty, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { type Values, onAxis, rate, summarize } from '../ui/series';
import { Spark } from '../ui/spark';
import { Ranges, everyOf } from './flow-brief';

const KNOWN = ['processor', 'from', 'to'];
const MOST_MARKS = 12;

const span = (seconds: number): string => (seconds === 0 ? '0' : length(seconds * 1000));

const age = (iso: string | null): string => (iso === null ? t().flow.none : length(durationMillis(iso)));

function Trend({ trend, short = false }: { trend: string; short?: boolean }): JSX.Element | null {
  const { flow } = t();
  if (trend === 'unknown') return null;
  const name = trend as 'rising' | 'falling' | 'steady';
  return (
    <span class={`trend ${name}`}>
      <span aria-hidden="true" title={flow.trends[name]}>
        {{ rising: '↗', falling: '↘', steady: '→' }[name]}
      </span>{' '}
      <span class={short ? 'visually-hidden' : undefined}>{flow.trends[name]}</span>
    </span>
  );
}

function Stage({ stage, problem }: { stage: FlowStage; problem: boolean }): JSX.Element {
  const { flow } = t();
  const name = stage.stage as keyof typeof flow.stages;
  const { times } = stage;
  return (
    <li class={problem ? 'stage bad' : 'stage'}>
      <h2>
        {problem && <Icon name="warn" size={14} />}
        {flow.stages[name]}
      </h2>
      <p class="stage-rate">
        <span class="stage-value num">{stage.perMinuteNow === null ? '–' : rate(stage.perMinuteNow)}</span>
        <span class="quiet">{flow.perMinute}</span>
      </p>
      <p class="stage-trend">
        <Trend trend={stage.trend} />
      </p>
      <dl>
        <div>
          <dt>{flow.inRange}</dt>
          <dd class="num">{number(stage.events)}</dd>
        </div>
        {stage.waiting !== null && (
          <>
            <div>
              <dt>{flow.waiting}</dt>
              <dd class="num">{name === 'outbox' ? capped(stage.waiting) : number(stage.waiting)}</dd>
            </div>
            <div>
              <dt>{flow.oldest}</dt>
              <dd class="num">{age(stage.oldestAge)}</dd>
            </div>
          </>
        )}
        <div>
          <dt title={flow.timeIn[name]}>{flow.p95}</dt>
          <dd class="num">{times.p95 === null ? flow.none : `≤ ${length(Math.max(1, durationMillis(times.p95)))}`}</dd>
        </div>
        {stage.waiting === null && (
          <div>
            <dt>{flow.longest}</dt>
            <dd class="num">{times.longest === null ? flow.none : length(Math.max(1, durationMillis(times.longest)))}</dd>
          </div>
        )}
      </dl>
      <p class="stage-meaning">{flow.timeIn[name]}</p>
    </li>
  );
}

/** The stage that a problem is with. */
const STAGE_OF: Readonly<Record<string, string>> = {
  'relay-stands': 'transport',
  'outbox-old': 'outbox',
  rejected: 'transport',
  'processor-without-node': 'inbox',
  'slots-without-node': 'inbox',
  'processor-behind': 'inbox',
  'prune-backlog': 'inbox',
};

function Problems({ items }: { items: readonly FlowProblem[] }): JSX.Element {
  const { flow } = t();
  if (items.length === 0) {
    return (
      <p class="verdict calm">
        <Icon name="check" size={20} />
        <span>{flow.calm}</span>
      </p>
    );
  }
  return (
    <ul class="flow-problems" aria-label={flow.problems}>
      {items.map((one) => {
        const words = flow.problem[one.code as keyof typeof flow.problem];
        return (
          <li key={`${one.code} ${one.processor ?? ''}`}>
            <Icon name="warn" size={18} />
            <div>
              <strong>{words.title(one.processor ?? '', one.age === null ? '' : length(durationMillis(one.age)), one.number === null ? '' : capped(one.number))}</strong>
              <p class="quiet">{words.text}</p>
            </div>
            {one.processor !== null && <a href={`processors/${encodeURIComponent(one.processor)}`}>{one.processor}</a>}
          </li>
        );
      })}
    </ul>
  );
}

/** What a chart says in a sentence. */
export function sentence(series: readonly Series[], times: readonly number[], format: (value: number) => string): string {
  const { flow } = t();
  const day = (times.at(-1) ?? 0) - (times[0] ?? 0) > 86_400;
  const gaps = series[0]?.values.filter((value) => value === null).length ?? 0;
  const said = series.flatMap(({ label, values }) => {
    const sum = summarize(values);
    if (!sum) return [];
    if (sum.most === 0) return [flow.saidNothing(label)];
    if (format(sum.least) === format(sum.most)) return [flow.saidSame(label, format(sum.most))];
    return [flow.said(label, format(sum.least), format(sum.most), momentShort((times[sum.mostAt] ?? 0) * 1000, false, day), sum.last === null ? flow.unknown : format(sum.last), flow.trends[sum.trend])];
  });
  if (said.length === 0) return flow.saidUnknown;
  return [...said, ...(gaps > 0 ? [flow.gaps(gaps, number(gaps))] : [])].join(' ');
}

function charts(flow: Flow, marks: readonly { at: number; n: number }[]): ChartProps[] {
  const words = t().flow;
  const { times, points } = onAxis<FlowPoint>(flow.points, flow.from, flow.to, durationMillis(flow.step));
  const of = (label: string, line: Line, value: (point: FlowPoint) => number | null): Series => ({
    label,
    line,
    values: points.map((point) => (point === null ? null : value(point))) as Values,
  });
  const perMinute = (count: (point: FlowPoint) => number) => (point: FlowPoint) => count(point) / point.minutes;
  const lines: readonly { title: string; series: readonly Series[]; format: (value: number) => string; scale: ChartProps['scale'] }[] = [
    {
      title: words.charts.rate,
      format: rate,
      scale: 'numbers',
      series: [
        of(words.published, 'a', perMinute((point) => point.published)),
        of(words.arrived, 'b', perMinute((point) => point.arrived)),
        of(words.handled, 'c', perMinute((point) => point.counts.handled)),
      ],
    },
    {
      title: words.charts.oldest,
      format: span,
      scale: 'times',
      series: [of(words.stages.outbox, 'a', (point) => point.outboxOldest ?? 0), of(words.stages.inbox, 'b', (point) => point.inboxOldest ?? 0)],
    },
    {
      title: words.charts.time,
      format: span,
      scale: 'sizes',
      series: [
        of(words.stages.outbox, 'a', (point) => point.outboxP95),
        of(words.stages.inbox, 'b', (point) => point.inboxP95),
        of(words.stages.handled, 'c', (point) => point.handlerP95),
      ],
    },
    {
      title: words.charts.failed,
      format: rate,
      scale: 'numbers',
      series: [of(words.failed, 'bad', perMinute((point) => point.counts.failed)), of(words.failedAgain, 'bad2', perMinute((point) => point.counts.failedAgain))],
    },
  ];
  return lines.map((one, i) => ({ ...one, times, marks, summary: sentence(one.series, times, one.format), withTimes: i === lines.length - 1 }));
}

function Happened({ markers }: { markers: readonly FlowMarker[] }): JSX.Element | null {
  const { flow } = t();
  if (markers.length === 0) return null;
  return (
    <section class="happened" aria-labelledby="happened">
      <h3 id="happened">{flow.happened}</h3>
      <ol>
        {markers.map((one) => (
          <li key={`${one.at} ${one.kind} ${one.target ?? ''}`}>
            <time dateTime={one.at} title={moment(one.at)} class="quiet num">
              {momentShort(Date.parse(one.at), true, true)}
            </time>{' '}
            {flow.marker[one.kind as keyof typeof flow.marker](one.target ?? '', one.processor ?? '')}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Row({ processor }: { processor: FlowProcessor }): JSX.Element {
  const { flow, processors } = t();
  const known = processor.parts.map((part) => part ?? 0);
  const failed = processor.counts.failed + processor.counts.failedAgain;
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="p-name">
        <a href={`processors/${encodeURIComponent(processor.name)}`} data-row-link>
          {processor.name}
        </a>
      </th>
      <td role="cell" class="p-state">
        {processor.unownedSlots > 0 ? (
          <span class="state needs-operator">
            <Icon name="warn" size={14} />
            {processor.unownedSlots >= processor.slots ? flow.noNode : processors.unowned(processor.unownedSlots)}
          </span>
        ) : processor.paused ? (
          <span class="state due">
            <Icon name="pause" size={14} />
            {processors.paused}
          </span>
        ) : (
          <span class="state handled">
            <Icon name="run" size={14} />
            {processors.runs}
          </span>
        )}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.behind} </span>
        {processor.waiting === 0 ? <span class="quiet">{processors.caughtUp}</span> : number(processor.waiting)}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.oldest} </span>
        {processor.oldestAge === null ? <span class="quiet">–</span> : age(processor.oldestAge)}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{flow.handledPerMinute} </span>
        {processor.perMinuteNow === null ? '–' : rate(processor.perMinuteNow)}
      </td>
      <td role="cell" class="flow-trend">
        <Spark values={known} label={flow.parts(number(processor.counts.handled))} />
        <Trend trend={processor.trend} short />
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{flow.failures} </span>
        {failed === 0 ? (
          <span class="quiet">0</span>
        ) : (
          <a href={to('failures', { view: 'list', processor: processor.name, state: 'all' })}>
            {number(processor.counts.failed)}
            {processor.counts.failedAgain > 0 && ` + ${number(processor.counts.failedAgain)}`}
          </a>
        )}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{flow.inInbox} </span>
        {processor.inInbox.p95 === null ? <span class="quiet">–</span> : `≤ ${length(Math.max(1, durationMillis(processor.inInbox.p95)))}`}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{flow.inHandler} </span>
        {processor.inHandler.p95 === null ? <span class="quiet">–</span> : `≤ ${length(Math.max(1, durationMillis(processor.inHandler.p95)))}`}
      </td>
    </tr>
  );
}

function Processors({ flow }: { flow: Flow }): JSX.Element {
  const { flow: words, processors } = t();
  const columns = [processors.behind, processors.oldest, words.handledPerMinute, words.trend, words.failures, words.inInbox, words.inHandler];
  return (
    <section class="block" aria-labelledby="flow-processors">
      <div class="block-head">
        <h2 id="flow-processors">{processors.title}</h2>
        {flow.moreProcessors > 0 && <a href="processors">{words.more(number(flow.moreProcessors))}</a>}
      </div>
      {flow.processors.length === 0 ? (
        <Empty title={processors.empty} icon="processors">
          <p>{processors.emptyText}</p>
        </Empty>
      ) : (
        <table role="table" class="list processors flow-list" aria-label={words.worstFirst}>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                {processors.name}
              </th>
              <th role="columnheader" scope="col">
                {processors.state}
              </th>
              {columns.map((name) => (
                <th key={name} role="columnheader" scope="col" class={name === words.trend ? 'flow-trend' : 'num'}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {flow.processors.map((one) => (
              <Row key={one.name} processor={one} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** What flows from the outbox to the handlers: now, and in a range of time. */
export function FlowPage(): JSX.Element {
  const { flow: words } = t();
  const { query } = place.value;
  const from = query.get('from');
  const range = from === null ? (query.get('range') ?? '1h') : null;
  const processor = query.get('processor');
  const read = useResource<Flow>('flow', { range, from, to: query.get('to'), processor }, everyOf(range), false);
  const flow = read.data;
  const { language } = t();
  const shown = useMemo(() => {
    if (!flow) return null;
    const markers = flow.markers.slice(0, MOST_MARKS).reverse();
    const marks = markers.map((one, i) => ({ at: Date.parse(one.at) / 1000, n: i + 1 }));
    return { markers, charts: charts(flow, marks) };
  }, [flow, language]);
  const given = [...query].filter(([name]) => name !== 'range');
  return (
    <>
      <Heading title={words.title}>
        <Ranges path="flow" range={range} />
      </Heading>
      <Chips given={given} known={KNOWN} names={{ processor: t().processors.name, from: t().failures.field.from, to: t().failures.field.to }} />
      {!flow || !shown || (read.problem && !read.problem.passes) ? (
        read.problem ? (
          <ProblemPanel problem={read.problem} onAgain={() => void read.reload()} />
        ) : (
          <Skeleton />
        )
      ) : (
        <div class="flow">
          <Problems items={flow.problems} />
          <ol class="stages" aria-label={words.way}>
            {flow.stages.map((one) => (
              <Stage key={one.stage} stage={one} problem={flow.problems.some((problem) => STAGE_OF[problem.code] === one.stage)} />
            ))}
          </ol>
          <section class="block" aria-labelledby="flow-charts">
            <div class="block-head">
              <h2 id="flow-charts">{words.course}</h2>
              <span class="quiet small">{words.each(length(durationMillis(flow.step)))}</span>
            </div>
            {flow.points.length === 0 ? (
              <Empty title={words.empty} icon="clock">
                <p>{words.emptyText}</p>
              </Empty>
            ) : (
              <>
                <Charts charts={shown.charts} />
                <Happened markers={shown.markers} />
              </>
            )}
          </section>
          <Processors flow={flow} />
        </div>
      )}
    </>
  );
}
