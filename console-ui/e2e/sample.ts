// What a shop looks like at one moment, as the operator API tells it: the same every time.
import type { Page, Route } from 'playwright-core';
import type * as schema from '../src/api/schema';
import { anHour } from './flow-sample';

/** The moment. */
export const AT = Date.parse('2026-03-04T10:24:30Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const iso = (at: number): string => new Date(at).toISOString();
const ago = (millis: number): string => iso(AT - millis);
const id = (n: number): string => `0199a000-0000-7000-8000-${String(n).padStart(12, '0')}`;

const CAUSES = [
  { fingerprint: 'v1:3f0c61a2b8d4', errorCode: 'com.shop.points.PointsClosedException', message: 'the account of customer-7 takes no points: closed since 2026-03-01', spent: true },
  { fingerprint: 'v1:9be17a40c355', errorCode: 'java.net.http.HttpTimeoutException', message: 'request timed out: https://loyalty.example/api/accounts', spent: false },
  { fingerprint: 'v1:c4d2e8f01a77', errorCode: 'com.shop.points.RateNotFoundException', message: 'no rate for currency CHF on 2026-03-04, asked of three providers one after the other; the last one said that it knows rates of this month only', spent: false },
] as const;

function failure(n: number, more: Partial<schema.FailureSummary> = {}): schema.FailureSummary {
  const cause = CAUSES[n % CAUSES.length] ?? CAUSES[0];
  const user = `customer-${n + 7}`;
  return {
    id: id(n),
    state: 'FAILED',
    processor: 'points',
    function: 'com.shop.points.PointsHandler#onOrderPaid',
    eventId: `${user}.order-1`,
    source: '/shop/orders',
    eventType: 'loyalty.order.paid',
    key: user,
    lane: user,
    position: 40_120 + n * 3,
    reason: 'HANDLER_FAILED',
    errorCode: cause.errorCode,
    message: cause.message,
    fingerprint: cause.fingerprint,
    firstFailedAt: ago((n + 1) * 11 * MINUTE),
    executedAt: ago((n + 1) * 4 * MINUTE),
    attempt: cause.spent ? 11 : 1 + (n % 4),
    retries: cause.spent ? 10 : n % 4,
    maxRetries: 10,
    dueAt: cause.spent ? null : iso(AT + (n + 1) * 7 * MINUTE),
    waiting: false,
    recoverability: 'UNKNOWN',
    tenant: null,
    version: '7',
    ...more,
  };
}

const FAILURES = Array.from({ length: 24 }, (_, n) => failure(n));
const [FIRST = failure(0)] = FAILURES;

export const FAILURE = FIRST.id;
export const LANE = `lanes/${FIRST.processor}/${FIRST.lane}`;
export const BATCH = '0jx3k7m2q4w9';

const hours = (of: number): readonly number[] => Array.from({ length: 24 }, (_, hour) => (hour < 14 ? 0 : Math.round(of * (1 + Math.sin(hour * of)))));

const groups: schema.GroupList = {
  items: CAUSES.map(({ fingerprint, errorCode, message, spent }, n) => ({
    fingerprint,
    processor: 'points',
    errorCode,
    message,
    reason: null,
    sample: id(n),
    firstSeen: ago((n + 2) * 5 * HOUR),
    lastSeen: ago((n + 1) * 4 * MINUTE),
    active: [1284, 37, 8][n] ?? 1,
    scheduled: spent ? 0 : ([0, 37, 8][n] ?? 1),
    needsOperator: spent ? 1284 : 0,
    running: 0,
    handled: n * 12,
    skipped: 0,
    failures: 2000 - n * 600,
    hours: hours(9 - n * 3),
    note: n === 1 ? 'the provider knows of it, INC-482' : null,
    notedBy: n === 1 ? 'ann' : null,
    notedAt: n === 1 ? ago(HOUR) : null,
    acknowledged: null,
  })),
  more: false,
};

const STACK = `com.shop.points.PointsClosedException: the account of customer-7 takes no points: closed since 2026-03-01
\tat com.shop.points.Accounts.add(Accounts.java:61)
\tat com.shop.points.PointsHandler.onOrderPaid(PointsHandler.java:34)
\tat io.amends.core.handle.Invocation.run(Invocation.java:88)
\tat io.amends.core.handle.Attempt.call(Attempt.java:41)
\tat java.base/java.util.concurrent.FutureTask.run(FutureTask.java:328)
\tat java.base/java.lang.Thread.run(Thread.java:1474)
Caused by: java.lang.IllegalStateException: closed
\tat com.shop.points.Account.open(Account.java:19)
\t... 6 more`;

const detail: schema.FailureDetail = {
  ...FIRST,
  next: { code: 'none', at: null, text: 'nothing happens by itself' },
  followers: 3,
  dependents: 0,
  event: { subject: FIRST.key, time: ago(13 * MINUTE), dataContentType: 'application/json', version: null, epoch: null, correlationId: 'checkout-58113', causationId: null, traceParent: null, headers: { region: 'north' } },
  payloadBytes: 94,
  slot: 17,
  stopsSlot: false,
  error: { code: FIRST.errorCode, message: FIRST.message, causes: [{ type: FIRST.errorCode, message: FIRST.message }, { type: 'java.lang.IllegalStateException', message: 'closed' }], bindings: [], stack: STACK },
  retry: { lostAttempts: 0, requested: false, retryAt: ago(4 * MINUTE), timeoutAt: null, nextRetryAt: null, node: 'node-1' },
  policy: { enabled: true, maxRetries: 10, minBackoff: 'PT3M', executionTimeout: 'PT2M', maxBackoff: 'PT1H', jitter: 0.2 },
  recoverabilityBy: null,
  build: '2.4.0',
  effects: 'DATABASE',
  attempts: [3, 2, 1].map((attempt) => ({
    number: attempt,
    trigger: attempt === 3 ? 'person' : attempt === 2 ? 'schedule' : 'event',
    by: attempt === 3 ? 'ann' : null,
    node: 'node-1',
    startedAt: attempt === 1 ? null : ago((12 - attempt * 3) * MINUTE),
    endedAt: ago((12 - attempt * 3) * MINUTE - 340),
    result: 'failed',
    reason: 'HANDLER_FAILED',
    errorCode: FIRST.errorCode,
  })),
  history: [{ type: 'failed', at: ago(11 * MINUTE), attempt: 1, actor: 'node-1', reason: null, details: {} }],
  why: ['processor points', 'error com.shop.points.PointsClosedException', 'frame com.shop.points.Accounts#add', 'frame com.shop.points.PointsHandler#onOrderPaid'],
};

const lane: schema.LaneDetail = {
  processor: 'points',
  key: FIRST.lane ?? '',
  slot: 17,
  since: FIRST.firstFailedAt,
  headPosition: FIRST.position,
  stopsSlot: false,
  blocked: true,
  followers: 3,
  head: FIRST,
  paused: null,
  version: '3',
  events: Array.from({ length: 4 }, (_, n) => ({
    position: FIRST.position + n * 5,
    kind: n === 0 ? 'FAILED' : 'PARKED',
    failure: n === 0 ? FIRST.id : null,
    eventId: `customer-7.order-${n + 1}`,
    source: '/shop/orders',
    eventType: n === 2 ? 'loyalty.order.cancelled' : 'loyalty.order.paid',
    time: ago((13 - n) * MINUTE),
    waiting: null,
  })),
  lastDone: { position: FIRST.position - 4, eventId: 'customer-7.order-0', source: '/shop/orders', eventType: 'loyalty.order.paid', at: ago(31 * MINUTE) },
  next: null,
};

const batch: schema.BatchView = {
  id: BATCH,
  state: 'RUNNING',
  action: 'prepare',
  parameters: {},
  filter: { fingerprint: CAUSES[1].fingerprint, state: 'active', processor: 'points' },
  reason: 'the provider is back, INC-482',
  createdBy: 'ann',
  createdAt: ago(3 * MINUTE),
  startedAt: ago(2 * MINUTE),
  endedAt: null,
  stoppedBy: null,
  stoppedCode: null,
  stoppedReason: null,
  stoppedFailed: null,
  stoppedOf: null,
  pace: { canary: 5, canaryPercent: 95, perSecond: 50, inFlight: 20, pausePercent: 20 },
  total: 400,
  waiting: 148,
  running: 20,
  handled: 220,
  failedAgain: 4,
  skipped: 8,
  canaryPassed: true,
  failedBy: { 'java.net.http.HttpTimeoutException': 4 },
  skippedBy: { 'already-done': 5, 'not-first-in-lane': 3 },
};

const processors: readonly schema.ProcessorView[] = [
  { name: 'points', paused: false, position: 40_512, head: 40_524, lag: 12, oldestAge: 'PT2.4S', failed: 1329, parked: 412, unownedSlots: 0 },
  { name: 'user-copies', paused: false, position: 40_524, head: 40_524, lag: 0, oldestAge: null, failed: 0, parked: 0, unownedSlots: 0 },
  { name: 'billing', paused: true, position: 40_010, head: 40_524, lag: 514, oldestAge: 'PT7M12S', failed: 0, parked: 0, unownedSlots: 0 },
];

const page = (items: readonly schema.FailureSummary[]): schema.FailurePage => ({ items, next: null, total: { number: 1329, atLeast: false, asOf: iso(AT) }, searched: null });

/** What is answered at an address; undefined if that is not in the sample. */
function answer(path: string, query: URLSearchParams): unknown {
  switch (path) {
    case 'counts':
      return {
        asOf: iso(AT),
        failures: { active: 1329, 'needs-operator': 1284, due: 3, running: 2, scheduled: 40, waiting: 0, handled: 51_220, skipped: 9, all: 52_558 },
        needsOperator: { exhausted: 1284 },
        blockedLanes: 611,
        failedLanes: 604,
      } satisfies schema.Counts;
    case 'me':
      return { name: 'ann', mode: 'basic', roles: ['operator'], permissions: {}, actions: [] } satisfies schema.Me;
    case 'groups':
      return groups;
    case 'processors':
      return { items: processors } satisfies schema.ProcessorList;
    case 'batches':
      return { items: [batch], next: null } satisfies schema.BatchPage;
    case 'waits':
      return { items: [], next: null } satisfies schema.WaitPage;
    case 'flow':
      return anHour(AT, true);
    case 'nodes':
      return { items: [{ id: 'node-1', host: 'shop-1', build: '2.4.1', startedAt: ago(90 * MINUTE), expiresAt: iso(AT + MINUTE), alive: true, slots: { points: 128 } }] } satisfies schema.NodeList;
    case 'failures':
      return page(query.get('limit') === '1' ? [FIRST] : query.has('key') ? [FIRST] : FAILURES);
    case `failures/${FAILURE}`:
      return detail;
    case LANE:
      return lane;
    case `batches/${BATCH}`:
      return batch;
    case `batches/${BATCH}/items`:
      return { items: FAILURES.slice(0, 4).map((record, n) => ({ n: n * 31 + 7, failure: record.id, state: 'FAILED_AGAIN', code: null, errorCode: 'java.net.http.HttpTimeoutException', record })), next: null } satisfies schema.ItemPage;
  }
  return undefined;
}

/**
 * Lets the page see the sample, at its moment, in the place of the application. What was asked that is not in it is noted.
 */
export async function showSample(target: Page): Promise<readonly string[]> {
  const missing: string[] = [];
  await target.clock.setFixedTime(AT);
  await target.route(/\/api\/v1\//, async (route: Route) => {
    const url = new URL(route.request().url());
    const path = decodeURIComponent(url.pathname.replace(/^.*\/api\/v1\//, ''));
    const found = answer(path, url.searchParams);
    if (found === undefined) missing.push(`${route.request().method()} ${path}`);
    await route.fulfill(found === undefined ? { status: 404, json: {} } : { json: found, headers: { date: new Date(AT).toUTCString() } });
  });
  return missing;
}
