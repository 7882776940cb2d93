//! The sessions that live: found by their ends, counted, timed out, and given up for room.
//!
//! Who began: whoever sent a SYN; not who answered one; else, where the begin was not seen, the end
//! with the higher port, for servers have ports below 1024 or registered ones, and clients take
//! theirs from above (RFC 6335, section 6). Of UDP and others, whoever spoke first, unless only the
//! other end's port is one that clients take.
//!
//! Refuses to hold more than its limits. Room is made where least is lost: ended sessions first,
//! then attempts, then datagrams, then connections whose protocol is not known, then the rest.
//! Of the bytes of streams, who holds most gives up first, and among those that hold about as much
//! whoever has not grown for longest: whoever fills the room with his own loses his own, and to
//! have a small message forgotten he would have to hold as little on each of many more sessions.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use domain::device::MacAddress;
use domain::network::{
    Conversation, Direction, End, Moment, Session, SessionState, Transport, Volume,
};
use domain::sighting::{Said, Seen, Sighting};

use super::connection::Connection;
use super::limits::{Counters, DATAGRAM_IDLE, LINGER, Limits, TCP_ATTEMPT, TCP_IDLE};
use super::talk::Talk;
use crate::network::link::Unwrapped;
use crate::network::stream::{Oddities, Segment};
use crate::network::table::{Place, Seed, Table};

/// The queues of the table: how soon a session is forgotten, and given up for room.
const QUEUES: usize = 5;
const ENDED: usize = 0;
const ATTEMPTS: usize = 1;
const DATAGRAMS: usize = 2;
const CONNECTIONS: usize = 3;
const DIALOGUES: usize = 4;
/// How long a session stays in each queue untouched.
const IDLE: [i64; QUEUES] = [LINGER, TCP_ATTEMPT, DATAGRAM_IDLE, TCP_IDLE, TCP_IDLE];

/// Classes of sessions by how many bytes they hold, each four times the one before.
const SIZES: usize = 12;

/// The ends of a session in an order of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    low: (u128, u16),
    high: (u128, u16),
    transport: Transport,
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for address in [self.low.0, self.high.0] {
            #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
            let (low, high) = (address as u64, (address >> 64) as u64);
            state.write_u64(low);
            // An IPv4 address has the same upper half as all others.
            if high != 0 {
                state.write_u64(high);
            }
        }
        let kind = match self.transport {
            Transport::Tcp => 0x100,
            Transport::Udp => 0x101,
            Transport::Icmp => 0x102,
            Transport::Other(number) => u64::from(number),
        };
        state.write_u64(u64::from(self.low.1) | u64::from(self.high.1) << 16 | kind << 32);
    }
}

impl Key {
    fn of(one: (IpAddr, u16), other: (IpAddr, u16), transport: Transport) -> Self {
        let number = |address: IpAddr| match address {
            IpAddr::V4(four) => u128::from(four.to_ipv6_mapped()),
            IpAddr::V6(six) => u128::from(six),
        };
        let (one, other) = ((number(one.0), one.1), (number(other.0), other.1));
        Self { low: one.min(other), high: one.max(other), transport }
    }
}

/// A packet that belongs to a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub at: Moment,
    /// The observer's own clock, which never goes back.
    pub now: i64,
    pub frame: Unwrapped<'a>,
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
    pub transport: Transport,
    /// Above the transport's header, on the wire.
    pub bytes: usize,
}

#[derive(Debug)]
struct Entry {
    session: Session,
    connection: Option<Box<Connection>>,
    key: Key,
    /// Its end was told: it is only remembered.
    told: bool,
}

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    InSession,
    AfterEnd,
}

/// All sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    table: Table<Key, Entry, QUEUES>,
    /// Those that hold bytes of a stream, by how many, and then by who has grown last.
    holding: Table<Key, (), SIZES>,
    held: usize,
    limits: Limits,
    pub counters: Counters,
    odd: Oddities,
}

impl Sessions {
    pub(super) fn new(limits: Limits, seed: Seed) -> Self {
        let (table, holding) = (Table::new(seed), Table::new(seed));
        let (counters, odd) = (Counters::default(), Oddities::default());
        Self { table, holding, held: 0, limits, counters, odd }
    }

    /// Those that live.
    pub(super) fn live(&self) -> impl Iterator<Item = &Session> {
        self.table.values().filter(|entry| !entry.told).map(|entry| &entry.session)
    }

