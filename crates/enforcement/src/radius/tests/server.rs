//! A server of dynamic authorization that lies on demand.
//!
//! Refuses nothing: whatever a broken or bought switch could answer, this one does.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{change, secret};
use crate::radius::attribute::{Attribute, number};
use crate::radius::packet::{Code, PACKET_BYTES, Packet};
use crate::radius::seal::{Secret, server::answer};

/// How it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    /// Not at all: it acknowledges.
    None,
    /// It says nothing.
    Silent,
    /// It does not know the secret.
    WrongSecret,
    /// Its Response Authenticator is right, its Message-Authenticator is not.
    ForgedMessageAuthenticator,
    /// It has no Message-Authenticator.
    Unsigned,
    /// It answers with another identifier.
    WrongIdentifier,
    /// It acknowledges a request that was not made, under this one's identifier.
    AnotherRequest,
    /// It acknowledges the end of a session where a change was asked for.
    AnotherKind,
    /// It repeats the request.
    Echoes,
    /// It sends what is no packet.
    Malformed,
    /// It answers from another port.
    AnotherPort,
    /// It answers twice.
    Twice,
    /// It answers the second time it is asked.
    Late,
    /// It sends three forgeries before it answers.
    AfterForgeries,
    /// It says no, with that cause.
    Refuses(u32),
    /// It says no, without a cause.
    RefusesWithoutCause,
    /// It says no for the station whose address ends so, with that cause.
    RefusesStation(u8, u32),
    /// What it says for the stations whose addresses end with 1, 2 and 3.
    Each([Said; 3]),
}

/// What a server says for one station.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Said {
    Yes,
    No,
    Nothing,
}

impl Lie {
    /// The lies that must not be believed.
    pub(super) const FALSE: [Self; 9] = [
        Self::Silent,
        Self::WrongSecret,
        Self::ForgedMessageAuthenticator,
        Self::Unsigned,
        Self::WrongIdentifier,
        Self::AnotherRequest,
        Self::AnotherKind,
        Self::Echoes,
        Self::AnotherPort,
    ];
}

/// A server on loopback, gone when it is dropped.
pub(super) struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Vec<u8>>>>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(lie: Lie) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("set");
        let address = socket.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let ended = Arc::new(AtomicBool::new(false));
        let (seen_there, ended_there) = (Arc::clone(&seen), Arc::clone(&ended));
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; PACKET_BYTES];
            while !ended_there.load(Ordering::Relaxed) {
                let Ok((count, from)) = socket.recv_from(&mut buffer) else { continue };
                let request = buffer[..count].to_vec();
                let first = {
                    let mut seen = seen_there.lock().expect("whole");
                    seen.push(request.clone());
                    seen.iter().filter(|other| **other == request).count() == 1
                };
                serve(lie, &socket, from, &request, first);
            }
        });
        Self { address, seen, ended, thread: Some(thread) }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every packet that came, in order.
    pub(super) fn seen(&self) -> Vec<Vec<u8>> {
        self.seen.lock().expect("whole").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(lie: Lie, socket: &UdpSocket, from: SocketAddr, bytes: &[u8], first: bool) {
    let request = Packet::decode(bytes).expect("the client sends packets");
    let (ack, nak) = match request.code {
        Code::CoaRequest => (Code::CoaAck, Code::CoaNak),
        _ => (Code::DisconnectAck, Code::DisconnectNak),
    };
    let right = answer(ack, &request, Vec::new(), &secret(), true);
    let no = |cause: Option<u32>| {
        let cause = cause.map(|cause| Attribute::word(number::ERROR_CAUSE, cause));
        answer(nak, &request, cause.into_iter().collect(), &secret(), true)
    };
    let forged = || {
        let guess = Secret::new("a guess").expect("a secret");
        answer(ack, &request, Vec::new(), &guess, true)
    };
    let answers = match lie {
        Lie::Silent => Vec::new(),
        Lie::Late if first => Vec::new(),
        Lie::None | Lie::Late => vec![right],
        Lie::WrongSecret => vec![forged()],
        Lie::ForgedMessageAuthenticator => {
            let made_up = Attribute::new(number::MESSAGE_AUTHENTICATOR, [7; 16]).expect("short");
            vec![answer(ack, &request, vec![made_up], &secret(), false)]
        }
        Lie::Unsigned => vec![answer(ack, &request, Vec::new(), &secret(), false)],
        Lie::WrongIdentifier => {
            let other = Packet { identifier: request.identifier.wrapping_add(1), ..request };
            vec![answer(ack, &other, Vec::new(), &secret(), true)]
        }
        Lie::AnotherRequest => {
            let earlier = change().seal(request.identifier, 1, &secret());
            let other = Packet { authenticator: earlier.authenticator, ..request };
            vec![answer(ack, &other, Vec::new(), &secret(), true)]
        }
        Lie::AnotherKind => {
            vec![answer(Code::DisconnectAck, &request, Vec::new(), &secret(), true)]
        }
        Lie::Echoes => vec![bytes.to_vec()],
        Lie::Malformed => vec![bytes[..bytes.len() - 1].to_vec()],
        Lie::AnotherPort => {
            let other = UdpSocket::bind("127.0.0.1:0").expect("a socket");
            other.send_to(&right, from).expect("sent");
            Vec::new()
        }
        Lie::Twice => vec![right.clone(), right],
        Lie::AfterForgeries => vec![forged(), forged(), forged(), right],
        Lie::Refuses(cause) => vec![no(Some(cause))],
        Lie::RefusesWithoutCause => vec![no(None)],
        Lie::RefusesStation(last, cause) => {
            let station = request.all(number::CALLING_STATION_ID).next().expect("a station");
            let told = station.value().ends_with(format!("{last:02X}").as_bytes());
            vec![if told { no(Some(cause)) } else { right }]
        }
        Lie::Each(said) => {
            let station = request.all(number::CALLING_STATION_ID).next().expect("a station");
            let last = station.value().last().expect("not empty") - b'1';
            match said[usize::from(last)] {
                Said::Yes => vec![right],
                Said::No => vec![no(Some(504))],
                Said::Nothing => Vec::new(),
            }
        }
    };
    for answer in answers {
        socket.send_to(&answer, from).expect("sent");
    }
}
