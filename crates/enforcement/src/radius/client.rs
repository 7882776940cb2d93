//! A client of dynamic authorization (RFC 5176): asks a server to change or to end sessions, many
//! side by side, and says of each what came of it.
//!
//! Refuses to believe an answer that is not sealed for that very request, and to wait for ever:
//! silence is an outcome, too. The socket is connected, so the kernel drops what comes from any
//! other address or port.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant, SystemTime};

use super::answer::{self, Answer, Counts, Ignored};
use super::attribute::{Attribute, number};
use super::pace::Pace;
use super::packet::{Code, HEADER_BYTES, PACKET_BYTES, TooLong};
use super::seal::{self, MessageAuthenticator, Sealed, Secret};

/// Most exchanges that are open at a time: the identifier has an octet (RFC 2865, section 3).
pub const IN_FLIGHT: usize = 256;
/// What is sent with every request: Message-Authenticator and Event-Timestamp.
const ALWAYS_BYTES: usize = 18 + 6;
/// The shortest time that a socket can be told to wait; nought would be for ever.
const SHORTEST: Duration = Duration::from_millis(1);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Change what a session may do (CoA-Request).
    Change,
    /// End it (Disconnect-Request).
    Disconnect,
}

/// A request before it is sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    kind: Kind,
    attributes: Vec<Attribute>,
}

impl Request {
    /// A request with these attributes. Message-Authenticator and Event-Timestamp come by
    /// themselves.
    ///
    /// # Errors
    /// Where it would not fit into a packet.
    pub fn new(kind: Kind, attributes: Vec<Attribute>) -> Result<Self, TooLong> {
        let size = attributes.iter().map(Attribute::packed).sum::<usize>();
        let size = size + HEADER_BYTES + ALWAYS_BYTES;
        if size > PACKET_BYTES { Err(TooLong(size)) } else { Ok(Self { kind, attributes }) }
    }

    /// What it asks for.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its own attributes.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// As it goes out at that second since 1970.
    #[must_use]
    pub fn seal(&self, identifier: u8, second: u32, secret: &Secret) -> Sealed {
        let code = match self.kind {
            Kind::Change => Code::CoaRequest,
            Kind::Disconnect => Code::DisconnectRequest,
        };
        let mut attributes = vec![Attribute::word(number::EVENT_TIMESTAMP, second)];
        attributes.extend(self.attributes.iter().cloned());
        seal::request(code, identifier, attributes, secret)
            .expect("invariant: a request was measured when it was made")
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What the server answered; `None` where it did not.
    pub answer: Option<Answer>,
    /// How often it was sent; nought where the server had answered nobody before.
    pub tries: u32,
    /// From the first try to the answer, or to giving up.
    pub took: Duration,
    /// What came for it and was no answer.
    pub ignored: Counts,
}

/// What came of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// Of each request, in the same order.
    pub each: Vec<Outcome>,
    /// What came and was for none of them.
    pub stray: Counts,
    /// Whether somebody told that nobody listens at the server's port (ICMP). It may be a lie, so
    /// nothing rests on it.
    pub unreachable: bool,
}

/// What the machine would not do.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} a socket to {server}: {source}")]
pub struct ClientError {
    what: &'static str,
    server: SocketAddr,
    source: io::Error,
}

/// A client of one server.
#[derive(Debug)]
pub struct Client {
    server: SocketAddr,
    secret: Secret,
    message: MessageAuthenticator,
    pace: Pace,
    dice: Dice,
    identifiers: Identifiers,
}

impl Client {
    /// A client; nothing is sent yet.
    #[must_use]
    pub fn new(
        server: SocketAddr,
        secret: Secret,
        message: MessageAuthenticator,
        pace: Pace,
    ) -> Self {
        let dice = Dice::default();
        Self { server, secret, message, pace, dice, identifiers: Identifiers::default() }
    }

    /// Whom it asks.
    #[must_use]
    pub fn server(&self) -> SocketAddr {
        self.server
    }

