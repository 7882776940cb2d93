//! To others over the network: the one way by which this program begins a connection to an address
//! that somebody has typed.
//!
//! A name is resolved once, each address is checked, and the connection goes to the address that
//! was checked: what a name server answers a moment later changes nothing. Refuses addresses of
//! this machine and of the hospital's network unless whoever runs the program has named them, those
//! that only lead to a cloud's own services, and every way of writing one for another.

pub mod answer;
pub mod fetch;
pub mod http;
pub mod proxy;
pub mod syslog;
pub mod tls;

#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::str::FromStr;
use std::time::Duration;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long nothing may come or go on it.
const SILENCE: Duration = Duration::from_secs(10);
/// The longest place, in bytes.
const LONGEST: usize = 2_048;
/// Most addresses of one name that are looked at.
const ADDRESSES: usize = 16;

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum OutwardError {
    /// The text names no place.
    #[error("`{found}` is no place to send to: {why}")]
    Place {
        /// What was written.
        found: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The text names no range of addresses.
    #[error("`{found}` is no range of addresses; expected one like 10.20.0.0/16")]
    Range {
        /// What was written.
        found: String,
    },
    /// The name has no address.
    #[error("`{host}` has no address: {cause}")]
    Unknown {
        /// The name.
        host: String,
        /// What the resolver says.
        cause: io::Error,
    },
    /// Its addresses are not to be reached.
    #[error("`{host}` is at {address}, {why}")]
    Forbidden {
        /// The name.
        host: String,
        /// The first address that was refused.
        address: IpAddr,
        /// Why.
        why: Why,
    },
    /// The connection fails.
    #[error("cannot {what} `{place}`: {cause}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// With whom.
        place: String,
        /// Why.
        cause: io::Error,
    },
    /// A proxy lets nobody through who asks like this. Who asks again with a wrong password locks
    /// the account.
    #[error("the proxy `{proxy}` answers with status 407: {why}")]
    SignIn {
        /// Which proxy.
        proxy: String,
        /// Why.
        why: &'static str,
    },
    /// TLS can't be set up.
    #[error("cannot set up TLS: {why}")]
    Tls {
        /// Why.
        why: String,
    },
}

/// Why an address is not to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Nobody may reach it from here.
    #[error("which nothing is ever sent to")]
    Never,
    /// It is within the hospital, or this machine, and was not named by this option.
    #[error("which is within the own network: whoever runs the program allows it with {0}")]
    NotNamed(&'static str),
    /// Nothing would keep what is said to itself, and it was not named by this option.
    #[error("which is asked without TLS only where whoever runs the program allows it with {0}")]
    Clear(&'static str),
}

/// How something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP over TLS.
    Https,
    /// HTTP in the clear, within a network that is trusted.
    Http,
    /// Syslog over UDP (RFC 5426).
    SyslogUdp,
    /// Syslog over TCP (RFC 6587).
    SyslogTcp,
    /// Syslog over TLS (RFC 5425).
    SyslogTls,
}

impl Scheme {
    /// Each with how it is written and its usual port.
    const ALL: [(Self, &'static str, u16); 5] = [
        (Self::Https, "https", 443),
        (Self::Http, "http", 80),
        (Self::SyslogUdp, "syslog+udp", 514),
        (Self::SyslogTcp, "syslog+tcp", 601),
        (Self::SyslogTls, "syslog+tls", 6514),
    ];

    /// As an address writes it.
    #[must_use]
    pub fn text(self) -> &'static str {
        Self::ALL.iter().find(|(own, ..)| *own == self).map_or("", |(_, text, _)| *text)
    }

    /// Whether it is HTTP.
    #[must_use]
    pub fn is_http(self) -> bool {
        matches!(self, Self::Https | Self::Http)
    }
}

/// Where something is sent: a scheme, a host, a port and a path, as RFC 3986 writes them, of which
/// less is understood: no user, no fragment, no escapes in a host, no number but four of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    scheme: Scheme,
    host: Host,
    port: u16,
    path: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Name(String),
    Address(IpAddr),
}

