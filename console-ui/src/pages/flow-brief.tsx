import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Flow, FlowPoint } from '../api/model';
import { type Resource, useResource } from '../api/query';
import { place, to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, durationMillis, length, number, t } from '../i18n';
import { onAxis, rate } from '../ui/series';
import { Spark } from '../ui/spark';

const RANGES = ['1h', '6h', '24h', '3d', '7d', '30d'] as const;
/** How often a range is read in which a minute is less than a point, in milliseconds. */
const RARELY = 60_000;

/** How often the flow of a range is read again; null for one between two times. */
export const everyOf = (range: string | null): number => (range === '1h' || range === '6h' ? POLL : RARELY);

/** The ranges of time that the flow is shown for, at a place of the page. */
export function Ranges({ path, range }: { path: string; range: string | null }): JSX.Element {
  const { flow } = t();
  const query = Object.fromEntries(place.value.query);
  return (
    <nav class="tabs heading-aside" aria-label={flow.range}>
      {RANGES.map((one) => (
        <a key={one} href={to(path, { ...query, from: null, to: null, range: one === '1h' ? null : one })} aria-current={one === range ? 'page' : undefined}>
          {flow.ranges[one]}
        </a>
      ))}
    </nav>
  );
}

/** So many bars, each of as many steps as it takes. */
const BARS = 30;

export interface Brief {
  /** For each minute of those that were measured; null if none was. */
  readonly perMinute: number | null;
  readonly total: number;
  readonly bars: readonly number[];
}

/** A count of the points as a rate, and its course in a few bars; where nothing was measured a bar is empty. */
export function brief(flow: Pick<Flow, 'points' | 'from' | 'to' | 'step'>, count: (point: FlowPoint) => number): Brief {
  const { points } = onAxis<FlowPoint>(flow.points, flow.from, flow.to, durationMillis(flow.step));
  const minutes = points.reduce((sum, point) => sum + (point?.minutes ?? 0), 0);
  const total = points.reduce((sum, point) => sum + (point === null ? 0 : count(point)), 0);
  const each = Math.max(1, Math.ceil(points.length / BARS));
  const bars: number[] = [];
  for (let end = points.length; end > 0; end -= each) {
    bars.unshift(points.slice(Math.max(0, end - each), end).reduce((sum, point) => sum + (point === null ? 0 : count(point)), 0));
  }
  return { perMinute: minutes === 0 ? null : total / minutes, total, bars };
}

/** True once the browser has drawn what is there and has nothing else to do. */
function useIdle(ready: boolean): boolean {
  const [idle, setIdle] = useState(false);
  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(() => setIdle(true), 300);
    return () => clearTimeout(timer);
  }, [ready]);
  return idle;
}

/** What flows in the range that the place says; asked for when the rest of the page is there. */
export function useBriefFlow(ready: boolean): Resource<Flow> {
  const range = briefRange();
  return useResource<Flow>(useIdle(ready) ? 'flow' : null, { range }, everyOf(range), false);
}

const briefRange = (): (typeof RANGES)[number] => {
  const asked = place.value.query.get('range');
  return RANGES.find((one) => one === asked) ?? '1h';
};

/** What flows, in short. */
export function FlowBrief({ flow }: { flow: Flow | undefined }): JSX.Element {
  const { flow: words, overview } = t();
  const range = briefRange();
  const outbox = flow?.stages.find((one) => one.stage === 'outbox');
  const parts: readonly (readonly [string, Brief | null, string])[] = [
    [words.published, flow ? brief(flow, (point) => point.published) : null, ''],
    [words.handled, flow ? brief(flow, (point) => point.counts.handled) : null, 'good'],
    [overview.failedAttempts, flow ? brief(flow, (point) => point.counts.failed + point.counts.failedAgain) : null, 'bad'],
  ];
  return (
    <section aria-labelledby="flow-brief" class="block">
      <div class="block-head">
        <h2 id="flow-brief">{words.title}</h2>
        <Ranges path="" range={range} />
        <a href={to('flow', { range: range === '1h' ? null : range })}>{overview.allFlow}</a>
      </div>
      <dl class="flow-brief">
        {parts.map(([name, one, kind]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span class="num">
                <strong class={one !== null && one.total > 0 ? kind : ''}>{one === null || one.perMinute === null ? t().common.none : rate(one.perMinute)}</strong>{' '}
                <span class="quiet small">{words.perMinute}</span>
              </span>
              {one !== null && <Spark values={one.bars} label={overview.inRange(name, number(one.total), words.ranges[range])} />}
            </dd>
          </div>
        ))}
        <div>
          <dt>{words.stages.outbox}</dt>
          <dd>
            <span class="num">
              <strong>{!outbox || outbox.oldestAge === null ? t().common.none : length(durationMillis(outbox.oldestAge))}</strong>{' '}
              <span class="quiet small">{outbox?.waiting ? overview.oldestOf(capped(outbox.waiting)) : flow ? overview.outboxEmpty : ''}</span>
            </span>
          </dd>
        </div>
      </dl>
    </section>
  );
}
