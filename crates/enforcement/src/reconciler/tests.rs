//! The reconciler with points that fail, lie and forget, and with a program that dies at any
//! moment.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;

use decisions::containment::essential::{Because, Kept, Openings};
use decisions::containment::interlock::Facts;
use decisions::containment::order::{Ending, Order, State};
use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment, passes};
use decisions::containment::plan::{Plan, make};
use decisions::containment::replay::Replay;
use decisions::containment::{Refusal, order};
use domain::care::CareRole;
use domain::device::{Criticality, DeviceId, MacAddress, Use};
use domain::network::{Moment, Service, Transport};
use domain::order::{
    Actor, Event, Interface, Level, Opening, OrderId, PointName, Request, Role, Side, Step,
};
use domain::text::Text;

use super::{Answer, Coverage, Errand, Reconciler, World};
use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};
use crate::wire::Passage;

const PUMP: MacAddress = MacAddress([2, 0, 0, 0, 0, 11]);
const OTHERS: MacAddress = MacAddress([2, 0, 0, 0, 0, 99]);

fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

fn device() -> DeviceId {
    DeviceId("PUMP-11".into())
}

/// What a point really holds, and how it behaves.
#[expect(clippy::struct_excessive_bools, reason = "each is one way of a point to be wrong")]
#[derive(Debug, Default)]
struct Truth {
    held: BTreeMap<DeviceId, Plan>,
    calls: usize,
    /// The call, from 0, that fails.
    fails_at: Option<usize>,
    /// Every call fails.
    fails: bool,
    /// It does not answer yet.
    silent: bool,
    /// It says "ok" and does nothing.
    lies: bool,
    /// It can't be read back.
    unreadable: bool,
}

#[derive(Debug, Clone)]
struct Fake(PointName, Rc<RefCell<Truth>>);

impl Fake {
    fn new(name: &str) -> Self {
        Self(PointName(name.into()), Rc::default())
    }

    fn carry_out(&self, wish: Wish<'_>) -> Outcomes {
        let mut truth = self.1.borrow_mut();
        let fails = truth.fails || truth.fails_at == Some(truth.calls);
        truth.calls += 1;
        let plans = wish.hold.iter().chain(wish.release);
        if fails {
            return plans.map(|p| (p.order, Err(Failure("no answer".into())))).collect();
        }
        if !truth.lies {
            truth.held = wish.hold.iter().map(|p| (p.device.clone(), p.clone())).collect();
        }
        let proved = Receipt::Proved { changed: true, classes: 1 };
        let receipt = if truth.unreadable { Receipt::Acknowledged } else { proved };
        plans.map(|p| (p.order, Ok(receipt))).collect()
    }

    fn look(&self, plans: &[Plan]) -> Result<Look, Failure> {
        let mut truth = self.1.borrow_mut();
        let fails = truth.fails_at == Some(truth.calls);
        truth.calls += 1;
        if fails {
            return Err(Failure("no answer".into()));
        }
        if truth.unreadable {
            return Ok(Look::CannotTell);
        }
        let wanted = plans.iter().map(|p| (p.device.clone(), p.clone())).collect();
        let holds = truth.held == wanted || truth.lies;
        Ok(if holds { Look::Holds } else { Look::Differs("rules are missing".into()) })
    }

    fn run(&self, errand: &Errand) -> Answer {
        match &errand.work {
            super::Work::CarryOut { hold, release, .. } => {
                Answer::CarriedOut(self.carry_out(Wish { hold, release }))
            }
            super::Work::Look(plans) => Answer::Looked(self.look(plans)),
        }
    }
}

/// What is known outside of the orders.
struct Ward {
    facts: Facts,
    drilled: BTreeSet<Text>,
    addresses: Vec<IpAddr>,
    /// A second interface of the pump, in another network.
    second: Option<Interface>,
    last_essential: Option<Moment>,
}

impl World for Ward {
    fn facts(&self, _: &DeviceId) -> Facts {
        self.facts
    }

