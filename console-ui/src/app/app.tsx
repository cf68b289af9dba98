import type { JSX } from 'preact';
import { Problem } from '../api/http';
import { t } from '../i18n';
import { FailurePageView } from '../pages/failure';
import { FailuresPage } from '../pages/failures';
import { ProcessorsPage } from '../pages/processors';
import { Heading, ProblemPanel } from '../ui/parts';
import { match, path } from './router';
import { Shell } from './shell';

function Page(): JSX.Element {
  const at = path.value;
  if (at === '' || at === 'failures') return <FailuresPage />;
  if (at === 'processors') return <ProcessorsPage />;
  const failure = match('failures/:id', at);
  if (failure?.['id']) return <FailurePageView key={failure['id']} id={failure['id']} />;
  return (
    <>
      <Heading title={t().problem.page} />
      <ProblemPanel problem={new Problem(404, 'no-such-page', '', '')} />
    </>
  );
}

export function App(): JSX.Element {
  return (
    <Shell>
      <Page />
    </Shell>
  );
}
