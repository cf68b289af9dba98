-- Amends, schema 16: what a wake-up costs does not depend on how many slots a node has, nor on how many others wait.

-- Events whose wait is over, the longest first; those of failed executions are looked for by the slot.
create index wait_ready on ${schema}.wait (processor, due_at) where due_at is not null and failure_id is null;
drop index ${schema}.wait_due;
create index wait_due on ${schema}.wait (processor, slot, due_at) where due_at is not null and failure_id is not null;
drop index ${schema}.wait_timeout;
create index wait_timeout on ${schema}.wait (processor, timeout_at) where timeout_at is not null and not timed_out;
drop index ${schema}.wait_timed_out;
create index wait_timed_out on ${schema}.wait (processor, timeout_at) where timed_out;
drop index ${schema}.lane_released;
create index lane_released on ${schema}.lane (processor, head_position) where released;

-- The position of the first row of a lane that may run now: a parked one, or a waiting one whose wait is over.
create or replace function ${schema}.lane_next(of_processor text, of_lane text, parked_only boolean) returns bigint
language plpgsql stable as $$
declare
    candidate record;
    next_at bigint;
begin
    if exists (
        select 1 from ${schema}.lane l
        where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is not null)
    then
        return null;
    end if;
    -- up to the first that lets no other pass
    for candidate in
        select e.position, e.kind, e.yields from ${schema}.lane_event e
        where e.processor = of_processor and e.lane_key = of_lane order by e.position
    loop
        if candidate.kind = 'PARKED'
            or (candidate.kind = 'WAITING' and not parked_only and exists (
                select 1 from ${schema}.wait w
                where w.processor = of_processor and w.position = candidate.position
                    and (w.timed_out or w.due_at <= now())))
        then
            next_at := candidate.position;
            exit;
        end if;
        exit when not candidate.yields;
    end loop;
    -- one that something waits for passes them, but no handler's failure
    for candidate in
        select e.position, e.kind from ${schema}.lane_event e
        where e.processor = of_processor and e.lane_key = of_lane and e.overtakes
            and (next_at is null or e.position < next_at)
        order by e.position
    loop
        exit when exists (
            select 1 from ${schema}.lane_event f
            where f.processor = of_processor and f.lane_key = of_lane and f.kind = 'FAILED' and not f.by_wait
                and f.position < candidate.position);
        if candidate.kind = 'PARKED'
            or (candidate.kind = 'WAITING' and not parked_only and exists (
                select 1 from ${schema}.wait w
                where w.processor = of_processor and w.position = candidate.position
                    and (w.timed_out or w.due_at <= now())))
        then
            return candidate.position;
        end if;
    end loop;
    return next_at;
end
$$;

-- The lanes of these slots that have something to run, the oldest first.
create function ${schema}.released_lanes(of_processor text, slots int[], fences bigint[], most int)
returns table (in_slot int, of_lane text, stops boolean)
language plpgsql stable set plan_cache_mode = 'force_generic_plan' set enable_hashjoin = 'off' set enable_mergejoin = 'off'
as $$
begin
    return query
    with over as (
        (select w.lane_key, w.slot from ${schema}.wait w
         where w.processor = of_processor and w.failure_id is null and w.due_at <= now() and w.slot = any (slots)
             and ${schema}.lane_next(w.processor, w.lane_key, false) is not null
         order by w.due_at limit most)
        union
        (select w.lane_key, w.slot from ${schema}.wait w
         where w.processor = of_processor and w.failure_id is null and w.timed_out and w.slot = any (slots)
             and ${schema}.lane_next(w.processor, w.lane_key, false) is not null
         order by w.timeout_at limit most)),
    found as (
        (select l.lane_key, l.slot as owned, l.slot, l.stops_slot, l.head_position from ${schema}.lane l
         where l.processor = of_processor and l.released and l.slot = any (slots)
         order by l.head_position limit most)
        union
        (select l.lane_key, o.slot, l.slot, l.stops_slot, l.head_position from over o
         join ${schema}.lane l on l.processor = of_processor and l.lane_key = o.lane_key))
    select f.slot, f.lane_key, f.stops_slot from found f
    where fences[array_position(slots, f.owned)] = (
        select c.fence from ${schema}.cursor c where c.processor = of_processor and c.slot = f.owned)
    order by f.head_position limit most;
end
$$;

-- Makes due what waits for these versions, which the caller's transaction has written and so holds; each statement sees what
-- was committed before the caller had them. What it was: 1 for events, 2 for failed executions, 3 for both, 0 for nothing.
create or replace function ${schema}.wake_waits(
    by_processor text, streams text[], keys text[], epochs bigint[], versions bigint[]) returns int
