import { useRef } from 'preact/hooks';
import { Intent, Problem } from '../api/http';
import { refresh } from '../api/query';
import { problemText, t } from '../i18n';
import { say } from './notice';

/** What the person wants done here, as long as this is shown. */
export function useIntent(): Intent {
  const intent = useRef<Intent | null>(null);
  return (intent.current ??= new Intent());
}

/** Reads everything again that a command may have changed. */
export const lookAgain = (): void => refresh('failures', 'groups', 'lanes', 'waits', 'processors', 'batches');

/** Says that a command was refused and why, or that nobody knows what became of it; shows how things are now. */
export function tell(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  const { problem, failure } = t();
  say(error.isUnclear ? `${problem.unclear} ${problem.unclearText}` : `${failure.refused}: ${problemText(error) || problem.noAnswer}`, 'bad');
  lookAgain();
}

/** Says why something could not be read. */
export function tellUnread(error: unknown): void {
  if (!(error instanceof Problem)) throw error;
  say(problemText(error) || t().problem.noAnswer, 'bad');
}
