import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../i18n';
import { say } from './notice';

/** A dialog that is loaded when somebody opens it; the same one for all its places. */
export type LoadDialog<P> = { of: () => Promise<ComponentType<P>>; dialog?: ComponentType<P> };

/** Shows such a dialog, and what it is told. */
export function LaterDialog<P extends { readonly onClose: () => void }>({ load, told }: { load: LoadDialog<P>; told: P }): JSX.Element | null {
  const [, setDialog] = useState(() => load.dialog);
  useEffect(() => {
    if (load.dialog) return;
    load.of().then(
      (dialog) => {
        load.dialog = dialog;
        setDialog(() => dialog);
      },
      () => {
        // the server is away, or has a newer page
        say(t().problem.noAnswer, 'bad');
        told.onClose();
      },
    );
  }, [load]);
  const Dialog = load.dialog;
  return Dialog ? <Dialog {...told} /> : null;
}
