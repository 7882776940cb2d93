//! How long it takes from a decision to a contained device: on a real bridge and a real router in
//! network namespaces that are made and removed. Needs root.
//!
//! Beside each stands `nft -f` with the same transaction, which nobody can be faster than who uses
//! that program.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(clippy::indexing_slicing, reason = "a benchmark may fail by a panic")]

#[path = "contain/orders.rs"]
mod orders;

use std::net::{IpAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, PointName, Side};
use enforcement::nftables::{Kernel, Listed, Nft, NftError, NftablesPoint, Place};
use enforcement::point::{Point, Wish};
use testkit::ward::Ward;

/// Runs with one device, and with a thousand.
const RUNS: [usize; 2] = [100, 10];
/// Most runs of `nft` alone.
const FLOOR_RUNS: usize = 5;
/// Models, each with flows of its own.
const MODELS: u16 = 40;
/// How often each stream sends.
const PACE: Duration = Duration::from_micros(500);

fn main() {
    if std::env::args().any(|argument| argument == "orders") {
        orders::measure(RUNS);
        return;
    }
    println!("milliseconds: median, and the 95th percentile\n");
    println!(
        "| place | devices | held before | compile, prove | look | transaction | read back | prove again | decision to proved | of it processor | last forbidden | essential pause | `nft -f` |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for place in Place::ALL {
        let hospital = Hospital::new(place);
        hospital.measure(RUNS[0], 0, 1);
        hospital.measure(RUNS[1], 0, 1_000);
        hospital.measure(RUNS[1], 1_000, 1);
    }
    orders::measure(RUNS);
}

/// A pump, its gateway and a file server, through a bridge or a router.
struct Hospital {
    place: Place,
    lab: Ward,
}

impl Hospital {
    fn new(place: Place) -> Self {
        let mut lab = Ward::new();
        lab.segment(20);
        lab.machine("pump", 20, 11);
        let far = match place {
            Place::Bridge => 20,
            Place::Router => 30,
        };
        if place == Place::Router {
            lab.segment(30);
            lab.machine("router", 20, 1);
            lab.attach("router", "eth1", 30, 1);
            lab.forwards("router");
            lab.route("pump", 20, 1);
        }
        for (machine, last) in [("gateway", 21), ("files", 50)] {
            lab.machine(machine, far, last);
            if place == Place::Router {
                lab.route(machine, far, 1);
            }
            lab.settles("pump", &format!("10.{far}.0.{last}"));
        }
        Self { place, lab }
    }

    fn point(&self) -> (&'static str, u8) {
        match self.place {
            Place::Bridge => ("switch", 20),
            Place::Router => ("router", 30),
        }
    }

    fn measure(&self, runs: usize, before: u16, devices: u16) {
        let (machine, far) = self.point();
        let held: Vec<Plan> = (0..before).map(other).collect();
        let added = (1..devices).map(|number| other(before + number)).chain([pump(far)]);
        let wanted: Vec<Plan> = held.iter().cloned().chain(added).collect();
        let mut all = Vec::new();
        for _ in 0..runs {
            let phases = Arc::new(Mutex::new(Phases::default()));
            let timed = Timed { phases: Arc::clone(&phases) };
            let name = PointName("bench".into());
            let mut point = NftablesPoint::new(name, Box::new(timed), self.place);
            let run = self.lab.on(machine, || {
                hold(&mut point, &held);
                *phases.lock().expect("one thread") = Phases::default();
                self.run(&mut point, &wanted, &phases)
            });
            self.lab.on(machine, || hold(&mut point, &[]));
            all.push(run);
        }
        let floor = self.floor(runs.min(FLOOR_RUNS), &held, &wanted);
        let columns: Vec<String> =
            (0..all[0].len()).map(|at| figures(all.iter().map(|run| run[at]).collect())).collect();
        println!(
            "| {:?} | {devices} | {before} | {} | {} |",
            self.place,
            columns.join(" | "),
            figures(floor)
        );
    }

