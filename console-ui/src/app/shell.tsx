import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { isOfInterest } from '../api/batch';
import { awaySince, lastAnswer, signInNeeded } from '../api/http';
import { useCounts } from '../api/counts';
import { me } from '../api/me';
import type { BatchPage, Me } from '../api/model';
import { answered, paused, settle, streaming, useResource } from '../api/query';
import { capped, number, t, timeOfDay } from '../i18n';
import { SessionEnded, SignInPage, SignOut } from '../pages/signin';
import { SearchDialog } from '../pages/search';
import { Icon, type IconName } from '../ui/icons';
import { Notices } from '../ui/notice';
import { LaterDialog, type LoadDialog } from '../ui/later';
import { helpOpen, search, searching } from './keys';
import { path } from './router';
import { type Language, type Theme, type Zone, language, shortcuts, theme, zone } from './settings';

/** How often what is shown is read again, in milliseconds. */
export const POLL = 5000;

const HELP: LoadDialog<{ readonly onClose: () => void }> = { of: () => import('./key-help').then((all) => all.KeyHelp) };

function NavLink({
  to,
  icon,
  label,
  active,
  count = 0,
  countLabel = '',
}: {
  to: string;
  icon: IconName;
  label: string;
  active: boolean;
  /** What needs a person; 0 is not shown. */
  count?: number;
  countLabel?: string;
}): JSX.Element {
  return (
    <li>
      <a href={to} aria-current={active ? 'page' : undefined}>
        <Icon name={icon} size={18} />
        <span>{label}</span>
        {count > 0 && (
          <span class="nav-count" title={countLabel}>
            {capped(count)}
            <span class="visually-hidden"> {countLabel}</span>
          </span>
        )}
      </a>
    </li>
  );
}

function LiveLine(): JSX.Element {
  const { live } = t();
  const away = awaySince.value !== null;
  const state = away ? 'away' : paused.value ? 'paused' : 'on';
  return (
    <p class={`live ${state}`}>
      <button
        type="button"
        class="live-button"
        aria-pressed={paused.value}
        title={paused.value ? live.resume : live.pause}
        onClick={() => (paused.value = !paused.value)}
      >
        <span class="live-dot" aria-hidden="true" />
        <span>{away ? live.away : paused.value ? live.paused : streaming.value ? live.on : live.polling(number(POLL / 1000))}</span>
      </button>
      {lastAnswer.value > 0 && <span class="quiet live-time">{live.asOf(timeOfDay(lastAnswer.value))}</span>}
    </p>
  );
}

function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange((event.currentTarget as HTMLSelectElement).value as T)}>
        {options.map(([one, name]) => (
          <option key={one} value={one} selected={one === value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function Appearance(): JSX.Element {
  const { appearance } = t();
  return (
    <>
      <button type="button" class="button icon-only bare" popovertarget="appearance" aria-label={appearance.menu} title={appearance.menu}>
        <Icon name="look" size={18} />
      </button>
      <div id="appearance" popover="auto" class="appearance">
        {me.value && (
          <p class="quiet small who">
            <Icon name="person" size={14} /> {t().access.as(me.value.name)}
            {me.value.roles.length > 0 && ` (${me.value.roles.join(', ')})`}
          </p>
        )}
        {me.value?.mode === 'oidc' && <SignOut />}
        <Choice<Language>
          label={appearance.language}
          value={language.value}
          options={[
            ['en', 'English'],
            ['zh-CN', '简体中文'],
          ]}
          onChange={(value) => (language.value = value)}
        />
        <Choice<Theme>
          label={appearance.theme}
          value={theme.value}
          options={[
            ['system', appearance.system],
            ['light', appearance.light],
            ['dark', appearance.dark],
          ]}
          onChange={(value) => (theme.value = value)}
        />
        <Choice<Zone>
          label={appearance.zone}
          value={zone.value}
          options={[
            ['local', appearance.local],
            ['utc', appearance.utc],
          ]}
          onChange={(value) => (zone.value = value)}
        />
        <label class="choice check">
          <input
            type="checkbox"
            checked={shortcuts.value === 'on'}
            onChange={(event) => (shortcuts.value = (event.currentTarget as HTMLInputElement).checked ? 'on' : 'off')}
          />
          <span>{appearance.shortcuts}</span>
          <button type="button" class="copy" aria-label={t().keys.title} title={t().keys.title} onClick={() => (helpOpen.value = true)}>
            ?
          </button>
        </label>
      </div>
    </>
  );
}

export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const { nav, live, skipLink } = t();
  const at = path.value;
  // a page that asks nothing by itself does not keep these away
  useEffect(() => {
    const timer = setTimeout(settle, 1000);
    return () => clearTimeout(timer);
  }, []);
  const now = answered.value;
  const counts = useCounts(now);
  const batches = useResource<BatchPage>(now ? 'batches' : null, { limit: 50 }, POLL);
  const who = useResource<Me>(now ? 'me' : null, {}, 60_000);
  useEffect(() => {
    me.value = who.data ?? null;
  }, [who.data]);
  return (
    <div class="shell">
      <a
        class="skip-link"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {skipLink}
      </a>
      <aside class="side">
        <a class="brand" href="./">
          <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true" class="brand-mark">
            <path d="M6 2v4.5M6 15.5V20" />
            <circle cx="6" cy="11" r="3.2" />
            <path d="M12.5 11H19m-3-3 3 3-3 3" />
          </svg>
          <span>Amends</span>
        </a>
        <nav aria-label={nav.label}>
          <ul>
            <NavLink to="./" icon="overview" label={nav.overview} active={at === ''} />
            <NavLink to="failures" icon="failures" label={nav.failures} active={at.startsWith('failures') || at.startsWith('groups')} count={counts.data?.failures['needs-operator'] ?? 0} countLabel={t().state.needsOperator} />
            <NavLink to="lanes" icon="lanes" label={nav.lanes} active={at.startsWith('lanes') || at === 'waits'} count={counts.data?.failedLanes ?? 0} countLabel={t().lanes.byFailure} />
            <NavLink to="flow" icon="flow" label={nav.flow} active={at === 'flow'} />
            <NavLink to="processors" icon="processors" label={nav.processors} active={at.startsWith('processors')} />
            <NavLink to="batches" icon="batches" label={nav.batches} active={at.startsWith('batches')} count={batches.data?.items.filter(isOfInterest).length ?? 0} countLabel={t().batch.inNav} />
            <NavLink to="audit" icon="audit" label={nav.audit} active={at === 'audit'} />
          </ul>
        </nav>
        <div class="side-foot">
          <LiveLine />
          <button type="button" class="button icon-only bare" aria-label={t().failures.search} title={`${t().failures.search} Ctrl K`} onClick={() => search()}>
            <Icon name="search" size={18} />
          </button>
          <Appearance />
        </div>
      </aside>
      <main id="content" tabIndex={-1}>
        {awaySince.value !== null && (
          <p class="stale" role="alert">
            <Icon name="warn" />
            {live.stale(timeOfDay(awaySince.value))}
          </p>
        )}
        {signInNeeded.value !== null && me.value !== null && <SessionEnded />}
        {signInNeeded.value !== null && me.value === null ? <SignInPage /> : children}
      </main>
      <Notices />
      {searching.value !== null && <SearchDialog text={searching.value} onClose={() => (searching.value = null)} />}
      {helpOpen.value && <LaterDialog load={HELP} told={{ onClose: () => (helpOpen.value = false) }} />}
    </div>
  );
}
