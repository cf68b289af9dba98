import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { OWN, Problem, awaySince } from '../api/http';
import { useSlow } from '../api/query';
import { now } from '../app/clock';
import { setQuery, visits } from '../app/router';
import { fromNow, moment, problemText, t } from '../i18n';
import { Icon, type IconName } from './icons';
import { lookAgain, useIntent } from './intent';
import type { Queue } from './state';

export const QUEUE_ICON: Readonly<Record<Queue, IconName>> = {
  scheduled: 'clock',
  due: 'clock',
  running: 'run',
  waiting: 'waits',
  'needs-operator': 'person',
  handled: 'check',
  skipped: 'skip',
};

export function queueName(queue: Queue): string {
  const { state } = t();
  switch (queue) {
    case 'scheduled':
      return state.scheduled;
    case 'due':
      return state.due;
    case 'running':
      return state.PREPARED;
    case 'waiting':
      return state.waiting;
    case 'needs-operator':
      return state.needsOperator;
    case 'handled':
      return state.SUCCEEDED;
    case 'skipped':
      return state.SKIPPED;
  }
}

/** A state as colour, drawing and word: no one of them alone. */
export function StateChip({ queue }: { queue: Queue }): JSX.Element {
  return (
    <span class={`state ${queue}`}>
      <Icon name={QUEUE_ICON[queue]} size={14} />
      {queueName(queue)}
    </span>
  );
}

/** A time relative to now; the absolute one on hover, and for screen readers. */
export function Ago({ at }: { at: string }): JSX.Element {
  return (
    <time dateTime={at} title={moment(at)}>
      {fromNow(at, now.value)}
    </time>
  );
}

/** The heading of a page; gets the focus when a person came here. */
export function Heading({ title, children, lead }: { title: string; children?: ComponentChildren; lead?: ComponentChildren }): JSX.Element {
  const ref = useRef<HTMLHeadingElement>(null);
  const visit = visits.value;
  useEffect(() => {
    if (visit > 0) ref.current?.focus({ preventScroll: true });
  }, [visit]);
  useEffect(() => {
    document.title = t().title(title);
  });
  return (
    <header class="heading">
      {lead}
      <div class="heading-line">
        <h1 ref={ref} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
    </header>
  );
}

/** Why commands are off now, or null. */
export function offReason(): string | null {
  return awaySince.value === null ? null : t().live.offReason;
}

interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onPress: () => void;
  readonly kind?: 'primary' | 'plain' | 'danger';
  readonly icon?: IconName;
  readonly keys?: string;
  /** Why it is off; shown beside it, not only on hover. */
  readonly off?: string | null;
  /** The id of the element that says why, where one reason is for several. */
  readonly offBy?: string | null;
  readonly busy?: boolean;
}

/** A command. One that is off says why, and can still be reached with the keyboard. */
export function Button({ children, onPress, kind = 'plain', icon, keys, off = null, offBy = null, busy = false }: ButtonProps): JSX.Element {
  const id = useId();
  const saysWhy = offBy ?? (off ? id : undefined);
  return (
    <span class="button-and-reason">
      <button
        type="button"
        class={`button ${kind}`}
        aria-disabled={saysWhy || busy ? 'true' : undefined}
        aria-describedby={saysWhy}
        aria-busy={busy ? 'true' : undefined}
        aria-keyshortcuts={keys}
        onClick={() => {
          if (!saysWhy && !busy) onPress();
        }}
      >
        {icon && <Icon name={icon} />}
        {children}
        {keys && (
          <kbd aria-hidden="true" class="key">
            {keys}
          </kbd>
        )}
      </button>
      {off && !offBy && (
        <span class="reason" id={id}>
          {off}
        </span>
      )}
    </span>
  );
}

export function CopyButton({ text, label }: { text: string; label?: string }): JSX.Element {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      class="copy"
      aria-label={copied ? t().common.copied : (label ?? t().common.copy)}
      title={label ?? t().common.copy}
      onClick={() => void copyText(text).then(() => setCopied(true))}
    >
      <Icon name={copied ? 'check' : 'copy'} size={14} />
    </button>
  );
}

