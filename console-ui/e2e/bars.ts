// Two fonts that are the same on every machine: each letter is a bar of about its width. What is drawn with them shows where
// text stands and where it breaks, and not what the fonts of a machine look like.
type Part = readonly [width: number, bottom: number, top: number];

const SIZE = 1000;
const ASCENT = 800;
const DESCENT = 200;
/** By glyph; one without height is blank. */
const GLYPHS = { none: [560, 0, 500], space: [280, 0, 0], thin: [290, 0, 520], plain: [545, 0, 520], tall: [640, 0, 700], broad: [860, 0, 600], digit: [560, 0, 700], full: [1000, -60, 840], blank: [0, 0, 0], mono: [600, 0, 600], gap: [600, 0, 0] } as const satisfies Record<string, Part>;
type Glyph = keyof typeof GLYPHS;
const NAMES = Object.keys(GLYPHS) as Glyph[];

function glyphOf(code: number, mono: boolean): Glyph {
  const letter = String.fromCodePoint(code);
  if (code >= 0x200b && code <= 0x200f) return 'blank';
  if (/[\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60]/.test(letter)) return 'full';
  if (mono) return /\s/.test(letter) ? 'gap' : 'mono';
  if (/\s/.test(letter)) return 'space';
  if (/[fijlrtI.,:;'|!()[\]·’‘-]/.test(letter)) return 'thin';
  if (/[mwMW@%…—⌘]/.test(letter)) return 'broad';
  if (/\d/.test(letter)) return 'digit';
  return /[A-Z]/.test(letter) ? 'tall' : 'plain';
}

const u16 = (...values: readonly number[]): Buffer => Buffer.from(values.flatMap((one) => [(one >> 8) & 255, one & 255]));
const u32 = (...values: readonly number[]): Buffer => Buffer.from(values.flatMap((one) => [(one >>> 24) & 255, (one >>> 16) & 255, (one >>> 8) & 255, one & 255]));
const even = (part: Buffer): Buffer => Buffer.concat([part, Buffer.alloc((4 - (part.length % 4)) % 4)]);

/** One contour of four corners. */
function outline([width, bottom, top]: Part): Buffer {
  if (top === bottom) return Buffer.alloc(0);
  const flags = Buffer.from([1, 1, 1, 1]);
  return even(Buffer.concat([u16(1, 0, bottom, width, top, 3, 0), flags, u16(0, 0, width, 0), u16(bottom, top - bottom, 0, bottom - top)]));
}

/** Ranges of characters, each of one glyph; all up to the end of the first plane have one. */
function ranges(mono: boolean): readonly (readonly [from: number, to: number, glyph: Glyph])[] {
  const found: [number, number, Glyph][] = [];
  for (let code = 0x20; code <= 0xffef; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const glyph = glyphOf(code, mono);
    const last = found.at(-1);
    if (last && last[2] === glyph && last[1] === code - 1) last[1] = code;
    else found.push([code, code, glyph]);
  }
  return found;
}

/** A TrueType font, without kerning, hints or ligatures. */
export function bars(mono: boolean): Buffer {
  const parts = NAMES.map((name) => GLYPHS[name]);
  const outlines = parts.map(outline);
  const places = [0];
  for (const one of outlines) places.push((places.at(-1) ?? 0) + one.length);
  const groups = ranges(mono);
  const mapping = Buffer.concat([u16(13, 0), u32(16 + 12 * groups.length, 0, groups.length), ...groups.map(([from, to, glyph]) => u32(from, to, NAMES.indexOf(glyph)))]);
  const name = Buffer.from(mono ? 'Bars Mono' : 'Bars', 'utf16le').swap16();
  const names = [1, 2, 4, 6];
  const tables: Readonly<Record<string, Buffer>> = {
    'OS/2': Buffer.concat([
      u16(4, 550, 400, 5, 0, 650, 600, 0, 75, 650, 600, 0, 350, 50, 300, 0),
      Buffer.alloc(10),
      u32(0, 0, 0, 0),
      Buffer.from('NONE'),
      u16(0x40, 0x20, 0xffff, ASCENT, -DESCENT, 0, ASCENT, DESCENT),
      u32(0, 0),
      u16(500, 700, 0, 32, 1),
    ]),
    cmap: Buffer.concat([u16(0, 1, 3, 10), u32(12), mapping]),
    glyf: Buffer.concat(outlines),
    head: Buffer.concat([u32(0x10000, 0x10000, 0, 0x5f0f3cf5), u16(0b1011, SIZE), u32(0, 0, 0, 0), u16(0, -DESCENT, SIZE, 840, 0, 8, 2, 1, 0)]),
    hhea: Buffer.concat([u32(0x10000), u16(ASCENT, -DESCENT, 0, SIZE, 0, 0, SIZE, 1, 0, 0, 0, 0, 0, 0, 0, NAMES.length)]),
    hmtx: Buffer.concat(parts.map(([width]) => u16(width, 0))),
    loca: u32(...places),
    maxp: Buffer.concat([u32(0x10000), u16(NAMES.length, 4, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0)]),
    name: Buffer.concat([u16(0, names.length, 6 + 12 * names.length), ...names.map((id) => u16(3, 1, 0x409, id, name.length, 0)), name]),
    post: u32(0x30000, 0, 0, mono ? 1 : 0, 0, 0, 0, 0),
  };
  const entries = Object.entries(tables);
  const power = 2 ** Math.floor(Math.log2(entries.length));
  const head = u16(entries.length, power * 16, Math.log2(power), (entries.length - power) * 16);
  let offset = 12 + 16 * entries.length;
  const directory = entries.map(([tag, content]) => {
    const padded = even(content);
    let sum = 0;
    for (let i = 0; i < padded.length; i += 4) sum = (sum + padded.readUInt32BE(i)) >>> 0;
    const line = Buffer.concat([Buffer.from(tag), u32(sum, offset, content.length)]);
    offset += padded.length;
    return line;
  });
  return Buffer.concat([u32(0x10000), head, ...directory, ...entries.map(([, content]) => even(content))]);
}
