-- A view: decisions of the hospital about findings. The documents in `decisions/` are the ground;
-- what each bears on is written when everything is judged.
create table decision (
    -- The document's.
    name text primary key,
    -- How it is called.
    id text not null,
    kind text not null,
    -- Up to and with which day a risk is accepted; empty where none is.
    until text not null,
    justification text not null,
    reason text not null,
    author text not null,
    at_ms bigint not null,
    -- What it is about: a JSON array.
    about text not null,
    -- What it bears on; null until everything was judged after it came.
    findings bigint,
    releases bigint,
    devices bigint,
    -- How many findings somebody else contradicts it in.
    contradicted bigint
);
create index decision_by_time on decision (at_ms, id);
create index decision_by_until on decision (until);
