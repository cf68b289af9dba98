-- Waits whose wake-up was lost: nothing that the engine does loses one; a restored backup or a person's SQL may.

-- Makes due what is satisfied and not due, of the waits whose turn it is to be looked at; how many were.
create function ${schema}.wake_forgotten(of_processor text, most int) returns int
language plpgsql volatile as $$
declare
    woken int;
begin
    with turn as (
        select w.position from ${schema}.wait w
        where w.processor = of_processor and w.kind = 'VERSION' and w.due_at is null and w.look_at <= now()
        order by w.look_at limit most),
    forgotten as (
        select w.position from turn t
        join ${schema}.wait w on w.processor = of_processor and w.position = t.position
        join ${schema}.progress p on p.processor = w.awaited_processor and p.stream = w.awaited_stream
            and p.key = w.awaited_key and (p.epoch, p.version) >= (w.awaited_epoch, w.awaited_version)
        where w.due_at is null order by w.position for update of w skip locked)
    update ${schema}.wait w set due_at = now() from forgotten f
        where w.processor = of_processor and w.position = f.position;
    get diagnostics woken = row_count;
    return woken;
end
$$;
