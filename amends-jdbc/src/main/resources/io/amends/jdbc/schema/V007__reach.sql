-- What keeps the operator API's answers quick beside millions of records.

-- Why a stopped record needs an operator, and which records' texts changed. Records without a fingerprint are counted under
-- an empty one, which is no group, so that the sum over all rows is the number of records.
alter table ${schema}.failure_group_change
    add column exhausted int not null default 0,
    add column unrecoverable int not null default 0,
    add column switched_off int not null default 0,
    add column waiting int not null default 0,
    add column timed_out int not null default 0,
    -- records that came or went, or have another message: what is to be looked up in failure_text is stale
    add column touched text[];
alter table ${schema}.failure_group
    add column exhausted bigint not null default 0,
    add column unrecoverable bigint not null default 0,
    add column switched_off bigint not null default 0,
    add column waiting bigint not null default 0,
    add column timed_out bigint not null default 0;

-- Why the schedule does nothing about a failed execution; as FailureConditions says it, null of what it does something about.
create function ${schema}.why_idle(status text, due_at timestamptz, reason text, recoverability text, retry_enabled boolean,
    retries int, max_retries int) returns text
language sql immutable as $$
    select case when status <> 'FAILED' or due_at is not null then null
        when recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE' when not retry_enabled then 'SWITCHED_OFF'
        when retries >= max_retries then 'EXHAUSTED' when reason = 'TOO_EARLY' then 'WAITING'
        when reason = 'WAIT_TIMEOUT' then 'TIMED_OUT' else 'UNKNOWN' end
$$;

-- What a search for a text looks at, in lower case; one short row per record, so that it is not as slow as the records are
-- wide. The fold writes it, not the one who records a failure.
create table ${schema}.failure_text (
    failure_id text collate "C" primary key,
    text text not null
);

create function ${schema}.searched_text(error_message text, error_code text, id text, type text, lane_key text)
returns text language sql immutable parallel safe as $$
    select lower(error_message || chr(31) || error_code || chr(31) || (id collate "default") || chr(31)
        || (type collate "default") || chr(31) || coalesce(lane_key collate "default", ''))
$$;

create or replace function ${schema}.group_created() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting, timed_out, touched)
    select a.fingerprint, a.processor, max(a.error_code), left(max(a.error_message), 300), max(a.failure_id), a.build,
        max(a.executed_at), floor(extract(epoch from max(a.executed_at)) / 3600)::bigint,
        count(*) filter (where a.status = 'FAILED' and (a.why is null or a.why = 'WAITING')),
        count(*) filter (where a.why <> 'WAITING'),
        count(*) filter (where a.status = 'PREPARED'), count(*) filter (where a.status = 'SUCCEEDED'),
        count(*) filter (where a.status = 'SKIPPED'), count(*) filter (where a.status = 'FAILED'),
        count(*) filter (where a.why = 'EXHAUSTED'), count(*) filter (where a.why = 'UNRECOVERABLE'),
        count(*) filter (where a.why = 'SWITCHED_OFF'), count(*) filter (where a.why = 'WAITING'),
        count(*) filter (where a.why = 'TIMED_OUT'), array_agg(a.failure_id)
    from (select f.*, ${schema}.why_idle(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries,
            f.max_retries) as why
        from after f) a
    group by a.fingerprint, a.processor, a.build;
    return null;
end
$$;

create or replace function ${schema}.group_changed() returns trigger language plpgsql as $$
begin
    with was as (
        select f.*, ${schema}.why_idle(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries,
            f.max_retries) as why
        from before f),
    changed as (
        select a.failure_id, a.fingerprint, a.processor, a.error_code, a.error_message, a.build, a.executed_at, a.status,
            a.why, b.fingerprint as old_fingerprint, b.processor as old_processor,
            b.error_code as old_error_code, b.error_message as old_error_message, b.build as old_build,
            b.executed_at as old_executed_at, b.status as old_status, b.why as old_why
        from (select f.*, ${schema}.why_idle(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries,
            f.max_retries) as why
            from after f) a
        join was b on b.failure_id = a.failure_id
        where (a.status, a.fingerprint, a.processor, a.why, a.error_code, a.error_message)
            is distinct from (b.status, b.fingerprint, b.processor, b.why, b.error_code, b.error_message))
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting, timed_out, touched)
    select c.fingerprint, c.processor, max(c.error_code), left(max(c.error_message), 300), max(c.failure_id), c.build,
        max(c.executed_at), floor(extract(epoch from max(c.executed_at)) / 3600)::bigint,
        coalesce(sum(c.sign) filter (where c.status = 'FAILED' and (c.why is null or c.why = 'WAITING')), 0),
        coalesce(sum(c.sign) filter (where c.why <> 'WAITING'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'PREPARED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SUCCEEDED'), 0),
        coalesce(sum(c.sign) filter (where c.status = 'SKIPPED'), 0),
        count(*) filter (where c.failed),
        coalesce(sum(c.sign) filter (where c.why = 'EXHAUSTED'), 0),
        coalesce(sum(c.sign) filter (where c.why = 'UNRECOVERABLE'), 0),
        coalesce(sum(c.sign) filter (where c.why = 'SWITCHED_OFF'), 0),
        coalesce(sum(c.sign) filter (where c.why = 'WAITING'), 0),
        coalesce(sum(c.sign) filter (where c.why = 'TIMED_OUT'), 0),
        array_agg(c.failure_id) filter (where c.text_changed)
    from (
        select failure_id, fingerprint, processor, error_code, error_message, build, executed_at, status, why,
            1 as sign, status = 'FAILED' and old_status = 'PREPARED' and executed_at <> old_executed_at as failed,
            (error_code, error_message) is distinct from (old_error_code, old_error_message) as text_changed
        from changed
        union all
        select failure_id, old_fingerprint, old_processor, old_error_code, old_error_message, old_build, old_executed_at,
            old_status, old_why, -1, false, false
        from changed) c
    group by c.fingerprint, c.processor, c.build;
    return null;
