import type { JSX } from 'preact';
import { Problem } from '../api/http';
import { t } from '../i18n';
import { AuditLogPage } from '../pages/audit';
import { BatchPage, BatchesPage } from '../pages/batches';
import { FailurePageView } from '../pages/failure';
import { FailuresPage } from '../pages/failures';
import { GroupPage } from '../pages/group';
import { LanePage, LanesPage } from '../pages/lanes';
import { OverviewPage } from '../pages/overview';
import { ProcessorPage } from '../pages/processor';
import { ProcessorsPage } from '../pages/processors';
import { WaitsPage } from '../pages/waits';
import { Heading, ProblemPanel } from '../ui/parts';
import { Later } from './later';
import { match, path } from './router';
import { Shell } from './shell';

const flowPage = () => import('../pages/flow').then(({ FlowPage }) => FlowPage);

function Page(): JSX.Element {
  const at = path.value;
  if (at === '') return <OverviewPage />;
  if (at === 'failures') return <FailuresPage />;
  if (at === 'lanes') return <LanesPage />;
  if (at === 'waits') return <WaitsPage />;
  if (at === 'audit') return <AuditLogPage />;
  if (at === 'flow') return <Later title={t().flow.title} load={flowPage} />;
  if (at === 'processors') return <ProcessorsPage />;
  const failure = match('failures/:id', at);
  if (failure?.['id']) return <FailurePageView key={failure['id']} id={failure['id']} />;
  const group = match('groups/:fingerprint', at);
  if (group?.['fingerprint']) return <GroupPage key={group['fingerprint']} fingerprint={group['fingerprint']} />;
  if (at === 'batches') return <BatchesPage />;
  const batch = match('batches/:id', at);
  if (batch?.['id']) return <BatchPage key={batch['id']} id={batch['id']} />;
  const processor = match('processors/:name', at);
  if (processor?.['name']) return <ProcessorPage key={processor['name']} name={processor['name']} />;
  const lane = match('lanes/:processor/:key', at);
  if (lane?.['processor'] && lane['key']) return <LanePage key={at} processor={lane['processor']} laneKey={lane['key']} />;
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
