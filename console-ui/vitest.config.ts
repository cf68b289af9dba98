import { defineConfig } from 'vitest/config';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'happy-dom',
    restoreMocks: true,
    reporters: process.env['AMENDS_UI_REPORT'] ? ['default', 'junit'] : ['default'],
    outputFile: { junit: process.env['AMENDS_UI_REPORT'] ?? '' },
  },
});
