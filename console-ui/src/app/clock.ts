import { signal } from '@preact/signals';
import { clockOffset } from '../api/http';

/** Now by the server's clock, renewed every second while the tab is visible. */
export const now = signal(Date.now());

export function startClock(): void {
  const tick = () => {
    if (document.visibilityState === 'visible') now.value = Date.now() + clockOffset.peek();
  };
  setInterval(tick, 1000);
  document.addEventListener('visibilitychange', tick);
}
