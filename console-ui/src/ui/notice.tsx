import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { t } from '../i18n';
import { Icon } from './icons';

interface Notice {
  readonly text: string;
  readonly kind: 'good' | 'bad' | 'plain';
}

const notice = signal<Notice | null>(null);
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says what became of a command, in the corner and to screen readers. Bad news stays until it is closed. */
export function say(text: string, kind: Notice['kind'] = 'plain'): void {
  clearTimeout(timer);
  notice.value = { text, kind };
  if (kind !== 'bad') timer = setTimeout(() => (notice.value = null), 6000);
}

export function Notices(): JSX.Element {
  const shown = notice.value;
  return (
    <div class="notices" role="status" aria-live="polite">
      {shown && (
        <div class={`notice ${shown.kind}`}>
          <Icon name={shown.kind === 'good' ? 'check' : shown.kind === 'bad' ? 'warn' : 'clock'} />
          <span>{shown.text}</span>
          <button type="button" class="copy" aria-label={t().common.close} onClick={() => (notice.value = null)}>
            <Icon name="close" size={14} />
          </button>
        </div>
      )}
    </div>
  );
}
