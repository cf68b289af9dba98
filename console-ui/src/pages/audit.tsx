import type { JSX } from 'preact';
import { get, segment } from '../api/http';
import { laneAddress } from '../api/lane';
import type { AuditLine, AuditPage } from '../api/model';
import { useResource } from '../api/query';
import { place, setQuery } from '../app/router';
import { POLL } from '../app/shell';
import { durationMillis, length, moment, number, t } from '../i18n';
import { parseFilter } from '../ui/filter';
import { Icon } from '../ui/icons';
import { useMore } from '../ui/more';
import { Chips, Empty, Heading, ProblemPanel, Skeleton } from '../ui/parts';

const FIELDS = ['actor', 'action', 'processor', 'failure', 'target', 'from', 'to'] as const;
const PAGE = 50;

type Values = Readonly<Record<string, string>>;

/** What is in every line, and says nothing to a person: how many items there are by state. */
const COUNTERS: ReadonlySet<string> = new Set(['total', 'waiting', 'running', 'handled', 'failedAgain', 'skipped']);

function nameOf(name: string): string {
  const { audit, causes, failures, failure, batch, dialog, processors, payload } = t();
  const names: Values = {
    ...failures.field,
    ...batch.fields,
    ...audit.members,
    state: failures.state,
    attempt: failure.attempts,
    dueAt: failures.next,
    recoverability: failure.facts.recoverability,
    action: batch.what,
    paused: processors.paused,
    note: causes.note,
    reveal: payload.reveal,
    enabled: dialog.policyEnabled,
    maxRetries: dialog.policyMax,
    minBackoff: dialog.policyFirst,
    maxBackoff: dialog.policyCap,
    jitter: dialog.policyJitter,
    executionTimeout: dialog.policyTimeout,
  };
  return names[name] ?? name;
}

function valueOf(name: string, value: string): string {
  const { batch, failure, failures, policies, state, common } = t();
  const { active, all, handled, skipped } = failures;
  const queues: Values = { active, all, handled, skipped, due: state.due, running: state.PREPARED, scheduled: state.scheduled, waiting: state.waiting, 'needs-operator': state.needsOperator };
  if (name === 'state' && queues[value] !== undefined) return queues[value];
  if (name === 'note' && value !== 'null' && value !== '–') return `“${value}”`;
  if (name === 'override') return value === 'none' ? common.none : value.split(', ').map(nameOf).join(', ');
  const words: Values = { ...failure.recoverability, ...state, ...batch.states, ...batch.actions, true: policies.yes, false: policies.no, null: common.none };
  if (words[value] !== undefined) return words[value];
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return moment(value);
  if (/^PT\S/.test(value) && !Number.isNaN(durationMillis(value))) return length(durationMillis(value));
  return name === 'jitter' && Number(value) <= 1 ? `${number(Math.round(Number(value) * 100))} %` : value;
}

/** What a command changed, each value as before → after; where it changed none, what it was told. */
export function changes(line: AuditLine): readonly string[] {
  const { before, after } = line;
  const changed = Object.keys(after)
    .filter((name) => !COUNTERS.has(name) && before[name] !== after[name])
    .map((name) => `${nameOf(name)}: ${before[name] === undefined ? '' : `${valueOf(name, before[name])} → `}${valueOf(name, after[name] ?? '')}`);
  if (changed.length > 0) return changed;
  // what was not asked for is not said
  return Object.entries(line.parameters)
    .filter(([, value]) => value !== 'false' && value !== 'null' && value !== '')
    .map(([name, value]) => `${nameOf(name)}: ${valueOf(name, value)}`);
}

/** An id is as long as a line; its end tells one from the next. */
const short = (id: string): string => id.slice(-8);

/** What a command was about: where that is shown, and what it is called. */
function targetOf({ action, failure, target, processor }: AuditLine): { readonly href: string | null; readonly name: string; readonly title: string } {
  const { batch, causes, failure: words } = t();
  if (failure) return { href: `failures/${segment(failure)}`, name: `${words.title} ${short(failure)}`, title: failure };
  if (target && action.startsWith('batch.')) return { href: `batches/${segment(target)}`, name: `${batch.one} ${short(target)}`, title: target };
  if (target && action.startsWith('group.')) return { href: `groups/${segment(target)}`, name: `${causes.one} ${target}`, title: target };
  if (target && processor && /\blane\b/.test(action)) return { href: laneAddress(processor, target), name: target, title: target };
  if (processor) return { href: `processors/${segment(processor)}`, name: target ?? processor, title: target ?? processor };
  return { href: null, name: target ?? '', title: target ?? '' };
}

