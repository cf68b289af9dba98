-- Instances that start together create the tables one after the other.
select pg_advisory_lock(20261125);

-- The shop.
create table if not exists users (
    id             varchar(60) primary key,
    name           varchar(100) not null,
    region         varchar(100) not null,
    region_version bigint not null,
    entity_version bigint not null,
    deleted        boolean not null default false
);
create table if not exists orders (
    id             varchar(60) primary key,
    user_id        varchar(60) not null references users,
    amount         numeric not null check (amount > 0),
    paid_time      timestamptz,
    cancelled_time timestamptz
);
create index if not exists orders_of_user on orders (user_id);

-- The points: what this side knows of users and orders from events, and nothing else.
create table if not exists local_user (
    id             varchar(60) collate "C" primary key,
    name           varchar(100) not null,
    region         varchar(100) not null,
    region_version bigint not null,
    deleted        boolean not null
);
-- It had a column for the version before streams kept it.
alter table local_user drop column if exists entity_version;
create table if not exists local_order (
    user_id             varchar(60) not null,
    id                  varchar(60) not null,
    amount              numeric not null,
    paid_time           timestamptz not null,
    user_region_version bigint not null,
    points              bigint not null default 0,
    primary key (user_id, id)
);
-- It remembered cancellations before they waited for their payment.
alter table local_order drop column if exists cancelled_time;
create table if not exists score (
    user_id varchar(60) primary key,
    points  bigint not null check (points >= 0)
);

select pg_advisory_unlock(20261125);
