import { signal } from '@preact/signals';
import { t } from '../i18n';
import { awaySince, signInNeeded } from './http';
import type { Me } from './model';
import type { Operation } from './schema';

/** Who the person is and what they may do; null until the server has said so. */
export const me = signal<Me | null>(null);

/** Why an operation can not be done now, or null. The server decides again when it is asked. */
export function refusal(operation: Operation): string | null {
  if (awaySince.value !== null) return t().live.offReason;
  if (signInNeeded.value !== null) return t().signIn.needed;
  const action = me.value?.actions.find((one) => one.operation === operation);
  return action && !action.allowed ? t().access.lacks(action.permission) : null;
}
