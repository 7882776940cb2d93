//! From essential flows to what stays open for one device.
//!
//! Refuses to keep a flow open and let what it lives on die: the lease of its address, the name of
//! its peer, the way to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::{Service, Transport};
use domain::order::{Level, Opening, Side};
use domain::text::Text;

use super::{EssentialFlow, ModelFlows, Peer};
use crate::containment::passes::{DHCP_SERVER, DHCP6_SERVER};

/// The port of a name server (RFC 1035, section 4.2).
const DNS: u16 = 53;

/// What is known of the network around a device.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The addresses of each named peer, by its name in lower case, without a dot at its end.
    pub names: &'a BTreeMap<Text, BTreeSet<IpAddr>>,
    /// The servers that it leased its addresses from.
    pub leased_from: &'a [IpAddr],
    /// The name servers that it asks.
    pub resolvers: &'a [IpAddr],
    /// The routers by which it reaches other networks.
    pub routers: &'a [IpAddr],
}

/// What an essential flow lives on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Support {
    /// The renewal of its address.
    Lease,
    /// The name of its peer.
    Name,
    /// The way to its peer.
    Route,
}

/// Why something stays open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Because {
    /// Somebody confirmed that care needs it.
    Confirmed,
    /// Nobody confirmed anything for this model, and care needs flows of that role by default.
    ByDefault,
    /// Its model usually does so.
    Baseline,
    /// Something else that stays open lives on it.
    Supports(Support),
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Confirmed => "confirmed as essential",
            Self::ByDefault => "essential by default",
            Self::Baseline => "usual for its model",
            Self::Supports(Support::Lease) => "supports: keeps the device's address",
            Self::Supports(Support::Name) => "supports: finds a peer by its name",
            Self::Supports(Support::Route) => "supports: reaches peers in other networks",
        })
    }
}

/// One thing that stays open, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// What.
    pub opening: Opening,
    /// Why: the strongest reason, where there are several.
    pub because: Because,
}

/// Something that whoever decides has to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// Nobody confirmed the essential flows of this model.
    Unconfirmed,
    /// Nothing is known that care needs of this device.
    NothingKnown,
    /// No address is known for a named peer, so the flow to it can't be kept open.
    PeerUnknown(Text),
    /// Care needs it, but its other end is known to be compromised, so it is not kept open.
    PeerCompromised(Opening),
}

impl Note {
    /// The stable code, as users and scripts see it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unconfirmed => "containment.unconfirmed",
            Self::NothingKnown => "containment.nothing-known",
            Self::PeerUnknown(_) => "containment.peer-unknown",
            Self::PeerCompromised(_) => "containment.peer-compromised",
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unconfirmed => f.write_str(
                "Nobody has confirmed what care needs of this model; \
                 what is essential by default stays open.",
            ),
            Self::NothingKnown => f.write_str(
                "Nothing is known that care needs of this device, so nothing would stay open: \
                 that is isolation, and asks for whoever has to say yes to that.",
            ),
            Self::PeerUnknown(name) => {
                write!(f, "No address of {name} is known, so its flow can't be kept open.")
            }
            Self::PeerCompromised(opening) => write!(
                f,
                "{} with {} ({}) is not kept open: that peer is compromised.",
                opening.role, opening.peer, opening.service
            ),
        }
    }
}

/// What stays open for a device at a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Openings {
    /// At which level.
    pub level: Level,
    /// Which version of the essential flows it rests on; 0 where none is confirmed.
    pub version: u32,
    /// What, by opening.
    pub kept: Vec<Kept>,
    /// What to know.
    pub notes: Vec<Note>,
}

