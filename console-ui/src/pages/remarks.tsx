// What persons say of a cause: a note, and that somebody takes care of it.
import type { JSX } from 'preact';
import { OWN, Problem, command, segment } from '../api/http';
import type { GroupDetail } from '../api/model';
import { refresh } from '../api/query';
import { t } from '../i18n';
import { Field, FormDialog } from '../ui/parts';
import { isoDuration } from './fields';

const address = (group: GroupDetail): string => `groups/${segment(group.fingerprint)}`;

export function NoteDialog({ group, onClose }: { group: GroupDetail; onClose: () => void }): JSX.Element {
  const { causes } = t();
  return (
    <FormDialog
      title={causes.noteTitle}
      action={causes.noteDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        await command<unknown>(`${address(group)}/note`, { note: String(values.get('note') ?? '').trim() }, { key });
        refresh('groups');
      }}
    >
      <p>{causes.noteText}</p>
      <Field label={causes.note}>
        <textarea name="note" rows={4} maxLength={1000} data-first defaultValue={group.note ?? ''} />
      </Field>
    </FormDialog>
  );
}

export function AcknowledgeDialog({ group, onClose }: { group: GroupDetail; onClose: () => void }): JSX.Element {
  const { causes, common, dialog } = t();
  return (
    <FormDialog
      title={causes.ackTitle}
      action={causes.ackDo}
      onClose={onClose}
      onSubmit={async (values, key) => {
        const text = String(values.get('duration') ?? '').trim();
        const duration = text === '' ? null : isoDuration(text);
        if (text !== '' && duration === null) throw new Problem(400, OWN, '', dialog.durationWrong);
        const reason = String(values.get('reason') ?? '').trim();
        await command<unknown>(`${address(group)}/acknowledge`, { ...(duration ? { duration } : {}), ...(reason ? { reason } : {}) }, { key });
        refresh('groups');
      }}
    >
      <p>{causes.ackText}</p>
      <Field label={causes.ackFor} hint={causes.ackForHint}>
        <input name="duration" defaultValue="4h" autocomplete="off" data-first />
      </Field>
      <Field label={common.reason} hint={common.optional}>
        <input name="reason" maxLength={1000} autocomplete="off" />
      </Field>
    </FormDialog>
  );
}
