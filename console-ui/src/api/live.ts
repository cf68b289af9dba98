import { apiUrl } from './http';
import { paused, refresh, streaming } from './query';

const EVENTS = ['counts', 'lanes', 'groups', 'batch', 'reset'] as const;
type Event = (typeof EVENTS)[number];

/** What to read again when this has changed. */
const DIRTY: Readonly<Record<Event, readonly string[]>> = {
  counts: ['failures', 'lanes', 'waits', 'processors'],
  lanes: ['lanes', 'waits', 'processors'],
  groups: ['groups', 'failures'],
  batch: ['batches'],
  reset: ['failures', 'groups', 'lanes', 'waits', 'processors', 'batches', 'audit', 'nodes'],
};
/** Several hints within this time lead to one reading. */
const TOGETHER = 250;
const AGAIN = 60_000;
/** A page that is left at once asks for no stream: the server keeps each until it notices. */
const SETTLED = 1000;
const NAME = 'amends-live';

/** What tabs tell each other. */
interface Told {
  /** Whether the stream is there. */
  readonly on?: boolean;
  readonly event?: Event;
  /** A new tab asks whether it is. */
  readonly ask?: true;
}

let pending = new Set<string>();

function hint(event: Event): void {
  if (pending.size === 0) {
    setTimeout(() => {
      const paths = [...pending];
      pending = new Set();
      // a tab that is not seen reads when it is
      if (!paused.peek() && document.visibilityState === 'visible') refresh(...paths);
    }, TOGETHER);
  }
  for (const path of DIRTY[event]) pending.add(path);
}

/** Listens until it is told to stop; tells the other tabs what it hears. */
function listen(channel: BroadcastChannel, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (on: boolean) => {
      streaming.value = on;
      channel.postMessage({ on } satisfies Told);
    };
    const open = () => {
      source = new EventSource(apiUrl('stream'));
      source.onopen = () => tell(true);
      source.onerror = () => {
        tell(false);
        // says at once whether the service is away, instead of when it is asked next
        refresh();
        // refused: the browser does not try again by itself
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN);
      };
      for (const event of EVENTS) {
        source.addEventListener(event, () => {
          tell(true);
          hint(event);
          channel.postMessage({ on: true, event } satisfies Told);
        });
      }
    };
    const answer = ({ data }: MessageEvent<Told>) => {
      if (data.ask) channel.postMessage({ on: streaming.peek() } satisfies Told);
    };
    channel.addEventListener('message', answer);
    stop.addEventListener('abort', () => {
      channel.removeEventListener('message', answer);
      clearTimeout(timer);
      source.close();
      tell(false);
      done();
    });
    open();
  });
}

/**
 * Hears of changes, with one connection for all tabs of the browser: the tab that holds the lock has it, and gives it up
 * while it is hidden. Without locks (a page that is not served securely) there is no stream, and the page polls.
 */
export function startLive(): void {
  if (!('locks' in navigator) || !('EventSource' in window)) return;
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    if (data.on !== undefined) streaming.value = data.on;
    if (data.event) hint(data.event);
  });
  channel.postMessage({ ask: true } satisfies Told);
  let leaving: AbortController | null = null;
  let wasHidden = false;
  const update = () => {
    const visible = document.visibilityState === 'visible';
    if (visible && wasHidden) hint('reset');
    wasHidden = !visible;
    if (visible && leaving === null) {
      const stop = new AbortController();
      leaving = stop;
      setTimeout(() => {
        if (stop.signal.aborted) return;
        navigator.locks.request(NAME, { signal: stop.signal }, () => listen(channel, stop.signal)).catch((error: unknown) => {
          if (!(error instanceof DOMException && error.name === 'AbortError')) throw error; // hidden while it waited
        });
      }, SETTLED);
    } else if (!visible && leaving !== null) {
      leaving.abort();
      leaving = null;
      streaming.value = false;
    }
  };
  document.addEventListener('visibilitychange', update);
  // an open stream may not notice that there is no network any more
  window.addEventListener('offline', () => refresh());
  update();
}