impl Place {
    /// How it is reached.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The name or address of the host, without brackets.
    #[must_use]
    pub fn host(&self) -> String {
        match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path with its query; `/` where none was written.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Host and port, each as an address has them.
    fn host_and_port(&self) -> String {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]:{}", self.port),
            _ => format!("{}:{}", self.host(), self.port),
        }
    }

    /// Whether the place may be reached as far as it is written as an address and not as a name.
    fn check_literal(&self, reach: &Reach) -> Result<(), OutwardError> {
        match self.host {
            Host::Address(address) => reach.check(address).map_err(|why| OutwardError::Forbidden {
                host: self.host(),
                address,
                why,
            }),
            Host::Name(_) => Ok(()),
        }
    }

    /// Host and port as the `Host` field of HTTP has them (RFC 9110, section 7.2).
    #[must_use]
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.host(),
        };
        let usual = Scheme::ALL.iter().find(|(scheme, ..)| *scheme == self.scheme);
        if usual.is_some_and(|(.., port)| *port == self.port) {
            host
        } else {
            format!("{host}:{}", self.port)
        }
    }
}

impl fmt::Display for Place {
    /// Without the path, which may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match (self.scheme.is_http(), &*self.path) {
            (true, "/") => "/",
            (true, _) => "/…",
            (false, _) => "",
        };
        write!(f, "{}://{}{path}", self.scheme.text(), self.authority())
    }
}

impl FromStr for Place {
    type Err = OutwardError;

    fn from_str(text: &str) -> Result<Self, OutwardError> {
        let wrong = |why| OutwardError::Place { found: quoted(text), why };
        if text.len() > LONGEST {
            return Err(wrong("it is too long"));
        }
        // What may not stand in an address is refused and not mended: others might mend it
        // otherwise.
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(&byte)) {
            return Err(wrong("it holds a character that has no place in an address"));
        }
        let (scheme, rest) = text.split_once("://").ok_or_else(|| {
            wrong("expected https://…, syslog+tls://…, syslog+tcp://… or syslog+udp://…")
        })?;
        let known = Scheme::ALL.into_iter().find(|(_, known, _)| *known == scheme);
        let (scheme, _, usual) = known.ok_or_else(|| {
            wrong("expected https://…, syslog+tls://…, syslog+tcp://… or syslog+udp://…")
        })?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (host, port) = host_and_port(authority).map_err(wrong)?;
        let path = match path {
            "" => "/".to_owned(),
            query if query.starts_with('?') => format!("/{query}"),
            path => path.to_owned(),
        };
        if !scheme.is_http() && path != "/" {
            return Err(wrong("syslog has no path"));
        }
        Ok(Self { scheme, host, port: port.unwrap_or(usual), path })
    }
}

fn host_and_port(authority: &str) -> Result<(Host, Option<u16>), &'static str> {
    if authority.contains('@') {
        return Err("it names a user: secrets don't belong into an address");
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']').ok_or("a bracket is missing")?;
            let address: Ipv6Addr = address.parse().map_err(|_| "that is no IPv6 address")?;
            (Host::Address(address.into()), port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at(end);
            (named(host)?, port)
        }
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            let port: u16 = digits.parse().map_err(|_| "the port is no number up to 65535")?;
            Some(port).filter(|port| *port > 0)
        }
        _ => return Err("the port is no number"),
    };
    Ok((host, port))
}

/// A name (RFC 1123, section 2.1) or four numbers. What resolvers take for an address besides, as
/// `0x7f.1` or `2130706433`, is neither.
fn named(host: &str) -> Result<Host, &'static str> {
    if let Ok(address) = host.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.is_empty() || name.len() > 253 || !name.split('.').all(is_label) {
        return Err("that is no name of a host");
    }
    // No top-level domain begins with a digit (RFC 3696, section 2).
    let last = name.rsplit('.').next().unwrap_or_default();
    if last.bytes().next().is_some_and(|byte| byte.is_ascii_digit()) {
        return Err("that is a number: write an address as four numbers, or IPv6 in brackets");
    }
    Ok(Host::Name(name.to_ascii_lowercase()))
}

fn quoted(text: &str) -> String {
    // A password may stand in what was typed wrongly.
    let shown = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let plain = shown.chars().filter(|letter| !letter.is_control());
    plain.take(80).collect()
}

/// Addresses with the same first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    first: IpAddr,
    bits: u8,
}

