import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/http';
import { Heading, ProblemPanel, Skeleton } from '../ui/parts';

/** How to load a page; the same one for all its places. */
export type Load<P> = { of: () => Promise<ComponentType<P>>; page?: ComponentType<P> };

/** A page that is loaded when somebody goes there first, and what it is told. */
export function Later<P extends object>({ title, load, told }: { title: string; load: Load<P>; told: P }): JSX.Element {
  const [failed, setFailed] = useState<Load<P> | null>(null);
  const [, setPage] = useState(() => load.page);
  useEffect(() => {
    if (load.page) return;
    load.of().then(
      (page) => {
        load.page = page;
        setPage(() => page);
      },
      () => setFailed(load), // the server is away, or has a newer page
    );
  }, [load]);
  const Page = load.page;
  if (Page) return <Page {...told} />;
  return (
    <>
      <Heading title={title} />
      {failed === load ? <ProblemPanel problem={new Problem(0, 'no-answer', '', '')} onAgain={() => window.location.reload()} /> : <Skeleton />}
    </>
  );
}
