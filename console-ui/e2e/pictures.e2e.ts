// What five pages look like, against pictures that are kept (docs/decisions/022): of the same sample at the same moment, with
// text as bars, so that no font, locale data or clock of a machine is in them. AMENDS_E2E_PICTURES=write keeps new ones.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { bars } from './bars';
import { blank } from './browser';
import { BATCH, FAILURE, LANE, showSample } from './sample';
import { CONSOLE } from './shop';

const KEPT = join(import.meta.dirname, 'pictures');
/** Where what differs is written. */
const FOUND = join(import.meta.dirname, '../target/pictures');
const isWriting = process.env['AMENDS_E2E_PICTURES'] === 'write';

interface Place {
  readonly name: string;
  readonly path: string;
  /** What is there once all of it is. */
  readonly whole: string;
}

const PLACES: readonly Place[] = [
  { name: 'overview', path: '', whole: '.flow-brief strong:text-matches("\\\\d")' },
  { name: 'failures', path: 'failures?view=list', whole: 'tbody .row >> nth=9' },
  { name: 'failure', path: `failures/${FAILURE}`, whole: '.rail-item >> nth=2' },
  { name: 'lane', path: LANE, whole: '.action-bar .button' },
  { name: 'batch', path: `batches/${BATCH}`, whole: '.items a >> nth=3' },
];

/** Each theme at each width, and each language at each of both. */
const LOOKS = [
  { language: 'en', theme: 'light', width: 1280 },
  { language: 'en', theme: 'dark', width: 390 },
  { language: 'zh-CN', theme: 'light', width: 390 },
  { language: 'zh-CN', theme: 'dark', width: 1280 },
] as const;

const FONTS = { Bars: bars(false).toString('base64'), 'Bars Mono': bars(true).toString('base64') };

/** Text as bars, and dates and times in a form that does not depend on the browser's data of languages. */
async function withoutFonts(page: Page): Promise<void> {
  await page.addInitScript((fonts) => {
    for (const [name, data] of Object.entries(fonts)) {
      const font = new FontFace(name, Uint8Array.from(atob(data), (one) => one.charCodeAt(0)).buffer);
      document.fonts.add(font);
      void font.load();
    }
    const style = new CSSStyleSheet();
    style.replaceSync(':root{--font:Bars;--mono:"Bars Mono"}');
    document.adoptedStyleSheets = [style];
    Intl.RelativeTimeFormat.prototype.format = (amount: number, unit: string) => (amount < 0 ? `${-amount} ${unit.slice(0, 3)} ago` : `in ${amount} ${unit.slice(0, 3)}`);
    Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get: () => (at: Date) => new Date(at).toISOString().slice(11, 19) });
    // what is told by a stream comes when it comes
    Reflect.deleteProperty(window, 'EventSource');
  }, FONTS);
}

/** A part of a picture differs if a quarter of its points do: no edge that is drawn a little softer, but text or a line elsewhere. */
const CELL = 8;
const OF_CELL = (CELL * CELL) / 4;
/** Points whose colours are as near as this are the same. */
const NEAR = 32;
/** Of 10,000 parts so many may differ. */
const MOST = 5;

interface Difference {
  /** Of 10,000 parts. */
  readonly parts: number;
  /** What differs, red on what was kept, as a PNG. */
  readonly drawn: string;
}

/** Compares two pictures, both as base64 of a PNG; the browser decodes them. */
function compare(page: Page, kept: string, found: string): Promise<Difference | 'size'> {
  return page.evaluate(
    async ({ pictures, cell, ofCell, near }) => {
      const [before, after] = await Promise.all(
        pictures.map(async (data) => {
          const image = await createImageBitmap(new Blob([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], { type: 'image/png' }));
          const canvas = new OffscreenCanvas(image.width, image.height);
          const context = canvas.getContext('2d');
          context?.drawImage(image, 0, 0);
          return { canvas, context, width: image.width, height: image.height, points: context?.getImageData(0, 0, image.width, image.height).data };
        }),
      );
      if (!before?.points || !after?.points || before.width !== after.width || before.height !== after.height) return 'size';
      const { width, height, context, canvas } = before;
      const [a, b] = [before.points, after.points];
      const differs = (x: number, y: number): boolean => {
        const at = (y * width + x) * 4;
        return [0, 1, 2].some((i) => Math.abs((a[at + i] ?? 0) - (b[at + i] ?? 0)) > near);
      };
      let parts = 0;
      let wrong = 0;
      if (context) context.fillStyle = 'rgb(255 0 0 / 0.6)';
      for (let top = 0; top < height; top += cell) {
        for (let left = 0; left < width; left += cell) {
          let points = 0;
          for (let y = top; y < Math.min(top + cell, height); y++) for (let x = left; x < Math.min(left + cell, width); x++) if (differs(x, y)) points++;
          parts++;
          if (points < ofCell) continue;
          wrong++;
          context?.fillRect(left, top, cell, cell);
        }
      }
      const drawn = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
      return { parts: (wrong / parts) * 10_000, drawn: btoa(drawn.reduce((text, one) => text + String.fromCharCode(one), '')) };
    },
    { pictures: [kept, found], cell: CELL, ofCell: OF_CELL, near: NEAR },
  );
}

test.each(LOOKS)('five pages look as they did: $language, $theme, $width px wide', { timeout: 120_000 }, async ({ language, theme, width }) => {
  const page = await blank({ viewport: { width, height: width < 720 ? 1200 : 1000 }, locale: language, colorScheme: theme });
  await withoutFonts(page);
  const missing = await showSample(page);
  const wrong: string[] = [];
  for (const { name, path, whole } of PLACES) {
    await page.goto(`${CONSOLE}/${path}`);
    await page.locator(whole).first().waitFor();
    await page.evaluate(() => document.fonts.ready);
    // who the person is comes last
    await page.waitForFunction(() => document.querySelector('#appearance .who') !== null);
    const picture = await page.screenshot({ animations: 'disabled' });
    const file = `${name}.${language}.${theme}.${width}.png`;
    if (isWriting) {
      mkdirSync(KEPT, { recursive: true });
      writeFileSync(join(KEPT, file), picture);
      continue;
    }
    if (!existsSync(join(KEPT, file))) {
      wrong.push(`${file}: there is no such picture (AMENDS_E2E_PICTURES=write keeps one)`);
      continue;
    }
    const kept = readFileSync(join(KEPT, file));
    const difference = await compare(page, kept.toString('base64'), picture.toString('base64'));
    if (difference !== 'size' && difference.parts <= MOST) continue;
    mkdirSync(FOUND, { recursive: true });
    writeFileSync(join(FOUND, file), picture);
    if (difference !== 'size') writeFileSync(join(FOUND, file.replace('.png', '.differs.png')), Buffer.from(difference.drawn, 'base64'));
    wrong.push(`${file}: ${difference === 'size' ? 'of another size' : `${Math.ceil(difference.parts)} of 10,000 parts differ`}; see ${join(FOUND, file)}`);
  }
  expect(missing).toEqual([]);
  expect(wrong).toEqual([]);
});
