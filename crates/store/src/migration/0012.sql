-- What a document tells, in short, made anew the next time that everything is judged: which kinds of
-- facts (bits); the vulnerabilities that it names; by what the releases are found that its
-- advisories may be about (both sorted 64-bit hashes, big-endian); and of its SBOMs by what releases
-- and SBOMs are joined (a JSON list, empty where it has none).
drop table digest;
create table digest (
    document text primary key,
    kinds bigint not null,
    names blob not null,
    asked blob not null,
    sboms text not null
);
