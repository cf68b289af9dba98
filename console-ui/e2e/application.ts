// The real example with its own PostgreSQL, as a process. Environment:
//   AMENDS_E2E_URL        a console that runs already; otherwise
//   AMENDS_E2E_JAVA       the java to start it with (default: java)
//   AMENDS_E2E_CLASSPATH  the example's class path (default: its jar in examples/loyalty/target)
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';

const READY = /console +(http:\S+)[\s\S]*database +jdbc:postgresql:\/\/localhost:(\d+)\/[\s\S]*Ctrl-C stops everything/;
const LIMIT = 90_000;

declare module 'vitest' {
  export interface ProvidedContext {
    console: string;
  }
}

export interface Application {
  readonly process: ChildProcess;
  readonly url: string;
  /** The port of its database. */
  readonly database: number;
}

/** Starts one with its data there, and these settings; port 0 takes a free one. One that does not become ready is stopped, and so is its database. */
export async function start(directory: string, port = 0, settings: Readonly<Record<string, string>> = {}): Promise<Application> {
  const classPath = process.env['AMENDS_E2E_CLASSPATH'];
  const what = classPath
    ? ['-cp', classPath, 'io.amends.examples.loyalty.LoyaltyApplication']
    : ['-jar', resolve(import.meta.dirname, '../../examples/loyalty/target/loyalty.jar')];
  const child = spawn(
    process.env['AMENDS_E2E_JAVA'] ?? 'java',
    [
      '-Xmx512m',
      ...what,
      `--server.port=${port}`,
      `--amends.embedded.directory=${directory}`,
      // retries by itself would come between a test's steps
      '--amends.retry.min-backoff=3h',
      '--amends.retry.max-backoff=6h',
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  const [url, database] = await new Promise<readonly [string, number]>((done, failed) => {
    const timer = setTimeout(() => failed(new Error(`not ready after ${LIMIT} ms:\n${output}`)), LIMIT);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const ready = READY.exec(output);
      if (!ready?.[1]) return;
      clearTimeout(timer);
      done([ready[1], Number(ready[2])]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => failed(new Error(`ended with ${code}:\n${output}`)));
    child.on('error', failed); // there is no such java
  }).catch(async (error: unknown) => {
    await stop({ process: child });
    await stopDatabase(directory);
    throw error;
  });
  return { process: child, url, database };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running = process.env['AMENDS_E2E_URL'];
  if (running) {
    project.provide('console', running);
    return async () => {};
  }
  const directory = mkdtempSync(join(tmpdir(), 'amends-e2e-'));
  const application = await start(join(directory, 'data')).catch((error: unknown) => {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  });
  project.provide('console', application.url);
  return async () => {
    await stop(application);
    rmSync(directory, { recursive: true, force: true });
  };
}

/** As Ctrl-C: the application stops its database as well. */
export async function stop({ process: child }: Pick<Application, 'process'>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 45_000);
  await ended;
  clearTimeout(timer);
}

/** Stops the database of an application that has ended and left it running, as one that did not become ready does. */
async function stopDatabase(directory: string): Promise<void> {
  const cluster = join(directory, 'cluster');
  const file = join(cluster, 'postmaster.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
  // the file outlives a crash: only a process that serves this directory is meant
  const runs = () => pid > 0 && spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout.includes(cluster);
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!runs()) return;
    process.kill(pid, signal); // fast, then immediate
    for (let i = 0; i < 100 && runs(); i++) await new Promise((done) => setTimeout(done, 100));
  }
}

/** As kill -9: the database runs on, and the next start joins it. */
export async function kill({ process: child }: Application): Promise<void> {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGKILL');
  await ended;
}
