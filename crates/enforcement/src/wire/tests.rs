//! What the wire proof says of packets, one at a time.

use std::net::IpAddr;

use decisions::containment::passes::{Carried, Content, Internet, Packet, Segment};
use decisions::containment::plan::Plan;
use domain::care::CareRole;
use domain::device::{DeviceId, MacAddress};
use domain::network::{Moment, Service, Transport};
use domain::order::{Interface, Level, Opening, OrderId, Side};

use super::{ON_ITS_WAY, Passage, QUIET, Verdict, Vouched, Wire};

const PUMP: MacAddress = MacAddress([2, 0, 0, 0, 0, 11]);
const GATEWAY: MacAddress = MacAddress([2, 0, 0, 0, 0, 21]);

fn ip(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

fn plan(level: Level) -> Plan {
    let opening = |role, port| Opening {
        role,
        side: Side::Client,
        peer: ip(21),
        service: Service { transport: Transport::Tcp, port },
    };
    Plan {
        order: OrderId(1),
        device: DeviceId("PUMP-11".into()),
        level,
        interfaces: vec![Interface { mac: PUMP, addresses: vec![ip(11)] }],
        openings: match level {
            Level::Isolate => Vec::new(),
            _ => vec![opening(CareRole::Result, 6000), opening(CareRole::Identity, 53)],
        },
        essential_version: 1,
        made: Moment(0),
        expires: Moment(0),
    }
}

fn to(port: u16, last: u8) -> Packet {
    let carried = Carried::Tcp(40_000, port, Segment::Later);
    let content = Content::Internet(Internet { source: ip(11), destination: ip(last), carried });
    Packet { source: PUMP, destination: GATEWAY, vlan: None, content }
}

fn applied(level: Level, vouched: Vouched) -> Wire {
    let mut wire = Wire::default();
    let plan = plan(level);
    wire.begin(&plan, None, Moment(1_000));
    wire.applied(&plan.device, vouched, Moment(10_000));
    wire
}

const LATER: Moment = Moment(10_000 + QUIET);

#[test]
fn a_proved_act_is_verified_once_care_goes_on_and_all_else_is_quiet() {
    let mut wire = applied(Level::Contain, Vouched::Proved);
    assert_eq!(wire.verdicts(LATER), []);
    // The lease and the name server are no care.
    wire.see(Moment(12_000), Passage::GotOn, &to(53, 21));
    assert_eq!(wire.verdicts(LATER), []);
    wire.see(Moment(13_000), Passage::GotOn, &to(6000, 21));
    assert_eq!(wire.verdicts(Moment(13_001)), [], "it has not been quiet for long enough");
    let first_essential = Some(Moment(13_000));
    let verdict = Verdict::Verified { last_forbidden: None, first_essential };
    let device = DeviceId("PUMP-11".into());
    assert_eq!(wire.verdicts(LATER), [(OrderId(1), device, verdict)]);
    assert_eq!(wire.verdicts(LATER), [], "it is said once");
}

#[test]
fn what_got_on_before_the_act_is_told_and_does_not_count_against_it() {
    let mut wire = applied(Level::Contain, Vouched::Proved);
    wire.see(Moment(500), Passage::GotOn, &to(445, 50));
    wire.see(Moment(5_000), Passage::GotOn, &to(445, 50));
    wire.see(Moment(10_000 + ON_ITS_WAY), Passage::GotOn, &to(445, 51));
    wire.see(Moment(30_000), Passage::GotOn, &to(6000, 21));
    let verdicts = wire.verdicts(LATER);
    let last = Some(Moment(10_000 + ON_ITS_WAY));
    assert!(matches!(
        verdicts.as_slice(),
        [(_, _, Verdict::Verified { last_forbidden, .. })] if *last_forbidden == last
    ));
}

#[test]
fn one_forbidden_packet_after_the_act_is_a_leak_at_any_time() {
    let mut wire = applied(Level::Contain, Vouched::Proved);
    wire.see(Moment(13_000), Passage::GotOn, &to(6000, 21));
    assert!(matches!(wire.verdicts(LATER).as_slice(), [(_, _, Verdict::Verified { .. })]));
    let late = LATER.plus(3_600_000_000);
    wire.see(late, Passage::GotOn, &to(445, 50));
    let verdicts = wire.verdicts(late);
    let [(_, _, Verdict::Leaks(what))] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert!(what.contains("from 10.20.0.11 to tcp/445 of 10.20.0.50"), "{what}");
}

#[test]
fn a_word_alone_is_verified_only_once_something_was_tried_and_stopped() {
    let mut wire = applied(Level::Contain, Vouched::Said);
    wire.see(Moment(13_000), Passage::GotOn, &to(6000, 21));
    assert_eq!(wire.verdicts(LATER), []);
    wire.see(Moment(14_000), Passage::Came, &to(445, 50));
    assert!(matches!(wire.verdicts(LATER).as_slice(), [(_, _, Verdict::Verified { .. })]));
}

#[test]
fn arp_that_gets_on_says_nothing_of_a_switch_that_filters_by_ip() {
    let far = std::net::Ipv4Addr::new(10, 20, 0, 50);
    let content = Content::Arp(std::net::Ipv4Addr::new(10, 20, 0, 11), far);
    let arp = Packet { source: PUMP, destination: GATEWAY, vlan: None, content };
    for (vouched, leaks) in [(Vouched::Said, false), (Vouched::Proved, true)] {
        let mut wire = applied(Level::Contain, vouched);
        wire.see(LATER, Passage::GotOn, &arp);
        let verdicts = wire.verdicts(LATER);
        let told = matches!(verdicts.as_slice(), [(_, _, Verdict::Leaks(_))]);
        assert_eq!(told, leaks, "{verdicts:?}");
    }
}

#[test]
fn isolation_waits_for_no_care() {
    let mut wire = applied(Level::Isolate, Vouched::Proved);
    assert!(matches!(wire.verdicts(LATER).as_slice(), [(_, _, Verdict::Verified { .. })]));
}

#[test]
fn care_that_is_tried_in_vain_is_told_only_where_it_passed_before() {
    for (before, told) in [(Some(Moment(900)), true), (None, false)] {
        let mut wire = Wire::default();
        let plan = plan(Level::Contain);
        wire.begin(&plan, before, Moment(1_000));
        wire.applied(&plan.device, Vouched::Proved, Moment(10_000));
        wire.see(Moment(30_000), Passage::Came, &to(6000, 21));
        let verdicts = wire.verdicts(Moment(5_000_000));
        let cuts = matches!(verdicts.as_slice(), [(_, _, Verdict::CutsCare(_))]);
        assert_eq!(cuts, told, "{verdicts:?}");
    }
}

#[test]
fn of_others_and_of_what_has_ended_nothing_is_kept() {
    let mut wire = applied(Level::Contain, Vouched::Proved);
    let mut other = to(445, 50);
    other.source = GATEWAY;
    if let Content::Internet(internet) = &mut other.content {
        internet.source = ip(77);
    }
    wire.see(Moment(20_000), Passage::GotOn, &other);
    let device = DeviceId("PUMP-11".into());
    assert_eq!(wire.shown(&device).expect("watched").last_forbidden, None);
    wire.end(&device);
    assert!(wire.is_idle());
}
