import type { Counts } from './model';
import { type Resource, useResource } from './query';

const EVERY = 5000;

/** How much is in the queues; one question for everything on the page that counts. */
export function useCounts(wanted = true): Resource<Counts> {
  return useResource<Counts>(wanted ? 'counts' : null, {}, EVERY);
}
