//! Frames in, sightings out: sessions are followed, what is said in them is read, and who speaks
//! for which address is noted.
//!
//! Time is that of the frames, or of [`Observer::tick`]; a clock that is set back makes nothing
//! older, and one frame from the far future ends what was quiet and stops nothing else.
//!
//! Refuses to keep anything without bound; see [`Limits`] and [`Counters`].

mod connection;
mod limits;
mod sessions;
mod talk;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use domain::device::MacAddress;
use domain::network::{Moment, Session, Transport};
use domain::sighting::{Seen, Sighting};

use super::dialogue;
use super::internet::fragments::Fragments;
use super::internet::{self, Packet, neighbours};
use super::link::{self, Carries, LinkType, Unread, Unwrapped};
use super::octets::{u8_at, u16_at, u32_at};
use super::stream::Segment;
use super::table::{Seed, Table};
use sessions::{Arrival, Client, Sessions, Taken, client_of_datagram};

pub use limits::{Counters, DATAGRAM_IDLE, JITTER, LINGER, Limits, TCP_ATTEMPT, TCP_IDLE};
pub use talk::BEGINNING_BYTES;

/// How often what is too old is looked for, in microseconds.
const TICK: i64 = 1_000_000;

/// What became of a frame that was read.
enum Fate {
    Session(Taken),
    Addressing,
    IcmpError,
    Fragment,
}

/// Observes the frames of one network.
#[derive(Debug)]
pub struct Observer {
    sessions: Sessions,
    fragments: Fragments,
    addresses: Table<IpAddr, MacAddress, 1>,
    limits: Limits,
    clock: Clock,
    ticked: i64,
}

/// Time that only goes on.
#[derive(Debug, Default)]
struct Clock {
    newest: Option<Moment>,
    elapsed: i64,
}

impl Clock {
    fn advance(&mut self, at: Moment) -> i64 {
        let newest = *self.newest.get_or_insert(at);
        if at > newest {
            self.elapsed = self.elapsed.saturating_add(at.since(newest));
        }
        // Time that was set back by more than the jitter of taps goes on from there.
        if at > newest || newest.since(at) > JITTER {
            self.newest = Some(at);
        }
        self.elapsed
    }
}

impl Observer {
    /// An observer; the seed must be one that senders cannot guess.
    #[must_use]
    pub fn new(limits: Limits, seed: Seed) -> Self {
        Self {
            sessions: Sessions::new(limits, seed),
            fragments: Fragments::new(seed, limits.fragment_bytes),
            addresses: Table::new(seed),
            limits,
            clock: Clock::default(),
            ticked: 0,
        }
    }

    /// Takes a frame, and tells what it shows.
    pub fn observe(
        &mut self,
        at: Moment,
        link: LinkType,
        bytes: &[u8],
        tell: &mut dyn FnMut(Sighting),
    ) {
        self.tick(at, tell);
        let fate = self.frame(at, link, bytes, tell);
        let counters = &mut self.sessions.counters;
        counters.frames += 1;
        counters.bytes += bytes.len() as u64;
        let count = match fate {
            Ok(Fate::Session(Taken::InSession)) => &mut counters.in_session,
            Ok(Fate::Session(Taken::AfterEnd)) => &mut counters.after_end,
            Ok(Fate::Addressing) => &mut counters.addressing,
            Ok(Fate::IcmpError) => &mut counters.icmp_errors,
            Ok(Fate::Fragment) => &mut counters.fragments,
            Err(Unread::Cut) => &mut counters.cut,
            Err(Unread::Malformed) => &mut counters.malformed,
            Err(Unread::UnknownLink) => &mut counters.unknown_link,
            Err(Unread::Other) => &mut counters.other,
        };
        *count += 1;
    }

    /// Time goes on, though no frame came: what was quiet for too long ends.
    pub fn tick(&mut self, now: Moment, tell: &mut dyn FnMut(Sighting)) {
        let now = self.clock.advance(now);
        if now - self.ticked >= TICK {
            self.ticked = now;
            self.sessions.tick(now, tell);
            self.fragments.tick(now);
        }
    }

    /// The observation ends, and with it every session; one that was established ends as such.
    pub fn finish(&mut self, tell: &mut dyn FnMut(Sighting)) {
        self.sessions.finish(tell);
        self.fragments.finish();
    }

