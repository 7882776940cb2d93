-- What people have called a list that they look at again: a filter, an order, columns. One that was
-- removed stays for a while, so that it can be brought back.
create table saved_view (
    id text primary key,
    owner text not null references person (id),
    -- Whether everybody sees it.
    shared bigint not null,
    name text not null,
    -- As it stands in the address, without the question mark.
    query text not null,
    made_ms bigint not null,
    removed_ms bigint
);
create index saved_view_by_owner on saved_view (owner, name);
