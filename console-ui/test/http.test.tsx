import { act } from 'preact/test-utils';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { Intent, Problem, command, get } from '../src/api/http';
import { loadLanguage } from '../src/i18n';
import { FormDialog } from '../src/ui/parts';
import { hide, json, problem, serve, settled, show } from './page';

beforeAll(() => loadLanguage());
afterEach(() => {
  hide();
  vi.unstubAllGlobals();
});

const refusedBy = async (answer: () => Response): Promise<Problem> => {
  serve(answer);
  return get('counts').then(
    () => expect.fail('it was answered'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(Problem);
      return error as Problem;
    },
  );
};

const answerOf = (status: number, type: string, body: string) => () => new Response(body, { status, headers: { 'Content-Type': type } });

test('an answer that is cut off, or is none of the service, is a problem', async () => {
  expect((await refusedBy(answerOf(200, 'application/json', '{"items": ['))).status).toBe(200);
  expect((await refusedBy(answerOf(200, 'text/html', '<h1>Portal</h1>'))).code).toBe('http-200');
  const gateway = await refusedBy(answerOf(502, 'application/json', '<html>Bad Gateway'));
  expect([gateway.status, gateway.isAway]).toEqual([502, true]);
  expect((await refusedBy(answerOf(503, 'text/html', 'maintenance'))).isAway).toBe(true);
});

test('a body that breaks off while it comes is no answer', async () => {
  serve(() => {
    const broken = json({});
    vi.spyOn(broken, 'text').mockRejectedValue(new TypeError('terminated'));
    return broken;
  });
  await expect(get('counts')).rejects.toMatchObject({ status: 0, code: 'no-answer' });
});

test('only what may have been done is unclear', async () => {
  for (const answer of [() => problem(503, 'database-away'), () => problem(409, 'outcome-unknown'), () => problem(500, 'internal-error'), answerOf(504, 'text/html', ''), answerOf(200, 'text/html', '')]) {
    expect((await refusedBy(answer)).isUnclear).toBe(true);
  }
  for (const answer of [() => problem(409, 'already-done'), () => problem(403, 'forbidden'), () => problem(422, 'idempotency-key-reused'), () => problem(412, 'changed-meanwhile')]) {
    expect((await refusedBy(answer)).isUnclear).toBe(false);
  }
});

test('an intent has one key until the server has said what it knows of it', async () => {
  // as the server does: what came before under a key, and whose end it does not know, it never does under that key
  const begun = new Set<string>();
  const away = [true, true, false, false];
  const asked = serve(({ headers }) => {
    const key = headers.get('Idempotency-Key') ?? '';
    if (begun.has(key)) return problem(409, 'outcome-unknown');
    if (away.shift()) {
      if (away.length === 2) begun.add(key);
      return problem(503, 'database-away');
    }
    return json({});
  });
  const intent = new Intent();
  const ends: string[] = [];
  const send = () =>
    intent
      .send((key) => command('failures/f/prepare', {}, { key }))
      .then(
        () => ends.push('done'),
        (error: unknown) => ends.push((error as Problem).code),
      );
  for (let i = 0; i < 5; i++) await send();
  expect(ends).toEqual(['database-away', 'database-away', 'outcome-unknown', 'done', 'done']);
  const keys = asked.map((one) => one.headers.get('Idempotency-Key'));
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(3);
});

test('what was refused is another intent when it is sent again', async () => {
  const asked = serve(() => problem(409, 'running'));
  const intent = new Intent();
  for (let i = 0; i < 2; i++) await intent.send((key) => command('failures/f/prepare', {}, { key })).catch(() => undefined);
  expect(new Set(asked.map((one) => one.headers.get('Idempotency-Key'))).size).toBe(2);
});

test('of another version it is another intent', async () => {
  const asked = serve(() => problem(503, 'database-away'));
  const intent = new Intent();
  for (const version of ['1', '1', '2']) await intent.send((key) => command('failures/f/prepare', {}, { key }), version).catch(() => undefined);
  const [first, again, other] = asked.map((one) => one.headers.get('Idempotency-Key'));
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('a form whose end is not known says so, and is sent again with the same key', async () => {
  const answers = [problem(503, 'database-away', 'the database is away'), problem(409, 'running', 'an attempt is running'), json({})];
  const asked = serve(() => answers.shift());
  const closed = vi.fn();
  await show(
    <FormDialog title="Skip" action="Skip" onClose={closed} onSubmit={async (_, key) => void (await command('failures/f/skip', { reason: 'x' }, { key }))}>
      <p>text</p>
    </FormDialog>,
  );
  const submit = async () => {
    await act(() => void document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
    await settled();
  };
  const said = () => document.querySelector('.mistakes')?.textContent ?? '';
  await submit();
  expect(said()).toContain('It is not known whether this was done.');
  expect(said()).not.toContain('Nothing was changed');
  // the database is there again
  serve(() => undefined);
  const { awaySince } = await import('../src/api/http');
  await act(() => void (awaySince.value = null));
  const later = serve(() => answers.shift());
  await submit();
  expect(said()).toContain('Nothing was changed');
  await submit();
  const keys = [...asked, ...later].filter((one) => one.method === 'POST').map((one) => one.headers.get('Idempotency-Key'));
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[1]);
  expect(closed).toHaveBeenCalledOnce();
});
