-- Whom the hospital asks who somebody is (OpenID Connect); one row, or none.
create table provider (
    number bigint primary key,
    name text not null,
    issuer text not null,
    client text not null,
    -- Needed as it is, to be sent; none where the client is a public one.
    secret text,
    authentication text not null,
    -- Certificates in PEM to trust beside the system's.
    authority text not null,
    -- Where the console is, as browsers reach it.
    console text not null,
    -- What is asked for; words with a space between them.
    scopes text not null,
    acr text not null,
    amr text not null,
    -- The claim that says what somebody is there for; none where people here say it.
    claim text,
    made_ms bigint not null,
    made_by text not null
);
-- What a value of that claim gives.
create table provider_duty (
    value text not null,
    duty text not null,
    primary key (value, duty)
);
-- By whose word, and under which name, somebody comes in.
create table linked_identity (
    issuer text not null,
    subject text not null,
    person text not null references person (id),
    made_ms bigint not null,
    primary key (issuer, subject)
);
create index linked_identity_by_person on linked_identity (person);
