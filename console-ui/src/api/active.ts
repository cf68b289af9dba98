import { get } from './http';
import type { FailurePage, FailureSummary } from './model';
import { type Resource, useLoaded } from './query';

/** What is not done, newest first, as far as it was read. */
export interface Active {
  readonly items: readonly FailureSummary[];
  /** False if there are more than were read. */
  readonly complete: boolean;
}

/** The most that is read: causes are found among so many of the newest. */
export const ACTIVE_HORIZON = 1000;
const PAGE = 200;
const EVERY = 10_000;

async function load(query: Readonly<Record<string, string>>): Promise<Active> {
  const items: FailureSummary[] = [];
  let after: string | null = null;
  do {
    const { data }: { data: FailurePage } = await get<FailurePage>('failures', { ...query, state: 'active', limit: PAGE, after });
    items.push(...data.items);
    after = data.next;
  } while (after !== null && items.length < ACTIVE_HORIZON);
  return { items, complete: after === null };
}

/** The failed executions that are not done; renewed while they are shown. */
export function useActive(query: Readonly<Record<string, string>> = {}): Resource<Active> {
  return useLoaded<Active>(`failures#active ${JSON.stringify(query)}`, () => load(query), EVERY);
}