end
$$;

create or replace function ${schema}.group_removed() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting, timed_out, touched)
    select b.fingerprint, b.processor, max(b.error_code), left(max(b.error_message), 300), max(b.failure_id), b.build,
        max(b.executed_at), floor(extract(epoch from max(b.executed_at)) / 3600)::bigint,
        -count(*) filter (where b.status = 'FAILED' and (b.why is null or b.why = 'WAITING')),
        -count(*) filter (where b.why <> 'WAITING'),
        -count(*) filter (where b.status = 'PREPARED'), -count(*) filter (where b.status = 'SUCCEEDED'),
        -count(*) filter (where b.status = 'SKIPPED'), 0,
        -count(*) filter (where b.why = 'EXHAUSTED'), -count(*) filter (where b.why = 'UNRECOVERABLE'),
        -count(*) filter (where b.why = 'SWITCHED_OFF'), -count(*) filter (where b.why = 'WAITING'),
        -count(*) filter (where b.why = 'TIMED_OUT'), array_agg(b.failure_id)
    from (select f.*, ${schema}.why_idle(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries,
            f.max_retries) as why
        from before f) b
    group by b.fingerprint, b.processor, b.build;
    return null;
end
$$;

-- What was there before: the reasons of records that are counted already, and everything of those that were not.
insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
    scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting, timed_out)
select b.fingerprint, b.processor, max(b.error_code), left(max(b.error_message), 300), max(b.failure_id), b.build,
    max(b.executed_at), floor(extract(epoch from max(b.executed_at)) / 3600)::bigint,
    count(*) filter (where b.status = 'FAILED' and (b.why is null or b.why = 'WAITING') and b.fingerprint = ''),
    count(*) filter (where b.why <> 'WAITING' and b.fingerprint = ''),
    count(*) filter (where b.status = 'PREPARED' and b.fingerprint = ''),
    count(*) filter (where b.status = 'SUCCEEDED' and b.fingerprint = ''),
    count(*) filter (where b.status = 'SKIPPED' and b.fingerprint = ''), 0,
    count(*) filter (where b.why = 'EXHAUSTED'), count(*) filter (where b.why = 'UNRECOVERABLE'),
    count(*) filter (where b.why = 'SWITCHED_OFF'), count(*) filter (where b.why = 'WAITING'),
    count(*) filter (where b.why = 'TIMED_OUT')
from (select f.*, ${schema}.why_idle(f.status, f.due_at, f.reason, f.recoverability, f.retry_enabled, f.retries,
            f.max_retries) as why
    from ${schema}.failed_execution f) b
where b.why is not null or b.fingerprint = ''
group by b.fingerprint, b.processor, b.build;

insert into ${schema}.failure_text (failure_id, text)
select f.failure_id, ${schema}.searched_text(f.error_message, f.error_code, f.id, f.type, f.lane_key)
from ${schema}.failed_execution f;

-- With pg_trgm, which the owner of a database may install since PostgreSQL 13, a text is found by an index. Without it the
-- newest records are searched, and answers say so. Who installs it later creates this index and restarts nothing.
do $$
declare
    of_trigrams text;
begin
    begin
        create extension if not exists pg_trgm;
    exception when others then
        raise notice 'no pg_trgm (%): texts are searched in the newest records only', sqlerrm;
    end;
    select n.nspname into of_trigrams from pg_extension e join pg_namespace n on n.oid = e.extnamespace
        where e.extname = 'pg_trgm';
    if found then
        execute format('create index failure_text_trigrams on ${schema}.failure_text using gin (text %I.gin_trgm_ops)',
            of_trigrams);
    end if;
end
$$;

-- Filters of lists: without these, a list of what is active passes everything that is done. Each costs every failure an
-- entry and every retry another, so there is none for what few ask.
create index failed_execution_tenant_open on ${schema}.failed_execution (tenant, failure_id)
    where tenant is not null and status in ('FAILED', 'PREPARED');
create index failed_execution_type_open on ${schema}.failed_execution (type, failure_id)
    where status in ('FAILED', 'PREPARED');
create index failed_execution_error_open on ${schema}.failed_execution (error_code, failure_id)
    where status in ('FAILED', 'PREPARED');

-- The frozen set of a batch, in parts: n is the number of the first id. Only items that have begun are rows of batch_item.
create table ${schema}.batch_part (
    batch_id text collate "C" not null,
    n int not null,
    failure_ids text[] not null,
    primary key (batch_id, n)
);
-- how many items have begun: those of the numbers 1 to this
alter table ${schema}.batch add column begun int not null default 0;
insert into ${schema}.batch_part (batch_id, n, failure_ids)
select i.batch_id, (i.n - 1) / 1000 * 1000 + 1, array_agg(i.failure_id order by i.n)
from ${schema}.batch_item i join ${schema}.batch b on b.id = i.batch_id where b.waiting > 0
group by i.batch_id, (i.n - 1) / 1000;
update ${schema}.batch set begun = total - waiting;
delete from ${schema}.batch_item where state = 'WAITING';
