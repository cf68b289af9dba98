import type { JSX } from 'preact';
import { ACTIVE_HORIZON, useActive } from '../api/active';
import { segment } from '../api/http';
import type { FailureDetail, FailurePage, FailureSummary } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, place, setQuery, to } from '../app/router';
import { POLL } from '../app/shell';
import { fromNow, length, moment, number, t } from '../i18n';
import { type HeldLane, lanesOf } from '../ui/causes';
import { Icon } from '../ui/icons';
import { Ago, CopyButton, Empty, Heading, ProblemPanel, Skeleton, StateChip } from '../ui/parts';
import { shortName } from '../ui/stack';
import { queueOf } from '../ui/state';
import { isDone } from '../api/model';
import { FailureActions } from './failure';
import { lastList } from './failures';

const laneAddress = (processor: string, key: string): string => `lanes/${segment(processor)}/${segment(key)}`;

function Row({ lane }: { lane: HeldLane }): JSX.Element {
  const { lanes, failures, time } = t();
  const { head } = lane;
  const queue = queueOf(head, now.value);
  return (
    <tr role="row" class="row">
      <td role="cell" class="c-state">
        <StateChip queue={queue} />
      </td>
      <th role="rowheader" scope="row" class="c-lane">
        <a href={laneAddress(lane.processor, lane.key)} data-row-link class="row-link">
          <span class="cause-name mono">{lane.key}</span>
          <span class="cause-text">{lane.processor}</span>
        </a>
      </th>
      <td role="cell" class="c-cause">
        <span class="cause-name" title={head.errorCode}>
          {shortName(head.errorCode) || head.reason}
        </span>
        <span class="cause-text" lang="en">
          {head.message}
        </span>
      </td>
      <td role="cell" class="c-next num">
        <span class="cell-label">{failures.next} </span>
        {queue === 'due' ? time.dueNow : head.dueAt === null ? <span class="quiet">{time.never}</span> : <Ago at={head.dueAt} />}
      </td>
      <td role="cell" class="c-since num" title={moment(head.firstFailedAt)}>
        <span class="cell-label">{lanes.since} </span>
        {length(Math.max(0, now.value - Date.parse(head.firstFailedAt)))}
      </td>
    </tr>
  );
}

const MOST = 200;

export function LanesPage(): JSX.Element {
  const { lanes, failures, common } = t();
  const active = useActive();
  const find = place.value.query.get('key') ?? '';
  if (!active.data || (active.problem && !active.problem.isAway)) {
    return (
      <>
        <Heading title={lanes.title} />
        {active.problem ? <ProblemPanel problem={active.problem} onAgain={() => void active.reload()} /> : <Skeleton />}
      </>
    );
  }
  const all = lanesOf(active.data.items);
  const found = find === '' ? all : all.filter((one) => one.key.includes(find));
  return (
    <>
      <Heading title={lanes.title} />
      <p class="page-lead">{lanes.lead}</p>
      <div class="toolbar">
        <div class="filters">
          <form
            role="search"
            onSubmit={(event) => {
              event.preventDefault();
              const input = (event.currentTarget as HTMLFormElement).elements.namedItem('key') as HTMLInputElement;
              setQuery({ key: input.value.trim() });
            }}
          >
            <Icon name="search" />
            <input type="search" name="key" aria-label={lanes.find} placeholder={lanes.find} defaultValue={find} autocomplete="off" spellcheck={false} />
            <kbd class="key" aria-hidden="true">
              /
            </kbd>
          </form>
        </div>
      </div>
      {found.length === 0 ? (
        all.length === 0 ? (
          <Empty title={lanes.empty}>
            <p>{lanes.emptyText}</p>
          </Empty>
        ) : (
          <Empty title={failures.emptyFilter} icon="search">
            <p class="actions">
              <button type="button" class="button" onClick={() => setQuery({ key: null })}>
                {common.remove(`key:${find}`)}
              </button>
            </p>
          </Empty>
        )
      ) : (
        <>
          <table role="table" class="list lanes-list" aria-label={lanes.title}>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="c-state">
                  {failures.state}
                </th>
                <th role="columnheader" scope="col" class="c-lane">
                  {lanes.lane}
                </th>
                <th role="columnheader" scope="col" class="c-cause">
                  {lanes.head}
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
              {found.slice(0, MOST).map((one) => (
                <Row key={`${one.processor} ${one.key}`} lane={one} />
              ))}
            </tbody>
          </table>
          <p class="list-foot quiet">
            {found.length > MOST ? lanes.shownOf(number(MOST), number(found.length)) : lanes.count(found.length)}
            {!active.data.complete && ` ${t().causes.horizon(number(ACTIVE_HORIZON))}`}
          </p>
        </>
      )}
    </>
  );
}

