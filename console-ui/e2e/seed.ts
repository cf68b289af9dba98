import { sql } from './database';
import { until } from './shop';

export interface Seeded {
  /** The fingerprint of the cause of which most is open. */
  readonly top: string;
  /** A key that a failure of another cause blocks. */
  readonly lane: string;
}

const CAUSES = 43;

/**
 * Puts failed executions into the example's database: three causes of ten have most of them, a few wait for a person, most
 * for a retry of tomorrow, so that nothing of them runs by itself; up to 1,241 keys are blocked, with five events behind each.
 * Waits until their causes are counted.
 */
export async function seed(port: number, failures: number): Promise<Seeded> {
  const lanes = Math.min(1241, Math.floor(failures / 5));
  const id = (n: string): string => `'01000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0')`;
  const cause = `case when n % 10 < 6 then 0 when n % 10 < 9 then 1 else 2 + n / 10 % ${CAUSES - 2} end`;
  // as if the log had had these events: positions that no other event has, and that begin above zero
  const head = Number((await sql(port, `update amends.head set position = position + ${6 * failures} returning position`))[0]?.[0]);
  const before = head - 6 * failures;
  await sql(
    port,
    `
    insert into amends.failed_execution (failure_id, processor, slot, lane_key, key, stops_slot, position, id, source, type,
        data, datacontenttype, function, reason, error_code, error_message, error_causes, error_bindings, error_stack, fingerprint,
        first_failed_at, executed_at, retry_enabled, max_retries, min_backoff_ms, execution_timeout_ms, max_backoff_ms, jitter,
        attempt, retries, lost_attempts, requested, retry_at, next_retry_at, node, fence, status, recoverability, build, due_at)
    select ${id('n')}, 'points', n % (select slots from amends.processor where name = 'points'),
        case when n <= ${lanes} then 'seeded-' || n end, 'seeded-' || n, false, ${before} + n, 'seeded-event-' || n, '/shop',
        'loyalty.order.paid', convert_to('{"orderId":"seeded-' || n || '"}', 'UTF8'), 'application/json', 'on(OrderPaid)',
        'HANDLER_FAILED', 'com.example.billing.' || (array['PaymentTimeoutException', 'AccountClosedException'])[1 + (${cause}) % 2],
        'the provider did not answer for order ' || n, '[]', '[]',
        'com.example.billing.PaymentTimeoutException: no answer' || chr(10)
            || repeat(chr(9) || 'at com.example.billing.Payments.pay(Payments.java:12)' || chr(10), 12),
        'v1:' || lpad((${cause})::text, 12, '0'), now() - (n % 86400) * interval '1 second', now() - (n % 86400) * interval '1 second',
        true, 10, 60000, 15000, 3600000, 0, 1, case when n % 3 = 0 then 10 else 1 end, 0, false, now(),
        case when n % 3 > 0 then now() + interval '1 day' end, 'seed', 0, 'FAILED', 'UNKNOWN', '2.4.0',
        case when n % 3 > 0 then now() + interval '1 day' + n % 86400 * interval '1 second' end
    from generate_series(1, ${failures}) n;
    insert into amends.execution_history (failure_id, type, at, attempt, actor, details)
        select ${id('n')}, 'execution_failed_created', now() - interval '1 hour', 1, 'seed', '{}' from generate_series(1, ${failures}) n;
    insert into amends.lane (processor, lane_key, slot, head_position, released, stops_slot)
        select 'points', lane_key, slot, position, false, false from amends.failed_execution where node = 'seed' and lane_key is not null;
    insert into amends.lane_event (processor, lane_key, position, origin, kind, failure_id, id, source, type)
        select 'points', lane_key, position, 'local', 'FAILED', failure_id, id, source, type
        from amends.failed_execution where node = 'seed' and lane_key is not null
        union all
        select 'points', lane_key, position + f * ${failures}, 'local', 'PARKED', null, id || '-' || f, source, type
        from amends.failed_execution, generate_series(1, 5) f where node = 'seed' and lane_key is not null`,
  );
  await until(
    async () => Number((await sql(port, 'select count(*) from amends.failure_group_change'))[0]?.[0]),
    (left) => left === 0,
    1_000_000,
  );
  await sql(port, 'vacuum analyze');
  return { top: `v1:${'0'.repeat(12)}`, lane: 'seeded-7' };
}
