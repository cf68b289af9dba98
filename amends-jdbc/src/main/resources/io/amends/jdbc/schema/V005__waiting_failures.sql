-- Amends, schema 5: what waits needs no operator, and batches say why they stopped in codes.

-- Why nothing happens to a failed execution by the schedule, 'WAITING' if what it waits for brings it on; FailureConditions
-- says it in the same words.
drop index ${schema}.failed_execution_stopped_why;
create index failed_execution_stopped_why on ${schema}.failed_execution (
    (case when recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE' when not retry_enabled then 'SWITCHED_OFF'
        when retries >= max_retries then 'EXHAUSTED' when reason = 'TOO_EARLY' then 'WAITING'
        when reason = 'WAIT_TIMEOUT' then 'TIMED_OUT' end), failure_id)
    where status = 'FAILED' and due_at is null;
drop index ${schema}.failed_execution_stopped;
create index failed_execution_stopped on ${schema}.failed_execution (failure_id)
    where status = 'FAILED' and due_at is null and (case when recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE' when not retry_enabled then 'SWITCHED_OFF'
        when retries >= max_retries then 'EXHAUSTED' when reason = 'TOO_EARLY' then 'WAITING'
        when reason = 'WAIT_TIMEOUT' then 'TIMED_OUT' end) is distinct from 'WAITING';

-- Whether a failed execution needs an operator.
create function ${schema}.is_stopped(status text, due_at timestamptz, reason text, recoverability text,
    retry_enabled boolean, retries int, max_retries int) returns boolean
language sql immutable as $$
    select status = 'FAILED' and due_at is null
        and not (reason = 'TOO_EARLY' and recoverability <> 'UNRECOVERABLE' and retry_enabled and retries < max_retries)
$$;

create or replace function ${schema}.group_created() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select a.fingerprint, a.processor, max(a.error_code), left(max(a.error_message), 300), max(a.failure_id), a.build,
        max(a.executed_at), floor(extract(epoch from max(a.executed_at)) / 3600)::bigint,
        count(*) filter (where a.status = 'FAILED' and not ${schema}.is_stopped(a.status, a.due_at, a.reason, a.recoverability, a.retry_enabled, a.retries, a.max_retries)),
        count(*) filter (where ${schema}.is_stopped(a.status, a.due_at, a.reason, a.recoverability, a.retry_enabled, a.retries, a.max_retries)),
        count(*) filter (where a.status = 'PREPARED'), count(*) filter (where a.status = 'SUCCEEDED'),
        count(*) filter (where a.status = 'SKIPPED'), count(*) filter (where a.status = 'FAILED')
    from after a where a.fingerprint <> ''
    group by a.fingerprint, a.processor, a.build;
    return null;
end
$$;
create or replace function ${schema}.group_changed() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select c.fingerprint, c.processor, max(c.error_code), left(max(c.error_message), 300), max(c.failure_id), c.build,
        max(c.executed_at), floor(extract(epoch from max(c.executed_at)) / 3600)::bigint,
        coalesce(sum(c.sign) filter (where c.status = 'FAILED' and not c.stopped), 0),
        coalesce(sum(c.sign) filter (where c.stopped), 0),
        coalesce(sum(c.sign) filter (where c.status = 'PREPARED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SUCCEEDED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SKIPPED'), 0),
        count(*) filter (where c.failed)
    from (
        select a.fingerprint, a.processor, a.error_code, a.error_message, a.failure_id, a.build, a.executed_at, a.status,
            ${schema}.is_stopped(a.status, a.due_at, a.reason, a.recoverability, a.retry_enabled, a.retries, a.max_retries) as stopped, 1 as sign, a.status = 'FAILED' and b.status = 'PREPARED' and a.executed_at <> b.executed_at as failed
        from after a join before b on b.failure_id = a.failure_id
        where (a.status, ${schema}.is_stopped(a.status, a.due_at, a.reason, a.recoverability, a.retry_enabled, a.retries, a.max_retries), a.fingerprint, a.processor)
            is distinct from (b.status, ${schema}.is_stopped(b.status, b.due_at, b.reason, b.recoverability, b.retry_enabled, b.retries, b.max_retries), b.fingerprint, b.processor)
        union all
        select b.fingerprint, b.processor, b.error_code, b.error_message, b.failure_id, b.build, b.executed_at, b.status,
            ${schema}.is_stopped(b.status, b.due_at, b.reason, b.recoverability, b.retry_enabled, b.retries, b.max_retries), -1, false
        from after a join before b on b.failure_id = a.failure_id
        where (a.status, ${schema}.is_stopped(a.status, a.due_at, a.reason, a.recoverability, a.retry_enabled, a.retries, a.max_retries), a.fingerprint, a.processor)
            is distinct from (b.status, ${schema}.is_stopped(b.status, b.due_at, b.reason, b.recoverability, b.retry_enabled, b.retries, b.max_retries), b.fingerprint, b.processor)) c
    where c.fingerprint <> ''
    group by c.fingerprint, c.processor, c.build;
    return null;
end
$$;
create or replace function ${schema}.group_removed() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select b.fingerprint, b.processor, max(b.error_code), left(max(b.error_message), 300), max(b.failure_id), b.build,
        max(b.executed_at), floor(extract(epoch from max(b.executed_at)) / 3600)::bigint,
        -count(*) filter (where b.status = 'FAILED' and not ${schema}.is_stopped(b.status, b.due_at, b.reason, b.recoverability, b.retry_enabled, b.retries, b.max_retries)),
        -count(*) filter (where ${schema}.is_stopped(b.status, b.due_at, b.reason, b.recoverability, b.retry_enabled, b.retries, b.max_retries)),
        -count(*) filter (where b.status = 'PREPARED'), -count(*) filter (where b.status = 'SUCCEEDED'),
        -count(*) filter (where b.status = 'SKIPPED'), 0
    from before b where b.fingerprint <> ''
    group by b.fingerprint, b.processor, b.build;
    return null;
end
$$;
-- What waits was counted as stopped.
insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
    scheduled, stopped, running, handled, skipped, failures)
select f.fingerprint, f.processor, max(f.error_code), left(max(f.error_message), 300), max(f.failure_id), f.build,
    max(f.executed_at), floor(extract(epoch from max(f.executed_at)) / 3600)::bigint, count(*), -count(*), 0, 0, 0, 0
from ${schema}.failed_execution f
where f.fingerprint <> '' and f.status = 'FAILED' and f.due_at is null
    and not ${schema}.is_stopped(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries, f.max_retries)
group by f.fingerprint, f.processor, f.build;

alter table ${schema}.batch
    add column stopped_code text check (stopped_code in ('PERSON', 'CANARY_FAILED', 'TOO_MANY_FAILED')),
    -- of a rule: how many have failed, of how many
    add column stopped_failed int not null default 0,
    add column stopped_of int not null default 0;
