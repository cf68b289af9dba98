import type { JSX } from 'preact';
import { segment } from '../api/http';
import { to } from '../app/router';
import { moment, number, t } from '../i18n';
import type { Cause } from '../ui/causes';
import { Icon } from '../ui/icons';
import { Ago, QUEUE_ICON, queueName } from '../ui/parts';
import { shortName } from '../ui/stack';
import type { Queue } from '../ui/state';

const QUEUES: readonly Queue[] = ['needs-operator', 'due', 'running', 'scheduled'];

/** How many are in which queue: number, drawing and colour; the word on hover and for screen readers. */
export function QueueCounts({ queues }: { queues: Readonly<Record<Queue, number>> }): JSX.Element {
  return (
    <span class="queue-counts">
      {QUEUES.filter((queue) => queues[queue] > 0).map((queue) => (
        <span key={queue} class={`state ${queue}`} title={queueName(queue)}>
          <Icon name={QUEUE_ICON[queue]} size={14} />
          <span class="num">{number(queues[queue])}</span>
          <span class="visually-hidden">{queueName(queue)}</span>
        </span>
      ))}
    </span>
  );
}

function Row({ cause }: { cause: Cause }): JSX.Element {
  const { causes } = t();
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="c-cause">
        <a href={`groups/${segment(cause.fingerprint)}`} data-row-link class="row-link">
          <span class="cause-name" title={cause.errorCode}>
            {shortName(cause.errorCode) || cause.reason}
          </span>
          <span class="cause-text" lang="en">
            {cause.message}
          </span>
        </a>
      </th>
      <td role="cell" class="c-where">
        <span>{cause.processor}</span>
        <span class="quiet mono">{cause.types.length === 1 ? cause.types[0] : causes.types(cause.types.length)}</span>
      </td>
      <td role="cell" class="c-count">
        <span class="cell-label">{causes.failures} </span>
        <a href={to('failures', { fingerprint: cause.fingerprint })} class="num">
          {number(cause.count)}
        </a>
        <QueueCounts queues={cause.queues} />
      </td>
      <td role="cell" class="c-lanes num">
        <span class="cell-label">{causes.lanes} </span>
        {cause.lanes === 0 ? <span class="quiet">0</span> : number(cause.lanes)}
      </td>
      <td role="cell" class="c-first num" title={moment(cause.firstFailedAt)}>
        <span class="cell-label">{causes.first} </span>
        <Ago at={cause.firstFailedAt} />
      </td>
      <td role="cell" class="c-last num" title={moment(cause.lastFailedAt)}>
        <span class="cell-label">{causes.last} </span>
        <Ago at={cause.lastFailedAt} />
      </td>
    </tr>
  );
}

export function CauseTable({ items }: { items: readonly Cause[] }): JSX.Element {
  const { causes, failures } = t();
  return (
    <table role="table" class="list causes-list" aria-label={causes.label}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col" class="c-cause">
            {failures.cause}
          </th>
          <th role="columnheader" scope="col" class="c-where">
            {failures.where}
          </th>
          <th role="columnheader" scope="col" class="c-count">
            {causes.failures}
          </th>
          <th role="columnheader" scope="col" class="c-lanes num">
            {causes.lanes}
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
          <Row key={one.fingerprint} cause={one} />
        ))}
      </tbody>
    </table>
  );
}
