-- Amends, schema 14: waits cost nothing where nothing waits, and whoever wakes one knows what it was.

-- Makes due what waits for these versions, which the caller's transaction has written and so holds; each statement sees what
-- was committed before the caller had them. What it was: 1 for events, 2 for failed executions, 3 for both, 0 for nothing.
create function ${schema}.wake_waits(by_processor text, streams text[], keys text[], epochs bigint[], versions bigint[])
returns int
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
        order by w.processor, w.position for update of w),
    due as (
        update ${schema}.wait w set due_at = now() from satisfied s
        where w.processor = s.processor and w.position = s.position
        returning case when w.failure_id is null then 1 else 2 end as what)
    select coalesce(bit_or(d.what), 0) into woken from due d;
    update ${schema}.progress p set awaited = false
        from unnest(streams, keys) as d(stream, key)
        where p.processor = by_processor and p.stream = d.stream and p.key = d.key and p.awaited
            and not exists (
                select 1 from ${schema}.wait w
                where w.awaited_processor = by_processor and w.awaited_stream = p.stream and w.awaited_key = p.key
                    and w.kind = 'VERSION' and w.due_at is null);
    return woken;
end
$$;

-- Makes due what waits for whatever comes next for these keys; what it was, as above. What another transaction has in hand is
-- left out: it is tried again by time as well.
create function ${schema}.wake_next_waits(keys text[]) returns int
language plpgsql volatile as $$
declare
    woken int;
begin
    with waiting as (
        select w.processor, w.position from ${schema}.wait w
        where w.next_key = any (keys) and (w.due_at is null or w.due_at > now()) for update skip locked),
    due as (
        update ${schema}.wait w set due_at = now() from waiting n
        where w.processor = n.processor and w.position = n.position
        returning case when w.failure_id is null then 1 else 2 end as what)
    select coalesce(bit_or(d.what), 0) into woken from due d;
    return woken;
end
$$;

-- Ends the waits of these slots whose time is over; the microseconds until the next is due by time, an hour at most, null if
-- nothing of the processor waits.
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
    return least(coalesce(ceil(extract(epoch from next_at - clock_timestamp()) * 1000000)::bigint, 3600000000), 3600000000);
end
$$;

-- The index over what events provide is one of the database's own collation, the names that are looked for are not: without the
-- collation the index is not used, and each look reads all events of all lanes.

-- The waits that hold up what a wait waits for: those before it in its lane that let nobody pass, and its own.
create or replace function ${schema}.held_by(of_processor text, at_position bigint)
returns table (by_processor text, by_position bigint)
language sql stable as $$
    select v.processor, v.position from ${schema}.wait a
    join ${schema}.lane_event e on e.processor = a.awaited_processor
        and e.provides @> array[(a.awaited_stream || E'\x1f' || a.awaited_key) collate "default"]
    join ${schema}.wait v on v.processor = e.processor and v.lane_key = e.lane_key
    where a.processor = of_processor and a.position = at_position and a.kind = 'VERSION' and a.due_at is null
        and v.due_at is null and not v.timed_out
        and (v.position = e.position
            or (v.position < e.position and not e.overtakes
                and exists (
                    select 1 from ${schema}.lane_event h
                    where h.processor = v.processor and h.lane_key = v.lane_key and h.position = v.position
                        and not h.yields)))
$$;

-- Lets what a tangled wait waits for, and holds up, overtake the rest of its lane; nothing if it is not tangled any more.
create or replace function ${schema}.untangle(of_processor text, at_position bigint)
returns table (let_processor text, let_lane text, let_position bigint)
language plpgsql volatile as $$
declare
    awaited record;
begin
    for awaited in
        select e.processor, e.lane_key, e.position from ${schema}.wait a
        join ${schema}.lane_event e on e.processor = a.awaited_processor
            and e.provides @> array[(a.awaited_stream || E'\x1f' || a.awaited_key) collate "default"]
        where a.processor = of_processor and a.position = at_position and a.kind = 'VERSION' and a.due_at is null
        order by e.processor, e.lane_key, e.position
    loop
        perform 1 from ${schema}.lane l where l.processor = awaited.processor and l.lane_key = awaited.lane_key for update;
        continue when not found or not ${schema}.holds_up(
            of_processor, at_position, awaited.processor, awaited.lane_key, awaited.position);
        update ${schema}.lane_event e set overtakes = true
            where e.processor = awaited.processor and e.lane_key = awaited.lane_key and e.position = awaited.position
                and not e.overtakes and (e.kind <> 'FAILED' or e.by_wait);
        if found then
            perform ${schema}.lane_refresh(awaited.processor, awaited.lane_key);
            let_processor := awaited.processor;
            let_lane := awaited.lane_key;
            let_position := awaited.position;
            return next;
        end if;
    end loop;
end
$$;

-- Analyses those of the tables that are mostly empty, and now and then are not, that have more than doubled since they were
-- looked at: a plan that was made for an empty table is kept until then, and reads all of a full one, again and again. How
-- many were. Nothing is done where the caller does not own them: autovacuum comes within minutes.
create function ${schema}.notice_growth() returns int
language plpgsql volatile as $$
declare
    grown regclass;
    noticed int := 0;
begin
    for grown in
        select c.oid::regclass from pg_class c
        where c.oid = any (array['${schema}.wait', '${schema}.lane', '${schema}.lane_event', '${schema}.progress',
                '${schema}.failed_execution']::regclass[])
            and pg_relation_size(c.oid) / current_setting('block_size')::int > 2 * greatest(c.relpages, 0) + 3
            and pg_has_role(c.relowner, 'USAGE')
        order by c.relname
    loop
        execute format('analyze (skip_locked) %s', grown);
        noticed := noticed + 1;
    end loop;
    return noticed;
end
$$;
