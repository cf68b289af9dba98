import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { command, segment } from '../api/http';
import { refusal } from '../api/me';
import type { NodeList, Processor } from '../api/model';
import { refresh, useResource } from '../api/query';
import { to } from '../app/router';
import { POLL } from '../app/shell';
import { now } from '../app/clock';
import { durationMillis, fromNow, length, number, t } from '../i18n';
import { tell } from '../ui/intent';
import { Ago, Button, Empty, Field, FormDialog, Heading, ProblemPanel, Skeleton } from '../ui/parts';
import { Icon } from '../ui/icons';

function Row({ processor, onPause }: { processor: Processor; onPause: () => void }): JSX.Element {
  const { processors } = t();
  const off = refusal(processor.paused ? 'resumeProcessor' : 'pauseProcessor', processor.name);
  const resume = () => {
    void command(`processors/${segment(processor.name)}/resume`).then(() => refresh('processors'), tell);
  };
  return (
    <tr role="row" class="row">
      <th role="rowheader" scope="row" class="p-name">
        <a href={`processors/${segment(processor.name)}`} data-row-link>
          {processor.name}
        </a>
      </th>
      <td role="cell" class="p-state">
        {processor.paused ? (
          <span class="state due">
            <Icon name="pause" size={14} />
            {processors.paused}
          </span>
        ) : (
          <span class="state handled">
            <Icon name="run" size={14} />
            {processors.runs}
          </span>
        )}
        {processor.unownedSlots > 0 && <span class="state needs-operator">{processors.unowned(processor.unownedSlots)}</span>}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.behind} </span>
        {processor.lag === 0 ? <span class="quiet">{processors.caughtUp}</span> : number(processor.lag)}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.oldest} </span>
        {processor.oldestAge === null ? <span class="quiet">–</span> : length(durationMillis(processor.oldestAge))}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.failed} </span>
        {processor.failed === 0 ? <span class="quiet">0</span> : <a href={to('failures', { processor: processor.name })}>{number(processor.failed)}</a>}
      </td>
      <td role="cell" class="num">
        <span class="cell-label">{processors.parked} </span>
        {processor.parked === 0 ? <span class="quiet">0</span> : number(processor.parked)}
      </td>
      <td role="cell" class="num mono p-position">
        <span class="cell-label">{processors.position} </span>
        {number(processor.position)}
      </td>
      <td role="cell" class="p-actions">
        {processor.paused ? (
          <Button onPress={resume} icon="run" off={off}>
            {processors.resume}
          </Button>
        ) : (
          <Button onPress={onPause} icon="pause" off={off}>
            {processors.pause}
          </Button>
        )}
      </td>
    </tr>
  );
}

export function ProcessorsPage(): JSX.Element {
  const { processors, common } = t();
  const list = useResource<{ items: readonly Processor[] }>('processors', {}, POLL, false);
  const [pausing, setPausing] = useState<string | null>(null);
  const columns = [processors.behind, processors.oldest, processors.failed, processors.parked, processors.position];
  return (
    <>
      <Heading title={processors.title} />
      {!list.data ? (
        list.problem ? (
          <ProblemPanel problem={list.problem} onAgain={() => void list.reload()} />
        ) : (
          <Skeleton lines={3} />
        )
      ) : list.data.items.length === 0 ? (
        <Empty title={processors.empty} icon="processors">
          <p>{processors.emptyText}</p>
        </Empty>
      ) : (
        <table role="table" class="list processors" aria-label={processors.title}>
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                {processors.name}
              </th>
              <th role="columnheader" scope="col">
                {processors.state}
              </th>
              {columns.map((name) => (
                <th key={name} role="columnheader" scope="col" class={name === processors.position ? 'num p-position' : 'num'}>
                  {name}
                </th>
              ))}
              <th role="columnheader" scope="col">
                <span class="visually-hidden">{common.menu}</span>
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {list.data.items.map((one) => (
              <Row key={one.name} processor={one} onPause={() => setPausing(one.name)} />
            ))}
          </tbody>
        </table>
      )}
      <Nodes />
      {pausing !== null && (
        <FormDialog
          title={processors.pauseTitle(pausing)}
          action={processors.pauseDo}
          onClose={() => setPausing(null)}
          onSubmit={async (values, key) => {
            await command(`processors/${segment(pausing)}/pause`, { reason: String(values.get('reason') ?? '') }, { key });
            refresh('processors');
          }}
        >
          <p>{processors.pauseText}</p>
          <Field label={common.reason} hint={common.optional}>
            <input name="reason" maxLength={1000} autocomplete="off" data-first />
          </Field>
        </FormDialog>
      )}
    </>
  );
}

function Nodes(): JSX.Element | null {
  const { processors } = t();
  const nodes = useResource<NodeList>('nodes', {}, POLL);
  if (!nodes.data || nodes.data.items.length === 0) return null;
  return (
    <section class="block" aria-labelledby="nodes">
      <div class="block-head">
        <h2 id="nodes">{processors.nodes}</h2>
      </div>
      <ul class="tiles nodes">
        {nodes.data.items.map((one) => (
          <li key={one.id} class="tile">
            <span class="tile-name" title={one.id}>
              {one.host}
            </span>
            <span class={one.alive ? 'state handled' : 'state left'}>
              <Icon name={one.alive ? 'check' : 'close'} size={14} />
              {one.alive ? processors.alive : processors.dead}
            </span>
            <span class="quiet">
              {processors.build} <span class="mono">{one.build}</span> · {one.alive ? <Ago at={one.startedAt} /> : processors.since(fromNow(one.expiresAt, now.value))}
            </span>
            <span class="quiet num">
              {Object.entries(one.slots)
                .map(([name, slots]) => `${name} ${number(slots)}`)
                .join(', ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
