import { signal } from '@preact/signals';
import { t } from '../i18n';
import { awaySince, signInNeeded } from './http';
import type { Me } from './model';
import type { Operation } from './schema';

/** Who the person is and what they may do; null until the server has said so. */
export const me = signal<Me | null>(null);

const matches = (pattern: string, processor: string): boolean => (pattern.endsWith('*') ? processor.startsWith(pattern.slice(0, -1)) : processor === pattern);

/**
 * Why an operation can not be done now, or null. The server decides again when it is asked.
 *
 * @param on the processor that it is about; null if it is about all, not given if that is not known yet
 */
export function refusal(operation: Operation, on?: string | null): string | null {
  if (awaySince.value !== null) return t().live.offReason;
  if (signInNeeded.value !== null) return t().signIn.needed;
  const action = me.value?.actions.find((one) => one.operation === operation);
  if (!action) return null;
  const { access } = t();
  if (!action.allowed) return access.lacks(action.permission);
  if (on === undefined || action.permission === '') return null;
  const granted = me.value?.permissions[action.permission] ?? [];
  if (on === null) return granted.includes('*') ? null : access.lacksForAll(action.permission);
  return granted.some((pattern) => matches(pattern, on)) ? null : access.lacksFor(action.permission, on);
}
