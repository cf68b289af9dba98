import type { RetryPolicy } from '../api/model';
import { durationMillis, length, number, t } from '../i18n';

/** A duration of the API in words. */
export const span = (iso: string): string => length(durationMillis(iso));

/** How often, how long after a failure, and for how long at most a function is retried. */
export function policySentence(policy: RetryPolicy): string {
  const { failure } = t();
  return policy.enabled
    ? failure.policyWords(number(policy.maxRetries), span(policy.minBackoff), span(policy.maxBackoff), span(policy.executionTimeout))
    : failure.policyOff;
}
