import type { JSX } from 'preact';
import type { Node } from '../api/model';
import { answered, useResource } from '../api/query';
import { now } from '../app/clock';
import { POLL } from '../app/shell';
import { fromNow, t } from '../i18n';
import { Icon } from '../ui/icons';

/** The build that was started last, and since when it runs; null if that is not known. */
export function newestBuild(nodes: readonly Node[]): { readonly build: string; readonly since: string } | null {
  const alive = nodes.filter((one) => one.alive);
  const [last] = [...alive].sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  if (!last || last.build === 'unknown' || last.build === '') return null;
  const since = alive.filter((one) => one.build === last.build).map((one) => one.startedAt).sort()[0] ?? last.startedAt;
  return { build: last.build, since };
}

/** Whether the newest build still fails so, or has not yet: then a retry may end otherwise. */
export function BuildHint({ failedIn }: { failedIn: readonly string[] }): JSX.Element | null {
  const { build: words } = t().causes;
  // beside what the page is about
  const nodes = useResource<{ items: readonly Node[] }>(answered.value ? 'nodes' : null, {}, POLL);
  const newest = newestBuild(nodes.data?.items ?? []);
  if (!newest || failedIn.length === 0) return null;
  const again = failedIn.includes(newest.build);
  return (
    <p class="remark">
      <Icon name={again ? 'warn' : 'run'} />
      <span>{again ? words.again(newest.build) : words.notYet(newest.build, fromNow(newest.since, now.value))}</span>
    </p>
  );
}
