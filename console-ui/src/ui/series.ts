/** The arithmetic of charts: what a series says in words, and where it has nothing to say. */
import { number } from '../i18n';

/** A rate per minute: fine where it is small. */
export const rate = (value: number): string => number(value >= 100 ? Math.round(value) : Math.round(value * 10) / 10);

/** A value for each time; null where nothing was measured, which is another thing than 0. */
export type Values = readonly (number | null)[];

export interface Summary {
  readonly least: number;
  readonly most: number;
  /** The index of the greatest value, the last one if there are several. */
  readonly mostAt: number;
  readonly last: number | null;
  /** How the last third compares with the first: at least a fifth more or less, or neither. */
  readonly trend: 'rising' | 'falling' | 'steady';
}

/** Null if nothing was measured. */
export function summarize(values: Values): Summary | null {
  const known = values.flatMap((value, i) => (value === null ? [] : [[value, i] as const]));
  if (known.length === 0) return null;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let mostAt = 0;
  for (const [value, i] of known) {
    least = Math.min(least, value);
    if (value >= most) {
      most = value;
      mostAt = i;
    }
  }
  const third = Math.floor(known.length / 3);
  const mean = (part: readonly (readonly [number, number])[]) => part.reduce((sum, [value]) => sum + value, 0) / part.length;
  const first = third === 0 ? 0 : mean(known.slice(0, third));
  const last = third === 0 ? 0 : mean(known.slice(-third));
  return {
    least,
    most,
    mostAt,
    last: values.at(-1) ?? null,
    trend: last > first * 1.2 ? 'rising' : last < first * 0.8 ? 'falling' : 'steady',
  };
}

/** The times from the first step in the range to the last, in seconds, and for each the point that is there, or null. */
export function onAxis<T extends { readonly at: string }>(points: readonly T[], from: string, to: string, stepMillis: number): { times: number[]; points: (T | null)[] } {
  const byTime = new Map(points.map((point) => [Date.parse(point.at), point]));
  const times: number[] = [];
  const found: (T | null)[] = [];
  for (let at = Math.floor(Date.parse(from) / stepMillis) * stepMillis; at < Date.parse(to); at += stepMillis) {
    times.push(at / 1000);
    found.push(byTime.get(at) ?? null);
  }
  // the step that has just begun has no point yet: that is not a gap
  while (found.length > 0 && found.at(-1) === null && (times.at(-1) ?? 0) * 1000 > Date.parse(to) - stepMillis) {
    times.pop();
    found.pop();
  }
  return { times, points: found };
}

/** Values that have no neighbour: a line through them shows nothing, so they get a dot. */
export function alone(values: Values): number[] {
  return values.flatMap((value, i) => (value !== null && (values[i - 1] ?? null) === null && (values[i + 1] ?? null) === null ? [i] : []));
}