    fn plan(
        &self,
        order: &Order,
        level: Level,
        _: Option<&Plan>,
        now: Moment,
    ) -> Result<(Plan, Option<Replay>), Refusal> {
        let interface = Interface { mac: PUMP, addresses: self.addresses.clone() };
        let opening = Opening {
            role: CareRole::Result,
            side: Side::Client,
            peer: ip(21),
            service: Service { transport: Transport::Tcp, port: 6000 },
        };
        let kept = vec![Kept { opening, because: Because::Confirmed }];
        let kept = if level == Level::Isolate { Vec::new() } else { kept };
        let openings = Openings { level, version: 1, kept, notes: Vec::new() };
        let interfaces: Vec<Interface> =
            std::iter::once(interface).chain(self.second.clone()).collect();
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
        self.last_essential
    }
}

/// A program that may die, on a folder and points that stay.
struct Desk {
    folder: tempfile::TempDir,
    points: Vec<Fake>,
    ward: Ward,
    now: Moment,
    reconciler: Option<Reconciler>,
    /// What points have not answered yet.
    pending: Vec<Errand>,
    /// After so many acts of the program it dies and is begun anew.
    dies_after: Option<usize>,
    acts: usize,
}

impl Desk {
    fn new(points: &[&str]) -> Self {
        let facts = Facts { criticality: Some(Criticality::Support), usage: Some(Use::NotInUse) };
        let (drilled, addresses) = (BTreeSet::new(), vec![ip(11)]);
        let ward = Ward { facts, drilled, addresses, second: None, last_essential: None };
        let mut desk = Self {
            folder: tempfile::tempdir().expect("a folder"),
            points: points.iter().map(|name| Fake::new(name)).collect(),
            ward,
            now: Moment(1_800_000_000_000_000),
            reconciler: None,
            pending: Vec::new(),
            dies_after: None,
            acts: 0,
        };
        desk.open();
        desk
    }

    fn open(&mut self) {
        self.reconciler = None;
        self.pending.clear();
        let points = self.points.iter().map(|point| (point.0.clone(), Coverage::default()));
        let (reconciler, _) = Reconciler::open(self.folder.path(), points).expect("it opens");
        self.reconciler = Some(reconciler);
    }

    fn own(&mut self) -> &mut Reconciler {
        self.reconciler.as_mut().expect("it is open")
    }

    /// Whether the program dies now.
    fn dies(&mut self) -> bool {
        let dies = self.dies_after == Some(self.acts);
        self.acts += 1;
        if dies {
            self.open();
        }
        dies
    }

    fn step(&mut self) {
        let (now, ward) = (self.now, &self.ward);
        let reconciler = self.reconciler.as_mut().expect("it is open");
        let errands = reconciler.step(now, ward).expect("written");
        if self.dies() {
            return;
        }
        for errand in errands {
            if self.points[errand.point].1.borrow().silent {
                self.pending.push(errand);
                continue;
            }
            let answer = self.points[errand.point].run(&errand);
            if self.dies() {
                return;
            }
            let now = self.now;
            self.own().done(&errand, answer, now).expect("written");
            if self.dies() {
                return;
            }
        }
        self.is_true();
    }

    /// A point that was silent answers at last.
    fn answers(&mut self, point: usize) {
        self.points[point].1.borrow_mut().silent = false;
        let (own, others) =
            std::mem::take(&mut self.pending).into_iter().partition(|e| e.point == point);
        self.pending = others;
        let own: Vec<Errand> = own;
        for errand in own {
            let (answer, now) = (self.points[point].run(&errand), self.now);
            self.own().done(&errand, answer, now).expect("written");
        }
    }

    fn point(&mut self, order: u64, name: &str) -> Option<order::Point> {
        let order = self.own().orders().get(OrderId(order)).expect("an order");
        order.points().get(&PointName(name.into())).cloned()
    }

    /// Nothing that the journal says of what is held is false.
    fn is_true(&mut self) {
        let points = self.points.clone();
        for order in self.own().orders().iter() {
            for point in &points {
                let truth = point.1.borrow();
                let holds = truth.held.get(order.device());
                let said = order.points().get(&point.0);
                if said == Some(&order::Point::Applied) && !truth.lies {
                    assert!(holds.is_some(), "{} says it holds {}", point.0.0, order.id());
                }
                if matches!(said, None | Some(order::Point::Removed)) {
                    let own = holds.filter(|plan| plan.order == order.id());
                    assert!(own.is_none(), "{} still holds {}", point.0.0, order.id());
                }
            }
        }
    }

