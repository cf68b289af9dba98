import type { JSX } from 'preact';

const PATHS = {
  failures: 'M8 1.8 14.6 13.5H1.4zM8 6.2v3.4M8 11.4v.2',
  groups: 'M2 3h12M2 8h8M2 13h4',
  lanes: 'M4 1.5v2.5M4 9v5.5M4 4a2.5 2.5 0 1 0 .01 0M9 3.5h5.5M9 6.5h5.5M9 12h5.5',
  processors: 'M2.5 2.5h11v4h-11zM2.5 9.5h11v4h-11zM5 4.5h.1M5 11.5h.1',
  waits: 'M8 1.5a6.5 6.5 0 1 0 .01 0M8 4.5V8l2.5 1.5',
  batches: 'M2 4.5 8 1.5l6 3-6 3zM2 8l6 3 6-3M2 11.5l6 3 6-3',
  audit: 'M3.5 1.5h9v13h-9zM6 5h4M6 8h4M6 11h2',
  overview: 'M1.5 9.5 8 3l6.5 6.5M3.5 8v6h9V8',
  flow: 'M1.5 8h3l2-5 3 10 2-5h3',
  retry: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 1.5v3h-3',
  skip: 'M2.5 3.5 8 8l-5.5 4.5zM8 3.5 13.5 8 8 12.5z',
  more: 'M3 8h.1M8 8h.1M13 8h.1',
  check: 'm2.5 8.5 3.5 3.5 7.5-8',
  clock: 'M8 2a6 6 0 1 0 .01 0M8 5v3.2l2 1.3',
  run: 'M4.5 2.5v11l8.5-5.5z',
  person: 'M8 2.5a2.5 2.5 0 1 0 .01 0M3 13.5c.5-3 2.5-4.5 5-4.5s4.5 1.5 5 4.5',
  close: 'm3.5 3.5 9 9M12.5 3.5l-9 9',
  search: 'M7 2.5a4.5 4.5 0 1 0 .01 0M10.3 10.3 14 14',
  left: 'm10 3-5 5 5 5',
  right: 'm6 3 5 5-5 5',
  down: 'm3 6 5 5 5-5',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  link: 'M6.5 9.5 9.5 6.5M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  pause: 'M5 3v10M11 3v10',
  look: 'M8 2.5a5.5 5.5 0 1 0 .01 0M8 2.5v11',
  plus: 'M8 3v10M3 8h10',
  warn: 'M8 1.5a6.5 6.5 0 1 0 .01 0M8 4.7v3.8M8 11v.2',
} as const;

export type IconName = keyof typeof PATHS;

/** A drawing of 16 units; the text beside it says what it means. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): JSX.Element {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
