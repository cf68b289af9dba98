import type { JSX } from 'preact';
import type { Wait } from '../api/model';
import { moment, t } from '../i18n';

/** What an event waits for. */
export function whatFor({ kind, awaited, dueAt, since }: Wait): string {
  const { waits } = t();
  if (!awaited) return kind === 'NEXT' ? waits.next : moment(dueAt ?? since);
  const { processor, stream, key, version } = awaited;
  return waits.done(kind === 'EVENT' ? `${stream} = ${key}` : waits.version(`${stream}/${key}`, version), processor);
}

/** The same in a sentence. */
export function WaitsFor({ wait }: { wait: Wait }): JSX.Element {
  return (
    <>
      {t().waits.waitsFor} {whatFor(wait)}
    </>
  );
}
