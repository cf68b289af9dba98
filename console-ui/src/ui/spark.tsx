import type { JSX } from 'preact';

const WIDTH = 4;
const GAP = 1;
const HEIGHT = 22;

/** Bars of one series, the newest last; what they say is said in words as well. */
export function Spark({ values, label }: { values: readonly number[]; label: string }): JSX.Element {
  const most = Math.max(1, ...values);
  return (
    <svg class="spark" width={Math.max(0, values.length * (WIDTH + GAP) - GAP)} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {values.map((value, i) => {
        const height = value === 0 ? 1 : Math.max(3, Math.round((value / most) * HEIGHT));
        return <rect key={i} class={value === 0 ? 'none' : undefined} x={i * (WIDTH + GAP)} y={HEIGHT - height} width={WIDTH} height={height} rx={1} />;
      })}
    </svg>
  );
}
