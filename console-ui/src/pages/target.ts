import { number, t } from '../i18n';
import type { LoadDialog } from '../ui/later';

export type Filter = Readonly<Record<string, string>>;

/** What a person does to many: all that a filter finds, or of that only the ones with these ids. */
export interface Target {
  readonly filter: Filter;
  readonly ids?: readonly string[];
  /** The name of the cause, where the filter is one. */
  readonly cause?: string;
  /** How many it is about, until a plan has counted them. */
  readonly number: number;
}

/** What a filter finds, in words. */
export function filterWords(filter: Filter): string {
  const { failures, selection } = t();
  const names: Readonly<Record<string, string>> = failures.field;
  const words = Object.entries(filter)
    .filter(([name]) => name !== 'state')
    .map(([name, value]) => (name === 'selected' ? selection.some(Number(value), number(Number(value))) : `${names[name] ?? name} ${value}`));
  return words.join(', ') || failures.all;
}

/** The dialog by which a person retries them, loaded when it is opened. */
export const RETRY: LoadDialog<{ readonly target: Target; readonly forced: boolean; readonly onClose: () => void }> = {
  of: () => import('./retry').then((all) => all.RetryDialog),
};