/// What stays open for a device of that model at that level. The baseline is what its model
/// usually does, each flow with its role.
///
/// `watch` drops nothing and `isolate` keeps nothing open, so both need no openings. `contain`
/// keeps what is confirmed; where nothing is, what is essential by default of what was proposed or
/// is usual. `restrict` keeps that and the baseline, so that it never keeps less.
pub fn openings_for(
    level: Level,
    model: Option<&ModelFlows>,
    baseline: &[EssentialFlow],
    site: &Site<'_>,
) -> Openings {
    let confirmed = model.and_then(|model| model.confirmed.as_ref());
    let version = confirmed.map_or(0, |version| version.number);
    let mut gathered = Gathered { site, kept: BTreeMap::new(), notes: BTreeSet::new() };
    if matches!(level, Level::Restrict | Level::Contain) {
        match confirmed {
            Some(version) => gathered.keep(&version.flows, Because::Confirmed),
            None => {
                let proposed = model.and_then(|model| model.proposed.as_ref());
                let proposed = proposed.map_or(&[][..], |version| &version.flows);
                let flows = proposed.iter().chain(baseline);
                gathered.keep(flows.filter(|f| f.role.essential_by_default()), Because::ByDefault);
                gathered.notes.insert(Note::Unconfirmed);
                if gathered.kept.is_empty() {
                    gathered.notes.insert(Note::NothingKnown);
                }
            }
        }
        if level == Level::Restrict {
            gathered.keep(baseline, Because::Baseline);
        }
        gathered.support();
    }
    let kept = gathered.kept.into_iter();
    Openings {
        level,
        version,
        kept: kept.map(|(opening, because)| Kept { opening, because }).collect(),
        notes: gathered.notes.into_iter().collect(),
    }
}

struct Gathered<'a> {
    site: &'a Site<'a>,
    kept: BTreeMap<Opening, Because>,
    notes: BTreeSet<Note>,
}

impl Gathered<'_> {
    fn keep<'f>(&mut self, flows: impl IntoIterator<Item = &'f EssentialFlow>, because: Because) {
        for flow in flows {
            match &flow.peer {
                Peer::Addresses(addresses) => self.open(flow, addresses, because),
                Peer::Named(name) => {
                    let key = Text::from(name.trim().trim_end_matches('.').to_lowercase());
                    match self.site.names.get(&key) {
                        Some(addresses) if !addresses.is_empty() => {
                            self.open(flow, addresses, because);
                        }
                        _ => {
                            self.notes.insert(Note::PeerUnknown(name.clone()));
                        }
                    }
                }
            }
        }
    }

    fn open(&mut self, flow: &EssentialFlow, addresses: &BTreeSet<IpAddr>, because: Because) {
        for peer in addresses {
            let (role, side, service) = (flow.role, flow.side, flow.service);
            self.insert(Opening { role, side, peer: *peer, service }, because);
        }
    }

    fn opening(&mut self, peer: IpAddr, service: Service, support: Support) {
        let (role, side) = (CareRole::Identity, Side::Client);
        self.insert(Opening { role, side, peer, service }, Because::Supports(support));
    }

    fn insert(&mut self, opening: Opening, because: Because) {
        let held = self.kept.entry(opening).or_insert(because);
        *held = because.min(*held);
    }

    /// A device that keeps nothing open needs no address.
    fn support(&mut self) {
        if self.kept.is_empty() {
            return;
        }
        for server in self.site.leased_from {
            let port = if server.is_ipv4() { DHCP_SERVER } else { DHCP6_SERVER };
            self.opening(*server, Service { transport: Transport::Udp, port }, Support::Lease);
        }
        // Peers are written down by address, and the device may still ask for them by name, each
        // time that it calls. Whether it does so is not seen until it cannot.
        for server in self.site.resolvers {
            for transport in [Transport::Udp, Transport::Tcp] {
                self.opening(*server, Service { transport, port: DNS }, Support::Name);
            }
        }
        // A router has to be found (ARP, discovery), and to say when a packet is too big (ICMP).
        for router in self.site.routers {
            let service = Service { transport: Transport::Icmp, port: 0 };
            self.opening(*router, service, Support::Route);
        }
    }
}
