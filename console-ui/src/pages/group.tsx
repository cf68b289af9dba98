import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { segment } from '../api/http';
import type { FailureDetail } from '../api/model';
import { useActive } from '../api/active';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, to } from '../app/router';
import { fromNow, moment, number, t } from '../i18n';
import { causesOf } from '../ui/causes';
import { Icon } from '../ui/icons';
import { CopyButton, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { shortName } from '../ui/stack';
import { QueueCounts } from './causes';
import { ErrorSection } from './failure';
import { List } from './failures';

/** One cause: what it is, how much it holds, a sample of its error, and everything that failed by it. */
export function GroupPage({ fingerprint }: { fingerprint: string }): JSX.Element {
  const { causes, failures } = t();
  const active = useActive({ fingerprint });
  const [sample, setSample] = useState(0);
  const cause = active.data ? causesOf(active.data.items, now.value)[0] : undefined;
  const at = cause ? Math.min(sample, cause.ids.length - 1) : 0;
  const id = cause?.ids[at];
  const detail = useResource<FailureDetail>(id === undefined ? null : `failures/${segment(id)}`);
  useKey('Escape', () => go('failures'));
  useKey('[', cause && at > 0 ? () => setSample(at - 1) : null);
  useKey(']', cause && at < cause.ids.length - 1 ? () => setSample(at + 1) : null);
  const crumb = (
    <a class="crumb" href="failures">
      <Icon name="left" size={14} />
      {t().failure.crumb}
    </a>
  );
  if (!active.data || (active.problem && !active.problem.isAway)) {
    return (
      <>
        <Heading title={causes.one} lead={crumb} />
        {active.problem ? <ProblemPanel problem={active.problem} onAgain={() => void active.reload()} /> : <Skeleton />}
      </>
    );
  }
  return (
    <article class="failure">
      <Heading title={cause ? shortName(cause.errorCode) || cause.reason : causes.one} lead={crumb}>
        {cause && <QueueCounts queues={cause.queues} />}
      </Heading>
      {cause ? (
        <>
          <p class="lead" lang="en">
            {cause.message}
          </p>
          <p class="state-sentence">
            {causes.sentence(
              `${number(cause.count)}${active.data.complete ? '' : '+'}`,
              cause.processor,
              fromNow(cause.firstFailedAt, now.value),
              fromNow(cause.lastFailedAt, now.value),
            )}{' '}
            {cause.lanes > 0 && causes.holds(cause.lanes)}
          </p>
        </>
      ) : (
        <p class="state-sentence">{causes.noneOpen}</p>
      )}
      <p class="quiet small fingerprint">
        <span class="mono">{fingerprint}</span>
        <CopyButton text={fingerprint} />
        {cause && <span title={moment(cause.firstFailedAt)}>{cause.types.join(', ')}</span>}
      </p>
      <section class="block" aria-labelledby="of-cause">
        <h2 id="of-cause">{failures.title}</h2>
        <List query={{ state: 'all', fingerprint }} lead="key" />
      </section>
      {detail.data && cause && (
        <div class="block">
          <div class="crumbs">
            <p class="quiet small">
              {causes.sample(number(at + 1), number(cause.ids.length))}{' '}
              <a href={to(`failures/${segment(detail.data.id)}`)} class="mono">
                {detail.data.lane ?? detail.data.key ?? detail.data.eventId}
              </a>
            </p>
            <span class="neighbours">
              <button type="button" class="copy" aria-label={t().failure.previous} disabled={at === 0} onClick={() => setSample(at - 1)}>
                <Icon name="left" size={14} />
              </button>
              <button
                type="button"
                class="copy"
                aria-label={t().failure.following}
                disabled={at === cause.ids.length - 1}
                onClick={() => setSample(at + 1)}
              >
                <Icon name="right" size={14} />
              </button>
            </span>
          </div>
          <ErrorSection failure={detail.data} />
        </div>
      )}
    </article>
  );
}
