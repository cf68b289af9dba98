// What Maven calls:
//   node build.mjs page <directory>   builds the page into it, compressed; only when a source changed
//   node build.mjs tests <report>     runs the unit tests, and writes a JUnit report
//   node build.mjs e2e <report>       runs the tests in a real browser against the example
// Packages are installed only when the lock file changed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const [, , what = 'page', target = join(here, 'dist')] = process.argv;
const out = resolve(target);
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const run = (command, args, env = {}) =>
  execFileSync(command, args, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19) || major === 21 || (major === 22 && minor < 12)) {
  console.error(`Node ${process.versions.node} (expected: 20.19, or 22.12 and newer). Or leave the page out: -DskipUi`);
  process.exit(1);
}

function files(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? files(join(directory, entry.name)) : [join(directory, entry.name)]))
    .sort();
}
function digest(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(relative(here, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

function install() {
  const lock = digest([join(here, 'package-lock.json')]);
  const mark = join(here, 'node_modules', '.amends-lock');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) return;
  console.log('console-ui: npm ci');
  try {
    run(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  } catch {
    console.error('console-ui: npm ci failed, see above. To build without the page: -DskipUi');
    process.exit(1);
  }
  writeFileSync(mark, lock);
}

async function build() {
  const sources = [
    ...files(join(here, 'src')).filter((path) => !path.endsWith('schema.ts')), // that one is made from the API's document
    ...['../amends-console/src/main/resources/META-INF/amends/openapi.json', 'index.html', 'api-types.mjs', 'build.mjs', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'].map((name) => join(here, name)),
  ];
  const state = digest(sources);
  const mark = join(out, 'sources.sha256');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === state) return;
  install();
  run(npm, ['run', '--silent', 'build', '--', '--logLevel', 'warn'], { AMENDS_UI_OUT: out });
  // as gzip, and smaller by some percent than what zlib makes; a build has the time that an answer has not
  const { gzipAsync } = (await import('@gfx/zopfli')).default;
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'third-party-notices.txt'), notices());
  const names = [];
  for (const path of files(out)) {
    const name = relative(out, path).replaceAll('\\', '/');
    if (name === 'index.html') continue; // the server writes its <base>
    names.push(name);
    const content = readFileSync(path);
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
    writeFileSync(`${path}.br`, brotliCompressSync(content, brotli));
    writeFileSync(`${path}.gz`, await gzipAsync(content, { numiterations: 15 }));
  }
  writeFileSync(join(out, 'files.txt'), `${names.join('\n')}\n`);
  writeFileSync(mark, state);
  const size = files(out).filter((path) => path.endsWith('.br')).reduce((sum, path) => sum + statSync(path).size, 0);
  console.log(`console-ui: built, ${(size / 1024).toFixed(0)} kB compressed`);
}

/** The licences of what runs in the page. */
function notices() {
  const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
  const seen = new Map();
  const visit = (name) => {
    if (seen.has(name)) return;
    const directory = join(here, 'node_modules', name);
    const about = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const text = readdirSync(directory).find((file) => /^licen[cs]e/i.test(file));
    if (!text) throw new Error(`${name}: no licence text`);
    seen.set(name, `${name} ${about.version} (${about.license})\n\n${readFileSync(join(directory, text), 'utf8').trim()}\n`);
    Object.keys(about.dependencies ?? {}).forEach(visit);
  };
  Object.keys(dependencies).sort().forEach(visit);
  return `Third-party software in the page of the Amends console\n\n${[...seen.values()].join(`\n${'-'.repeat(72)}\n\n`)}`;
}

function tests(config) {
  install();
  rmSync(out, { force: true });
  run(process.execPath, [join(here, 'api-types.mjs')]);
  try {
    run(process.execPath, [join(here, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config], { AMENDS_UI_REPORT: out });
  } catch {
    process.exit(1); // the tests said what failed
  }
}

switch (what) {
  case 'page':
    await build();
    break;
  case 'tests':
    tests('vitest.config.ts');
    break;
  case 'e2e':
    tests('vitest.e2e.config.ts');
    break;
  default:
    console.error(`${what}: unknown (expected: page, tests, e2e)`);
    process.exit(1);
}
