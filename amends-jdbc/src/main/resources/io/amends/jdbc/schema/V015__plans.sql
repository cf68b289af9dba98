-- Amends, schema 15: nothing on an event's way is planned anew at each call, and what looks for tangles passes by what has none.

-- A wake-up's statements take arrays. For an array that is known the planner expects its length, for one that is not it
-- expects ten: so the plan for the known one always seems to be cheaper, and was made at every wake-up.
alter function ${schema}.wake_waits(text, text[], text[], bigint[], bigint[]) set plan_cache_mode = 'force_generic_plan';
alter function ${schema}.wake_next_waits(text[]) set plan_cache_mode = 'force_generic_plan';

-- As before, but each record is looked up by its id whatever the planner knows of the tables: the plan is kept, and one that
-- was made when there were few records read the whole index of all.
create or replace function ${schema}.failure_hours() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_hour as h (hour, first_id, last_id)
    select date_bin('1 hour', f.first_failed_at, timestamptz 'epoch'), min(f.failure_id), max(f.failure_id)
    from added a cross join lateral (
        select r.failure_id, r.first_failed_at from ${schema}.failed_execution r
        where r.failure_id = a.failure_id offset 0) f
    group by 1
    on conflict (hour) do update
        set first_id = least(h.first_id, excluded.first_id), last_id = greatest(h.last_id, excluded.last_id)
        where excluded.first_id < h.first_id or excluded.last_id > h.last_id;
    return null;
end
$$;

-- As before, but only what is held up by some wait is followed further: most waits are not, their cause has not come yet.
create or replace function ${schema}.tangles(of_processor text, most int) returns table (at_position bigint)
language sql volatile as $$
    with turn as (
        select w.position from ${schema}.wait w
        where w.processor = of_processor and w.kind = 'VERSION' and w.due_at is null and w.look_at <= now()
        order by w.look_at limit most for update skip locked),
    looked as (
        update ${schema}.wait w set look_at = now() + greatest(now() - w.since, interval '1 second') from turn t
        where w.processor = of_processor and w.position = t.position returning w.position)
    select l.position from looked l
    where case when exists (select 1 from ${schema}.held_by(of_processor, l.position))
        then ${schema}.tangled(of_processor, l.position) else false end
    order by l.position
$$;