/** Copies; where the page is not served securely the browser has only the old way. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

/** What a page shows instead of content that did not come. */
export function ProblemPanel({ problem, onAgain }: { problem: Problem; onAgain?: () => void }): JSX.Element {
  const { problem: text, common } = t();
  const title = problem.status === 403 || problem.status === 401 ? text.forbidden : problem.status === 404 ? text.gone : text.title;
  return (
    <section class="panel-state" role="alert">
      <Icon name={problem.status === 404 ? 'look' : 'warn'} size={28} />
      <h2>{title}</h2>
      {problem.status === 404 ? <p>{text.goneText}</p> : <Words problem={problem} />}
      <Said problem={problem} />
      <p class="quiet">
        {text.code} <code>{problem.code}</code>
        {problem.status > 0 && ` · HTTP ${problem.status}`}
      </p>
      <p class="actions">
        {onAgain && (
          <button type="button" class="button" onClick={onAgain}>
            <Icon name="retry" />
            {common.again}
          </button>
        )}
        <a class="button" href="failures">
          {text.back}
        </a>
      </p>
    </section>
  );
}

/** Grey lines in the place of content, once it takes long enough to be seen. */
export function Skeleton({ lines = 8 }: { lines?: number }): JSX.Element | null {
  const slow = useSlow(true);
  if (!slow) return null;
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{t().common.loading}</span>
      {Array.from({ length: lines }, (_, i) => (
        <div key={i} aria-hidden="true" />
      ))}
    </div>
  );
}

export function Empty({ title, icon = 'check', children }: { title: string; icon?: IconName; children?: ComponentChildren }): JSX.Element {
  return (
    <section class="panel-state">
      <Icon name={icon} size={28} />
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** A dialog of the browser's own: it keeps the focus inside and gives it back. */
export function Dialog({
  title,
  onClose,
  children,
  wide = false,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
}): JSX.Element {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  /** Whether the pointer went down beside the dialog: text that is selected may end there. */
  const beside = useRef(false);
  useEffect(() => {
    const dialog = ref.current;
    const opener = document.activeElement;
    dialog?.showModal();
    dialog?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        beside.current = event.target === ref.current;
      }}
      onClick={(event) => {
        if (beside.current && event.target === ref.current) onClose();
      }}
    >
      <div class="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** A form in a dialog: sends with one key until it is known what became of it, shows the server's mistakes, closes when done. */
export function FormDialog({
  title,
  action,
  kind = 'primary',
  onClose,
  onSubmit,
  children,
  wide = false,
  off: given = null,
}: {
  title: string;
  action: string;
  /** Why it can not be sent yet. */
  off?: string | null;
  kind?: 'primary' | 'danger';
  onClose: () => void;
  onSubmit: (values: FormData, key: string) => Promise<void>;
  children: ComponentChildren;
  wide?: boolean;
}): JSX.Element {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const intent = useIntent();
  const away = offReason();
  const off = away ?? given;
  const isOff = off !== null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (busy || isOff) return;
    setBusy(true);
    setProblem(null);
    const values = new FormData(event.currentTarget as HTMLFormElement);
    intent
      .send((key) => onSubmit(values, key))
      .then(onClose, (error: unknown) => {
        setBusy(false);
        if (!(error instanceof Problem)) throw error;
        setProblem(error);
        if (error.isUnclear) lookAgain();
      });
  };
  return (
    <Dialog title={title} onClose={onClose} wide={wide}>
      <form
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) (event.currentTarget as HTMLFormElement).requestSubmit();
        }}
      >
        {children}
        {problem && <Mistakes problem={problem} />}
        {off && <p class="reason">{off}</p>}
        <p class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {t().common.cancel}
          </button>
          <button type="submit" class={`button ${kind}`} aria-disabled={busy || isOff ? 'true' : undefined} aria-busy={busy ? 'true' : undefined}>
            {action}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** What a problem says: in the language of the person, or in the server's. */
function Words({ problem }: { problem: Problem }): JSX.Element {
  const words = problem.isAway && problem.detail === '' ? t().problem.noAnswer : problemText(problem);
  return <p lang={words === problem.detail && problem.code !== OWN ? 'en' : undefined}>{words}</p>;
}

/** The server's own words, where others stand for them: they name what it is about. */
function Said({ problem }: { problem: Problem }): JSX.Element | null {
  if (problem.status === 404 || problem.detail === '' || problemText(problem) === problem.detail) return null;
  return (
    <p class="quiet small" lang="en">
      {problem.detail}
    </p>
  );
}

/** @param title what could not be shown; that a command was refused, or its end is not known, if left out */
export function Mistakes({ problem, title }: { problem: Problem; title?: string }): JSX.Element {
  const { problem: text, failure } = t();
  const unclear = title === undefined && problem.isUnclear;
  return (
    <div class="mistakes" role="alert">
      <strong>{title ?? (unclear ? text.unclear : failure.refused)}</strong>
      {problem.mistakes.length > 1 ? (
        <ul lang="en">
          {problem.mistakes.map((mistake) => (
            <li key={mistake}>{mistake}</li>
          ))}
        </ul>
      ) : (
        <>
          {unclear ? <p>{text.unclearText}</p> : <Words problem={problem} />}
          <Said problem={problem} />
        </>
      )}
    </div>
  );
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ComponentChildren }): JSX.Element {
  return (
    <label class="field">
      <span class="field-label">
        {label}
        {hint && <span class="quiet"> {hint}</span>}
      </span>
      {children}
    </label>
  );
}

