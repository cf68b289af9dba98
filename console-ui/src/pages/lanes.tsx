import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { command, get, segment } from '../api/http';
import { laneAddress } from '../api/lane';
import { refusal } from '../api/me';
import { type FailureDetail, type FailurePage, type FailureSummary, type Lane, type LaneDetail, type LaneEntry, type LanePage as Page, type Wait, type WaitPage, isDone } from '../api/model';
import { refresh, useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, place, to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, fromNow, length, moment, number, sentences, t } from '../i18n';
import { Icon, type IconName } from '../ui/icons';
import { tell } from '../ui/intent';
import { say } from '../ui/notice';
import { Ago, Button, Chips, CopyButton, Empty, FormDialog, Heading, ProblemPanel, Skeleton, StateChip } from '../ui/parts';
import { causeName } from '../ui/cause';
import { isTriedWhenDone, queueOf } from '../ui/state';
import { useMore } from '../ui/more';
import { ReasonField } from './fields';
import { FailureActions } from './failure';
import { lastList } from './failures';
import { heldLane, useAnswer } from './search';
import { WaitActions } from './wait-actions';
import { WaitsFor } from './waits-for';

/** Lanes that stand still, and the events that wait; both under one place. */
export function LaneTabs({ at }: { at: 'lanes' | 'waits' }): JSX.Element {
  const { lanes, waits } = t();
  return (
    <nav class="tabs heading-aside" aria-label={t().nav.lanes}>
      <a href="lanes" aria-current={at === 'lanes' ? 'page' : undefined}>
        {lanes.tab}
      </a>
      <a href="waits" aria-current={at === 'waits' ? 'page' : undefined}>
        {waits.title}
      </a>
    </nav>
  );
}

/** An event that is too early, or a lane that a person holds: no failure. */
function Calm({ icon, children }: { icon: IconName; children: string }): JSX.Element {
  return (
    <span class="state waiting">
      <Icon name={icon} size={14} />
      {children}
    </span>
  );
}

/** What a lane waits for, where no failure blocks it. */
function WhyNot({ lane, wait }: { lane: Lane; wait: Wait | undefined }): JSX.Element | null {
  const { lanes } = t();
  if (lane.paused) {
    return (
      <>
        <span class="cause-name">{lanes.heldBy(lane.paused.by)}</span>
        <span class="cause-text" lang="">
          {lane.paused.reason}
        </span>
      </>
    );
  }
  if (!wait) return null;
  return (
    <>
      <span class="cause-name">{wait.eventType}</span>
      <span class="cause-text">
        <WaitsFor wait={wait} />
      </span>
    </>
  );
}

function Row({ lane, wait }: { lane: Lane; wait: Wait | undefined }): JSX.Element {
  const { lanes, failures, time, processors, state } = t();
  const head = lane.head as FailureSummary | null;
  const queue = head ? queueOf(head, now.value) : null;
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="c-lane">
        <a href={laneAddress(lane.processor, lane.key)} data-row-link class="row-link">
          <span class="cause-name mono">{lane.key}</span>
          <span class="cause-text">{lane.processor}</span>
        </a>
      </th>
      <td role="cell" class="c-state">
        {lane.paused ? (
          <Calm icon="pause">{processors.paused}</Calm>
        ) : queue ? (
          <StateChip queue={queue} />
        ) : lane.blocked ? (
          <Calm icon="waits">{state.waiting}</Calm>
        ) : (
          <span class="quiet">{lanes.parkedHead}</span>
        )}
      </td>
      <td role="cell" class="c-cause">
        {head && !lane.paused ? (
          <>
            <span class="cause-name" title={head.errorCode}>
              {causeName(head)}
            </span>
            <span class="cause-text" lang="en">
              {head.message}
            </span>
          </>
        ) : (
          <WhyNot lane={lane} wait={wait} />
        )}
      </td>
      <td role="cell" class="c-behind num">
        <span class="cell-label">{lanes.waitingBehind} </span>
        {lane.followers === 0 ? <span class="quiet">0</span> : capped(lane.followers)}
      </td>
      <td role="cell" class="c-next num">
        <span class="cell-label">{failures.next} </span>
        {lane.paused || (!head && !wait) ? (
          <span class="quiet">{t().common.none}</span>
        ) : queue === 'due' ? (
          time.dueNow
        ) : wait || (head && isTriedWhenDone(head)) ? (
          <span class="quiet">{lanes.whenDone}</span>
        ) : !head?.dueAt ? (
          <span class="quiet">{time.never}</span>
        ) : (
          <Ago at={head.dueAt} />
        )}
      </td>
      <td role="cell" class="c-since num" title={moment(lane.since)}>
        <span class="cell-label">{lanes.since} </span>
        {length(Math.max(0, now.value - Date.parse(lane.since)))}
      </td>
    </tr>
  );
}

