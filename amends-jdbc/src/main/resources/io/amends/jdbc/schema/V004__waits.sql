-- Events that are too early, and what they wait for.

-- A row of nothing done, with the least epoch and version there are, stands for an entity that is awaited only.
alter table ${schema}.progress add column awaited boolean not null default false;
create index progress_awaited on ${schema}.progress (processor, stream, key) where awaited;

alter table ${schema}.lane_event
    -- waits for whatever comes next: others may run before it
    add column yields boolean not null default false,
    -- something before it waits for what it provides
    add column overtakes boolean not null default false,
    -- its record is one that waits, and not one of a handler that failed
    add column by_wait boolean not null default false,
    -- the entities that it moves when it is done: stream, U+001F, key
    add column provides text[];
create index lane_event_provides on ${schema}.lane_event using gin (provides) where provides is not null;
create index lane_event_overtakes on ${schema}.lane_event (processor, lane_key, position) where overtakes;
create index lane_event_failed on ${schema}.lane_event (processor, lane_key, position) where kind = 'FAILED' and not by_wait;

alter table ${schema}.processor add column paused_at timestamptz;

create table ${schema}.wait (
    processor text collate "C" not null,
    position bigint not null,
    slot int not null,
    lane_key text collate "C" not null,
    -- the failed execution that waits, null for an event that never failed
    failure_id text collate "C",
    -- what it waits for: a version of an entity, whatever comes next for a key, or a time
    kind text not null check (kind in ('VERSION', 'NEXT', 'TIME')),
    awaited_processor text collate "C",
    awaited_stream text collate "C",
    awaited_key text collate "C",
    awaited_epoch bigint,
    awaited_version bigint,
    next_key text collate "C",
    what text not null,
    since timestamptz not null,
    tries int not null,
    -- null for a failed execution
    timeout_at timestamptz,
    -- the head of the moment in which its time was over: whoever it waits for has to pass it first
    timeout_head bigint,
    timed_out boolean not null default false,
    then_what text not null check (then_what in ('FAIL', 'PROCEED', 'SKIP')),
    -- when it is tried again, null until it is woken
    due_at timestamptz,
    primary key (processor, position),
    check ((kind = 'VERSION') = (awaited_version is not null))
);
create index wait_lane on ${schema}.wait (processor, lane_key);
create index wait_awaited on ${schema}.wait (awaited_processor, awaited_stream, awaited_key) where kind = 'VERSION';
create index wait_next on ${schema}.wait (next_key) where next_key is not null;
create index wait_due on ${schema}.wait (processor, slot, due_at) where due_at is not null;
create index wait_timeout on ${schema}.wait (processor, slot, timeout_at) where timeout_at is not null;
create index wait_timed_out on ${schema}.wait (processor, slot) where timed_out;

-- Whether nothing in the lane holds up the event of this position: no earlier row but those that let others go first, or
-- something waits for it and no earlier handler failed.
create function ${schema}.lane_may_run(of_processor text, of_lane text, at_position bigint) returns boolean
language sql stable as $$
    select not exists (
            select 1 from ${schema}.lane_event e
            where e.processor = of_processor and e.lane_key = of_lane and e.position < at_position and not e.yields)
        or (exists (
                select 1 from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and e.position = at_position and e.overtakes)
            and not exists (
                select 1 from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and e.position < at_position
                    and e.kind = 'FAILED' and not e.by_wait))
$$;

-- The position of the first row of a lane that may run now: a parked one, or a waiting one whose wait is over.
create function ${schema}.lane_next(of_processor text, of_lane text, parked_only boolean) returns bigint
language sql stable as $$
    with bounds as (
        select coalesce((
                select min(e.position) from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and not e.yields), 9223372036854775807) as holding,
            coalesce((
                select min(e.position) from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and e.kind = 'FAILED' and not e.by_wait),
                9223372036854775807) as failed),
    candidates as (
        (select e.position, e.kind from ${schema}.lane_event e, bounds b
         where e.processor = of_processor and e.lane_key = of_lane and e.position <= b.holding)
        union
        (select e.position, e.kind from ${schema}.lane_event e, bounds b
         where e.processor = of_processor and e.lane_key = of_lane and e.overtakes and e.position < b.failed))
    select min(c.position) from candidates c
    where c.kind = 'PARKED'
        or (not parked_only and c.kind = 'WAITING' and exists (
            select 1 from ${schema}.wait w
            where w.processor = of_processor and w.position = c.position and (w.timed_out or w.due_at <= now())))
$$;

-- Brings the lane row in line with its events; whether one of them is a parked one that may run. The caller holds the lane.
create function ${schema}.lane_refresh(of_processor text, of_lane text) returns boolean
language plpgsql volatile as $$
declare
    head record;
    may_run boolean;
begin
    select e.position, e.kind, e.by_wait into head from ${schema}.lane_event e
        where e.processor = of_processor and e.lane_key = of_lane order by e.position limit 1;
    if not found then
        delete from ${schema}.lane l where l.processor = of_processor and l.lane_key = of_lane;
        return false;
    end if;
    if head.kind = 'PARKED' then
        may_run := true;
    elsif head.kind = 'FAILED' and not head.by_wait then
        may_run := false;
    else
        may_run := ${schema}.lane_next(of_processor, of_lane, true) is not null;
    end if;
    update ${schema}.lane l set head_position = head.position, released = may_run,
            stops_slot = exists (
                select 1 from ${schema}.lane_event s
                where s.processor = of_processor and s.lane_key = of_lane and s.stops_slot)
        where l.processor = of_processor and l.lane_key = of_lane;
    return may_run;