    fn wait(&mut self, milliseconds: i64) {
        for _ in 0..milliseconds.max(10) / 10 {
            self.now = self.now.plus(10_000);
            self.step();
        }
    }

    fn says(&mut self, order: u64, name: &str, role: Role, step: Step) -> Result<(), Refusal> {
        let by = Actor::Person(name.into(), role);
        let event = Event { order: OrderId(order), at: self.now, by, step };
        self.own().record(event).expect("written")
    }

    fn asks(&mut self, level: Level) -> u64 {
        let request =
            Request { device: device(), level, reason: "it scans".into(), holds_seconds: 14_400 };
        let (by, now) = (Actor::Person("ana".into(), Role::Security), self.now);
        self.own().request(request, by, now).expect("written").expect("allowed").0
    }

    fn state(&mut self, order: u64) -> State {
        self.own().orders().get(OrderId(order)).expect("an order").state()
    }

    fn holds(&self, point: usize) -> Option<Level> {
        self.points[point].1.borrow().held.get(&device()).map(|plan| plan.level)
    }

    /// A packet of the pump comes, and gets on where the first point lets it.
    fn sends(&mut self, to: u8, port: u16) {
        let internet = Internet {
            source: ip(11),
            destination: ip(to),
            carried: Carried::Tcp(40_000, port, Segment::Later),
        };
        let content = Content::Internet(internet);
        let packet = Packet { source: PUMP, destination: OTHERS, vlan: None, content };
        let stopped = self.points.iter().any(|point| {
            let truth = point.1.borrow();
            truth.held.values().any(|plan| !passes(plan, &packet))
        });
        let now = self.now;
        self.own().wire().see(now, Passage::Came, &packet);
        if !stopped {
            self.own().wire().see(now, Passage::GotOn, &packet);
        }
    }

    /// The pump reports and attacks for some time.
    fn traffic(&mut self, milliseconds: i64) {
        for _ in 0..milliseconds / 10 {
            self.sends(21, 6000);
            self.sends(50, 445);
            self.wait(10);
        }
    }
}

fn contained(desk: &mut Desk) -> u64 {
    let order = desk.asks(Level::Contain);
    desk.wait(10);
    assert_eq!(desk.holds(0), None, "nobody said yes");
    desk.says(order, "bea", Role::Biomedical, Step::Approved).expect("allowed");
    desk.wait(10);
    order
}

#[test]
fn an_order_is_carried_out_once_it_may_be_and_verified_once_the_wire_shows_it() {
    let mut desk = Desk::new(&["bridge"]);
    let order = contained(&mut desk);
    assert_eq!((desk.holds(0), desk.state(order)), (Some(Level::Contain), State::Applied));
    desk.wait(1_000);
    assert_eq!(desk.state(order), State::Applied, "silence proves nothing");
    desk.traffic(100);
    assert_eq!(desk.state(order), State::Verified);
    assert!(desk.own().shown(&device()).expect("watched").stopped > 5);
    desk.says(order, "phil", Role::Clinical, Step::Lifted("clean".into())).expect("allowed");
    desk.wait(10);
    assert_eq!((desk.holds(0), desk.state(order)), (None, State::Ended(Ending::Lifted)));
    let held = desk.own().orders().get(OrderId(order)).expect("an order").held_at().count();
    assert_eq!(held, 0);
}