impl Range {
    /// Whether an address is one of them.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let share = |own: u128, other: u128, width: u8| {
            let shift = u32::from(width - self.bits.min(width));
            own.checked_shr(shift).unwrap_or(0) == other.checked_shr(shift).unwrap_or(0)
        };
        match (self.first, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                share(u32::from(own).into(), u32::from(other).into(), 32)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => share(own.into(), other.into(), 128),
            _ => false,
        }
    }
}

impl FromStr for Range {
    type Err = OutwardError;

    fn from_str(text: &str) -> Result<Self, OutwardError> {
        let wrong = || OutwardError::Range { found: quoted(text) };
        let (first, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let first: IpAddr = first.parse().map_err(|_| wrong())?;
        let width = if first.is_ipv4() { 32 } else { 128 };
        let bits: u8 = bits.map_or(Ok(width), str::parse).map_err(|_| wrong())?;
        if bits > width { Err(wrong()) } else { Ok(Self { first, bits }) }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

/// What kind of address it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Anybody's.
    Public,
    /// Of a hospital's own network.
    Private,
    /// This machine.
    Loopback,
    /// One that means something else to whoever gets it, or nobody.
    Never,
}

/// Ranges that are never reached, nor by being named: this network, link-local with a cloud's
/// metadata in it, those of protocols, examples and measurements, groups, and what is kept back
/// (IANA IPv4 Special-Purpose Address Registry, RFC 6890).
const NEVER_V4: [(u32, u8); 12] = [
    (0xA83F_8110, 32), // 168.63.129.16, where a cloud answers its machines
    (0x6464_64C8, 32), // 100.100.100.200, another's
    (0x0000_0000, 8),  // 0.0.0.0
    (0xA9FE_0000, 16), // 169.254.0.0
    (0xC000_0000, 24), // 192.0.0.0
    (0xC000_0200, 24), // 192.0.2.0
    (0xC058_6300, 24), // 192.88.99.0
    (0xC612_0000, 15), // 198.18.0.0
    (0xC633_6400, 24), // 198.51.100.0
    (0xCB00_7100, 24), // 203.0.113.0
    (0xE000_0000, 4),  // 224.0.0.0
    (0xF000_0000, 4),  // 240.0.0.0
];
/// Private networks (RFC 1918), and those of carriers (RFC 6598).
const PRIVATE_V4: [(u32, u8); 4] =
    [(0x0A00_0000, 8), (0xAC10_0000, 12), (0xC0A8_0000, 16), (0x6440_0000, 10)];
/// A cloud's metadata within a private range, and the resolver beside it.
const METADATA_V6: [Ipv6Addr; 2] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253),
];

fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => {
            let within = |ranges: &[(u32, u8)]| {
                let shares = |(first, bits): &(u32, u8)| {
                    (u32::from(address) ^ first).checked_shr(32 - u32::from(*bits)) == Some(0)
                };
                ranges.iter().any(shares)
            };
            if within(&NEVER_V4) {
                Kind::Never
            } else if address.is_loopback() {
                Kind::Loopback
            } else if within(&PRIVATE_V4) {
                Kind::Private
            } else {
                Kind::Public
            }
        }
        IpAddr::V6(address) => kind_v6(address),
    }
}

/// Beside what is global unicast (`2000::/3`) and unique local (`fc00::/7`) nothing is reached: not
/// an IPv4 address in other words (`::ffff:0:0/96`, `::/96`, NAT64 of RFC 6052 and RFC 8215), nor
/// link-local, groups or nobody. Of global unicast, tunnels and examples are not: Teredo, 6to4,
/// ORCHID, `2001:db8::/32` and `3fff::/20`.
fn kind_v6(address: Ipv6Addr) -> Kind {
    let [first, second, ..] = address.segments();
    if address.is_loopback() {
        return Kind::Loopback;
    }
    if first & 0xfe00 == 0xfc00 {
        return if METADATA_V6.contains(&address) { Kind::Never } else { Kind::Private };
    }
    let is_global = first & 0xe000 == 0x2000;
    let is_special = (first == 0x2001 && (second < 0x200 || second == 0x0db8))
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    if is_global && !is_special { Kind::Public } else { Kind::Never }
}

/// What may be reached: what is public, and what whoever runs the program has named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    named: Vec<Range>,
    is_closed: bool,
    /// Whether what is public has to be named as well.
    is_named_only: bool,
    option: &'static str,
}

