import { type Server, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { open } from './browser';
import { CONSOLE, failed, fault } from './shop';

const proxies: Server[] = [];
afterAll(() => proxies.forEach((proxy) => proxy.close()));

/** A proxy that takes a prefix away, as gateways do. */
async function proxy(prefix: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const target = new URL(CONSOLE);
  const server = createServer((from, to) => {
    if (!from.url?.startsWith(prefix)) {
      to.writeHead(404).end();
      return;
    }
    const onward = request(
      { host: target.hostname, port: target.port, path: from.url.slice(prefix.length), method: from.method, headers: { ...from.headers, ...headers } },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      },
    );
    onward.on('error', () => to.writeHead(502).end());
    from.pipe(onward);
  });
  proxies.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://localhost:${(server.address() as AddressInfo).port}${prefix}${target.pathname}`;
}

test('it works below a prefix that a proxy takes away', async () => {
  const { user, failure } = await failed('olga');
  for (const prefix of ['/gate', '/a/b']) {
    const base = await proxy(prefix, { 'X-Forwarded-Prefix': prefix });
    const page = await open(`failures?key=${user}`, {}, base);
    await page.getByRole('rowheader').getByRole('link').click();
    await page.getByText(/^Attempt 1 failed \w/).waitFor();
    expect(new URL(page.url()).searchParams.get('id')).toBe(failure.id);
    await page.getByRole('link', { name: 'Open as a page' }).click();
    await page.getByRole('heading', { level: 1, name: 'FaultException' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${prefix}/amends/failures/${failure.id}`);
    await page.reload();
    await page.getByText(/^Attempt 1 failed \w/).waitFor();
  }
});

test('who may not see it is told why', async () => {
  const base = await proxy('/far', { 'X-Forwarded-Prefix': '/far', 'X-Forwarded-For': '192.0.2.7' });
  const page = await open('failures', {}, base);
  await page.getByText('You may not see this').waitFor();
  await page.getByText('amends.console.allow-remote').waitFor();
});

test('without an answer it keeps what it has, says since when, and takes no commands', async () => {
  const { failure } = await failed('paul');
  await fault('NONE');
  const page = await open(`failures/${failure.id}`);
  await page.getByText(/^Attempt 1 failed \w/).waitFor();
  await page.context().setOffline(true);
  await page.getByText('The service has not answered since').waitFor();
  const retry = page.getByRole('button', { name: 'Retry now' });
  await page.locator('[aria-disabled=true]', { hasText: 'Retry now' }).waitFor();
  await page.getByText('Off while the service does not answer.').first().waitFor();
  await retry.click({ force: true });
  expect(await page.getByText(/^Attempt 1 failed \w/).count()).toBe(1);
  await page.context().setOffline(false);
  await page.getByText('The service has not answered since').waitFor({ state: 'detached' });
  await page.locator('[aria-disabled=true]', { hasText: 'Retry now' }).waitFor({ state: 'detached' });
  await retry.click();
  await page.getByText('Handled: the attempt succeeded.').waitFor();
});

test('what is not there says so', async () => {
  const gone = await open('failures/0199a000-0000-7000-8000-000000000000');
  await gone.getByText('It is not here').waitFor();
  const nowhere = await open('nowhere');
  await nowhere.getByRole('heading', { name: 'There is no such page.' }).waitFor();
});

test.each(['en', 'zh-CN'])('the policy allows only its own files, and the first load is small: %s', async (locale) => {
  const page = await open('failures', { locale });
  const addresses: string[] = [];
  page.on('response', (response) => {
    if (response.url().includes('/assets/')) addresses.push(response.url());
  });
  const document = await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  const policy = document?.headers()['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.length).toBeLessThanOrEqual(4); // the script, the language, the style, the icon
  // with gzip, which is what those get who have a proxy between; the browser here gets less
  const sizes = await Promise.all(
    addresses.map(async (address) => {
      const answer = await page.request.get(address, { headers: { 'accept-encoding': 'gzip' } });
      expect(answer.headers()['content-encoding']).toBe('gzip');
      return Number(answer.headers()['content-length']);
    }),
  );
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBeLessThan(60_000);
});

test('escape closes a menu, and only that', async () => {
  const { failure } = await failed('esther');
  const page = await open(`failures/${failure.id}`);
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.locator('.menu-items:popover-open').waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => page.locator('.menu-items:popover-open').count()).toBe(0);
  expect(page.url()).toContain(failure.id);
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => !url.href.includes(failure.id));
});

test('from a failed execution the way back is to the cause that it was opened in', async () => {
  const { user, failure } = await failed('ella');
  const page = await open(`groups/${failure.fingerprint}`);
  await page.getByRole('row').filter({ hasText: user }).getByRole('rowheader').getByRole('link').click();
  await page.getByRole('heading', { level: 2, name: 'Attempts' }).waitFor();
  await page.locator('a.crumb').click();
  await page.waitForURL(/\/groups\//);
});
