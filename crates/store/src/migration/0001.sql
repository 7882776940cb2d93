-- Everything that was done, by whom, in a chain: each row's hash covers the one before.
create table audit (
    number bigint primary key,
    at_ms bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null,
    hash blob not null
);
create index audit_by_subject on audit (subject, number);

-- Documents as they were received, once each, packed (RFC 1951).
create table document (
    hash text primary key,
    bytes bigint not null,
    packed blob not null
);

-- Under which names, when, and from whom they came.
create table receipt (
    number bigint primary key,
    document text not null references document (hash),
    name text not null,
    source text not null,
    at_ms bigint not null
);
create index receipt_by_document on receipt (document);
create index receipt_by_name on receipt (name, number);
