import { useLayoutEffect } from 'preact/hooks';
import { signInNeeded } from '../api/http';
import { paused } from '../api/query';
import { go } from './router';
import { shortcuts, theme } from './settings';
import { signal } from '@preact/signals';

type Handler = () => void;

const bound = new Map<string, Handler[]>();

/** Whether the list of keys is open. */
export const helpOpen = signal(false);

/** With what text a search begins that is open in any place; null if none is. */
export const searching = signal<string | null>(null);

/** Opens it, unless nothing can be found before the person has signed in. */
export function search(text = ''): void {
  if (signInNeeded.peek() === null) searching.value = text;
}

/** A longer text is no key, id or word that somebody looks for. */
const SEARCHED = 300;

/** Gives a key its meaning while the component is shown; the one that was shown last wins. */
export function useKey(key: string, handler: Handler | null): void {
  // at once: what is in sight can be pressed
  useLayoutEffect(() => {
    if (!handler) return;
    const list = bound.get(key) ?? [];
    bound.set(key, [...list, handler]);
    return () => {
      bound.set(key, (bound.get(key) ?? []).filter((one) => one !== handler));
    };
  });
}

const GO: Readonly<Record<string, string>> = { o: './', f: 'failures', l: 'lanes', w: 'flow', s: 'processors', b: 'batches', a: 'audit' };
let goPending = 0;

export function toggleTheme(): void {
  const dark = theme.peek() === 'dark' || (theme.peek() === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  theme.value = dark ? 'light' : 'dark';
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select, [contenteditable], dialog') !== null;
}

const isBehindDialog = (): boolean => document.querySelector('dialog[open]') !== null;

/** Single keys work everywhere but in inputs and dialogs, and can be switched off (WCAG 2.1.4). */
export function startKeys(): void {
  // what is pasted where nothing takes it is looked for
  document.addEventListener('paste', (event) => {
    const text = event.clipboardData?.getData('text/plain').trim() ?? '';
    if (event.defaultPrevented || isTyping(event.target) || isBehindDialog() || text === '' || text.length > SEARCHED) return;
    event.preventDefault();
    search(text);
  });
  document.addEventListener('keydown', (event) => {
    // it has a modifier: it is no single key, and works in inputs as well
    if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && !isBehindDialog()) {
      event.preventDefault();
      search();
      return;
    }
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (shortcuts.peek() === 'off' && event.key !== 'Escape') return;
    const { key } = event;
    // the browser closes what is open: that is all that is meant
    if (key === 'Escape' && document.querySelector('[popover]:popover-open')) return;
    if (goPending > Date.now() - 1200 && GO[key] !== undefined) {
      goPending = 0;
      event.preventDefault();
      go(GO[key]);
      return;
    }
    const handler = bound.get(key)?.at(-1);
    if (handler) {
      event.preventDefault();
      handler();
    } else if (key === 'g') goPending = Date.now();
    else if (key === '?') helpOpen.value = true;
    else if (key === 't') toggleTheme();
    else if (key === 'p') paused.value = !paused.peek();
    else if (key === '/') {
      const here = document.querySelector<HTMLInputElement>('input[type=search]');
      event.preventDefault();
      if (!here) search();
      here?.focus();
      here?.select();
    } else if (key === 'j' || key === 'k') moveRow(key === 'j' ? 1 : -1);
  });
}

function moveRow(step: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')];
  const focused = links.findIndex((link) => link === document.activeElement || link.closest('tr')?.contains(document.activeElement));
  const at = focused >= 0 ? focused : links.findIndex((link) => link.ariaCurrent === 'true');
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
