//! A way between a client and a server of UDP that loses packets, each way, by chance from a seed.
//!
//! Refuses to change, delay or reorder what it does not lose.

use std::collections::BTreeMap;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::seed::Seed;

/// How soon a thread looks whether the relay is to end.
const LOOK: Duration = Duration::from_millis(50);
/// Longest packet of RADIUS, and more than is sent in any test; what is longer is cut.
const BYTES: usize = 4_096;

/// A relay, gone when it is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    front: UdpSocket,
    server: SocketAddr,
    percent: u64,
    chance: Mutex<Seed>,
    ended: AtomicBool,
    came: AtomicU64,
    lost: AtomicU64,
}

impl Shared {
    /// Whether this packet goes on.
    fn passes(&self) -> bool {
        let lost = self.chance.lock().is_ok_and(|mut chance| chance.below(100) < self.percent);
        self.came.fetch_add(1, Ordering::Relaxed);
        self.lost.fetch_add(u64::from(lost), Ordering::Relaxed);
        !lost
    }

    fn ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }
}

impl Relay {
    /// Starts one on loopback, before a server that may be anywhere; it loses so many in a hundred
    /// packets each way.
    ///
    /// # Panics
    /// Where the machine gives no socket.
    #[must_use]
    pub fn start(server: SocketAddr, percent: u64, seed: u64) -> Self {
        let front = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        front.set_read_timeout(Some(LOOK)).expect("set");
        let address = front.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            front,
            server,
            percent,
            chance: Mutex::new(Seed::new(seed)),
            ended: AtomicBool::new(false),
            came: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        });
        let there = Arc::clone(&shared);
        let thread = std::thread::spawn(move || forward(&there));
        Self { address, shared, thread: Some(thread) }
    }

    /// Where clients find it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many packets came, and how many of them it lost, both ways together.
    #[must_use]
    pub fn lost(&self) -> (u64, u64) {
        (self.shared.came.load(Ordering::Relaxed), self.shared.lost.load(Ordering::Relaxed))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// From clients to the server, from a socket of its own for each client, as a router that
/// translates addresses has it; and a thread for each that brings back the answers.
fn forward(shared: &Arc<Shared>) {
    let mut clients: BTreeMap<SocketAddr, Arc<UdpSocket>> = BTreeMap::new();
    let mut threads = Vec::new();
    let mut buffer = [0; BYTES];
    while !shared.ended() {
        let Ok((count, client)) = shared.front.recv_from(&mut buffer) else { continue };
        if !shared.passes() {
            continue;
        }
        let socket = clients.entry(client).or_insert_with(|| {
            let back = Arc::new(socket(shared.server).expect("a socket"));
            let (there, from) = (Arc::clone(shared), Arc::clone(&back));
            threads.push(std::thread::spawn(move || bring_back(&there, &from, client)));
            back
        });
        let _ = socket.send(buffer.get(..count).unwrap_or_default());
    }
    for thread in threads {
        let _ = thread.join();
    }
}

fn socket(server: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(server)?;
    socket.set_read_timeout(Some(LOOK))?;
    Ok(socket)
}

fn bring_back(shared: &Shared, from: &UdpSocket, client: SocketAddr) {
    let mut buffer = [0; BYTES];
    while !shared.ended() {
        let Ok(count) = from.recv(&mut buffer) else { continue };
        if shared.passes() {
            let _ = shared.front.send_to(buffer.get(..count).unwrap_or_default(), client);
        }
    }
}
