-- Amends, schema 17: fewer statements inside those that end a retry.

-- Counts a failed execution that is new, or what has changed of one: what it is now, less what it was. A row, and not a query over
-- tables of what changed; those that are removed, which are many at a time, are counted together as before.
create function ${schema}.group_counted() returns trigger language plpgsql as $$
declare
    idle text := ${schema}.why_idle(new.status, new.due_at, new.reason, new.recoverability, new.retry_enabled, new.retries,
        new.max_retries);
    was_status text := '';
    was_idle text;
    failed_anew boolean := new.status = 'FAILED';
    text_changed boolean := true;
begin
    if tg_op = 'UPDATE' then
        was_status := old.status;
        was_idle := ${schema}.why_idle(old.status, old.due_at, old.reason, old.recoverability, old.retry_enabled, old.retries,
            old.max_retries);
        text_changed := new.error_message <> old.error_message or new.error_code <> old.error_code;
        if new.status = was_status and idle is not distinct from was_idle and not text_changed
            and new.fingerprint = old.fingerprint and new.processor = old.processor
        then
            return null;
        end if;
        failed_anew := failed_anew and was_status = 'PREPARED' and new.executed_at <> old.executed_at;
        if new.fingerprint <> old.fingerprint or new.processor <> old.processor then
            insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
                scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting,
                timed_out)
            values (old.fingerprint, old.processor, old.error_code, left(old.error_message, 300), old.failure_id, old.build,
                old.executed_at, floor(extract(epoch from old.executed_at) / 3600)::bigint,
                -(was_status = 'FAILED' and coalesce(was_idle = 'WAITING', true))::int,
                -coalesce(was_idle <> 'WAITING', false)::int, -(was_status = 'PREPARED')::int,
                -(was_status = 'SUCCEEDED')::int, -(was_status = 'SKIPPED')::int, 0,
                -coalesce(was_idle = 'EXHAUSTED', false)::int, -coalesce(was_idle = 'UNRECOVERABLE', false)::int,
                -coalesce(was_idle = 'SWITCHED_OFF', false)::int, -coalesce(was_idle = 'WAITING', false)::int,
                -coalesce(was_idle = 'TIMED_OUT', false)::int);
            was_status := '';
            was_idle := null;
        end if;
    end if;
    insert into ${schema}.failure_group_change (fingerprint, processor, error_code, message, sample_id, build, at, hour,
        scheduled, stopped, running, handled, skipped, failures, exhausted, unrecoverable, switched_off, waiting, timed_out, touched)
    values (new.fingerprint, new.processor, new.error_code, left(new.error_message, 300), new.failure_id, new.build,
        new.executed_at, floor(extract(epoch from new.executed_at) / 3600)::bigint,
        (new.status = 'FAILED' and coalesce(idle = 'WAITING', true))::int
            - (was_status = 'FAILED' and coalesce(was_idle = 'WAITING', true))::int,
        coalesce(idle <> 'WAITING', false)::int - coalesce(was_idle <> 'WAITING', false)::int,
        (new.status = 'PREPARED')::int - (was_status = 'PREPARED')::int,
        (new.status = 'SUCCEEDED')::int - (was_status = 'SUCCEEDED')::int,
        (new.status = 'SKIPPED')::int - (was_status = 'SKIPPED')::int, failed_anew::int,
        coalesce(idle = 'EXHAUSTED', false)::int - coalesce(was_idle = 'EXHAUSTED', false)::int,
        coalesce(idle = 'UNRECOVERABLE', false)::int - coalesce(was_idle = 'UNRECOVERABLE', false)::int,
        coalesce(idle = 'SWITCHED_OFF', false)::int - coalesce(was_idle = 'SWITCHED_OFF', false)::int,
        coalesce(idle = 'WAITING', false)::int - coalesce(was_idle = 'WAITING', false)::int,
        coalesce(idle = 'TIMED_OUT', false)::int - coalesce(was_idle = 'TIMED_OUT', false)::int,
        case when text_changed then array[new.failure_id] end);
    return null;
end
$$;

drop trigger failed_execution_created on ${schema}.failed_execution;
drop trigger failed_execution_changed on ${schema}.failed_execution;
create trigger failed_execution_counted after insert or update on ${schema}.failed_execution
    for each row execute function ${schema}.group_counted();
drop function ${schema}.group_created();
drop function ${schema}.group_changed();

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
        delete from ${schema}.lane l
            where l.processor = of_processor and l.lane_key = of_lane and l.paused_at is null;
        if not found then
            update ${schema}.lane l
                set slot = -1, head_position = 9223372036854775807, released = false, stops_slot = false
                where l.processor = of_processor and l.lane_key = of_lane;
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
    update ${schema}.lane l set head_position = head.position, released = may_run and l.paused_at is null,
            stops_slot = exists (
                select 1 from ${schema}.lane_event s
                where s.processor = of_processor and s.lane_key = of_lane and s.stops_slot)
        where l.processor = of_processor and l.lane_key = of_lane
        returning l.released into may_run;
    return may_run;
end
$$;
