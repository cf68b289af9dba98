// Generated from the operator API's OpenAPI document by api-types.mjs; not to be edited.

/** The operations of the API. */
export type Operation =
  | 'applyRetrySpec'
  | 'changeFunction'
  | 'forcePrepareFailure'
  | 'getCounts'
  | 'getDescription'
  | 'getEvent'
  | 'getFailure'
  | 'getHistory'
  | 'getMe'
  | 'listAudit'
  | 'listFailures'
  | 'listProcessors'
  | 'markRecoverable'
  | 'pauseProcessor'
  | 'prepareFailure'
  | 'resumeProcessor'
  | 'skipFailure';

export interface AttemptView {
  /** Its number, from 1. */
  readonly number: number;
  /** What began it. */
  readonly trigger: 'event' | 'schedule' | 'person' | 'lost';
  /** The person who asked for it. */
  readonly by: string | null;
  /** The node that ran it. */
  readonly node: string;
  /** When it began; unknown for the first. */
  readonly startedAt: string | null;
  /** When it ended. */
  readonly endedAt: string | null;
  /** How it ended. */
  readonly result: 'running' | 'failed' | 'succeeded' | 'stale' | 'lost';
  /** Why it failed, for instance HANDLER_FAILED. */
  readonly reason: string | null;
  /** The error's code. */
  readonly errorCode: string | null;
}

export interface AuditPage {
  readonly items: readonly Line[];
  readonly next: number | null;
}

export interface CommandResult {
  /** As it is now. */
  readonly failure: FailureSummary;
  /** The line that its history got. */
  readonly entry: FailureDetailLine;
}

export interface Counts {
  /** When it was counted, by the database's clock. */
  readonly asOf: string;
  /** By queue, as in the parameter state of listFailures. */
  readonly failures: Readonly<Record<string, number>>;
  /** Those that need an operator, by reason. */
  readonly needsOperator: Readonly<Record<string, number>>;
  /** Lanes whose first event may not run. */
  readonly blockedLanes: number;
}

export interface ErrorDetails {
  readonly code: string;
  readonly message: string;
  readonly causes: readonly ErrorDetailsCause[];
  readonly bindings: readonly ErrorDetailsBinding[];
  readonly stack: string;
}

export interface ErrorDetailsBinding {
  readonly path: string;
  readonly message: string;
}

export interface ErrorDetailsCause {
  readonly type: string;
  readonly message: string;
}

export interface EventPayload {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  readonly time: string | null;
  readonly key: string | null;
  readonly dataContentType: string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The payload's length in bytes. */
  readonly bytes: number;
  /** How `data` is written: text is the payload's own text, which for JSON is JSON. */
  readonly encoding: 'json' | 'text' | 'base64' | 'none';
  /** The payload, masked and cut as `masked` and `truncated` say; null if there is none or it may not be shown. */
  readonly data: string | null;
  /** Whether secrets are hidden. */
  readonly masked: boolean;
  /** Whether only the first 64 KiB are shown; ask with all=true for the rest. */
  readonly truncated: boolean;
}

export interface FailureDetail {
  readonly id: string;
  readonly state: string;
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
  readonly recoverability: string;
  readonly tenant: string | null;
  /** Its version, for If-Match. */
  readonly version: string;
  readonly next: NextStep;
  readonly followers: number;
  readonly event: FailureDetailEvent;
  readonly payloadBytes: number;
  readonly slot: number;
  readonly stopsSlot: boolean;
  readonly error: ErrorDetails;
  readonly retry: FailureDetailRetry;
  readonly policy: FailureDetailPolicy;
  readonly recoverabilityBy: string | null;
  readonly build: string;
  /** The attempts, the newest first. */
  readonly attempts: readonly AttemptView[];
  readonly history: readonly FailureDetailLine[];
}