    /// Asks all of these, up to [`IN_FLIGHT`] side by side, and returns when each is answered or
    /// its time is over. Where a server answers nobody within that time, those that were not yet
    /// asked are not.
    ///
    /// # Errors
    /// Where the machine gives no socket.
    pub fn ask(&mut self, requests: &[Request]) -> Result<Outcomes, ClientError> {
        let mut round = Round {
            socket: self.socket()?,
            waiting: (0..requests.len()).collect(),
            open: BTreeMap::new(),
            ended: BTreeMap::new(),
            heard: false,
            stray: Counts::default(),
            unreachable: false,
        };
        let mut buffer = [0; PACKET_BYTES];
        loop {
            self.begin(&mut round, requests);
            let Some(wake) = self.tend(&mut round, Instant::now()) else { break };
            let wait = wake.saturating_duration_since(Instant::now()).max(SHORTEST);
            let set = round.socket.set_read_timeout(Some(wait));
            set.map_err(|source| self.failed("set", source))?;
            match round.socket.recv(&mut buffer) {
                Ok(count) => {
                    self.hear(&mut round, buffer.get(..count).unwrap_or_default(), Instant::now());
                }
                Err(error) => round.unreachable |= told_unreachable(&error),
            }
        }
        let never =
            Outcome { answer: None, tries: 0, took: Duration::ZERO, ignored: Counts::default() };
        let each = (0..requests.len()).map(|at| round.ended.get(&at).copied().unwrap_or(never));
        Ok(Outcomes {
            each: each.collect(),
            stray: round.stray,
            unreachable: round.unreachable && !round.heard,
        })
    }

    /// A socket of its own for each round, so that its port is a new one and late answers to an
    /// earlier round find nobody.
    fn socket(&self) -> Result<UdpSocket, ClientError> {
        let any: IpAddr = match self.server {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0)).map_err(|source| self.failed("open", source))?;
        socket.connect(self.server).map_err(|source| self.failed("connect", source))?;
        Ok(socket)
    }

    fn failed(&self, what: &'static str, source: io::Error) -> ClientError {
        ClientError { what, server: self.server, source }
    }

    /// Opens as many exchanges as there are identifiers.
    fn begin(&mut self, round: &mut Round, requests: &[Request]) {
        while round.open.len() < IN_FLIGHT {
            let Some(at) = round.waiting.pop_front() else { return };
            let Some(request) = requests.get(at) else { continue };
            let free = |identifier| !round.open.contains_key(&identifier);
            let identifier = self.identifiers.next(free, &mut self.dice);
            let now = Instant::now();
            let sent = request.seal(identifier, second(SystemTime::now()), &self.secret);
            let exchange = Exchange {
                at,
                sent,
                begun: now,
                next: now,
                waited: None,
                tries: 0,
                ignored: Counts::default(),
            };
            round.open.insert(identifier, exchange);
        }
    }

    /// Sends what is due, ends what is over, and says when to look again; `None` where nothing is
    /// open any more.
    fn tend(&mut self, round: &mut Round, now: Instant) -> Option<Instant> {
        let over = |exchange: &Exchange| now.duration_since(exchange.begun) >= self.pace.whole;
        let silent: Vec<u8> =
            round.open.iter().filter(|(_, open)| over(open)).map(|(id, _)| *id).collect();
        for identifier in silent {
            round.end(identifier, None, now);
            if !round.heard {
                round.waiting.clear();
            }
        }
        let mut due: Vec<&mut Exchange> =
            round.open.values_mut().filter(|exchange| exchange.next <= now).collect();
        // In the order in which they were asked for.
        due.sort_by_key(|exchange| exchange.at);
        for exchange in due {
            // The same bytes as before, so that the server can tell that it is the same request:
            // identifier and authenticator stay while no attribute changes (RFC 5176, section
            // 2.3). Event-Timestamp says when it was first sent; an exchange is over long before
            // the five minutes within which a server takes it (section 6.3).
            round.unreachable |= send(&round.socket, &exchange.sent.bytes);
            let wait = self.pace.wait(exchange.waited, self.dice.roll());
            exchange.waited = Some(wait);
            exchange.next = now + wait;
            exchange.tries += 1;
        }
        if round.open.is_empty() && !round.waiting.is_empty() {
            return Some(now);
        }
        round.open.values().map(|open| open.next.min(open.begun + self.pace.whole)).min()
    }

    fn hear(&self, round: &mut Round, datagram: &[u8], now: Instant) {
        // The identifier is the second octet (RFC 2865, section 3).
        let identifier = datagram.get(1).copied().unwrap_or_default();
        let Some(exchange) = round.open.get_mut(&identifier) else {
            round.stray.count(Ignored::Stray);
            return;
        };
        match answer::judge(datagram, &exchange.sent, &self.secret, self.message) {
            Ok(answer) => {
                round.heard = true;
                round.end(identifier, Some(answer), now);
            }
            Err(why) => exchange.ignored.count(why),
        }
    }
}

