-- Amends, schema 8: lanes that a person has paused.

-- A lane that is paused has a row without events too: its slot is -1 then, and its first position the greatest there is.
alter table ${schema}.lane
    add column paused_by text,
    add column paused_reason text,
    add column paused_at timestamptz;
create index lane_paused on ${schema}.lane (processor, lane_key) where paused_at is not null;

-- Whether nothing in the lane holds up the event of this position: nobody has paused it, and there is no earlier row but those
-- that let others go first, or something waits for it and no earlier handler failed.
create or replace function ${schema}.lane_may_run(of_processor text, of_lane text, at_position bigint) returns boolean
language sql stable as $$
    select not exists (
        select 1 from ${schema}.lane l
        where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is not null)
    and (not exists (
            select 1 from ${schema}.lane_event e
            where e.processor = of_processor and e.lane_key = of_lane and e.position < at_position and not e.yields)
        or (exists (
                select 1 from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and e.position = at_position and e.overtakes)
            and not exists (
                select 1 from ${schema}.lane_event e
                where e.processor = of_processor and e.lane_key = of_lane and e.position < at_position
                    and e.kind = 'FAILED' and not e.by_wait)))
$$;

-- The position of the first row of a lane that may run now: a parked one, or a waiting one whose wait is over.
create or replace function ${schema}.lane_next(of_processor text, of_lane text, parked_only boolean) returns bigint
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
    where not exists (
        select 1 from ${schema}.lane l
        where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is not null)
    and (c.kind = 'PARKED'
        or (not parked_only and c.kind = 'WAITING' and exists (
            select 1 from ${schema}.wait w
            where w.processor = of_processor and w.position = c.position and (w.timed_out or w.due_at <= now()))))
$$;

-- Brings the lane row in line with its events; whether one of them is a parked one that may run. The caller holds the lane.
create or replace function ${schema}.lane_refresh(of_processor text, of_lane text) returns boolean
language plpgsql volatile as $$
declare
    head record;
    may_run boolean;
begin
    select e.position, e.kind, e.by_wait into head from ${schema}.lane_event e
        where e.processor = of_processor and e.lane_key = of_lane order by e.position limit 1;
    if not found then
        update ${schema}.lane l set slot = -1, head_position = 9223372036854775807, released = false, stops_slot = false
            where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is not null;
        if not found then
            delete from ${schema}.lane l where l.processor = of_processor and l.lane_key = of_lane;
        end if;
        return false;
    end if;
    if head.kind = 'PARKED' then
        may_run := true;
    elsif head.kind = 'FAILED' and not head.by_wait then
        may_run := false;
    else
        may_run := ${schema}.lane_next(of_processor, of_lane, true) is not null;
    end if;
    may_run := may_run and not exists (
        select 1 from ${schema}.lane l
        where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is not null);
    update ${schema}.lane l set head_position = head.position, released = may_run,
            stops_slot = exists (
                select 1 from ${schema}.lane_event s
                where s.processor = of_processor and s.lane_key = of_lane and s.stops_slot)
        where l.processor = of_processor and l.lane_key = of_lane;
    return may_run;
end
$$;

-- Ends the waits of these slots whose time is over; the microseconds until the next is due by time, null if none is.
create or replace function ${schema}.end_waits(of_processor text, slots int[], fences bigint[]) returns bigint
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
        where w.timeout_at <= now() and w.timeout_head is null and not w.timed_out
            and not exists (
                select 1 from ${schema}.lane l
                where l.processor = w.processor and l.lane_key = w.lane_key and l.paused_at is not null)
        for update of w skip locked)
    update ${schema}.wait w set timeout_head = (select h.position from ${schema}.head h) from over o
        where w.processor = of_processor and w.position = o.position;
    with mine as (
        select c.slot from ${schema}.cursor c join unnest(slots, fences) as m(slot, fence)
            on m.slot = c.slot and m.fence = c.fence where c.processor = of_processor),
    over as (
        select w.position from mine m join ${schema}.wait w on w.processor = of_processor and w.slot = m.slot
        where w.timeout_at <= now() and w.timeout_head is not null and not w.timed_out
            and not exists (
                select 1 from ${schema}.lane l
                where l.processor = w.processor and l.lane_key = w.lane_key and l.paused_at is not null)
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
