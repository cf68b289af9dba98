import type { FailureSummary } from '../api/model';
import { type Queue, queueOf } from './state';

/** Failed executions that are not done and have one cause. */
export interface Cause {
  readonly fingerprint: string;
  readonly processor: string;
  readonly errorCode: string;
  readonly reason: string;
  /** Of the newest one. */
  readonly message: string;
  readonly types: readonly string[];
  readonly count: number;
  readonly queues: Readonly<Record<Queue, number>>;
  /** Lanes that it holds. */
  readonly lanes: number;
  readonly firstFailedAt: string;
  readonly lastFailedAt: string;
  /** The newest ones first. */
  readonly ids: readonly string[];
}

/** A lane that something holds. */
export interface HeldLane {
  readonly processor: string;
  readonly key: string;
  /** The earliest event that is not done. */
  readonly head: FailureSummary;
  /** Failed executions in it that are not done. */
  readonly open: number;
}

const laneOf = (failure: FailureSummary): string | null => (failure.lane === null ? null : JSON.stringify([failure.processor, failure.lane]));

/** By cause, the one first that holds most lanes, then the largest. */
export function causesOf(failures: readonly FailureSummary[], now: number): Cause[] {
  const groups = new Map<string, FailureSummary[]>();
  for (const one of failures) {
    const group = groups.get(one.fingerprint);
    if (group) group.push(one);
    else groups.set(one.fingerprint, [one]);
  }
  const causes = [...groups.values()].map((group): Cause => {
    const newest = group[0] as FailureSummary;
    const queues: Record<Queue, number> = { 'needs-operator': 0, due: 0, scheduled: 0, running: 0, handled: 0, skipped: 0 };
    for (const one of group) queues[queueOf(one, now)]++;
    return {
      fingerprint: newest.fingerprint,
      processor: newest.processor,
      errorCode: newest.errorCode,
      reason: newest.reason,
      message: newest.message,
      types: [...new Set(group.map((one) => one.eventType))].sort(),
      count: group.length,
      queues,
      lanes: new Set(group.map(laneOf).filter((lane) => lane !== null)).size,
      firstFailedAt: group.reduce((first, one) => (one.firstFailedAt < first ? one.firstFailedAt : first), newest.firstFailedAt),
      lastFailedAt: group.reduce((last, one) => (one.executedAt > last ? one.executedAt : last), newest.executedAt),
      ids: group.map((one) => one.id),
    };
  });
  return causes.sort((a, b) => b.lanes - a.lanes || b.count - a.count || (a.fingerprint < b.fingerprint ? -1 : 1));
}

/** The lanes that are held, the one first that is held longest. */
export function lanesOf(failures: readonly FailureSummary[]): HeldLane[] {
  const lanes = new Map<string, { head: FailureSummary; open: number }>();
  for (const one of failures) {
    const lane = laneOf(one);
    if (lane === null) continue;
    const known = lanes.get(lane);
    if (!known) lanes.set(lane, { head: one, open: 1 });
    else {
      known.open++;
      if (one.position < known.head.position) known.head = one;
    }
  }
  return [...lanes.values()]
    .map(({ head, open }) => ({ processor: head.processor, key: head.lane ?? '', head, open }))
    .sort((a, b) => (a.head.firstFailedAt < b.head.firstFailedAt ? -1 : 1));
}
