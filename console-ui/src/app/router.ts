import { computed, signal } from '@preact/signals';

/** Where the page is: the path below its base without a leading slash, and the query. The only store of what is shown. */
export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

function read(): Place {
  const base = new URL(document.baseURI).pathname;
  const at = window.location.pathname;
  const path = at.startsWith(base) ? at.slice(base.length) : '';
  return { path: path.replace(/\/+$/, ''), query: new URLSearchParams(window.location.search) };
}

export const place = signal<Place>(read());

/** Grows with every navigation of the person, not with changes of the query. */
export const visits = signal(0);

export const path = computed(() => place.value.path);

/** An address of the page, relative to its base. */
export function to(path: string, query: Readonly<Record<string, string | null | undefined>> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  const text = params.toString();
  return (path === '' ? './' : path) + (text ? `?${text}` : '');
}

export function go(address: string, replace = false): void {
  const url = new URL(address, document.baseURI);
  const before = place.peek().path;
  if (replace) history.replaceState(null, '', url);
  else if (url.href !== window.location.href) history.pushState(null, '', url);
  place.value = read();
  if (!replace && place.peek().path !== before) {
    visits.value++;
    window.scrollTo(0, 0);
  }
}

/** Changes parts of the query; null takes a part away. */
export function setQuery(changes: Readonly<Record<string, string | null>>, replace = false): void {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  go(to(place.peek().path, Object.fromEntries(query)), replace);
}

/** Whether a click means the link here, and not another tab or window. */
export const isPlain = (event: MouseEvent): boolean => event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;

/** Follows links within the page without loading it again. */
export function startRouter(): void {
  window.addEventListener('popstate', () => {
    const before = place.peek().path;
    place.value = read();
    if (place.peek().path !== before) visits.value++;
  });
  document.addEventListener('click', (event) => {
    if (event.defaultPrevented || !isPlain(event)) return;
    const link = (event.target as Element | null)?.closest('a');
    if (!link || link.target || link.hasAttribute('download') || link.origin !== window.location.origin) return;
    const base = new URL(document.baseURI).pathname;
    const served = [`${base}api/`, `${base}auth/`]; // by the server, not in the page
    if (!link.pathname.startsWith(base) || served.some((one) => link.pathname.startsWith(one)) || link.hash) return;
    event.preventDefault();
    go(link.href);
  });
}

/** The parts of a path that fits a pattern such as `failures/:id`, decoded; null if it does not fit. */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [i, one] of wanted.entries()) {
    const text = given[i] ?? '';
    if (one.startsWith(':')) {
      try {
        parts[one.slice(1)] = decodeURIComponent(text);
      } catch {
        return null; // a broken escape is nobody's path
      }
    } else if (one !== text) return null;
  }
  return parts;
}
