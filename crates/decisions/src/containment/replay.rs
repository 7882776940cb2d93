//! The replay: what a plan would have done to the traffic that was recorded.
//!
//! Refuses to guess: it asks [`passes`], which is what is enforced, for the packets of each session
//! as they were. Where nothing was recorded it says that it does not know.

mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

use domain::care::CareRole;
use domain::device::MacAddress;
use domain::network::{
    Application, Conversation, Direction, End, Moment, Service, Session, Transport,
};
use domain::order::Side;

use super::interlock::Replayed;
use super::passes::{Carried, Content, Internet, Packet, Segment, passes};
use super::plan::Plan;

/// Sessions of one kind: the same role, peer, service and protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// What they are for.
    pub role: CareRole,
    /// Who is at the other end.
    pub peer: IpAddr,
    /// Which end the device is.
    pub side: Side,
    /// The server's transport and port.
    pub service: Service,
    /// The protocol, where it was recognised by content.
    pub application: Option<Application>,
}

/// What was recorded of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Which kind.
    pub kind: Kind,
    /// How many sessions.
    pub sessions: u64,
    /// The median time from one start to the next, in microseconds; from three starts on.
    pub rhythm: Option<i64>,
    /// When the first began.
    pub first: Moment,
    /// When the last packet came.
    pub last: Moment,
    /// Bytes above the transport's header, both ways.
    pub bytes: u64,
}

/// What a plan would have done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    plan: Plan,
    /// What would have broken, the most urgent for care first, then the most frequent.
    pub breaks: Vec<Group>,
    /// What would have stayed, likewise.
    pub stays: Vec<Group>,
}

/// Replays the sessions under a plan; sessions of other devices are left out.
pub fn replay(sessions: &[Session], role: impl Fn(&Session) -> CareRole, plan: &Plan) -> Replay {
    let mut groups: BTreeMap<(bool, Kind), Gathered> = BTreeMap::new();
    for session in sessions {
        let Some(side) = side(plan, &session.conversation) else { continue };
        let peer = match side {
            Side::Client => session.conversation.server.address,
            Side::Server => session.conversation.client.address,
        };
        let service = session.conversation.service();
        let kind =
            Kind { role: role(session), peer, side, service, application: session.application };
        groups.entry((stays(plan, session), kind)).or_default().add(session);
    }
    let (mut breaks, mut stays) = (Vec::new(), Vec::new());
    for ((kept, kind), gathered) in groups {
        let group = gathered.group(kind);
        if kept { stays.push(group) } else { breaks.push(group) }
    }
    for groups in [&mut breaks, &mut stays] {
        groups
            .sort_by_key(|group| (group.kind.role, std::cmp::Reverse(group.sessions), group.kind));
    }
    Replay { plan: plan.clone(), breaks, stays }
}

#[derive(Debug, Default)]
struct Gathered {
    starts: Vec<Moment>,
    last: Moment,
    bytes: u64,
}

