import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useCounts } from '../api/counts';
import { Problem, type Query, get, segment } from '../api/http';
import { type FailurePage, type FailureSummary, type GroupList, isDone } from '../api/model';
import { useResource } from '../api/query';
import { now } from '../app/clock';
import { useKey } from '../app/keys';
import { go, isPlain, place, setQuery, to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, moment, number, t } from '../i18n';
import { tellUnread } from '../ui/intent';
import { LaterDialog, type LoadDialog } from '../ui/later';
import { Ago, Chips, Empty, Heading, ProblemPanel, Skeleton, StateChip, queueName } from '../ui/parts';
import { causeName } from '../ui/cause';
import { isTriedWhenDone, isWait, queueOf } from '../ui/state';
import { Split, wide } from '../ui/split';
import { WindowedRows } from '../ui/window';
import { CauseTable } from './causes';
import { FailureBeside, look } from './failure';
import type { Target } from './target';
import { SearchForm } from './search';
import { type Doing, SelectionBar, picked, selectAllWords, selectionWords } from './selection';

const FIELDS = ['processor', 'function', 'type', 'eventId', 'key', 'tenant', 'error', 'reason', 'fingerprint', 'from', 'to', 'text'] as const;
/** What of the query is no filter. */
const VIEW = new Set(['state', 'view', 'sort', 'id']);
const VIEWS = ['active', 'needs-operator', 'due', 'running', 'scheduled', 'waiting', 'handled', 'skipped', 'all'] as const;
type View = (typeof VIEWS)[number];
const PAGE = 50;
const MORE = 200;
const DONE = new Set(['handled', 'skipped']);

function viewOf(query: URLSearchParams): View {
  const asked = query.get('state');
  return VIEWS.find((view) => view === asked) ?? 'active';
}

/** Where the list stood last, so that a failed execution's page can go to its neighbours and back. */
export const lastList: { ids: readonly string[]; address: string } = { ids: [], address: 'failures' };

function viewName(view: View): string {
  const { failures } = t();
  return view === 'active' || view === 'all' ? failures[view] : queueName(view);
}

function Tabs({ view, filtered }: { view: View; filtered: boolean }): JSX.Element {
  const { failures } = t();
  const counts = useCounts();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // where there is no room for all of them, the chosen one is in sight
    const tab = nav.current?.querySelector<HTMLElement>('[aria-current]');
    if (tab) nav.current?.scrollTo({ left: tab.offsetLeft - (nav.current.clientWidth - tab.offsetWidth) / 2 });
  }, [view]);
  return (
    <nav ref={nav} class="tabs" aria-label={failures.view}>
      {VIEWS.map((one) => {
        const query = Object.fromEntries(place.value.query);
        const count = filtered ? undefined : counts.data?.failures[one];
        return (
          <a key={one} href={to('failures', { ...query, view: 'list', state: one === 'active' ? null : one, id: null })} aria-current={one === view ? 'page' : undefined}>
            {viewName(one)}{' '}
            {count !== undefined && <span class="num">{capped(count)}</span>}
          </a>
        );
      })}
    </nav>
  );
}

function FilterBar({ query }: { query: URLSearchParams }): JSX.Element {
  const given = [...query].filter(([name]) => !VIEW.has(name));
  return (
    <div class="filters">
      <SearchForm
        onFound={(found) => {
          if (typeof found === 'string') go(found);
          else setQuery(found);
        }}
      />
      <Chips given={given} known={FIELDS} names={t().failures.field} />
    </div>
  );
}

type Lead = 'cause' | 'key';

interface RowProps {
  readonly failure: FailureSummary;
  readonly left: boolean;
  readonly lead: Lead;
  readonly index: number;
  readonly selected: boolean;
  /** Whether rows of this list are selected. */
  readonly picks: boolean;
  /** Null if nothing can be done to this one; with shift up to this row. */
  readonly onSelect: ((range: boolean) => void) | null;
  /** Whether its detail is shown beside the list. */
  readonly current: boolean;
  /** Shows that; null where it is a page of its own. */
  readonly onOpen: (() => void) | null;
}