const PAGE = 50;
/** What the list says beside lanes that wait; of the others it says that they do. */
const MOST_WAITS = 200;

/** From a key to the lane that something holds, or to all of them; to what failed where no lane is held; null if nothing is. */
async function findLane(key: string): Promise<string | null> {
  const lane = await heldLane(key);
  if (lane !== null) return lane;
  const { data: failures } = await get<FailurePage>('failures', { key, state: 'active', limit: 1 });
  return failures.items.length > 0 ? to('failures', { key }) : null;
}

function Find({ children }: { children: ComponentChildren }): JSX.Element {
  const { lanes } = t();
  const take = useAnswer();
  return (
    <div class="filters">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          const input = (event.currentTarget as HTMLFormElement).elements.namedItem('key') as HTMLInputElement;
          const key = input.value.trim();
          if (key === '') return;
          take(findLane(key), (found) => {
            if (found === null) say(lanes.notBlocked(key), 'good');
            else go(found);
          });
        }}
      >
        <Icon name="search" />
        <input type="search" name="key" aria-label={lanes.find} placeholder={lanes.find} autocomplete="off" spellcheck={false} />
        <kbd class="key" aria-hidden="true">
          /
        </kbd>
      </form>
      {children}
    </div>
  );
}

export function LanesPage(): JSX.Element {
  const { lanes, failures } = t();
  const key = place.value.query.get('key') ?? '';
  const head = useResource<Page>('lanes', { key, limit: PAGE }, POLL);
  const waiting = useResource<WaitPage>('waits', { limit: MOST_WAITS }, POLL);
  const waits = new Map(waiting.data?.items.filter((one) => one.lane !== null && one.failure === null).map((one) => [laneAddress(one.processor, one.lane ?? ''), one]));
  const { items: loaded, more } = useMore(key, head.data, (after: string) => get<Page>('lanes', { limit: PAGE, after }).then((answer) => answer.data));
  const seen = new Set<string>();
  const items = loaded.filter((one) => {
    const name = JSON.stringify([one.processor, one.key]);
    return !seen.has(name) && seen.add(name);
  });
  return (
    <>
      <Heading title={lanes.title}>
        <LaneTabs at="lanes" />
      </Heading>
      <p class="page-lead">{lanes.lead}</p>
      <div class="toolbar">
        <Find>{key !== '' && <Chips given={[['key', key]]} known={['key']} names={failures.field} />}</Find>
      </div>
      {!head.data || (head.problem && !head.problem.passes) ? (
        head.problem ? (
          <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} />
        ) : (
          <Skeleton />
        )
      ) : items.length === 0 && more === null ? (
        <Empty title={key === '' ? lanes.empty : lanes.notBlocked(key)}>
          <p>{lanes.emptyText}</p>
        </Empty>
      ) : (
        <>
          <table role="table" class="list lanes-list" aria-label={lanes.title}>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="c-lane">
                  {lanes.lane}
                </th>
                <th role="columnheader" scope="col" class="c-state">
                  {failures.state}
                </th>
                <th role="columnheader" scope="col" class="c-cause">
                  {lanes.head}
                </th>
                <th role="columnheader" scope="col" class="c-behind num">
                  {lanes.waitingBehind}
                </th>
                <th role="columnheader" scope="col" class="c-next num">
                  {failures.next}
                </th>
                <th role="columnheader" scope="col" class="c-since num">
                  {lanes.since}
                </th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {items.map((one) => (
                <Row key={`${one.processor} ${one.key}`} lane={one} wait={waits.get(laneAddress(one.processor, one.key))} />
              ))}
            </tbody>
          </table>
          <p class="list-foot">
            <span class="quiet">{more === null && !head.data.more ? lanes.count(items.length) : lanes.longest(number(items.length))}</span>
            {more !== null && (
              <button type="button" class="button" onClick={more}>
                {failures.more}
              </button>
            )}
          </p>
        </>
      )}
    </>
  );
}

