-- Whoever does what others wait for learns in which lanes they are, and begins those that are its own without looking for them.

-- Makes due what waits for these versions; a row for each wait, what is 1 for an event and 2 for a failed execution. Builds
-- before schema 19 call wake_waits, which does the same and says only what there was.
create function ${schema}.woken_lanes(
    by_processor text, streams text[], keys text[], epochs bigint[], versions bigint[])
returns table (what int, of_processor text, in_slot int, of_lane text)
language plpgsql volatile set plan_cache_mode = 'force_generic_plan' as $$
begin
    for i in 1 .. coalesce(array_length(streams, 1), 0) loop
        return query with satisfied as (
            select w.processor, w.position from ${schema}.wait w
            where w.awaited_processor = by_processor and w.awaited_stream = streams[i] and w.awaited_key = keys[i]
                and (w.awaited_epoch, w.awaited_version) <= (epochs[i], versions[i])
                and w.kind = 'VERSION' and w.due_at is null
            order by w.processor, w.position for update of w)
        update ${schema}.wait w set due_at = now() from satisfied s
            where w.processor = s.processor and w.position = s.position
            returning case when w.failure_id is null then 1 else 2 end, w.processor::text, w.slot, w.lane_key::text;
        update ${schema}.progress p set awaited = false
            where p.processor = by_processor and p.stream = streams[i] and p.key = keys[i] and p.awaited
                and not exists (
                    select 1 from ${schema}.wait w
                    where w.awaited_processor = by_processor and w.awaited_stream = streams[i] and w.awaited_key = keys[i]
                        and w.kind = 'VERSION' and w.due_at is null);
    end loop;
end
$$;
