import { effect, signal } from '@preact/signals';

/** What a person chose for this browser; there is no login whose choice it could be. */
export type Theme = 'system' | 'light' | 'dark';
export type Language = 'en' | 'zh-CN';
export type Zone = 'local' | 'utc';

function stored<T extends string>(name: string, values: readonly T[], otherwise: T) {
  const key = `amends.${name}`;
  let start: string | null = null;
  try {
    start = localStorage.getItem(key);
  } catch {
    start = null; // storage is off in this browser: the choice lasts as long as the page
  }
  const choice = signal<T>(values.find((value) => value === start) ?? otherwise);
  effect(() => {
    const value = choice.value;
    try {
      if (value === otherwise) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      return; // as above
    }
  });
  return choice;
}

const browserLanguage: Language = (navigator.languages ?? [navigator.language]).find((one) => /^(zh|en)\b/i.test(one))?.toLowerCase().startsWith('zh')
  ? 'zh-CN'
  : 'en';

export const theme = stored<Theme>('theme', ['system', 'light', 'dark'], 'system');
export const language = stored<Language>('language', ['en', 'zh-CN'], browserLanguage);
export const zone = stored<Zone>('zone', ['local', 'utc'], 'local');
export const shortcuts = stored<'on' | 'off'>('shortcuts', ['on', 'off'], 'on');

export function applyTheme(): void {
  effect(() => {
    const root = document.documentElement;
    if (theme.value === 'system') root.removeAttribute('data-theme');
    else root.setAttribute('data-theme', theme.value);
  });
}