/// By which option ranges are named where nothing else is said.
const OPTION: &str = "--alerts-may-reach";

impl Default for Reach {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Reach {
    /// Those ranges, beside what is public.
    #[must_use]
    pub fn new(named: Vec<Range>) -> Self {
        Self { named, is_closed: false, is_named_only: false, option: OPTION }
    }

    /// The same, named by another option, which a refusal names.
    #[must_use]
    pub fn named_by(self, option: &'static str) -> Self {
        Self { option, ..self }
    }

    /// Nothing at all: what is played stays where it is.
    #[must_use]
    pub fn nowhere() -> Self {
        Self { is_closed: true, ..Self::new(Vec::new()) }
    }

    /// The same ranges, and nothing beside them: for what is asked without TLS.
    #[must_use]
    pub fn named_only(&self) -> Self {
        Self { is_named_only: true, ..self.clone() }
    }

    /// Whether an address may be reached. This machine is named by its own range alone: whoever
    /// allows everything has not thought of it.
    ///
    /// # Errors
    /// Why it may not.
    pub fn check(&self, address: IpAddr) -> Result<(), Why> {
        let is_named = || self.named.iter().any(|range| range.holds(address));
        let is_own = |range: &&Range| kind(range.first) == Kind::Loopback && range.bits >= 8;
        match kind(address) {
            _ if self.is_closed => Err(Why::Never),
            Kind::Public if self.is_named_only && !is_named() => Err(Why::Clear(self.option)),
            Kind::Public => Ok(()),
            Kind::Private if is_named() => Ok(()),
            Kind::Loopback if self.named.iter().filter(is_own).any(|r| r.holds(address)) => Ok(()),
            Kind::Private | Kind::Loopback => Err(Why::NotNamed(self.option)),
            Kind::Never => Err(Why::Never),
        }
    }
}

/// Who says which addresses a name has.
pub trait Resolver {
    /// The addresses of a name.
    ///
    /// # Errors
    /// Where it has none, or nobody answers.
    fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's resolver.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Resolver for System {
    fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }
}

/// The addresses of a place that may be reached, each checked.
///
/// # Errors
/// Where it has none.
pub fn addresses(
    place: &Place,
    reach: &Reach,
    resolver: &dyn Resolver,
) -> Result<Vec<SocketAddr>, OutwardError> {
    let host = place.host();
    let found = match &place.host {
        Host::Address(address) => vec![*address],
        Host::Name(name) => resolver
            .addresses(name)
            .map_err(|cause| OutwardError::Unknown { host: host.clone(), cause })?,
    };
    let mut open = Vec::new();
    let mut refused = None;
    for address in found.into_iter().take(ADDRESSES) {
        match reach.check(address) {
            Ok(()) => open.push(SocketAddr::new(address, place.port)),
            Err(why) => refused = refused.or(Some((address, why))),
        }
    }
    match refused {
        Some((address, why)) if open.is_empty() => {
            Err(OutwardError::Forbidden { host, address, why })
        }
        None if open.is_empty() => {
            let cause = io::Error::new(io::ErrorKind::NotFound, "the answer is empty");
            Err(OutwardError::Unknown { host, cause })
        }
        _ => Ok(open),
    }
}

/// A connection to a place, by TCP, with limits to how long it may be silent.
///
/// # Errors
/// Where it has no address that may be reached, or none answers.
pub fn connect(
    place: &Place,
    reach: &Reach,
    resolver: &dyn Resolver,
) -> Result<TcpStream, OutwardError> {
    let mut last = None;
    for address in addresses(place, reach, resolver)? {
        let stream = TcpStream::connect_timeout(&address, CONNECT).and_then(|stream| {
            stream.set_read_timeout(Some(SILENCE))?;
            stream.set_write_timeout(Some(SILENCE))?;
            stream.set_nodelay(true)?;
            Ok(stream)
        });
        match stream {
            Ok(stream) => return Ok(stream),
            Err(cause) => last = Some(cause),
        }
    }
    let cause = last.unwrap_or_else(|| io::ErrorKind::NotFound.into());
    Err(failed("reach", place, cause))
}

fn failed(what: &'static str, place: &Place, cause: io::Error) -> OutwardError {
    OutwardError::Failed { what, place: place.to_string(), cause }
}
