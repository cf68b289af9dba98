import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { segment } from '../api/http';
import { refusal } from '../api/me';
import type { Group } from '../api/model';
import { useKey } from '../app/keys';
import { to } from '../app/router';
import { moment, number, t } from '../i18n';
import { Icon } from '../ui/icons';
import { LaterDialog } from '../ui/later';
import { Ago, QUEUE_ICON, queueName } from '../ui/parts';
import { Spark } from '../ui/spark';
import { causeName } from '../ui/cause';
import { type Queue, isWait } from '../ui/state';
import { RETRY } from './target';

/** How many are in which queue: number, drawing and colour; the word on hover and for screen readers. */
export function QueueCounts({ group }: { group: Group }): JSX.Element {
  const queues: readonly (readonly [Queue, number])[] = [
    ['needs-operator', group.needsOperator],
    ['running', group.running],
    ['scheduled', group.scheduled],
  ];
  return (
    <span class="queue-counts">
      {queues
        .filter(([, count]) => count > 0)
        .map(([queue, count]) => (
          <span key={queue} class={`state ${queue}`} title={queueName(queue)}>
            <Icon name={QUEUE_ICON[queue]} size={14} />
            <span class="num">{number(count)}</span>
            <span class="visually-hidden">{queueName(queue)}</span>
          </span>
        ))}
    </span>
  );
}

export function GroupSpark({ group }: { group: Group }): JSX.Element {
  return <Spark values={group.hours} label={t().causes.trend(number(group.hours.reduce((sum, one) => sum + one, 0)))} />;
}

const addressOf = (group: Group): string => `groups/${segment(group.fingerprint)}`;

function Row({ group }: { group: Group }): JSX.Element {
  const { causes } = t();
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="c-cause">
        <a href={addressOf(group)} data-row-link class="row-link">
          <span class="cause-name" title={group.errorCode}>
            {causeName(group)}
          </span>
          <span class="cause-text" lang="en">
            {group.message}
          </span>
        </a>
        {(group.acknowledged || group.note) && (
          <span class="cause-remark">
            <Icon name={group.acknowledged ? 'person' : 'audit'} size={12} />{' '}
            {group.acknowledged ? causes.takenCare(group.acknowledged.by) : <span lang="">{group.note}</span>}
          </span>
        )}
      </th>
      <td role="cell" class="c-where">
        <span>{group.processor}</span>
      </td>
      <td role="cell" class="c-count">
        <a href={to('failures', { fingerprint: group.fingerprint })} class="num">
          {number(group.active)}
        </a>
        <QueueCounts group={group} />
      </td>
      <td role="cell" class="c-trend">
        <GroupSpark group={group} />
      </td>
      <td role="cell" class="c-first num" title={moment(group.firstSeen)}>
        <Ago at={group.firstSeen} />
      </td>
      <td role="cell" class="c-last num" title={moment(group.lastSeen)}>
        <Ago at={group.lastSeen} />
      </td>
    </tr>
  );
}


export const mayRetry = (group: Group): boolean => group.active > 0 && refusal('planBatch', group.processor) === null;

/** The plan of a retry of all that is open of a cause. */
export function RetryOfCause({ group, onClose }: { group: Group; onClose: () => void }): JSX.Element {
  const { fingerprint, processor, active } = group;
  // what is retried by itself, or waits, is not forced unless the person says so
  const forced = group.needsOperator > 0 && group.scheduled === 0 && !isWait(group);
  return <LaterDialog load={RETRY} told={{ target: { filter: { state: 'active', processor, fingerprint }, number: active, cause: causeName(group) }, forced, onClose }} />;
}

export function CauseTable({ items }: { items: readonly Group[] }): JSX.Element {
  const { causes, failures } = t();
  const [retried, setRetried] = useState<Group | null>(null);
  useKey('r', () => {
    const at = document.activeElement?.closest('tr')?.querySelector('[data-row-link]')?.getAttribute('href');
    const group = items.find((one) => addressOf(one) === at);
    if (group && mayRetry(group)) setRetried(group);
  });
  return (
    <>
      {retried && <RetryOfCause group={retried} onClose={() => setRetried(null)} />}
      <table role="table" class="list causes-list" aria-label={causes.label}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" class="c-cause">
              {failures.cause}
            </th>
            <th role="columnheader" scope="col" class="c-where">
              {t().processors.name}
            </th>
            <th role="columnheader" scope="col" class="c-count">
              {causes.open}
            </th>
            <th role="columnheader" scope="col" class="c-trend">
              {causes.hours}
            </th>
            <th role="columnheader" scope="col" class="c-first num">
              {causes.first}
            </th>
            <th role="columnheader" scope="col" class="c-last num">
              {causes.last}
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {items.map((one) => (
            <Row key={one.fingerprint} group={one} />
          ))}
        </tbody>
      </table>
    </>
  );
}