#[test]
fn whichever_call_fails_it_is_tried_again_and_what_is_said_is_true() {
    let mut calls = 0;
    let mut fails_at = 0;
    while fails_at <= calls {
        let mut desk = Desk::new(&["bridge"]);
        desk.points[0].1.borrow_mut().fails_at = Some(fails_at);
        let order = contained(&mut desk);
        desk.traffic(2_000);
        assert_eq!(desk.state(order), State::Verified, "call {fails_at} failed");
        desk.says(order, "phil", Role::Clinical, Step::Lifted("clean".into())).expect("allowed");
        desk.wait(2_000);
        assert_eq!(desk.holds(0), None, "call {fails_at} failed");
        let held = desk.own().orders().get(OrderId(order)).expect("an order").held_at().count();
        assert_eq!(held, 0, "call {fails_at} failed");
        calls = desk.points[0].1.borrow().calls;
        fails_at += 1;
    }
    assert!(fails_at > 4, "only {fails_at} calls were made");
}

#[test]
fn whenever_the_program_dies_the_order_is_carried_out_once_it_lives_again() {
    let mut acts = 0;
    let mut dies_after = 0;
    while dies_after <= acts {
        let mut desk = Desk::new(&["bridge"]);
        desk.dies_after = Some(dies_after);
        let order = desk.asks(Level::Contain);
        desk.says(order, "bea", Role::Biomedical, Step::Approved).expect("allowed");
        desk.wait(10);
        desk.traffic(600);
        assert_eq!(desk.state(order), State::Verified, "it died after {dies_after} acts");
        assert_eq!(desk.holds(0), Some(Level::Contain));
        desk.says(order, "phil", Role::Clinical, Step::Lifted("clean".into())).expect("allowed");
        desk.wait(100);
        assert_eq!(desk.holds(0), None, "it died after {dies_after} acts");
        let held = desk.own().orders().get(OrderId(order)).expect("an order").held_at().count();
        assert_eq!(held, 0, "it died after {dies_after} acts");
        acts = desk.acts;
        dies_after += 1;
    }
    assert!(dies_after > 20, "only {dies_after} acts");
}

#[test]
fn a_point_that_says_ok_and_does_nothing_is_found_out_and_the_next_is_asked() {
    let mut desk = Desk::new(&["switch", "bridge"]);
    {
        let mut truth = desk.points[0].1.borrow_mut();
        (truth.lies, truth.unreadable) = (true, true);
    }
    let order = contained(&mut desk);
    assert_eq!(desk.state(order), State::Applied, "it said so");
    desk.wait(500);
    assert_eq!(desk.state(order), State::Applied, "nothing shows it, and nothing is claimed");
    desk.traffic(100);
    assert_eq!(desk.holds(1), Some(Level::Contain), "the next point is asked");
    desk.traffic(300);
    let order = desk.own().orders().get(OrderId(order)).expect("an order").clone();
    assert_eq!(order.points()[&PointName("switch".into())], order::Point::Removed);
    assert_eq!(order.state(), State::Verified);
}

#[test]
fn a_point_that_does_not_answer_keeps_nobody_waiting() {
    let mut desk = Desk::new(&["switch", "bridge"]);
    desk.points[0].1.borrow_mut().silent = true;
    let order = contained(&mut desk);
    desk.traffic(900);
    assert_eq!((desk.holds(1), desk.state(order)), (None, State::Applying), "it may yet answer");
    desk.traffic(300);
    assert_eq!((desk.holds(1), desk.state(order)), (Some(Level::Contain), State::Verified));
    let Some(order::Point::Failed(why)) = desk.point(order, "switch") else { panic!("it failed") };
    assert!(why.starts_with("it has not answered for 1 s"), "{why}");
    // That it failed for good, and does not let go, changes nothing about what the wire showed.
    desk.points[0].1.borrow_mut().fails = true;
    desk.answers(0);
    for _ in 0..20 {
        desk.traffic(100);
        assert_eq!(desk.state(order), State::Verified);
    }
    let steps = desk.own().history(OrderId(order)).len();
    desk.traffic(5_000);
    assert_eq!(desk.own().history(OrderId(order)).len(), steps, "it is not said again and again");
    desk.points[0].1.borrow_mut().fails = false;
    desk.traffic(60_000);
    assert_eq!(desk.point(order, "switch"), Some(order::Point::Removed));
    assert_eq!(desk.state(order), State::Verified);
}

