//! What of the table never changes: where it hangs in the kernel, and which sets are in it.
//!
//! Refuses to know any device: what is said here holds for a thousand of them.

use super::model::Field;

/// Where the kernel passes packets on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Between ports of a bridge: whole frames, in the family `bridge`.
    Bridge,
    /// Between networks: packets, in the family `inet`. The hardware address that a packet came
    /// from is seen where the device is on that segment; the one that it goes to is not known yet.
    /// ARP is not seen: it ends at the router.
    Router,
}

/// A hook of the kernel: its name, our priority there, and the chains that are gone through.
pub(super) type At = (&'static str, i64, &'static [&'static str]);

/// What is from a device, and what is to it.
pub(super) const LEAVES: &str = "leaves";
/// As [`LEAVES`].
pub(super) const REACHES: &str = "reaches";

/// Through the bridge, to this box, and from it; before everybody else's filters.
const BRIDGE: [At; 3] = [
    ("forward", -250, &[LEAVES, REACHES]),
    ("input", -250, &[LEAVES, REACHES]),
    ("output", -250, &[LEAVES, REACHES]),
];

/// Whatever comes in comes through the first and whatever goes out through the second: what is
/// passed on, what is for the router and what is from it. The first stands before addresses are
/// translated (priority -100) and the second after it (100), so that both see the addresses that
/// the device's own segment sees.
const ROUTER: [At; 2] = [("prerouting", -250, &[LEAVES]), ("postrouting", 250, &[REACHES])];

impl Place {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Bridge, Self::Router];

    /// As nft(8) calls the family.
    #[must_use]
    pub fn family(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Router => "inet",
        }
    }

    /// The hooks there.
    pub(super) fn hooks(self) -> &'static [At] {
        match self {
            Self::Bridge => &BRIDGE,
            Self::Router => &ROUTER,
        }
    }
}

/// A set of ours, by its place in [`SETS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Name(usize);

impl Name {
    /// The set of that name.
    pub(super) fn of(name: &str) -> Option<Self> {
        SETS.iter().position(|(known, _)| *known == name).map(Self)
    }

    /// As the kernel knows it.
    pub(super) fn text(self) -> &'static str {
        SETS.get(self.0).map_or("", |(name, _)| name)
    }

    /// What its elements are made of: fields of that kind. The first is the device's own address.
    pub(super) fn kinds(self) -> &'static [Field] {
        SETS.get(self.0).map_or(&[], |(_, kinds)| kinds)
    }
}

use Field::{
    DiscoveryTarget as Target, EtherSource as Mac, Ip4Source as Ip4, Ip6Source as Ip6,
    Quote4Destination, Quote4From, Quote4Source, Quote4To, Quote4Transport, Quote6Destination,
    Quote6From, Quote6Source, Quote6To, Quote6Transport, TcpSource as Tcp, Transport,
    UdpSource as Udp,
};

/// Every set. Few sets with many elements: the kernel loads and lists a set in the time of its
/// elements, but many sets in the square of their number.
const SETS: [(&str, &[Field]); 45] = [
    // The devices.
    ("macs", &[Mac]),
    ("ip4s", &[Ip4]),
    ("ip6s", &[Ip6]),
    // What a hardware address may say that it is: these addresses, or any of the family where none
    // is known and some peer is of it.
    ("mac4_own", &[Mac, Ip4]),
    ("mac4_any", &[Mac]),
    ("mac6_own", &[Mac, Ip6]),
    ("mac6_any", &[Mac]),
    // Whom it may look for (ARP, discovery).
    ("mac4_peers", &[Mac, Ip4]),
    ("mac6_peer_targets", &[Mac, Target]),
    ("mac6_own_targets", &[Mac, Target]),
    ("mac6_speaks", &[Mac]),
    // Who keeps a lease.
    ("mac4_leases", &[Mac]),
    ("mac6_leases", &[Mac]),
    ("ip4_leases", &[Ip4]),
    ("ip6_leases", &[Ip6]),
    // What is open, by the device's address: where it is client, where it is server, transports
    // without ports, and transports of which later fragments pass.
    ("ip4_client_tcp", &[Ip4, Ip4, Tcp]),
    ("ip4_server_tcp", &[Ip4, Ip4, Tcp]),
    ("ip4_client_udp", &[Ip4, Ip4, Udp]),
    ("ip4_server_udp", &[Ip4, Ip4, Udp]),
    ("ip4_whole", &[Ip4, Ip4, Transport]),
    ("ip4_pieces", &[Ip4, Ip4, Transport]),
    ("ip6_client_tcp", &[Ip6, Ip6, Tcp]),
    ("ip6_server_tcp", &[Ip6, Ip6, Tcp]),
    ("ip6_client_udp", &[Ip6, Ip6, Udp]),
    ("ip6_server_udp", &[Ip6, Ip6, Udp]),
    ("ip6_whole", &[Ip6, Ip6, Transport]),
    ("ip6_pieces", &[Ip6, Ip6, Transport]),
    // The same by its hardware address, where no address of the family is known.
    ("mac4_client_tcp", &[Mac, Ip4, Tcp]),
    ("mac4_server_tcp", &[Mac, Ip4, Tcp]),
    ("mac4_client_udp", &[Mac, Ip4, Udp]),
    ("mac4_server_udp", &[Mac, Ip4, Udp]),
    ("mac4_whole", &[Mac, Ip4, Transport]),
    ("mac4_pieces", &[Mac, Ip4, Transport]),
    ("mac6_client_tcp", &[Mac, Ip6, Tcp]),
    ("mac6_server_tcp", &[Mac, Ip6, Tcp]),
    ("mac6_client_udp", &[Mac, Ip6, Udp]),
    ("mac6_server_udp", &[Mac, Ip6, Udp]),
    ("mac6_whole", &[Mac, Ip6, Transport]),
    ("mac6_pieces", &[Mac, Ip6, Transport]),
    // Packets of which an error may say that they were too big: from where, and as client and as
    // server to where. Sets of more such fields are loaded by nft(8) 1.0.6, but not listed.
    ("ip4_sent_from", &[Ip4, Quote4Source]),
    ("ip4_client_sent", &[Ip4, Quote4Destination, Quote4Transport, Quote4To]),
    ("ip4_server_sent", &[Ip4, Quote4Destination, Quote4Transport, Quote4From]),
    ("ip6_sent_from", &[Ip6, Quote6Source]),
    ("ip6_client_sent", &[Ip6, Quote6Destination, Quote6Transport, Quote6To]),
    ("ip6_server_sent", &[Ip6, Quote6Destination, Quote6Transport, Quote6From]),
];
