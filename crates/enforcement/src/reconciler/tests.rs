//! The reconciler with points that fail, lie and forget, and with a program that dies at any
//! moment.

mod desk;

use std::net::IpAddr;

use decisions::containment::interlock::Facts;
use decisions::containment::order::{Ending, State};
use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment};
use decisions::containment::plan::Plan;
use decisions::containment::{Refusal, order};
use domain::device::{Criticality, MacAddress, Use};
use domain::order::{Event, Interface, Level, OrderId, PointName, Role, Step};

use super::{Coverage, Reconciler};
use crate::point::{Failure, Look, Outcomes, Point, Receipt, Wish};
use crate::wire::Passage;

use desk::{Desk, OTHERS, PUMP, device, ip};

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
