//! A ward of network namespaces: segments with machines on them, and real connections between
//! them. For tests that need a bridge or a router and no programs; needs root, and panics without.
//!
//! Refuses to leave anything behind: what it made is gone when it is dropped, also after a failure.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use nix::sched::{CloneFlags, setns};

/// How long a connection may take that is to come about, and that is not to: long enough for a
/// second try (RFC 6298, section 2), should the machine be busy.
pub const SOON: Duration = Duration::from_millis(1_500);

/// How many wards this process has made.
static WARDS: AtomicU32 = AtomicU32::new(0);

/// Machines, and one switch that has all segments.
#[derive(Debug)]
pub struct Ward {
    run: String,
    names: Vec<String>,
}

impl Ward {
    /// A switch, and nobody on it.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it makes a namespace")]
    pub fn new() -> Self {
        let number = WARDS.fetch_add(1, Ordering::Relaxed);
        let run = format!("{}-{number}", std::process::id());
        let mut ward = Self { run, names: Vec::new() };
        ward.namespace("switch");
        ward
    }

    /// A segment: `10.NET.0.0/24` and `fdNET::/64`.
    pub fn segment(&self, net: u8) {
        let switch = self.name("switch");
        ip(&format!("-n {switch} link add br{net} type bridge"));
        ip(&format!("-n {switch} link set br{net} up"));
    }

    /// A machine on a segment, by the last part of its addresses.
    pub fn machine(&mut self, machine: &str, net: u8, last: u8) {
        self.namespace(machine);
        self.attach(machine, "eth0", net, last);
    }

    /// One more interface of a machine.
    pub fn attach(&self, machine: &str, interface: &str, net: u8, last: u8) {
        let (switch, name, port) =
            (self.name("switch"), self.name(machine), format!("p{net}-{last}"));
        ip(&format!("-n {switch} link add {port} type veth peer name {interface} netns {name}"));
        ip(&format!("-n {name} link set {interface} address 02:00:00:00:{net:02x}:{last:02x}"));
        ip(&format!("-n {name} addr add 10.{net}.0.{last}/24 dev {interface}"));
        ip(&format!("-n {name} addr add fd{net}::{last:x}/64 dev {interface} nodad"));
        ip(&format!("-n {name} link set {interface} up"));
        ip(&format!("-n {switch} link set {port} master br{net} up"));
    }

    /// Sends what is for other networks to a machine.
    pub fn route(&self, machine: &str, net: u8, last: u8) {
        let name = self.name(machine);
        ip(&format!("-n {name} route add default via 10.{net}.0.{last}"));
        ip(&format!("-n {name} -6 route add default via fd{net}::{last:x}"));
    }

