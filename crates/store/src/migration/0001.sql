-- Everything that was done, by whom, in a chain: each row's hash covers the one before.
create table audit (
    number bigint primary key,
    at_ms bigint not null,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null,
    hash blob not null
);
create index audit_by_subject on audit (subject, number);

-- Documents as they were received, once each, packed (RFC 1951).
create table document (
    hash text primary key,
    bytes bigint not null,
    packed blob not null
);

-- Under which names, when, and from whom they came; without a document where one was taken away.
create table receipt (
    number bigint primary key,
    document text references document (hash),
    name text not null,
    source text not null,
    at_ms bigint not null
);
create index receipt_by_document on receipt (document);
create index receipt_by_name on receipt (name, number);

-- What people have set, by name.
create table setting (
    name text primary key,
    value text not null
);

-- Each time that everything was judged: up to which receipt, and the counts, as JSON.
create table judgement (
    number bigint primary key,
    begun_ms bigint not null,
    ended_ms bigint not null,
    receipt bigint not null,
    summary text not null
);

-- What was seen to change from one judgement to the next.
create table change (
    number bigint primary key,
    at_ms bigint not null,
    kind text not null,
    subject text not null,
    before text not null,
    after text not null
);
create index change_by_subject on change (subject, number);

-- A view: each release with its counts. `print` is the hash of all that is shown of it.
create table release (
    id text primary key,
    manufacturer text not null,
    model text not null,
    version text not null,
    units bigint not null,
    components bigint not null,
    affected bigint not null,
    undecided bigint not null,
    fixed bigint not null,
    not_affected bigint not null,
    decision bigint not null,
    found_by text not null,
    rest text not null,
    print text not null
);
create index release_by_model on release (manufacturer, model, version, id);

-- A view: what is known of each release, in the order in which it was judged.
create table finding (
    release text not null references release (id) on delete cascade,
    place bigint not null,
    vulnerability text not null,
    verdict text not null,
    certainty text not null,
    subject text not null,
    reasons text not null,
    primary key (release, place)
);
create index finding_by_vulnerability on finding (vulnerability, release);

-- A view: what each release is made of.
create table component (
    release text not null references release (id) on delete cascade,
    place bigint not null,
    name text not null,
    version text not null,
    found_by text not null,
    rest text not null,
    primary key (release, place)
);
create index component_by_name on component (found_by, release);

-- A view: each vulnerability that a finding names, with what it means for devices.
create table vulnerability (
    id text primary key,
    title text not null,
    exploited bigint not null,
    epss double precision,
    base double precision,
    devices bigint not null,
    releases bigint not null,
    decision bigint not null,
    risk double precision not null,
    by_decision bigint not null,
    by_risk double precision not null,
    found_by text not null,
    rest text not null,
    print text not null,
    first_ms bigint not null
);
create index vulnerability_by_decision on vulnerability (by_decision, by_risk, id);
create index vulnerability_by_time on vulnerability (first_ms);

-- A view: what the findings of a release mean for devices that are alike, packed JSON; by its hash.
create table ranking (
    id text primary key,
    findings blob not null
);

-- A view: each device as the inventories have it, with what was judged of it.
create table device (
    id text primary key,
    manufacturer text not null,
    model text not null,
    version text not null,
    site text not null,
    unit text not null,
    room text not null,
    care_service text not null,
    criticality bigint not null,
    in_use bigint,
    decision bigint not null,
    risk_low double precision not null,
    risk_high double precision not null,
    -- The same, negative: the first in the list is the lowest, so that one comparison of rows finds
    -- a place in it.
    by_decision bigint not null,
    by_risk double precision not null,
    end_of_support text,
    release text,
    ranking text,
    action text not null,
    rest text not null,
    print text not null
);
create index device_by_decision on device (by_decision, by_risk, id);
create index device_by_model on device (manufacturer, model, version, id);
create index device_by_place on device (site, unit, room, id);
create index device_by_support on device (end_of_support, id);
create index device_by_unit on device (unit, by_decision, by_risk, id);
create index device_by_service on device (care_service, by_decision, by_risk, id);
create index device_by_release on device (release, by_decision, by_risk, id);
create index device_by_ranking on device (ranking);

-- A view: by which words a device is found.
create table device_word (
    word text not null,
    device text not null references device (id) on delete cascade,
    primary key (word, device)
);
create index device_word_by_device on device_word (device, word);

-- A view: what was read of each document.
create table reading (
    name text primary key,
    format text not null,
    bytes bigint not null,
    records bigint not null,
    records_read bigint not null,
    refused bigint not null,
    problems bigint not null,
    rest text not null
);
create index reading_by_problems on reading (refused, problems, name);