/// All that is going on during one call.
struct Round {
    socket: UdpSocket,
    /// Requests that no exchange was opened for yet.
    waiting: VecDeque<usize>,
    /// Exchanges by identifier.
    open: BTreeMap<u8, Exchange>,
    /// What came of requests.
    ended: BTreeMap<usize, Outcome>,
    /// Whether the server answered anything at all.
    heard: bool,
    stray: Counts,
    unreachable: bool,
}

impl Round {
    fn end(&mut self, identifier: u8, answer: Option<Answer>, now: Instant) {
        let Some(exchange) = self.open.remove(&identifier) else { return };
        let took = now.duration_since(exchange.begun);
        let Exchange { at, tries, ignored, .. } = exchange;
        self.ended.insert(at, Outcome { answer, tries, took, ignored });
    }
}

/// A request that is out.
struct Exchange {
    at: usize,
    sent: Sealed,
    begun: Instant,
    next: Instant,
    waited: Option<Duration>,
    tries: u32,
    ignored: Counts,
}

/// Sends, and says whether it was told that nobody listens. What the kernel can't send is lost
/// like a packet on the way: the next try sends it again.
fn send(socket: &UdpSocket, bytes: &[u8]) -> bool {
    match socket.send(bytes) {
        Ok(_) => false,
        Err(error) => {
            // An earlier packet's ICMP is told here, in the place of sending.
            let told = told_unreachable(&error);
            if told {
                let _ = socket.send(bytes);
            }
            told
        }
    }
}

fn told_unreachable(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused
}

/// Seconds since 1970, as Event-Timestamp holds them until 2106 (RFC 2869, section 5.3).
fn second(now: SystemTime) -> u32 {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u32::try_from(since.as_secs()).unwrap_or(u32::MAX)
}

/// Numbers that nobody can foretell: a keyed hash of a counter, its key from the machine.
#[derive(Debug, Default)]
struct Dice {
    keys: RandomState,
    rolled: u64,
}

impl Dice {
    fn roll(&mut self) -> u32 {
        self.rolled = self.rolled.wrapping_add(1);
        u32::try_from(self.keys.hash_one(self.rolled) >> u32::BITS).unwrap_or_default()
    }
}

/// Identifiers in an order that nobody can foretell. One comes again only after all others did, so
/// that two requests within a second do not become the same packet, to which an old answer fits.
#[derive(Debug, Default)]
struct Identifiers(Vec<u8>);

impl Identifiers {
    /// The next one that is free; one is, for no more than [`IN_FLIGHT`] are open.
    fn next(&mut self, free: impl Fn(u8) -> bool, dice: &mut Dice) -> u8 {
        loop {
            if self.0.is_empty() {
                self.0 = (0..=u8::MAX).collect();
                for at in (1..self.0.len()).rev() {
                    let other = usize::try_from(dice.roll()).unwrap_or_default() % (at + 1);
                    self.0.swap(at, other);
                }
            }
            if let Some(identifier) = self.0.pop().filter(|identifier| free(*identifier)) {
                return identifier;
            }
        }
    }
}