end
$$;

-- Removes an event and its wait from the lane that the caller holds; whether a parked one may run then.
create function ${schema}.lane_remove(of_processor text, of_lane text, at_position bigint) returns boolean
language plpgsql volatile as $$
begin
    delete from ${schema}.lane_event e
        where e.processor = of_processor and e.lane_key = of_lane and e.position = at_position;
    delete from ${schema}.wait w where w.processor = of_processor and w.position = at_position;
    return ${schema}.lane_refresh(of_processor, of_lane);
end
$$;

-- Makes due what waits for these versions, which the caller's transaction has written and so holds; each statement sees what
-- was committed before the caller had them.
create function ${schema}.wake(by_processor text, streams text[], keys text[], epochs bigint[], versions bigint[])
returns boolean
language plpgsql volatile as $$
declare
    woken int;
begin
    with done as (select * from unnest(streams, keys, epochs, versions) as d(stream, key, epoch, version)),
    satisfied as (
        select w.processor, w.position from ${schema}.wait w
        join done d on w.awaited_stream = d.stream and w.awaited_key = d.key
            and (w.awaited_epoch, w.awaited_version) <= (d.epoch, d.version)
        where w.awaited_processor = by_processor and w.kind = 'VERSION' and w.due_at is null
        order by w.processor, w.position for update of w)
    update ${schema}.wait w set due_at = now() from satisfied s
        where w.processor = s.processor and w.position = s.position;
    get diagnostics woken = row_count;
    update ${schema}.progress p set awaited = false
        from unnest(streams, keys) as d(stream, key)
        where p.processor = by_processor and p.stream = d.stream and p.key = d.key and p.awaited
            and not exists (
                select 1 from ${schema}.wait w
                where w.awaited_processor = by_processor and w.awaited_stream = p.stream and w.awaited_key = p.key
                    and w.kind = 'VERSION' and w.due_at is null);
    return woken > 0;
end
$$;

-- Makes due what waits for whatever comes next for these keys. What another transaction has in hand is left out: it is tried
-- again by time as well.
create function ${schema}.wake_next(keys text[]) returns boolean
language plpgsql volatile as $$
declare
    woken int;
begin
    with waiting as (
        select w.processor, w.position from ${schema}.wait w
        where w.next_key = any (keys) and (w.due_at is null or w.due_at > now()) for update skip locked)
    update ${schema}.wait w set due_at = now() from waiting n
        where w.processor = n.processor and w.position = n.position;
    get diagnostics woken = row_count;
    return woken > 0;
end
$$;

-- Ends the waits of these slots whose time is over; the microseconds until the next is due by time, null if none is.
create function ${schema}.end_waits(of_processor text, slots int[], fences bigint[]) returns bigint
language plpgsql volatile as $$
declare
    next_at timestamptz;
begin
    if not exists (select 1 from ${schema}.wait w where w.processor = of_processor) then
        return null;
    end if;
    with mine as (
        select c.slot from ${schema}.cursor c join unnest(slots, fences) as m(slot, fence)
            on m.slot = c.slot and m.fence = c.fence where c.processor = of_processor),
    over as (
        select w.position from mine m join ${schema}.wait w on w.processor = of_processor and w.slot = m.slot
        where w.timeout_at <= now() and w.timeout_head is null and not w.timed_out for update of w skip locked)
    update ${schema}.wait w set timeout_head = (select h.position from ${schema}.head h) from over o
        where w.processor = of_processor and w.position = o.position;
    with mine as (
        select c.slot from ${schema}.cursor c join unnest(slots, fences) as m(slot, fence)
            on m.slot = c.slot and m.fence = c.fence where c.processor = of_processor),
    over as (
        select w.position from mine m join ${schema}.wait w on w.processor = of_processor and w.slot = m.slot
        where w.timeout_at <= now() and w.timeout_head is not null and not w.timed_out
            and not exists (
                select 1 from ${schema}.cursor c
                where c.processor = coalesce(w.awaited_processor, of_processor) and c.position < w.timeout_head)
        for update of w skip locked)
    update ${schema}.wait w set timed_out = true from over o
        where w.processor = of_processor and w.position = o.position;
    select min(t.at) into next_at
    from ${schema}.cursor c join unnest(slots, fences) as m(slot, fence) on m.slot = c.slot and m.fence = c.fence
    cross join lateral (
        (select w.due_at as at from ${schema}.wait w
         where w.processor = of_processor and w.slot = c.slot and w.due_at > now() and not w.timed_out
         order by w.due_at limit 1)
        union all
        (select w.timeout_at from ${schema}.wait w
         where w.processor = of_processor and w.slot = c.slot and w.timeout_at > now() and not w.timed_out
         order by w.timeout_at limit 1)) t
    where c.processor = of_processor;
    return ceil(extract(epoch from next_at - clock_timestamp()) * 1000000)::bigint;
end
$$;
