import { expect, test } from 'vitest';
import { open } from './browser';
import { command, failed, failuresOf, fault, score, until } from './shop';

test('nothing moves under the pointer: what is newer waits until it is asked for', async () => {
  const first = await failed('hugo');
  const page = await open('failures?view=list');
  const rows = page.getByRole('rowheader');
  await page.getByRole('cell', { name: first.user, exact: true }).waitFor();
  const before = await rows.count();
  await failed('ida');
  const show = page.getByRole('button', { name: /Show \d+ newer/ });
  await show.waitFor();
  expect(await rows.count()).toBe(before);
  await show.click();
  await expect.poll(() => rows.count()).toBe(before + 1);
  expect(await page.getByRole('cell', { name: first.user, exact: true }).count()).toBe(1);
});


test('the address is what is shown: it survives reload, back, and being sent to a colleague', async () => {
  const { user, failure } = await failed('kurt');
  const page = await open(`failures?key=${user}&state=all&color=red`);
  await page.getByRole('rowheader').waitFor();
  // what it does not know it names, instead of dropping it
  await page.getByText('color: unknown, not used').waitFor();
  await page.getByRole('rowheader').getByRole('link').click();
  await page.getByRole('link', { name: 'Open as a page' }).click();
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await expect.poll(() => new URL(page.url()).pathname).toMatch(new RegExp(`/failures/${failure.id}$`));
  await page.reload();
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await page.goBack();
  await page.getByRole('rowheader').waitFor();
  expect(new URL(page.url()).searchParams.get('key')).toBe(user);
});

test('a filter that fits nothing offers to be taken away', async () => {
  await failed('lena');
  const page = await open('failures?processor=unheard-of');
  await page.getByText('Nothing matches.').waitFor();
  await page.getByRole('button', { name: 'Remove processor:unheard-of' }).click();
  await page.getByRole('link', { name: 'List' }).click();
  await page.getByRole('rowheader').first().waitFor();
});

test('the five tasks need no mouse', async () => {
  const { user } = await failed('mona');
  const page = await open(`failures?key=${user}`);
  await page.getByRole('rowheader').waitFor();
  // open
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H2');
  // policy, and the focus comes back
  await page.keyboard.press('c');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // mark
  await page.keyboard.press('m');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type('known');
  await page.keyboard.press('Enter');
  await page.getByText('It is marked unrecoverable').waitFor();
  // retry
  await fault('NONE');
  await page.keyboard.press('r');
  await page.getByText('Handled: the attempt succeeded.').waitFor();
  // back, help, another place
  await page.keyboard.press('Escape');
  await page.getByRole('complementary', { name: 'Detail' }).waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  await page.getByRole('heading', { name: 'Flow', level: 1 }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('heading', { name: 'Processors', level: 1 }).waitFor();
});

test('a text, an id of an event and an id of a failed execution lead there as well', async () => {
  const { failure } = await failed('nora');
  const page = await open('failures');
  const search = async (text: string) => {
    await page.getByRole('searchbox').fill(text);
    await page.keyboard.press('Enter');
  };
  await search(`because PUT processor:points`);
  await page.getByRole('rowheader').first().waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('text')).toBe('because PUT');
  // the page says how far was looked, where that is not everywhere
  const { searched } = (await command('failures?text=because%20PUT&processor=points&limit=1')) as { searched: { bound: number | null } };
  await expect.poll(() => page.getByText(/The text is looked for in the newest \d/).count()).toBe(searched.bound === null ? 0 : 1);
  expect(new URL(page.url()).searchParams.get('processor')).toBe('points');
  await search(failure.eventId);
  await page.getByRole('link', { name: new RegExp('FaultException') }).first().waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('eventId')).toBe(failure.eventId);
  await search(failure.id);
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(page.url()).toContain(`failures/${failure.id}`);
});

test('the tabs count what their lists show', async () => {
  await failed('quin', 0, 'FAIL_UNRECOVERABLE');
  const page = await open('failures?view=list');
  await page.getByRole('navigation', { name: 'State' }).getByRole('link', { name: /^Needs you \d+/ }).click();
  await expect.poll(async () => {
    const count = await page.locator('.tabs a[aria-current=page] .num').innerText();
    return Number(count) === (await page.getByRole('rowheader').count());
  }).toBe(true);
  await expect.poll(async () => [...new Set(await page.locator('tbody .state').allInnerTexts())]).toEqual(['Needs you']);
});

