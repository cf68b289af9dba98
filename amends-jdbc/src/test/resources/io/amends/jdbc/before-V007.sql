-- What a service with schema 4 may have left: two batches, and failed executions with and without a cause.
insert into ${schema}.failed_execution (failure_id, processor, slot, lane_key, stops_slot, position, id, source, type,
    function, reason, error_code, error_message, error_causes, error_bindings, error_stack, fingerprint, first_failed_at,
    executed_at, retry_enabled, max_retries, min_backoff_ms, execution_timeout_ms, max_backoff_ms, jitter, attempt, retries,
    lost_attempts, requested, retry_at, node, fence, status, recoverability, build)
select 'f-' || n, 'points', 0, 'user-' || n, false, n, 'e-' || n, '/shop', 'order.paid', 'on', 'HANDLER_FAILED', 'CLOSED',
    'closed for f-' || n, '[]', '[]', '', case when n < 3 then 'v1:aaaaaaaaaaaa' else '' end, now(), now(), true, 0, 1000, 1000,
    0, 0, 1, 0, 0, false, now(), 'node-1', 0, 'FAILED', 'UNKNOWN', 'build-1'
from generate_series(1, 4) n;
insert into ${schema}.batch (id, state, action, parameters, filter, created_by, total, waiting, running, handled, skipped,
    owner, owned_until)
values ('b-1', 'RUNNING', 'prepare', '{}', '{}', 'anna', 4, 2, 1, 1, 0, 'node-1', now() + interval '1 hour'),
    ('b-2', 'CANCELLED', 'prepare', '{}', '{}', 'anna', 1, 0, 0, 0, 1, null, null);
insert into ${schema}.batch_item (batch_id, n, failure_id, state, code)
values ('b-1', 1, 'f-1', 'HANDLED', null), ('b-1', 2, 'f-2', 'RUNNING', null), ('b-1', 3, 'f-3', 'WAITING', null),
    ('b-1', 4, 'f-4', 'WAITING', null), ('b-2', 1, 'f-1', 'SKIPPED', 'cancelled');
