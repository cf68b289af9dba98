-- Amends, schema 3: what the operator API searches, counts and keeps.

-- with the state, so that counting what is due reads no row
create index failed_execution_next on ${schema}.failed_execution (due_at, failure_id) include (status)
    where due_at is not null;
-- what needs an operator, newest first and by cause
create index failed_execution_stopped on ${schema}.failed_execution (failure_id)
    where status = 'FAILED' and due_at is null;
-- and by why nothing happens by itself; FailureConditions says it in the same words
create index failed_execution_stopped_why on ${schema}.failed_execution (
    (case when recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE' when not retry_enabled then 'SWITCHED_OFF'
        when retries >= max_retries then 'EXHAUSTED' end), failure_id)
    where status = 'FAILED' and due_at is null;
create index failed_execution_group_stopped on ${schema}.failed_execution (fingerprint, failure_id)
    where status = 'FAILED' and due_at is null;
create index failed_execution_group on ${schema}.failed_execution (fingerprint, failure_id)
    where status in ('FAILED', 'PREPARED');
create index failed_execution_event on ${schema}.failed_execution (id, failure_id);
create index failed_execution_tenant on ${schema}.failed_execution (tenant, failure_id) where tenant is not null;
create index lane_blocked on ${schema}.lane (since, processor, lane_key) where not released;

-- What persons did, to processors and to failed executions. A command's line is written before the command, and says
-- 'unknown' until its outcome is written: whatever was done has a line.
alter table ${schema}.audit alter column processor drop not null;
alter table ${schema}.audit
    add column failure_id text collate "C",
    -- a group, a batch, or what else the command names
    add column target text collate "C",
    add column address text,
    add column result text not null default 'done' check (result in ('unknown', 'done', 'refused')),
    -- why it was refused
    add column code text,
    add column before jsonb,
    add column after jsonb,
    -- of commands with an Idempotency-Key: what was asked and answered
    add column request_key text collate "C",
    add column request_hash text collate "C",
    add column answer_status int,
    add column answer text;
create unique index audit_request on ${schema}.audit (actor, request_key) where request_key is not null;
create index audit_failure on ${schema}.audit (failure_id, n) where failure_id is not null;
create index audit_processor on ${schema}.audit (processor, n) where processor is not null;
create index audit_actor on ${schema}.audit (actor, n);

-- Numbers of failed executions by cause. Who writes records appends what changed, and never waits for another; one
-- node at a time folds the changes into the groups. A reader adds the changes that are not folded yet.
create table ${schema}.failure_group_change (
    n bigint generated always as identity primary key,
    fingerprint text collate "C" not null,
    processor text collate "C" not null,
    error_code text not null,
    message text not null,
    sample_id text collate "C" not null,
    build text not null,
    at timestamptz not null,
    hour bigint not null,
    scheduled int not null,
    stopped int not null,
    running int not null,
    handled int not null,
    skipped int not null,
    failures int not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

create table ${schema}.failure_group (
    fingerprint text collate "C" primary key,
    processor text collate "C" not null,
    error_code text not null,
    message text not null,
    sample_id text collate "C" not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    scheduled bigint not null,
    stopped bigint not null,
    running bigint not null,
    handled bigint not null,
    skipped bigint not null,
    failures bigint not null
) with (fillfactor = 70);

-- Failed attempts by the hour since 1970 in UTC, kept for 8 days.
create table ${schema}.failure_group_hour (
    fingerprint text collate "C" not null,
    hour bigint not null,
    failures bigint not null,
    primary key (fingerprint, hour)
) with (fillfactor = 70);

create table ${schema}.failure_group_build (
    fingerprint text collate "C" not null,
    build text not null,
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    failures bigint not null,
    primary key (fingerprint, build)
) with (fillfactor = 70);

-- What persons say of a group.
create table ${schema}.failure_group_note (
    fingerprint text collate "C" primary key,
    note text,
    noted_by text,
    noted_at timestamptz,
    acknowledged_by text,
    acknowledged_at timestamptz,
    acknowledged_until timestamptz,
    -- ends when the group has more failures than this
    acknowledged_above bigint
);

create function ${schema}.group_created() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select a.fingerprint, a.processor, max(a.error_code), left(max(a.error_message), 300), max(a.failure_id), a.build,
        max(a.executed_at), floor(extract(epoch from max(a.executed_at)) / 3600)::bigint,
        count(*) filter (where a.status = 'FAILED' and a.due_at is not null),
        count(*) filter (where a.status = 'FAILED' and a.due_at is null),
        count(*) filter (where a.status = 'PREPARED'), count(*) filter (where a.status = 'SUCCEEDED'),
        count(*) filter (where a.status = 'SKIPPED'), count(*) filter (where a.status = 'FAILED')
    from after a where a.fingerprint <> ''
    group by a.fingerprint, a.processor, a.build;
    return null;
end
$$;
create trigger failed_execution_created after insert on ${schema}.failed_execution
    referencing new table as after for each statement execute function ${schema}.group_created();

create function ${schema}.group_changed() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select c.fingerprint, c.processor, max(c.error_code), left(max(c.error_message), 300), max(c.failure_id), c.build,
        max(c.executed_at), floor(extract(epoch from max(c.executed_at)) / 3600)::bigint,
        coalesce(sum(c.sign) filter (where c.status = 'FAILED' and c.due_at is not null), 0),
        coalesce(sum(c.sign) filter (where c.status = 'FAILED' and c.due_at is null), 0),
        coalesce(sum(c.sign) filter (where c.status = 'PREPARED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SUCCEEDED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SKIPPED'), 0),
        count(*) filter (where c.failed)
    from (
        select a.fingerprint, a.processor, a.error_code, a.error_message, a.failure_id, a.build, a.executed_at, a.status,
            a.due_at, 1 as sign, a.status = 'FAILED' and b.status = 'PREPARED' and a.executed_at <> b.executed_at as failed
        from after a join before b on b.failure_id = a.failure_id
        where (a.status, a.due_at is null, a.fingerprint, a.processor)
            is distinct from (b.status, b.due_at is null, b.fingerprint, b.processor)
        union all
        select b.fingerprint, b.processor, b.error_code, b.error_message, b.failure_id, b.build, b.executed_at, b.status,
            b.due_at, -1, false
        from after a join before b on b.failure_id = a.failure_id
        where (a.status, a.due_at is null, a.fingerprint, a.processor)
            is distinct from (b.status, b.due_at is null, b.fingerprint, b.processor)) c
    where c.fingerprint <> ''
    group by c.fingerprint, c.processor, c.build;
    return null;
end
$$;
create trigger failed_execution_changed after update on ${schema}.failed_execution
    referencing new table as after old table as before for each statement execute function ${schema}.group_changed();

create function ${schema}.group_removed() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures)
    select b.fingerprint, b.processor, max(b.error_code), left(max(b.error_message), 300), max(b.failure_id), b.build,
        max(b.executed_at), floor(extract(epoch from max(b.executed_at)) / 3600)::bigint,
        -count(*) filter (where b.status = 'FAILED' and b.due_at is not null),
        -count(*) filter (where b.status = 'FAILED' and b.due_at is null),
        -count(*) filter (where b.status = 'PREPARED'), -count(*) filter (where b.status = 'SUCCEEDED'),
        -count(*) filter (where b.status = 'SKIPPED'), 0
    from before b where b.fingerprint <> ''
    group by b.fingerprint, b.processor, b.build;
    return null;
