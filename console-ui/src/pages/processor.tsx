import type { JSX } from 'preact';
import { segment } from '../api/http';
import type { ProcessorDetail } from '../api/model';
import { useResource } from '../api/query';
import { useKey } from '../app/keys';
import { go, to } from '../app/router';
import { POLL } from '../app/shell';
import { capped, number, t } from '../i18n';
import { Icon } from '../ui/icons';
import { Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { FunctionPolicy } from './policy';

/** One processor: how far it is, and how each of its functions is retried, in words and as times. */
export function ProcessorPage({ name }: { name: string }): JSX.Element {
  const { processors } = t();
  const resource = useResource<ProcessorDetail>(`processors/${segment(name)}`, {}, POLL, false);
  useKey('Escape', () => go('processors'));
  const crumb = (
    <a class="crumb" href="processors">
      <Icon name="left" size={14} />
      {processors.title}
    </a>
  );
  const one = resource.data;
  if (!one || (resource.problem && !resource.problem.passes)) {
    return (
      <>
        <Heading title={name} lead={crumb} />
        {resource.problem ? <ProblemPanel problem={resource.problem} onAgain={() => void resource.reload()} /> : <Skeleton />}
      </>
    );
  }
  return (
    <article>
      <Heading title={one.name} lead={crumb}>
        <span class={`state ${one.paused ? 'due' : 'handled'}`}>
          <Icon name={one.paused ? 'pause' : 'run'} size={14} />
          {one.paused ? processors.paused : processors.runs}
        </span>
      </Heading>
      <dl class="stats">
        <div class="stat">
          <dt>{processors.behind}</dt>
          <dd>
            <span class={`stat-value ${one.lag === 0 ? 'zero' : ''}`}>{number(one.lag)}</span>
          </dd>
        </div>
        <div class="stat">
          <dt>{processors.failed}</dt>
          <dd>
            <a href={to('failures', { processor: one.name })}>
              <span class={`stat-value ${one.failed === 0 ? 'zero' : ''}`}>{capped(one.failed)}</span>
            </a>
          </dd>
        </div>
        <div class="stat">
          <dt>{processors.parked}</dt>
          <dd>
            <span class={`stat-value ${one.parked === 0 ? 'zero' : ''}`}>{capped(one.parked)}</span>
          </dd>
        </div>
        <div class="stat">
          <dt>{processors.position}</dt>
          <dd>
            <span class="stat-value">{number(one.position)}</span>
          </dd>
        </div>
      </dl>
      <section class="block" aria-labelledby="functions">
        <div class="block-head">
          <h2 id="functions">{processors.functions}</h2>
        </div>
        {one.definition && (
          <ul class="functions">
            {one.definition.functions.map((each) => (
              <FunctionPolicy key={each.name} processor={one.name} each={each} />
            ))}
          </ul>
        )}
        {(one.definition?.functions.length ?? 0) === 0 && <p class="quiet">{processors.noFunctions}</p>}
      </section>
    </article>
  );
}