    fn dialogues(&self) -> usize {
        self.table.count(DIALOGUES)
    }

    /// What was counted until now.
    pub(super) fn counted(&self) -> Counters {
        Counters {
            retransmitted_bytes: self.odd.retransmitted_bytes,
            differing_overlaps: self.odd.differing_overlaps,
            out_of_window: self.odd.out_of_window,
            lost_bytes: self.odd.lost_bytes,
            held_stream_bytes: self.held,
            dialogues: self.dialogues(),
            ..self.counters
        }
    }

    /// Takes a segment of TCP.
    pub(super) fn segment(
        &mut self,
        arrival: &Arrival<'_>,
        segment: &Segment<'_>,
        tell: &mut dyn FnMut(Sighting),
    ) -> Taken {
        let key = Key::of(arrival.source, arrival.destination, Transport::Tcp);
        let mut found = self.table.find(&key);
        if let Some(place) = found
            && let Some(entry) = self.table.get(place)
            && let direction = direction_of(&entry.session, arrival)
            && let Some(connection) = &mut entry.connection
            && connection.is_another(entry.session.state, direction, segment)
        {
            self.end(place, tell);
            self.table.remove(place);
            found = None;
        }
        let place = found.unwrap_or_else(|| {
            let client = client_of_segment(arrival, segment);
            let connection = Some(Box::new(Connection::new(segment)));
            self.make_room(tell);
            self.open(key, arrival, client, connection)
        });
        let odd = &mut self.odd;
        let Some(entry) = self.table.get(place) else { return Taken::InSession };
        if entry.told {
            return Taken::AfterEnd;
        }
        let direction = entry.count(arrival);
        let Entry { session, connection: Some(connection), .. } = entry else {
            return Taken::InSession;
        };
        if found.is_none() {
            tell(Sighting { at: arrival.at, seen: Seen::Opened(Box::new(session.clone())) });
        }
        let held = connection.held();
        let conversation = session.conversation;
        connection.take(session, direction, segment, odd, &mut |direction, said| {
            tell(said_in(arrival.at, conversation, direction, said));
        });
        session.application = connection.talk.application().or(session.application);
        let holds = connection.held();
        let over = match session.state {
            SessionState::Closed => connection.is_over(),
            SessionState::Reset | SessionState::Refused => true,
            _ => false,
        };
        let queue = queue_of(entry);
        self.table.touch(place, queue, arrival.now);
        self.hold(key, held, holds, arrival.now);
        if over {
            self.end(place, tell);
        }
        self.make_room_for_streams(arrival.now, tell);
        Taken::InSession
    }

    /// Counts a packet without connection, and says in which conversation it went which way.
    pub(super) fn packet(
        &mut self,
        arrival: &Arrival<'_>,
        client: Client,
        tell: &mut dyn FnMut(Sighting),
    ) -> (Place, Conversation, Direction) {
        let key = Key::of(arrival.source, arrival.destination, arrival.transport);
        let found = self.table.find(&key);
        let place = found.unwrap_or_else(|| {
            self.make_room(tell);
            self.open(key, arrival, client, None)
        });
        let entry = self.table.get(place).expect("invariant: it was found or put in above");
        let direction = entry.count(arrival);
        let session = &mut entry.session;
        if session.last_to_client.is_some() && session.last_to_server.is_some() {
            session.state = SessionState::Established;
        }
        let conversation = session.conversation;
        if found.is_none() {
            tell(Sighting { at: arrival.at, seen: Seen::Opened(Box::new(session.clone())) });
        }
        let queue = queue_of(entry);
        self.table.touch(place, queue, arrival.now);
        (place, conversation, direction)
    }

    /// A datagram told which protocol it is of.
    pub(super) fn recognised(&mut self, place: Place, application: domain::network::Application) {
        if let Some(entry) = self.table.get(place) {
            entry.session.application = Some(application);
        }
    }

