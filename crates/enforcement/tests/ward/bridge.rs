//! A bridge with machines on it, each in a network namespace, and connections between them.
//!
//! Refuses to leave anything behind: the namespaces go when it is dropped.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::sched::{CloneFlags, setns};

/// How long a connection may take that is to come about, and that is not to.
const SOON: Duration = Duration::from_millis(700);

/// The bridge and its machines. The machine `n` has the address 10.20.0.n and the hardware address
/// that ends with it; the switch itself is 10.20.0.3.
pub(crate) struct Ward {
    prefix: String,
    names: Vec<String>,
}

impl Ward {
    pub(crate) fn new(machines: &[(&str, u8)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("asepsis-radius-{}-{count}", std::process::id());
        let mut ward = Self { prefix, names: Vec::new() };
        ward.namespace("switch");
        let switch = ward.name("switch");
        ip(&format!("-n {switch} link add br0 type bridge"));
        ip(&format!("-n {switch} link set br0 address 02:00:00:00:00:03"));
        ip(&format!("-n {switch} addr add 10.20.0.3/24 dev br0"));
        ip(&format!("-n {switch} link set br0 up"));
        ip(&format!("-n {switch} link set lo up"));
        for (machine, last) in machines {
            ward.namespace(machine);
            let name = ward.name(machine);
            ip(&format!("-n {switch} link add p{last} type veth peer name eth0 netns {name}"));
            ip(&format!("-n {name} link set eth0 address 02:00:00:00:00:{last:02x}"));
            ip(&format!("-n {name} addr add 10.20.0.{last}/24 dev eth0"));
            ip(&format!("-n {name} link set lo up"));
            ip(&format!("-n {name} link set eth0 up"));
            ip(&format!("-n {switch} link set p{last} master br0 up"));
        }
        ward
    }

    pub(crate) fn name(&self, machine: &str) -> String {
        format!("{}-{machine}", self.prefix)
    }

    fn namespace(&mut self, machine: &str) {
        let name = self.name(machine);
        ip(&format!("netns add {name}"));
        self.names.push(name);
    }

    /// Runs on a machine.
    pub(crate) fn on<T: Send>(&self, machine: &str, act: impl FnOnce() -> T + Send) -> T {
        let path = format!("/run/netns/{}", self.name(machine));
        std::thread::scope(|scope| {
            let run = scope.spawn(move || {
                let namespace = std::fs::File::open(path).expect("a namespace");
                setns(namespace, CloneFlags::CLONE_NEWNET).expect("the test needs root");
                act()
            });
            run.join().expect("it ends well")
        })
    }

    /// A server that sends back what it gets, until the test ends.
    pub(crate) fn serve(&self, machine: &str, port: u16) {
        let listener = self
            .on(machine, || TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).expect("a listener"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || {
                    let mut bytes = [0; 512];
                    while let Ok(count @ 1..) = stream.read(&mut bytes) {
                        if stream.write_all(bytes.get(..count).unwrap_or_default()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
    }

    /// A connection from a machine to another's service.
    pub(crate) fn connect(&self, machine: &str, last: u8, port: u16) -> Option<TcpStream> {
        self.on(machine, || {
            let to = SocketAddr::from(([10, 20, 0, last], port));
            let stream = TcpStream::connect_timeout(&to, SOON).ok()?;
            stream.set_read_timeout(Some(SOON)).ok()?;
            Some(stream)
        })
    }

    /// Whether a machine gets an answer from another's service.
    pub(crate) fn reaches(&self, machine: &str, last: u8, port: u16) -> bool {
        self.connect(machine, last, port).is_some_and(|mut stream| echoes(&mut stream))
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

/// Whether what is sent on a connection comes back.
pub(crate) fn echoes(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4];
    stream.write_all(b"vent").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && &answer == b"vent"
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().expect("`ip` runs");
    assert!(status.success(), "ip {arguments}: the test needs root");
}
