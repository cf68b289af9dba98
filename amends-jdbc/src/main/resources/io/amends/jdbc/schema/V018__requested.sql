-- Amends, schema 18: what persons asked to retry is found behind any number of records that are due.

create index failed_execution_requested on ${schema}.failed_execution (processor, slot, due_at)
    where requested and due_at is not null;