    /// One containment with streams running: each phase, and what the wire showed.
    fn run(&self, point: &mut NftablesPoint, wanted: &[Plan], phases: &Mutex<Phases>) -> [f64; 9] {
        let (_, far) = self.point();
        let forbidden = Stream::new(&self.lab, "files", far, 50, 445);
        let essential = Stream::new(&self.lab, "gateway", far, 21, 6000);
        std::thread::sleep(PACE * 20);
        let (decided, spent) = (Instant::now(), processor());
        hold(point, wanted);
        let (proved, spent) = (decided.elapsed(), processor() - spent);
        std::thread::sleep(PACE * 40);
        let (forbidden, essential) = (forbidden.end(), essential.end());
        let last = forbidden.iter().max().expect("it ran before");
        assert!(*last < decided + proved, "a forbidden packet passed after all was proved");
        let after = essential.iter().filter(|at| **at > decided);
        let pairs = after.clone().zip(after.clone().skip(1));
        let pause = pairs.map(|(one, next)| *next - *one).max().expect("it goes on");
        assert!(essential.iter().any(|at| *at > decided + proved), "the essential stream ended");
        let phases = phases.lock().expect("one thread");
        let [first_look, transaction, read_back] = phases.spans[..] else {
            unreachable!("it looks, acts and looks again")
        };
        let span = |(from, to): (Instant, Instant)| ms(to - from);
        [
            ms(first_look.0 - decided),
            span(first_look),
            span(transaction),
            span(read_back),
            ms(decided + proved - read_back.1),
            ms(proved),
            spent,
            ms(last.saturating_duration_since(decided)),
            ms(pause),
        ]
    }

    /// What `nft -f` alone takes, from the same to the same.
    fn floor(&self, runs: usize, held: &[Plan], wanted: &[Plan]) -> Vec<f64> {
        let (machine, _) = self.point();
        let written = |transaction: &str| {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), transaction).expect("written");
            file
        };
        let kept = Arc::new(Mutex::new(String::new()));
        let mut point = NftablesPoint::new(
            PointName("bench".into()),
            Box::new(Kept(Arc::clone(&kept))),
            self.place,
        );
        let each = (0..runs).map(|_| {
            self.lab.on(machine, || {
                hold(&mut point, held);
                hold(&mut point, wanted);
                let file = written(&kept.lock().expect("one thread"));
                hold(&mut point, &[]);
                hold(&mut point, held);
                let begun = Instant::now();
                let status = Command::new("nft")
                    .arg("-f")
                    .arg(file.path())
                    .stdout(Stdio::null())
                    .status()
                    .expect("`nft` runs");
                let took = ms(begun.elapsed());
                assert!(status.success());
                hold(&mut point, &[]);
                took
            })
        });
        each.collect()
    }
}

fn hold(point: &mut NftablesPoint, plans: &[Plan]) {
    let outcomes = point.carry_out(Wish { hold: plans, release: &[] });
    assert!(outcomes.values().all(Result::is_ok), "{outcomes:?}");
}

/// Milliseconds of processor time of this process, the streams among it, and of `nft`.
fn processor() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN]
        .into_iter()
        .flat_map(|who| {
            let usage = getrusage(who).expect("every process has it");
            [usage.user_time(), usage.system_time()]
        })
        .map(|time| time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3)
        .sum()
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

fn figures(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let at = |share: usize| values[(values.len() * share / 100).min(values.len() - 1)];
    format!("{:.1}, {:.1}", at(50), at(95))
}

fn opening(peer: IpAddr, role: CareRole, transport: Transport, port: u16) -> Opening {
    Opening { role, side: Side::Client, peer, service: Service { transport, port } }
}

