import type { JSX } from 'preact';
import { command, segment } from '../api/http';
import type { Wait } from '../api/model';
import { refresh } from '../api/query';
import { capped, t } from '../i18n';
import { say } from '../ui/notice';
import { FormDialog } from '../ui/parts';
import { ReasonField } from './fields';
import type { End } from './wait-actions';
import { WaitsFor } from './waits-for';

/** Ends a wait in one of its ways, after the person has said why. */
export function EndDialog({ wait, end, onClose }: { wait: Wait; end: End; onClose: () => void }): JSX.Element {
  const { waits, dialog } = t();
  const words = {
    run: { title: waits.runTitle, text: waits.runText, action: waits.runDo },
    fail: { title: waits.failTitle, text: waits.failText, action: waits.failDo },
    skip: { title: dialog.skipTitle, text: dialog.skipText, action: dialog.skipDo },
  }[end];
  return (
    <FormDialog
      title={words.title}
      action={words.action}
      kind={end === 'skip' ? 'danger' : 'primary'}
      onClose={onClose}
      onSubmit={async (values, key) => {
        await command(`waits/${segment(wait.processor)}/${wait.position}/${end}`, { reason: String(values.get('reason') ?? '').trim() }, { key });
        say(waits.asked);
        refresh('waits', 'lanes', 'failures', 'processors');
      }}
    >
      <p>
        <strong>{wait.eventType}</strong> {wait.key !== null && <span class="mono">{wait.key}</span>}: <WaitsFor wait={wait} />
      </p>
      <p>{words.text}</p>
      {end === 'skip' && wait.followers > 0 && (
        <p>
          <strong>{dialog.skipFollowers(wait.followers, capped(wait.followers))}</strong>
        </p>
      )}
      <ReasonField required {...(end === 'skip' ? { label: dialog.skipReason } : {})} />
    </FormDialog>
  );
}