impl Gathered {
    fn add(&mut self, session: &Session) {
        let last = session.last();
        self.last = if self.starts.is_empty() { last } else { self.last.max(last) };
        self.starts.push(session.first);
        let bytes = session.to_server.bytes.saturating_add(session.to_client.bytes);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    fn group(mut self, kind: Kind) -> Group {
        self.starts.sort_unstable();
        let first = self.starts.first().copied().unwrap_or_default();
        let pairs = self.starts.iter().zip(self.starts.iter().skip(1));
        let mut gaps: Vec<i64> = pairs.map(|(one, next)| next.since(*one)).collect();
        gaps.sort_unstable();
        let rhythm = gaps.get(gaps.len() / 2).copied().filter(|_| gaps.len() > 1);
        let sessions = u64::try_from(self.starts.len()).unwrap_or(u64::MAX);
        Group { kind, sessions, rhythm, first, last: self.last, bytes: self.bytes }
    }
}

/// Which end the device is, by its MAC address or one of its addresses.
fn side(plan: &Plan, conversation: &Conversation) -> Option<Side> {
    let own = |end: &End| {
        plan.interfaces.iter().any(|interface| {
            end.mac == Some(interface.mac) || interface.addresses.contains(&end.address)
        })
    };
    if own(&conversation.client) {
        Some(Side::Client)
    } else {
        own(&conversation.server).then_some(Side::Server)
    }
}

/// Whether a session lives: its first packet passes, and with it each later one to the server; and
/// so do the answers.
fn stays(plan: &Plan, session: &Session) -> bool {
    let sent = |direction, segment| passes(plan, &packet(plan, session, direction, segment));
    sent(Direction::ToServer, Segment::Initial) && sent(Direction::ToClient, Segment::Later)
}

fn packet(plan: &Plan, session: &Session, direction: Direction, segment: Segment) -> Packet {
    let Conversation { client, server, transport } = session.conversation;
    let (from, to) = match direction {
        Direction::ToServer => (client, server),
        Direction::ToClient => (server, client),
    };
    let carried = match transport {
        Transport::Tcp => Carried::Tcp(from.port, to.port, segment),
        Transport::Udp => Carried::Udp(from.port, to.port),
        other => Carried::Portless(other),
    };
    let content =
        Content::Internet(Internet { source: from.address, destination: to.address, carried });
    let vlan = session.vlan;
    Packet { source: mac(plan, &from), destination: mac(plan, &to), vlan, content }
}

/// The MAC address that the frame had; where it was not seen, that of the device's interface with
/// this address, or of nobody.
fn mac(plan: &Plan, end: &End) -> MacAddress {
    let own = plan.interfaces.iter().find(|interface| interface.addresses.contains(&end.address));
    end.mac.or(own.map(|interface| interface.mac)).unwrap_or(MacAddress([0; 6]))
}

/// What becomes of the traffic that care needs, by what it is for, the most urgent first. What is
/// in neither was not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForCare {
    /// What stays open.
    pub goes_on: BTreeSet<CareRole>,
    /// What ends, all of it or some.
    pub ends: BTreeSet<CareRole>,
}

impl Replay {
    /// What becomes of the traffic that care needs. What the plan keeps open goes on though it was
    /// not recorded.
    pub fn for_care(&self) -> ForCare {
        let needed = |role: &CareRole| role.essential_by_default();
        let of = |groups: &[Group]| groups.iter().map(|group| group.kind.role).collect::<Vec<_>>();
        let open = self.plan.openings.iter().map(|opening| opening.role);
        let goes_on = of(&self.stays).into_iter().chain(open).filter(needed).collect();
        ForCare { goes_on, ends: of(&self.breaks).into_iter().filter(needed).collect() }
    }

    /// Whether this is the replay of a plan that means the same.
    pub fn of(&self, plan: &Plan) -> bool {
        self.plan.device == plan.device
            && self.plan.level == plan.level
            && self.plan.interfaces == plan.interfaces
            && self.plan.openings == plan.openings
    }

    /// What it says of the traffic that care needs.
    pub fn essential(&self) -> Replayed {
        if self.breaks.is_empty() && self.stays.is_empty() {
            Replayed::Unknown
        } else if self.breaks.iter().any(|group| group.kind.role.essential_by_default()) {
            Replayed::Broken
        } else {
            Replayed::Kept
        }
    }

    /// One sentence, the worst first.
    pub fn verdict(&self, now: Moment) -> String {
        let essential = |group: &&Group| group.kind.role.essential_by_default();
        let needed = self.breaks.iter().filter(essential).count();
        let (stay, end) = (self.stays.len(), self.breaks.len());
        match self.breaks.first().filter(essential) {
            None if stay + end == 0 => "No traffic of this device was recorded, so what would \
                                        break is not known."
                .to_owned(),
            None => {
                let kinds = match stay {
                    0 => "no kind of session stays".to_owned(),
                    1 => "1 kind of session stays".to_owned(),
                    _ => format!("{stay} kinds of session stay"),
                };
                let others = match end {
                    1 => "1 other ends".to_owned(),
                    _ => format!("{end} others end"),
                };
                if self.stays.iter().any(|group| essential(&group)) {
                    format!("Nothing that care needs would break: {kinds}, {others}.")
                } else {
                    format!(
                        "No traffic that care needs was recorded of this device, so what care \
                         would lose is not known: {kinds}, {others}."
                    )
                }
            }
            Some(worst) => {
                let mut sentence = format!("Would break {}", words::group(worst, now));
                match needed - 1 {
                    0 => {}
                    1 => sentence.push_str("; and 1 other kind that care needs"),
                    more => {
                        let _ = write!(sentence, "; and {more} other kinds that care needs");
                    }
                }
                sentence.push('.');
                sentence
            }
        }
    }
}
