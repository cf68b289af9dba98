import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

const CHUNK = 7;
/** So many rows are all there: the browser finds text in them. Of more only those near the window are. */
const ALL = 60;
/** The height of a row before one was measured. */
const ROW = 53;

interface Shown {
  readonly first: number;
  readonly last: number;
}

/**
 * The rows of a long table, in groups of which only those in and beside the window are in the document; the others are
 * empty space of the same height. The group with the focus and its neighbours stay, so that keys go on from there. Rows tell
 * their place by aria-rowindex.
 *
 * @param onEnd called when the last row comes near
 * @param onShown told which rows are in and beside the window, the last one not included
 */
export function WindowedRows({
  count,
  row,
  onEnd,
  onShown,
}: {
  count: number;
  row: (i: number) => ComponentChildren;
  onEnd?: (() => void) | undefined;
  onShown?: (from: number, to: number) => void;
}): JSX.Element {
  const whole = count <= ALL;
  const chunks = Math.ceil(count / CHUNK);
  const top = useRef<HTMLTableSectionElement>(null);
  const heights = useRef(new Map<number, number>());
  const bodies = useRef(new Map<number, HTMLTableSectionElement>());
  const [shown, setShown] = useState<Shown>({ first: 0, last: 3 });
  const [focused, setFocused] = useState<number | null>(null);
  const end = useRef(onEnd);
  end.current = onEnd;
  const told = useRef(onShown);
  told.current = onShown;
  useEffect(() => {
    if (whole) told.current?.(0, count);
    else told.current?.(shown.first * CHUNK, (shown.last + 1) * CHUNK);
  }, [whole, count, shown]);

  const usual = (): number => {
    const known = [...heights.current.values()];
    return known.length === 0 ? ROW * CHUNK : known.reduce((sum, one) => sum + one, 0) / known.length;
  };
  const height = (chunk: number, otherwise: number): number => heights.current.get(chunk) ?? otherwise;

  useEffect(() => {
    if (whole) return;
    let frame = 0;
    const look = () => {
      frame = 0;
      const start = top.current?.getBoundingClientRect().top ?? 0;
      const otherwise = usual();
      let at = start;
      let first = chunks - 1;
      let last = 0;
      for (let chunk = 0; chunk < chunks; chunk++) {
        const end = at + height(chunk, otherwise);
        if (end > 0 && at < window.innerHeight) {
          first = Math.min(first, chunk);
          last = Math.max(last, chunk);
        }
        at = end;
      }
      const next = { first: Math.max(0, first - 1), last: Math.min(chunks - 1, last + 1) };
      setShown((before) => (before.first === next.first && before.last === next.last ? before : next));
      if (last >= chunks - 2) end.current?.();
    };
    const soon = () => {
      frame ||= requestAnimationFrame(look);
    };
    const resized = () => {
      heights.current.clear();
      soon();
    };
    look();
    window.addEventListener('scroll', soon, { passive: true });
    window.addEventListener('resize', resized);
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener('scroll', soon);
      window.removeEventListener('resize', resized);
    };
  }, [whole, chunks]);

  useLayoutEffect(() => {
    for (const [chunk, body] of bodies.current) heights.current.set(chunk, body.getBoundingClientRect().height);
  });

  const isThere = (chunk: number): boolean =>
    whole || (chunk >= shown.first && chunk <= shown.last) || (focused !== null && Math.floor((focused - 1) / CHUNK) <= chunk && chunk <= Math.floor((focused + 1) / CHUNK));
  const otherwise = usual();
  const parts: JSX.Element[] = [];
  let space = 0;
  let gap = 0;
  const flush = () => {
    if (space > 0) parts.push(<Space key={`space ${gap++}`} height={space} />);
    space = 0;
  };
  for (let chunk = 0; chunk < chunks; chunk++) {
    if (!isThere(chunk)) {
      space += height(chunk, otherwise);
      continue;
    }
    flush();
    const from = chunk * CHUNK;
    parts.push(
      <tbody
        key={chunk}
        role="rowgroup"
        ref={(body) => {
          if (body) bodies.current.set(chunk, body);
          else bodies.current.delete(chunk);
        }}
        onFocusCapture={(event) => {
          const index = Number((event.target as Element).closest('tr')?.getAttribute('aria-rowindex'));
          if (index > 0) setFocused(index - 2);
        }}
        onBlurCapture={() => setFocused(null)}
      >
        {Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => row(from + i))}
      </tbody>,
    );
  }
  flush();
  return (
    <>
      <tbody ref={top} class="rows-space" aria-hidden="true" />
      {parts}
    </>
  );
}

function Space({ height }: { height: number }): JSX.Element {
  return (
    <tbody class="rows-space" aria-hidden="true">
      <tr>
        <td style={{ height: `${Math.round(height)}px` }} />
      </tr>
    </tbody>
  );
}