function Row({ line }: { line: AuditLine }): JSX.Element {
  const { audit } = t();
  const names: Readonly<Record<string, string>> = audit.actions;
  const on = targetOf(line);
  const refusals: Values = t().batch.refusals;
  const kind = { done: 'handled', refused: 'needs-operator', unknown: 'due' }[line.result];
  return (
    <tr role="row" class="row">
      <td role="cell" class="a-time num quiet">
        <time dateTime={line.at}>{moment(line.at)}</time>
      </td>
      <th role="rowheader" scope="row" class="a-action">
        <span title={line.action}>{names[line.action] ?? line.action}</span>
        <a href={`audit?actor=${segment(line.actor)}`} class="a-actor" title={line.address ?? undefined}>
          {line.actor}
        </a>
      </th>
      <td role="cell" class="a-target">
        {on.href === null ? (
          <span title={on.title}>{on.name}</span>
        ) : (
          <a href={on.href} title={on.title}>
            {on.name}
          </a>
        )}
        {line.processor !== null && on.name !== line.processor && <span class="quiet">{line.processor}</span>}
      </td>
      <td role="cell" class="a-why">
        {line.reason && <span lang="">“{line.reason}”</span>}
        {changes(line).map((one) => (
          <span key={one} class="quiet small">
            {one}
          </span>
        ))}
      </td>
      <td role="cell" class="a-result">
        <span class={`state ${kind}`} title={line.code ?? undefined}>
          <Icon name={line.result === 'done' ? 'check' : 'warn'} size={14} />
          {audit.results[line.result]}
        </span>
        {line.code && <span class="quiet small">{refusals[line.code] ?? line.code}</span>}
      </td>
    </tr>
  );
}

export function AuditLogPage(): JSX.Element {
  const { audit, failures } = t();
  const { query } = place.value;
  const asked: Record<string, string> = {};
  for (const field of FIELDS) {
    const value = query.get(field);
    if (value) asked[field] = value;
  }
  const key = JSON.stringify(asked);
  const head = useResource<AuditPage>('audit', { ...asked, limit: PAGE }, POLL);
  const given = [...query];
  const { items: lines, more } = useMore(key, head.data, (after: number) => get<AuditPage>('audit', { ...asked, limit: PAGE, after }).then((answer) => answer.data));
  // what came meanwhile pushed some lines of the first page into the older ones
  const unique = lines.filter((line, i) => lines.findIndex((one) => one.n === line.n) === i);
  return (
    <>
      <Heading title={audit.title} />
      <p class="page-lead">{audit.lead}</p>
      <div class="toolbar">
        <div class="filters">
          <form
            role="search"
            onSubmit={(event) => {
              event.preventDefault();
              const input = (event.currentTarget as HTMLFormElement).elements.namedItem('filter') as HTMLInputElement;
              const { fields, words } = parseFilter(input.value.trim());
              setQuery({ ...Object.fromEntries(fields), ...(words ? { actor: words } : {}) });
              input.value = '';
            }}
          >
            <Icon name="search" />
            <input type="search" name="filter" aria-label={failures.filter} placeholder={audit.find} autocomplete="off" spellcheck={false} />
            <kbd class="key" aria-hidden="true">
              /
            </kbd>
          </form>
          <Chips given={given} known={FIELDS} names={audit.fields} />
        </div>
      </div>
      {!head.data || (head.problem && !head.problem.passes) ? (
        head.problem ? (
          <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} />
        ) : (
          <Skeleton />
        )
      ) : unique.length === 0 && more === null ? (
        <Empty title={given.length > 0 ? audit.emptyFilter : audit.empty} icon="audit">
          {given.length > 0 && (
            <p class="actions">
              <a class="button" href="audit">
                {failures.clear}
              </a>
            </p>
          )}
        </Empty>
      ) : (
        <>
          <table role="table" class="list audit-list" aria-label={audit.title}>
            <thead role="rowgroup">
              <tr role="row">
                {[audit.time, audit.action, audit.target, audit.reason, audit.result].map((name) => (
                  <th key={name} role="columnheader" scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {unique.map((line) => (
                <Row key={line.n} line={line} />
              ))}
            </tbody>
          </table>
          {more !== null && (
            <p class="list-foot">
              <span />
              <button type="button" class="button" onClick={more}>
                {failures.more}
              </button>
            </p>
          )}
        </>
      )}
    </>
  );
}
