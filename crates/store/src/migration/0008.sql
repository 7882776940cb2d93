-- Documents that are long once they are packed stand in pieces, so that none has to be whole in
-- memory when it comes; `document.packed` is then empty.
create table document_piece (
    document text not null references document (hash),
    place bigint not null,
    packed blob not null,
    primary key (document, place)
);
-- When the bytes of a document were forgotten, where they were.
alter table document add column forgotten_ms bigint;

-- Hashes of detections that were forgotten: an agent that tells them anew brings none back.
create table forgotten_detection (
    hash text primary key
);

-- What is forgotten after a time is found by it.
create index detection_by_judging on detection (judged_ms);
create index change_by_time on change (at_ms);
create index judgement_by_time on judgement (ended_ms);
