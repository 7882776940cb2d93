-- A view: how many devices there are of each kind, counted when all of them have been judged.
create table tally (
    kind text not null,
    name text not null,
    maker text not null,
    devices bigint not null,
    decision bigint not null,
    to_act_on bigint not null,
    primary key (kind, name, maker)
);
create index tally_by_devices on tally (kind, devices);
