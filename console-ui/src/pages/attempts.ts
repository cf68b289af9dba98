import type { HistoryLine } from '../api/model';

/** One run of the handler, as the history tells it. */
export interface AttemptRun {
  readonly number: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly outcome: 'running' | 'failed' | 'succeeded';
  readonly node: string;
  /** Who asked for it, where a person did. */
  readonly askedBy: string | null;
  readonly askedWhy: string | null;
  readonly error: string | null;
  readonly reason: string | null;
}

/** The attempts, newest first. */
export function attemptsOf(history: readonly HistoryLine[]): AttemptRun[] {
  const runs = new Map<number, AttemptRun>();
  let asked: HistoryLine | null = null;
  for (const line of history) {
    const known = runs.get(line.attempt);
    switch (line.type) {
      case 'compensation_requested':
        asked = line;
        break;
      case 'compensation_prepared':
        runs.set(line.attempt, {
          number: line.attempt,
          startedAt: line.at,
          endedAt: null,
          outcome: 'running',
          node: line.actor,
          askedBy: asked?.actor ?? null,
          askedWhy: asked?.reason ?? null,
          error: null,
          reason: null,
        });
        asked = null;
        break;
      case 'execution_failed_created':
      case 'execution_failed_applied':
      case 'execution_success_applied':
        runs.set(line.attempt, {
          number: line.attempt,
          startedAt: known?.startedAt ?? null,
          endedAt: line.at,
          outcome: line.type === 'execution_success_applied' ? 'succeeded' : 'failed',
          node: known?.node ?? line.actor,
          askedBy: known?.askedBy ?? null,
          askedWhy: known?.askedWhy ?? null,
          error: line.details['error'] ?? null,
          reason: line.details['reason'] ?? null,
        });
        break;
    }
  }
  return [...runs.values()].sort((a, b) => b.number - a.number);
}