    /// An ICMP error says that a packet of ours could not be delivered: what had no answer is
    /// refused. `sequence` is what it quotes of a TCP segment.
    pub(super) fn unreachable(
        &mut self,
        arrival: &Arrival<'_>,
        sequence: Option<u32>,
        tell: &mut dyn FnMut(Sighting),
    ) {
        let key = Key::of(arrival.source, arrival.destination, arrival.transport);
        let Some(place) = self.table.find(&key) else { return };
        let Some(entry) = self.table.get(place) else { return };
        let from_client = direction_of(&entry.session, arrival) == Direction::ToServer;
        let unanswered = entry.session.state == SessionState::Attempted;
        let quotes_us = match (&entry.connection, sequence) {
            (Some(connection), Some(sequence)) => connection.began_at(sequence),
            (Some(_), None) => false,
            (None, _) => true,
        };
        if from_client && unanswered && quotes_us && !entry.told {
            entry.session.state = SessionState::Refused;
            let refused_at_once = entry.connection.is_some();
            self.table.touch(place, ENDED, arrival.now);
            if refused_at_once {
                self.end(place, tell);
            }
        }
    }

    /// Times sessions out.
    pub(super) fn tick(&mut self, now: i64, tell: &mut dyn FnMut(Sighting)) {
        for (queue, idle) in IDLE.into_iter().enumerate() {
            while let Some((place, touched)) = self.table.oldest(queue)
                && now - touched > idle
            {
                if let Some(entry) = self.table.get(place)
                    && entry.session.state == SessionState::Established
                {
                    entry.session.state = SessionState::TimedOut;
                }
                self.end(place, tell);
                self.table.remove(place);
            }
        }
    }

    /// Ends all.
    pub(super) fn finish(&mut self, tell: &mut dyn FnMut(Sighting)) {
        for queue in 0..QUEUES {
            while let Some((place, _)) = self.table.oldest(queue) {
                self.end(place, tell);
                self.table.remove(place);
            }
        }
    }

    /// Gives up the session that is worth the least, where the table is full.
    fn make_room(&mut self, tell: &mut dyn FnMut(Sighting)) {
        while self.table.len() >= self.limits.sessions.max(1)
            && let Some((place, _)) = (0..QUEUES).find_map(|queue| self.table.oldest(queue))
        {
            let lives = self.table.get(place).is_some_and(|entry| !entry.told);
            self.counters.sessions_evicted += u64::from(lives);
            self.end(place, tell);
            self.table.remove(place);
        }
    }

    fn open(
        &mut self,
        key: Key,
        arrival: &Arrival<'_>,
        client: Client,
        connection: Option<Box<Connection>>,
    ) -> Place {
        self.counters.opened += 1;
        let session = begin(arrival, client);
        let entry = Entry { session, connection, key, told: false };
        let queue = queue_of(&entry);
        self.table.put(key, entry, queue, arrival.now)
    }

    /// Tells the end of a session, which is remembered for a while.
    fn end(&mut self, place: Place, tell: &mut dyn FnMut(Sighting)) {
        let Some(entry) = self.table.get(place) else { return };
        if std::mem::replace(&mut entry.told, true) {
            return;
        }
        let (key, at, conversation) = (entry.key, entry.session.last(), entry.session.conversation);
        if let Some(connection) = &mut entry.connection {
            let held = connection.held();
            connection.finish(&mut self.odd, &mut |direction, said| {
                tell(said_in(at, conversation, direction, said));
            });
            if held > 0 {
                self.held -= held;
                self.holding.find(&key).and_then(|place| self.holding.remove(place));
            }
        }
        self.counters.ended += 1;
        tell(Sighting { at, seen: Seen::Ended(Box::new(entry.session.clone())) });
    }

    /// Notes how much more or less a session holds.
    fn hold(&mut self, key: Key, before: usize, after: usize, now: i64) {
        self.held = self.held + after - before;
        match (before, after) {
            (0, 1..) => {
                self.holding.put(key, (), class_of(after), now);
            }
            (1.., 0) => {
                self.holding.find(&key).and_then(|place| self.holding.remove(place));
            }
            _ if after > before || class_of(after) != class_of(before) => {
                if let Some(place) = self.holding.find(&key) {
                    self.holding.touch(place, class_of(after), now);
                }
            }
            _ => {}
        }
    }