function Handled({ failure }: { failure: FailureSummary }): JSX.Element {
  const { lanes } = t();
  return (
    <li class={`rail-item ${failure.state === 'SKIPPED' ? 'skipped' : 'succeeded'}`}>
      <span class="rail-dot" aria-hidden="true" />
      <div class="rail-body lane-step">
        <a href={`failures/${segment(failure.id)}`} class="attempt-name">
          {failure.eventType}
        </a>{' '}
        <StateChip queue={queueOf(failure, now.value)} />
        <p class="quiet small">
          <span>{lanes.position(number(failure.position))}</span>
          <span>
            <Ago at={failure.executedAt} />
          </span>
          <span class="mono">{failure.eventId}</span>
        </p>
      </div>
    </li>
  );
}

/** The event that was done last, of which there is no record: it never failed. */
function Done({ last }: { last: NonNullable<LaneDetail['lastDone']> }): JSX.Element {
  const { lanes } = t();
  return (
    <li class="rail-item succeeded">
      <span class="rail-dot" aria-hidden="true" />
      <div class="rail-body lane-step">
        <span class="attempt-name">{last.eventType}</span> <span class="quiet">{lanes.lastDone}</span>
        <p class="quiet small">
          <span>{lanes.position(number(last.position))}</span>
          <span>
            <Ago at={last.at} />
          </span>
          <span class="mono">{last.eventId}</span>
        </p>
      </div>
    </li>
  );
}

/** When a failed execution is tried next, if nobody does anything. */
function NextTry({ failure }: { failure: FailureSummary }): JSX.Element {
  const { time, lanes } = t();
  if (queueOf(failure, now.value) === 'due') return <>{time.dueNow}</>;
  if (isTriedWhenDone(failure)) return <>{lanes.whenDone}</>;
  return failure.dueAt === null ? <>{time.never}</> : <Ago at={failure.dueAt} />;
}