fn plan(order: u16, interface: Interface, openings: Vec<Opening>) -> Plan {
    Plan {
        order: OrderId(u64::from(order)),
        device: DeviceId(format!("DEVICE-{order}").into()),
        level: Level::Contain,
        interfaces: vec![interface],
        openings,
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

fn pump(far: u8) -> Plan {
    let interface = Interface {
        mac: MacAddress([2, 0, 0, 0, 20, 11]),
        addresses: vec![IpAddr::from([10, 20, 0, 11])],
    };
    let mut openings = flows(0);
    openings.push(opening([10, far, 0, 21].into(), CareRole::Alarm, Transport::Udp, 6000));
    openings.push(opening([10, 20, 0, 1].into(), CareRole::Identity, Transport::Icmp, 0));
    plan(60_000, interface, openings)
}

/// A device that is not there; its rules are.
fn other(number: u16) -> Plan {
    let [high, low] = number.to_be_bytes();
    let mut openings = flows(number % MODELS);
    openings.push(opening([10, 50, high, 1].into(), CareRole::Identity, Transport::Icmp, 0));
    let addresses = vec![IpAddr::from([10, 50, high, low])];
    plan(number, Interface { mac: MacAddress([2, 0, 0, 1, high, low]), addresses }, openings)
}

/// What the devices of a model live on: results, a library, alarms, orders, time, and a lease.
fn flows(model: u16) -> Vec<Opening> {
    let peer = |last| IpAddr::from([10, 60, model.to_be_bytes()[1], last]);
    vec![
        opening(peer(1), CareRole::Result, Transport::Tcp, 6_000 + model),
        opening(peer(2), CareRole::Library, Transport::Tcp, 443),
        opening(peer(3), CareRole::Alarm, Transport::Udp, 514),
        opening(peer(4), CareRole::Time, Transport::Udp, 123),
        opening(peer(5), CareRole::Identity, Transport::Udp, 67),
        Opening {
            role: CareRole::Order,
            side: Side::Server,
            peer: peer(6),
            service: Service { transport: Transport::Tcp, port: 2_575 },
        },
    ]
}

/// Datagrams from the pump to a server, and when each arrived.
struct Stream {
    ends: Arc<AtomicBool>,
    arrived: std::thread::JoinHandle<Vec<Instant>>,
    sends: std::thread::JoinHandle<()>,
}

impl Stream {
    fn new(lab: &Ward, server: &str, net: u8, last: u8, port: u16) -> Self {
        let listener = lab.on(server, || UdpSocket::bind(("0.0.0.0", port)).expect("a socket"));
        listener.set_read_timeout(Some(Duration::from_millis(5))).expect("set");
        let sender = lab.on("pump", || UdpSocket::bind("0.0.0.0:0").expect("a socket"));
        let (ends, count) = (Arc::new(AtomicBool::new(false)), AtomicU64::new(0));
        let (stops, ceases) = (Arc::clone(&ends), Arc::clone(&ends));
        let arrived = std::thread::spawn(move || {
            let (mut all, mut bytes) = (Vec::new(), [0; 16]);
            while !stops.load(Ordering::Relaxed) {
                if listener.recv(&mut bytes).is_ok() {
                    all.push(Instant::now());
                }
            }
            all
        });
        let sends = std::thread::spawn(move || {
            while !ceases.load(Ordering::Relaxed) {
                let number = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                let _ = sender.send_to(&number, (IpAddr::from([10, net, 0, last]), port));
                std::thread::sleep(PACE);
            }
        });
        Self { ends, arrived, sends }
    }

    fn end(self) -> Vec<Instant> {
        self.ends.store(true, Ordering::Relaxed);
        self.sends.join().expect("it ends");
        self.arrived.join().expect("it ends")
    }
}

/// When each call of the kernel began and ended.
#[derive(Debug, Default)]
struct Phases {
    spans: Vec<(Instant, Instant)>,
}

/// The kernel, with a clock.
struct Timed {
    phases: Arc<Mutex<Phases>>,
}

impl Timed {
    fn call<T>(&self, call: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let answer = call();
        self.phases.lock().expect("one thread").spans.push((begun, Instant::now()));
        answer
    }
}

impl Kernel for Timed {
    fn list(&mut self, place: Place) -> Result<Listed, NftError> {
        self.call(|| Nft.list(place))
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        self.call(|| Nft.run(transaction))
    }
}

/// The kernel, with the last transaction kept.
struct Kept(Arc<Mutex<String>>);

impl Kernel for Kept {
    fn list(&mut self, place: Place) -> Result<Listed, NftError> {
        Nft.list(place)
    }

    fn run(&mut self, transaction: &str) -> Result<(), NftError> {
        transaction.clone_into(&mut self.0.lock().expect("one thread"));
        Nft.run(transaction)
    }
}
