-- Who may sign in. Nobody is ever removed: the audit chain names them.
create table person (
    id text primary key,
    name text not null,
    -- The name without regard to case, by which people sign in.
    folded text not null unique,
    shown text not null,
    -- Words with a space between them.
    duties text not null,
    -- A hash in the PHC string format; none where there is no password.
    password text,
    -- Whether somebody else has set it, so that it has to be changed.
    password_temporary bigint not null,
    -- The secret of the second factor, and the last step of it that was taken.
    totp blob,
    totp_step bigint,
    disabled bigint not null,
    created_ms bigint not null
);

-- SHA-256 of each recovery code that was not taken yet.
create table recovery_code (
    person text not null references person (id),
    hash blob not null,
    primary key (person, hash)
);

-- SHA-256 of the code that makes the first administrator; one row, or none.
create table setup_code (
    number bigint primary key,
    hash blob not null,
    made_ms bigint not null
);

-- Who is signed in: under the SHA-256 of the token.
create table session (
    hash blob primary key,
    person text not null references person (id),
    begun_ms bigint not null,
    used_ms bigint not null,
    -- When the second factor was given, if it was.
    second_ms bigint,
    -- When the person last proved to be there.
    confirmed_ms bigint not null,
    -- From where, and with what, as the browser says.
    source text not null,
    agent text not null
);
create index session_by_person on session (person, used_ms);

-- Browsers at which a person has signed in before: under the SHA-256 of a token of theirs.
create table known_browser (
    hash blob not null,
    person text not null references person (id),
    used_ms bigint not null,
    primary key (hash, person)
);
create index known_browser_by_person on known_browser (person, used_ms);

-- Tokens of programs: under the SHA-256 of each.
create table token (
    id text primary key,
    hash blob not null unique,
    owner text not null references person (id),
    name text not null,
    -- Words with a space between them.
    scopes text not null,
    made_ms bigint not null,
    expires_ms bigint not null,
    used_ms bigint,
    revoked_ms bigint
);
create index token_by_owner on token (owner, made_ms);

-- Failures to sign in that count, by what they count against.
create table attempt (
    key text primary key,
    failures bigint not null,
    at_ms bigint not null
);
create index attempt_by_time on attempt (at_ms);
