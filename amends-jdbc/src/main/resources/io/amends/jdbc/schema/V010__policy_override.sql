-- Amends, schema 10: values that persons put over retry policies while applications run.

create table ${schema}.policy_override (
    processor text collate "C" not null,
    function text collate "C" not null,
    change jsonb not null,
    made_by text not null,
    reason text not null,
    since timestamptz not null default now(),
    valid_until timestamptz,
    -- the only build for which it holds
    build text,
    primary key (processor, function)
);
