-- What is old enough to be forgotten is found without reading the audit.
create index audit_at on ${schema}.audit (at);
create index audit_keys on ${schema}.audit (at) where request_key is not null;