export interface FailureDetailEvent {
  readonly subject: string | null;
  readonly time: string | null;
  readonly dataContentType: string | null;
  readonly version: number | null;
  readonly epoch: number | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly traceParent: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface FailureDetailLine {
  readonly type: string;
  readonly at: string;
  readonly attempt: number;
  readonly actor: string;
  readonly reason: string | null;
  readonly details: Readonly<Record<string, string>>;
}

export interface FailureDetailPolicy {
  readonly enabled: boolean;
  readonly maxRetries: number;
  readonly minBackoff: string;
  readonly executionTimeout: string;
  readonly maxBackoff: string;
  readonly jitter: number;
}

export interface FailureDetailRetry {
  readonly lostAttempts: number;
  readonly requested: boolean;
  readonly retryAt: string;
  readonly timeoutAt: string | null;
  readonly nextRetryAt: string | null;
  readonly node: string;
}

export interface FailurePage {
  readonly items: readonly FailureSummary[];
  /** `after` of the next page, null on the last one. */
  readonly next: string | null;
  /** How many match, if it was asked. */
  readonly total: Total | null;
}

export interface FailureSummary {
  readonly id: string;
  readonly state: string;
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
  readonly recoverability: string;
  readonly tenant: string | null;
  /** Its version, for If-Match. */
  readonly version: string;
}

export interface History {
  readonly items: readonly FailureDetailLine[];
  readonly attempts: readonly AttemptView[];
}

export interface Line {
  readonly n: number;
  readonly at: string;
  readonly action: string;
  readonly actor: string;
  readonly address: string | null;
  readonly processor: string | null;
  readonly failure: string | null;
  readonly target: string | null;
  readonly reason: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  /** What became of it; unknown: it began, and its end was not written. */
  readonly result: 'unknown' | 'done' | 'refused';
  /** Why it was refused. */
  readonly code: string | null;
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
}

export interface Me {
  readonly name: string;
  /** How they were recognized. */
  readonly mode: 'none' | 'basic' | 'proxy' | 'host';
  readonly roles: readonly string[];
  /** The processors that they see: names, or beginnings of names with * at the end. */
  readonly processors: readonly string[];
  /** Every operation of the API, and whether they may do it. */
  readonly actions: readonly MeAction[];
}

export interface MeAction {
  /** The operation's id in this document. */
  readonly operation: string;
  /** The permission that it needs, or an empty text. */
  readonly permission: string;
  readonly allowed: boolean;
}

export interface NextStep {
  readonly code: string;
  readonly at: string | null;
  readonly text: string;
}

export interface Paused {
  readonly name: string;
  readonly paused: boolean;
}

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly mistakes: readonly string[];
}

export interface ProcessorList {
  readonly items: readonly ProcessorView[];
}

export interface ProcessorView {
  readonly name: string;
  readonly paused: boolean;
  /** The position up to which every slot has passed. */
  readonly position: number;
  /** The inbox's last position. */
  readonly head: number;
  /** head − position. */
  readonly lag: number;
  /** The age of the oldest event that is not passed. */
  readonly oldestAge: string | null;
  /** Failed executions that are not done, at most 10,001. */
  readonly failed: number;
  /** Parked events, at most 10,001. */
  readonly parked: number;
  /** Slots without a live owner. */
  readonly unownedSlots: number;
}

export interface Reason {
  /** Why, for history and audit; at most 1,000 characters. */
  readonly reason?: string | null;
}

export interface Recoverable {
  /** Whether a retry is worth it. */
  readonly recoverability: 'RECOVERABLE' | 'UNRECOVERABLE' | 'UNKNOWN';
  /** Why, for history and audit; at most 1,000 characters. */
  readonly reason?: string | null;
}

export interface Redirect {
  /** The name of a function of the same processor that takes the event's type. */
  readonly function: string;
  /** Why, for history and audit; at most 1,000 characters. */
  readonly reason?: string | null;
}

export interface RetrySpec {
  /** Whether it is retried by itself. */
  readonly enabled?: boolean | null;
  /** Scheduled retries, 0 to 1,000. */
  readonly maxRetries?: number | null;
  /** The wait before the first retry, ISO 8601; it doubles with each. */
  readonly minBackoff?: string | null;
  /** How long an attempt may take, ISO 8601. */
  readonly executionTimeout?: string | null;
  /** The longest wait, ISO 8601; PT0S for none. */
  readonly maxBackoff?: string | null;
  /** The share of the wait that is added at random, 0 to 1. */
  readonly jitter?: number | null;
  /** Why, for history and audit; at most 1,000 characters. */
  readonly reason?: string | null;
}

export interface Skip {
  /** Why, for history and audit; at most 1,000 characters. */
  readonly reason: string;
}

export interface Total {
  /** How many; counting ends at 10,001. */
  readonly number: number;
  /** Whether there are that many or more. */
  readonly atLeast: boolean;
  /** When it was counted, by the database's clock. */
  readonly asOf: string;
}
