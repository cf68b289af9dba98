import type { JSX } from 'preact';
import { get, segment } from '../api/http';
import type { AuditLine, AuditPage } from '../api/model';
import { useResource } from '../api/query';
import { place, setQuery } from '../app/router';
import { POLL } from '../app/shell';
import { moment, t } from '../i18n';
import { parseFilter } from '../ui/filter';
import { Icon } from '../ui/icons';
import { useMore } from '../ui/more';
import { Chips, Empty, Heading, ProblemPanel, Skeleton } from '../ui/parts';

const FIELDS = ['actor', 'action', 'processor', 'failure', 'target', 'from', 'to'] as const;
const PAGE = 50;

/** What a command changed, each value as before → after. */
function changes(line: AuditLine): readonly string[] {
  const changed = Object.keys(line.after)
    .filter((name) => line.before[name] !== line.after[name])
    .map((name) => (line.before[name] === undefined ? `${name}: ${line.after[name]}` : `${name}: ${line.before[name]} → ${line.after[name]}`));
  return changed.length > 0 ? changed : Object.entries(line.parameters).map(([name, value]) => `${name}: ${value}`);
}

function Row({ line }: { line: AuditLine }): JSX.Element {
  const { audit } = t();
  const names: Readonly<Record<string, string>> = audit.actions;
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
        {line.failure ? (
          <a href={`failures/${segment(line.failure)}`} class="mono">
            {line.failure}
          </a>
        ) : (
          <span class="mono">{line.target ?? line.processor}</span>
        )}
        {line.failure && <span class="quiet">{line.processor}</span>}
      </td>
      <td role="cell" class="a-why">
        {line.reason && <span>“{line.reason}”</span>}
        {changes(line).map((one) => (
          <span key={one} class="quiet mono small">
            {one}
          </span>
        ))}
      </td>
      <td role="cell" class="a-result">
        <span class={`state ${kind}`} title={line.code ?? undefined}>
          <Icon name={line.result === 'done' ? 'check' : 'warn'} size={14} />
          {audit.results[line.result]}
        </span>
        {line.code && <span class="quiet mono small">{line.code}</span>}
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
