-- What a person says of a wait holds, also when what it waits for comes before that is done; and no wake-up of what waits for
-- whatever comes next is lost while it is being tried.

alter table ${schema}.wait add column said_by_person boolean not null default false;

-- How often something has come for what waits for whatever comes next.
alter table ${schema}.wait add column wakes int not null default 0;

-- Makes due what waits for whatever comes next for these keys; what it was: 1 for events, 2 for failed executions, 3 for
-- both, 0 for nothing. What is due already counts it too: whoever tries it right now may not have seen what the caller has
-- done, and finds out by the count when it waits on. What another transaction has in hand is waited for, in one order.
create or replace function ${schema}.wake_next_waits(keys text[]) returns int
language plpgsql volatile set plan_cache_mode = 'force_generic_plan' as $$
declare
    woken int;
begin
    with waiting as (
        select w.processor, w.position from ${schema}.wait w
        where w.next_key = any (keys) order by w.processor, w.position for update),
    due as (
        update ${schema}.wait w set wakes = w.wakes + 1, due_at = least(w.due_at, now()) from waiting n
        where w.processor = n.processor and w.position = n.position
        returning case when w.failure_id is null then 1 else 2 end as what)
    select coalesce(bit_or(d.what), 0) into woken from due d;
    return woken;
end
$$;
