//! The nouns of a network: moments, services, conversations, and what was counted of them.
//!
//! Refuses to hold what was said: a payload never becomes a fact, so no patient's data can.

use std::fmt;
use std::net::IpAddr;

use crate::device::MacAddress;

/// A moment, in microseconds since 1970 (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Moment(pub i64);

impl Moment {
    /// How long after `earlier`, in microseconds; nought where it is not after.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0).max(0)
    }

    /// This many microseconds later.
    #[must_use]
    pub fn plus(self, microseconds: i64) -> Self {
        Self(self.0.saturating_add(microseconds))
    }
}

impl fmt::Display for Moment {
    /// RFC 3339 in UTC, to the millisecond.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) => write!(f, "{stamp:.3}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

/// A transport protocol above IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// TCP (RFC 9293).
    Tcp,
    /// UDP (RFC 768).
    Udp,
    /// ICMP and `ICMPv6`.
    Icmp,
    /// Another, by its number at IANA.
    Other(u8),
}

impl Transport {
    /// The transport of that name, as [`fmt::Display`] writes it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "tcp" => Some(Self::Tcp),
            "udp" => Some(Self::Udp),
            "icmp" => Some(Self::Icmp),
            other => other.strip_prefix("ip-")?.parse().ok().map(Self::Other),
        }
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.pad("tcp"),
            Self::Udp => f.pad("udp"),
            Self::Icmp => f.pad("icmp"),
            Self::Other(number) => write!(f, "ip-{number}"),
        }
    }
}

/// What a server offers: a transport and the port it listens on (0 where there are no ports).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Service {
    /// The transport.
    pub transport: Transport,
    /// The server's port.
    pub port: u16,
}

impl Service {
    /// The service of that text, as [`Display`](fmt::Display) writes it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let without_port = |transport| Self { transport, port: 0 };
        if let Some((transport, port)) = text.split_once('/') {
            let transport = match transport {
                "tcp" => Transport::Tcp,
                "udp" => Transport::Udp,
                _ => return None,
            };
            return Some(Self { transport, port: port.parse().ok()? });
        }
        match text.strip_prefix("ip-") {
            Some(number) => Some(without_port(Transport::Other(number.parse().ok()?))),
            None => (text == "icmp").then(|| without_port(Transport::Icmp)),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.transport {
            Transport::Tcp | Transport::Udp => write!(f, "{}/{}", self.transport, self.port),
            Transport::Icmp | Transport::Other(_) => self.transport.fmt(f),
        }
    }
}

/// One end of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct End {
    /// Its IP address.
    pub address: IpAddr,
    /// Its port; 0 where there are no ports.
    pub port: u16,
    /// The MAC address that its frames carried on this segment: its own, or its router's.
    pub mac: Option<MacAddress>,
}

/// Two ends that speak: the client began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conversation {
    /// Who began.
    pub client: End,
    /// Who was spoken to.
    pub server: End,
    /// How.
    pub transport: Transport,
}

impl Conversation {
    /// The server's service.
    #[must_use]
    pub fn service(&self) -> Service {
        Service { transport: self.transport, port: self.server.port }
    }
}

/// Which way something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// From who began.
    ToServer,
    /// To who began.
    ToClient,
}

/// How far a session came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SessionState {
    /// The client spoke, nobody answered.
    Attempted,
    /// The server said no: RST to a SYN, ICMP unreachable.
    Refused,
    /// Both spoke (TCP: the handshake was seen whole, or data both ways).
    Established,
    /// Both ended it in order.
    Closed,
    /// One end broke it off.
    Reset,
    /// Nothing came for the time after which a session is forgotten.
    TimedOut,
}

/// What went one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Volume {
    /// Packets.
    pub packets: u64,
    /// Bytes above the transport's header.
    pub bytes: u64,
}

/// One session: a TCP connection, or the UDP or ICMP packets between two ends until a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who spoke with whom.
    pub conversation: Conversation,
    /// The VLAN that its frames were tagged with (IEEE 802.1Q).
    pub vlan: Option<u16>,
    /// The protocol, known by content; by port alone it stays unknown.
    pub application: Option<Application>,
    /// How far it came.
    pub state: SessionState,
    /// The first packet.
    pub first: Moment,
    /// The last packet from the client.
    pub last_to_server: Option<Moment>,
    /// The last packet from the server.
    pub last_to_client: Option<Moment>,
    /// What the client sent.
    pub to_server: Volume,
    /// What the server sent.
    pub to_client: Volume,
}

impl Session {
    /// The last packet of either.
    #[must_use]
    pub fn last(&self) -> Moment {
        self.last_to_server.max(self.last_to_client).unwrap_or(self.first)
    }
}

macro_rules! applications {
    ($($name:ident $text:literal $meaning:literal;)*) => {
        /// An application protocol, as recognised by content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Application {
            $(#[doc = $meaning] $name,)*
        }

        impl Application {
            /// Every protocol.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As files and outputs write it.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }

            /// The protocol of that name.
            #[must_use]
            pub fn read(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|application| application.text() == text)
            }
        }
    };
}

applications! {
    Dhcp "dhcp" "DHCP (RFC 2131) and `DHCPv6` (RFC 8415).";
    Dicom "dicom" "DICOM upper layer (PS3.8) and message exchange (PS3.7).";
    Dns "dns" "DNS (RFC 1035), multicast DNS (RFC 6762) too.";
    Hl7 "hl7" "HL7 version 2 over MLLP.";
    Http "http" "HTTP/1 (RFC 9112).";
    Ntp "ntp" "NTP (RFC 5905).";
    Radius "radius" "RADIUS (RFC 2865).";
    Rdp "rdp" "Remote Desktop (MS-RDPBCGR).";
    Smb "smb" "SMB 1 (MS-CIFS) and 2, 3 (MS-SMB2).";
    Ssh "ssh" "SSH (RFC 4253).";
    Tls "tls" "TLS (RFC 8446 and before).";
}

impl fmt::Display for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::{Service, Transport};

    #[test]
    fn a_service_is_read_as_it_is_written() {
        for (transport, port) in [
            (Transport::Tcp, 443),
            (Transport::Udp, 53),
            (Transport::Icmp, 0),
            (Transport::Other(2), 0),
        ] {
            let service = Service { transport, port };
            assert_eq!(Service::read(&service.to_string()), Some(service));
        }
        for text in ["", "tcp", "tcp/", "tcp/70000", "sctp/1", "ip-", "ip-300"] {
            assert_eq!(Service::read(text), None, "{text}");
        }
    }
}
