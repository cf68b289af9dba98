-- What was done of each entity of a stream, by processor: one row for as long as the entity lives, and a tombstone after.
create table ${schema}.progress (
    processor text collate "C" not null,
    stream text collate "C" not null,
    key text collate "C" not null,
    epoch bigint not null,
    version bigint not null,
    deleted_at timestamptz,
    primary key (processor, stream, key)
) with (fillfactor = 80);
create index progress_deleted on ${schema}.progress (deleted_at) where deleted_at is not null;
