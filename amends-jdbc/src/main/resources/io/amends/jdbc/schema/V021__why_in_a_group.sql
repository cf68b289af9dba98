-- Amends, schema 21: what a fingerprint was made of, kept once, so that a person sees why a failure is in its group.

create table ${schema}.failure_group_why (
    fingerprint text collate "C" primary key,
    inputs text[] not null
);
