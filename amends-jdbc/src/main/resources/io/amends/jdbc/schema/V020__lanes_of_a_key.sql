-- Amends, schema 20: the lanes of a key are found, whatever holds them.

-- By what is behind the tenant in a lane's key.
create index lane_behind_tenant on ${schema}.lane (substr(lane_key, strpos(lane_key, '/') + 1))
    where strpos(lane_key, '/') > 0;
-- By the key of an event where it is not its lane's.
create index lane_event_key on ${schema}.lane_event (key) where key <> lane_key;
