import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { detailWidth } from '../app/settings';
import { t } from '../i18n';

/** A detail narrower than this has no room for a line of a stack trace. */
const LEAST = 360;
/** What the list keeps beside the widest detail, the separator included. */
const LIST = 400;
const STEP = 24;
const SHARE = 0.46;

const enough = window.matchMedia('(min-width: 960px)');

/** Whether the window has room for a detail beside its list. */
export const wide = signal(enough.matches);
enough.addEventListener('change', () => (wide.value = enough.matches));

export interface Width {
  readonly least: number;
  readonly now: number;
  readonly most: number;
}

/** How wide the detail is, in CSS pixels, of that much room for both. */
export function widthOf(asked: number | null, room: number): Width {
  const most = Math.max(LEAST, Math.floor(room) - LIST);
  return { least: LEAST, now: Math.min(most, Math.max(LEAST, Math.round(asked ?? room * SHARE))), most };
}

/** The width after a key on the separator, which is left of what it makes wider; null for a key that does nothing there. */
export function widthAfter(key: string, { least, now, most }: Width): number | null {
  switch (key) {
    case 'ArrowLeft':
      return Math.min(most, now + STEP);
    case 'ArrowRight':
      return Math.max(least, now - STEP);
    case 'Home':
      return least;
    case 'End':
      return most;
    default:
      return null;
  }
}

/** What is listed, and beside it the detail of one of it, if there is one; a person says how wide that is. */
export function Split({ children, detail }: { children: ComponentChildren; detail: ComponentChildren | null }): JSX.Element {
  const { split } = t();
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState<number | null>(null);
  /** While the pointer holds the separator: how wide it would be with the pointer at the window's left edge, and is since it moved. */
  const [held, setHeld] = useState<{ readonly from: number; readonly width: number | null } | null>(null);
  const isOpen = detail !== null;
  useLayoutEffect(() => {
    if (!isOpen || !box.current) return;
    const measure = () => setRoom(box.current?.clientWidth ?? null);
    const observer = new ResizeObserver(measure);
    measure();
    observer.observe(box.current);
    return () => observer.disconnect();
  }, [isOpen]);
  const width = widthOf(held?.width ?? detailWidth.value, room ?? 0);
  return (
    <div ref={box} class={isOpen ? 'split open' : 'split'} style={{ '--detail': room === null ? null : `${width.now}px` }}>
      <div class="split-list">{children}</div>
      {isOpen && (
        <>
          <div
            class="separator"
            role="separator"
            tabIndex={0}
            aria-orientation="vertical"
            aria-label={split.width}
            title={split.hint}
            aria-controls="detail"
            aria-valuemin={width.least}
            aria-valuenow={width.now}
            aria-valuemax={width.most}
            aria-valuetext={split.pixels(String(width.now))}
            onKeyDown={(event) => {
              const next = event.altKey || event.ctrlKey || event.metaKey ? null : widthAfter(event.key, width);
              if (next === null) return;
              event.preventDefault();
              detailWidth.value = next;
            }}
            onPointerDown={(event) => {
              if (event.button !== 0) return;
              event.preventDefault(); // no text is selected on the way
              event.currentTarget.focus();
              event.currentTarget.setPointerCapture(event.pointerId);
              setHeld({ from: width.now + event.clientX, width: null });
            }}
            onPointerMove={(event) => {
              if (held !== null) setHeld({ ...held, width: widthOf(held.from - event.clientX, room ?? 0).now });
            }}
            onLostPointerCapture={() => {
              if (held !== null && held.width !== null) detailWidth.value = held.width;
              setHeld(null);
            }}
            onDblClick={() => (detailWidth.value = null)}
          />
          <aside id="detail" class="split-detail" aria-label={split.detail}>
            {detail}
          </aside>
        </>
      )}
    </div>
  );
}