function Step({ entry, first, failure }: { entry: LaneEntry; first: boolean; failure: FailureSummary | undefined }): JSX.Element {
  const { lanes, waits } = t();
  const kind = entry.kind === 'PREPARED' ? 'running' : entry.kind === 'FAILED' ? (first ? 'head' : 'failed') : entry.kind === 'WAITING' ? 'early' : 'waiting';
  const ofHandler = entry.kind === 'FAILED' || entry.kind === 'PREPARED';
  return (
    <li class={`rail-item ${kind}`}>
      <span class="rail-dot" aria-hidden="true" />
      <div class="rail-body lane-step">
        {entry.failure ? (
          <a href={`failures/${segment(entry.failure)}`} class="attempt-name">
            {entry.eventType}
          </a>
        ) : (
          <span class="attempt-name">{entry.eventType}</span>
        )}{' '}
        {ofHandler ? (
          failure && <StateChip queue={queueOf(failure, now.value)} />
        ) : (
          <Calm icon={entry.kind === 'WAITING' ? 'waits' : 'clock'}>{entry.kind === 'WAITING' ? lanes.tooEarly : lanes.parked}</Calm>
        )}
        {entry.waiting && (
          <p class="lane-why">
            <WaitsFor wait={entry.waiting} />
          </p>
        )}
        {failure && ofHandler && (
          <p class="lane-why" lang="en">
            <span class="cause-name">{causeName(failure)}</span> {failure.message}
          </p>
        )}
        <p class="quiet small">
          {entry.waiting && <span title={moment(entry.waiting.since)}>{waits.waited(length(Math.max(0, now.value - Date.parse(entry.waiting.since))))}</span>}
          {entry.waiting?.until != null && <span title={moment(entry.waiting.until)}>{waits.timesOut(fromNow(entry.waiting.until, now.value))}</span>}
          {first && failure && ofHandler && entry.kind === 'FAILED' && (
            <span>
              {t().failures.next}: <NextTry failure={failure} />
            </span>
          )}
          <span>{lanes.position(number(entry.position))}</span>
          {entry.time && (
            <span>
              <Ago at={entry.time} />
            </span>
          )}
          <span class="mono">{entry.eventId}</span>
        </p>
      </div>
    </li>
  );
}

interface Held {
  readonly processor: string;
  readonly laneKey: string;
}

/** What is paused is so for the list of lanes, and for what failed in it, as well. */
const shownAnew = (): void => refresh('lanes', 'failures');

function PauseButton({ processor, laneKey }: Held): JSX.Element {
  const { lanes, processors } = t();
  const [asking, setAsking] = useState(false);
  return (
    <span class="heading-aside">
      <Button onPress={() => setAsking(true)} icon="pause" off={refusal('pauseLane', processor)}>
        {processors.pause}
      </Button>
      {asking && (
        <FormDialog
          title={processors.pauseTitle(laneKey)}
          action={processors.pauseDo}
          onClose={() => setAsking(false)}
          onSubmit={async (values, sent) => {
            await command(`${laneAddress(processor, laneKey)}/pause`, { reason: String(values.get('reason') ?? '') }, { key: sent });
            shownAnew();
          }}
        >
          <p>{lanes.pauseText}</p>
          <ReasonField />
        </FormDialog>
      )}
    </span>
  );
}

/** Who holds the lane, since when and why. */
function Paused({ processor, laneKey, pause }: Held & { pause: NonNullable<Lane['paused']> }): JSX.Element {
  const { lanes, processors } = t();
  const resume = () => command(`${laneAddress(processor, laneKey)}/resume`).then(shownAnew, tell);
  return (
    <div class="held">
      <Icon name="pause" />
      <p title={moment(pause.since)}>{lanes.pausedBy(pause.by, fromNow(pause.since, now.value), pause.reason)}</p>
      <Button onPress={() => void resume()} icon="run" off={refusal('resumeLane', processor)}>
        {processors.resume}
      </Button>
    </div>
  );
}

const EVENTS = 50;
const HANDLED = 5;

