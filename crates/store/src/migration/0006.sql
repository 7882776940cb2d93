-- Requests of programs that must be carried out once, however often they are sent: by whom, and the
-- key that they chose. The answer, once there is one, is given again.
create table repeat_key (
    owner text not null,
    key text not null,
    -- SHA-256 of the request.
    request blob not null,
    begun_ms bigint not null,
    status bigint,
    answer text,
    primary key (owner, key)
);
create index repeat_key_by_time on repeat_key (begun_ms);