function Row({ failure, left, lead, index, selected, picks, onSelect, current, onOpen }: RowProps): JSX.Element {
  const { failures, time } = t();
  const queue = queueOf(failure, now.value);
  return (
    <tr role="row" class={`row${left ? ' left' : ''}${selected ? ' selected' : ''}${current ? ' current' : ''}`} aria-rowindex={index}>
      {picks && (
        <td role="cell" class="c-pick">
          {onSelect && (
            <label>
              <input
                type="checkbox"
                checked={selected}
                aria-label={t().selection.row(`${causeName(failure)}, ${failure.lane ?? failure.key ?? failure.eventId}`)}
                onClick={(event) => onSelect(event.shiftKey)}
              />
            </label>
          )}
        </td>
      )}
      <td role="cell" class="c-state">
        {left ? <span class="state left">{failures.left}</span> : <StateChip queue={queue} />}
      </td>
      <th role="rowheader" scope="row" class="c-cause">
        <a
          href={`failures/${segment(failure.id)}`}
          data-row-link
          class="row-link"
          aria-current={current ? 'true' : undefined}
          onClick={(event) => {
            if (!onOpen || !isPlain(event)) return;
            event.preventDefault();
            onOpen();
          }}
        >
          {lead === 'key' ? (
            <span class="cause-name mono">{failure.lane ?? failure.key ?? failure.eventId}</span>
          ) : (
            <span class="cause-name" title={failure.errorCode}>
              {causeName(failure)}
            </span>
          )}
          <span class="cause-text" lang="en">
            {failure.message}
          </span>
        </a>
      </th>
      <td role="cell" class="c-where">
        <span>{failure.processor}</span>
        <span class="quiet mono">{failure.eventType}</span>
      </td>
      {lead === 'cause' && (
        <td role="cell" class="c-key mono" title={failure.key ?? undefined}>
          {failure.lane ?? failure.key ?? '–'}
        </td>
      )}
      <td role="cell" class="c-retries num">
        <span class="cell-label">{failures.attempt} </span>
        {failures.retriesOf(number(failure.retries), number(failure.maxRetries))}
      </td>
      <td role="cell" class="c-next num">
        {isDone(failure.state) ? '' : queue === 'due' ? time.dueNow : isTriedWhenDone(failure) ? <span class="quiet">{t().lanes.whenDone}</span> : failure.dueAt === null ? <span class="quiet">{time.never}</span> : <Ago at={failure.dueAt} />}
      </td>
      <td role="cell" class="c-failed num" title={moment(failure.executedAt)}>
        <Ago at={failure.executedAt} />
      </td>
    </tr>
  );
}

const NONE: ReadonlySet<string> = new Set();

const CHANGE: LoadDialog<Doing & { readonly onClose: () => void }> = { of: () => import('./change').then((all) => all.SelectionDialog) };

/** A page behind the first one: which rows it is, and what the server said of them last; null as long as that is the row itself. */
interface Later {
  readonly after: string;
  readonly from: number;
  readonly to: number;
  readonly fresh: ReadonlyMap<string, FailureSummary> | null;
  /** The last row that it speaks of. */
  readonly covered: string;
}

/** The filter of what a command is done to: all means all that is not done. */
const filterOf = (query: Query): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(query).map(([name, value]) => [name, name === 'state' && value === 'all' ? 'active' : String(value)]));

/** The selected ones; of one processor by its name, so that a person who may act on that one only may do so here. */
function targetOf(chosen: readonly FailureSummary[]): Target {
  const processors = new Set(chosen.map((one) => one.processor));
  const [processor] = processors;
  return { filter: processor !== undefined && processors.size === 1 ? { processor } : {}, ids: chosen.map((one) => one.id), number: chosen.length };
}

