import { defineConfig } from 'vitest/config';

// What long.mjs runs; not part of the build.
export default defineConfig({
  test: {
    include: ['e2e/**/*.long.ts'],
    globalSetup: ['e2e/application.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
