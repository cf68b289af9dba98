import { inject } from 'vitest';
import { laneAddress } from '../src/api/lane';

/** The address of the console's page of the application that all tests share. */
export const CONSOLE: string = inject('console');
let base = CONSOLE;

/** From here on the shop of another application is meant. */
export function useShopOf(console: string): void {
  base = console;
}

/** Asks the shop itself. */
export async function send(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(new URL(`/${path}`, base), {
    method,
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

let users = 0;

/** A user of this test alone. */
export async function newUser(name: string): Promise<string> {
  const id = newId(name);
  await create(id, name);
  return id;
}

const newId = (name: string): string => `${name}-${process.pid.toString(36)}${(users++).toString(36)}`;

async function create(id: string, name: string): Promise<void> {
  await send('POST', 'users', { id, name, region: 'north' });
}

export async function pay(user: string, order: string, amount = 10): Promise<void> {
  const id = `${user}.${order}`;
  await send('POST', 'orders', { id, userId: user, amount });
  await send('POST', `orders/${id}/pay`);
}

export type Mode = 'NONE' | 'FAIL' | 'FAIL_UNRECOVERABLE' | 'HANG' | 'SLOW';

/** Lets the handler of payments misbehave, or of another type of event; for one user, or all. */
export const fault = (mode: Mode, user?: string, type = 'loyalty.order.paid'): Promise<unknown> =>
  send('PUT', `faults/${type}`, { mode, ...(user ? { userId: user } : {}) });

export interface Failure {
  readonly id: string;
  readonly state: string;
  readonly recoverability: string;
  readonly errorCode: string;
  readonly fingerprint: string;
  readonly eventId: string;
}

/** Sends a command to the operator API, or reads from it if there is no body. */
export async function command(path: string, body?: unknown, method = 'POST'): Promise<unknown> {
  const response = await fetch(`${base}/api/v1/${path}`, body === undefined ? {} : { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

export interface HandlerFunction {
  readonly name: string;
  readonly eventTypes: readonly string[];
  readonly policy: { readonly maxRetries: number };
}

export async function functionsOf(processor: string): Promise<readonly HandlerFunction[]> {
  return ((await command(`processors/${processor}`)) as { definition: { functions: readonly HandlerFunction[] } }).definition.functions;
}

export async function failuresOf(user: string): Promise<readonly Failure[]> {
  const url = new URL(`${base}/api/v1/failures?key=${user}`);
  const response = await fetch(url);
  return ((await response.json()) as { items: readonly Failure[] }).items;
}

export async function score(user: string): Promise<number> {
  const points = (await send('GET', `points/${user}`)) as { score: number };
  return points.score;
}

/** Waits until it is so; fails after the limit with what it was last. */
export async function until<T>(what: () => Promise<T>, so: (value: T) => boolean, limit = 20_000): Promise<T> {
  const end = Date.now() + limit;
  for (;;) {
    const value = await what();
    if (so(value)) return value;
    if (Date.now() > end) throw new Error(`not so after ${limit} ms: ${JSON.stringify(value)}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A user with one failed payment and so many parked behind it; gives its failed execution. */
export async function failed(name: string, behind = 0, mode: Mode = 'FAIL'): Promise<{ user: string; failure: Failure }> {
  const user = await newUser(name);
  await fault(mode, user);
  for (let i = 0; i <= behind; i++) await pay(user, `o${i + 1}`);
  const [failure] = await until(() => failuresOf(user), (found) => found.length === 1);
  if (!failure) throw new Error('no failure');
  await until(
    () => command(`failures/${failure.id}`),
    (one) => (one as { followers: number }).followers === behind,
  );
  return { user, failure };
}

/** So many users with one failed payment each, made together. */
export async function failedMany(name: string, n: number, mode: Mode = 'FAIL'): Promise<readonly string[]> {
  await fault(mode);
  const ids = await Promise.all(Array.from({ length: n }, () => newUser(name)));
  await Promise.all(ids.map((id) => pay(id, 'o1')));
  for (const id of ids) await until(() => failuresOf(id), (found) => found.length === 1);
  return ids;
}

interface Outcome {
  readonly state: string;
  readonly failedAgain: number;
}

/**
 * Leaves nothing failed, waiting or paused, so that what a file sees first in a list does not depend on what ran before:
 * lists show fifty, and begin with what is oldest or most.
 */
export async function tidy(): Promise<void> {
  for (const type of ['loyalty.order.paid', 'loyalty.user.created']) await fault('NONE', undefined, type);
  const { items: lanes } = (await command('lanes?limit=200')) as { items: readonly { processor: string; key: string; paused: unknown }[] };
  for (const lane of lanes.filter((one) => one.paused !== null)) await command(`${laneAddress(lane.processor, lane.key)}/resume`, {});
  const { items: waits } = (await command('waits?limit=200')) as { items: readonly { processor: string; position: number; failure: string | null }[] };
  const reason = { reason: 'the tests begin anew' };
  for (const wait of waits.filter((one) => one.failure === null)) await command(`waits/${wait.processor}/${wait.position}/skip`, reason);
  const plan = (await command('batches/plan?state=active', { action: 'skip', ...reason })) as { batch: { id: string }; willRun: number };
  if (plan.willRun > 0) {
    await command(`batches/${plan.batch.id}/start`, { canary: 0, perSecond: 1000, inFlight: 100, pausePercent: 100 });
    await until(
      () => command(`batches/${plan.batch.id}`) as Promise<Outcome>,
      (batch) => batch.state === 'DONE' && batch.failedAgain === 0,
    );
  }
  await until(
    () => Promise.all([command('counts'), command('waits?limit=1')]) as Promise<[{ failures: Record<string, number>; blockedLanes: number }, { items: unknown[] }]>,
    ([counts, left]) => counts.failures['active'] === 0 && counts.blockedLanes === 0 && left.items.length === 0,
  );
}

export interface Wait {
  readonly position: number;
  readonly key: string;
  readonly followers: number;
}

const waitsOf = async (user: string): Promise<readonly Wait[]> => {
  const found = (await command('waits?limit=200')) as { items: readonly Wait[] };
  return found.items.filter((one) => one.key === user);
};

/** A user that the points side can not take in, so that the first payment waits for it, and so many behind that one. */
export async function early(name: string, behind = 0): Promise<{ user: string; wait: Wait }> {
  const user = newId(name);
  await fault('FAIL', user, 'loyalty.user.created');
  await create(user, name);
  await until(() => failuresOf(user), (found) => found.length === 1);
  for (let i = 0; i <= behind; i++) await pay(user, `o${i + 1}`);
  const [wait] = await until(() => waitsOf(user), (found) => found.length === 1 && found[0]?.followers === behind);
  if (!wait) throw new Error('nothing waits');
  await fault('NONE', user, 'loyalty.user.created');
  return { user, wait };
}
