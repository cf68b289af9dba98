// People sign in at an OpenID provider, as they do: in a browser, with an application of its own in mode oidc.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Application, start, stop } from './application';
import { blank } from './browser';
import { sql } from './database';
import { CLIENT, type Provider, provide } from './provider';
import { fault, newUser, pay, until, useShopOf } from './shop';

let directory: string;
let provider: Provider;
let application: Application;
let user: string;
let failure: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'amends-signin-'));
  const port = await freePort(); // the provider sends people back to an address that it knows beforehand
  const address = `http://localhost:${port}/amends`;
  provider = await provide(address);
  const access = 'amends.console.access';
  application = await start(join(directory, 'data'), port, {
    [`${access}.mode`]: 'oidc',
    [`${access}.oidc.issuer`]: provider.issuer,
    [`${access}.oidc.client-id`]: CLIENT.id,
    [`${access}.oidc.client-secret`]: CLIENT.secret,
    [`${access}.oidc.base-url`]: address,
    [`${access}.oidc.cookie-keys`]: randomBytes(32).toString('base64'),
    [`${access}.oidc.role-mapping.viewer`]: 'support',
    [`${access}.oidc.role-mapping.operator`]: 'ops',
  });
  useShopOf(application.url);
  user = await newUser('sam');
  await fault('FAIL', user);
  await pay(user, 'o1');
  // nobody is signed in who could ask the API
  const found = await until(
    () => sql(application.database, `select failure_id from amends.failed_execution where lane_key = '${user}'`),
    (rows) => rows.length === 1,
  );
  failure = String(found[0]?.[0]);
  await fault('NONE', user);
});

afterAll(async () => {
  if (application) await stop(application);
  provider?.close();
  rmSync(directory, { recursive: true, force: true });
});

const at = (place: string): string => `${application.url}/${place}`;

async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name: 'Who are you?' }).waitFor();
  expect(new URL(page.url()).origin).toBe(provider.issuer);
  await page.getByRole('button', { name }).click();
}

/** As if the session's key had been taken away: no node can open the cookie. */
async function endSession(context: BrowserContext): Promise<void> {
  const [session] = await context.cookies(application.url);
  if (!session) throw new Error('nobody is signed in');
  const changed = session.value.startsWith('A') ? 'B' : 'A';
  await context.addCookies([{ ...session, value: changed + session.value.slice(1) }]);
}

test('who signs in lands on the page that they asked for, by their name, and may do what their roles say', async () => {
  const page = await blank();
  await page.goto(at(`failures?key=${user}&state=all`));
  await signInAs(page, 'vera');
  await page.getByRole('rowheader').getByRole('link').waitFor();
  expect(page.url()).toBe(at(`failures?key=${user}&state=all`));

  // the browser holds a session that scripts can not read, and no token
  const cookies = await page.context().cookies();
  expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([{ httpOnly: true, sameSite: 'Lax' }]);
  const kept = await page.evaluate(() => [document.cookie, JSON.stringify(localStorage), JSON.stringify(sessionStorage)].join());
  expect(kept).not.toMatch(/eyJ|vera/);

  await page.getByRole('button', { name: 'Appearance' }).click();
  await page.getByText('vera (viewer)').waitFor();
  await page.keyboard.press('Escape');

  await page.goto(at(`failures/${failure}`));
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await page.getByText('You lack the permission failures:retry.').first().waitFor();
  const retry = page.getByRole('button', { name: 'Retry now' });
  expect(await retry.getAttribute('aria-disabled')).toBe('true');
  await retry.click({ force: true });
  await page.keyboard.press('r');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
});

test('who signs out is signed out, and another one can sign in', async () => {
  const page = await blank();
  await page.goto(at(`failures/${failure}`));
  await signInAs(page, 'vera');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await page.getByRole('button', { name: 'Appearance' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  // at the provider as well
  await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  await page.getByRole('link', { name: 'Yes' }).click();
  // back, it does not sign in again by itself
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  await page.goto(at(`failures/${failure}`));
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInAs(page, 'olaf');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(page.url()).toBe(at(`failures/${failure}`));
  await page.getByRole('button', { name: 'Appearance' }).click();
  await page.getByText('olaf (operator)').waitFor();
});

test('a session that has ended leads to sign in and back to the same page, and nothing is done meanwhile', async () => {
  const page = await blank();
  const place = at(`failures?view=list&state=all&id=${failure}`);
  await page.goto(place);
  await signInAs(page, 'olaf');
  const retry = page.getByRole('button', { name: 'Retry now' });
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await endSession(page.context());
  await retry.click();
  await page.getByText('Your session has ended.').waitFor();
  // what was there stays, and says why it can not be acted on
  await page.getByText('Off until you sign in.').first().waitFor();
  expect(await retry.getAttribute('aria-disabled')).toBe('true');
  expect(await page.getByText(/^Attempt 1 failed \w/).count()).toBe(1);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInAs(page, 'olaf');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(page.url()).toBe(place);

  // one that comes back later is led there at once
  await endSession(page.context());
  await page.reload();
  await signInAs(page, 'olaf');
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  expect(page.url()).toBe(place);

  // what is done from here on is done by name
  await retry.click();
  await page.getByText(/^Attempt 2 succeeded \w/).waitFor();
  await page.goto(at('audit'));
  await page.getByRole('row').filter({ hasText: failure.slice(-8) }).getByText('olaf').first().waitFor();
});
