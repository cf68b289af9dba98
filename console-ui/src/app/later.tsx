import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/http';
import { Heading, ProblemPanel, Skeleton } from '../ui/parts';

type Load = () => Promise<ComponentType>;

const loaded = new Map<Load, ComponentType>();

/** A page that is loaded when somebody goes there first. */
export function Later({ title, load }: { title: string; load: Load }): JSX.Element {
  const [state, setState] = useState<'loading' | 'loaded' | 'failed'>(loaded.has(load) ? 'loaded' : 'loading');
  useEffect(() => {
    if (loaded.has(load)) return;
    load().then(
      (page) => {
        loaded.set(load, page);
        setState('loaded');
      },
      () => setState('failed'), // the server is away, or has a newer page
    );
  }, [load]);
  const Page = loaded.get(load);
  if (state === 'loaded' && Page) return <Page />;
  return (
    <>
      <Heading title={title} />
      {state === 'failed' ? <ProblemPanel problem={new Problem(0, 'no-answer', '', '')} onAgain={() => window.location.reload()} /> : <Skeleton />}
    </>
  );
}
