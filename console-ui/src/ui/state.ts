import type { FailureSummary } from '../api/model';

/** The queue that a person looks for a failed execution in. */
export type Queue = 'scheduled' | 'due' | 'running' | 'waiting' | 'needs-operator' | 'handled' | 'skipped';

/** Whether what it waits for brings it on, in time or too late. */
export const isTriedWhenDone = (failure: FailureSummary): boolean =>
  failure.state === 'FAILED' && failure.dueAt === null && (failure.waiting || (failure.reason === 'WAIT_TIMEOUT' && failure.recoverability !== 'UNRECOVERABLE'));

/** Whether it waits for something, without which a forced retry would run it. */
export const isWait = ({ reason, errorCode }: { readonly reason: string | null; readonly errorCode: string }): boolean =>
  reason === 'WAIT_TIMEOUT' || reason === 'TOO_EARLY' || /(^|\.)WaitTimeoutException$/.test(errorCode);

export function queueOf(failure: FailureSummary, now: number): Queue {
  switch (failure.state) {
    case 'SUCCEEDED':
      return 'handled';
    case 'SKIPPED':
      return 'skipped';
    case 'PREPARED':
      return failure.dueAt !== null && Date.parse(failure.dueAt) <= now ? 'due' : 'running';
    case 'FAILED':
      if (failure.dueAt === null) return failure.waiting ? 'waiting' : 'needs-operator';
      return Date.parse(failure.dueAt) <= now ? 'due' : 'scheduled';
  }
}
