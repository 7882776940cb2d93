//! Orders, interlock and review, one story each; and what the other tests build on.

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::care::CareRole;
use domain::device::{Criticality, DeviceId, MacAddress, Use};
use domain::network::{Moment, Service, Transport};
use domain::order::{
    Actor, Door, Event, Interface, Level, Opening, OrderId, PointName, Request, Role, Side, Step,
};
use domain::text::Text;

use super::essential::{Because, Kept, Note, Openings};
use super::interlock::{COOL_DOWN, Facts};
use super::order::{Ending, Order, Orders, State};
use super::plan::{Made, Plan, make};
use super::refusal::Refusal;
use super::replay::replay;
use super::review::{Approved, Circumstances, Ground, review};

pub(super) const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
pub(super) const OTHER_MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 9]);
pub(super) const VENTILATOR: Facts =
    Facts { criticality: Some(Criticality::LifeSustaining), usage: Some(Use::InUse) };
pub(super) const SPARE_VENTILATOR: Facts =
    Facts { criticality: Some(Criticality::LifeSustaining), usage: Some(Use::NotInUse) };
pub(super) const PRINTER: Facts =
    Facts { criticality: Some(Criticality::Support), usage: Some(Use::NotInUse) };

pub(super) fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

pub(super) fn at(seconds: i64) -> Moment {
    Moment(1_800_000_000_000_000 + seconds * 1_000_000)
}

pub(super) fn tcp(port: u16) -> Service {
    Service { transport: Transport::Tcp, port }
}

pub(super) fn udp(port: u16) -> Service {
    Service { transport: Transport::Udp, port }
}

pub(super) fn opening(role: CareRole, side: Side, peer: &str, service: Service) -> Opening {
    Opening { role, side, peer: ip(peer), service }
}

pub(super) fn interface(mac: MacAddress, addresses: &[&str]) -> Interface {
    Interface { mac, addresses: addresses.iter().map(|text| ip(text)).collect() }
}

pub(super) fn plan(level: Level, interfaces: Vec<Interface>, openings: Vec<Opening>) -> Plan {
    let (order, device) = (OrderId(1), DeviceId("vent-1".into()));
    let (made, expires) = (at(0), at(14_400));
    Plan { order, device, level, interfaces, openings, essential_version: 0, made, expires }
}

pub(super) fn person(name: &str, role: Role) -> Actor {
    Actor::Person(name.into(), role, Door::Account)
}

pub(super) fn point(name: &str) -> PointName {
    PointName(name.into())
}

pub(super) fn event(order: u64, seconds: i64, by: Actor, step: Step) -> Event {
    Event { order: OrderId(order), at: at(seconds), by, step }
}

pub(super) fn request(order: u64, seconds: i64, by: Actor, level: Level) -> Event {
    let request = Request {
        device: DeviceId("vent-1".into()),
        level,
        reason: "beacons to an unknown server".into(),
        holds_seconds: 14_400,
    };
    event(order, seconds, by, Step::Requested(request))
}

/// A plan for an order at that level, with no more open than the level asks for.
pub(super) fn bare_plan(order: &Order, level: Level, now: Moment) -> Plan {
    let opening = opening(CareRole::Result, Side::Client, "10.0.0.9", tcp(6000));
    let kept = match level {
        Level::Watch | Level::Isolate => Vec::new(),
        _ => vec![Kept { opening, because: Because::Confirmed }],
    };
    let openings = Openings { level, version: 0, kept, notes: Vec::new() };
    let interfaces = [interface(MAC, &["10.0.0.1"])];
    make(order, &interfaces, &openings, &BTreeSet::new(), now).expect("a plan").plan
}

struct Ward {
    orders: Orders,
    drilled: BTreeSet<Text>,
}

impl Ward {
    fn new() -> Self {
        Self { orders: Orders::default(), drilled: BTreeSet::from(["beacon".into()]) }
    }

    #[track_caller]
    fn takes(&mut self, event: &Event) {
        self.orders.follow(event).expect("an event that the rules allow");
    }

    #[track_caller]
    fn refuses(&mut self, event: &Event, refusal: Refusal) {
        let before = self.orders.clone();
        assert_eq!(self.orders.follow(event), Err(refusal));
        assert_eq!(self.orders, before, "a refused event changes nothing");
    }

    fn order(&self, order: u64) -> &Order {
        self.orders.get(OrderId(order)).expect("an order")
    }

