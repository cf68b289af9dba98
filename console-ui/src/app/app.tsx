import type { JSX } from 'preact';
import { Problem } from '../api/http';
import { laneKeyOf } from '../api/lane';
import { t } from '../i18n';
import { FailurePageView } from '../pages/failure';
import { FailuresPage } from '../pages/failures';
import { GroupPage } from '../pages/group';
import { OverviewPage } from '../pages/overview';
import { Heading, ProblemPanel } from '../ui/parts';
import { Later, type Load } from './later';
import { match, path } from './router';
import { Shell } from './shell';

// what few alerts lead to is loaded when somebody goes there: the first load is what all places need
const audit: Load<object> = { of: () => import('../pages/audit').then((all) => all.AuditLogPage) };
const flow: Load<object> = { of: () => import('../pages/flow').then((all) => all.FlowPage) };
const batches: Load<object> = { of: () => import('../pages/batches').then((all) => all.BatchesPage) };
const batch: Load<{ id: string }> = { of: () => import('../pages/batches').then((all) => all.BatchPage) };
const lanes: Load<object> = { of: () => import('../pages/lanes').then((all) => all.LanesPage) };
const lane: Load<{ processor: string; laneKey: string }> = { of: () => import('../pages/lanes').then((all) => all.LanePage) };
const waits: Load<object> = { of: () => import('../pages/waits').then((all) => all.WaitsPage) };
const processors: Load<object> = { of: () => import('../pages/processors').then((all) => all.ProcessorsPage) };
const processor: Load<{ name: string }> = { of: () => import('../pages/processor').then((all) => all.ProcessorPage) };

function Page(): JSX.Element {
  const at = path.value;
  if (at === '') return <OverviewPage />;
  if (at === 'failures') return <FailuresPage />;
  if (at === 'lanes') return <Later title={t().lanes.title} load={lanes} told={{}} />;
  if (at === 'waits') return <Later title={t().waits.title} load={waits} told={{}} />;
  if (at === 'audit') return <Later title={t().audit.title} load={audit} told={{}} />;
  if (at === 'flow') return <Later title={t().flow.title} load={flow} told={{}} />;
  if (at === 'processors') return <Later title={t().processors.title} load={processors} told={{}} />;
  const failure = match('failures/:id', at);
  if (failure?.['id']) return <FailurePageView key={failure['id']} id={failure['id']} />;
  const group = match('groups/:fingerprint', at);
  if (group?.['fingerprint']) return <GroupPage key={group['fingerprint']} fingerprint={group['fingerprint']} />;
  if (at === 'batches') return <Later title={t().batch.title} load={batches} told={{}} />;
  const one = match('batches/:id', at)?.['id'];
  if (one) return <Later key={at} title={t().batch.one} load={batch} told={{ id: one }} />;
  const name = match('processors/:name', at)?.['name'];
  if (name) return <Later key={at} title={name} load={processor} told={{ name }} />;
  const { processor: of, key } = match('lanes/:processor/:key', at) ?? {};
  if (of && key) return <Later key={at} title={laneKeyOf(key)} load={lane} told={{ processor: of, laneKey: laneKeyOf(key) }} />;
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