    /// Lets a machine pass packets on.
    pub fn forwards(&self, machine: &str) {
        self.on(machine, || {
            for path in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] {
                std::fs::write(format!("/proc/sys/net/{path}"), "1").expect("the test needs root");
            }
        });
    }

    /// The namespace of a machine; the switch is called `switch`.
    #[must_use]
    pub fn name(&self, machine: &str) -> String {
        format!("asepsis-test-{}-{machine}", self.run)
    }

    fn namespace(&mut self, machine: &str) {
        let name = self.name(machine);
        ip(&format!("netns add {name}"));
        self.names.push(name.clone());
        ip(&format!("-n {name} link set lo up"));
        self.on(machine, || {
            let path = "/proc/sys/net/ipv6/conf/default/accept_dad";
            std::fs::write(path, "0").expect("the test needs root");
        });
    }

    /// Runs on a machine.
    ///
    /// # Panics
    /// Where what is run does.
    pub fn on<T: Send>(&self, machine: &str, act: impl FnOnce() -> T + Send) -> T {
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

    /// An address of the switch itself in a segment, where what runs on it is to be reached.
    pub fn manage(&self, net: u8, last: u8) {
        let switch = self.name("switch");
        ip(&format!("-n {switch} link set br{net} address 02:00:00:00:{net:02x}:{last:02x}"));
        ip(&format!("-n {switch} addr add 10.{net}.0.{last}/24 dev br{net}"));
    }

    /// A server that sends back what it gets, until the test ends.
    ///
    /// # Panics
    /// Where the port is taken.
    pub fn serve(&self, machine: &str, port: u16) {
        let listener = self
            .on(machine, || TcpListener::bind((Ipv6Addr::UNSPECIFIED, port)).expect("a listener"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || {
                    let mut bytes = [0; 4096];
                    while let Ok(count @ 1..) = stream.read(&mut bytes) {
                        if stream.write_all(bytes.get(..count).unwrap_or_default()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
    }

    /// Waits until packets go from a machine to an address: ports of a switch take their time.
    ///
    /// # Panics
    /// Where they never do.
    pub fn settles(&self, machine: &str, to: &str) {
        let to = SocketAddr::new(to.parse().expect("an address"), 9);
        let answers = || match TcpStream::connect_timeout(&to, SOON) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        };
        assert!((0..20).any(|_| self.on(machine, answers)), "{machine} never reaches {to}");
    }

    /// A connection from a machine to another's service.
    ///
    /// # Panics
    /// Where `to` is no address.
    #[must_use]
    pub fn connect(&self, machine: &str, to: &str, port: u16) -> Option<TcpStream> {
        let to: IpAddr = to.parse().expect("an address");
        self.on(machine, || connect(to, port))
    }

    /// Whether a machine gets an answer from another's service.
    #[must_use]
    pub fn reaches(&self, machine: &str, to: &str, port: u16) -> bool {
        self.connect(machine, to, port).is_some_and(|mut stream| echoes(&mut stream))
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

/// Runs `ip` with these arguments.
///
/// # Panics
/// Where it fails.
pub fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().expect("`ip` runs");
    assert!(status.success(), "ip {arguments}: the test needs root");
}

/// A connection from where the caller is.
#[must_use]
pub fn connect(to: IpAddr, port: u16) -> Option<TcpStream> {
    let stream = TcpStream::connect_timeout(&SocketAddr::new(to, port), SOON).ok()?;
    stream.set_read_timeout(Some(SOON)).ok()?;
    Some(stream)
}

/// Whether a connection can be begun from that port, which the standard library can't choose.
///
/// # Panics
/// Where the port is taken.
#[must_use]
pub fn begins(from: u16, to: Ipv4Addr, port: u16) -> bool {
    use nix::sys::socket::{
        AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
    };
    let (stream, flags) = (SockType::Stream, SockFlag::empty());
    let socket = socket(AddressFamily::Inet, stream, flags, None).expect("a socket");
    setsockopt(&socket, sockopt::ReuseAddr, &true).expect("set");
    let wait = nix::sys::time::TimeVal::new(1, 500_000);
    setsockopt(&socket, sockopt::SendTimeout, &wait).expect("set");
    let number = std::os::fd::AsRawFd::as_raw_fd(&socket);
    bind(number, &SockaddrIn::new(0, 0, 0, 0, from)).expect("bound");
    let [a, b, c, d] = to.octets();
    connect(number, &SockaddrIn::new(a, b, c, d, port)).is_ok()
}

/// Whether what is sent on a connection comes back.
pub fn echoes(stream: &mut TcpStream) -> bool {
    sends_and_gets(stream, b"vent")
}

/// Whether all of it comes back.
pub fn sends_and_gets(stream: &mut TcpStream, bytes: &[u8]) -> bool {
    let Ok(mut sender) = stream.try_clone() else { return false };
    let mut answer = vec![0; bytes.len()];
    std::thread::scope(|scope| {
        let sent = scope.spawn(move || sender.write_all(bytes).is_ok());
        let got = stream.read_exact(&mut answer).is_ok();
        if !got {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        sent.join().is_ok_and(|sent| sent) && got && answer == bytes
    })
}