#[test]
fn of_two_points_that_hold_a_device_the_slow_one_lets_go_unless_it_alone_can_prove() {
    for slow_one_proves in [false, true] {
        let mut desk = Desk::new(&["slow", "quick"]);
        desk.points[usize::from(slow_one_proves)].1.borrow_mut().unreadable = true;
        desk.points[0].1.borrow_mut().silent = true;
        let order = contained(&mut desk);
        for _ in 0..120 {
            desk.sends(21, 6000);
            desk.wait(10);
        }
        let state = if slow_one_proves { State::Partial } else { State::Verified };
        assert_eq!((desk.holds(1), desk.state(order)), (Some(Level::Contain), state));
        desk.answers(0);
        assert_eq!(desk.holds(0), Some(Level::Contain), "never neither");
        desk.traffic(200);
        let (holds, left) = if slow_one_proves { (0, 1) } else { (1, 0) };
        assert_eq!((desk.holds(holds), desk.holds(left)), (Some(Level::Contain), None));
        assert_eq!(desk.state(order), State::Verified);
    }
}

#[test]
fn a_new_order_does_not_wait_for_a_point_that_is_busy_with_another() {
    let mut desk = Desk::new(&["switch", "bridge"]);
    let before = contained(&mut desk);
    desk.points[0].1.borrow_mut().silent = true;
    desk.says(before, "phil", Role::Clinical, Step::Lifted("clean".into())).expect("allowed");
    desk.wait(20);
    let order = desk.asks(Level::Contain);
    desk.says(order, "bea", Role::Biomedical, Step::Approved).expect("allowed");
    desk.traffic(1_200);
    assert_eq!((desk.holds(1), desk.state(order)), (Some(Level::Contain), State::Verified));
}

#[test]
fn a_single_point_is_waited_for_as_long_as_it_takes() {
    let mut desk = Desk::new(&["switch"]);
    desk.points[0].1.borrow_mut().silent = true;
    let order = contained(&mut desk);
    desk.traffic(3_000);
    assert_eq!(desk.state(order), State::Applying, "there is no other to ask");
    desk.answers(0);
    desk.traffic(200);
    assert_eq!((desk.holds(0), desk.state(order)), (Some(Level::Contain), State::Verified));
}

#[test]
fn a_device_with_two_ways_is_not_verified_while_one_of_them_is_open() {
    let mut desk = Desk::new(&["ward", "annexe"]);
    let other = IpAddr::from([10, 30, 0, 11]);
    desk.ward.second =
        Some(Interface { mac: MacAddress([2, 0, 0, 0, 1, 11]), addresses: vec![other] });
    let network = |second| Coverage { networks: vec![(IpAddr::from([10, second, 0, 0]), 16)] };
    let points =
        [(PointName("ward".into()), network(20)), (PointName("annexe".into()), network(30))];
    desk.reconciler = Some(Reconciler::open(desk.folder.path(), points).expect("it opens").0);
    desk.points[1].1.borrow_mut().fails = true;
    let order = contained(&mut desk);
    for _ in 0..30 {
        desk.traffic(100);
        assert_ne!(desk.state(order), State::Verified, "nobody holds it in the annexe");
    }
    assert_eq!(desk.holds(0), Some(Level::Contain), "what can be held is");
    desk.points[1].1.borrow_mut().fails = false;
    desk.traffic(7_000);
    assert_eq!((desk.holds(1), desk.state(order)), (Some(Level::Contain), State::Verified));
}

#[test]
fn a_point_that_cannot_be_read_is_believed_only_once_something_was_stopped() {
    let mut desk = Desk::new(&["switch"]);
    desk.points[0].1.borrow_mut().unreadable = true;
    let order = contained(&mut desk);
    for _ in 0..30 {
        desk.sends(21, 6000);
        desk.wait(10);
    }
    assert_eq!(desk.state(order), State::Applied, "care goes on, but nothing else was tried");
    desk.traffic(100);
    assert_eq!(desk.state(order), State::Verified);
}

