//! Containment on a real bridge with real connections: the pump goes on reporting, and reaches
//! nothing else. Needs root.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};
use enforcement::nftables::{self, Nft};
use nix::sched::{CloneFlags, setns};

/// How long a connection may take that is to come about, and that is not to.
const SOON: Duration = Duration::from_millis(700);

/// A switch with machines on it, each in a network namespace; gone when it is dropped.
struct Lab {
    run: u32,
    names: Vec<String>,
}

impl Lab {
    fn new(machines: &[(&str, u8)]) -> Self {
        let mut lab = Self { run: std::process::id(), names: Vec::new() };
        lab.namespace("switch");
        let switch = lab.name("switch");
        ip(&format!("-n {switch} link add br0 type bridge"));
        ip(&format!("-n {switch} link set br0 up"));
        for (machine, last) in machines {
            lab.namespace(machine);
            let name = lab.name(machine);
            ip(&format!("-n {switch} link add p{last} type veth peer name eth0 netns {name}"));
            ip(&format!("-n {name} link set eth0 address 02:00:00:00:00:{last:02x}"));
            ip(&format!("-n {name} addr add 10.20.0.{last}/24 dev eth0"));
            ip(&format!("-n {name} link set lo up"));
            ip(&format!("-n {name} link set eth0 up"));
            ip(&format!("-n {switch} link set p{last} master br0 up"));
        }
        lab
    }

    fn name(&self, machine: &str) -> String {
        format!("asepsis-test-{}-{machine}", self.run)
    }

    fn namespace(&mut self, machine: &str) {
        let name = self.name(machine);
        ip(&format!("netns add {name}"));
        self.names.push(name);
    }

    /// Runs on a machine.
    fn on<T: Send>(&self, machine: &str, act: impl FnOnce() -> T + Send) -> T {
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
    fn serve(&self, machine: &str, port: u16) {
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

    /// Whether a machine gets an answer from another's service.
    fn reaches(&self, machine: &str, last: u8, port: u16) -> bool {
        self.on(machine, || connect(last, port).is_some_and(|mut stream| echoes(&mut stream)))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", name]).status();
        }
    }
}

fn ip(arguments: &str) {
    let status = Command::new("ip").args(arguments.split(' ')).status().expect("`ip` runs");
    assert!(status.success(), "ip {arguments}: the test needs root");
}

fn connect(last: u8, port: u16) -> Option<TcpStream> {
    let to = SocketAddr::from(([10, 20, 0, last], port));
    let stream = TcpStream::connect_timeout(&to, SOON).ok()?;
    stream.set_read_timeout(Some(SOON)).ok()?;
    Some(stream)
}

/// Whether a connection can be begun from that port, which the standard library can't choose.
fn begins(from: u16, last: u8, port: u16) -> bool {
    use nix::sys::socket::{
        AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, setsockopt, socket, sockopt,
    };
    let (stream, flags) = (SockType::Stream, SockFlag::empty());
    let socket = socket(AddressFamily::Inet, stream, flags, None).expect("a socket");
    setsockopt(&socket, sockopt::ReuseAddr, &true).expect("set");
    let wait = nix::sys::time::TimeVal::new(0, 700_000);
    setsockopt(&socket, sockopt::SendTimeout, &wait).expect("set");
    let number = std::os::fd::AsRawFd::as_raw_fd(&socket);
    bind(number, &SockaddrIn::new(0, 0, 0, 0, from)).expect("bound");
    connect(number, &SockaddrIn::new(10, 20, 0, last, port)).is_ok()
}

fn echoes(stream: &mut TcpStream) -> bool {
    let mut answer = [0; 4];
    stream.write_all(b"vent").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && &answer == b"vent"
}

fn plan(level: Level) -> Plan {
    let gateway = |port| Opening {
        role: CareRole::Result,
        side: Side::Client,
        peer: IpAddr::from([10, 20, 0, 21]),
        service: Service { transport: Transport::Tcp, port },
    };
    let addresses = vec![IpAddr::from([10, 20, 0, 11])];
    Plan {
        order: OrderId(1),
        device: DeviceId("PUMP-11".into()),
        level,
        interfaces: vec![Interface { mac: MacAddress([2, 0, 0, 0, 0, 11]), addresses }],
        openings: match level {
            Level::Isolate => Vec::new(),
            _ => vec![gateway(6000), gateway(6001)],
        },
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

#[test]
fn a_contained_pump_goes_on_reporting_and_reaches_nothing_else() {
    let lab = Lab::new(&[("pump", 11), ("gateway", 21), ("files", 50), ("attacker", 66)]);
    for (machine, port) in
        [("gateway", 6000), ("gateway", 22), ("pump", 23), ("files", 445), ("attacker", 4444)]
    {
        lab.serve(machine, port);
    }
    let forbidden = [("pump", 21, 22), ("pump", 50, 445), ("pump", 66, 4444), ("attacker", 11, 23)];
    let others = [("attacker", 50, 445), ("gateway", 50, 445), ("files", 21, 22)];
    for (from, to, port) in forbidden.into_iter().chain(others) {
        assert!(lab.reaches(from, to, port), "before: {from} to {to}:{port}");
    }
    let mut report = lab.on("pump", || connect(21, 6000).expect("a session with the gateway"));
    assert!(echoes(&mut report));

    let apply = |plans: &[Plan]| lab.on("switch", || nftables::apply(&mut Nft, plans));
    apply(&[plan(Level::Contain)]).expect("applied and proved");
    assert!(echoes(&mut report), "the session that was open goes on");
    assert!(lab.reaches("pump", 21, 6000), "a new one is opened");
    for (from, to, port) in forbidden {
        assert!(!lab.reaches(from, to, port), "contained: {from} to {to}:{port}");
    }
    for (from, to, port) in others {
        assert!(lab.reaches(from, to, port), "nobody else is touched: {from} to {to}:{port}");
    }
    // From the very port that may answer, the gateway may not begin.
    assert!(!lab.on("gateway", || begins(6001, 11, 23)), "from a port that may only answer");
    assert!(lab.on("gateway", || begins(6001, 66, 4444)), "to others it may");
    // With another hardware address the pump gets no further.
    ip(&format!("-n {} link set eth0 address 02:00:00:00:00:99", lab.name("pump")));
    assert!(!lab.reaches("pump", 66, 4444), "it changed its hardware address");
    ip(&format!("-n {} link set eth0 address 02:00:00:00:00:0b", lab.name("pump")));
    // Nor with another IP address.
    let pump = lab.name("pump");
    ip(&format!("-n {pump} addr del 10.20.0.11/24 dev eth0"));
    ip(&format!("-n {pump} addr add 10.20.0.12/24 dev eth0"));
    assert!(!lab.reaches("pump", 66, 4444), "it changed its address");
    ip(&format!("-n {pump} addr del 10.20.0.12/24 dev eth0"));
    ip(&format!("-n {pump} addr add 10.20.0.11/24 dev eth0"));

    apply(&[plan(Level::Isolate)]).expect("isolated");
    assert!(!lab.reaches("pump", 21, 6000), "isolated");
    apply(&[]).expect("lifted");
    for (from, to, port) in forbidden {
        assert!(lab.reaches(from, to, port), "lifted: {from} to {to}:{port}");
    }
}