/**
 * The list: what is shown stays in place; newer rows wait until the person asks for them.
 *
 * @param main whether it is what the page is about: then rows are selected, and one is shown beside it
 */
export function List({ query, lead = 'cause', main = false }: { query: Query; lead?: Lead; main?: boolean }): JSX.Element {
  const { failures } = t();
  const key = JSON.stringify(query);
  const head = useResource<FailurePage>('failures', { ...query, limit: PAGE, total: 'true' }, POLL);
  const [rows, setRows] = useState<readonly FailureSummary[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [later, setLater] = useState<readonly Later[]>([]);
  /** Which of those pages are in sight, by their first rows. */
  const [inSight, setInSight] = useState('');
  const [loadingMore, setLoadingMore] = useState(false);
  /** Whether the person wants more than the first page: then the next ones come as the end comes near. */
  const [onward, setOnward] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  /** Whether all that the filter finds is meant, also what is not loaded. */
  const [whole, setWhole] = useState(false);
  /** What is being done to what; the dialog stays also if nothing of it is left to select. */
  const [doing, setDoing] = useState<Doing | null>(null);
  const anchor = useRef<number | null>(null);
  /** How often the list began anew: what comes late belongs to the one before. */
  const turn = useRef(0);
  const shownKey = useRef(key);
  const newest = head.data?.items;

  const clear = () => {
    setSelected(NONE);
    setWhole(false);
    anchor.current = null;
  };
  useEffect(() => {
    if (shownKey.current !== key) {
      shownKey.current = key;
      setRows(null);
      setLater([]);
      setOnward(false);
      clear();
    }
  }, [key]);
  useEffect(() => {
    if (rows === null && head.data) {
      setRows(head.data.items);
      setNext(head.data.next);
    }
  }, [rows, head.data]);
  // what is in sight is renewed with the first page, wherever it is in the list
  useEffect(() => {
    const seen = new Set(inSight.split(' '));
    let current = true;
    for (const page of head.data ? later.filter((one) => seen.has(String(one.from))) : []) {
      get<FailurePage>('failures', { ...query, limit: MORE, after: page.after }).then(
        ({ data }) => {
          if (!current) return;
          const fresh = new Map(data.items.map((one) => [one.id, one]));
          const covered = data.next === null ? '' : (data.items.at(-1)?.id ?? '');
          setLater((before) => before.map((one) => (one.from === page.from ? { ...one, fresh, covered } : one)));
        },
        (error: unknown) => {
          // the first page says that the server is away
          if (!(error instanceof Problem)) throw error;
        },
      );
    }
    return () => {
      current = false;
    };
  }, [head.data, inSight, key]);

  const fresh = new Map(newest?.map((one) => [one.id, one]));
  const first = rows?.[0]?.id ?? '';
  // ids grow with time: a greater one is newer
  const newer = newest?.filter((one) => one.id > first && !rows?.some((row) => row.id === one.id)) ?? [];
  const covered = head.data?.next ? (newest?.at(-1)?.id ?? '') : '';
  const show = () => {
    if (!head.data) return;
    turn.current++;
    const { items } = head.data;
    setRows(items);
    setNext(head.data.next);
    setLater([]);
    // nothing is done to what is out of sight
    setSelected((before) => new Set(items.map((one) => one.id).filter((id) => before.has(id))));
    anchor.current = null;
  };
  useKey('n', newer.length > 0 ? show : null);
  const shown = rows ?? newest ?? null;
  const renewed = new Map(later.flatMap((page) => (rows ?? []).slice(page.from, page.to).map((one) => [one.id, page] as const)));
  const hasLeft = (one: FailureSummary): boolean => {
    if (fresh.has(one.id) || newest === undefined) return false;
    const page = renewed.get(one.id);
    if (page) return page.fresh !== null && !page.fresh.has(one.id) && one.id >= page.covered;
    return one.id >= covered;
  };
  const currently = (one: FailureSummary): FailureSummary => fresh.get(one.id) ?? renewed.get(one.id)?.fresh?.get(one.id) ?? one;
  /** Whether a command could do something to it: what is done, or no longer in this list, is not selected. */
  const canBePicked = (one: FailureSummary): boolean => !isDone(currently(one).state) && !hasLeft(one);
  const select = (at: number, range: boolean) => {
    const ids = shown?.map((one) => (canBePicked(one) ? one.id : null)) ?? [];
    // of all, one is taken away: what is loaded stays selected
    setSelected((before) => picked(whole ? new Set(ids.filter((id) => id !== null)) : before, ids, at, anchor.current, range));
    setWhole(false);
    anchor.current = at;
  };
  const selectFocused = (range: boolean) => {
    const row = document.activeElement?.closest('tr.row')?.getAttribute('aria-rowindex');
    if (row) select(Number(row) - 2, range);
  };
  const picks = main && !DONE.has(String(query['state']));
  // a plan leaves out what is done, so its number is not the one of all
  const withDone = picks && query['state'] === 'all';
  const openOnes = useResource<FailurePage>(withDone ? 'failures' : null, { ...query, state: 'active', limit: 1, total: 'true' }, POLL);
  useKey('x', picks ? () => selectFocused(false) : null);
  useKey('X', picks ? () => selectFocused(true) : null);
  useEffect(() => {
    lastList.ids = shown?.map((one) => one.id) ?? [];
    lastList.address = to(place.peek().path, { ...Object.fromEntries(place.peek().query), id: null });
  });

  const more = () => {
    if (!shown || !next || loadingMore || shownKey.current !== key) return;
    setLoadingMore(true);
    const began = turn.current;
    get<FailurePage>('failures', { ...query, limit: MORE, after: next })
      .then(({ data }) => {
        // rows of the list before are none of this one's
        if (shownKey.current !== key || turn.current !== began) return;
        setRows([...shown, ...data.items]);
        setLater([...later, { after: next, from: shown.length, to: shown.length + data.items.length, fresh: null, covered: '' }]);
        setNext(data.next);
      }, (error: unknown) => {
        setOnward(false); // else each step of the wheel asks again
        tellUnread(error);
      })
      .finally(() => setLoadingMore(false));
  };
  // a page of which the person may see nothing is not the end
  const nothingYet = shown !== null && shown.length === 0 && next !== null;
  useEffect(() => {
    if (nothingYet) more();
  }, [nothingYet, next]);
  if (!shown) return head.problem ? <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} /> : <Skeleton lines={12} />;
  if (head.problem && !head.problem.passes) return <ProblemPanel problem={head.problem} onAgain={() => void head.reload()} />;
  if (shown.length === 0) {
    if (newer.length > 0) {
      return (
        <p class="newer">
          <button type="button" class="button" onClick={show}>
            {failures.newer(newer.length)}
          </button>
        </p>
      );
    }
    if (nothingYet) return <Skeleton lines={12} />;
    // a filter that the page gives it is not the person's to take away
    return !main && Object.keys(query).some((name) => name !== 'state') ? <Empty title={failures.emptyFilter} icon="search" /> : <EmptyList bound={head.data?.searched?.bound ?? null} />;
  }
  const total = (withDone ? openOnes : head).data?.total?.number ?? null;
  const open = shown.filter(canBePicked);
  const chosen = open.filter((one) => selected.has(one.id));
  const count = whole ? (total ?? open.length) : chosen.length;
  /** Whether a retry of them would do nothing else: none of them is retried by itself, or waits. */
  const isForced = (): boolean => query['state'] === 'needs-operator' && (!whole || next === null) && !(whole ? open : chosen).some(isWait);
  const every = whole || chosen.length === open.length;
  return (
    <>
      {newer.length > 0 && (
        <p class="newer" role="status">
          <button type="button" class="button" onClick={show}>
            {failures.newer(newer.length)}
            <kbd class="key" aria-hidden="true">
              n
            </kbd>
          </button>
        </p>
      )}
      <table
        role="table"
        class={shown.length > PAGE ? 'list long' : 'list'}
        aria-label={failures.listLabel}
        aria-rowcount={next === null ? shown.length + 1 : head.data?.total && head.data.total.number <= 10_000 ? head.data.total.number + 1 : -1}
      >
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {picks && (
              <th role="columnheader" scope="col" class="c-pick">
                <label>
                  <input
                    type="checkbox"
                    aria-label={t().selection.column}
                    checked={count > 0 && every}
                    indeterminate={count > 0 && !every}
                    onClick={() => {
                      if (count > 0 && every) clear();
                      else setSelected(new Set(open.map((one) => one.id)));
                    }}
                  />
                </label>
              </th>
            )}
            <th role="columnheader" scope="col" class="c-state">
              {failures.state}
            </th>
            <th role="columnheader" scope="col" class="c-cause">
              {lead === 'key' ? failures.key : failures.cause}
            </th>
            <th role="columnheader" scope="col" class="c-where">
              {failures.where}
            </th>
            {lead === 'cause' && (
              <th role="columnheader" scope="col" class="c-key">
                {failures.key}
              </th>
            )}
            <th role="columnheader" scope="col" class="c-retries num">
              {failures.attempt}
            </th>
            <th role="columnheader" scope="col" class="c-next num">
              {failures.next}
            </th>
            <th role="columnheader" scope="col" class="c-failed num">
              {failures.failed}
            </th>
          </tr>
        </thead>
        <WindowedRows
          count={shown.length}
          row={(i) => {
            const one = shown[i];
            if (!one) return null;
            const can = canBePicked(one);
            return (
              <Row
                key={one.id}
                index={i + 2}
                lead={lead}
                failure={currently(one)}
                left={hasLeft(one)}
                selected={can && (whole || selected.has(one.id))}
                picks={picks}
                onSelect={can ? (range) => select(i, range) : null}
                current={main && place.value.query.get('id') === one.id}
                onOpen={main && wide.value ? () => look(one.id) : null}
              />
            );
          }}
          onEnd={onward ? more : undefined}
          onShown={(from, to) => setInSight(later.filter((one) => one.from < to && from < one.to).map((one) => one.from).join(' '))}
        />
      </table>
      <p class={shown.length > PAGE ? 'list-foot stays' : 'list-foot'}>
        <span class="quiet">
          {failures.shown(shown.length, next === null || !head.data?.total ? '' : capped(head.data.total.number))}
          {head.data?.searched?.bound ? ` ${failures.horizon(number(head.data.searched.bound))}` : ''}
        </span>
        {picks && count === 0 && open.length > 0 && (
          <button type="button" class="button" onClick={() => setWhole(true)}>
            {selectAllWords(total ?? open.length, withDone)}
          </button>
        )}
        {next && (
          <button
            type="button"
            class="button"
            aria-busy={loadingMore}
            onClick={() => {
              setOnward(true);
              more();
            }}
          >
            {failures.more}
          </button>
        )}
      </p>
      <p class="visually-hidden" role="status">
        {picks && count > 0 ? selectionWords(count, whole, total, withDone) : ''}
      </p>
      {picks && count > 0 && (
        <SelectionBar
          selected={count}
          whole={whole}
          total={total}
          open={withDone}
          onDo={(action) =>
            setDoing({ action, target: whole ? { filter: filterOf(query), number: count } : targetOf(chosen), forced: isForced() })
          }
          onAll={() => setWhole(true)}
          onClear={clear}
        />
      )}
      {doing && <LaterDialog load={CHANGE} told={{ ...doing, onClose: () => setDoing(null) }} />}
    </>
  );
}

