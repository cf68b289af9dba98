import type { JSX } from 'preact';
import { get, segment } from '../api/http';
import { laneAddress } from '../api/lane';
import type { Wait, WaitPage } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { place } from '../app/router';
import { POLL } from '../app/shell';
import { capped, fromNow, length, moment, number, t } from '../i18n';
import { Chips, Empty, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { useMore } from '../ui/more';
import { LaneTabs } from './lanes';
import { WaitActions } from './wait-actions';
import { WaitsFor } from './waits-for';

function Row({ wait }: { wait: Wait }): JSX.Element {
  const { waits, lanes } = t();
  const at = now.value;
  const key = wait.lane ?? wait.key;
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="c-lane">
        {wait.lane !== null ? (
          <a href={laneAddress(wait.processor, wait.lane)} data-row-link class="row-link">
            <span class="cause-name mono">{wait.lane}</span>
            <span class="cause-text">{wait.processor}</span>
          </a>
        ) : wait.failure !== null ? (
          <a href={`failures/${segment(wait.failure)}`} data-row-link class="row-link">
            <span class="cause-name mono">{key ?? wait.eventId}</span>
            <span class="cause-text">{wait.processor}</span>
          </a>
        ) : (
          <>
            <span class="cause-name mono">{key ?? wait.eventId}</span>
            <span class="cause-text">{wait.processor}</span>
          </>
        )}
      </th>
      <td role="cell" class="c-cause">
        <span class="cause-name">{wait.eventType}</span>
        <span class="cause-text">
          <WaitsFor wait={wait} />
        </span>
      </td>
      <td role="cell" class="c-since num" title={moment(wait.since)}>
        <span class="cell-label">{waits.since} </span>
        {length(Math.max(0, at - Date.parse(wait.since)))}
      </td>
      <td role="cell" class="c-until num" title={wait.until === null ? undefined : moment(wait.until)}>
        <span class="cell-label">{waits.until} </span>
        {wait.until === null ? <span class="quiet">{waits.noLimit}</span> : fromNow(wait.until, at)}
      </td>
      <td role="cell" class="c-behind num">
        <span class="cell-label">{lanes.waitingBehind} </span>
        {wait.followers === 0 ? <span class="quiet">0</span> : capped(wait.followers)}
      </td>
      <td role="cell" class="c-actions">
        {wait.failure === null ? (
          <WaitActions wait={wait} inRow />
        ) : (
          <a href={`failures/${segment(wait.failure)}`} class="aside-link">
            {waits.failed}
          </a>
        )}
      </td>
    </tr>
  );
}

const PAGE = 50;
const FIELDS = ['processor'] as const;

/** Events that are too early: no failures, and nothing that a person must do; each with what it waits for. */
export function WaitsPage(): JSX.Element {
  const { waits, failures, lanes } = t();
  const processor = place.value.query.get('processor');
  const asked = { processor, limit: PAGE };
  const head = useResource<WaitPage>('waits', asked, POLL);
  const { items: loaded, more } = useMore(`${processor}`, head.data, (after: number) => get<WaitPage>('waits', { ...asked, after }).then((answer) => answer.data));
  const seen = new Set<string>();
  const items = loaded.filter((one) => {
    const name = `${one.position} ${one.processor}`;
    return !seen.has(name) && seen.add(name);
  });
  const given = [...place.value.query];
  return (
    <>
      <Heading title={waits.title}>
        <LaneTabs at="waits" />
      </Heading>
      <p class="page-lead">{waits.lead}</p>
      {given.length > 0 && (
        <div class="toolbar">
          <Chips given={given} known={FIELDS} names={failures.field} />
        </div>
      )}
      {!head.data || (head.problem && !head.problem.passes) ? (
        head.problem ? (
          <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} />
        ) : (
          <Skeleton />
        )
      ) : items.length === 0 && more === null ? (
        <Empty title={waits.empty}>
          <p>{waits.emptyText}</p>
        </Empty>
      ) : (
        <>
          <table role="table" class="list lanes-list waits-list" aria-label={waits.title}>
            <thead role="rowgroup">
              <tr role="row">
                <th role="columnheader" scope="col" class="c-lane">
                  {lanes.lane}
                </th>
                <th role="columnheader" scope="col" class="c-cause">
                  {waits.event}
                </th>
                <th role="columnheader" scope="col" class="c-since num">
                  {waits.since}
                </th>
                <th role="columnheader" scope="col" class="c-until num">
                  {waits.until}
                </th>
                <th role="columnheader" scope="col" class="c-behind num">
                  {lanes.waitingBehind}
                </th>
                <th role="columnheader" scope="col" class="c-actions">
                  <span class="visually-hidden">{t().common.menu}</span>
                </th>
              </tr>
            </thead>
            <tbody role="rowgroup">
              {items.map((one) => (
                <Row key={`${one.position} ${one.processor}`} wait={one} />
              ))}
            </tbody>
          </table>
          <p class="list-foot">
            <span class="quiet">{more === null ? waits.count(items.length) : waits.first(number(items.length))}</span>
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
