/** Seeded (mulberry32), so that a failure can be seen again. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(next: () => number, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;

export function word(next: () => number, alphabet: string, most: number): string {
  let text = '';
  for (let n = Math.floor(next() * (most + 1)); n > 0; n--) text += pick(next, [...alphabet]);
  return text;
}