/** @param bound in how many a text was looked for, null if in all */
function EmptyList({ bound = null }: { bound?: number | null }): JSX.Element {
  const { failures, common, overview, waits } = t();
  const filters = [...place.value.query].filter(([name]) => !VIEW.has(name));
  if (filters.length === 0) {
    const view = viewOf(place.value.query);
    const titles: Readonly<Record<View, string>> = { ...failures.emptyOf, active: failures.emptyGood, 'needs-operator': overview.nothing, waiting: waits.empty };
    return <Empty title={titles[view]}>{view === 'active' && <p>{failures.emptyGoodText}</p>}</Empty>;
  }
  return (
    <Empty title={failures.emptyFilter} icon="search">
      {bound !== null && <p>{failures.horizon(number(bound))}</p>}
      <p>{failures.emptyFilterText}</p>
      <p class="actions">
        {filters.map(([name, value]) => (
          <button key={name} type="button" class="button" onClick={() => setQuery({ [name]: null })}>
            {common.remove(`${name}:${value}`)}
          </button>
        ))}
        {filters.length > 1 && (
          <button type="button" class="button" onClick={() => setQuery(Object.fromEntries(filters.map(([name]) => [name, null])))}>
            {failures.clear}
          </button>
        )}
      </p>
    </Empty>
  );
}

