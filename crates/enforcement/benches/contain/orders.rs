//! A thousand orders at once, from the last yes until each is verified: with the reconciler, its
//! journal and book on the disk, the hand behind its pipes, and the kernel.
//!
//! Only the taps are not there: what they would show of care, a packet of each device every 50 ms,
//! is told to the wire proof here. `cargo xtask bench agent` has them, for one device.

use std::collections::BTreeSet;
use std::io::{BufReader, pipe};
use std::net::IpAddr;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use decisions::containment::Refusal;
use decisions::containment::essential::{Because, Kept, Openings};
use decisions::containment::interlock::Facts;
use decisions::containment::order::{Order, State};
use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment};
use decisions::containment::plan::{Plan, make};
use decisions::containment::replay::Replay;
use domain::device::{Criticality, DeviceId, MacAddress, Use};
use domain::network::{Moment, Transport};
use domain::order::{Actor, Door, Event, Level, OrderId, PointName, Request, Role, Side, Step};
use domain::text::Text;
use enforcement::hand::{self, Hand};
use enforcement::nftables::{Nft, NftablesPoint, Place};
use enforcement::reconciler::{Coverage, Reconciler, World};
use enforcement::wire::Passage;
use testkit::ward::Ward;

use super::{figures, ms, other};

/// How often each device sends what care needs.
const CARE: Duration = Duration::from_millis(50);
/// How long the loop waits between two turns.
const TURN: Duration = Duration::from_millis(3);

/// Prints a row for each number of devices.
pub(super) fn measure(runs: [usize; 2]) {
    println!(
        "\n| orders | held before | decide, write down | hand: prove, act, read back, prove | write down | shown on the wire | decision to verified |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (runs, before, orders) in [(runs[0], 0, 1), (runs[1], 0, 1_000), (runs[1], 1_000, 1)] {
        let all: Vec<[f64; 5]> = (0..runs).map(|_| run(before, orders)).collect();
        let columns: Vec<String> =
            (0..5).map(|at| figures(all.iter().map(|run| run[at]).collect())).collect();
        println!("| {orders} | {before} | {} |", columns.join(" | "));
    }
}

/// A hospital whose bridge has a hand, which ends with it.
fn run(before: u16, orders: u16) -> [f64; 5] {
    let lab = Ward::new();
    let ((theirs, to), (from, mine)) = (pipe().expect("a pipe"), pipe().expect("a pipe"));
    let name = PointName("bridge".into());
    thread::scope(|scope| {
        scope.spawn(|| {
            lab.on("switch", move || {
                let name = PointName("bridge".into());
                let mut point = NftablesPoint::new(name, Box::new(Nft), Place::Bridge);
                hand::serve(&mut point, BufReader::new(theirs), mine).expect("it is told");
            });
        });
        let folder = tempfile::tempdir().expect("a folder");
        let points = [(name.clone(), Coverage::default())];
        let (reconciler, _) = Reconciler::open(folder.path(), points).expect("it opens");
        let hand = Hand::new(name, to, BufReader::new(from));
        let mut turns = Loop { reconciler, hand, known: Known::default(), care: Instant::now() };
        turns.contains(0..before);
        turns.contains(before..before + orders)
    })
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    Moment(i64::try_from(since.as_micros()).expect("a clock"))
}

/// What of the agent's loop is needed.
struct Loop {
    reconciler: Reconciler,
    hand: Hand,
    known: Known,
    care: Instant,
}

