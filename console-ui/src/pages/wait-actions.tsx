import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { refusal } from '../api/me';
import type { Wait } from '../api/model';
import { t } from '../i18n';
import { LaterDialog, type LoadDialog } from '../ui/later';
import { Button, Menu, MenuItem } from '../ui/parts';

/** What a person can do about an event that waits. */
export type End = 'run' | 'fail' | 'skip';
const OPERATION = { run: 'runWait', fail: 'failWait', skip: 'skipWait' } as const;

const END: LoadDialog<{ readonly wait: Wait; readonly end: End; readonly onClose: () => void }> = { of: () => import('./wait-end').then((all) => all.EndDialog) };

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
      {end && <LaterDialog load={END} told={{ wait, end, onClose: () => setEnd(null) }} />}
    </>
  );
}
