import { computed, effect, signal } from '@preact/signals';
import { language, zone } from '../app/settings';
import type { en } from './en';

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widened<T[K]> };

/** Every text of the page; a language that lacks one does not compile. */
export type Dictionary = Widened<typeof en>;

const dictionary = signal<Dictionary | null>(null);
/** What the server's problems say, by code, in a language that may be another than the server's; null before the first problem. */
const problems = signal<{ readonly of: string; readonly said: Readonly<Record<string, string>> } | null>(null);

async function load(of: 'en' | 'zh-CN'): Promise<Dictionary> {
  return of === 'en' ? (await import('./en')).en : (await import('./zh-CN')).zhCN;
}

/** Loads what problems say: with the first of them, not with the page. Until then, and if it does not come, the server's words stand. */
export async function loadProblems(): Promise<void> {
  const of = language.peek();
  if (problems.peek()?.of === of) return;
  const said = of === 'en' ? {} : await import('./zh-CN-problems').then((all) => all.problems, () => null);
  if (said && language.peek() === of) problems.value = { of, said };
}

/** Loads the chosen language, and later each one that is chosen. */
export async function loadLanguage(): Promise<void> {
  const first = language.peek();
  dictionary.value = await load(first);
  document.documentElement.lang = first;
  let shown = first;
  effect(() => {
    const wanted = language.value;
    if (wanted === shown) return;
    shown = wanted;
    if (problems.peek()) void loadProblems();
    void load(wanted).then((loaded) => {
      if (language.peek() !== wanted) return;
      document.documentElement.lang = wanted;
      dictionary.value = loaded;
    });
  });
}

/** The texts in the language of the person. */
export function t(): Dictionary {
  const loaded = dictionary.value;
  if (!loaded) throw new Error('no language is loaded');
  return loaded;
}

/** What a problem says, in the language of the person if it is known. */
export function problemText({ code, detail }: { readonly code: string; readonly detail: string }): string {
  const known = problems.value;
  return (known?.of === t().tag && known.said[code]) || detail;
}

/** One after the other, as the language puts them; what is not there is left out. */
export const sentences = (...all: readonly (string | false | undefined)[]): string => all.filter(Boolean).join(t().tag === 'en' ? ' ' : '');

const tag = computed(() => dictionary.value?.tag ?? 'en');
const timeZone = computed(() => (zone.value === 'utc' ? { timeZone: 'UTC' } : {}));
const numbers = computed(() => new Intl.NumberFormat(tag.value));
const relative = computed(() => new Intl.RelativeTimeFormat(tag.value, { numeric: 'always', style: 'narrow' }));
const times = computed(
  () => new Intl.DateTimeFormat(tag.value, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', ...timeZone.value }),
);
const moments = computed(
  () =>
    new Intl.DateTimeFormat(tag.value, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
      ...timeZone.value,
    }),
);

export const number = (value: number): string => numbers.value.format(value);

/** A count that the server stops at one more than this. */
export const capped = (value: number, most = 10_000): string => (value > most ? `${number(most)}+` : number(value));

export const timeOfDay = (at: number | string): string => times.value.format(new Date(at));

const hours = computed(() => new Intl.DateTimeFormat(tag.value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...timeZone.value }));
const days = computed(() => new Intl.DateTimeFormat(tag.value, { month: 'short', day: 'numeric', ...timeZone.value }));

/** The time of day; the day alone if only days count, both if that is asked for as well. */
export const momentShort = (at: number, day: boolean, both: boolean): string =>
  [...(day || both ? [days.value.format(at)] : []), ...(!day || both ? [hours.value.format(at)] : [])].join(' ');

export const moment = (at: number | string): string => moments.value.format(new Date(at));

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** How long ago, or in how long; never finer than a person can use. */
export function fromNow(at: number | string, now: number): string {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, one]) => size >= one) ?? ['second', 1];
  const amount = Math.trunc(seconds / length);
  return amount === 0 ? t().time.justNow : relative.value.format(amount, unit);
}

/** Milliseconds of an ISO 8601 duration such as PT1H3M or P2DT0.5S; NaN for another text. */
export function durationMillis(iso: string): number {
  const parts = /^(-)?P(?:(\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+(?:\.\d+)?)S)?)?$/.exec(iso);
  if (!parts) return Number.NaN;
  const [, minus, days, hours, minutes, seconds] = parts;
  const sum = (Number(days ?? 0) * 24 + Number(hours ?? 0)) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  return Math.round((minus ? -sum : sum) * 1000);
}

/** A length of time in at most two units: 2 h 5 min, 340 ms. */
export function length(millis: number): string {
  const { time } = t();
  if (millis < 1000) return time.ms(number(Math.round(millis)));
  const total = Math.round(millis / 1000);
  const parts: [number, (n: string) => string][] = [
    [Math.floor(total / 86_400), time.d],
    [Math.floor((total % 86_400) / 3_600), time.h],
    [Math.floor((total % 3_600) / 60), time.min],
    [total % 60, time.s],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => unit(number(amount)))
    .join(' ');
}
