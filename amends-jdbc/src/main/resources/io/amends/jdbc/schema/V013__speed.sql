-- Where a time lies among the ids, and what a plan asks of what needs an operator.

-- The least and the greatest id of the records that failed first in the hour that begins then. A list of a time long ago
-- begins and ends there, whatever clocks the ids were made by. It knows the records that failure_text knows; whoever writes
-- that, also a fold of an older build, is followed by the trigger.
create table ${schema}.failure_hour (
    hour timestamptz primary key,
    first_id text collate "C" not null,
    last_id text collate "C" not null
) with (fillfactor = 70);

create function ${schema}.failure_hours() returns trigger language plpgsql as $$
begin
    insert into ${schema}.failure_hour as h (hour, first_id, last_id)
    select date_bin('1 hour', f.first_failed_at, timestamptz 'epoch'), min(f.failure_id), max(f.failure_id)
    from added a join ${schema}.failed_execution f on f.failure_id = a.failure_id
    group by 1
    on conflict (hour) do update
        set first_id = least(h.first_id, excluded.first_id), last_id = greatest(h.last_id, excluded.last_id)
        where excluded.first_id < h.first_id or excluded.last_id > h.last_id;
    return null;
end
$$;
-- before what was there is looked at: it waits for a fold that runs, and holds up the next one
create trigger failure_text_added after insert on ${schema}.failure_text
    referencing new table as added for each statement execute function ${schema}.failure_hours();

insert into ${schema}.failure_hour (hour, first_id, last_id)
select date_bin('1 hour', f.first_failed_at, timestamptz 'epoch'), min(f.failure_id), max(f.failure_id)
from ${schema}.failed_execution f
group by 1;

-- With what a plan judges a record by: 100,000 of them are frozen without reading the records. A failure that will be
-- retried has no entry here.
drop index ${schema}.failed_execution_stopped;
create index failed_execution_stopped on ${schema}.failed_execution (failure_id)
    include (status, timeout_at, recoverability, retries, max_retries, processor, lane_key, position)
    where status = 'FAILED' and due_at is null and (case when recoverability = 'UNRECOVERABLE' then 'UNRECOVERABLE' when not retry_enabled then 'SWITCHED_OFF'
        when retries >= max_retries then 'EXHAUSTED' when reason = 'TOO_EARLY' then 'WAITING'
        when reason = 'WAIT_TIMEOUT' then 'TIMED_OUT' end) is distinct from 'WAITING';
