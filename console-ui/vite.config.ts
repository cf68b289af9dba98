import { defineConfig } from 'vite';

// The page is served below any path: every address in it is relative to its <base>.
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: process.env['AMENDS_UI_OUT'] ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // one file for all that every place needs: each request more is a round trip before there is something to see
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'page', tags: ['$initial'] }] } } },
  },
  server: {
    // a console that runs: `npm run dev` with the example on its port
    proxy: { '/api': { target: 'http://localhost:8080/amends', changeOrigin: false } },
  },
});
