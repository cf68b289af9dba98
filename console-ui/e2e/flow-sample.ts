// An hour of a shop, as the operator API tells it: what a test that has run for a minute can not show.
import type { Page } from 'playwright-core';
import type { FlowView } from '../src/api/schema';

const STEP = 60_000;

/** The same wobble every time. */
const wobble = (minute: number): number => 1 + 0.12 * Math.sin(minute * 1.7) + 0.07 * Math.sin(minute * 0.61 + 2);

const times = (count: number, mean: number, p95: number, longest: number) => ({ count, mean: `PT${mean}S`, p95: `PT${p95}S`, longest: `PT${longest}S` });

const counts = (handled: number, failed: number, failedAgain: number) => ({
  handled,
  failed,
  failedAgain,
  retried: Math.round(failed * 0.8),
  skipped: 0,
  stale: Math.round(handled * 0.01),
  parked: failed * 3,
  waited: Math.round(handled * 0.02),
  released: failed * 2,
});

/** An hour until now: a processor was paused for a while, and events that it failed on were retried after a new build. */
export function anHour(now = Date.now(), well = false): FlowView {
  const end = Math.floor(now / STEP) * STEP;
  const points = [];
  for (let minute = 0; minute < 60; minute++) {
    if (!well && minute >= 14 && minute < 17) continue; // nobody lived
    const load = 420 * wobble(minute) * (minute > 40 ? 1.5 : 1);
    const paused = !well && minute >= 30 && minute < 37;
    const after = !well && minute >= 37 && minute < 42;
    const failing = !well && minute >= 44 && minute < 52;
    points.push({
      at: new Date(end - (60 - minute) * STEP).toISOString().replace('.000Z', 'Z'),
      minutes: 1,
      published: Math.round(load),
      relayed: Math.round(load),
      arrived: Math.round(load * 1.1),
      counts: counts(Math.round(load * (paused ? 1.2 : after ? 3.4 : 2.2)), failing ? Math.round(8 * wobble(minute * 3)) : 0, failing && minute > 46 ? 6 : 0),
      outboxWaiting: Math.round(4 * wobble(minute)),
      inboxWaiting: paused ? Math.round((minute - 29) * load) : after ? Math.round((42 - minute) * load) : 12,
      outboxOldest: 0.01 * wobble(minute),
      inboxOldest: paused ? (minute - 29) * 60 : after ? (42 - minute) * 80 : 0.2 * wobble(minute),
      outboxP95: 0.005,
      inboxP95: after ? 120 : 0.02 * wobble(minute) ** 4,
      handlerP95: failing ? 0.2 : 0.01,
    });
  }
  const ago = (minutes: number) => new Date(end - minutes * STEP).toISOString();
  const parts = (factor: number): (number | null)[] => Array.from({ length: 20 }, (_, i) => (!well && i === 5 ? null : Math.round(1260 * factor * wobble(i * 3) * (i > 13 ? 1.5 : 1))));
  const row = (name: string, factor: number, more: Partial<FlowView['processors'][number]> = {}): FlowView['processors'][number] => ({
    name,
    paused: false,
    slots: 128,
    unownedSlots: 0,
    waiting: 0,
    oldestAge: null,
    active: 0,
    parkedNow: 0,
    counts: counts(Math.round(25_900 * factor), 0, 0),
    perMinute: 455.2 * factor,
    perMinuteNow: 638 * factor,
    trend: 'rising',
    inInbox: times(25_900, 0.006, 0.02, 0.4),
    inHandler: times(25_900, 0.003, 0.01, 0.21),
    parts: parts(factor),
    ...more,
  });
  return {
    asOf: new Date(now).toISOString(),
    from: new Date(end - 60 * STEP).toISOString(),
    to: new Date(now).toISOString(),
    step: 'PT1M',
    stages: [
      { stage: 'outbox', events: 27_412, perMinute: 480.9, perMinuteNow: 641.2, trend: 'rising', waiting: 4, oldestAge: 'PT0.006S', times: times(27_410, 0.0021, 0.005, 0.38) },
      { stage: 'transport', events: 27_410, perMinute: 480.9, perMinuteNow: 641.2, trend: 'rising', waiting: null, oldestAge: null, times: times(9_214, 0.0014, 0.002, 0.09) },
      { stage: 'inbox', events: 30_151, perMinute: 529, perMinuteNow: 705.4, trend: 'rising', waiting: well ? 0 : 1_284, oldestAge: well ? null : 'PT7M12S', times: times(60_320, 0.009, 0.02, 141) },
      { stage: 'handled', events: 60_355, perMinute: 1_058.9, perMinuteNow: 1_408.6, trend: 'rising', waiting: null, oldestAge: null, times: times(60_355, 0.0034, 0.01, 0.62) },
    ],
    processors: [
      ...(well ? [] : [row('billing', 0.12, { unownedSlots: 128, waiting: 1_284, oldestAge: 'PT7M12S', perMinuteNow: 0, trend: 'falling' })]),
      row('points', 1, well ? {} : { waiting: 12, oldestAge: 'PT0.2S', active: 7, counts: counts(25_900, 61, 30) }),
      row('user-copies', 0.31, { trend: 'steady' }),
    ],
    moreProcessors: 0,
    points,
    problems: well ? [] : [{ code: 'processor-without-node', processor: 'billing', age: 'PT7M12S', number: 128 }],
    markers: well
      ? [{ at: ago(19), kind: 'build', target: '2.4.1', processor: null }]
      : [
          { at: ago(6), kind: 'batch-ended', target: '0jx3k', processor: null },
          { at: ago(8), kind: 'batch-started', target: '0jx3k', processor: null },
          { at: ago(9), kind: 'build', target: '2.4.1', processor: null },
          { at: ago(23), kind: 'processor-resumed', target: null, processor: 'points' },
          { at: ago(30), kind: 'processor-paused', target: null, processor: 'points' },
        ],
  };
}

/** Lets the page see this instead of what the application would say. */
export async function showFlow(page: Page, flow: FlowView): Promise<void> {
  await page.route(/\/api\/v1\/flow(\?|$)/, (route) => route.fulfill({ json: flow }));
}