    fn judge(&self, order: u64, level: Level, facts: Facts, s: i64) -> Result<Approved, Refusal> {
        let order = self.order(order);
        let plan = bare_plan(order, level, at(s));
        review(&plan, order, &self.now(facts), at(s))
    }

    fn now(&self, facts: Facts) -> Circumstances<'_> {
        let (drilled, orders) = (&self.drilled, &self.orders);
        Circumstances { facts, replay: None, drilled, essential_version: 0, orders }
    }
}

fn analyst() -> Actor {
    person("ana", Role::Security)
}

fn other_analyst() -> Actor {
    person("sam", Role::Security)
}

fn physician() -> Actor {
    person("phil", Role::Clinical)
}

fn nurse() -> Actor {
    person("nora", Role::Clinical)
}

fn engineer() -> Actor {
    person("bea", Role::Biomedical)
}

#[test]
fn a_plan_that_keeps_nothing_open_is_answered_for_as_isolation() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Contain));
    ward.takes(&event(1, 1, other_analyst(), Step::Approved));
    ward.takes(&event(1, 2, physician(), Step::Approved));
    let order = ward.order(1);
    let mut plan = bare_plan(order, Level::Contain, at(3));
    assert!(review(&plan, order, &ward.now(VENTILATOR), at(3)).is_ok());
    // The lease of its address is not what its patient needs.
    plan.openings = vec![opening(CareRole::Identity, Side::Client, "10.0.0.2", udp(67))];
    assert_eq!(plan.answered_for_as(), Level::Isolate);
    let judged = review(&plan, order, &ward.now(VENTILATOR), at(3));
    assert_eq!(judged, Err(Refusal::BedsideMissing));
    assert!(review(&plan, order, &ward.now(SPARE_VENTILATOR), at(3)).is_ok());
}

#[test]
fn a_ventilator_in_use_is_isolated_only_after_two_approvals_and_the_bedside() {
    let mut ward = Ward::new();
    let judged = |ward: &Ward| ward.judge(1, Level::Isolate, VENTILATOR, 60);
    ward.takes(&request(1, 0, analyst(), Level::Isolate));
    assert_eq!(judged(&ward), Err(Refusal::SecurityMissing));
    ward.takes(&event(1, 10, other_analyst(), Step::Approved));
    assert_eq!(judged(&ward), Err(Refusal::ClinicalMissing));
    ward.takes(&event(1, 20, physician(), Step::Approved));
    assert_eq!(judged(&ward), Err(Refusal::BedsideMissing));
    ward.refuses(&event(1, 30, physician(), Step::SubstituteRunning), Refusal::PersonCounted);
    ward.refuses(&event(1, 30, engineer(), Step::SubstituteRunning), Refusal::NotClinical);
    ward.takes(&event(1, 30, nurse(), Step::SubstituteRunning));
    let approved = judged(&ward).expect("all have answered");
    assert_eq!((approved.ground(), approved.plan().level), (Ground::Interlock, Level::Isolate));
}

#[test]
fn the_bedside_has_to_confirm_anew_when_half_an_hour_has_passed() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Isolate));
    ward.takes(&event(1, 10, other_analyst(), Step::Approved));
    ward.takes(&event(1, 20, physician(), Step::Approved));
    ward.takes(&event(1, 30, nurse(), Step::SubstituteRunning));
    assert!(ward.judge(1, Level::Isolate, VENTILATOR, 1830).is_ok());
    let late = ward.judge(1, Level::Isolate, VENTILATOR, 1831);
    assert_eq!(late, Err(Refusal::BedsideMissing));
}

#[test]
fn nobody_approves_their_own_request_or_answers_twice_in_whatever_role() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Contain));
    ward.refuses(&event(1, 1, analyst(), Step::Approved), Refusal::OwnRequest);
    let disguised = person(" ANA ", Role::Clinical);
    ward.refuses(&event(1, 1, disguised, Step::Approved), Refusal::OwnRequest);
    ward.takes(&event(1, 2, nurse(), Step::Approved));
    let again = person("Nora", Role::Security);
    ward.refuses(&event(1, 3, again, Step::Approved), Refusal::PersonCounted);
    ward.refuses(&event(1, 3, physician(), Step::Approved), Refusal::RoleCounted);
    ward.refuses(&event(1, 3, Actor::Asepsis, Step::Approved), Refusal::NotAPerson);
    ward.takes(&event(1, 4, other_analyst(), Step::Approved));
}

