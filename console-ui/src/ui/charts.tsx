import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { ChartProps } from './chart';

const loaded = signal<((props: ChartProps) => JSX.Element) | null>(null);
const failed = signal(false);

/** The charts, with what draws them, which is loaded when it is needed first. Until then, and without it, what they say is there in words. */
export function Charts({ charts }: { charts: readonly ChartProps[] }): JSX.Element {
  useEffect(() => {
    if (loaded.peek()) return;
    import('./chart').then(
      ({ Chart }) => {
        loaded.value = Chart;
      },
      () => {
        failed.value = true; // a new version was deployed, or the server is away: reading again helps
      },
    );
  }, []);
  const Chart = loaded.value;
  return (
    <div class="charts" aria-busy={Chart || failed.value ? undefined : 'true'}>
      {charts.map((one) =>
        Chart ? (
          <Chart key={one.title} {...one} />
        ) : (
          <figure key={one.title} class="chart">
            <figcaption>
              <strong>{one.title}</strong>
              <span class="chart-summary">{one.summary}</span>
            </figcaption>
            <div class="chart-canvas empty" aria-hidden="true" />
          </figure>
        ),
      )}
    </div>
  );
}