function Step({ failure, place: where }: { failure: FailureSummary; place: 'done' | 'head' | 'open' }): JSX.Element {
  const { lanes } = t();
  const kind = failure.state === 'SUCCEEDED' ? 'succeeded' : failure.state === 'SKIPPED' ? 'skipped' : failure.state === 'PREPARED' ? 'running' : where === 'head' ? 'head' : 'failed';
  return (
    <li class={`rail-item ${kind}`}>
      <span class="rail-dot" aria-hidden="true" />
      <div class="rail-body lane-step">
        <a href={`failures/${segment(failure.id)}`} class="attempt-name">
          {failure.eventType}
        </a>{' '}
        <StateChip queue={queueOf(failure, now.value)} />
        {!isDone(failure.state) && (
          <p class="lane-why" lang="en">
            <span class="cause-name">{shortName(failure.errorCode) || failure.reason}</span> {failure.message}
          </p>
        )}
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

/** The sequence of one lane: what was made good lately, what holds it, and what waits behind that. */
export function LanePage({ processor, laneKey }: { processor: string; laneKey: string }): JSX.Element {
  const { lanes } = t();
  const list = useResource<FailurePage>('failures', { state: 'all', processor, key: laneKey, limit: 50 }, POLL);
  const ordered = [...(list.data?.items ?? [])].filter((one) => one.lane === laneKey).sort((a, b) => a.position - b.position);
  const open = ordered.filter((one) => !isDone(one.state));
  const done = ordered.filter((one) => isDone(one.state)).slice(-5);
  const head = open[0];
  const detail = useResource<FailureDetail>(head ? `failures/${segment(head.id)}` : null, {}, POLL);
  useKey('Escape', () => go('lanes'));
  const crumb = (
    <a class="crumb" href="lanes">
      <Icon name="left" size={14} />
      {lanes.title}
    </a>
  );
  if (!list.data || (list.problem && !list.problem.isAway)) {
    return (
      <>
        <Heading title={laneKey} lead={crumb} />
        {list.problem ? <ProblemPanel problem={list.problem} onAgain={() => void list.reload()} /> : <Skeleton />}
      </>
    );
  }
  lastList.ids = ordered.map((one) => one.id);
  lastList.address = laneAddress(processor, laneKey);
  const followers = detail.data?.followers;
  return (
    <article class="lane">
      <Heading title={laneKey} lead={crumb}>
        <span class="quiet">{processor}</span>
        <CopyButton text={laneKey} />
      </Heading>
      <p class="state-sentence">
        {head ? lanes.held(head.eventType, fromNow(head.firstFailedAt, now.value)) : lanes.free}{' '}
        {head && followers !== undefined && lanes.waiting(followers)}
      </p>
      {head && detail.data && <FailureActions key={head.id} failure={detail.data} />}
      <ol class="rail lane-rail">
        {done
          .filter((one) => !head || one.position < head.position)
          .map((one) => (
            <Step key={one.id} failure={one} place="done" />
          ))}
        {head && <Step failure={head} place="head" />}
        {open.slice(1).map((one) => (
          <Step key={one.id} failure={one} place="open" />
        ))}
        {followers !== undefined && followers > 0 && (
          <li class="rail-item waiting">
            <span class="rail-dot" aria-hidden="true" />
            <div class="rail-body">
              <span class="attempt-name">{lanes.behind(followers)}</span>
              <p class="quiet small">{lanes.behindText}</p>
            </div>
          </li>
        )}
      </ol>
      {ordered.length === 0 && <p class="quiet">{lanes.noRecords}</p>}
      <p class="lane-links">
        <a href={to('failures', { processor, key: laneKey, state: 'all' })}>{lanes.all}</a>
      </p>
    </article>
  );
}
