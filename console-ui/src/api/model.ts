/** What the operator API answers, as far as the page uses it. */

export type State = 'FAILED' | 'PREPARED' | 'SUCCEEDED' | 'SKIPPED';
export type Recoverability = 'RECOVERABLE' | 'UNRECOVERABLE' | 'UNKNOWN';

export interface FailureSummary {
  readonly id: string;
  readonly state: State;
  readonly processor: string;
  readonly function: string;
  readonly eventId: string;
  readonly source: string;
  readonly eventType: string;
  readonly key: string | null;
  readonly lane: string | null;
  readonly position: number;
  readonly reason: string;
  readonly errorCode: string;
  readonly message: string;
  readonly fingerprint: string;
  readonly firstFailedAt: string;
  readonly executedAt: string;
  readonly attempt: number;
  readonly retries: number;
  readonly maxRetries: number;
  readonly dueAt: string | null;
  readonly recoverability: Recoverability;
  readonly tenant: string | null;
}

export interface HistoryLine {
  readonly type: string;
  readonly at: string;
  readonly attempt: number;
  readonly actor: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, string>>;
}

export interface RetryPolicy {
  readonly enabled: boolean;
  readonly maxRetries: number;
  readonly minBackoff: string;
  readonly executionTimeout: string;
  readonly maxBackoff: string;
  readonly jitter: number;
}

export interface FailureDetail extends FailureSummary {
  readonly next: { readonly code: 'retry' | 'requested' | 'running' | 'nothing' | 'done'; readonly at: string | null };
  readonly followers: number;
  readonly event: {
    readonly subject: string | null;
    readonly time: string | null;
    readonly dataContentType: string | null;
    readonly version: number | null;
    readonly epoch: number | null;
    readonly correlationId: string | null;
    readonly causationId: string | null;
    readonly traceParent: string | null;
    readonly headers: Readonly<Record<string, string>>;
  };
  readonly payloadBytes: number;
  readonly slot: number;
  readonly stopsSlot: boolean;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly causes: readonly { readonly type: string; readonly message: string }[];
    readonly bindings: readonly { readonly path: string; readonly message: string }[];
    readonly stack: string;
  };
  readonly retry: {
    readonly lostAttempts: number;
    readonly requested: boolean;
    readonly retryAt: string;
    readonly timeoutAt: string | null;
    readonly nextRetryAt: string | null;
    readonly node: string;
  };
  readonly policy: RetryPolicy;
  readonly recoverabilityBy: string | null;
  readonly build: string;
  readonly history: readonly HistoryLine[];
}

export interface FailurePage {
  readonly items: readonly FailureSummary[];
  readonly next: string | null;
}

export interface CommandResult {
  readonly failure?: FailureSummary;
  readonly entry?: HistoryLine;
  readonly removed?: string;
}

export interface Processor {
  readonly name: string;
  readonly paused: boolean;
  readonly position: number;
  readonly head: number;
  readonly lag: number;
  readonly oldestAge: string | null;
  readonly failed: number;
  readonly parked: number;
  readonly unownedSlots: number;
}

export const isDone = (state: State): boolean => state === 'SUCCEEDED' || state === 'SKIPPED';
