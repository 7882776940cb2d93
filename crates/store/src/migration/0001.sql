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

-- A view: each device as the inventories have it, with what was judged of it.
create table device (
    id text primary key,
    manufacturer text not null,
    model text not null,
    version text not null,
    site text not null,
    unit text not null,
    room text not null,
    care_service text not null,
    criticality bigint not null,
    in_use bigint,
    decision bigint not null,
    risk_low double precision not null,
    risk_high double precision not null,
    -- The same, negative: the first in the list is the lowest, so that one comparison of rows finds
    -- a place in it.
    by_decision bigint not null,
    by_risk double precision not null,
    end_of_support text,
    rest text not null
);
create index device_by_decision on device (by_decision, by_risk, id);
create index device_by_model on device (manufacturer, model, version, id);
create index device_by_place on device (site, unit, room, id);
create index device_by_support on device (end_of_support, id);

-- A view: by which words a device is found.
create table device_word (
    word text not null,
    device text not null references device (id) on delete cascade,
    primary key (word, device)
);
create index device_word_by_device on device_word (device, word);
