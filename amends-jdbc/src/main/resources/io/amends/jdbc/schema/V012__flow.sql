-- Amends, schema 12: how much flows through each stage, how fast, and how old what waits is.

-- When an event was published, so that its way can be timed and its age told.
alter table ${schema}.outbox add column at timestamptz not null default clock_timestamp();

-- What flowed in pieces of 1, 10 and 60 minutes; each length has everything. Several nodes add to one row.
create table ${schema}.flow (
    minutes int not null check (minutes in (1, 10, 60)),
    -- the beginning of the piece
    at timestamptz not null,
    stage text collate "C" not null,
    -- empty where a stage has no processor
    processor text collate "C" not null,
    events bigint not null default 0,
    failed bigint not null default 0,
    failed_again bigint not null default 0,
    retried bigint not null default 0,
    skipped bigint not null default 0,
    stale bigint not null default 0,
    parked bigint not null default 0,
    waited bigint not null default 0,
    released bigint not null default 0,
    duplicates bigint not null default 0,
    rejected bigint not null default 0,
    -- microseconds
    time_sum bigint not null default 0,
    time_longest bigint not null default 0,
    -- how many took at most 1, 2, 5, 10, 20, 50, 100, 200, 500 ms, 1, 2, 5, 10, 30 s, 1, 5 min, and longer
    t0 int not null default 0,
    t1 int not null default 0,
    t2 int not null default 0,
    t3 int not null default 0,
    t4 int not null default 0,
    t5 int not null default 0,
    t6 int not null default 0,
    t7 int not null default 0,
    t8 int not null default 0,
    t9 int not null default 0,
    t10 int not null default 0,
    t11 int not null default 0,
    t12 int not null default 0,
    t13 int not null default 0,
    t14 int not null default 0,
    t15 int not null default 0,
    t16 int not null default 0,
    -- the most that were seen waiting, and the greatest age in microseconds that the oldest was seen with
    waiting bigint not null default 0,
    oldest bigint,
    primary key (minutes, at, stage, processor)
) with (fillfactor = 70);

-- How far each node has written: what is repeated after a lost reply adds nothing.
create table ${schema}.flow_writer (
    node text collate "C" primary key,
    batch bigint not null,
    at timestamptz not null,
    -- when it last said that its relay had moved something
    relayed_at timestamptz
) with (fillfactor = 70);

-- What was seen when what waits was written down last; whoever writes it down holds this row.
create table ${schema}.flow_sample (
    singleton boolean primary key default true check (singleton),
    at timestamptz,
    head bigint not null,
    builds text[] not null default '{}',
    -- how much longer than wanted the oldest event that all have passed is kept, in microseconds
    overdue bigint
) with (fillfactor = 70);
insert into ${schema}.flow_sample (head) select position from ${schema}.head;

-- Builds that began to run while no live node had them.
create table ${schema}.build_seen (
    at timestamptz not null,
    build text not null,
    primary key (at, build)
);

-- One relay batch in one round trip, as before; says also how long each event was in the outbox, in microseconds.
drop function ${schema}.relay(int, boolean);
create function ${schema}.relay(
    batch int, alone boolean,
    out moved int, out duplicates int, out rejected int, out head bigint, out busy boolean, out more boolean,
    out waited bigint[])
language plpgsql volatile as $$
declare
    seqs bigint[];
    times timestamptz[];
    arrived timestamptz;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'relay at isolation % (expected: read committed)', current_setting('transaction_isolation');
    end if;
    moved := 0;
    duplicates := 0;
    rejected := 0;
    busy := false;
    more := false;
    waited := '{}';
    select h.position into head from ${schema}.head h for no key update skip locked;
    if not found then
        select h.position into head from ${schema}.head h;
        busy := true;
        more := true;
        return;
    end if;
    -- A new statement, so with a snapshot from after the lock: whatever the relay before us numbered is gone from it.
    select array_agg(o.seq order by o.seq), array_agg(o.at order by o.seq) into seqs, times
    from (select o.seq, o.at from ${schema}.outbox o order by o.seq limit (case when alone then 1 else batch end)) o;
    if seqs is null then
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
    arrived := clock_timestamp();
    select array_agg(greatest(0, (extract(epoch from arrived - t) * 1000000)::bigint)) into waited
    from unnest(times) t;
end
$$;
