import { beforeAll, expect, test } from 'vitest';
import type { FailureDetail } from '../src/api/model';
import { loadLanguage } from '../src/i18n';
import { sentence } from '../src/pages/failure';
import { verdict } from '../src/pages/overview';
import { queueOf } from '../src/ui/state';

beforeAll(() => loadLanguage());

const NOW = Date.parse('2026-01-01T12:00:00Z');
const at = (seconds: number): string => new Date(NOW + seconds * 1000).toISOString();

const FAILED = {
  state: 'FAILED',
  attempt: 3,
  retries: 2,
  maxRetries: 10,
  executedAt: at(-180),
  dueAt: at(720),
  followers: 0,
  key: 'o-1',
  lane: 'o-1',
  stopsSlot: false,
  recoverability: 'UNKNOWN',
  next: { code: 'retry', at: at(720) },
  retry: { requested: false, node: 'n1' },
  policy: { enabled: true },
  history: [],
} as unknown as FailureDetail;

test('one sentence says what happened and what happens next', () => {
  expect(sentence(FAILED, NOW)).toMatch(/^Attempt 3 failed 3.*ago\. Retry 3 of 10 in 12.*\.$/);
  expect(sentence({ ...FAILED, followers: 7 }, NOW)).toContain('It blocks 7 later events of o-1.');
  expect(sentence({ ...FAILED, next: { code: 'retry', at: at(-1), text: '' } }, NOW)).toContain('Retry 3 of 10 is due now.');
  expect(sentence({ ...FAILED, next: { code: 'waiting', at: null, text: '' } }, NOW)).toMatch(/^Attempt 3 failed .* It was too early: it is tried by itself when/);
  expect(sentence({ ...FAILED, reason: 'WAIT_TIMEOUT', next: { code: 'nothing', at: null, text: '' } }, NOW)).toContain('still tried by itself');
  const nothing = { code: 'nothing', at: null, text: '' } as const;
  expect(sentence({ ...FAILED, next: nothing, recoverability: 'UNRECOVERABLE' }, NOW)).toContain('marked unrecoverable');
  expect(sentence({ ...FAILED, next: nothing, retries: 10 }, NOW)).toContain('Its 10 retries are spent');
  expect(sentence({ ...FAILED, state: 'SUCCEEDED', executedAt: at(-60) }, NOW)).toContain('Attempt 3 succeeded');
});

test('a failed execution is in the queue that a person looks for it in', () => {
  expect(queueOf(FAILED, NOW)).toBe('scheduled');
  expect(queueOf({ ...FAILED, dueAt: at(-1) }, NOW)).toBe('due');
  expect(queueOf({ ...FAILED, dueAt: null }, NOW)).toBe('needs-operator');
  expect(queueOf({ ...FAILED, dueAt: null, waiting: true }, NOW)).toBe('waiting');
  expect(queueOf({ ...FAILED, state: 'PREPARED' }, NOW)).toBe('running');
  expect(queueOf({ ...FAILED, state: 'PREPARED', dueAt: at(-1) }, NOW)).toBe('due');
  expect(queueOf({ ...FAILED, state: 'SKIPPED' }, NOW)).toBe('skipped');
});

test('the overview says in a sentence what needs a person', () => {
  const counts = (active: number, needs: number) =>
    ({ asOf: at(0), failures: { active, 'needs-operator': needs }, needsOperator: {}, blockedLanes: active, failedLanes: 0 }) as const;
  const processor = { name: 'points', paused: false, parked: 0, unownedSlots: 0 } as unknown as Parameters<typeof verdict>[0]['processors'][number];
  const group = { needsOperator: 3 } as unknown as Parameters<typeof verdict>[0]['groups']['items'][number];
  const none = { items: [], more: false };
  const say = (more: Partial<Parameters<typeof verdict>[0]>) =>
    verdict({ counts: counts(0, 0), groups: none, processors: [processor], next: null, problems: [], stopped: 0, ...more }, NOW);
  expect(say({})).toEqual({ calm: true, text: 'Nothing needs you.' });
  expect(say({ counts: counts(2, 0), next: at(90) })).toEqual({
    calm: true,
    text: 'Nothing needs you: 2 failures are retried automatically. The next retry is in 1m.',
  });
  expect(say({ counts: counts(12_000, 10_001), groups: { items: [group], more: true } }).text).toBe('10,000+ failures need you, of 1+ cause.');
  expect(say({ counts: counts(1, 1), groups: { items: [group], more: false } })).toEqual({ calm: false, text: '1 failure needs you, of 1 cause.' });
  expect(say({ processors: [{ ...processor, paused: true }] })).toEqual({ calm: false, text: 'points is paused.' });
  expect(say({ processors: [{ ...processor, parked: 7 }], counts: counts(1, 0) }).text).toBe('Nothing needs you: 1 failure is retried automatically. 7 events wait their turn.');
  // what holds up the flow, or a batch, needs a person
  const relay = { code: 'relay-stands', processor: null, age: 'PT40S', number: 12 } as const;
  expect(say({ problems: [relay] })).toEqual({ calm: false, text: 'No node has led the relay for 40 s; 12 events wait in the outbox.' });
  expect(say({ problems: [{ code: 'prune-backlog', processor: null, age: 'P1D', number: null }] }).text).toBe('Nothing needs you.');
  expect(say({ problems: [relay, { ...relay, code: 'no-node' }, { ...relay, code: 'outbox-old' }] }).text).toContain('1 more problem is in the flow.');
  expect(say({ stopped: 2, counts: counts(1, 0) })).toEqual({ calm: false, text: '1 failure is retried automatically. 2 batches were paused by their rules.' });
});
