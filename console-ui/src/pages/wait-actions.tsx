import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { command, segment } from '../api/http';
import { refusal } from '../api/me';
import type { Wait } from '../api/model';
import { refresh } from '../api/query';
import { t } from '../i18n';
import { say } from '../ui/notice';
import { Button, FormDialog, Menu, MenuItem } from '../ui/parts';
import { ReasonField } from './fields';
import { WaitsFor } from './waits-for';

/** What a person can do about an event that waits. */
type End = 'run' | 'fail' | 'skip';
const OPERATION = { run: 'runWait', fail: 'failWait', skip: 'skipWait' } as const;

function EndDialog({ wait, end, onClose }: { wait: Wait; end: End; onClose: () => void }): JSX.Element {
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
          <strong>{dialog.skipFollowers(wait.followers)}</strong>
        </p>
      )}
      <ReasonField required {...(end === 'skip' ? { label: dialog.skipReason } : {})} />
    </FormDialog>
  );
}

/** The commands on an event that waits: as buttons, or behind one in a row. */
export function WaitActions({ wait, inRow = false }: { wait: Wait; inRow?: boolean }): JSX.Element {
  const { waits, failure } = t();
  const [end, setEnd] = useState<End | null>(null);
  const ask = (one: End) => () => setEnd(one);
  const off = (one: End) => refusal(OPERATION[one], wait.processor);
  return (
    <>
      {inRow ? (
        <Menu label={waits.actions(wait.eventType, wait.key ?? wait.eventId)}>
          <MenuItem onPress={ask('run')} off={off('run')}>
            {waits.run}
          </MenuItem>
          <MenuItem onPress={ask('fail')} off={off('fail')}>
            {waits.fail}
          </MenuItem>
          <MenuItem onPress={ask('skip')} off={off('skip')}>
            {failure.skip}
          </MenuItem>
        </Menu>
      ) : (
        <>
          <Button icon="run" onPress={ask('run')} off={off('run')}>
            {waits.run}
          </Button>
          <Button icon="failures" onPress={ask('fail')} off={off('fail')}>
            {waits.fail}
          </Button>
          <Button icon="skip" onPress={ask('skip')} off={off('skip')}>
            {failure.skip}
          </Button>
        </>
      )}
      {end && <EndDialog wait={wait} end={end} onClose={() => setEnd(null)} />}
    </>
  );
}
