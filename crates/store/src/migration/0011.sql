-- A view: what the base holds by which was judged last, by format.
create table compiled (
    format text primary key,
    documents bigint not null,
    records bigint not null,
    bytes bigint not null,
    -- How many of the documents hold something that could not be read.
    broken bigint not null,
    -- When the last of them was compiled, in milliseconds since 1970.
    last_ms bigint not null,
    -- When the base was made.
    made_ms bigint not null
);
