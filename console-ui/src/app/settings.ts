import { effect, signal } from '@preact/signals';

/** What a person chose for this browser; there is no login whose choice it could be. */
export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'zh-CN';
export type Zone = 'local' | 'utc';

function read(name: string): string | null {
  try {
    return localStorage.getItem(`amends.${name}`);
  } catch {
    return null; // storage is off in this browser: the choice lasts as long as the page
  }
}

function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`amends.${name}`);
    else localStorage.setItem(`amends.${name}`, value);
  } catch {
    return; // as above
  }
}

function stored<T extends string>(name: string, values: readonly T[], otherwise: T) {
  const start = read(name);
  const choice = signal<T>(values.find((value) => value === start) ?? otherwise);
  effect(() => keep(name, choice.value === otherwise ? null : choice.value));
  return choice;
}

function storedNumber(name: string) {
  const start = Number(read(name));
  const choice = signal<number | null>(start > 0 ? start : null);
  effect(() => keep(name, choice.value === null ? null : String(choice.value)));
  return choice;
}

const browserLanguage: Language = (navigator.languages ?? [navigator.language]).find((one) => /^(zh|en)\b/i.test(one))?.toLowerCase().startsWith('zh')
  ? 'zh-CN'
  : 'en';

export const theme = stored<Theme>('theme', ['system', 'light', 'dark'], 'system');
export const language = stored<Language>('language', ['en', 'zh-CN'], browserLanguage);
export const zone = stored<Zone>('zone', ['local', 'utc'], 'local');
/** How wide the detail beside a list is, in CSS pixels; null as long as the person has not said so. */
export const detailWidth = storedNumber('detail-width');
export const shortcuts = stored<'on' | 'off'>('shortcuts', ['on', 'off'], 'on');

export function applyTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme.value);
  });
}