impl Loop {
    /// People ask for a containment of each and approve it; then all are carried out.
    fn contains(&mut self, numbers: std::ops::Range<u16>) -> [f64; 5] {
        let orders: Vec<OrderId> = numbers.clone().map(|number| self.approved(number)).collect();
        if orders.is_empty() {
            return [0.0; 5];
        }
        let decided = Instant::now();
        let mut errands = self.reconciler.step(now(), &self.known).expect("written down");
        let written = decided.elapsed();
        let errand = errands.pop().expect("something to do");
        let answer = errand.work.run(&mut self.hand);
        let proved = decided.elapsed();
        self.reconciler.done(&errand, answer, now()).expect("written down");
        let told = decided.elapsed();
        while !self.are_verified(&orders) {
            self.taps(numbers.clone());
            for errand in self.reconciler.step(now(), &self.known).expect("written down") {
                let answer = errand.work.run(&mut self.hand);
                self.reconciler.done(&errand, answer, now()).expect("written down");
            }
            assert!(decided.elapsed() < Duration::from_mins(1), "they are never verified");
            thread::sleep(TURN);
        }
        let verified = decided.elapsed();
        let [written, proved, told, verified] = [written, proved, told, verified].map(ms);
        [written, proved - written, told - proved, verified - told, verified]
    }

    fn approved(&mut self, number: u16) -> OrderId {
        let person = |name: &str, role| Actor::Person(name.into(), role, Door::Account);
        let request = Request {
            device: other(number).device,
            level: Level::Contain,
            reason: "it attacks".into(),
            holds_seconds: 3_600,
        };
        let by = person("anna", Role::Security);
        let order = self.reconciler.request(request, by, now()).expect("written").expect("asked");
        let (by, at) = (person("bo", Role::Security), now());
        let event = Event { order, at, by, step: Step::Approved };
        self.reconciler.record(event).expect("written").expect("counted");
        order
    }

    fn are_verified(&self, orders: &[OrderId]) -> bool {
        let mut states =
            orders.iter().map(|id| self.reconciler.orders().get(*id).map(Order::state));
        states.all(|state| state == Some(State::Verified))
    }

    /// What taps would show: what care needs came, and got on.
    fn taps(&mut self, numbers: std::ops::Range<u16>) {
        if self.care.elapsed() < CARE {
            return;
        }
        self.care = Instant::now();
        for packet in numbers.map(|number| report(&other(number))) {
            for passage in [Passage::Came, Passage::GotOn] {
                self.reconciler.wire().see(now(), passage, &packet);
            }
        }
    }
}

/// A packet of a device's session with the peer to which it reports.
fn report(plan: &Plan) -> Packet {
    let mut open = plan.openings.iter();
    let open =
        open.find(|open| open.side == Side::Client && open.service.transport == Transport::Tcp);
    let open = open.expect("it reports to somebody");
    let interface = &plan.interfaces[0];
    let source: IpAddr = interface.addresses[0];
    let carried = Carried::Tcp(50_000, open.service.port, Segment::Later);
    let content = Content::Internet(Internet { source, destination: open.peer, carried });
    let destination = MacAddress([2, 0, 0, 9, 9, 9]);
    Packet { source: interface.mac, destination, vlan: None, content }
}

/// What is known outside of the orders.
#[derive(Default)]
struct Known {
    drilled: BTreeSet<Text>,
}

impl World for Known {
    fn facts(&self, _: &DeviceId) -> Facts {
        Facts { criticality: Some(Criticality::Support), usage: Some(Use::NotInUse) }
    }

    fn plan(
        &self,
        order: &Order,
        level: Level,
        _: Option<&Plan>,
        now: Moment,
    ) -> Result<(Plan, Option<Replay>), Refusal> {
        let number = order.device().to_string();
        let number = number.trim_start_matches("DEVICE-").parse().expect("a device of ours");
        let Plan { interfaces, openings, .. } = other(number);
        let kept =
            openings.into_iter().map(|opening| Kept { opening, because: Because::Confirmed });
        let openings = Openings { level, version: 1, kept: kept.collect(), notes: Vec::new() };
        let made = make(order, &interfaces, &openings, &BTreeSet::new(), now)?;
        Ok((made.plan, None))
    }

    fn essential_version(&self, _: &DeviceId) -> u32 {
        1
    }

    fn drilled(&self) -> &BTreeSet<Text> {
        &self.drilled
    }

    fn last_essential(&self, _: &Plan) -> Option<Moment> {
        None
    }
}
