-- Waits that hold each other across lanes: what one waits for stands behind an event that waits for something behind the
-- first one. Each wait is looked at when it begins, and again after as long as it lasts already.

alter table ${schema}.wait add column look_at timestamptz not null default now();
create index wait_look on ${schema}.wait (processor, look_at) where kind = 'VERSION' and due_at is null;

-- The waits that hold up what a wait waits for: those before it in its lane that let nobody pass, and its own.
create function ${schema}.held_by(of_processor text, at_position bigint)
returns table (by_processor text, by_position bigint)
language sql stable as $$
    select v.processor, v.position from ${schema}.wait a
    join ${schema}.lane_event e on e.processor = a.awaited_processor
        and e.provides @> array[a.awaited_stream || E'\x1f' || a.awaited_key]
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

-- Whether a wait holds up what it waits for, by way of at most a thousand others.
create function ${schema}.tangled(of_processor text, at_position bigint) returns boolean
language sql stable as $$
    with recursive reached(by_processor, by_position) as (
        select h.by_processor, h.by_position from ${schema}.held_by(of_processor, at_position) h
        union
        select h.by_processor, h.by_position
        from reached r cross join lateral ${schema}.held_by(r.by_processor, r.by_position) h)
    select exists (
        select 1 from (select * from reached limit 1000) r
        where r.by_processor = of_processor and r.by_position = at_position)
$$;

-- Whether a wait holds up the event of this position, by way of those before it in its lane and at most a thousand others.
create function ${schema}.holds_up(
    of_processor text, at_position bigint, in_processor text, in_lane text, behind bigint) returns boolean
language sql stable as $$
    with recursive reached(by_processor, by_position) as (
        select v.processor, v.position from ${schema}.wait v
        join ${schema}.lane_event h on h.processor = v.processor and h.lane_key = v.lane_key and h.position = v.position
        where v.processor = in_processor and v.lane_key = in_lane and v.position < behind
            and v.due_at is null and not v.timed_out and not h.yields
        union
        select h.by_processor, h.by_position
        from reached r cross join lateral ${schema}.held_by(r.by_processor, r.by_position) h)
    select exists (
        select 1 from (select * from reached limit 1000) r
        where r.by_processor = of_processor and r.by_position = at_position)
$$;

-- Looks at waits whose turn it is to be looked at; those that are tangled.
create function ${schema}.tangles(of_processor text, most int) returns table (at_position bigint)
language sql volatile as $$
    with turn as (
        select w.position from ${schema}.wait w
        where w.processor = of_processor and w.kind = 'VERSION' and w.due_at is null and w.look_at <= now()
        order by w.look_at limit most for update skip locked),
    looked as (
        update ${schema}.wait w set look_at = now() + greatest(now() - w.since, interval '1 second') from turn t
        where w.processor = of_processor and w.position = t.position returning w.position)
    select l.position from looked l where ${schema}.tangled(of_processor, l.position) order by l.position
$$;

-- Lets what a tangled wait waits for, and holds up, overtake the rest of its lane; nothing if it is not tangled any more.
create function ${schema}.untangle(of_processor text, at_position bigint)
returns table (let_processor text, let_lane text, let_position bigint)
language plpgsql volatile as $$
declare
    awaited record;
begin
    for awaited in
        select e.processor, e.lane_key, e.position from ${schema}.wait a
        join ${schema}.lane_event e on e.processor = a.awaited_processor
            and e.provides @> array[a.awaited_stream || E'\x1f' || a.awaited_key]
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