    /// The sessions that live.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        self.sessions.live()
    }

    /// What was counted until now.
    #[must_use]
    pub fn counters(&self) -> Counters {
        Counters {
            packets_given_up: self.fragments.given_up,
            held_fragment_bytes: self.fragments.held(),
            ..self.sessions.counted()
        }
    }

    fn frame(
        &mut self,
        at: Moment,
        link: LinkType,
        bytes: &[u8],
        tell: &mut dyn FnMut(Sighting),
    ) -> Result<Fate, Unread> {
        let frame = link::unwrap(link, bytes)?;
        if frame.carries == Carries::Arp {
            if let Some((mac, address)) = neighbours::arp(frame.packet) {
                self.claimed(at, mac, address, tell);
            }
            return Ok(Fate::Addressing);
        }
        let packet = internet::read(frame.packet)?;
        let Some(fragment) = packet.fragment else {
            return self.packet(at, &frame, &packet, tell);
        };
        let Some(whole) = self.fragments.take(&packet, fragment, self.clock.elapsed) else {
            return Ok(Fate::Fragment);
        };
        let wire_bytes = whole.len();
        let mut packet = Packet { payload: &whole, wire_bytes, fragment: None, ..packet };
        if packet.source.is_ipv6() {
            internet::extensions(&mut packet)?;
        }
        // A fragment of a fragment is no packet that any host would make.
        if packet.fragment.is_some() {
            return Err(Unread::Malformed);
        }
        self.packet(at, &frame, &packet, tell)
    }

    fn packet(
        &mut self,
        at: Moment,
        frame: &Unwrapped<'_>,
        packet: &Packet<'_>,
        tell: &mut dyn FnMut(Sighting),
    ) -> Result<Fate, Unread> {
        let mut arrival = Arrival {
            at,
            now: self.clock.elapsed,
            frame: *frame,
            source: (packet.source, 0),
            destination: (packet.destination, 0),
            transport: Transport::Other(packet.protocol),
            bytes: packet.wire_bytes,
        };
        match packet.protocol {
            internet::TCP => {
                let segment = Segment::read(packet)?;
                (arrival.source.1, arrival.destination.1) = (segment.source, segment.destination);
                arrival.transport = Transport::Tcp;
                arrival.bytes = segment.wire_bytes;
                Ok(Fate::Session(self.sessions.segment(&arrival, &segment, tell)))
            }
            internet::UDP => self.datagram(arrival, packet, tell),
            internet::ICMP | internet::ICMP_SIX => self.control(arrival, packet, tell),
            _ => {
                self.sessions.packet(&arrival, Client::Source, tell);
                Ok(Fate::Session(Taken::InSession))
            }
        }
    }

    /// UDP (RFC 768): eight bytes, then the datagram.
    fn datagram(
        &mut self,
        mut arrival: Arrival<'_>,
        packet: &Packet<'_>,
        tell: &mut dyn FnMut(Sighting),
    ) -> Result<Fate, Unread> {
        let (header, rest) = packet.payload.split_first_chunk::<8>().ok_or(Unread::Cut)?;
        let [s0, s1, d0, d1, l0, l1, _, _] = *header;
        // 0 is a jumbogram (RFC 2675), or one that the network card cuts up later.
        let wire_bytes = match usize::from(u16::from_be_bytes([l0, l1])) {
            0 => packet.wire_bytes,
            length if (8..=packet.wire_bytes).contains(&length) => length,
            _ => return Err(Unread::Malformed),
        } - 8;
        arrival.source.1 = u16::from_be_bytes([s0, s1]);
        arrival.destination.1 = u16::from_be_bytes([d0, d1]);
        arrival.transport = Transport::Udp;
        arrival.bytes = wire_bytes;
        let client = client_of_datagram(arrival.source.1, arrival.destination.1);
        let (place, conversation, direction) = self.sessions.packet(&arrival, client, tell);
        let payload = rest.get(..wire_bytes).unwrap_or(rest);
        if !payload.is_empty() {
            let read = dialogue::datagram(&conversation, direction, payload);
            if let Some(application) = read.application {
                self.sessions.recognised(place, application);
            }
            if let Some(lease) = read.lease {
                tell(Sighting { at: arrival.at, seen: Seen::Lease(lease) });
            }
            for said in read.said {
                let seen = Seen::Said(Box::new(conversation), direction, said);
                tell(Sighting { at: arrival.at, seen });
            }
        }
        Ok(Fate::Session(Taken::InSession))
    }

    /// ICMP (RFC 792) and `ICMPv6` (RFC 4443).
    fn control(
        &mut self,
        mut arrival: Arrival<'_>,
        packet: &Packet<'_>,
        tell: &mut dyn FnMut(Sighting),
    ) -> Result<Fate, Unread> {
        let kind = u8_at(packet.payload, 0).ok_or(Unread::Cut)?;
        let code = u8_at(packet.payload, 1).ok_or(Unread::Cut)?;
        arrival.transport = Transport::Icmp;
        arrival.bytes = packet.wire_bytes.saturating_sub(8);
        if packet.protocol == internet::ICMP_SIX {
            if neighbours::is_discovery(kind) {
                if let Some((mac, address)) = neighbours::discovery(packet) {
                    self.claimed(arrival.at, mac, address, tell);
                }
                return Ok(Fate::Addressing);
            }
            if kind < 128 {
                // Type 2 and above are of size and of time: the server refused nothing.
                return Ok(self.error(&arrival, packet, Refusal::of(kind == 1), tell));
            }
            let client = if kind == 129 { Client::Destination } else { Client::Source };
            self.sessions.packet(&arrival, client, tell);
            return Ok(Fate::Session(Taken::InSession));
        }
        if matches!(kind, 3 | 4 | 5 | 11 | 12) {
            // Code 4 asks for smaller packets.
            return Ok(self.error(&arrival, packet, Refusal::of(kind == 3 && code != 4), tell));
        }
        let answers = matches!(kind, 0 | 14 | 16 | 18);
        let client = if answers { Client::Destination } else { Client::Source };
        self.sessions.packet(&arrival, client, tell);
        Ok(Fate::Session(Taken::InSession))
    }

    fn error(
        &mut self,
        arrival: &Arrival<'_>,
        packet: &Packet<'_>,
        refusal: Refusal,
        tell: &mut dyn FnMut(Sighting),
    ) -> Fate {
        let quoted = internet::quoted(packet.payload).filter(|_| refusal == Refusal::Yes);
        let Some(quoted) = quoted else { return Fate::IcmpError };
        let ports = u16_at(quoted.payload, 0).zip(u16_at(quoted.payload, 2));
        let transport = match quoted.protocol {
            internet::TCP => Transport::Tcp,
            internet::UDP => Transport::Udp,
            internet::ICMP | internet::ICMP_SIX => Transport::Icmp,
            other => Transport::Other(other),
        };
        let has_ports = matches!(transport, Transport::Tcp | Transport::Udp);
        let (source, destination) = ports.filter(|_| has_ports).unwrap_or_default();
        let about = Arrival {
            source: (quoted.source, source),
            destination: (quoted.destination, destination),
            transport,
            ..*arrival
        };
        let sequence = u32_at(quoted.payload, 4).filter(|_| transport == Transport::Tcp);
        self.sessions.unreachable(&about, sequence, tell);
        Fate::IcmpError
    }

    /// A station claims an address; told when that is new or was another's.
    fn claimed(
        &mut self,
        at: Moment,
        mac: MacAddress,
        address: IpAddr,
        tell: &mut dyn FnMut(Sighting),
    ) {
        let now = self.clock.elapsed;
        let found = self.addresses.find(&address);
        if let Some(place) = found
            && let Some(known) = self.addresses.get(place)
        {
            let same = std::mem::replace(known, mac) == mac;
            self.addresses.touch(place, 0, now);
            if same {
                return;
            }
        } else {
            while self.addresses.len() >= self.limits.addresses.max(1)
                && let Some((oldest, _)) = self.addresses.oldest(0)
            {
                self.addresses.remove(oldest);
                self.sessions.counters.addresses_evicted += 1;
            }
            self.addresses.put(address, mac, 0, now);
        }
        tell(Sighting { at, seen: Seen::Address(mac, address) });
    }
}

/// Whether an error says that nobody will answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Yes,
    No,
}

impl Refusal {
    fn of(refuses: bool) -> Self {
        if refuses { Self::Yes } else { Self::No }
    }
}
