// Checks that take long or need a machine of their own, against the example (built: examples/loyalty/target/loyalty.jar):
//   node long.mjs budgets [--failures 1000000]   times beside so many failed executions, held against their budgets
//   node long.mjs lighthouse                     accessibility and best practices of every page
//   node long.mjs soak [--minutes 60]            a page that is open while 50 events a second are handled
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const [what, ...rest] = process.argv.slice(2);

/** The number behind an option; anything else is a mistake. */
function option(name, otherwise) {
  if (rest.length === 0) return otherwise;
  const [given, value] = rest;
  if (given !== `--${name}` || !/^[1-9]\d*$/.test(value ?? '') || rest.length > 2) {
    console.error(`${rest.join(' ')} (expected: --${name} and a number)`);
    process.exit(1);
  }
  return Number(value);
}

function vitest(file, env) {
  const run = (path, args) => execFileSync(process.execPath, [join(here, path), ...args], { cwd: here, stdio: 'inherit', env: { ...process.env, ...env } });
  run('api-types.mjs', []);
  try {
    run('node_modules/vitest/vitest.mjs', ['run', '--config', 'vitest.long.config.ts', file]);
  } catch {
    process.exit(1); // the tests said what failed
  }
}

switch (what) {
  case 'budgets':
    vitest('e2e/scale.long.ts', { AMENDS_E2E_FAILURES: String(option('failures', 1_000_000)), AMENDS_E2E_BUDGETS: 'true' });
    break;
  case 'lighthouse':
    if (!existsSync(join(here, 'lighthouse/node_modules/lighthouse'))) {
      execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: join(here, 'lighthouse'), stdio: 'inherit', shell: process.platform === 'win32' });
    }
    vitest('e2e/lighthouse.long.ts', {});
    break;
  case 'soak':
    vitest('e2e/soak.long.ts', { AMENDS_E2E_MINUTES: String(option('minutes', 60)) });
    break;
  default:
    console.error(`${what}: unknown (expected: budgets, lighthouse, soak)`);
    process.exit(1);
}