#[test]
fn what_is_lost_is_put_back_and_told() {
    let mut desk = Desk::new(&["bridge"]);
    let order = contained(&mut desk);
    desk.traffic(200);
    desk.own().news();
    desk.points[0].1.borrow_mut().held.clear();
    let mut lost = 0;
    while desk.holds(0).is_none() {
        lost += 1;
        assert!(lost < 200, "it is put back within two seconds");
        let (now, ward) = (desk.now, &desk.ward);
        let reconciler = desk.reconciler.as_mut().expect("it is open");
        for errand in reconciler.step(now, ward).expect("written") {
            let answer = desk.points[errand.point].run(&errand);
            reconciler.done(&errand, answer, now).expect("written");
        }
        desk.now = desk.now.plus(10_000);
    }
    let drifted = |event: &Event| matches!(event.step, Step::Drifted(..));
    assert!(desk.own().news().iter().any(drifted));
    desk.traffic(200);
    assert_eq!(desk.state(order), State::Verified);
}

#[test]
fn a_broken_glass_frees_the_device_at_once_whatever_is_going_on() {
    for waited in [0, 10, 20, 500] {
        let mut desk = Desk::new(&["bridge"]);
        let order = desk.asks(Level::Contain);
        desk.says(order, "bea", Role::Biomedical, Step::Approved).expect("allowed");
        if waited > 0 {
            desk.traffic(waited);
        }
        let broken = Step::BrokenGlass("the pump alarms".into());
        desk.says(order, "nora", Role::Clinical, broken).expect("allowed");
        desk.wait(20);
        assert_eq!(desk.holds(0), None, "after {waited} ms");
        let held = desk.own().orders().get(OrderId(order)).expect("an order").held_at().count();
        assert_eq!(held, 0, "after {waited} ms");
    }
}

#[test]
fn a_weaker_order_takes_over_without_a_moment_of_neither() {
    let mut desk = Desk::new(&["bridge"]);
    let strict = desk.asks(Level::Isolate);
    desk.says(strict, "bea", Role::Biomedical, Step::Approved).expect("allowed");
    desk.wait(20);
    assert_eq!(desk.holds(0), Some(Level::Isolate));
    let weak = desk.asks(Level::Contain);
    desk.says(weak, "bea", Role::Biomedical, Step::Approved).expect("allowed");
    desk.wait(20);
    assert_eq!(desk.holds(0), Some(Level::Isolate), "the stricter one holds");
    assert_eq!(desk.state(weak), State::Applied, "it is held behind the stricter one");
    desk.says(strict, "sam", Role::Security, Step::Lifted("clean".into())).expect("allowed");
    let calls = desk.points[0].1.borrow().calls;
    desk.wait(10);
    assert_eq!(desk.holds(0), Some(Level::Contain));
    assert_eq!(desk.points[0].1.borrow().calls, calls + 1, "in one act");
    let strict = desk.own().orders().get(OrderId(strict)).expect("an order");
    assert_eq!(strict.held_at().count(), 0);
}

#[test]
fn a_ventilator_goes_back_to_restrict_when_its_time_is_over_and_nobody_answers() {
    let mut desk = Desk::new(&["bridge"]);
    desk.ward.facts =
        Facts { criticality: Some(Criticality::LifeSustaining), usage: Some(Use::InUse) };
    let order = desk.asks(Level::Contain);
    desk.says(order, "sam", Role::Security, Step::Approved).expect("allowed");
    desk.wait(20);
    assert_eq!(desk.holds(0), None, "the clinician has not answered");
    assert_eq!(desk.own().refusal(OrderId(order)), Some(Refusal::ClinicalMissing));
    desk.says(order, "phil", Role::Clinical, Step::Approved).expect("allowed");
    desk.wait(20);
    assert_eq!(desk.holds(0), Some(Level::Contain));
    desk.now = desk.now.plus(14_400 * 1_000_000);
    desk.wait(50);
    assert_eq!((desk.holds(0), desk.state(order)), (Some(Level::Restrict), State::Expired));
}