language plpgsql volatile set plan_cache_mode = 'force_generic_plan' as $$
declare
    what int;
    woken int := 0;
begin
    for i in 1 .. coalesce(array_length(streams, 1), 0) loop
        with satisfied as (
            select w.processor, w.position from ${schema}.wait w
            where w.awaited_processor = by_processor and w.awaited_stream = streams[i] and w.awaited_key = keys[i]
                and (w.awaited_epoch, w.awaited_version) <= (epochs[i], versions[i])
                and w.kind = 'VERSION' and w.due_at is null
            order by w.processor, w.position for update of w),
        due as (
            update ${schema}.wait w set due_at = now() from satisfied s
            where w.processor = s.processor and w.position = s.position
            returning case when w.failure_id is null then 1 else 2 end as what)
        select coalesce(bit_or(d.what), 0) into what from due d;
        woken := woken | what;
        update ${schema}.progress p set awaited = false
            where p.processor = by_processor and p.stream = streams[i] and p.key = keys[i] and p.awaited
                and not exists (
                    select 1 from ${schema}.wait w
                    where w.awaited_processor = by_processor and w.awaited_stream = streams[i] and w.awaited_key = keys[i]
                        and w.kind = 'VERSION' and w.due_at is null);
    end loop;
    return woken;
end
$$;

-- Ends the waits of these slots whose time is over; the microseconds until the next is due by time, an hour at most, null if
-- nothing of the processor waits.
create or replace function ${schema}.end_waits(of_processor text, slots int[], fences bigint[]) returns bigint
language plpgsql volatile set plan_cache_mode = 'force_generic_plan' set enable_hashjoin = 'off' set enable_mergejoin = 'off'
as $$
declare
    mine int[];
    next_at timestamptz;
begin
    if not exists (select 1 from ${schema}.wait w where w.processor = of_processor) then
        return null;
    end if;
    select array_agg(c.slot) into mine from ${schema}.cursor c
        where c.processor = of_processor and c.slot = any (slots) and c.fence = fences[array_position(slots, c.slot)];
    with over as (
        select w.position from ${schema}.wait w
        where w.processor = of_processor and w.timeout_at <= now() and w.timeout_head is null and not w.timed_out
            and w.slot = any (mine)
            and not exists (
                select 1 from ${schema}.lane l
                where l.processor = w.processor and l.lane_key = w.lane_key and l.paused_at is not null)
        for update of w skip locked)
    update ${schema}.wait w set timeout_head = (select h.position from ${schema}.head h) from over o
        where w.processor = of_processor and w.position = o.position;
    with over as (
        select w.position from ${schema}.wait w
        where w.processor = of_processor and w.timeout_at <= now() and w.timeout_head is not null and not w.timed_out
            and w.slot = any (mine)
            and not exists (
                select 1 from ${schema}.lane l
                where l.processor = w.processor and l.lane_key = w.lane_key and l.paused_at is not null)
            and not exists (
                select 1 from ${schema}.cursor c
                where c.processor = coalesce(w.awaited_processor, of_processor) and c.position < w.timeout_head)
        for update of w skip locked)
    update ${schema}.wait w set timed_out = true from over o
        where w.processor = of_processor and w.position = o.position;
    select min(t.at) into next_at from (
        (select w.due_at as at from ${schema}.wait w
         where w.processor = of_processor and w.failure_id is null and w.due_at > now() and not w.timed_out
             and w.slot = any (mine)
         order by w.due_at limit 1)
        union all
        (select w.timeout_at from ${schema}.wait w
         where w.processor = of_processor and w.timeout_at > now() and not w.timed_out and w.slot = any (mine)
         order by w.timeout_at limit 1)
        union all
        (select f.due_at from unnest(mine) as m(slot) cross join lateral (
            select w.due_at from ${schema}.wait w
            where w.processor = of_processor and w.slot = m.slot and w.failure_id is not null and w.due_at > now()
                and not w.timed_out
            order by w.due_at limit 1) f)) t;
    return least(coalesce(ceil(extract(epoch from next_at - clock_timestamp()) * 1000000)::bigint, 3600000000), 3600000000);
end
$$;

-- Looks at some of the waits, whose rows are found one by one: a join that reads all of them is what these functions would be
-- planned with while few wait.
alter function ${schema}.tangles(text, int) set enable_hashjoin = 'off';
alter function ${schema}.tangles(text, int) set enable_mergejoin = 'off';
alter function ${schema}.tangles(text, int) set enable_seqscan = 'off';
alter function ${schema}.wake_forgotten(text, int) set enable_hashjoin = 'off';
alter function ${schema}.wake_forgotten(text, int) set enable_mergejoin = 'off';
alter function ${schema}.wake_forgotten(text, int) set enable_seqscan = 'off';
