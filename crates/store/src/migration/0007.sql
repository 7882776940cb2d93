-- Whether a finding is about the release itself (0), its operating system (1) or a component (2).
alter table finding add column part bigint not null default 2;

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