#[test]
fn what_cuts_off_care_is_taken_back_and_not_tried_again() {
    let mut desk = Desk::new(&["bridge"]);
    let order = contained(&mut desk);
    desk.ward.last_essential = Some(desk.now);
    let again = contained_again(&mut desk, order);
    // The pump reports, and something drops it.
    for _ in 0..200 {
        let internet = Internet {
            source: ip(11),
            destination: ip(21),
            carried: Carried::Tcp(40_000, 6000, Segment::Later),
        };
        let content = Content::Internet(internet);
        let packet = Packet { source: PUMP, destination: OTHERS, vlan: None, content };
        let now = desk.now;
        desk.own().wire().see(now, Passage::Came, &packet);
        desk.wait(10);
    }
    assert_eq!(desk.holds(0), None, "it is taken back");
    assert_eq!(desk.own().refusal(OrderId(again)), Some(Refusal::CutCare));
    desk.wait(3_000);
    assert_eq!(desk.holds(0), None, "and not tried again");
}

fn contained_again(desk: &mut Desk, before: u64) -> u64 {
    desk.says(before, "phil", Role::Clinical, Step::Lifted("again".into())).expect("allowed");
    desk.wait(20);
    contained(desk)
}

#[test]
fn a_new_address_of_the_device_is_held_as_soon_as_it_is_known() {
    let mut desk = Desk::new(&["bridge"]);
    let order = contained(&mut desk);
    desk.ward.addresses.push(ip(12));
    desk.own().touch(&device());
    desk.wait(10);
    let held = desk.points[0].1.borrow().held[&device()].clone();
    assert_eq!(held.interfaces[0].addresses, [ip(11), ip(12)]);
    assert_eq!(desk.state(order), State::Applied);
}

#[test]
fn an_interface_that_no_point_covers_is_said() {
    let mut desk = Desk::new(&["bridge"]);
    let coverage = Coverage { networks: vec![(IpAddr::from([10, 30, 0, 0]), 16)] };
    let points = [(PointName("bridge".into()), coverage)];
    let (reconciler, _) = Reconciler::open(desk.folder.path(), points).expect("it opens");
    desk.reconciler = Some(reconciler);
    let order = contained(&mut desk);
    assert_eq!(desk.holds(0), None);
    assert_eq!(desk.own().refusal(OrderId(order)), Some(Refusal::NoPoint));
}

#[test]
fn a_point_forgets_nothing_that_it_has_to_let_go() {
    let mut desk = Desk::new(&["bridge"]);
    let order = contained(&mut desk);
    // Every call fails for a while, from the moment that it is lifted.
    desk.says(order, "phil", Role::Clinical, Step::Lifted("clean".into())).expect("allowed");
    for _ in 0..4 {
        let calls = desk.points[0].1.borrow().calls;
        desk.points[0].1.borrow_mut().fails_at = Some(calls);
        desk.wait(10);
    }
    desk.open();
    desk.wait(10_000);
    assert_eq!(desk.holds(0), None);
    let held = desk.own().orders().get(OrderId(order)).expect("an order").held_at().count();
    assert_eq!(held, 0);
}

/// The trait is the same that real points have.
#[test]
fn an_errand_runs_at_any_point() {
    #[derive(Debug)]
    struct Nothing(PointName);
    impl Point for Nothing {
        fn name(&self) -> &PointName {
            &self.0
        }
        fn carry_out(&mut self, wish: Wish<'_>) -> Outcomes {
            let plans = wish.hold.iter().chain(wish.release);
            plans.map(|plan| (plan.order, Ok(Receipt::Acknowledged))).collect()
        }
        fn look(&mut self, _: &[Plan]) -> Result<Look, Failure> {
            Ok(Look::CannotTell)
        }
    }
    let mut desk = Desk::new(&["switch"]);
    let order = desk.asks(Level::Contain);
    desk.says(order, "bea", Role::Biomedical, Step::Approved).expect("allowed");
    let (now, ward) = (desk.now, &desk.ward);
    let reconciler = desk.reconciler.as_mut().expect("it is open");
    let errands = reconciler.step(now, ward).expect("written");
    let answer = errands[0].work.run(&mut Nothing(PointName("switch".into())));
    reconciler.done(&errands[0], answer, now).expect("written");
    assert_eq!(desk.state(order), State::Applied);
}
