import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { theme, zone } from '../app/settings';
import { momentShort, t } from '../i18n';
import { type Values, alone } from './series';

export interface Series {
  readonly label: string;
  readonly values: Values;
  readonly line: Line;
}

/** How a series is drawn: colour and dashes together, so that either is enough. */
export type Line = 'a' | 'b' | 'c' | 'bad' | 'bad2';

const LINES: Readonly<Record<Line, { readonly color: string; readonly dash: readonly number[] }>> = {
  a: { color: '--accent', dash: [] },
  b: { color: '--amber', dash: [7, 4] },
  c: { color: '--green', dash: [2, 3] },
  bad: { color: '--red', dash: [] },
  bad2: { color: '--red', dash: [5, 4] },
};

export interface Mark {
  /** In seconds. */
  readonly at: number;
  /** Its number in the list of what happened. */
  readonly n: number;
}

export interface ChartProps {
  readonly title: string;
  readonly summary: string;
  readonly times: readonly number[];
  readonly series: readonly Series[];
  readonly marks: readonly Mark[];
  readonly format: (value: number) => string;
  /** How values stand on their axis: from 0 on as numbers or times, or times of any size one beside the other. */
  readonly scale: 'numbers' | 'times' | 'sizes';
  /** Whether the times are written below it. */
  readonly withTimes: boolean;
}

const TIMES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400, 172_800, 604_800];
/** Where lines are drawn for times of any size. */
const SIZES = [0.001, 0.01, 0.1, 1, 10, 120, 1200, 14_400];
const LEAST = 0.0005;

/** The place of the crosshair, which all charts share; null without one. */
const pointed = signal<number | null>(null);

const style = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** A variable's colour as the canvas takes it: light-dark() is resolved by an element. */
function color(name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

function Swatch({ line }: { line: Line }): JSX.Element {
  return (
    <svg class={`swatch ${line}`} width="22" height="8" aria-hidden="true">
      <line x1="0" x2="22" y1="4" y2="4" stroke-dasharray={LINES[line].dash.join(' ') || undefined} />
    </svg>
  );
}

/** A chart of one size with a common axis: what it says is written above it, and there as a table. */
export function Chart({ title, summary, times, series, marks, format, scale, withTimes }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [open, setOpen] = useState(false);
  const shown = theme.value;
  const utc = zone.value === 'utc';
  const sizes = scale === 'sizes';
  const data = [
    times as number[],
    ...series.map((one) => (sizes ? one.values.map((value) => (value === null ? null : Math.max(LEAST, value))) : (one.values as (number | null)[]))),
  ] as uPlot.AlignedData;
  const drawn = useRef({ marks, format });
  drawn.current = { marks, format };
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const ink = color('--ink-3');
    const grid = color('--line');
    const strong = color('--line-strong');
    const font = `11px ${style('--font')}`;
    const height = () => (withTimes ? 148 : 124);
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: height(),
        padding: [12, 8, withTimes ? 0 : 6, 0],
        legend: { show: false },
        ...(utc ? { tzDate: (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC') } : {}),
        cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 }, sync: { key: 'flow' } },
        scales: {
          x: { time: true },
          y: sizes
            ? { distr: 3, range: (_, least, most) => [Math.min(0.001, least ?? 0.001), Math.max(1, (most ?? 1) * 1.4)] }
            : { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] },
        },
        axes: [
          {
            show: withTimes,
            stroke: ink,
            font,
            size: 24,
            gap: 4,
            grid: { stroke: grid, width: 1 },
            ticks: { show: false },
            values: (_, splits) => splits.map((at) => momentShort(at * 1000, (splits.at(-1) ?? 0) - (splits[0] ?? 0) > 172_800, false)),
            space: 74,
          },
          {
            stroke: ink,
            font,
            size: 62,
            gap: 6,
            space: 34,
            ...(scale === 'times' ? { incrs: TIMES } : {}),
            ...(sizes ? { splits: (one: uPlot) => SIZES.filter((size) => size >= (one.scales['y']?.min ?? 0) && size <= (one.scales['y']?.max ?? 0)), filter: (_: uPlot, splits: number[]) => splits } : {}),
            grid: { stroke: grid, width: 1 },
            ticks: { show: false },
            values: (_, splits) => splits.map((value) => drawn.current.format(value)),
          },
        ],
        series: [
          {},
          ...series.map(({ line, values }) => ({
            stroke: color(LINES[line].color),
            width: 1.75,
            dash: [...LINES[line].dash],
            spanGaps: false,
            points: { size: 4, filter: () => alone(values) },
          })),
        ],
        hooks: {
          setCursor: [(one) => (pointed.value = one.cursor.idx ?? null)],
          draw: [
            (one) => {
              const { ctx } = one;
              ctx.save();
              ctx.strokeStyle = strong;
              ctx.fillStyle = ink;
              ctx.font = `${11 * devicePixelRatio}px ${style('--font')}`;
              ctx.textAlign = 'center';
              ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
              let free = 0;
              for (const mark of drawn.current.marks) {
                const x = Math.round(one.valToPos(mark.at, 'x', true));
                if (x < one.bbox.left || x > one.bbox.left + one.bbox.width) continue;
                ctx.beginPath();
                ctx.moveTo(x, one.bbox.top);
                ctx.lineTo(x, one.bbox.top + one.bbox.height);
                ctx.stroke();
                if (x < free) continue; // its number would stand on the one before
                ctx.fillText(String(mark.n), x, one.bbox.top - 2 * devicePixelRatio);
                free = x + 14 * devicePixelRatio;
              }
              ctx.restore();
            },
          ],
        },
      },
      data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: height() }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shown, utc, withTimes, series.length, document.documentElement.lang]);
  useEffect(() => {
    plot.current?.setData(data);
  }, [times, series, marks]);
  const at = pointed.value !== null && pointed.value < times.length ? pointed.value : times.length - 1;
  const { flow } = t();
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-head">
          <strong>{title}</strong>
          <span class="legend">
            {series.map((one) => {
              const value = one.values[at] ?? null;
              return (
                <span key={one.label}>
                  <Swatch line={one.line} />
                  {one.label} <span class="num">{value === null ? '–' : format(value)}</span>
                </span>
              );
            })}
            <span class="quiet num" aria-hidden="true">
              {times[at] === undefined ? '' : momentShort((times[at] ?? 0) * 1000, false, false)}
            </span>
          </span>
        </span>
        <span class="chart-summary">{summary}</span>
      </figcaption>
      <div ref={place} class="chart-canvas" aria-hidden="true" onPointerLeave={() => (pointed.value = null)} />
      <details class="chart-table" onToggle={(event) => setOpen((event.currentTarget as HTMLDetailsElement).open)}>
        <summary>
          {flow.asTable}
          <span class="visually-hidden"> {title}</span>
        </summary>
        {open && (
          <div class="chart-rows" tabIndex={0} role="region" aria-label={title}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{flow.time}</th>
                  {series.map((one) => (
                    <th key={one.label} scope="col" class="num">
                      {one.label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {times
                  .map((time, i) => (
                    <tr key={time}>
                      <th scope="row">{momentShort(time * 1000, true, true)}</th>
                      {series.map((one) => {
                        const value = one.values[i] ?? null;
                        return (
                          <td key={one.label} class="num">
                            {value === null ? <span class="quiet">{flow.unknown}</span> : format(value)}
                          </td>
                        );
                      })}
                    </tr>
                  ))
                  .reverse()}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </figure>
  );
}