    fn make_room_for_streams(&mut self, now: i64, tell: &mut dyn FnMut(Sighting)) {
        while self.dialogues() > self.limits.dialogues
            && let Some((place, _)) = self.table.oldest(DIALOGUES)
        {
            if let Some(entry) = self.table.get(place)
                && let Some(connection) = &mut entry.connection
            {
                let (key, held) = (entry.key, connection.held());
                connection.talk.begin_again();
                let holds = connection.held();
                self.hold(key, held, holds, now);
                self.counters.dialogues_evicted += 1;
            }
            self.table.touch(place, CONNECTIONS, now);
        }
        while self.held > self.limits.stream_bytes
            && let Some((oldest, _)) = (0..SIZES).rev().find_map(|size| self.holding.oldest(size))
            && let Some(key) = self.holding.key(oldest)
        {
            let place = self.table.find(&key);
            let Some(entry) = place.and_then(|place| self.table.get(place)) else { break };
            let (at, conversation) = (entry.session.last(), entry.session.conversation);
            let Some(connection) = &mut entry.connection else { break };
            let held = connection.held();
            connection.give_up(&mut self.odd, &mut |direction, said| {
                tell(said_in(at, conversation, direction, said));
            });
            let holds = connection.held();
            self.hold(key, held, holds, now);
            self.counters.streams_evicted += 1;
        }
    }
}

/// The class of a session by what it holds.
fn class_of(held: usize) -> usize {
    let fours = held.checked_ilog2().unwrap_or(0) / 2;
    usize::try_from(fours).unwrap_or(SIZES).min(SIZES - 1)
}

/// Which end of a packet is the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    Source,
    Destination,
}

/// Of a connection whose begin was not seen, the server is the end with the lower port.
fn client_of_segment(arrival: &Arrival<'_>, segment: &Segment<'_>) -> Client {
    match (segment.opens(), segment.acknowledges) {
        (true, Some(_)) => Client::Destination,
        (false, _) if arrival.source.1 < arrival.destination.1 => Client::Destination,
        _ => Client::Source,
    }
}

/// Of datagrams, the client is whoever spoke first, unless a server's port speaks to a client's.
pub(super) fn client_of_datagram(source: u16, destination: u16) -> Client {
    match (source, destination) {
        // DHCP's clients have a port of their own (RFC 2131, RFC 8415).
        (67, 68) | (547, 546) | (0..1024, 1024..) => Client::Destination,
        _ => Client::Source,
    }
}

fn begin(arrival: &Arrival<'_>, client: Client) -> Session {
    let end = |(address, port), mac| End { address, port, mac };
    let source = end(arrival.source, arrival.frame.source.and_then(single));
    let destination = end(arrival.destination, arrival.frame.destination.and_then(single));
    let (client, server) = match client {
        Client::Source => (source, destination),
        Client::Destination => (destination, source),
    };
    Session {
        conversation: Conversation { client, server, transport: arrival.transport },
        vlan: arrival.frame.vlan,
        application: None,
        state: SessionState::Attempted,
        first: arrival.at,
        last_to_server: None,
        last_to_client: None,
        to_server: Volume::default(),
        to_client: Volume::default(),
    }
}

/// The address of a single station; that of a group is nobody's own.
fn single(mac: MacAddress) -> Option<MacAddress> {
    (mac.0[0] & 1 == 0).then_some(mac)
}

fn direction_of(session: &Session, arrival: &Arrival<'_>) -> Direction {
    let client = session.conversation.client;
    if (client.address, client.port) == arrival.source {
        Direction::ToServer
    } else {
        Direction::ToClient
    }
}

fn queue_of(entry: &Entry) -> usize {
    match (&entry.connection, entry.session.state) {
        (_, SessionState::Closed | SessionState::Reset | SessionState::Refused) => ENDED,
        (None, _) => DATAGRAMS,
        (Some(connection), _) if matches!(connection.talk, Talk::Following(_)) => DIALOGUES,
        (Some(_), SessionState::Attempted) => ATTEMPTS,
        (Some(_), _) => CONNECTIONS,
    }
}

fn said_in(at: Moment, conversation: Conversation, direction: Direction, said: Said) -> Sighting {
    Sighting { at, seen: Seen::Said(Box::new(conversation), direction, said) }
}

impl Entry {
    /// Counts a packet, and says which way it went.
    fn count(&mut self, arrival: &Arrival<'_>) -> Direction {
        let direction = direction_of(&self.session, arrival);
        let session = &mut self.session;
        let (volume, last, sender) = match direction {
            Direction::ToServer => (
                &mut session.to_server,
                &mut session.last_to_server,
                &mut session.conversation.client,
            ),
            Direction::ToClient => (
                &mut session.to_client,
                &mut session.last_to_client,
                &mut session.conversation.server,
            ),
        };
        volume.packets += 1;
        volume.bytes += arrival.bytes as u64;
        *last = (*last).max(Some(arrival.at));
        if sender.mac.is_none() {
            sender.mac = arrival.frame.source.and_then(single);
        }
        direction
    }
}
