//! Roles, rhythms, use and habits of a small ward.

use std::collections::BTreeSet;
use std::net::IpAddr;

use domain::care::CareRole;
use domain::network::{
    Conversation, Direction, End, Moment, Service, Session, SessionState, Transport, Volume,
};
use domain::sighting::{Hl7, Http, Said, Seen, Sighting};

use super::baseline::Baseline;
use super::{InUse, Traffic};

fn address(last: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, last])
}

fn conversation(client: u8, server: u8, port: u16) -> Conversation {
    let end = |last, port| End { address: address(last), port, mac: None };
    Conversation {
        client: end(client, 40_000),
        server: end(server, port),
        transport: Transport::Tcp,
    }
}

fn session(conversation: Conversation, at: i64, state: SessionState) -> Session {
    let volume = Volume { packets: 4, bytes: 100 };
    Session {
        conversation,
        vlan: None,
        application: None,
        state,
        first: Moment(at),
        last_to_server: Some(Moment(at)),
        last_to_client: (state == SessionState::Closed).then_some(Moment(at)),
        to_server: volume,
        to_client: if state == SessionState::Closed { volume } else { Volume::default() },
    }
}

fn walk(traffic: &mut Traffic, session: &Session) {
    let at = session.first;
    traffic.see(&Sighting { at, seen: Seen::Opened(Box::new(session.clone())) });
    traffic.see(&Sighting { at, seen: Seen::Ended(Box::new(session.clone())) });
}

fn say(traffic: &mut Traffic, spoken: Conversation, at: i64, direction: Direction, said: Said) {
    let seen = Seen::Said(Box::new(spoken), direction, said);
    traffic.see(&Sighting { at: Moment(at), seen });
}

fn hl7(message: &str, acknowledgement: Option<&str>) -> Said {
    Said::Hl7(Hl7 {
        message: message.into(),
        acknowledgement: acknowledgement.map(Into::into),
        ..Hl7::default()
    })
}

/// A pump that reports each second in one long session, and fetches its library once.
fn ward() -> Traffic {
    let mut traffic = Traffic::default();
    let mllp = conversation(11, 21, 6000);
    let opened = session(mllp, 0, SessionState::Established);
    traffic.see(&Sighting { at: Moment(0), seen: Seen::Opened(Box::new(opened)) });
    for second in 0..10 {
        let at = second * 1_000_000;
        say(&mut traffic, mllp, at, Direction::ToServer, hl7("ORU^R01", None));
        say(&mut traffic, mllp, at + 5_000, Direction::ToClient, hl7("ACK", Some("AA")));
    }
    let http = conversation(11, 22, 80);
    walk(&mut traffic, &session(http, 2_000_000, SessionState::Closed));
    let path = "/druglibrary/*".into();
    let request = Http::Request { method: "GET".into(), host: None, path, agent: None };
    say(&mut traffic, http, 2_000_000, Direction::ToServer, Said::Http(request));
    traffic
}

#[test]
fn a_path_has_the_role_of_what_is_said_on_it_whatever_its_port() {
    let traffic = ward();
    let roles: Vec<CareRole> = traffic.paths().map(|path| path.role.care).collect();
    assert_eq!(roles, [CareRole::Result, CareRole::Library]);
}

#[test]
fn one_alarm_among_measurements_makes_the_path_an_alarm_s() {
    let mut traffic = ward();
    let mllp = conversation(11, 21, 6000);
    say(&mut traffic, mllp, 11_000_000, Direction::ToServer, hl7("ORU^R40", None));
    say(&mut traffic, mllp, 12_000_000, Direction::ToServer, hl7("ORU^R01", None));
    let roles: Vec<CareRole> = traffic.paths().map(|path| path.role.care).collect();
    assert_eq!(roles, [CareRole::Alarm, CareRole::Library]);
}

#[test]
fn the_rhythm_of_a_long_session_is_that_of_its_messages() {
    let traffic = ward();
    let path = traffic.paths().next().expect("a path");
    assert_eq!(path.rhythm().expect("a rhythm").words(), "every 1 s");
    assert_eq!((path.sessions, path.successes), (1, 10));
}

#[test]
fn a_device_that_reports_is_in_use_and_a_silent_one_is_unknown_since_when() {
    let traffic = ward();
    let pump = [address(11)];
    let last = Moment(9_005_000);
    let InUse::Yes(sign) = traffic.in_use(&pump, Moment(12_000_000)) else { panic!("in use") };
    assert_eq!((sign.role, sign.at), (CareRole::Result, last));
    let hours_later = Moment(3_600_000_000 * 2);
    let InUse::Unknown(Some(sign)) = traffic.in_use(&pump, hours_later) else { panic!("unknown") };
    assert_eq!(sign.at, last);
    assert_eq!(traffic.in_use(&[address(99)], last), InUse::Unknown(None));
}

#[test]
fn the_essential_set_is_what_care_needs_and_a_scan_teaches_nothing() {
    let mut traffic = ward();
    for port in 1..100 {
        let knock = conversation(11, 50, port);
        walk(&mut traffic, &session(knock, 3_000_000, SessionState::Refused));
    }
    walk(&mut traffic, &session(conversation(11, 60, 445), 0, SessionState::Closed));
    let baseline = Baseline::learn(&traffic, &BTreeSet::from([address(11)]));
    assert_eq!(baseline.habits.len(), 3);
    let essential: Vec<String> = baseline
        .essential()
        .map(|(habit, _)| format!("{} {} {}", habit.role, habit.peer, habit.service))
        .collect();
    assert_eq!(essential, ["result 10.20.0.21 tcp/6000", "library 10.20.0.22 tcp/80"]);
    let service = Service { transport: Transport::Tcp, port: 445 };
    assert!(baseline.knows(domain::order::Side::Client, address(60), service));
}

#[test]
fn a_door_that_said_no_is_no_habit() {
    let mut traffic = Traffic::default();
    let reset = Volume { packets: 1, bytes: 0 };
    for port in 7_000..7_020 {
        let knock = session(conversation(11, 21, port), 0, SessionState::Refused);
        walk(&mut traffic, &Session { to_client: reset, ..knock });
    }
    for unit in [11, 21] {
        assert_eq!(
            Baseline::learn(&traffic, &BTreeSet::from([address(unit)])),
            Baseline::default()
        );
    }
}
