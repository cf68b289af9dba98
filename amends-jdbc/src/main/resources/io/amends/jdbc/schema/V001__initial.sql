-- Amends, schema 1. Text is compared by its bytes (collate "C"), as the engine does.

-- The one row that numbers the inbox. Relay, doors, registration and retention lock it.
create table ${schema}.head (
    singleton boolean primary key default true check (singleton),
    position bigint not null,
    log_start bigint not null
) with (fillfactor = 10);
insert into ${schema}.head (position, log_start) values (0, 1);

-- Written by publishers as the last write before COMMIT. The sequence must not be cached: rows of one session that are
-- published one after the other must be numbered in that order, whichever session publishes next.
create table ${schema}.outbox (
    seq bigint generated always as identity (cache 1) primary key,
    id text collate "C" not null,
    source text collate "C" not null,
    type text collate "C" not null,
    subject text,
    time timestamptz,
    datacontenttype text,
    data bytea,
    key text collate "C",
    version bigint,
    epoch bigint,
    correlationid text,
    causationid text,
    traceparent text,
    headers jsonb,
    -- only of events whose id was given by the caller: what the relay compares repetitions by
    content_hash bytea,
    constraint outbox_id_length check (octet_length(id) between 1 and 255),
    constraint outbox_source_length check (octet_length(source) between 1 and 255),
    constraint outbox_type_length check (octet_length(type) between 1 and 255),
    constraint outbox_key_length check (octet_length(key) <= 255),
    constraint outbox_text_length check (
        octet_length(subject) <= 1024 and octet_length(datacontenttype) <= 1024
        and octet_length(correlationid) <= 1024 and octet_length(causationid) <= 1024
        and octet_length(traceparent) <= 1024),
    -- the configured limit is lower; this is the most that any configuration allows: 16 MiB
    constraint outbox_data_length check (octet_length(data) <= 16777216)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- The log of events to handle.
create table ${schema}.inbox (
    position bigint primary key,
    origin text collate "C" not null,
    at timestamptz not null default now(),
    id text collate "C" not null,
    source text collate "C" not null,
    type text collate "C" not null,
    subject text,
    time timestamptz,
    datacontenttype text,
    data bytea,
    key text collate "C",
    version bigint,
    epoch bigint,
    correlationid text,
    causationid text,
    traceparent text,
    headers jsonb,
    constraint inbox_id_length check (octet_length(id) between 1 and 255),
    constraint inbox_source_length check (octet_length(source) between 1 and 255),
    constraint inbox_type_length check (octet_length(type) between 1 and 255),
    constraint inbox_key_length check (octet_length(key) <= 255),
    constraint inbox_text_length check (
        octet_length(subject) <= 1024 and octet_length(datacontenttype) <= 1024
        and octet_length(correlationid) <= 1024 and octet_length(causationid) <= 1024
        and octet_length(traceparent) <= 1024),
    -- the configured limit is lower; this is the most that any configuration allows: 16 MiB
    constraint inbox_data_length check (octet_length(data) <= 16777216)
);

-- What the inbox did not take; shown to people. No checks, so that it takes everything.
create table ${schema}.rejected (
    n bigint generated always as identity primary key,
    rejected_at timestamptz not null default now(),
    reason text not null,
    origin text collate "C" not null,
    id text collate "C" not null,
    source text collate "C" not null,
    type text collate "C" not null,
    subject text,
    time timestamptz,
    datacontenttype text,
    data bytea,
    key text collate "C",
    version bigint,
    epoch bigint,
    correlationid text,
    causationid text,
    traceparent text,
    headers jsonb
);

-- Given ids and ids that came from outside, for 30 days.
create table ${schema}.dedupe (
    source text collate "C" not null,
    id text collate "C" not null,
    content_hash bytea not null,
    day date not null default current_date,
    primary key (source, id)
);
create index dedupe_day on ${schema}.dedupe (day);

create table ${schema}.processor (
    name text collate "C" primary key,
    mapping text not null,
    mapping_from bigint not null,
    slots int not null,
    registered_position bigint not null,
    registered_at timestamptz not null default now(),
    paused boolean not null default false
);

-- Every event type that some build has registered; the function of the build that registered last, null if that has none.
create table ${schema}.processor_function (
    processor text collate "C" not null,
    event_type text collate "C" not null,
    function text collate "C",
    dropped boolean not null default false,
    primary key (processor, event_type)
);

create table ${schema}.node (
    id text collate "C" primary key,
    build text not null,
    host text not null,
    expires_at timestamptz not null,
    -- event types by processor
    types jsonb not null
) with (fillfactor = 50);

-- One row per slot, updated once per handled event: room for HOT updates, and no index on what changes.
create table ${schema}.cursor (
    processor text collate "C" not null,
    slot int not null,
    position bigint not null,
    owner text collate "C",
    fence bigint not null default 0,
    suspects int not null default 0,
    needed_type text collate "C",
    primary key (processor, slot)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

create table ${schema}.failed_execution (
    failure_id text collate "C" primary key,
    processor text collate "C" not null,
    slot int not null,
    lane_key text collate "C",
    stops_slot boolean not null,
    position bigint not null,
    id text collate "C" not null,
    source text collate "C" not null,
    type text collate "C" not null,
    subject text,
    time timestamptz,
    datacontenttype text,
    data bytea,
    key text collate "C",
    version bigint,
    epoch bigint,
    correlationid text,
    causationid text,
    traceparent text,
    headers jsonb,
    function text collate "C" not null,
    reason text not null,
    error_code text not null,
    error_message text not null,
    error_causes jsonb not null,
    error_bindings jsonb not null,
    error_stack text not null,
    fingerprint text collate "C" not null,
    first_failed_at timestamptz not null,
    executed_at timestamptz not null,
    retry_enabled boolean not null,
    max_retries int not null,
    min_backoff_ms bigint not null,
    execution_timeout_ms bigint not null,
    max_backoff_ms bigint not null,
    jitter double precision not null,
    attempt int not null,
    retries int not null,
    lost_attempts int not null,
    requested boolean not null,
    retry_at timestamptz not null,
    timeout_at timestamptz,
    next_retry_at timestamptz,
    node text not null,
    fence bigint not null,
    status text not null check (status in ('FAILED', 'PREPARED', 'SUCCEEDED', 'SKIPPED')),
    recoverability text not null,
    recoverability_by text,
    tenant text collate "C",
    build text not null,
    -- when the scheduler may prepare it, null if never by itself
    due_at timestamptz,
    done_at timestamptz
);
create index failed_execution_due on ${schema}.failed_execution (processor, slot, due_at) where due_at is not null;
create index failed_execution_prepared on ${schema}.failed_execution (processor, slot) where status = 'PREPARED';
create index failed_execution_open on ${schema}.failed_execution (processor, failure_id)
    where status in ('FAILED', 'PREPARED');
create index failed_execution_processor on ${schema}.failed_execution (processor, failure_id);
create index failed_execution_status on ${schema}.failed_execution (status, failure_id);
create index failed_execution_type on ${schema}.failed_execution (type, failure_id);
create index failed_execution_fingerprint on ${schema}.failed_execution (fingerprint, failure_id);
create index failed_execution_lane on ${schema}.failed_execution (lane_key, failure_id) where lane_key is not null;
create index failed_execution_done on ${schema}.failed_execution (done_at) where done_at is not null;

create table ${schema}.execution_history (
    failure_id text collate "C" not null,
    n bigint generated always as identity,
    type text not null,
    at timestamptz not null,
    attempt int not null,
    actor text not null,
    reason text,
    details jsonb not null,
    primary key (failure_id, n)
);

-- The lock of a lane; exists exactly while the lane has events. Says of the first of them whether it may run.
create table ${schema}.lane (
    processor text collate "C" not null,
    lane_key text collate "C" not null,
    slot int not null,
    head_position bigint not null,
    released boolean not null,
    stops_slot boolean not null,
    since timestamptz not null default now(),
    primary key (processor, lane_key)
) with (fillfactor = 80);
create index lane_slot on ${schema}.lane (processor, slot);
create index lane_released on ${schema}.lane (processor, slot, head_position) where released;

create table ${schema}.lane_event (
    processor text collate "C" not null,
    lane_key text collate "C" not null,
    position bigint not null,
    origin text collate "C" not null,
    kind text not null check (kind in ('FAILED', 'PARKED', 'WAITING')),
    failure_id text collate "C",
    stops_slot boolean not null default false,
    lost int not null default 0,
    id text collate "C" not null,
    source text collate "C" not null,
    type text collate "C" not null,
    subject text,
    time timestamptz,
    datacontenttype text,
    data bytea,
    key text collate "C",
    version bigint,
    epoch bigint,
    correlationid text,
    causationid text,
    traceparent text,
    headers jsonb,
    primary key (processor, lane_key, position),
    check ((kind = 'FAILED') = (failure_id is not null))
);
create index lane_event_stops on ${schema}.lane_event (processor, lane_key) where stops_slot;
create index lane_event_parked on ${schema}.lane_event (processor) where kind = 'PARKED';

-- What persons did to processors.
create table ${schema}.audit (
    n bigint generated always as identity primary key,
    at timestamptz not null default now(),
    action text not null,
    processor text collate "C" not null,
    actor text not null,
    reason text,
    details jsonb not null
);

-- Numbers these rows of the outbox from the head on, in the order of their sequence, and moves them to the inbox.
-- The caller holds the head; volatile, so that each statement sees what was committed before it began.
create function ${schema}.relay_rows(
    seqs bigint[], head_position bigint, out moved int, out duplicates int, out rejected int)
language plpgsql volatile as $$
declare
    dropped bigint[];
    conflicting bigint[];
begin
    moved := 0;
    duplicates := 0;
    rejected := 0;
    if exists (select 1 from ${schema}.outbox o where o.seq = any (seqs) and o.content_hash is not null) then
        with given as (
            select o.seq, o.source, o.id, o.content_hash,
                   row_number() over (partition by o.source, o.id order by o.seq) as n
            from ${schema}.outbox o where o.seq = any (seqs) and o.content_hash is not null),
        fresh as (
            insert into ${schema}.dedupe (source, id, content_hash)
            select g.source, g.id, g.content_hash from given g where g.n = 1
            on conflict (source, id) do nothing
            returning source, id)
        select array_agg(g.seq) into dropped
        from given g
        where g.n > 1 or not exists (select 1 from fresh f where f.source = g.source and f.id = g.id);
        if dropped is not null then
            select coalesce(array_agg(o.seq), '{}') into conflicting
            from ${schema}.outbox o
            join ${schema}.dedupe d on d.source = o.source and d.id = o.id
            where o.seq = any (dropped) and d.content_hash <> o.content_hash;
            insert into ${schema}.rejected (reason, origin, id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers)
            select 'the same source and id came before with other content', 'local', id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers
            from ${schema}.outbox o where o.seq = any (conflicting) order by o.seq;
            delete from ${schema}.outbox o where o.seq = any (dropped);
            rejected := cardinality(conflicting);
            duplicates := cardinality(dropped) - rejected;
        end if;
    end if;
    with gone as (
        delete from ${schema}.outbox o where o.seq = any (seqs) returning o.*)
    insert into ${schema}.inbox (position, origin, id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers)
    select head_position + row_number() over (order by g.seq), 'local', id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers
    from gone g;
    get diagnostics moved = row_count;
    if moved > 0 then
        update ${schema}.head set position = head_position + moved;
    end if;
end
$$;

-- One relay batch in one round trip. With "alone", one row, which goes to the rejected table if the inbox can not take it.
create function ${schema}.relay(
    batch int, alone boolean,
    out moved int, out duplicates int, out rejected int, out head bigint, out busy boolean, out more boolean)
language plpgsql volatile as $$
declare
    seqs bigint[];
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'relay at isolation % (expected: read committed)', current_setting('transaction_isolation');
    end if;
    moved := 0;
    duplicates := 0;
    rejected := 0;
    busy := false;
    more := false;
    select h.position into head from ${schema}.head h for no key update skip locked;
    if not found then
        select h.position into head from ${schema}.head h;
        busy := true;
        more := true;
        return;
    end if;
    -- A new statement, so with a snapshot from after the lock: whatever the relay before us numbered is gone from it.
    seqs := array(select o.seq from ${schema}.outbox o order by o.seq limit (case when alone then 1 else batch end));
    if cardinality(seqs) = 0 then
        return;
    end if;
    more := alone or cardinality(seqs) = batch;
    if alone then
        begin
            select r.moved, r.duplicates, r.rejected into moved, duplicates, rejected
            from ${schema}.relay_rows(seqs, head) r;
        exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
            with gone as (
                delete from ${schema}.outbox o where o.seq = any (seqs) returning o.*)
            insert into ${schema}.rejected (reason, origin, id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers)
            select sqlstate || ' ' || sqlerrm, 'local', id, source, type, subject, time, datacontenttype, data, key, version, epoch, correlationid, causationid, traceparent, headers from gone;
            moved := 0;
            duplicates := 0;
            rejected := 1;
        end;
    else
        select r.moved, r.duplicates, r.rejected into moved, duplicates, rejected
        from ${schema}.relay_rows(seqs, head) r;
    end if;
    head := head + moved;
end
$$;
