import { defineConfig } from 'vitest/config';

// One application and one browser for all: the tests of a file keep apart by the users that they make, and each file begins
// with nothing failed, whatever ran before it (browser.ts).
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    globalSetup: ['e2e/application.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // as long as Playwright waits; one second is not enough on a machine that does something else as well
    expect: { poll: { timeout: 15_000 } },
    reporters: process.env['AMENDS_UI_REPORT'] ? ['default', 'junit'] : ['default'],
    outputFile: { junit: process.env['AMENDS_UI_REPORT'] ?? '' },
  },
});
