-- Whether a finding is about the release itself (0), its operating system (1) or a component (2).
alter table finding add column part bigint not null default 2;
-- Up to and with which day its risk is accepted, as YYYY-MM-DD; empty where it is not.
alter table finding add column accepted text not null default '';

-- What a document tells, in short: which kinds of facts (bits), and the vulnerabilities that it
-- names (sorted 64-bit hashes, big-endian).
create table digest (
    document text primary key,
    kinds bigint not null,
    names blob not null
);

-- How each release was joined, so that one vulnerability can be judged without opening everything:
-- its place among them, what is known of it (JSON), and what its components are found by (sorted
-- 64-bit hashes, big-endian).
create table recalled (
    release text primary key,
    place bigint not null,
    facts text not null,
    keys blob not null
);

-- So that devices are counted by model without looking at any of them.
drop index device_by_model;
create index device_by_model on device (manufacturer, model, version, id, by_decision);

-- What is new, the gravest first, and of what is equally grave the newest.
create index vulnerability_by_news on vulnerability (by_decision, first_ms desc, id);
