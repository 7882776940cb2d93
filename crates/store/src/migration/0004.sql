-- Up to where the news of an agent were taken in. There is one agent as yet, and its name is empty.
create table agent (
    name text primary key,
    -- The number of the last step, and the hash that covers it and all before it; so for detections.
    step bigint not null,
    step_hash text not null,
    detection bigint not null,
    detection_hash text not null,
    -- Since when it watches without a break, and when it last answered.
    watches_ms bigint,
    heard_ms bigint
);

-- Steps of orders, each once: the agent's journal has them, too, and stays what counts.
create table order_step (
    number bigint primary key,
    -- The agent's: it covers the step and all before it.
    hash text not null unique,
    -- The hash of the first step of the journal that it stands in: numbers of orders and of steps are
    -- told apart by it.
    journal text not null,
    journal_number bigint not null,
    order_number bigint not null,
    device text not null,
    at_ms bigint not null,
    actor text not null,
    step text not null,
    what text not null,
    -- As the journal has it, as JSON.
    event text not null
);
create index order_step_by_device on order_step (device, number);
create index order_step_by_order on order_step (journal, order_number, number);

-- What was detected on the network, each once, and what people said of it.
create table detection (
    number bigint primary key,
    -- The agent's: it covers the detection and all before it.
    hash text not null unique,
    journal_number bigint not null,
    at_ms bigint not null,
    rule text not null,
    technique text not null,
    -- The device that did it; its address where no device is known.
    device text not null,
    source text not null,
    evidence text not null,
    -- All that the agent said of it, as JSON.
    rest text not null,
    judgement text,
    judged_by text,
    judged_ms bigint,
    reason text
);
create index detection_by_device on detection (device, number);
create index detection_by_judgement on detection (judgement, number);

-- What was seen: who is on the network. Under the inventory's id where it is a device of that.
create table identity (
    device text primary key,
    in_inventory bigint not null,
    kind text not null,
    confidence text not null,
    evidence text not null,
    first_ms bigint not null,
    last_ms bigint not null,
    -- Interfaces, addresses, claims with who said them, services: one JSON object.
    rest text not null
);
create index identity_by_time on identity (last_ms, device);

-- What was seen: who speaks to which service of whom, and what for.
create table flow (
    client text not null,
    server text not null,
    service text not null,
    -- The devices at both ends; empty where none is known.
    client_device text not null,
    server_device text not null,
    role text not null,
    rule text not null,
    application text not null,
    rhythm_ms bigint,
    sessions bigint not null,
    answered bigint not null,
    bytes bigint not null,
    first_ms bigint not null,
    last_ms bigint not null,
    primary key (client, server, service)
);
create index flow_by_client on flow (client_device, last_ms);
create index flow_by_server on flow (server_device, last_ms);
create index flow_by_time on flow (last_ms);

-- To whom alerts go, and how far each has come. What is sent stands in `alert`, each once, in order.
create table target (
    id text primary key,
    name text not null unique,
    kind text not null,
    format text not null,
    -- Where: an address as it was typed, which may hold a secret.
    place text not null,
    -- What signs what is sent, and whom else to trust (PEM).
    secret blob,
    authority text not null,
    -- Words with a space between them.
    topics text not null,
    made_ms bigint not null,
    made_by text not null,
    -- The number of the last alert that it took, or that is not for it.
    taken bigint not null,
    taken_ms bigint,
    attempts bigint not null,
    next_ms bigint not null,
    failing_ms bigint,
    fault text not null,
    -- Alerts that it will never get: for want of room, and because it refused them.
    dropped bigint not null,
    refused bigint not null,
    stopped_ms bigint
);

-- What is told. Written with the fact that it tells of.
create table alert (
    number bigint primary key,
    -- By it whoever gets an alert twice knows that.
    id text not null unique,
    at_ms bigint not null,
    topic text not null,
    severity bigint not null,
    subject text not null,
    -- One JSON object.
    fact text not null
);