test('single keys can be switched off', async () => {
  const page = await open('failures');
  await page.getByRole('button', { name: 'Appearance' }).click();
  await page.getByLabel('Single-key shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await page.keyboard.press('g');
  await page.keyboard.press('w');
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(page.url()).toMatch(/failures$/);
});

test('a parked event is not listed as a failure', async () => {
  const { user } = await failed('nina', 3);
  const page = await open(`failures?key=${user}&state=all`);
  await page.getByRole('rowheader').waitFor();
  // three more of this key are parked behind it (failed waits for them)
  expect(await page.getByRole('rowheader').count()).toBe(1);
});

test('it lands on causes, and each number leads to what it counts', async () => {
  const { user, failure } = await failed('otto', 1);
  const page = await open();
  const row = page.getByRole('row').filter({ has: page.locator(`a[href$="${encodeURIComponent(failure.fingerprint)}"]`) });
  await row.getByRole('rowheader').waitFor();
  await row.locator('.c-count > a').click();
  await page.getByRole('rowheader').first().waitFor();
  await expect
    .poll(async () => {
      const shown = /(\d+) failures?$|of ([\d,]+)/.exec(await page.locator('.list-foot > .quiet').innerText());
      const count = await page.evaluate(async () => {
        const groups = (await (await fetch(new URL('api/v1/groups', document.baseURI))).json()) as { items: { fingerprint: string; active: number }[] };
        return groups.items.find((one) => location.search.includes(encodeURIComponent(one.fingerprint)))?.active;
      });
      return Number((shown?.[1] ?? shown?.[2] ?? '').replace(',', '')) === count;
    })
    .toBe(true);
  await page.goBack();
  await row.getByRole('rowheader').getByRole('link').click();
  await page.getByText(/open in points/).waitFor();
  await page.getByRole('rowheader', { name: user }).getByRole('link').click();
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
});

test('a lane shows what blocks it and what waits, and can be repaired there', async () => {
  const { user } = await failed('pia', 2);
  await fault('NONE');
  const page = await open('lanes');
  // a key leads to its lane in two actions: paste, Enter
  await page.getByRole('searchbox').fill(user);
  await page.keyboard.press('Enter');
  await page.getByText('Blocked by loyalty.order.paid').waitFor();
  await page.getByText('2 events wait behind it.').waitFor();
  await expect.poll(() => page.getByText('waits its turn').count()).toBe(2);
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.getByText('Nothing blocks this lane').waitFor();
  await page.getByText('Handled', { exact: true }).waitFor();
  await until(() => score(user), (points) => points === 30);
});

test('a key that nothing blocks says so', async () => {
  const page = await open('lanes');
  await page.getByRole('searchbox').fill('nobody-knows-this-key');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing blocks nobody-knows-this-key.').waitFor();
});

test('a cause carries a note and who takes care of it', async () => {
  const { failure } = await failed('rita');
  const page = await open(`groups/${failure.fingerprint}`);
  await page.getByRole('button', { name: /note…$/ }).click();
  await page.getByLabel('Note', { exact: true }).fill('the provider is away, INC-482');
  await page.getByRole('button', { name: 'Save note' }).click();
  await page.getByText('the provider is away, INC-482').first().waitFor();
  await page.getByRole('button', { name: 'Take care of it…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Take care of it' }).click();
  await page.getByText('anonymous takes care of it').waitFor();
  await page.getByRole('button', { name: 'No longer take care' }).click();
  await page.getByText('anonymous takes care of it').waitFor({ state: 'detached' });
});

test('exactly the rows that were selected are retried, with the keyboard and the mouse, and nothing else', async () => {
  const people = [await failed('pick'), await failed('pick'), await failed('pick'), await failed('pick')];
  await fault('NONE');
  const page = await open('failures?view=list&text=pick');
  const boxes = page.getByRole('checkbox', { name: /^Select .*pick/ });
  await expect.poll(() => boxes.count()).toBe(4);
  const bar = page.getByRole('region', { name: 'Selected failures' });

  // a range and its end, as in other lists
  await boxes.nth(0).click();
  await bar.getByText('1 selected').waitFor();
  await boxes.nth(3).click({ modifiers: ['Shift'] });
  await bar.getByText('4 selected').waitFor();
  await page.keyboard.press('Escape');
  await bar.waitFor({ state: 'detached' });

  // the newest is first: j and x select it, another j and X the one after it as well
  await page.evaluate(() => (document.activeElement as HTMLElement).blur());
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('X');
  await bar.getByText('2 selected').waitFor();
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog', { name: 'Retry 2 failures' });
  await dialog.getByText('will run', { exact: true }).waitFor();
  expect(await dialog.locator('.plan-numbers dd').first().innerText()).toBe('2');
  await dialog.getByRole('button', { name: 'Start retry' }).click();
  await page.getByRole('heading', { name: 'Retry · processor points, 2 selected' }).waitFor();
  await page.getByText(/2 handled, 0 failed again/).waitFor();
  for (const [i, { user }] of people.entries()) expect((await failuresOf(user))[0]?.state).toBe(i < 2 ? 'FAILED' : 'SUCCEEDED');
});

test('all that match are marked and skipped after their plan was seen', async () => {
  const { user } = await failed('alla');
  const other = await failed('alla');
  const page = await open('failures?view=list&text=alla', { viewport: { width: 390, height: 844 } });
  await page.getByRole('button', { name: 'Select all 2 matching' }).click();
  const bar = page.getByRole('region', { name: 'Selected failures' });
  await bar.getByText('All 2 matching selected').waitFor();
  // nothing is wider than a phone
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await bar.getByRole('button', { name: 'Mark…' }).click();
  await page.getByRole('button', { name: 'See the plan' }).click();
  await page.getByRole('button', { name: 'Mark 2' }).click();
  await page.getByRole('heading', { name: /^Mark · contains alla/ }).waitFor();
  await until(() => failuresOf(user), (found) => found[0]?.recoverability === 'UNRECOVERABLE');

  await page.goto(page.url().replace(/batches\/.*/, 'failures?view=list&text=alla'));
  await page.getByRole('checkbox', { name: new RegExp(user) }).check();
  await bar.getByRole('button', { name: 'Skip…' }).click();
  // a skip says why
  await page.getByLabel('Reason').fill('paid by hand');
  await page.getByRole('button', { name: 'See the plan' }).click();
  await page.getByRole('button', { name: 'Skip 1 event' }).click();
  await until(() => failuresOf(user), (found) => found[0]?.state === 'SKIPPED');
  expect((await failuresOf(other.user))[0]?.state).toBe('FAILED');
});

test('where done ones are shown, only those that are not are selected and counted, as in the plan', async () => {
  const [first, ...others] = [await failed('open'), await failed('open'), await failed('open')];
  await command(`failures/${first?.failure.id}/skip`, { reason: 'paid by hand' });
  const page = await open('failures?view=list&state=all&text=open');
  await expect.poll(() => page.getByRole('rowheader').count()).toBe(3);
  const boxes = page.getByRole('checkbox', { name: /^Select .*open/ });
  expect(await boxes.count()).toBe(2);
  const bar = page.getByRole('region', { name: 'Selected failures' });
  await page.getByRole('checkbox', { name: 'Select all that are shown' }).click();
  await bar.getByText('2 selected').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Select all 2 open' }).click();
  await bar.getByText('All 2 open selected').waitFor();
  await bar.getByRole('button', { name: 'Retry…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Retry 2 failures' });
  await expect.poll(() => dialog.locator('.plan-numbers').innerText()).toMatch(/^will run\s+2$/);
  await page.keyboard.press('Escape');
  // one that is done meanwhile is no longer selected
  await command(`failures/${others[0]?.failure.id}/skip`, { reason: 'paid by hand' });
  await bar.getByText('All 1 open selected').waitFor();
  expect(await boxes.count()).toBe(1);
});

test('who may only read sees what could be done to a selection, and why it is off', async () => {
  const { user } = await failed('viewer');
  const page = await open('processors');
  await page.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { actions: { allowed: boolean; permission: string }[] };
    for (const action of body.actions) action.allowed = action.permission === 'failures:read';
    await route.fulfill({ response: answer, json: body });
  });
  await page.goto(new URL(`failures?key=${user}`, await page.evaluate(() => document.baseURI)).href);
  await page.getByRole('checkbox', { name: new RegExp(user) }).check();
  const bar = page.getByRole('region', { name: 'Selected failures' });
  await bar.getByText('You lack the permission batch:start.').waitFor();
  for (const name of ['Retry…', 'Mark…', 'Skip…', 'Policy…']) {
    const button = bar.getByRole('button', { name });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    const why = await button.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${why}"]`).innerText()).toBe('You lack the permission batch:start.');
    await button.click({ force: true });
  }
  for (const key of ['r', 'm', 's', 'c']) await page.keyboard.press(key);
  expect(await page.getByRole('dialog').count()).toBe(0);
});