/** Actions that few need, behind one button. */
export function Menu({ label, children, offBy = null }: { label: string; children: ComponentChildren; offBy?: string | null }): JSX.Element {
  const id = useId();
  const ref = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <span class="menu">
      <button
        ref={button}
        type="button"
        class="button icon-only"
        popovertarget={offBy === null ? id : undefined}
        aria-disabled={offBy === null ? undefined : 'true'}
        aria-describedby={offBy ?? undefined}
        aria-label={label}
        title={label}
      >
        <Icon name="more" />
      </button>
      <div
        ref={ref}
        id={id}
        popover="auto"
        class="menu-items"
        onToggle={(event) => {
          if ((event as unknown as { newState: string }).newState !== 'open' || !button.current || !ref.current) return;
          const at = button.current.getBoundingClientRect();
          const items = ref.current;
          items.style.top = `${Math.min(at.bottom + 4, window.innerHeight - items.offsetHeight - 8)}px`;
          items.style.left = `${Math.max(8, Math.min(at.right - items.offsetWidth, window.innerWidth - items.offsetWidth - 8))}px`;
          items.querySelector<HTMLElement>('button')?.focus();
        }}
        onClick={() => ref.current?.hidePopover()}
      >
        {offBy === null && children}
      </div>
    </span>
  );
}

/** One action of a menu; one that is off says why. */
export function MenuItem({ children, onPress, off }: { children: ComponentChildren; onPress: () => void; off?: string | null }): JSX.Element {
  const id = useId();
  return (
    <button
      type="button"
      aria-disabled={off ? 'true' : undefined}
      aria-describedby={off ? id : undefined}
      onClick={(event) => {
        if (off) event.stopPropagation();
        else onPress();
      }}
    >
      {children}
      {off && (
        <span class="reason" id={id}>
          {off}
        </span>
      )}
    </button>
  );
}

/** The filters that are set, each to be taken away; what the page does not know is shown as such, not dropped. */
export function Chips({
  given,
  known,
  names,
}: {
  given: readonly (readonly [string, string])[];
  known: readonly string[];
  names: Readonly<Record<string, string>>;
}): JSX.Element | null {
  const { failures, common } = t();
  if (given.length === 0) return null;
  return (
    <ul class="chips">
      {given.map(([name, value]) => (
        <li key={name} class={known.includes(name) ? 'chip' : 'chip unknown'}>
          {known.includes(name) ? (
            <>
              <span class="quiet">{names[name] ?? name}</span> <span class="mono">{value}</span>
            </>
          ) : (
            failures.unknownFilter(name)
          )}
          <button type="button" class="copy" aria-label={common.remove(`${name} ${value}`)} onClick={() => setQuery({ [name]: null })}>
            <Icon name="close" size={12} />
          </button>
        </li>
      ))}
    </ul>
  );
}