export function FailuresPage(): JSX.Element {
  const { query } = place.value;
  const view = viewOf(query);
  const asked: Record<string, string> = { state: view };
  for (const field of FIELDS) {
    const value = query.get(field);
    if (value) asked[field] = value;
  }
  const filtered = FIELDS.some((field) => query.get(field));
  const id = query.get('id');
  useEffect(() => {
    // without room beside the list it is a page of its own
    if (id !== null && !wide.value) go(`failures/${segment(id)}`, true);
  }, [id, wide.value]);
  const asList = query.get('view') === 'list' || filtered || query.get('state') !== null || id !== null;
  return (
    <Split detail={id !== null && wide.value ? <FailureBeside key={id} id={id} /> : null}>
      <Heading title={t().failures.title}>
        <ViewSwitch asList={asList} />
      </Heading>
      <div class="toolbar">
        {asList && <Tabs view={view} filtered={filtered} />}
        <FilterBar query={query} />
      </div>
      {asList ? <List query={asked} main /> : <Causes />}
    </Split>
  );
}

/** By cause, or one by one. A filter always gives a list. */
function ViewSwitch({ asList }: { asList: boolean }): JSX.Element {
  const { causes } = t();
  return (
    <nav class="tabs heading-aside" aria-label={causes.view}>
      <a href="failures" aria-current={asList ? undefined : 'page'}>
        {causes.byCause}
      </a>
      <a href={to('failures', { ...Object.fromEntries(place.value.query), view: 'list' })} aria-current={asList ? 'page' : undefined}>
        {causes.asList}
      </a>
    </nav>
  );
}

const SORTS = ['count', 'newest', 'oldest', 'recent'] as const;

function Causes(): JSX.Element {
  const { causes } = t();
  const sort = SORTS.find((one) => one === place.value.query.get('sort')) ?? 'count';
  const groups = useResource<GroupList>('groups', { sort, limit: 100 }, POLL);
  if (!groups.data || (groups.problem && !groups.problem.passes)) {
    return groups.problem ? <ProblemPanel problem={groups.problem} onAgain={() => void groups.reload()} /> : <Skeleton lines={6} />;
  }
  if (groups.data.items.length === 0) return <EmptyList />;
  return (
    <>
      <CauseTable items={groups.data.items} />
      <p class="list-foot">
        <span class="quiet">{groups.data.more ? causes.more : ''}</span>
        <label class="inline-choice">
          <span class="quiet">{causes.sort}</span>
          <select value={sort} onChange={(event) => setQuery({ sort: (event.currentTarget as HTMLSelectElement).value })}>
            {SORTS.map((one) => (
              <option key={one} value={one} selected={one === sort}>
                {causes.sorts[one]}
              </option>
            ))}
          </select>
        </label>
      </p>
    </>
  );
}