#[test]
fn a_device_that_comes_into_use_is_judged_anew() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Isolate));
    ward.takes(&event(1, 1, other_analyst(), Step::Approved));
    ward.takes(&event(1, 2, physician(), Step::Approved));
    assert!(ward.judge(1, Level::Isolate, SPARE_VENTILATOR, 3).is_ok());
    ward.takes(&event(1, 3, Actor::Asepsis, Step::Applying(point("switch"))));
    assert_eq!(ward.order(1).wanted(at(4), SPARE_VENTILATOR), Some(Level::Isolate));
    assert_eq!(ward.order(1).wanted(at(4), VENTILATOR), Some(Level::Contain));
    let isolated = ward.judge(1, Level::Isolate, VENTILATOR, 4);
    assert_eq!(isolated, Err(Refusal::BedsideMissing));
    let lowered = ward.judge(1, Level::Contain, VENTILATOR, 4).expect("less than it was");
    assert_eq!(lowered.ground(), Ground::Lowering);
}

#[test]
fn a_playbook_contains_a_device_that_may_be_in_use_only_if_the_replay_breaks_nothing() {
    let monitor = Facts { criticality: Some(Criticality::Monitoring), usage: None };
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, Actor::Playbook("beacon".into()), Level::Contain));
    assert_eq!(ward.judge(1, Level::Contain, monitor, 1), Err(Refusal::ApproverMissing));
    assert!(ward.judge(1, Level::Contain, PRINTER, 1).is_ok());
    ward.takes(&request(2, 0, Actor::Playbook("new".into()), Level::Contain));
    assert_eq!(ward.judge(2, Level::Contain, PRINTER, 1), Err(Refusal::ApproverMissing));
    ward.takes(&request(3, 0, Actor::Playbook("beacon".into()), Level::Isolate));
    assert_eq!(ward.judge(3, Level::Isolate, PRINTER, 1), Err(Refusal::ApproverMissing));
}

#[test]
fn broken_glass_ends_every_order_of_the_device_and_silences_playbooks_for_a_while() {
    let mut ward = Ward::new();
    let device = DeviceId("vent-1".into());
    for order in [1, 2] {
        ward.takes(&request(order, 0, Actor::Playbook("beacon".into()), Level::Contain));
        ward.takes(&event(order, 1, Actor::Asepsis, Step::Applying(point("switch"))));
    }
    let glass = |by| event(1, 2, by, Step::BrokenGlass("no alarms".into()));
    ward.refuses(&glass(engineer()), Refusal::NotClinical);
    ward.refuses(&glass(Actor::Asepsis), Refusal::NotAPerson);
    ward.refuses(&event(1, 2, nurse(), Step::BrokenGlass(" ".into())), Refusal::NoReason);
    ward.takes(&glass(nurse()));
    ward.takes(&glass(physician()));
    assert_eq!(ward.orders.wanted(&device, at(3), PRINTER), None);
    assert_eq!(ward.order(2).state(), State::Ended(Ending::BrokenGlass));

    ward.takes(&request(3, 3, Actor::Playbook("beacon".into()), Level::Contain));
    let cool = 2 + COOL_DOWN / 1_000_000;
    assert_eq!(ward.judge(3, Level::Contain, PRINTER, 4), Err(Refusal::ApproverMissing));
    assert!(ward.judge(3, Level::Contain, PRINTER, cool).is_ok());
    ward.takes(&event(3, 5, analyst(), Step::Approved));
    assert!(ward.judge(3, Level::Contain, PRINTER, 6).is_ok(), "a person is heard at once");
}

#[test]
fn the_cool_down_begins_anew_with_each_broken_glass() {
    let mut ward = Ward::new();
    for (order, seconds) in [(1, 0), (2, 1_000), (3, 500)] {
        ward.takes(&request(order, seconds, analyst(), Level::Contain));
        let glass = Step::BrokenGlass("needed".into());
        ward.takes(&event(order, seconds, nurse(), glass));
    }
    let broken = ward.orders.broken_glass(&DeviceId("vent-1".into()));
    assert_eq!(broken, Some(at(1_000)), "a clock that jumps back shortens nothing");
}