/** The sequence of one lane: what was made good lately, what blocks it, and what waits behind that and why. */
export function LanePage({ processor, laneKey }: { processor: string; laneKey: string }): JSX.Element {
  const { lanes, failures } = t();
  const [limit, setLimit] = useState(EVENTS);
  const lane = useResource<LaneDetail>(laneAddress(processor, laneKey), { limit }, POLL);
  const records = useResource<FailurePage>('failures', { state: 'all', processor, key: laneKey, limit: EVENTS }, POLL);
  // that nothing holds it stays known while the server is away
  const wasFree = useRef(false);
  if (!lane.problem?.passes) wasFree.current = lane.problem?.status === 404;
  const free = wasFree.current && !lane.data;
  const known = new Map(records.data?.items.filter((one) => one.lane === laneKey).map((one) => [one.id, one]));
  const done = [...known.values()]
    .filter((one) => isDone(one.state) && (free || !lane.data || lane.data.headPosition === null || one.position < lane.data.headPosition))
    .sort((a, b) => a.position - b.position)
    .slice(-HANDLED);
  const lastDone = free ? null : lane.data?.lastDone;
  const last = lastDone && done.every((one) => one.position < lastDone.position) ? lastDone : null;
  const events = free ? [] : (lane.data?.events ?? []);
  const headId = free ? undefined : (lane.data?.head?.id ?? undefined);
  // what can be done comes after the sequence
  const detail = useResource<FailureDetail>(headId === undefined || !records.data ? null : `failures/${segment(headId)}`, {}, POLL);
  useKey('Escape', () => go('lanes'));
  useEffect(() => {
    lastList.ids = events.map((one) => one.failure).filter((id) => id !== null);
    lastList.address = laneAddress(processor, laneKey);
  });
  const crumb = (
    <a class="crumb" href="lanes">
      <Icon name="left" size={14} />
      {lanes.title}
    </a>
  );
  const problem = (free ? undefined : lane.problem) ?? records.problem;
  if (!records.data || (!lane.data && !free) || (problem && !problem.passes)) {
    return (
      <>
        <Heading title={laneKey} lead={crumb} />
        {problem ? <ProblemPanel problem={problem} onAgain={() => void Promise.all([lane.reload(), records.reload()])} /> : <Skeleton />}
      </>
    );
  }
  const first = events[0];
  const view = free ? undefined : lane.data;
  return (
    <article class="lane">
      <Heading title={laneKey} lead={crumb}>
        <span class="quiet">{processor}</span>
        <CopyButton text={laneKey} />
        {!view?.paused && <PauseButton processor={processor} laneKey={laneKey} />}
      </Heading>
      {view?.paused && <Paused processor={processor} laneKey={laneKey} pause={view.paused} />}
      <p class="state-sentence">
        {sentences(
          !view || (!first && !view.paused)
            ? lanes.free
            : !first
              ? lanes.heldByPause
              : first.kind === 'FAILED' || first.kind === 'PREPARED'
                ? lanes.held(first.eventType, fromNow(view.since, now.value))
                : first.waiting
                  ? lanes.heldByWait(first.eventType, length(Math.max(0, now.value - Date.parse(first.waiting.since))))
                  : lanes.about(first.eventType),
          view && first && lanes.waiting(view.followers, capped(view.followers)),
          view?.stopsSlot && t().failure.blocksSlot,
        )}
      </p>
      {detail.data && headId !== undefined && <FailureActions key={headId} failure={detail.data} />}
      {first?.waiting && first.failure === null && (
        <div class="action-bar">
          <WaitActions wait={first.waiting} />
          <p class="what-happens quiet">{t().waits.byItself}</p>
        </div>
      )}
      <ol class="rail lane-rail">
        {done.map((one) => (
          <Handled key={one.id} failure={one} />
        ))}
        {last && <Done last={last} />}
        {events.map((entry, i) => (
          <Step key={entry.position} entry={entry} first={i === 0} failure={entry.failure === null ? undefined : known.get(entry.failure)} />
        ))}
      </ol>
      {view?.next != null && (
        <p class="list-foot">
          <span class="quiet">{lanes.shownOf(number(events.length), capped(view.followers + 1))}</span>
          {limit < 200 && (
            <button type="button" class="button" onClick={() => setLimit(200)}>
              {failures.more}
            </button>
          )}
        </p>
      )}
      {events.length === 0 && done.length === 0 && !last && <p class="quiet">{lanes.noRecords}</p>}
      {events.length > 1 && <p class="quiet small lane-note">{lanes.behindText}</p>}
      <p class="lane-links">
        <a href={to('failures', { processor, key: laneKey, state: 'all' })}>{lanes.all}</a>
      </p>
    </article>
  );
}
