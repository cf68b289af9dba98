import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { command, segment } from '../api/http';
import { refusal } from '../api/me';
import type { FailureDetail, FailurePage, GroupDetail } from '../api/model';
import { refresh, useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, place, to } from '../app/router';
import { POLL } from '../app/shell';
import { fromNow, moment, number, t } from '../i18n';
import { Icon } from '../ui/icons';
import { tell } from '../ui/intent';
import { LaterDialog, type LoadDialog } from '../ui/later';
import { Ago, Button, CopyButton, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { causeName } from '../ui/cause';
import { BuildHint } from './build-hint';
import { GroupSpark, QueueCounts, RetryOfCause, mayRetry } from './causes';
import { ErrorSection } from './failure';
import { List } from './failures';
import { Why } from './why';

const SAMPLES = 20;
const LISTS = ['active', 'all'] as const;

const address = (group: GroupDetail): string => `groups/${segment(group.fingerprint)}`;
interface Told {
  readonly group: GroupDetail;
  readonly onClose: () => void;
}
const REMARKS: Readonly<Record<'note' | 'acknowledge', LoadDialog<Told>>> = {
  note: { of: () => import('./remarks').then((all) => all.NoteDialog) },
  acknowledge: { of: () => import('./remarks').then((all) => all.AcknowledgeDialog) },
};

/** One cause: what it is, how much of it is open, a sample of its error, and everything that failed by it. */
export function GroupPage({ fingerprint }: { fingerprint: string }): JSX.Element {
  const { causes, failures } = t();
  const resource = useResource<GroupDetail>(`groups/${segment(fingerprint)}`, {}, POLL);
  const samples = useResource<FailurePage>('failures', { fingerprint, state: 'active', limit: SAMPLES }, POLL);
  const [sample, setSample] = useState(0);
  const first = useRef<(typeof LISTS)[number] | null>(null);
  const [dialog, setDialog] = useState<'retry' | 'note' | 'acknowledge' | null>(null);
  const ids = samples.data?.items.map((one) => one.id) ?? [];
  const at = Math.min(sample, Math.max(0, ids.length - 1));
  const id = ids[at];
  // the sample comes after what all of the cause have in common
  const detail = useResource<FailureDetail>(id === undefined || !resource.data ? null : `failures/${segment(id)}`);
  useKey('Escape', () => go('failures'));
  useKey('r', resource.data && mayRetry(resource.data) ? () => setDialog('retry') : null);
  useKey('[', at > 0 ? () => setSample(at - 1) : null);
  useKey(']', at < ids.length - 1 ? () => setSample(at + 1) : null);
  const crumb = (
    <a class="crumb" href="failures">
      <Icon name="left" size={14} />
      {t().failure.crumb}
    </a>
  );
  const group = resource.data;
  if (!group || (resource.problem && !resource.problem.passes)) {
    return (
      <>
        <Heading title={causes.one} lead={crumb} />
        {resource.problem ? <ProblemPanel problem={resource.problem} onAgain={() => void resource.reload()} /> : <Skeleton />}
      </>
    );
  }
  // what is open first; that does not change under the eyes of who sees the last one end
  first.current ??= group.active > 0 ? 'active' : 'all';
  const asked = place.value.query.get('state');
  const list = LISTS.find((one) => one === asked) ?? first.current;
  const mayMark = refusal('noteGroup', group.processor);
  const whyNot = mayMark ? 'why-not-mark' : null;
  const release = () => {
    void command<unknown>(`${address(group)}/unacknowledge`).then(() => refresh('groups'), tell);
  };
  return (
    <article class="failure">
      <Heading title={causeName(group)} lead={crumb}>
        <QueueCounts group={group} />
      </Heading>
      <p class="lead" lang="en">
        {group.message}
      </p>
      <p class="state-sentence">
        {group.active === 0
          ? causes.noneOpen(fromNow(group.lastSeen, now.value))
          : causes.sentence(number(group.active), group.processor, fromNow(group.firstSeen, now.value), fromNow(group.lastSeen, now.value))}
      </p>
      {group.acknowledged && (
        <p class="remark">
          <Icon name="person" />
          <span>
            {causes.takenCare(group.acknowledged.by)}{' '}
            <span class="quiet">
              {group.acknowledged.until ? causes.until(moment(group.acknowledged.until)) : <Ago at={group.acknowledged.at} />}
            </span>
          </span>
        </p>
      )}
      {group.note && (
        <p class="remark">
          <Icon name="audit" />
          <span>
            <span lang="">{group.note}</span>{' '}
            {group.notedBy && group.notedAt && (
              <span class="quiet">
                – {group.notedBy}, <Ago at={group.notedAt} />
              </span>
            )}
          </span>
        </p>
      )}
      <div class="action-bar">
        {group.active > 0 && (
          <Button kind="primary" icon="retry" keys="r" onPress={() => setDialog('retry')} off={refusal('planBatch', group.processor)}>
            {t().batch.retryMany}
          </Button>
        )}
        {group.acknowledged ? (
          <Button icon="person" onPress={release} offBy={whyNot}>
            {causes.release}
          </Button>
        ) : (
          <Button icon="person" onPress={() => setDialog('acknowledge')} offBy={whyNot}>
            {causes.acknowledge}
          </Button>
        )}
        <Button icon="audit" onPress={() => setDialog('note')} offBy={whyNot}>
          {group.note ? causes.changeNote : causes.addNote}
        </Button>
        {whyNot && (
          <p class="reason" id={whyNot}>
            {mayMark}
          </p>
        )}
      </div>
      <div class="columns">
        <div class="column-main">
          {detail.data ? (
            <div>
              <div class="crumbs">
                <p class="quiet small">
                  {causes.sample(number(at + 1), number(ids.length))}{' '}
                  <a href={`failures/${segment(detail.data.id)}`} class="mono">
                    {detail.data.lane ?? detail.data.key ?? detail.data.eventId}
                  </a>
                </p>
                {ids.length > 1 && (
                  <span class="neighbours">
                    <button type="button" class="copy" aria-label={t().failure.previous} aria-disabled={at === 0 ? 'true' : undefined} onClick={() => setSample(Math.max(0, at - 1))}>
                      <Icon name="left" size={14} />
                    </button>
                    <button
                      type="button"
                      class="copy"
                      aria-label={t().failure.following}
                      aria-disabled={at === ids.length - 1 ? 'true' : undefined}
                      onClick={() => setSample(Math.min(ids.length - 1, at + 1))}
                    >
                      <Icon name="right" size={14} />
                    </button>
                  </span>
                )}
              </div>
              <ErrorSection failure={detail.data} />
            </div>
          ) : (
            <p class="quiet">{causes.noSample}</p>
          )}
        </div>
        <div class="column-side">
          <section aria-labelledby="numbers">
            <h2 id="numbers">{causes.numbers}</h2>
            <GroupSpark group={group} />
            <p class="quiet small">{causes.trend(number(group.hours.reduce((sum, one) => sum + one, 0)))}</p>
            <dl class="facts">
              {(
                [
                  [causes.attempts, number(group.failures)],
                  [t().state.SUCCEEDED, number(group.handled)],
                  [t().state.SKIPPED, number(group.skipped)],
                  [causes.first, moment(group.firstSeen)],
                  [causes.last, moment(group.lastSeen)],
                ] as const
              ).map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd class="num">{value}</dd>
                </div>
              ))}
              <div>
                <dt>{t().failure.facts.cause}</dt>
                <dd class="mono">
                  {fingerprint}
                  <CopyButton text={fingerprint} />
                </dd>
              </div>
            </dl>
          </section>
          <section aria-labelledby="why">
            <h2 id="why">{causes.why.title}</h2>
            <Why lines={group.why} fingerprint={fingerprint} />
          </section>
          <section aria-labelledby="builds">
            <h2 id="builds">{causes.builds}</h2>
            {group.active > 0 && <BuildHint failedIn={group.builds.map((one) => one.build)} />}
            <dl class="facts">
              {group.builds.map((one) => (
                <div key={one.build}>
                  <dt class="mono">{one.build}</dt>
                  <dd>
                    {causes.ofBuild(one.failures, number(one.failures))} <span class="quiet">{fromNow(one.lastSeen, now.value)}</span>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
      </div>
      <section class="block" aria-labelledby="of-cause">
        <div class="block-head">
          <h2 id="of-cause">{failures.title}</h2>
          <nav class="tabs" aria-label={failures.view}>
            {LISTS.map((one) => (
              <a key={one} href={to(place.value.path, { state: one })} aria-current={one === list ? 'page' : undefined}>
                {failures[one]}
              </a>
            ))}
          </nav>
        </div>
        <List query={{ state: list, fingerprint }} lead="key" />
      </section>
      {dialog === 'retry' && <RetryOfCause group={group} onClose={() => setDialog(null)} />}
      {(dialog === 'note' || dialog === 'acknowledge') && <LaterDialog key={dialog} load={REMARKS[dialog]} told={{ group, onClose: () => setDialog(null) }} />}
    </article>
  );
}