#[test]
fn what_is_unanswered_at_its_end_falls_back_only_where_it_sustains_life() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Contain));
    ward.takes(&event(1, 1, other_analyst(), Step::Approved));
    ward.takes(&event(1, 2, physician(), Step::Approved));
    ward.takes(&event(1, 3, Actor::Asepsis, Step::Applying(point("switch"))));
    ward.refuses(&event(1, 4, Actor::Asepsis, Step::Expired), Refusal::NotYetExpired);
    let unknown = Facts { criticality: None, usage: None };
    for (facts, level) in
        [(VENTILATOR, Level::Restrict), (unknown, Level::Restrict), (PRINTER, Level::Contain)]
    {
        assert_eq!(ward.order(1).wanted(at(14_402), facts), Some(Level::Contain));
        assert_eq!(ward.order(1).wanted(at(14_403), facts), Some(level), "without the event");
    }
    ward.takes(&event(1, 14_403, Actor::Asepsis, Step::Expired));
    assert_eq!(ward.order(1).state(), State::Expired);
    for level in [Level::Watch, Level::Restrict] {
        let lifted = ward.judge(1, level, PRINTER, 14_410);
        assert_eq!(lifted, Err(Refusal::Stale), "less is not for the program to decide");
    }
    let raised = ward.judge(1, Level::Contain, VENTILATOR, 14_410);
    assert_eq!(raised, Err(Refusal::AboveApproved));
    assert!(ward.judge(1, Level::Restrict, VENTILATOR, 14_410).is_ok());
    ward.refuses(&event(1, 14_411, analyst(), Step::Renewed(600)), Refusal::OwnRequest);
    ward.takes(&event(1, 14_411, nurse(), Step::Renewed(600)));
    let renewed = ward.order(1).wanted(at(14_412), VENTILATOR);
    assert_eq!(renewed, Some(Level::Restrict), "more time raises nothing");
}

#[test]
fn a_request_that_nobody_carried_out_in_its_time_lapses() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Restrict));
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    ward.refuses(&event(1, 14_401, engineer(), Step::Approved), Refusal::Lapsed);
    let late = event(1, 14_401, Actor::Asepsis, Step::Applying(point("switch")));
    ward.refuses(&late, Refusal::Lapsed);
    assert_eq!(ward.judge(1, Level::Restrict, VENTILATOR, 14_401), Err(Refusal::Lapsed));
    ward.takes(&event(1, 14_401, Actor::Asepsis, Step::Expired));
    assert_eq!(ward.order(1).state(), State::Ended(Ending::Lapsed));
}

#[test]
fn partial_is_said_exactly() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Restrict));
    let ours = |s, step| event(1, s, Actor::Asepsis, step);
    ward.refuses(&ours(1, Step::Applying(point("a"))), Refusal::ApproverMissing);
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    let verified = || Step::Verified { last_forbidden: None, first_essential: Some(at(5)) };
    ward.refuses(&ours(2, Step::Applied(point("a"))), Refusal::NotBegunHere);
    ward.takes(&ours(2, Step::Applying(point("a"))));
    ward.takes(&ours(2, Step::Applying(point("b"))));
    assert_eq!(ward.order(1).state(), State::Applying);
    ward.takes(&ours(3, Step::Applied(point("a"))));
    assert_eq!(ward.order(1).state(), State::Applying);
    ward.refuses(&ours(3, verified()), Refusal::NothingApplied);
    ward.takes(&ours(3, Step::Failed(point("b"), "no route".into())));
    assert_eq!(ward.order(1).state(), State::Partial);
    // What the wire showed does not rest on a point that has failed, whatever more is told of it.
    ward.takes(&ours(4, verified()));
    assert_eq!(ward.order(1).state(), State::Verified);
    ward.takes(&ours(4, Step::Failed(point("b"), "it does not let go".into())));
    assert_eq!(ward.order(1).state(), State::Verified);
    ward.takes(&ours(5, Step::Removed(point("b"))));
    assert_eq!(ward.order(1).state(), State::Verified);
    ward.takes(&ours(5, Step::Applying(point("c"))));
    assert_eq!(ward.order(1).proof(), None, "something is being changed");
    ward.takes(&ours(5, Step::Applied(point("c"))));
    ward.takes(&ours(5, verified()));
    ward.takes(&ours(5, Step::Removed(point("c"))));
    assert_eq!(ward.order(1).state(), State::Applied, "it may have rested on that one");
    ward.takes(&ours(5, verified()));
    assert_eq!(ward.order(1).state(), State::Verified);
    ward.takes(&ours(6, Step::Drifted(point("a"), "a rule is gone".into())));
    assert_eq!(ward.order(1).state(), State::Failed);
    assert_eq!(ward.order(1).proof(), None, "what was proved is no longer what is there");
}

