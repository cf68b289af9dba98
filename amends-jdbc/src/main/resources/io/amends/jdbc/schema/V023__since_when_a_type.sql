-- Since when a processor takes a type of events: what it passed before was nothing to it, and may be given to it.

-- The least position of its slots when it began to take the type; null for all of its time.
alter table ${schema}.processor_function add column since_position bigint;