end
$$;
create trigger failed_execution_removed after delete on ${schema}.failed_execution
    referencing old table as before for each statement execute function ${schema}.group_removed();

-- What was there before.
insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
    scheduled, stopped, running, handled, skipped, failures)
select f.fingerprint, f.processor, max(f.error_code), left(max(f.error_message), 300), max(f.failure_id), f.build,
    max(f.executed_at), floor(extract(epoch from max(f.executed_at)) / 3600)::bigint,
    count(*) filter (where f.status = 'FAILED' and f.due_at is not null),
    count(*) filter (where f.status = 'FAILED' and f.due_at is null),
    count(*) filter (where f.status = 'PREPARED'), count(*) filter (where f.status = 'SUCCEEDED'),
    count(*) filter (where f.status = 'SKIPPED'), count(*) filter (where f.status = 'FAILED')
from ${schema}.failed_execution f where f.fingerprint <> ''
group by f.fingerprint, f.processor, f.build;

-- One command on many failed executions. The five counters are those of the items, and always sum to the total.
create table ${schema}.batch (
    id text collate "C" primary key,
    state text not null check (state in ('PLANNED', 'CANARY', 'RUNNING', 'PAUSED', 'CANCELLED', 'DONE')),
    action text not null,
    parameters jsonb not null,
    filter jsonb not null,
    reason text,
    created_by text not null,
    created_at timestamptz not null default now(),
    started_at timestamptz,
    ended_at timestamptz,
    -- who paused or cancelled it, or the rule that did
    stopped_by text,
    stopped_why text,
    canary int not null default 0,
    canary_percent int not null default 0,
    canary_passed boolean not null default false,
    -- outcomes before the canary that runs or ran last
    canary_from bigint not null default 0,
    per_second int not null default 0,
    in_flight int not null default 0,
    pause_percent int not null default 0,
    total int not null,
    waiting int not null,
    running int not null default 0,
    handled int not null default 0,
    failed_again int not null default 0,
    skipped int not null default 0,
    owner text collate "C",
    owned_until timestamptz,
    constraint batch_sums check (waiting + running + handled + failed_again + skipped = total)
) with (fillfactor = 50);
create index batch_open on ${schema}.batch (created_at) where state in ('CANARY', 'RUNNING', 'PAUSED');

create table ${schema}.batch_item (
    batch_id text collate "C" not null,
    n int not null,
    failure_id text collate "C" not null,
    state text not null default 'WAITING' check (state in ('WAITING', 'RUNNING', 'HANDLED', 'FAILED_AGAIN', 'SKIPPED')),
    code text,
    -- the attempt that the record had when the item began
    attempt int,
    primary key (batch_id, n)
) with (fillfactor = 70);
create index batch_item_state on ${schema}.batch_item (batch_id, state, n);

alter table ${schema}.node add column started_at timestamptz not null default now();