#[test]
fn a_closed_order_takes_nothing_but_news_of_its_removal() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Restrict));
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    ward.takes(&event(1, 2, Actor::Asepsis, Step::Applying(point("a"))));
    ward.refuses(&event(1, 3, engineer(), Step::Lifted("clean".into())), Refusal::MayNotLift);
    let rule = Actor::Playbook("beacon".into());
    ward.refuses(&event(1, 3, rule, Step::Lifted("clean".into())), Refusal::NotAPerson);
    ward.takes(&event(1, 3, analyst(), Step::Lifted("clean".into())));
    for step in [Step::Approved, Step::Renewed(600), Step::Applying(point("a")), Step::Expired] {
        for by in [physician(), Actor::Asepsis] {
            ward.refuses(&event(1, 4, by, step.clone()), Refusal::Closed);
        }
    }
    assert_eq!(ward.judge(1, Level::Restrict, PRINTER, 5), Err(Refusal::Closed));
    ward.takes(&event(1, 5, Actor::Asepsis, Step::Failed(point("a"), "no answer".into())));
    assert_eq!(ward.order(1).held_at().count(), 1);
    ward.takes(&event(1, 6, Actor::Asepsis, Step::Removed(point("a"))));
    assert_eq!(ward.order(1).held_at().count(), 0);
}

#[test]
fn of_two_orders_the_stricter_wins_and_lifting_it_leaves_the_other() {
    let mut ward = Ward::new();
    let device = DeviceId("vent-1".into());
    for (order, level) in [(1, Level::Isolate), (2, Level::Restrict)] {
        ward.takes(&request(order, 0, analyst(), level));
        ward.takes(&event(order, 1, nurse(), Step::Approved));
        ward.takes(&event(order, 2, Actor::Asepsis, Step::Applying(point("a"))));
    }
    let wanted = ward.orders.wanted(&device, at(3), PRINTER).expect("two orders");
    assert_eq!((wanted.order, wanted.level), (OrderId(1), Level::Isolate));
    let sentence = "Order 1 holds it at isolate; order 2 would hold it at restrict if that were \
                    lifted.";
    assert_eq!(wanted.to_string(), sentence);
    let approved = ward.judge(2, Level::Restrict, PRINTER, 3).expect("it may hold as well");
    assert_eq!(approved.yields_to(), Some((OrderId(1), Level::Isolate)));
    ward.takes(&event(1, 4, analyst(), Step::Lifted("restrict is enough".into())));
    let wanted = ward.orders.wanted(&device, at(5), PRINTER).expect("one order");
    assert_eq!((wanted.order, wanted.level), (OrderId(2), Level::Restrict));
}

#[test]
fn what_was_approved_holds_for_a_minute_and_only_while_nobody_has_said_more() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Restrict));
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    let approved = ward.judge(1, Level::Restrict, PRINTER, 10).expect("approved");
    ward.takes(&event(1, 11, Actor::Asepsis, Step::Applying(point("a"))));
    assert_eq!(approved.holds(ward.order(1), at(70)), Ok(()));
    assert_eq!(approved.holds(ward.order(1), at(71)), Err(Refusal::Stale));
    assert_eq!(approved.holds(ward.order(1), at(9)), Err(Refusal::ClockBehind));
    ward.takes(&event(1, 12, engineer(), Step::Approved));
    assert_eq!(approved.holds(ward.order(1), at(12)), Err(Refusal::Stale));
    ward.takes(&event(1, 12, nurse(), Step::BrokenGlass("needed".into())));
    assert_eq!(approved.holds(ward.order(1), at(12)), Err(Refusal::Closed));
}

#[test]
fn a_plan_that_is_not_what_was_approved_or_no_longer_holds_is_refused() {
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, analyst(), Level::Contain));
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    let order = ward.order(1);
    let judge = |change: fn(&mut Plan), seconds| {
        let mut plan = bare_plan(order, Level::Contain, at(10));
        change(&mut plan);
        review(&plan, order, &ward.now(PRINTER), at(seconds)).map(|_| ())
    };
    assert_eq!(judge(|_| {}, 10), Ok(()));
    assert_eq!(judge(|_| {}, 310), Ok(()));
    assert_eq!(judge(|_| {}, 311), Err(Refusal::Stale));
    assert_eq!(judge(|_| {}, 9), Err(Refusal::ClockBehind));
    assert_eq!(judge(|_| {}, -100), Err(Refusal::ClockBehind));
    assert_eq!(judge(|plan| plan.level = Level::Isolate, 10), Err(Refusal::AboveApproved));
    assert_eq!(judge(|plan| plan.level = Level::Restrict, 10), Err(Refusal::Stale));
    assert_eq!(judge(|plan| plan.essential_version = 1, 10), Err(Refusal::Stale));
    assert_eq!(judge(|plan| plan.order = OrderId(2), 10), Err(Refusal::OtherOrder));
    assert_eq!(judge(|plan| plan.device = DeviceId("x".into()), 10), Err(Refusal::OtherOrder));
    assert_eq!(judge(|plan| plan.interfaces.clear(), 10), Err(Refusal::NoInterfaces));
    assert_eq!(judge(|plan| plan.expires = at(99_999), 10), Err(Refusal::AboveApproved));
}

#[test]
fn a_review_looks_at_the_journal_the_clock_and_the_replay_of_this_very_plan() {
    let monitor = Facts { criticality: Some(Criticality::Monitoring), usage: None };
    let mut ward = Ward::new();
    ward.takes(&request(1, 0, Actor::Playbook("beacon".into()), Level::Contain));
    let early = ward.order(1).clone();
    let plan = bare_plan(&early, Level::Contain, at(1));
    let session = crate::containment::properties::session(at(0));
    let judge = |ward: &Ward, order: &Order, replayed: &Plan| {
        let replay = replay(std::slice::from_ref(&session), |_| CareRole::Other, replayed);
        let now = Circumstances { replay: Some(&replay), ..ward.now(monitor) };
        review(&plan, order, &now, at(1)).map(|_| ())
    };
    assert_eq!(judge(&ward, &early, &plan), Ok(()));
    let other =
        Plan { interfaces: vec![interface(MAC, &["10.0.0.1", "10.0.0.4"])], ..plan.clone() };
    assert_eq!(judge(&ward, &early, &other), Err(Refusal::ApproverMissing));
    ward.takes(&event(1, 1, nurse(), Step::Approved));
    assert_eq!(judge(&ward, &early, &plan), Err(Refusal::Stale), "the journal has gone on");
    assert!(ward.judge(1, Level::Contain, monitor, -59).is_ok(), "clocks may differ a little");
    let behind = ward.judge(1, Level::Contain, monitor, -60);
    assert_eq!(behind, Err(Refusal::ClockBehind));
}

#[test]
fn equal_inputs_give_equal_plans_whatever_their_order() {
    let order = Order::begin(&request(1, 0, analyst(), Level::Contain)).expect("a request");
    let one = opening(CareRole::Result, Side::Client, "10.0.0.8", tcp(104));
    let two = opening(CareRole::Alarm, Side::Client, "10.0.0.9", tcp(2575));
    let planned = |openings: &[&Opening], interfaces: &[Interface]| {
        let kept = openings
            .iter()
            .map(|opening| Kept { opening: (*opening).clone(), because: Because::Confirmed });
        let openings =
            Openings { level: Level::Contain, version: 3, kept: kept.collect(), notes: vec![] };
        let compromised = BTreeSet::from([ip("10.0.0.8")]);
        make(&order, interfaces, &openings, &compromised, at(1))
    };
    let (a, b) = (interface(MAC, &["10.0.0.2", "10.0.0.1"]), interface(OTHER_MAC, &[]));
    let more = interface(MAC, &["10.0.0.1"]);
    let first = planned(&[&one, &two, &one], &[a.clone(), b.clone(), more.clone()]);
    let second = planned(&[&two, &one], &[more, b, a]);
    assert_eq!(first, second);
    let Made { plan, notes } = first.expect("a plan");
    assert_eq!(plan.interfaces.len(), 2);
    assert_eq!(plan.interfaces[0].addresses, [ip("10.0.0.1"), ip("10.0.0.2")]);
    assert_eq!(plan.openings, [two], "a compromised peer is not kept open");
    assert_eq!(notes, [Note::PeerCompromised(one)]);
    assert_eq!(planned(&[], &[]), Err(Refusal::NoInterfaces));
    for bad in ["255.255.255.255", "224.0.0.1", "0.0.0.0", "ff02::1", "127.0.0.1", "::"] {
        assert_eq!(planned(&[], &[interface(MAC, &[bad])]), Err(Refusal::BadInterface), "{bad}");
    }
    for mac in [[0xff; 6], [1, 0, 0x5e, 0, 0, 1], [0; 6]] {
        let interfaces = [interface(MacAddress(mac), &["10.0.0.1"])];
        assert_eq!(planned(&[], &interfaces), Err(Refusal::BadInterface));
    }
}
